"""The API of the daemon: one table of what may be asked of it, under /v1; the daemon serves it, the client asks by it.

Each route is a method of `Client`, which it is named after, with its parameters and result. Not in the table, and
done by whoever calls, is what concerns the files and secrets of the caller: `init`, `policy` and what else reads or
checks a policy file (`find_rule`, `check_rules`, `backtest`), `launch` and `check_launch`, which read a spec and media,
`doctor` and `mend`, `working_off` (the worker of `adopt job run`) and `review_of` a job at hand, and all of
`adopt.access` and `adopt.channels`. `follow` is the stream at /v1/events.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from adopt.model import (
    Account,
    Activity,
    Branch,
    Fault,
    Heard,
    Hindsight,
    Hold,
    Job,
    JobStep,
    KnownAccount,
    Level,
    Outcome,
    Overview,
    Plan,
    RuleCount,
    Series,
    Status,
    Why,
)

API = 1  # grows when an older client could misunderstand an answer; the daemon serves this and the one before
PREFIX = "/v1"
EVENTS = f"{PREFIX}/events"
HEALTH = "/healthz"
OPENAPI = f"{PREFIX}/openapi.json"

# Headers: which API and version speaks, and for whom. A daemon serves one Graph URL.
API_HEADER, VERSION_HEADER = "adopt-api", "adopt-version"
GRAPH_HEADER, ACCOUNT_HEADER, WAIT_HEADER = "adopt-graph-url", "adopt-account", "adopt-wait"

Types: TypeAlias = Mapping[str, Any]
Row: TypeAlias = dict[str, Any]  # as Meta answers it
Noun: TypeAlias = Literal["account", "campaign", "adset", "ad", "creative"]


class Failure(Struct, frozen=True):
    """What went wrong, as the body of an answer whose status is not 200."""

    error: Fault


class Route(Struct, frozen=True):
    """A method of `Client`: how it is asked for, by which parameters, and what it gives.

    Parameters are in the path where it names them, else in the query of a GET and in the JSON body of a POST.
    """

    method: str
    verb: Literal["GET", "POST"]
    path: str
    result: Any
    needs: Types = {}
    takes: Types = {}

    @property
    def params(self) -> Types:
        """All its parameters."""
        return {**self.needs, **self.takes}


_NAMED: Types = {"name": str}
_TARGET: Types = {"cpa": str | None, "roas": str | None, "most": int | None}
_STRINGS = tuple[str, ...]

ROUTES: tuple[Route, ...] = (
    Route("status", "GET", "/status", Status),
    Route("overview", "GET", "/overview", Overview),
    Route("series", "GET", "/series", Series, takes={"days": int, "span": int}),
    Route("tree", "GET", "/tree", tuple[Branch, ...]),
    Route("clock", "GET", "/clock", tuple[str | None, datetime]),
    Route("log", "GET", "/log", tuple[Activity, ...], takes={"cursor": int, "limit": int}),
    Route("why", "GET", "/why/{name}", Why, _NAMED, {"at": datetime | None}),
    Route("hold", "GET", "/hold", Hold | None),
    Route("press_hold", "POST", "/hold", Hold | None, {"on": bool}, {"reason": str}),
    Route("plan", "POST", "/plans", Plan, takes=_TARGET),
    Route("optimize", "POST", "/optimize", tuple[Plan, tuple[Outcome, ...]], takes=_TARGET),
    Route("poll", "POST", "/poll", None),
    Route("apply", "POST", "/plans/apply", tuple[Outcome, ...], {"plan": Plan}),
    Route(
        "hand_plan",
        "POST",
        "/plans/by-hand",
        Plan,
        {"level": Level, "object_id": str, "field": Literal["status", "budget"], "value": str},
    ),
    Route("undo_plan", "POST", "/plans/undo", Plan, _NAMED),
    Route("find_plan", "GET", "/plans/{name}", Plan, _NAMED),
    Route("refuse_plan", "POST", "/plans/{name}/refuse", Plan, _NAMED, {"reason": str}),
    Route("subset_plan", "POST", "/plans/{name}/part", Plan, {**_NAMED, "changes": _STRINGS}),
    Route("rule_counts", "GET", "/rules", tuple[RuleCount, ...]),
    Route("score", "GET", "/shadow/score", Hindsight),
    Route("test_rule", "GET", "/rules/{name}/test", tuple[tuple[Heard, ...], str], _NAMED),
    Route("jobs", "GET", "/jobs", tuple[Job, ...], takes={"open_only": bool, "limit": int}),
    Route("jobs_named", "GET", "/jobs/named", tuple[Job, ...], {"ids": _STRINGS}),
    Route("job", "GET", "/jobs/{name}", Job, _NAMED),
    Route("retry_job", "POST", "/jobs/{name}/retry", Job, _NAMED),
    Route("cancel_job", "POST", "/jobs/{name}/cancel", Job, _NAMED),
    Route("ended_launch", "GET", "/launches/{name}", tuple[Job, tuple[JobStep, ...]], _NAMED),
    Route("discard", "POST", "/launches/{name}/discard", Job, _NAMED),
    Route("known_accounts", "GET", "/accounts", tuple[KnownAccount, ...]),
    Route("accounts", "GET", "/meta/accounts", tuple[Account, ...]),
    Route("zone_of", "GET", "/meta/accounts/{account_id}/zone", str, {"account_id": str}),
    Route(
        "rows",
        "GET",
        "/meta/{noun}",
        tuple[Row, ...],
        {"noun": Noun},
        {"parent": str | None, "fields": _STRINGS, "limit": int | None, "statuses": _STRINGS},
    ),
    Route("node", "GET", "/meta/{noun}/{object_id}", Row, {"noun": Noun, "object_id": str}, {"fields": _STRINGS}),
    Route(
        "insights",
        "GET",
        "/insights/{object_id}",
        tuple[Row, ...],
        {"object_id": str},
        {
            "level": Level | None,
            "fields": _STRINGS,
            "date_preset": str | None,
            "since": date | None,
            "until": date | None,
            "time_increment": str | None,
            "breakdowns": _STRINGS,
            "sort": str | None,
            "limit": int | None,
        },
    ),
)
