"""Exports as panels: what a file's headers mean, and its rows in the common frame."""

import csv
import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from adopt.audit.columns import known, phrase
from bench.realism.frame import COLUMNS, Daily, Floats, Panel, daily

# Names of a column, best first; what is not here is understood as the audit command does.
OWN: Final = {
    "reach": ("reach",),
    "landed": ("landing page views", "landing page view"),
    "budget": ("budget", "daily budget", "ad set budget"),
    "amount": ("amount", "order value"),
    "conversions": ("approved conversion", "purchases", "purchase", "orders", "results", "leads", "conversions"),
}
MEANS: Final = {"value": "revenue"}
NAMES: Final = ("ad_id", "ad", "adset_id", "adset", "campaign_id", "campaign")
Rows = list[dict[str, str]]


def panels(directory: Path) -> list[Panel]:
    """Give every CSV file of a directory as a panel; those that can be understood."""
    found = [read(path) for path in sorted(directory.glob("*.csv"))]
    return [panel for panel in found if len(panel.days) or panel.order_values.size or panel.lifetime_spend.size]


def read(path: Path) -> Panel:
    """Give a file as a panel; without days it has at most order values and lifetimes."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows: Rows = list(csv.DictReader(file))
    headers = list(rows[0]) if rows else []
    by_ad, by_set = _names(headers, "ad"), _names(headers, "adset")
    day, spend = _column(headers, "day"), _column(headers, "spend")
    days = ads = _daily([], headers, None, ())
    if spend and day:
        ads = _daily(rows, headers, day, by_ad)
        days = _daily(rows, headers, day, by_set)
    own = _column(headers, "amount")
    return Panel(
        name=path.stem,
        days=days,
        ads=ads,
        order_values=np.array(_numbers(rows, own)) if own and not spend else np.zeros(0),
        lifetime_spend=_lifetimes(rows, headers, spend, by_ad),
    )


def _daily(rows: Rows, headers: list[str], day: str | None, names: Sequence[str]) -> Daily:
    wanted = {column: found for column in COLUMNS if (found := _column(headers, column))} if rows else {}
    return daily(
        [_name(row, names) for row in rows],
        [date.fromisoformat(row[day][:10]).toordinal() for row in rows] if day else [],
        {column: _numbers(rows, header) for column, header in wanted.items()},
    )


def _lifetimes(rows: Rows, headers: list[str], spend: str | None, by_ad: Sequence[str]) -> Floats:
    if spend is None or not {_column(headers, "ad"), _column(headers, "ad_id")} - {None}:
        return np.zeros(0)
    total: dict[str, float] = {}
    for row, money in zip(rows, _numbers(rows, spend), strict=True):
        total[_name(row, by_ad)] = total.get(_name(row, by_ad), 0.0) + money
    return np.array(list(total.values()))


def _names(headers: list[str], deepest: str) -> tuple[str, ...]:
    """Give the columns that name an object at a level, its parents' first."""
    levels = NAMES if deepest == "ad" else NAMES[2:]
    return tuple(found for one in levels[::-1] if (found := _column(headers, one)))


def _name(row: dict[str, str], columns: Sequence[str]) -> str:
    return " / ".join(row[column] for column in columns)


def _column(headers: list[str], wanted: str) -> str | None:
    """Give the header of a column, None where the file has none."""
    if wanted in OWN:
        order = OWN[wanted]
        found = [(order.index(phrase(one)), one) for one in headers if phrase(one) in order]
    else:
        meaning = MEANS.get(wanted, wanted)
        found = [(what.rank, one) for one in headers for what in known(one) if what.meaning == meaning]
    return min(found)[1] if found else None


def _numbers(rows: Rows, header: str) -> list[float]:
    return [float(row[header]) if row[header].strip() else math.nan for row in rows]
