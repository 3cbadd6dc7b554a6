"""Insights: an account's ad sets day by day for decisions, and free reports for a person."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from adopt.errors import Invalid, Temporary
from adopt.graph.client import Graph
from adopt.graph.objects import convert
from adopt.model import WINDOWS, Account, Count, Currency, DailyInsights, Money

# Meta repeats the same events under several action types, the widest first here, so one is chosen and none are
# summed. Names: docs/marketing-api/reference/ads-action-stats. Any other result is an exact action type.
RESULTS: dict[str, tuple[str, ...]] = {
    "purchase": (
        "omni_purchase",
        "purchase",
        "offsite_conversion.fb_pixel_purchase",
        "onsite_web_purchase",
        "onsite_web_app_purchase",
        "app_custom_event.fb_mobile_purchase",
    ),
    "lead": ("lead", "offsite_conversion.fb_pixel_lead", "onsite_conversion.lead_grouped"),
    "add_to_cart": ("omni_add_to_cart", "add_to_cart", "offsite_conversion.fb_pixel_add_to_cart"),
    "initiate_checkout": (
        "omni_initiated_checkout",
        "initiate_checkout",
        "offsite_conversion.fb_pixel_initiate_checkout",
    ),
    "complete_registration": (
        "omni_complete_registration",
        "complete_registration",
        "offsite_conversion.fb_pixel_complete_registration",
    ),
    "view_content": ("omni_view_content", "view_content", "offsite_conversion.fb_pixel_view_content"),
    "app_install": ("omni_app_install", "app_install", "mobile_app_install"),
}

DAILY_FIELDS = (
    "adset_id",
    "date_start",
    "spend",
    "impressions",
    "inline_link_clicks",
    "actions",
    "action_values",
)
REPORT_FIELDS = ("spend", "impressions", "clicks", "ctr", "cpc", "reach")

_DAILY_PAGE = 5000  # no limit is published; what is too large for Meta is halved
_REPORT_PAGE = 500
_NONE = (0,) * len(WINDOWS)
_VALUE = {"default": "value"}  # the row's own attribution setting stands under another key


class _Row(Struct):
    adset_id: str
    date_start: date
    spend: str | int | float = "0"
    impressions: int = 0
    inline_link_clicks: int = 0
    actions: list[dict[str, Any]] = []
    action_values: list[dict[str, Any]] = []


class _Day(NamedTuple):
    """A row without its many actions: only those that may count the result, by action type."""

    row: DailyInsights
    counted: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]]  # results and revenue by window, as Meta wrote them


def daily(graph: Graph, account: Account, since: date, until: date, result: str) -> tuple[DailyInsights, ...]:
    """Each ad set's days from `since` to `until`, both included, by ad set and date."""
    path = f"{account.id}/insights"
    answered = graph.pages(
        path,
        _DAILY_PAGE,
        level="adset",
        time_increment=1,
        time_range={"since": since.isoformat(), "until": until.isoformat()},
        action_attribution_windows=WINDOWS,
        fields=",".join(DAILY_FIELDS),
    )
    types = action_types(result)
    # A row that slipped from one page to the next while it was read comes twice.
    found = (_day(convert(row, _Row, path), account.money, types, path) for row in answered)
    kept = {(day.row.ad_set, day.row.date): day for day in found}
    chosen = choose(types, (day.counted for day in kept.values()))
    return tuple(_counting(kept.pop(key), chosen, account.money, path) for key in sorted(kept))


def choose(types: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """The one of these action types that counts a set of rows: the one in most of them; the first settles a tie.

    A type that only some rows carry would count nothing in the others.
    """
    counts = Counter(kind for row in rows for kind in row)
    return max(types, key=lambda kind: counts[kind])


def action_types(result: str) -> tuple[str, ...]:
    """The action types that may count a result; a bare number is a custom conversion."""
    return RESULTS.get(result, (f"offsite_conversion.custom.{result}" if result.isdecimal() else result,))


def report(  # noqa: PLR0913 # the parameters of Meta's edge, all optional
    graph: Graph,
    node_id: str,
    *,
    level: str | None = None,
    fields: Sequence[str] = REPORT_FIELDS,
    date_preset: str | None = None,
    since: date | None = None,
    until: date | None = None,
    time_increment: int | str | None = None,
    breakdowns: Sequence[str] = (),
    sort: str | None = None,
    limit: int | None = None,
) -> Iterator[dict[str, Any]]:
    """The insights of any object as Meta answers them, `limit` rows at most; all for None."""
    asked = {
        "level": level,
        "fields": ",".join(fields),
        "date_preset": date_preset,
        "time_range": _time_range(date_preset, since, until),
        "time_increment": time_increment,
        "breakdowns": list(breakdowns) or None,
        "sort": [sort] if sort else None,
    }
    return _first(graph.pages(f"{node_id}/insights", min(limit or _REPORT_PAGE, _REPORT_PAGE), **asked), limit)


def _first(answered: Iterator[dict[str, Any]], limit: int | None) -> Iterator[dict[str, Any]]:
    for count, row in enumerate(answered, start=1):
        yield row
        if count == limit:
            return


def _time_range(date_preset: str | None, since: date | None, until: date | None) -> dict[str, str] | None:
    """Both days are included, in the account's time zone: docs/marketing-api/insights."""
    if since is None and until is None:
        return None
    if since is None or until is None or date_preset:
        raise Invalid("name either a preset of dates, or both a first and a last day")
    if until < since:
        raise Invalid(f"the last day {until} is before the first day {since}")
    return {"since": since.isoformat(), "until": until.isoformat()}


def _day(row: _Row, currency: Currency, types: Sequence[str], path: str) -> _Day:
    with _placed(row.adset_id, row.date_start, path):
        lean = DailyInsights(
            ad_set=row.adset_id,
            date=row.date_start,
            spend=_money(row.spend, currency),
            impressions=row.impressions,
            clicks=row.inline_link_clicks,
            results=_NONE,
            revenue=_NONE,
        )
    counts, values = _by_type(row.actions), _by_type(row.action_values)
    return _Day(
        lean, {kind: (_windows(counts[kind]), _windows(values.get(kind, {}))) for kind in types if kind in counts}
    )


def _counting(day: _Day, action_type: str, currency: Currency, path: str) -> DailyInsights:
    """The row with the results and revenue of one action type; what is not reported has happened not once."""
    if action_type not in day.counted:
        return day.row
    results, revenue = day.counted[action_type]
    with _placed(day.row.ad_set, day.row.date, path):
        return replace(
            day.row,
            results=tuple(_count(value) for value in results),
            revenue=tuple(_money(value, currency) for value in revenue),
        )


@contextmanager
def _placed(ad_set: str, day: date, path: str) -> Iterator[None]:
    """A value that cannot be read is told with the row it stands in."""
    try:
        yield
    except ValueError as error:
        raise Temporary(f"could not read {path}: {error} (ad set {ad_set}, {day})") from error


def _by_type(entries: Sequence[dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    return {entry.get("action_type"): entry for entry in reversed(entries)}


def _windows(entry: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(entry.get(_VALUE.get(window, window)) for window in WINDOWS)


def _money(value: object, currency: Currency) -> Money:
    """Minor units from Meta's major ones; a JSON number keeps the digits it was written with."""
    return 0 if value is None else currency.parse(str(value))


def _count(value: object) -> Count:
    """A number of results, whole where it is whole."""
    if value is None:
        return 0
    try:
        number = Decimal(str(value))
        return int(number) if number == number.to_integral_value() else float(number)
    except (InvalidOperation, OverflowError) as error:
        raise ValueError(f"{value!r} is no count") from error
