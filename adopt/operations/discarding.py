"""What a launch has made, taken back: deleted at Meta, step by step, under a job of its own."""

from collections.abc import Sequence
from functools import partial

import msgspec
from msgspec import Struct

from adopt.errors import Invalid
from adopt.graph import creating
from adopt.graph.client import Graph
from adopt.model import Job, JobStep, Ref
from adopt.operations.launching import Queued, discard_key
from adopt.operations.reaching import Reach
from adopt.operations.working import SETTLE_S, Context
from adopt.store import activity, queue
from adopt.store.database import Store, decode, transaction
from adopt.store.queue import Clock, Order

EDGES = {"campaign": "campaigns", "creative": "adcreatives"}  # ad sets and ads go with their campaign
_KINDS = ("campaign", "adset", "ad", "creative")


class Removal(Struct, frozen=True, kw_only=True):
    """A launch to be taken back, in the queue."""

    graph_url: str
    account: str
    job: str


def made_by(job: Job) -> tuple[JobStep, ...]:
    """The steps of a launch that made something at Meta, in their order; files in the library are none of them."""
    return tuple(
        step for step in job.steps if step.object and _kind(step) in _KINDS and not step.name.endswith(".active")
    )


def enqueue(store: Store, name: str, clock: Clock) -> tuple[Job, Job]:
    """The launch, and the job that takes it back; Invalid while it has not ended."""
    with transaction(store):
        launch = require_ended(store, name)
        queued = decode(queue.payload(store, launch), Queued)
        removal = Removal(graph_url=queued.graph_url, account=queued.launch.account, job=launch.id)
        order = Order(
            key=discard_key(launch.id),
            kind="discard",
            lane=removal.account,
            name=launch.name,
            payload=msgspec.json.encode(removal),
            priority=1,
        )
        return launch, queue.enqueue(store, order, clock)[0]


def require_ended(store: Store, name: str) -> Job:
    """The launch that is meant; Invalid if it is none, or still goes on."""
    launch = queue.find(store, name)
    if launch.kind != "launch":
        raise Invalid(f"job {launch.id} is no launch: {launch.kind}", try_next="adopt job list")
    if not launch.has_ended:
        raise Invalid(f"launch {launch.id} has not ended: {launch.shown}", try_next=f"adopt job cancel {launch.id}")
    return launch


def run(reach: Reach, context: Context, payload: bytes) -> None:
    """Delete campaign and creatives of a launch, those in doubt looked for, and the label that marks them."""
    removal = decode(payload, Removal)
    launch = queue.find(context.store, removal.job)
    if any(step.state == "intended" for step in launch.steps):
        context.sleep("settle", SETTLE_S)  # what an unanswered create has made is listed by then
    with reach.graph(removal.graph_url, removal.account) as graph:
        label = next((step.object for step in launch.steps if step.name == "label"), None)
        for kind, edge in EDGES.items():
            known = [step.object for step in made_by(launch) if step.object and _kind(step) == kind]
            found = _marked(context, graph, removal.account, edge, label) if label else []
            _delete(context, graph, kind, [*known, *(one for one in found if one not in known)])
        if label:
            _delete(context, graph, "label", [label])
        _tell(context, graph, removal, launch)


def _marked(context: Context, graph: Graph, account: str, edge: str, label: str) -> list[str]:
    found: list[str] = context.step(
        f"look for {edge}", lambda: [str(row["id"]) for row in creating.labelled(graph, account, edge, label)]
    )
    return found


def _delete(context: Context, graph: Graph, kind: str, ids: Sequence[str]) -> None:
    for one in ids:
        context.step(f"delete {kind} {one}", partial(creating.delete, graph, one))


def _tell(context: Context, graph: Graph, removal: Removal, launch: Job) -> None:
    made = next((step.object for step in made_by(launch) if _kind(step) == "campaign"), None)
    ref = Ref(level="campaign", id=made, name=launch.name) if made else None
    said = f"{launch.name}: its launch was discarded, what it had made is deleted"
    say = partial(activity.append, context.store, graph.moment, removal.account, "launch", "warning", said, ref)
    context.step("told", lambda: say({"job": removal.job}))


def _kind(step: JobStep) -> str:
    return step.name.partition(".")[0]
