"""Reading an export: a CSV file of figures in, objects with their days out, and how everything was understood."""

from datetime import date
from pathlib import Path

from msgspec import Struct

from adopt.audit import settling
from adopt.audit.choices import Choices, Depth
from adopt.audit.gathering import Gathered, Layout, Sums, gather, levels
from adopt.audit.notes import notes, warnings
from adopt.audit.numbers import amount
from adopt.audit.opening import Source, open_source
from adopt.audit.settling import Basis
from adopt.audit.survey import survey
from adopt.errors import Invalid
from adopt.model import Count, Currency, Money, Ref
from adopt.policy import Window


class Cell(Struct, frozen=True, kw_only=True):
    """The figures of one object over one period: a day, a range, or its lifetime without dates."""

    since: date | None
    until: date | None
    spend: Money
    impressions: int
    clicks: int
    results: Count
    revenue: Money | None


class Item(Struct, frozen=True, kw_only=True):
    """One object of the file."""

    object: Ref
    cells: tuple[Cell, ...]
    delivery: str = ""  # in the words of the file
    budget: Money | None = None
    shares_budget: bool = False  # its campaign holds the budget


class Export(Struct, frozen=True, kw_only=True):
    """A file as it was understood."""

    path: Path
    level: Depth
    levels: tuple[Depth, ...]  # that the file names
    currency: Currency  # its code is empty where nothing names one
    result: str  # what the results are, in one word: purchase, lead, result
    basis: Basis  # what a conversion rate can be formed over
    attribution: Window
    items: tuple[Item, ...]
    rows: int  # that were counted
    skipped: int  # that were left out, as the notes say
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def until(self) -> date | None:
        """The last day of the file; None where it names no days."""
        return max((cell.until for item in self.items for cell in item.cells if cell.until), default=None)


def read(path: Path, choices: Choices) -> Export:
    """The file as objects with their periods; Invalid with the place where it cannot be understood."""
    source = open_source(path)
    found = settling.columns(source, choices)
    habits = survey(source, found, choices)
    counted = settling.types(source, found, habits, choices)
    layout = Layout(
        found=found,
        survey=habits,
        level=settling.level(source, found, habits, choices),
        currency=settling.currency(source, found, habits, choices),
        types=frozenset(counted),
    )
    noun = settling.noun(source, found, counted, choices)
    return _export(source, layout, gather(source, layout), noun)


def _export(source: Source, layout: Layout, sums: Gathered, noun: str) -> Export:
    if not sums.objects:
        raise Invalid(f"{source.path} has no row of an object after its header; {_left(sums)}")
    return Export(
        path=source.path,
        level=layout.level,
        levels=levels(layout.found, layout.survey),
        currency=layout.currency,
        result=noun,
        basis=settling.basis(layout.found),
        attribution=settling.attribution(layout.survey),
        items=tuple(_item(one, layout) for one in sums.objects.values()),
        rows=sums.rows,
        skipped=sum(left.rows for left in sums.skipped.values()),
        notes=notes(source, layout, sums),
        warnings=warnings(layout, sums),
    )


def _left(sums: Gathered) -> str:
    parts = [f"{left.rows:,} {reason} from line {left.line}" for reason, left in sums.skipped.items()]
    return f"left out: {', '.join(parts)}" if parts else "export it again with at least one row"


def _item(one: Sums, layout: Layout) -> Item:
    priced = bool({"revenue", "roas"} & layout.found.taken.keys())
    return Item(
        object=Ref(level=layout.level, id=one.id, name=one.name),
        cells=tuple(
            Cell(
                since=since,
                until=until,
                spend=figures.spend,
                impressions=figures.impressions,
                clicks=figures.clicks,
                results=figures.results,
                revenue=figures.revenue if priced else None,
            )
            for (since, until), figures in one.days.items()
        ),
        delivery=one.delivery,
        budget=_budget(one.budget, layout),
        shares_budget="campaign budget" in one.budget.casefold(),
    )


def _budget(text: str, layout: Layout) -> Money | None:
    """The budget, where the file gives one as a number."""
    try:
        return layout.currency.parse(amount(text, layout.survey.mark)) or None
    except ValueError:
        return None
