"""The engine's delay curves as tables: what share is reported of spend so many steps old."""

from functools import lru_cache

from adopt.engine.delay import Bound, DelayCurve
from bench.decisions.log import lags_h
from bench.decisions.worlds import Floats


@lru_cache(maxsize=256)
def shares(curve: DelayCurve, bound: Bound, count: int, step_h: float) -> Floats:
    """The shares by age in steps, newest first."""
    found: Floats = curve.reported(lags_h(count, step_h), bound)
    return found
