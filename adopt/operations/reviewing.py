"""After a launch: its ads are watched through Meta's review until they deliver, in looks with long sleeps between."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
from msgspec import Struct

from adopt.graph import reviews
from adopt.graph.client import Graph
from adopt.graph.reviews import Reviewed
from adopt.launch.tree import Launch
from adopt.model import Ref
from adopt.operations.reaching import Reach
from adopt.operations.working import Context
from adopt.store import activity, queue
from adopt.store.database import decode
from adopt.store.queue import Order

FIRST_LOOK_S = 60.0
_LATEST_S = 1800.0  # between two looks
_GIVEN_UP_S = 7 * 86400.0


class Watched(Struct, frozen=True, kw_only=True):
    """The campaign whose ads are watched, and the job that launched it."""

    graph_url: str
    account: str
    campaign: str
    name: str
    active: bool
    job: str


def follow(context: Context, graph_url: str, launch: Launch, made: Mapping[str, str]) -> None:
    """Queue the watch over a launch: one, however often this is reached."""
    watched = Watched(
        graph_url=graph_url,
        account=launch.account,
        campaign=made[launch.campaign.key],
        name=launch.campaign.name,
        active=launch.active,
        job=context.job,
    )
    order = Order(
        key=key_of(context.job),
        kind="review",
        lane=launch.account,
        name=launch.campaign.name,
        payload=msgspec.json.encode(watched),
        due=datetime.now(UTC) + timedelta(seconds=FIRST_LOOK_S),
    )
    queue.enqueue(context.store, order, lambda: datetime.now(UTC))


def run(reach: Reach, context: Context, payload: bytes) -> None:
    """One look at the ads of a launch: tell what is new, then come back later, until there is nothing to wait for."""
    watched = decode(payload, Watched)
    began = context.step("began", time.time, stage="watching")
    with reach.graph(watched.graph_url, watched.account) as graph:
        waits = _look(context, graph, watched)
        if not waits:
            return
        elapsed = time.time() - began
        if elapsed > _GIVEN_UP_S:
            said = f"{watched.name}: after 7 days it still {waits}"
            _tell(context, graph, watched, "given up", "warning", said, _campaign(watched))
            return
    context.later(min(_LATEST_S, max(FIRST_LOOK_S, elapsed / 4)))


def _look(context: Context, graph: Graph, watched: Watched) -> str:
    """Tell of each ad whose review is over; what is still waited for, if anything."""
    ads = reviews.ads(graph, watched.campaign)
    for ad in ads:
        if ad.is_over:
            level: Literal["info", "warning"] = "info" if ad.is_approved else "warning"
            ref = Ref(level="ad", id=ad.id, name=ad.name)
            _tell(context, graph, watched, f"{ad.id} {ad.verdict}", level, f"{ad.name}: {ad.sentence}", ref)
    if any(not ad.is_over for ad in ads):
        return "waits for Meta's review"
    if not watched.active or not any(_runs(ad) for ad in ads):
        return ""
    if not reviews.delivers(graph, watched.campaign):
        return "is not shown"
    _tell(context, graph, watched, "delivers", "info", f"{watched.name}: is being shown", _campaign(watched))
    return ""


def key_of(launch: str) -> str:
    """The key of the job that watches over a launch."""
    return f"review {launch}"


def _campaign(watched: Watched) -> Ref:
    return Ref(level="campaign", id=watched.campaign, name=watched.name)


def _runs(ad: Reviewed) -> bool:
    return ad.status == "ACTIVE"


def _tell(
    context: Context,
    graph: Graph,
    watched: Watched,
    name: str,
    level: Literal["info", "warning"],
    text: str,
    ref: Ref,
) -> None:
    """Say a thing in the log, once; the job's step keeps it too."""

    def say() -> dict[str, str]:
        context.progress(1, text)
        data = {"job": watched.job}
        activity.append(context.store, graph.moment, watched.account, "launch", level, text, ref, data)
        return {"id": ref.id}

    context.step(name, say, stage="watching")
