"""The first view: how it went, what was decided, and every ad set."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.message import Message

from adopt.model import Activity, AdSetRow, Currency, Day, Overview, Series
from adopt.tui.cells import ad_set_columns, clock, largest
from adopt.tui.lines import Lines
from adopt.tui.live import DAYS, Known
from adopt.tui.pieces import Piece, Tone
from adopt.tui.plot import Point, Sign, draw, spark
from adopt.tui.rows import Column, Rows

_SPANS = {"day": 1, "week": 7, "month": 28}
_METRICS: tuple[Literal["goal", "other", "spend"], ...] = ("goal", "other", "spend")
_SIGNS: dict[str, tuple[str, Tone]] = {"pause": ("▼", "bad"), "start": ("△", "good"), "budget": ("◆", "accent")}
_DECIDED = ("plan", "change", "approval", "hold", "undo", "note", "trouble")
_AXIS = 7  # cells of a figure at the chart's side
_LEAST = 5  # lines that a plot needs


class Chart(Lines):
    """The account's figure over 90 days with its interval, its target, and the changes that were made."""

    def __init__(self) -> None:
        super().__init__(id="chart")
        self.series: Series | None = None
        self.metric = _METRICS[0]

    def show(self, series: Series | None) -> None:
        """Draw this series."""
        if series is not self.series:
            self.series = series
            self.again()
            self.border_title = self._title()

    def turn(self) -> None:
        """The next figure: what the target is about, the other one, the spend."""
        self.metric = _METRICS[(_METRICS.index(self.metric) + 1) % len(_METRICS)]
        self.border_title = self._title()
        self.again()

    def lines(self, width: int, height: int) -> Sequence[Sequence[Piece]]:
        """The plot, or one line of blocks where it is too low for one."""
        series = self.series
        if series is None or series.currency is None:
            return [[Piece(" no poll yet", "dim")]]
        points = [self._point(day) for day in series.days]
        if height < _LEAST:
            return [[Piece(" "), Piece(spark([point.value for point in points], width - 2), "accent")]]
        goal = series.goal
        target = float(goal.value) if goal and self.metric == "goal" else None
        return draw(points, (width, height), self._label, target, list(_signs(series)))

    @property
    def _figure(self) -> str:
        goal = self.series.goal.metric if self.series and self.series.goal else "roas"
        other = "cpa" if goal == "roas" else "roas"
        return {"goal": goal, "other": other, "spend": "spend"}[self.metric]

    def _title(self) -> str:
        span = next((name for name, days in _SPANS.items() if self.series and days == self.series.span), "day")
        name = self._figure if self._figure == "spend" else self._figure.upper()
        return f"{name}, {DAYS} days, each point a {span} · d w m day week month · t figure"

    def _point(self, day: Day) -> Point:
        label = f"{day.date:%b %d}"
        if self._figure == "spend":
            return Point(label, float(day.figures.spend))
        found = day.figures.roas if self._figure == "roas" else day.figures.cpa
        if found is None or found.value is None:
            return Point(label, None)
        low, high = (None if end is None else float(end) for end in (found.low, found.high))
        return Point(label, float(found.value), low, high)

    def _label(self, value: float) -> str:
        if self._figure == "roas":
            return f"{value:.2f}"
        currency = Currency(self.series.currency if self.series and self.series.currency else "USD")
        shown = currency.show(round(value))
        whole = shown.rsplit(".", 1)[0] if currency.offset > 1 else shown
        return next((text for text in (shown, whole) if len(text) <= _AXIS), f"{value / currency.offset / 1000:,.0f}k")


class AdSets(Rows[AdSetRow]):
    """Every ad set with its week, what was concluded, and what comes next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Why"),
        Binding("p", "app.turn", "Pause/start"),
        Binding("b", "app.budget", "Budget"),
        Binding("u", "app.undo", "Undo"),
        Binding("slash", "app.filter", "Filter"),
        Binding("s", "app.sort", "Sort"),
    ]

    def __init__(self) -> None:
        super().__init__((), lambda row: row.id, lambda row: f"{row.name} {row.campaign} {row.id}", id="adsets")
        self.caption = "Ad sets"
        self._drawn_for: object = None  # what its columns are made for

    def tell(self, now: Overview) -> None:
        """The ad sets of an overview, in columns for its currency and target."""
        drawn_for = now.currency, now.goal, largest(now)
        if drawn_for != self._drawn_for:
            self._drawn_for = drawn_for
            self.columns(ad_set_columns(now))
        self.show(now.rows)


class Decisions(Rows[Activity]):
    """What was decided and done, the newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Why"), Binding("u", "app.undo", "Undo")]

    def __init__(self) -> None:
        super().__init__((), lambda row: row.id, lambda row: row.text, empty="nothing decided yet", id="decisions")
        self._zone: str | None = ""
        self.caption = "Decisions"

    def tell(self, known: Known) -> None:
        """The entries of the log that are decisions."""
        zone = known.overview.timezone if known.overview else None
        if zone != self._zone:
            self._zone = zone
            self.columns((Column("When", 5, lambda row, _: clock(row.at, zone)), Column("What", 20, _text, gives=1)))
        self.show(tuple(row for row in reversed(known.activity) if row.kind in _DECIDED))


class OverviewView(Container):
    """Chart and decisions above, the ad sets below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "span('day')", "Day", show=False),
        Binding("w", "span('week')", "Week", show=False),
        Binding("m", "span('month')", "Month", show=False),
        Binding("t", "figure", "Figure", show=False),
    ]

    class Spanned(Message):
        """Another number of days a point is wanted."""

        def __init__(self, days: int) -> None:
            super().__init__()
            self.days = days

    def compose(self) -> ComposeResult:
        """The three panels."""
        with Horizontal(id="above"):
            yield Chart()
            yield Decisions()
        yield AdSets()

    def show(self, known: Known) -> None:
        """Draw what is known now."""
        self.query_one(Chart).show(known.series)
        self.query_one(Decisions).tell(known)
        if known.overview:
            self.query_one(AdSets).tell(known.overview)

    def action_span(self, name: str) -> None:
        """Points that sum a day, a week or a month."""
        self.post_message(self.Spanned(_SPANS[name]))

    def action_figure(self) -> None:
        """The chart's next figure."""
        self.query_one(Chart).turn()


def _text(row: Activity, _: int) -> list[Piece]:
    tones: dict[str, Tone] = {"warning": "warn", "error": "bad"}
    tone = tones.get(row.level, "")
    if row.kind == "change" and row.object is not None:
        deed = row.text.removeprefix(f"{row.object.name}: ").removesuffix(", applied")
        return [Piece(*_deed(deed)), Piece(f"{deed}  ", tone), Piece(row.object.name, "dim")]
    sign = {"plan": "▤", "hold": "■", "approval": "?"}.get(row.kind, "·")
    return [Piece(f"{sign} ", "accent"), Piece(row.text, tone)]


def _deed(text: str) -> tuple[str, Tone]:
    """The sign of what was done: less, more, or another budget."""
    if "-> PAUSED" in text:
        return "▼ ", "bad"
    return ("△ ", "good") if "-> ACTIVE" in text else ("◆ ", "accent")


def _signs(series: Series) -> Iterable[Sign]:
    if not series.days:
        return
    first, zone = series.days[0].date, ZoneInfo(series.timezone or "UTC")
    for mark in series.marks:
        place = (mark.at.astimezone(zone).date() - first).days
        text, tone = _SIGNS[mark.kind]
        if 0 <= place < len(series.days):
            yield Sign(place, text, tone)
