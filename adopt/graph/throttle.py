"""How close to Meta's rate limits a token is: the usage headers as one value."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

# Names and units: docs/graph-api/overview/rate-limiting and docs/marketing-api/insights/best-practices.
APP = "x-app-usage"
ACCOUNT = "x-ad-account-usage"
BUSINESS = "x-business-use-case-usage"
INSIGHTS = "x-fb-ads-insights-throttle"
HEADERS = (APP, ACCOUNT, BUSINESS, INSIGHTS)

_PERCENTS = ("call_count", "total_time", "total_cputime", "acc_id_util_pct", "app_id_util_pct")
_FULL = 100


class Usage(Struct, frozen=True, kw_only=True):
    """The highest meter of one answer, and how long until access is regained."""

    percent: float = 0.0  # the highest of all meters; 100 and more is blocked
    regain_s: float = 0.0  # seconds; 0 while nothing is blocked
    meter: str = ""  # the header the highest percentage stood in
    tier: str | None = None  # development_access (Limited) or standard_access (Full)


def read_usage(headers: Mapping[str, str]) -> Usage | None:
    """The usage that an answer states, success or error; None if it states none. Names are lower case."""
    found = [_meter(name, entry) for name in HEADERS for entry in _entries(name, headers.get(name))]
    if not found:
        return None
    highest = max(found, key=lambda usage: usage.percent)
    tier = next((usage.tier for usage in found if usage.tier), None)
    return Usage(
        percent=highest.percent, meter=highest.meter, regain_s=max(usage.regain_s for usage in found), tier=tier
    )


def _meter(name: str, entry: Mapping[str, Any]) -> Usage:
    percent = max((_number(entry.get(key)) for key in _PERCENTS), default=0.0)
    tier = entry.get("ads_api_access_tier")
    return Usage(percent=percent, meter=name, regain_s=_regain(entry, percent), tier=str(tier) if tier else None)


def _regain(entry: Mapping[str, Any], percent: float) -> float:
    """Seconds: the business header counts minutes; the account's reset matters only when it is full."""
    minutes = _number(entry.get("estimated_time_to_regain_access"))
    reset = _number(entry.get("reset_time_duration")) if percent >= _FULL else 0.0
    return max(minutes * 60, reset)


def _entries(name: str, text: str | None) -> Iterator[Mapping[str, Any]]:
    """The meters of a header; a header that cannot be read has none."""
    value = _decode(text)
    if not isinstance(value, dict):
        return
    if name != BUSINESS:
        yield value
        return
    for entries in value.values():
        yield from _objects(entries)


def _objects(value: object) -> Iterable[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _decode(text: str | None) -> object:
    try:
        return msgspec.json.decode(text) if text else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _number(value: object) -> float:
    """A number of at least 0; what is none counts as 0."""
    try:
        return max(0.0, min(float(value), 1e9)) if isinstance(value, int | float | str) else 0.0
    except (ValueError, OverflowError):
        return 0.0
