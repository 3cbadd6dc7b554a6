"""Verdicts and policy in, a plan out: rules propose, guardrails trim or refuse."""

from datetime import timedelta
from typing import Literal

from adopt.engine import delay, guardrails
from adopt.engine.presets import propose
from adopt.engine.snapshot import Snapshot
from adopt.engine.tracking import silent_tracking
from adopt.engine.written import Written
from adopt.model import Change, Plan, Refusal, Verdict, digest
from adopt.policy import Policy

_EXPIRES = timedelta(hours=24)


def make_plan(snapshot: Snapshot, verdicts: tuple[Verdict, ...], policy: Policy, most: int | None = None) -> Plan:
    """The engine's plan: what the listed rules propose, as far as the guardrails allow, most money first."""
    outage = silent_tracking(snapshot, delay.slow(policy.target.window))
    allowed, refused = guardrails.sift(propose(snapshot, verdicts, policy), snapshot, policy, outage)
    allowed.sort(key=lambda change: (-change.stake, change.object.id))
    kept, trimmed = guardrails.cap(allowed, snapshot, policy, most)
    return assemble(
        snapshot,
        policy,
        origin="engine",
        changes=tuple(kept),
        refusals=(*refused, *trimmed),
        verdicts=verdicts,
        notes=(*([outage] if outage else []), *Written(snapshot, policy).remarks()),
    )


def hand_plan(snapshot: Snapshot, policy: Policy, change: Change) -> Plan:
    """The plan of a person's own change: the money guardrails refuse it or let it pass whole, never trim it."""
    passed = guardrails.by_hand(change, snapshot, policy)
    if isinstance(passed, Refusal):
        return assemble(snapshot, policy, origin="person", changes=(), refusals=(passed,))
    return assemble(snapshot, policy, origin="person", changes=(passed,))


def assemble(
    snapshot: Snapshot,
    policy: Policy,
    *,
    origin: Literal["engine", "person", "undo"],
    changes: tuple[Change, ...],
    refusals: tuple[Refusal, ...] = (),
    verdicts: tuple[Verdict, ...] = (),
    notes: tuple[str, ...] = (),
) -> Plan:
    """A plan with its digest, moment and expiry."""
    account = snapshot.account
    return Plan(
        id=digest(account.id, snapshot.now, changes),
        account=account.id,
        currency=account.currency,
        timezone=account.timezone,
        made_at=snapshot.now,
        expires_at=snapshot.now + _EXPIRES,
        origin=origin,
        method=policy.decision.method,
        target=policy.target.show(account.money),
        attribution=policy.target.attribution,
        changes=changes,
        refusals=refusals,
        verdicts=verdicts,
        notes=notes,
        poll=snapshot.poll,
    )
