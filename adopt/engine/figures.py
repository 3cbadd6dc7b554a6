"""The figures of a judgement as plain numbers, one `Evidence` an object: what is kept, shown and explained."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import repeat
from math import exp, inf, isnan
from typing import Any

import numpy as np

from adopt.engine.judgement import Belief, Brief, Judgement
from adopt.engine.snapshot import Floats, Integers
from adopt.engine.throttle import DOUBTED, RESTORED
from adopt.model import Evidence

_OVERCOUNTED = ("more results than clicks",)
MOST_NATS = 700.0  # beyond them an e-value is no float


def figures(judged: Judgement, brief: Brief, rows: Integers) -> Iterator[Evidence]:
    """The evidence of rows, in the order asked for."""
    sums = judged.totals
    counted = (
        *(column[rows] for column in (sums.since, sums.until)),
        *(_whole(c[rows]) for c in (sums.spend, sums.impressions, sums.clicks, sums.matured_clicks)),
        *(column[rows] for column in (sums.results, sums.revenue)),
        *(judged.low(rows), judged.high(rows)),
        *(_whole(c[rows]) for c in (judged.spend_needed, judged.clicks_needed)),
        judged.overcounted[rows],
    )
    believed = repeat({}, rows.size) if judged.belief is None else _believed(judged.belief, rows)
    common: dict[str, Any] = {
        "method": brief.decision.method,
        "horizon": brief.decision.horizon,
        "metric": "cpa" if brief.target.cpa is not None else "roas",
        "confidence": brief.decision.confidence if judged.belief is None else 1 - brief.decision.alpha,
    }
    for row, more in zip(zip(*(column.tolist() for column in counted), strict=True), believed, strict=True):
        yield Evidence(**common, **_counted(row), **more)


def _whole(column: Floats) -> Integers:
    return np.rint(column).astype(np.int64)


def _counted(row: tuple[Any, ...]) -> Mapping[str, Any]:
    since, until, spend, impressions, clicks, matured, results, revenue, low, high, money, more, over = row
    known = None if isnan(revenue) else round(revenue)
    return {
        "since": date.fromordinal(since) if since else None,
        "until": date.fromordinal(until) if until else None,
        "spend": spend,
        "impressions": impressions,
        "clicks": clicks,
        "matured_clicks": matured,
        "results": int(results) if results.is_integer() else results,
        "revenue": known,
        "cpa": round(spend / results) if results > 0 else None,
        "roas": known / spend if known is not None and spend > 0 else None,
        "low": low,
        "high": None if high == inf else high,
        "spend_needed": money or None,
        "clicks_needed": more or None,
        "flags": _OVERCOUNTED if over else (),
    }


def _believed(belief: Belief, rows: Integers) -> Iterator[Mapping[str, Any]]:
    known = (column[rows] for column in (belief.matured, belief.due, belief.limit, belief.p_good, belief.mean))
    columns = (*known, belief.log_e(rows), belief.to_pause(rows))
    for matured, due, limit, p_good, mean, log_e, to_pause in zip(*(c.tolist() for c in columns), strict=True):
        yield {
            "matured_spend": round(matured),
            "due": due,
            "e_value": exp(min(log_e, MOST_NATS)),
            "alpha": exp(-limit),
            "p_good": p_good,
            "doubted": DOUBTED,
            "restored": RESTORED,
            "expected": mean,
            "spend_to_pause": round(to_pause) if to_pause < inf else None,
        }
