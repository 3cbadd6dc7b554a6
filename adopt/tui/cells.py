"""What each list shows of a row: the columns of ad sets, changes, jobs, the log, rules and findings."""

from datetime import datetime
from zoneinfo import ZoneInfo

from adopt.model import AdSetRow, Currency, Goal, Money, Overview, Rate
from adopt.tui.pieces import Piece, Tone
from adopt.tui.plot import bar
from adopt.tui.rows import Column

_VERDICTS: dict[str, tuple[str, Tone]] = {
    "pause": ("▼", "bad"),
    "throttle": ("▽", "warn"),
    "hold": ("·", "dim"),
    "scale": ("▲", "good"),
    "revive": ("△", "good"),
}
_BAR = 19


def state(status: str, learning: str | None = None) -> Piece:
    """A sign and a word for how an object stands."""
    if status == "ACTIVE":
        return Piece("◐ learning", "warn") if learning == "LEARNING" else Piece("● on", "good")
    if status == "PAUSED":
        return Piece("◼ paused", "dim")
    word = status.replace("_", " ").lower()
    return Piece(f"◼ {word}", "dim") if "paused" in word else Piece(f"! {word}", "warn")


def rate(found: Rate | None, metric: str, currency: Currency) -> str:
    """A CPA or ROAS as a figure."""
    if found is None or found.value is None:
        return ""
    return f"{found.value:.2f}" if metric == "roas" else currency.show(round(found.value))


def tone_of(found: Rate | None, goal: Goal | None) -> Tone:
    """Good or bad where the whole interval lies on one side of the target; else neither."""
    if found is None or goal is None or found.value is None:
        return ""
    is_above = found.low is not None and found.low > goal.value
    is_below = found.high is not None and found.high < goal.value
    better, worse = (is_above, is_below) if goal.metric == "roas" else (is_below, is_above)
    return "good" if better else "bad" if worse else ""


def clock(moment: datetime, zone: str | None) -> str:
    """The time of day in the account's zone."""
    return f"{moment.astimezone(ZoneInfo(zone or 'UTC')):%H:%M}"


def day(moment: datetime, zone: str | None) -> str:
    """Day and time in the account's zone."""
    return f"{moment.astimezone(ZoneInfo(zone or 'UTC')):%m-%d %H:%M}"


def largest(now: Overview) -> Money:
    """The largest amount that the ad-set list shows."""
    return max((max(row.budget or 0, row.week.spend) for row in now.rows), default=0)


def ad_set_columns(now: Overview) -> tuple[Column[AdSetRow], ...]:
    """The columns of the ad-set list, for its currency and target, as wide as the largest amount."""
    goal = now.goal
    currency, metric = Currency(now.currency or "USD"), goal.metric if goal else "cpa"
    wide = max(8, len(currency.show(largest(now))))
    other = "cpa" if metric == "roas" else "roas"

    def of(row: AdSetRow, name: str) -> Rate | None:
        return row.week.roas if name == "roas" else row.week.cpa

    def value(row: AdSetRow, name: str) -> float:
        found = of(row, name)
        return float(found.value) if found and found.value is not None else float("inf" if name == "cpa" else "-inf")

    def interval(row: AdSetRow, _: int) -> list[Piece]:
        found = of(row, metric)
        if goal is None or found is None or found.value is None:
            return [Piece("")]
        ends = (float(found.value), _number(found.low), _number(found.high))
        return [Piece(bar(ends, float(goal.value), _BAR), tone_of(found, goal))]

    def budget(row: AdSetRow, _: int) -> list[Piece]:
        if row.budget is None:
            return [Piece("")]
        return [Piece(currency.show(row.budget), "dim" if row.budget_of == "campaign" else "")]

    return (
        Column("Ad set", 24, _name, gives=2, order=lambda row: row.name.casefold()),
        Column("State", 10, lambda row, _: [state(row.effective_status, row.learning)], order=_by_state),
        Column("Budget", wide, budget, right=True, spare=2, order=lambda row: -(row.budget or 0)),
        Column(
            "Spend 7d", wide, lambda row, _: currency.show(row.week.spend), right=True, order=lambda r: -r.week.spend
        ),
        Column(
            metric.upper(),
            max(8, wide - 1),
            lambda row, _: [Piece(rate(of(row, metric), metric, currency), tone_of(of(row, metric), goal))],
            right=True,
            order=lambda row: value(row, "cpa") if metric == "cpa" else -value(row, "roas"),
        ),
        Column("interval, ┊ target", _BAR, interval, spare=4),
        Column(
            "Results", 8, lambda row, _: f"{row.week.results:,}", right=True, spare=1, order=lambda r: -r.week.results
        ),
        Column(
            other.upper(), max(8, wide - 1), lambda row, _: rate(of(row, other), other, currency), right=True, spare=5
        ),
        Column("Next", 20, _next, gives=1, spare=3),
    )


def _name(row: AdSetRow, _: int) -> list[Piece]:
    sign, tone = _VERDICTS.get(row.verdict or "", (" ", ""))
    return [Piece(f"{sign} ", tone), Piece(row.name)]


def _next(row: AdSetRow, _: int) -> list[Piece]:
    tone = _VERDICTS.get(row.verdict or "", (" ", ""))[1]
    is_done = row.rule is not None and ":" not in row.next
    return [Piece(f"✓ {row.next}" if is_done else row.next, tone if row.rule else "dim")]


def _by_state(row: AdSetRow) -> tuple[bool, str]:
    return row.effective_status != "ACTIVE", row.effective_status


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
