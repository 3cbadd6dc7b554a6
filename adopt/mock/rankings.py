"""The three diagnoses of an ad against its competitors: quality, engagement and conversion rate."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adopt.mock.actions import clicks, results
from adopt.mock.chance import Floats, key_of
from adopt.mock.measures import Rows

ENOUGH = 500  # impressions below which Meta does not say
_WORDS = (
    (0.10, "BELOW_AVERAGE_10"),
    (0.20, "BELOW_AVERAGE_20"),
    (0.35, "BELOW_AVERAGE_35"),
    (0.55, "AVERAGE"),
    (1.01, "ABOVE_AVERAGE"),
)
_USUAL_CLICKS, _USUAL_BUYERS = 0.0155, 0.017  # clicks an impression, purchases a click of competing ads


def ranking(what: str, rows: Rows) -> Sequence[Any]:
    """Give each ad's rank in words; rows of other levels have none, and ads shown too little are unknown."""
    shown = rows.counts["impressions"].tolist()
    places = _places(what, rows).tolist()
    return [
        None if node.kind != "ad" else "UNKNOWN" if count < ENOUGH else _word(place)
        for node, count, place in zip(rows.nodes, shown, places, strict=True)
    ]


def _places(what: str, rows: Rows) -> Floats:
    """Give where an ad stands among its competitors, from 0 to 1."""
    keen = np.log(np.maximum(clicks(rows), 0.5) / np.maximum(rows.counts["impressions"], 1) / _USUAL_CLICKS)
    ready = np.log(np.maximum(results(rows), 0.3) / np.maximum(clicks(rows), 1) / _USUAL_BUYERS)
    taste = np.array([key_of(node.id, "quality") % 1000 / 1000 - 0.5 for node in rows.nodes])
    score = {"quality": 0.5 * keen + 1.5 * taste, "engagement": keen, "conversion": ready}[what]
    found: Floats = 1 / (1 + np.exp(-1.7 * (score + 0.3)))
    return found


def _word(place: float) -> str:
    return next(word for limit, word in _WORDS if place < limit)
