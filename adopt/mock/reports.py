"""Report runs: insights that are asked for, worked out meanwhile, and read later."""

from typing import Any

from adopt.mock import runs
from adopt.mock.api import Api, Makers, Routes, key_of_route
from adopt.mock.call import Call
from adopt.mock.chance import key_of
from adopt.mock.errors import GraphError, no_object
from adopt.mock.objects import LEVELS, Node
from adopt.mock.params import Params, text

KIND = "report run"
MOST_AT_ONCE = 100  # Meta publishes no number
NOT_KEPT = ("access_token", "method", "appsecret_proof")


def spoil(api: Api, ident: str, fate: str, seconds: float) -> None:
    """Let a run go wrong: found only after a while, stuck, failed or skipped."""
    run = api.objects.find(ident)
    if run is not None and run.kind == KIND:
        run.own |= {"known_from": run.own["created_time"] + seconds} if fate == "late" else {"fate": fate}


def _start(api: Api, call: Call, node: Node) -> dict[str, str]:
    """Check a call as if it were answered at once, and give the run that will answer it."""
    params: Params = {name: value for name, value in call.params.items() if name not in NOT_KEPT}
    api.insights.check(node, params)
    now = api.world.now()
    running = [one for one in api.objects.report_runs if runs.field("is_running", one, api.world)]
    if len(running) >= MOST_AT_ONCE:
        raise GraphError("(#4) Application request limit reached", 4, 1504022, status=403, transient=True)
    kept = {name: text(params, name) for name in params}
    ident = f"6{key_of(api.world.account.options.seed, KIND, len(api.objects.report_runs), now) % 10**15:015d}"
    api.write(node, "insights", {"id": ident, "params": kept})
    return {"report_run_id": ident}


def _made(api: Api, node: Node, fields: dict[str, Any], moment: float) -> Node:
    own = {"created_time": moment, "updated_time": moment, "of": node, "params": fields["params"]}
    run = Node(KIND, fields["id"], len(api.objects.report_runs), api.objects.account, own)
    api.objects.keep_run(run)
    return run


def _read(api: Api, call: Call, run: Node) -> dict[str, Any]:
    _check(api, call, run)
    asked = {"fields": ",".join(runs.first_fields(run, api.world))}
    return api.reader(call).node(run, call.params if call.params.get("fields") else {**call.params, **asked})


def _rows(api: Api, call: Call, run: Node) -> dict[str, Any]:
    """Give a page of a finished run's rows, as they were known when they were first read."""
    _check(api, call, run)
    if runs.status(run, api.world.now()) != runs.COMPLETED:
        raise GraphError("(#2601) Error accessing adreport job.", 2601, 1815107)
    if "found" not in run.own:
        run.own["found"] = api.insights.select(run.own["of"], run.own["params"], later=True)
    url = f"{call.base}/{call.version}/{run.id}/insights"
    return api.insights.shown(run.own["found"], call.params, url)


def _delete(api: Api, call: Call, run: Node) -> dict[str, bool]:
    _check(api, call, run)
    api.write(run, "", {})
    return {"success": True}


def _deleted(api: Api, run: Node, _: dict[str, Any], __: float) -> Node:
    api.objects.forget_run(run)
    return run


def _check(api: Api, call: Call, run: Node) -> None:
    if not runs.is_known(run, api.world.now()):
        raise no_object(call.method, run.id)


_ASKED = [key_of_route("POST", kind, "insights") for kind in LEVELS]
ROUTES: Routes = {
    **dict.fromkeys(_ASKED, _start),
    key_of_route("GET", KIND, ""): _read,
    key_of_route("GET", KIND, "insights"): _rows,
    key_of_route("DELETE", KIND, ""): _delete,
}
MAKERS: Makers = {**dict.fromkeys(_ASKED, _made), key_of_route("POST", KIND, ""): _deleted}
