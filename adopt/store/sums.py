"""What an account spent and brought, summed by the database: for screens, which show no single day of an ad set."""

from array import array
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from adopt.store.database import Store
from adopt.store.polls import Floats, Integers, require_window


class Sums(Struct, frozen=True, kw_only=True):
    """What was spent and brought, a row each of `keys`: the newest vintages, of the one window."""

    keys: tuple[Any, ...]  # ids of ad sets, or days by their ordinals; sorted
    spend: Integers
    impressions: Integers
    clicks: Integers
    shares: Floats  # clicks, each weighted by its day's share
    results: Floats
    revenue: Integers


def by_day(store: Store, account: str, result: str, window: str, since: date) -> Sums:
    """The account's days from `since` on, over all its ad sets."""
    return _sums(store, "i.day", "i.clicks", window, [result, since.toordinal(), _NEVER_ENDS, account])


def by_ad_set(store: Store, account: str, result: str, window: str, shares: Mapping[int, float]) -> Sums:
    """The account's ad sets over some days in a row, given by their ordinals, each with the weight of its clicks."""
    weight = f"i.clicks * CASE i.day {'WHEN ? THEN ? ' * len(shares)}END"
    about = [result, min(shares), max(shares), account]
    return _sums(store, "o.id", weight, window, [*(part for day in shares.items() for part in day), *about])


def _sums(store: Store, key: str, weight: str, window: str, values: Sequence[Any]) -> Sums:
    require_window(window)
    rows = store.rows(_SUMS.format(key=key, weight=weight, window=window), values)
    keys, *columns = zip(*rows, strict=True) if rows else ((), *[()] * 6)
    arrays: list[array[Any]] = [array(kind, column) for kind, column in zip("qqqddq", columns, strict=True)]
    spend, impressions, clicks, weighted, results, revenue = arrays
    return Sums(
        keys=keys,
        spend=spend,
        impressions=impressions,
        clicks=clicks,
        shares=weighted,
        results=results,
        revenue=revenue,
    )


_NEVER_ENDS = date.max.toordinal()
_SUMS = """
SELECT {key}, sum(spend), sum(impressions), sum(clicks), sum({weight}), sum(results_{window}), sum(revenue_{window})
FROM object AS o CROSS JOIN insights AS i
ON i.ended = 0 AND i.ad_set = o.n AND i.result = ? AND i.day BETWEEN ? AND ?
WHERE o.account = ? AND o.level = 'adset' GROUP BY {key} ORDER BY {key}
"""
