"""From a file to a spec: every key that is unknown or has a wrong value, each with its line, at once."""

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, get_type_hints

import msgspec
from msgspec import Struct

from adopt.errors import Invalid
from adopt.launch import locating, rows
from adopt.launch.files import read_text
from adopt.launch.problems import Place, Problem, Wrong, error, listed
from adopt.launch.spec import Account, AdSet, Campaign, Card, Creative, Entry, Grid, Spec
from adopt.launch.values import choice, kind_of

TABLES: dict[str, type[Struct]] = {
    "account": Account,
    "campaign": Campaign,
    "adset": AdSet,
    "audience": AdSet,
    "ad": Creative,
    "creative": Creative,
    "grid": Grid,
}
_LISTS = ("audience", "creative")
_STATUS = choice(["PAUSED", "ACTIVE"])


class Source(NamedTuple):
    """A file as text, and the line of each of its keys."""

    file: str
    tree: Any
    lines: Mapping[locating.Path, int]

    def place(self, path: locating.Path) -> Place:
        """Where a key stands; elements are counted from 1 in what is said of them."""
        said = ".".join(str(part + 1) if isinstance(part, int) else part[:60] for part in path)
        return Place(self.file, locating.line_of(self.lines, path), said)


def read(path: Path) -> tuple[Spec, list[Problem]]:
    """The spec in a TOML or JSON file, and what is wrong with it; Invalid for what is neither."""
    source = _source(path)
    reader = _Reader(source)
    if not isinstance(source.tree, dict):
        raise Invalid(f"{path}:1: {kind_of(source.tree)} where a table is wanted")
    return reader.spec(path, source.tree), reader.problems


def _source(path: Path) -> Source:
    text = read_text(path)
    as_json = path.suffix.lower() == ".json"
    try:
        if as_json:
            tree = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
            return Source(str(path), tree, locating.lines_of_json(text))
        return Source(str(path), tomllib.loads(text), locating.lines_of_toml(text))
    except json.JSONDecodeError as bad:
        raise Invalid(f"{path}:{bad.lineno}: this is no JSON: {bad.msg} in column {bad.colno}") from bad
    except RecursionError as deep:
        raise Invalid(f"{path}:1: its tables are nested too deeply") from deep
    except ValueError as bad:
        raise Invalid(_where(path, str(bad), "JSON" if as_json else "TOML", text)) from bad


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} is there twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _where(path: Path, said: str, form: str, text: str) -> str:
    """Tomllib tells the place at the end, in brackets."""
    what, _, place = said.rpartition(" (at ")
    line = place.removeprefix("line ").split(",")[0]
    if not line.isdecimal():
        what, line = what or said, str(text.count("\n") + 1) if place.startswith("end") else "1"
    return f"{path}:{line}: this is no {form}: {what}"


def _nameless(common: Entry[Any]) -> Entry[Any]:
    """What all have, but for their name: that is a template."""
    keys = {name: place for name, place in common.keys.items() if name != "name"}
    return Entry(msgspec.structs.replace(common.said, name=None), common.place, keys)


_KINDS: tuple[type[Any], ...] = (Account, Campaign, AdSet, Creative, Card, Grid)
_HINTS: dict[type[Any], dict[str, Any]] = {  # the keys of a table, each with how it is read
    kind: get_type_hints(kind, {"Entry": Entry, "Card": Card}, include_extras=True) for kind in _KINDS
}


class _Reader:
    """Reads the tables of one source; `problems` gathers what is wrong with them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def spec(self, path: Path, tree: dict[str, Any]) -> Spec:
        """The whole spec."""
        active = False
        for name, value in tree.items():
            if name == "status":
                active = self._value(_STATUS, value, self.source.place((name,))) == "ACTIVE"
            elif name not in TABLES:
                self._unknown(self.source.place((name,)), name, ("status", *TABLES))
        grid = self._table("grid", Grid, tree)
        common, ad = self._table("adset", AdSet, tree), self._table("ad", Creative, tree)
        audiences = [*self._list("audience", AdSet, tree), *self._rows(path, grid, "audiences", AdSet)]
        creatives = [*self._list("creative", Creative, tree), *self._rows(path, grid, "creatives", Creative)]
        return Spec(
            place=Place(str(path), 1, ""),
            folder=str(path.parent),
            active=active,
            account=self._table("account", Account, tree),
            campaign=self._table("campaign", Campaign, tree),
            adset=common,
            ad=ad,
            adsets=tuple(one.over(_nameless(common)) for one in audiences) or (_nameless(common),),
            creatives=tuple(one.over(_nameless(ad)) for one in creatives),
            grid=grid,
        )

    def _table(self, name: str, kind: type[Any], tree: dict[str, Any]) -> Entry[Any]:
        raw = tree.get(name, {})
        if not isinstance(raw, dict):
            allowed = f"[{name}]" if isinstance(raw, list) else f"[{name}] and its keys below"
            self.problems.append(error(self.source.place((name,)), f"{kind_of(raw)} where a table is wanted", allowed))
            raw = {}
        return self._entry(kind, raw, (name,))

    def _list(self, name: str, kind: type[Any], tree: dict[str, Any]) -> Iterator[Entry[Any]]:
        raw = tree.get(name, [])
        for place, one in enumerate(raw if isinstance(raw, list) else [raw]):
            path = (name, place) if isinstance(raw, list) else (name,)
            if isinstance(one, dict):
                yield self._entry(kind, one, path)
            else:
                what = f"{kind_of(one)} where a table is wanted"
                self.problems.append(error(self.source.place(path), what, f"[[{name}]] and its keys below"))

    def _entry(self, kind: type[Any], raw: dict[str, Any], path: locating.Path) -> Entry[Any]:
        places = {name: self.source.place((*path, name)) for name in raw}
        return self._filled(kind, raw, self.source.place(path), places, path)

    def _filled(
        self, kind: type[Any], raw: dict[str, Any], place: Place, places: dict[str, Place], path: locating.Path = ()
    ) -> Entry[Any]:
        hints = _HINTS[kind]
        given: dict[str, Any] = {}
        for name, value in raw.items():
            if name not in hints:
                self._unknown(places[name], name, hints)
            elif name == "cards":
                given[name] = self._cards(value, places[name], (*path, name))
            else:
                given[name] = self._value(hints[name].__metadata__[0], value, places[name])
        return Entry(kind(**given), place, places)

    def _cards(self, raw: object, place: Place, path: locating.Path) -> tuple[Entry[Card], ...] | None:
        if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
            self.problems.append(error(place, f"{kind_of(raw)} where cards are wanted", "a list of tables"))
            return None
        return tuple(self._entry(Card, one, (*path, number)) for number, one in enumerate(raw))

    def _rows(self, path: Path, grid: Entry[Grid], name: str, kind: type[Any]) -> Iterator[Entry[Any]]:
        file = getattr(grid.said, name)
        if file is None:
            return
        try:
            for row in rows.rows(path.parent / file):
                yield self._filled(kind, row.cells, row.place, row.places)
                if set(row.cells) - set(_HINTS[kind]):  # the header is wrong: once is enough
                    return
        except rows.Broken as broken:
            self.problems.append(broken.problem)
        except Invalid as unreadable:
            self.problems.append(error(grid.at(name), unreadable.message, "a CSV file beside the spec"))

    def _value(self, read_value: Callable[[object], Any], raw: object, place: Place) -> Any:
        try:
            return read_value(raw)
        except Wrong as wrong:
            self.problems.append(error(place, wrong.what, wrong.allowed))
            return None

    def _unknown(self, place: Place, name: str, known: Mapping[str, Any] | tuple[str, ...]) -> None:
        self.problems.append(error(place, f"there is no key {name[:60]!r} here", listed(known, name)))
