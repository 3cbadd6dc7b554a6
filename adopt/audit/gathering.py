"""The second way through a file: rows added up into objects and their days."""

import re
from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache
from operator import add
from typing import Literal, NamedTuple, TypeAlias, TypeVar, get_args

from msgspec import Struct

from adopt.audit.choices import Depth
from adopt.audit.columns import Meaning, Resolution
from adopt.audit.days import day
from adopt.audit.numbers import amount, count, is_blank, whole
from adopt.audit.opening import Source
from adopt.audit.survey import ALL, Survey
from adopt.errors import Invalid
from adopt.model import Count, Currency, Money

LADDER: tuple[Depth, ...] = get_args(Depth)
IDS: dict[Depth, Meaning] = {"campaign": "campaign_id", "adset": "adset_id", "ad": "ad_id"}
Skip: TypeAlias = Literal["total", "subtotal", "undated", "other result"]
Period: TypeAlias = tuple[date | None, date | None]
Key: TypeAlias = tuple[str, ...]

TOTALS = frozenset(["all", "total", "totals", "grand total", "summary"])
T = TypeVar("T")

_NAMELESS = frozenset(["", "-", "\u2013", "\u2014"])
_SUMMARY = re.compile(r"(?:results from|total of) [\d.,\s]+\D*", re.IGNORECASE)
_READERS: dict[Meaning, Callable[..., object]] = {
    "spend": amount,
    "impressions": whole,
    "clicks": whole,
    "results": count,
    "revenue": amount,
    "roas": amount,
}


class Figures(NamedTuple):
    """What one row says, or several together."""

    spend: Money = 0
    impressions: int = 0
    clicks: int = 0
    results: Count = 0
    revenue: Money = 0


class Named(NamedTuple):
    """Which object a row is of."""

    key: Key
    id: str
    name: str


class Sums(Struct):
    """What the rows of one object add up to, by period."""

    id: str
    name: str
    line: int  # of its first row
    rows: int = 0
    days: dict[Period, Figures] = {}
    is_ours: bool = False  # whether a row of it counts the result that is wanted, by name
    delivery: str = ""
    budget: str = ""

    @property
    def spend(self) -> Money:
        """All it spent."""
        return sum(figures.spend for figures in self.days.values())


class Skipped(Struct):
    """Rows that were left out for one reason."""

    line: int  # the first of them
    rows: int = 0
    spend: Money = 0


class Gathered(Struct):
    """All that a file holds, added up."""

    objects: dict[Key, Sums] = {}
    others: set[Key] = set()  # objects with rows that count another result
    skipped: dict[Skip, Skipped] = {}
    repeats: int = 0  # rows of an object and day that had one already
    copies: int = 0  # rows that are an earlier row again, figure by figure

    @property
    def rows(self) -> int:
        """How many rows were counted."""
        return sum(one.rows for one in self.objects.values())

    @property
    def spend(self) -> Money:
        """All that was spent in the rows that were counted."""
        return sum(one.spend for one in self.objects.values())


class Layout(Struct, frozen=True, kw_only=True):
    """How the rows of a file are to be read."""

    found: Resolution
    survey: Survey
    level: Depth
    currency: Currency
    types: frozenset[str] = frozenset()  # the result types that count; empty where no column tells them


class _Spot(NamedTuple):
    """Where a row belongs."""

    named: Named
    period: Period
    names: tuple[str, ...]
    result: str  # the result type that the row names


def place(found: Resolution, survey: Survey, name: Meaning) -> int | None:
    """Where a column stands; None if it is missing or holds nothing."""
    column = found.taken.get(name)
    return None if column is None or name in survey.hollow else column.place


def levels(found: Resolution, survey: Survey) -> tuple[Depth, ...]:
    """The levels that a file names, from the campaign down."""
    return tuple(one for one in LADDER if any(place(found, survey, name) is not None for name in (one, IDS[one])))


def gather(source: Source, layout: Layout) -> Gathered:
    """Every row added up, or left out and counted; Invalid with line and column where one cannot be read."""
    sums = Gathered()
    figures_of, spot_of, extras_of = _figures(layout), _spot(layout), _extras(layout)
    width, spots, copies = len(source.header), set[int](), set[int]()
    for line, row in source.rows():
        cells = row if len(row) == width else source.fit(line, row)
        try:
            figures, spot = figures_of(cells), spot_of(cells)
        except ValueError:
            raise _blame(source, layout, line, cells) from None
        if isinstance(spot, str):
            _leave_out(sums, spot, line, figures)
        elif spot.result and layout.types and spot.result not in layout.types:
            _leave_out(sums, "other result", line, figures)
            sums.others.add(spot.named.key)
        else:
            _add(sums, spot, line, figures, extras_of(cells))
            sums.repeats += _is_known(spots, hash((spot.names, spot.period)))
            sums.copies += _is_known(copies, hash((spot.names, spot.period, figures))) and figures.spend != 0
    _drop_others(sums)
    _drop_total(sums)
    return sums


def _add(sums: Gathered, spot: _Spot, line: int, figures: Figures, extras: tuple[str, str]) -> None:
    named = spot.named
    one = sums.objects.get(named.key)
    if one is None:
        one = sums.objects[named.key] = Sums(named.id, named.name, line)
    one.rows += 1
    before = one.days.get(spot.period)
    one.days[spot.period] = figures if before is None else Figures(*map(add, before, figures))
    one.is_ours |= bool(spot.result)
    one.delivery, one.budget = extras[0] or one.delivery, extras[1] or one.budget


def _leave_out(sums: Gathered, reason: Skip, line: int, figures: Figures) -> None:
    left = sums.skipped.setdefault(reason, Skipped(line))
    left.rows, left.spend = left.rows + 1, left.spend + figures.spend


def _is_known(known: set[int], one: int) -> bool:
    size = len(known)
    known.add(one)
    return len(known) == size


def _drop_others(sums: Gathered) -> None:
    """Take out objects of another result: on days without a result a row names none."""
    for key in sums.others:
        if key in sums.objects and not sums.objects[key].is_ours:
            _drop(sums, key, "other result")


def _drop_total(sums: Gathered) -> None:
    """Take out an object called Total that is the sum of all others: a total row with a name."""
    named = [key for key, one in sums.objects.items() if one.name.casefold() in TOTALS]
    if len(named) == 1 and 0 < 2 * sums.objects[named[0]].spend == sums.spend:
        _drop(sums, named[0], "total")


def _drop(sums: Gathered, key: Key, reason: Skip) -> None:
    one = sums.objects.pop(key)
    left = sums.skipped.setdefault(reason, Skipped(one.line))
    left.rows, left.spend = left.rows + one.rows, left.spend + one.spend


def _figures(layout: Layout) -> Callable[[list[str]], Figures]:
    """What reads the figures of a row; a missing column is 0."""
    mark = layout.survey.mark

    @lru_cache(1 << 16)
    def money(text: str) -> Money:
        return layout.currency.parse(amount(text, mark))

    spend = _cell(layout, "spend", money)
    impressions = _cell(layout, "impressions", lambda text: whole(text, mark))
    clicks = _cell(layout, "clicks", lambda text: whole(text, mark))
    results = _cell(layout, "results", lambda text: count(text, mark))
    revenue = _cell(layout, "revenue", money)
    if place(layout.found, layout.survey, "revenue") is None and "roas" in layout.found.taken:
        revenue = _priced(layout)
    return lambda cells: Figures(spend(cells), impressions(cells), clicks(cells), results(cells), revenue(cells))


def _cell(layout: Layout, name: Meaning, read: Callable[[str], T]) -> Callable[[list[str]], T | Literal[0]]:
    where = place(layout.found, layout.survey, name)
    return (lambda _: 0) if where is None else (lambda cells: read(cells[where]))


def _priced(layout: Layout) -> Callable[[list[str]], Money]:
    """Revenue as spend times ROAS, where the file has no column for it."""
    spend, roas = layout.found.taken["spend"].place, layout.found.taken["roas"].place
    mark = layout.survey.mark
    return lambda cells: layout.currency.parse(amount(cells[spend], mark) * amount(cells[roas], mark))


def _spot(layout: Layout) -> Callable[[list[str]], _Spot | Skip]:
    """What tells where a row belongs, or why it is left out."""
    identities = _identities(levels(layout.found, layout.survey))
    everywhere = (place(layout.found, layout.survey, name) for name in identities)
    places = [where for where in everywhere if where is not None]
    named, period, splits = _named(layout), _period(layout), layout.survey.splits
    kind = place(layout.found, layout.survey, "result_type") if layout.types else None

    def spot(cells: list[str]) -> _Spot | Skip:
        names = tuple([cells[where] for where in places])
        whose, when = named(*names), period(cells)
        if whose is None:
            return "total"
        if isinstance(when, str):
            return when
        if any(cells[where].strip().casefold() in ALL for where in splits):
            return "subtotal"
        result = "" if kind is None or is_blank(cells[kind]) else cells[kind].strip()
        return _Spot(whose, when, names, result)

    return spot


def _named(layout: Layout) -> Callable[..., Named | None]:
    """What tells the object of a row from its ids and names; None for a row that names none."""
    there = levels(layout.found, layout.survey)
    columns = [name for name in _identities(there) if place(layout.found, layout.survey, name) is not None]

    @cache
    def named(*cells: str) -> Named | None:
        said = {
            name: "" if cell.strip() in _NAMELESS else cell.strip() for name, cell in zip(columns, cells, strict=True)
        }
        path = [(said.get(IDS[level], ""), said.get(level, "")) for level in there]
        (own_id, own_name), last = path[there.index(layout.level)], path[-1]
        if not (own_id or own_name) or not any(last) or _SUMMARY.fullmatch(last[1]):
            return None
        if own_id:
            return Named(("id", own_id), own_id, own_name or own_id)
        above = [name or one_id for one_id, name in path[: there.index(layout.level)]]
        return Named(("name", *above, own_name), " / ".join([*above, own_name]), own_name)

    return named


def _identities(there: tuple[Depth, ...]) -> list[Meaning]:
    return [name for level in there for name in (IDS[level], level)]


def _period(layout: Layout) -> Callable[[list[str]], Period | Skip]:
    """What tells the days that a row is of; all of them, where there is no column for it."""
    order = layout.survey.order
    where = [place(layout.found, layout.survey, name) for name in ("day", "since", "until")]

    @cache
    def span(since: str, until: str) -> Period | Skip:
        if is_blank(since) or is_blank(until):
            return "undated"
        if since.strip().casefold() in ALL:
            return "subtotal"
        return day(since, order), day(until, order)

    first = where[1] if where[0] is None else where[0]
    last = where[2] if where[0] is None and where[2] is not None else first
    if first is None or last is None:
        return lambda _: (None, None)
    return lambda cells: span(cells[first], cells[last])


def _extras(layout: Layout) -> Callable[[list[str]], tuple[str, str]]:
    """What reads the delivery and the budget of a row, as they are written."""
    delivery, budget = (place(layout.found, layout.survey, name) for name in ("delivery", "budget"))
    if delivery is None and budget is None:
        return lambda _: ("", "")
    return lambda cells: (
        "" if delivery is None else cells[delivery].strip(),
        "" if budget is None else cells[budget].strip(),
    )


def _blame(source: Source, layout: Layout, line: int, cells: list[str]) -> Invalid:
    """The first cell of a row that cannot be read."""
    for name, column in layout.found.taken.items():
        try:
            if name in _READERS:
                _READERS[name](cells[column.place], layout.survey.mark)
            elif name in ("day", "since", "until") and not is_blank(cells[column.place]):
                day(cells[column.place], layout.survey.order)
        except ValueError as error:
            return Invalid(f"{source.path}, line {line}, column {column.header!r}: {error}")
    return Invalid(f"{source.path}, line {line}: the row cannot be read")
