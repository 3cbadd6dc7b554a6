"""Verdicts and policy in, a plan out: rules propose, guardrails trim or refuse."""

from collections.abc import Iterable
from datetime import timedelta

import numpy as np
from msgspec.structs import replace

from adopt.engine import delay, guardrails
from adopt.engine.presets import propose
from adopt.engine.snapshot import Snapshot
from adopt.engine.tracking import silent_tracking
from adopt.engine.verdicts import Verdicts
from adopt.engine.written import Written
from adopt.model import Change, Origin, Plan, Refusal, Verdict, digest
from adopt.policy import Policy

_EXPIRES = timedelta(hours=24)


def make_plan(snapshot: Snapshot, verdicts: Verdicts, policy: Policy, most: int | None = None) -> Plan:
    """The engine's plan: what the listed rules propose, as far as the guardrails allow, most money first.

    The verdicts are columns; `with_verdicts` spells them out where a plan is to be kept or shown.
    """
    outage = silent_tracking(snapshot, snapshot.curve or delay.slow(policy.target.window))
    allowed, refused = guardrails.sift(propose(snapshot, verdicts, policy), snapshot, policy, outage)
    allowed.sort(key=lambda change: (-change.stake, change.object.id))
    kept, trimmed = guardrails.cap(allowed, snapshot, policy, most)
    return assemble(
        snapshot,
        policy,
        origin="engine",
        changes=tuple(kept),
        refusals=(*refused, *trimmed),
        judged=len(verdicts) > 0,
        notes=(*([outage] if outage else []), *Written(snapshot, policy, verdicts).remarks()),
    )


def with_verdicts(plan: Plan, verdicts: Iterable[Verdict]) -> Plan:
    """The plan with the verdict of every object."""
    return replace(plan, verdicts=tuple(verdicts))


def promise(policy: Policy) -> str:
    """What the method holds to and under which assumptions; nothing while another rule may pause."""
    others = [spoken for rule in policy.rule if (spoken := rule.spoken(policy.about)) and spoken.does.deed == "pause"]
    if policy.decision.method != "evidence" or others:
        return ""
    horizon, nouns = policy.decision.horizon, policy.target.result.replace("_", " ") + "s"
    ahead = f"; the first {horizon:,} expected {nouns} can prove a pause, nothing after them can" if horizon else ""
    return (
        f"at most {policy.decision.alpha * 100:g} % of ad sets that meet the target are ever paused, however often "
        f"adopt looks, if results arrive with the measured delay and vary as the account's do{ahead}"
    )


def _delay(snapshot: Snapshot) -> str:
    """The delay curve in a phrase."""
    curve = snapshot.curve
    if curve is None:
        return ""
    day = float(curve.reported(np.array([24.0]))[0])
    source = f"learned from {curve.conversions:,.0f} results"
    if curve.assumed:
        source = "a slow default, until enough results teach the account's own"
    return f"{day:.0%} of results within 24 h of the click: {source}".replace("%", " %")


def hand_plan(snapshot: Snapshot, policy: Policy, change: Change) -> Plan:
    """The plan of a person's own change: the money guardrails refuse it or let it pass whole, never trim it."""
    passed = guardrails.by_hand(change, snapshot, policy)
    if isinstance(passed, Refusal):
        return assemble(snapshot, policy, origin="person", changes=(), refusals=(passed,))
    return assemble(snapshot, policy, origin="person", changes=(passed,))


def undo_plan(snapshot: Snapshot, policy: Policy, changes: Iterable[Change]) -> Plan:
    """The plan that takes changes back: each whole, or refused where the policy would not have it so today."""
    passed, refused = guardrails.taking_back(changes, snapshot, policy)
    return assemble(snapshot, policy, origin="undo", changes=tuple(passed), refusals=tuple(refused))


def assemble(
    snapshot: Snapshot,
    policy: Policy,
    *,
    origin: Origin,
    changes: tuple[Change, ...],
    refusals: tuple[Refusal, ...] = (),
    judged: bool = False,
    notes: tuple[str, ...] = (),
) -> Plan:
    """A plan with its digest, moment and expiry."""
    account, expires = snapshot.account, snapshot.now + _EXPIRES
    return Plan(
        id=digest(account.id, snapshot.now, expires, origin, changes),
        account=account.id,
        currency=account.currency,
        timezone=account.timezone,
        made_at=snapshot.now,
        expires_at=expires,
        origin=origin,
        method=policy.decision.method,
        target=policy.target.show(account.money),
        attribution=policy.target.attribution,
        changes=changes,
        refusals=refusals,
        notes=notes,
        promise=promise(policy) if judged else "",
        delay=_delay(snapshot) if judged else "",
        poll=snapshot.poll,
    )
