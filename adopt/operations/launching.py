"""Launches: queued once for one submission, and made step by step."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec
from msgspec import Struct

from adopt.errors import Invalid, Refused
from adopt.graph import creating, objects
from adopt.graph.client import Graph
from adopt.launch.steps import Step, steps_of
from adopt.launch.tree import Launch, resolved
from adopt.model import AdSet, Campaign, Currency, Job, Money, Ref
from adopt.operations import reviewing
from adopt.operations.reaching import Reach, policy_of
from adopt.operations.uploading import Shelf
from adopt.operations.working import Context
from adopt.policy import Policy
from adopt.settings import Settings
from adopt.store import activity, polls, queue
from adopt.store.database import Store, decode
from adopt.store.queue import Clock, Order


class Queued(Struct, frozen=True, kw_only=True):
    """A launch in the queue, and the Graph URL that it is for."""

    graph_url: str
    launch: Launch


class Room(NamedTuple):
    """What a launch could spend a day, what runs beside it, and what the policy lets the account spend."""

    daily: Money
    running: Money
    ceiling: Money | None


def enqueue(
    store: Store, settings: Settings, launch: Launch, clock: Clock, *, again: str = "", due: datetime | None = None
) -> tuple[Job, bool]:
    """The job of a launch, and whether it is new: the same launch, with the same `again`, is the same job."""
    key = f"launch {settings.graph_url} {launch.digest} {again}".rstrip()
    payload = msgspec.json.encode(Queued(graph_url=settings.graph_url, launch=launch))
    order = Order(key=key, kind="launch", lane=launch.account, name=launch.campaign.name, payload=payload, due=due)
    if found := queue.under(store, key):
        return found, False
    require_room(launch, policy_of(settings, launch.account), room_known(store, settings, launch))
    return queue.enqueue(store, order, clock)


def room_known(store: Store, settings: Settings, launch: Launch) -> Room:
    """What the last poll tells of the room for a launch; nothing runs in an account that was never polled."""
    known = polls.newest(store, launch.account)
    _, campaigns, ad_sets = polls.objects(store, launch.account) if known else (None, (), ())
    return _room(launch, policy_of(settings, launch.account), campaigns, ad_sets)


def require_room(launch: Launch, policy: Policy | None, room: Room) -> None:
    """Refused where the policy's guardrails would be broken: an ad set's budget, or the account's a day."""
    money = Currency(launch.currency)
    largest = policy.guardrails.max_daily_budget if policy else None
    for ad_set in launch.campaign.adsets if largest is not None else ():
        budget = int(ad_set.params.get("daily_budget") or 0)
        if largest is not None and budget > money.parse(largest):
            raise Refused(
                f"{ad_set.name}: {money.show(budget)} a day is above max_daily_budget of the policy, "
                f"{money.show(money.parse(largest))}",
                try_next="lower the budget in the spec, or raise max_daily_budget in the policy",
            )
    beside = room.running if launch.active else 0
    if room.ceiling is not None and room.daily + beside > room.ceiling:
        runs = f", beside {money.show(beside)} that run already" if beside else ""
        raise Refused(
            f"{launch.campaign.name} could spend {money.show(room.daily)} a day{runs}: more than "
            f"max_account_daily_budget of the policy, {money.show(room.ceiling)}",
            try_next="lower the budgets in the spec, or raise max_account_daily_budget in the policy",
        )


def run(reach: Reach, context: Context, payload: bytes) -> None:
    """Make a launch, or what is left of it; then let its review be watched."""
    queued = decode(payload, Queued)
    if queue.under(context.store, discard_key(context.job)):
        raise Invalid(
            f"launch {context.job} was discarded", try_next="launch the spec again: adopt launch SPEC --again 2"
        )
    with reach.graph(queued.graph_url, queued.launch.account) as graph:
        made = Making(reach, context, graph, queued.launch).carry_out()
        _tell(context, graph, queued.launch, made["campaign"])
    reviewing.follow(context, queued.graph_url, queued.launch, made)


def discard_key(job: str) -> str:
    """The key of the job that takes a launch back."""
    return f"discard {job}"


def label_of(job: str) -> str:
    """The name of the ad label that marks what a launch has made."""
    return f"adopt {job}"


class Making(NamedTuple):
    """One launch at work."""

    reach: Reach
    context: Context
    graph: Graph
    launch: Launch

    def carry_out(self) -> Mapping[str, str]:
        """Every step that is not done yet; the result of each key."""
        label = self._label()
        results: dict[str, str] = {}
        if self.launch.active:
            self.context.step("room", self._require_room)
        for step in steps_of(self.launch):
            results[step.key] = self._result(step, label, results)
        return results

    def _label(self) -> str:
        name = label_of(self.context.job)
        made: str = self.context.step(
            "label",
            partial(creating.make_label, self.graph, self.launch.account, name),
            find=partial(creating.find_label, self.graph, self.launch.account, name),
        )
        return made

    def _result(self, step: Step, label: str, results: Mapping[str, str]) -> str:
        shelf = Shelf(self.context, self.graph, self.launch.account)
        if step.does == "create":
            return self._create(step, label, results)
        if step.does == "activate":
            return self._activate(step, results[step.key])
        if step.does == "page" or step.media is None:
            return str(self.context.step(step.name, partial(creating.only_page, self.graph, self.launch.account)))
        if step.does == "upload":
            return shelf.put(step.media)
        if step.does == "thumbnail":
            return shelf.cover(step.name, results[step.media.key])
        shelf.wait(step.media, results[step.key])
        return results[step.key]

    def _create(self, step: Step, label: str, results: Mapping[str, str]) -> str:
        params = resolved(step.params, results)
        where = (self.graph, self.launch.account, step.edge, params, label)
        found: str = self.context.step(
            step.name,
            partial(creating.create, *where),
            find=partial(creating.find, *where, frozenset(results.values())),
        )
        return found

    def _activate(self, step: Step, object_id: str) -> str:
        found: str = self.context.step(step.name, partial(creating.activate, self.graph, object_id))
        return found

    def _require_room(self) -> None:
        """Refused where what runs now leaves no room: asked of Meta before anything is made."""
        policy = self.reach.policy(self.launch.account)
        if policy is None or policy.guardrails.max_account_daily_budget is None:
            return
        account = objects.account(self.graph, self.launch.account)
        require_room(self.launch, policy, _room(self.launch, policy, *objects.structure(self.graph, account)))


def _room(launch: Launch, policy: Policy | None, campaigns: tuple[Campaign, ...], ad_sets: tuple[AdSet, ...]) -> Room:
    held: tuple[Campaign | AdSet, ...] = (*campaigns, *ad_sets)
    running = sum(one.daily_budget or 0 for one in held if one.effective_status == "ACTIVE")
    ceiling = policy.guardrails.max_account_daily_budget if policy else None
    return Room(launch.daily_budget, running, None if ceiling is None else Currency(launch.currency).parse(ceiling))


def _tell(context: Context, graph: Graph, launch: Launch, campaign: str) -> None:
    count = f"{len(launch.campaign.adsets)} ad sets, {len(launch.ads)} ads"
    said = f"{launch.campaign.name}: launched with {count}, {'ACTIVE' if launch.active else 'PAUSED'}"
    ref = Ref(level="campaign", id=campaign, name=launch.campaign.name)
    context.step(
        "told",
        lambda: activity.append(
            context.store, graph.moment, launch.account, "launch", "info", said, ref, {"job": context.job}
        ),
    )
