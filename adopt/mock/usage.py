"""The rate-limit headers of every answer."""

from collections import deque

import msgspec

TIER = "standard_access"
HOUR, ROOM, MOST = 3600.0, 20_000, 49  # calls an hour that would be 100 %, and the most we ever report
FULL = 100
WAIT_MINUTES = 5


class Usage:
    """How much of its quota an ad account has used, by the calls of the last hour."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._calls: deque[float] = deque()

    def headers(self, now: float, *, about_insights: bool, limited: bool) -> dict[str, str]:
        """Count a call, and give the headers of its answer."""
        self._calls.append(now)
        while self._calls and self._calls[0] < now - HOUR:
            self._calls.popleft()
        share = FULL if limited else min(MOST, len(self._calls) * FULL // ROOM)
        wait = WAIT_MINUTES if limited else 0
        kind = "ads_insights" if about_insights else "ads_management"
        case = {
            "type": kind,
            "call_count": share,
            "total_cputime": min(share, MOST),
            "total_time": min(share, MOST),
            "estimated_time_to_regain_access": wait,
            "ads_api_access_tier": TIER,
        }
        app = {"call_count": min(share, MOST), "total_time": min(share, MOST), "total_cputime": min(share, MOST)}
        own = {"acc_id_util_pct": float(share), "reset_time_duration": wait * 60, "ads_api_access_tier": TIER}
        found = {
            "X-App-Usage": app,
            "X-Ad-Account-Usage": own,
            "X-Business-Use-Case-Usage": {self._account: [case]},
        }
        if about_insights:
            throttle = {"app_id_util_pct": 0.0, "acc_id_util_pct": float(share), "ads_api_access_tier": TIER}
            found["X-FB-Ads-Insights-Throttle"] = throttle
        return {name: msgspec.json.encode(value).decode() for name, value in found.items()}
