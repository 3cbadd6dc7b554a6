"""A person's own changes: pause, start, set a budget, take a change back; same guardrails, same log."""

import re
from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from adopt.engine.guardrails import objects_of
from adopt.engine.planning import assemble, hand_plan, undo_plan
from adopt.engine.snapshot import Snapshot
from adopt.errors import Invalid
from adopt.graph.client import Graph
from adopt.model import (
    AdSet,
    Campaign,
    Change,
    Currency,
    Field,
    Level,
    Money,
    Outcome,
    Plan,
    Ref,
    budget_field,
    budget_of,
)
from adopt.operations import watching
from adopt.policy import Policy
from adopt.store import changes, plans
from adopt.store.database import Store

_NOUNS = {"adset": "ad set", "campaign": "campaign"}


def plan_by_hand(
    store: Store, graph: Graph, account_id: str, policy: Policy, level: Level, object_id: str, field: str, value: str
) -> Plan:
    """A plan of the one change that a person asked for; empty when it is so already."""
    snapshot = watching.glance(store, graph, account_id)
    seen = _find(snapshot, level, object_id)
    ref = Ref(level=level, id=seen.id, name=seen.name)
    change = _status(ref, seen, value) if field == "status" else _budget(ref, seen, value, snapshot.account.money)
    if change.before == change.after:
        note = f"{seen.name}: {change.field} is {change.after} already"
        plan = assemble(snapshot, policy, origin="person", changes=(), notes=(note,))
    else:
        plan = hand_plan(snapshot, policy, change)
    plans.save(store, plan)
    return plan


def plan_undo(store: Store, graph: Graph, account_id: str, policy: Policy, name: str) -> Plan:
    """A plan that takes back a change, or all that a plan changed, newest first."""
    made = [outcome for outcome in _named(store, name) if outcome.state == "applied"]
    if not made:
        raise Invalid(f"{name} made no change that could be taken back", try_next="adopt log")
    snapshot = watching.glance(store, graph, account_id)
    plan = undo_plan(snapshot, policy, map(_reversed, reversed(made)))
    plans.save(store, plan)
    return plan


def new_budget(text: str, now: Money, currency: Currency) -> Money:
    """The budget that `50`, `+20%`, `-20%` or `+5.00` makes of the present one; Invalid says what is allowed."""
    match = re.fullmatch(r"([+-]?)(\d+(?:\.\d+)?)(%?)", text.strip())
    if not match or (match[3] and not match[1]):
        raise Invalid(f"{text!r} is no budget; write an amount like 50 or 50.00, or a step like +20%, -20%, +5.00")
    sign, number, percent = match.groups()
    move = int(now * Decimal(number) / 100) if percent else currency.parse(number)
    after = {"": move, "+": now + move, "-": now - move}[sign]
    if after <= 0:
        raise Invalid(f"{text}: the budget would be {currency.show(after)}; it must stay above 0")
    return after


def _find(snapshot: Snapshot, level: Level, object_id: str) -> AdSet | Campaign:
    seen = objects_of(snapshot).get(object_id)
    if seen is None or isinstance(seen, AdSet) != (level == "adset"):
        noun = _NOUNS[level]
        raise Invalid(f"{snapshot.account.id} has no {noun} {object_id}", try_next=f"adopt {level} list")
    return seen


def _status(ref: Ref, seen: AdSet | Campaign, value: str) -> Change:
    return _by_hand(ref, "status", seen.status, value)


def _budget(ref: Ref, seen: AdSet | Campaign, value: str, currency: Currency) -> Change:
    held = budget_of(seen)
    if held is not None:
        return _by_hand(ref, budget_field(seen), held, new_budget(value, held, currency))
    if isinstance(seen, AdSet):
        raise Invalid(
            f"{seen.name} has no budget of its own; its campaign holds it",
            try_next=f"adopt campaign budget {seen.campaign_id} {value}",
        )
    raise Invalid(f"{seen.name} has no budget of its own; its ad sets do", try_next=f"adopt adset list {seen.id}")


def _by_hand(ref: Ref, field: Field, before: str | Money, after: str | Money) -> Change:
    return Change(object=ref, field=field, before=before, after=after, rule="by hand", sentence="You asked for it.")


def _named(store: Store, name: str) -> Sequence[Outcome]:
    """The outcomes that a change's or a plan's id, or the beginning of one, means."""
    if "." in name:
        return (changes.find(store, name),)
    return changes.of_plan(store, plans.find(store, name).id)


def _reversed(outcome: Outcome) -> Change:
    made = outcome.change
    return replace(made.reverse, rule="undo", sentence=f"Takes back {outcome.id} ({made.rule}).", trims=())
