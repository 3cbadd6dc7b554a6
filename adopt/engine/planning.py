"""Verdicts and policy in, a plan out: rules propose, guardrails trim or refuse."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Literal

from adopt.engine import delay, guardrails
from adopt.engine.snapshot import Snapshot
from adopt.engine.tracking import silent_tracking
from adopt.model import AdSet, Campaign, Change, Money, Plan, Refusal, Verdict, digest
from adopt.policy import Policy, Preset, Rule, Share

_EXPIRES = timedelta(hours=24)
_SCALE_STEP = Share(1, 5)


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
        notes=(outage,) if outage else (),
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


def propose(snapshot: Snapshot, verdicts: Sequence[Verdict], policy: Policy) -> list[Change]:
    """One change an object at most, from the first listed rule that has one, in the fixed order of presets."""
    objects = guardrails.objects_of(snapshot)
    found: dict[str, Change] = {}
    for rule in sorted(policy.rule, key=lambda rule: _ORDER.index(rule.use)):
        for verdict in verdicts:
            change = _PRESETS[rule.use](rule, verdict, objects[verdict.object.id])
            if change:
                found.setdefault(verdict.object.id, change)
    return list(found.values())


def _stop(rule: Rule, verdict: Verdict, seen: AdSet | Campaign) -> Change | None:
    return _status(rule, verdict, seen, "PAUSED") if verdict.kind == "pause" else None


def _revive(rule: Rule, verdict: Verdict, seen: AdSet | Campaign) -> Change | None:
    return _status(rule, verdict, seen, "ACTIVE") if verdict.kind == "revive" else None


def _scale(rule: Rule, verdict: Verdict, seen: AdSet | Campaign) -> Change | None:
    field: Literal["daily_budget", "lifetime_budget"] = (
        "daily_budget" if seen.daily_budget is not None else "lifetime_budget"
    )
    before = getattr(seen, field)
    if verdict.kind != "scale" or before is None:
        return None
    after = raised(before, _SCALE_STEP)
    return _change(rule, verdict, field, before, after) if after > before else None


def raised(budget: Money, step: Share) -> Money:
    """A budget raised by a share, rounded down to a minor unit."""
    return int(budget * (1 + step))


def _status(rule: Rule, verdict: Verdict, seen: AdSet | Campaign, after: str) -> Change:
    return _change(rule, verdict, "status", seen.status, after)


def _change(
    rule: Rule,
    verdict: Verdict,
    field: Literal["status", "daily_budget", "lifetime_budget"],
    before: str | Money,
    after: str | Money,
) -> Change:
    return Change(
        object=verdict.object,
        field=field,
        before=before,
        after=after,
        rule=rule.name,
        sentence=verdict.sentence,
        stake=verdict.stake,
    )


_PRESETS: dict[Preset, Callable[[Rule, Verdict, AdSet | Campaign], Change | None]] = {
    "safe-stop": _stop,
    "revive": _revive,
    "scale-20": _scale,
}
_ORDER: tuple[Preset, ...] = ("safe-stop", "revive", "scale-20")
