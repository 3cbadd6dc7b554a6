"""The days an insights call asks about: presets, ranges and increments."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from adopt.mock.errors import GraphError, invalid
from adopt.mock.params import Params, day, listing, structure, text

MONTHS_KEPT = 37
_SUNDAY, _MONDAY = 6, 0


@dataclass(frozen=True)
class Span:
    """Days from one to another, both inside."""

    since: date
    until: date


def spans_of(params: Params, today: date, first: date) -> list[Span]:
    """Give the ranges of a call, each cut into its increments."""
    ranges = _ranges(params, today, first)
    for one in ranges:
        if one.since > one.until:
            raise invalid("Param time_range: the start date must not be after the end date.")
        if one.since < months_before(today, MONTHS_KEPT):
            raise GraphError(
                f"(#3018) The start date of the time range cannot be beyond {MONTHS_KEPT} months from the current date",
                3018,
            )
    increment = text(params, "time_increment") or "all_days"
    if params.get("time_ranges"):
        return ranges  # documented to leave the increment aside
    return [part for one in ranges for part in _cut(one, increment)]


def _ranges(params: Params, today: date, first: date) -> list[Span]:
    if params.get("time_ranges"):
        return [_range(item, "time_ranges") for item in listing(params, "time_ranges") or []]
    if params.get("time_range"):
        return [_range(structure(params, "time_range"), "time_range")]
    preset = text(params, "date_preset") or "last_30d"
    if preset not in _PRESETS:
        raise invalid(f"Param date_preset must be one of {{{', '.join(_PRESETS)}}}")
    return [_PRESETS[preset](today, first)]


def _range(item: Any, name: str) -> Span:
    if not isinstance(item, dict) or not {"since", "until"} <= set(item):
        raise invalid(f"Param {name} must have since and until")
    return Span(day(item["since"], f"{name}[since]"), day(item["until"], f"{name}[until]"))


def _cut(span: Span, increment: str) -> list[Span]:
    if increment == "all_days":
        return [span]
    if increment == "monthly":
        return _by(span, lambda start: _month_end(start) + timedelta(days=1))
    if not increment.isdecimal() or not 1 <= int(increment) <= 90:  # noqa: PLR2004 - Meta's limit
        raise invalid("Param time_increment must be an integer between 1 and 90, monthly or all_days")
    return _by(span, lambda start: start + timedelta(days=int(increment)))


def _by(span: Span, following: Callable[[date], date]) -> list[Span]:
    parts, start = [], span.since
    while start <= span.until:
        after = following(start)
        parts.append(Span(start, min(span.until, after - timedelta(days=1))))
        start = after
    return parts


def _month_end(when: date) -> date:
    return when.replace(day=monthrange(when.year, when.month)[1])


def months_before(when: date, months: int) -> date:
    """Give the same day so many months before, or the last one of a shorter month."""
    count = when.year * 12 + when.month - 1 - months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(when.day, monthrange(year, month + 1)[1]))


def _ago(when: date, days: int) -> date:
    return when - timedelta(days=days)


def _last(days: int) -> Callable[[date, date], Span]:
    return lambda today, _: Span(_ago(today, days), _ago(today, 1))


def _week(begin: int, *, last: bool) -> Callable[[date, date], Span]:
    def week(today: date, _: date) -> Span:
        start = _ago(today, (today.weekday() - begin) % 7 + (7 if last else 0))
        return Span(start, _ago(start, -6) if last else today)

    return week


def _quarter(today: date) -> date:
    return date(today.year, (today.month - 1) // 3 * 3 + 1, 1)


def _last_quarter(today: date, _: date) -> Span:
    end = _ago(_quarter(today), 1)
    return Span(_quarter(end), end)


def _last_month(today: date, _: date) -> Span:
    end = _ago(today.replace(day=1), 1)
    return Span(end.replace(day=1), end)


_PRESETS: dict[str, Callable[[date, date], Span]] = {
    "today": lambda today, _: Span(today, today),
    "yesterday": _last(1),
    "this_month": lambda today, _: Span(today.replace(day=1), today),
    "last_month": _last_month,
    "this_quarter": lambda today, _: Span(_quarter(today), today),
    "last_quarter": _last_quarter,
    "this_year": lambda today, _: Span(today.replace(month=1, day=1), today),
    "last_year": lambda today, _: Span(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    **{f"last_{days}d": _last(days) for days in (3, 7, 14, 28, 30, 90)},
    "last_week_mon_sun": _week(_MONDAY, last=True),
    "last_week_sun_sat": _week(_SUNDAY, last=True),
    "this_week_mon_today": _week(_MONDAY, last=False),
    "this_week_sun_today": _week(_SUNDAY, last=False),
    "maximum": lambda today, first: Span(first, today),
    "data_maximum": lambda today, first: Span(first, today),
}
