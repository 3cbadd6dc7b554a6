"""Rate limits: what each call costs, when it is one too many, and the usage headers of every answer.

The formulas are Meta's: points of an ad account over five minutes, calls of a use case over an hour, writes a second.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from adopt.mock.call import Call
from adopt.mock.errors import too_many

HOUR, FULL, DEFAULT_WAIT = 3600.0, 100, 300.0
RECOUNT = 60.0  # seconds for which a count of active ads is good enough
CALM = 49  # percent: the most that is told while limits are not strict
READ, WRITE, WRITES_A_SECOND = 1, 3, 100
APP_CALLS_A_USER = 200
THROTTLES = frozenset({4, 17, 32, 341, 613, *range(80000, 80015)})
CODES = {"ads_management": 80004, "ads_insights": 80000, "custom_audience": 80003}
_PERSONAL = frozenset({"me", "debug_token", "oauth", "dialog", "search"})


class Limits(msgspec.Struct, frozen=True):
    """How a simulation limits its callers."""

    strict: bool = False
    tier: Literal["standard", "development"] = "standard"

    @property
    def name(self) -> str:
        """Give the tier as Meta's headers write it."""
        return f"{self.tier}_access"


@dataclass(frozen=True)
class Tier:
    """What an access tier allows: points, how long one is shut out, and calls an hour by use case."""

    points: int
    shut_out: float
    base: dict[str, int]


TIERS = {
    "development": Tier(60, 300, {"ads_management": 300, "ads_insights": 600, "custom_audience": 5_000}),
    "standard": Tier(9_000, 60, {"ads_management": 100_000, "ads_insights": 190_000, "custom_audience": 190_000}),
}
_BY_AD = {"ads_management": 40, "ads_insights": 400, "custom_audience": 40}


class Window:
    """What was used in the last so many seconds."""

    def __init__(self, length: float) -> None:
        self._length, self._uses, self._sum = length, deque[tuple[float, int]](), 0

    def used(self, now: float) -> int:
        """Give what was used, up to now."""
        while self._uses and self._uses[0][0] <= now - self._length:
            self._sum -= self._uses.popleft()[1]
        return self._sum

    def add(self, now: float, cost: int) -> None:
        """Use something."""
        self._uses.append((now, cost))
        self._sum += cost

    def wait(self, now: float) -> float:
        """Give the seconds until the oldest use no longer counts."""
        return max(0.0, self._uses[0][0] + self._length - now) if self._uses else 0.0


class Meter:
    """How much of its limits an ad account and its app have used, in simulated time."""

    def __init__(self, limits: Limits, account: str, ads: Callable[[], int]) -> None:
        self._limits, self._account, self._ads = limits, account, ads
        self._tier = TIERS[limits.tier]
        self._points, self._writes, self._app = Window(300), Window(1), Window(HOUR)
        self._cases = {case: Window(HOUR) for case in CODES}
        self._shut_until, self._counted = 0.0, (-HOUR, 0)

    def admit(self, call: Call, now: float) -> None:
        """Count a call; raise what Meta answers to one too many, where limits are strict."""
        cost = READ if call.method in ("GET", "HEAD") else WRITE
        case = case_of(call)
        if case is None:
            self._check(self._app, APP_CALLS_A_USER, now, 4)
            self._app.add(now, 1)
            return
        if cost == WRITE:
            self._check(self._writes, WRITES_A_SECOND, now, 613)
        self._check(self._cases[case], self._room(case, now), now, CODES[case])
        self._check_points(cost, now)
        self._cases[case].add(now, 1)
        self._points.add(now, cost)
        if cost == WRITE:
            self._writes.add(now, 1)

    def headers(self, call: Call, code: int, now: float) -> dict[str, str]:
        """Give the usage headers of an answer with an error code, 0 for none."""
        case = case_of(call) or "ads_management"
        pressed = code in THROTTLES
        share, points, app = (FULL if pressed else self._share(*one, now) for one in self._gauges(case, now))
        wait = max(self._shut_until - now, DEFAULT_WAIT if self._shut_until <= now else 0) if pressed else 0
        tier = {"ads_api_access_tier": self._limits.name}
        use = {"type": case, "call_count": share, "total_cputime": share // 2, "total_time": share // 2}
        found: dict[str, Any] = {
            "x-app-usage": {"call_count": app, "total_time": app // 2, "total_cputime": app // 2},
            "x-ad-account-usage": {"acc_id_util_pct": float(points), "reset_time_duration": math.ceil(wait), **tier},
            "x-business-use-case-usage": {
                self._account: [{**use, "estimated_time_to_regain_access": math.ceil(wait / 60), **tier}]
            },
        }
        if case == "ads_insights":
            throttle = {"app_id_util_pct": float(app), "acc_id_util_pct": float(share), **tier}
            found["x-fb-ads-insights-throttle"] = throttle
        return {name: msgspec.json.encode(value).decode() for name, value in found.items()}

    def _gauges(self, case: str, now: float) -> tuple[tuple[Window, int], ...]:
        use = (self._cases[case], self._room(case, now))
        return use, (self._points, self._tier.points), (self._app, APP_CALLS_A_USER)

    def _share(self, window: Window, room: int, now: float) -> int:
        return min(FULL if self._limits.strict else CALM, window.used(now) * FULL // room)

    def _room(self, case: str, now: float) -> int:
        if not self._counted[0] <= now < self._counted[0] + RECOUNT:
            self._counted = (now, self._ads())
        return self._tier.base[case] + _BY_AD[case] * self._counted[1]

    def _check(self, window: Window, room: int, now: float, code: int) -> None:
        if self._limits.strict and window.used(now) >= room:
            self._shut_until = max(self._shut_until, now + window.wait(now))
            raise too_many(code)

    def _check_points(self, cost: int, now: float) -> None:
        if not self._limits.strict:
            return
        if now >= self._shut_until and self._points.used(now) + cost > self._tier.points:
            self._shut_until = now + self._tier.shut_out
        if now < self._shut_until:
            raise too_many(17)


def case_of(call: Call) -> str | None:
    """Give the business use case a call counts for; None for calls that count for the app alone."""
    if not call.path or call.path[0] in _PERSONAL:
        return None
    if "insights" in call.path:
        return "ads_insights"
    return "custom_audience" if "customaudiences" in call.path else "ads_management"
