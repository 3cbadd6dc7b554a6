"""The first way through a file: how it writes numbers and days, and what it mixes."""

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from adopt.audit.choices import Choices
from adopt.audit.columns import Meaning, Resolution
from adopt.audit.days import Order, is_ambiguous, likelier, order_of
from adopt.audit.numbers import Mark, is_blank, mark_of, shorten
from adopt.audit.opening import Source
from adopt.errors import Invalid

ALL = frozenset(["all", "total"])  # what a subtotal says where other rows name a day or a group

_NUMBERS: tuple[Meaning, ...] = ("spend", "impressions", "clicks", "results", "revenue")
_DAYS: tuple[Meaning, ...] = ("day", "since", "until")
_WORDS: tuple[Meaning, ...] = ("result_type", "currency", "attribution")
_IDS: tuple[Meaning, ...] = ("campaign_id", "adset_id", "ad_id")
_MANGLED = re.compile(r"\d[.,]?\d*[eE]\+?\d+")  # 1.20209E+17, what a spreadsheet leaves of an id

Places = dict[str, int]  # a text and the line it stands on first
Proofs = dict[tuple[Mark, bool], tuple[int, str]]  # a decimal mark, whether for certain, and what proves it


class Survey(Struct, frozen=True, kw_only=True):
    """How a file writes, and the different values of the columns in which it may mix things."""

    mark: Mark = "."
    order: Order = "mdy"
    words: Mapping[Meaning, tuple[str, ...]] = {}  # different values of a column, blank ones left out
    hollow: frozenset[Meaning] = frozenset()  # columns that hold nothing, or ids that a spreadsheet destroyed
    splits: tuple[int, ...] = ()  # columns in which some rows name a group and others say All
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def survey(source: Source, found: Resolution, choices: Choices) -> Survey:
    """The file's habits; Invalid where it contradicts itself."""
    proofs: Proofs = {}
    texts: dict[Meaning, Places] = {name: {} for name in (*_DAYS, *_WORDS, *_IDS) if name in found.taken}
    groups: dict[int, Places] = {where: {} for where in found.breakdowns}
    watched = [*((found.taken[name].place, seen) for name, seen in texts.items()), *groups.items()]
    short = _walk(source, found, proofs, watched)
    mark, doubts = _mark(source, proofs, choices.decimal)
    days = {text: line for name in _DAYS for text, line in texts.get(name, {}).items()}
    order, order_notes = _order(source, days, choices.dates)
    mangled = [name for name in _IDS if any(map(_MANGLED.fullmatch, texts.get(name, ())))]
    return Survey(
        mark=mark,
        order=order,
        words={name: _said(texts[name]) for name in texts if name in _WORDS},
        hollow=frozenset([*mangled, *(name for name in texts if not _said(texts[name]))]),
        splits=tuple(where for where, seen in groups.items() if len(seen) > 1 and any(map(_is_all, seen))),
        notes=(*order_notes, *_short(short)),
        warnings=(*doubts, *(_shortened_ids(found.taken[name].header) for name in mangled)),
    )


def _walk(source: Source, found: Resolution, proofs: Proofs, watched: Sequence[tuple[int, Places]]) -> int:
    """Fill the proofs and the texts from every row; gives how many rows are shorter than the header."""
    numbers = [found.taken[name].place for name in _NUMBERS if name in found.taken]
    twins = [(column.place, twin) for column in found.taken.values() for twin in column.twins]
    ratio = found.taken["roas"].place if "roas" in found.taken else None  # 2.345 is never two thousand here
    width, short = len(source.header), 0
    for line, row in source.rows():
        short += len(row) < width
        cells = row if len(row) == width else source.fit(line, row)
        for place in numbers:
            if proof := mark_of(cells[place]):
                proofs.setdefault(proof, (line, cells[place]))
        if ratio is not None and (proof := mark_of(f"0{cells[ratio]}")):
            proofs.setdefault(proof, (line, cells[ratio]))
        for place, seen in watched:
            seen.setdefault(cells[place], line)
        for place, twin in twins:
            if cells[place] != cells[twin]:
                raise _unlike(source, line, place, twin)
    return short


def _mark(source: Source, proofs: Proofs, said: Mark | None) -> tuple[Mark, tuple[str, ...]]:
    """The decimal mark of the file, and what should be said of it."""
    if said:
        return said, ()
    for certain in (True, False):
        point, comma = proofs.get((".", certain)), proofs.get((",", certain))
        if point and comma:
            raise Invalid(
                f"{source.path} writes numbers in two ways: {shorten(point[1])} on line {point[0]} and "
                f"{shorten(comma[1])} on line {comma[0]}",
                try_next="--decimal . or --decimal , says which stands before the decimals",
            )
        if proof := point or comma:
            mark: Mark = "." if point else ","
            return mark, () if certain else (_thousands(proof[1], mark),)
    return ".", ()


def _thousands(text: str, mark: Mark) -> str:
    other = "," if mark == "." else "."
    return f"numbers such as {text.strip()} are read as thousands; --decimal {other} reads them as decimals"


def _order(source: Source, days: Places, said: Order | None) -> tuple[Order, tuple[str, ...]]:
    """Whether day or month comes first, and what should be said of it."""
    proofs = {order: text for text in days if (order := order_of(text))}
    if said:
        return said, ()
    if len(proofs) == 1:
        return next(iter(proofs)), ()
    if proofs:
        raise Invalid(
            f"{source.path} writes days in two ways: {shorten(proofs['dmy'])} on line {days[proofs['dmy']]} and "
            f"{shorten(proofs['mdy'])} on line {days[proofs['mdy']]}",
            try_next="write them as 2024-06-13",
        )
    doubtful = next((text for text in days if is_ambiguous(text)), None)
    if doubtful is None:
        return "mdy", ()
    order = likelier(days)
    first, other = ("day", "mdy") if order == "dmy" else ("month", "dmy")
    return order, (
        f"days such as {doubtful.strip()} are read with the {first} first; --dates {other} reads them the other way",
    )


def _is_all(text: str) -> bool:
    return text.strip().casefold() in ALL


def _said(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in texts if not is_blank(text) and not _is_all(text)))


def _shortened_ids(header: str) -> str:
    return f"{header}: a spreadsheet shortened the ids (1.2E+17), so names are used instead"


def _short(rows: int) -> tuple[str, ...]:
    return (f"rows with fewer cells than the header, read as empty there: {rows:,}",) if rows else ()


def _unlike(source: Source, line: int, place: int, twin: int) -> Invalid:
    header = source.header[place].strip()
    return Invalid(
        f"{source.path}, line {line}: two columns are called {header!r} and differ",
        try_next=f"--column MEANING=#{place + 1} or #{twin + 1} says which",
    )
