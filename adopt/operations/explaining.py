"""Why an object was changed or left alone, at the last pass or at any before it: the verdict, the guards, the rest."""

from datetime import datetime

from adopt.engine.alternatives import instead
from adopt.engine.guardrails import MONEY, PATIENCE, never_touch
from adopt.errors import Invalid
from adopt.model import Change, Currency, Guard, Outcome, Plan, Ref, Refusal, Verdict, Why
from adopt.store import changes, plans
from adopt.store.database import Store

_ENGINE = tuple(rail.__name__ for rail in (*PATIENCE, *MONEY))
_PERSON = tuple(rail.__name__ for rail in (never_touch, *MONEY))


def why(store: Store, account_id: str, name: str, at: datetime | None = None) -> Why:
    """All that is known of an ad set or campaign, by the last pass or the last one by then; or of one change."""
    if "." in name:
        return _of_change(store, account_id, name, at)
    outcomes = tuple(one for one in changes.of_object(store, name)[::-1] if at is None or one.at <= at)
    plan = plans.latest_judging(store, account_id, at)
    verdict = _verdict(plan, name)
    if plan is None or not (outcomes or verdict):
        raise Invalid(_unknown(store, account_id, name, at), try_next="adopt plan, then adopt why ID")
    proposed = next((change for change in plan.changes if change.object.id == name), None)
    return _explain(plan, name, proposed, verdict, outcomes, at)


def _of_change(store: Store, account_id: str, name: str, at: datetime | None) -> Why:
    """What is known of a change, made or only planned, with the verdict of its pass or of the last one before it."""
    prefix, _, ordinal = name.partition(".")
    plan = plans.find(store, prefix)
    if at is not None:
        raise Invalid(
            f"--at is for an object; {name} is a change of {plan.made_at:%Y-%m-%d %H:%M}", try_next=f"adopt why {name}"
        )
    if not (ordinal.isdigit() and 1 <= int(ordinal) <= len(plan.changes)):
        there = f"1 to {len(plan.changes)}" if plan.changes else "none"
        raise Invalid(f"plan {plan.id} has no change {ordinal}; it has {there}", try_next="adopt log")
    change = plan.changes[int(ordinal) - 1]
    judging = plan if plan.verdicts else plans.latest_judging(store, account_id, plan.made_at)
    outcomes = changes.of_object(store, change.object.id)[::-1]
    return _explain(plan, change.object.id, change, _verdict(judging, change.object.id), outcomes, None)


def _explain(  # what an explanation is made of, one by one
    plan: Plan,
    subject: str,
    change: Change | None,
    verdict: Verdict | None,
    outcomes: tuple[Outcome, ...],
    at: datetime | None,
) -> Why:
    refusals = tuple(refusal for refusal in plan.refusals if refusal.change.object.id == subject)
    return Why(
        object=verdict.object if verdict else _ref(subject, change, outcomes),
        verdict=verdict,
        plan=plan.id,
        made_at=plan.made_at,
        proposed=change,
        refusals=refusals,
        outcomes=outcomes,
        target=plan.target,
        attribution=plan.attribution,
        currency=plan.currency,
        timezone=plan.timezone,
        at=at,
        guards=_guards(plan, change, refusals),
        instead=instead(verdict, change, Currency(plan.currency)) if verdict else "",
        is_shadow=plan.is_shadow,
    )


def _guards(plan: Plan, change: Change | None, refusals: tuple[Refusal, ...]) -> tuple[Guard, ...]:
    """The guardrails in the order in which they stand, as far as the proposed change came."""
    if plan.origin == "undo" or (change is None and not refusals):
        return ()
    rails = _PERSON if plan.origin == "person" else _ENGINE
    if change is not None:
        return tuple(Guard(name=name, outcome="trimmed" if name in change.trims else "passed") for name in rails)
    refused = refusals[0]
    before = rails[: rails.index(refused.guardrail)] if refused.guardrail in rails else rails
    last = Guard(name=refused.guardrail, outcome="refused", sentence=refused.sentence)
    return (*(Guard(name=name, outcome="passed") for name in before), last)


def _verdict(plan: Plan | None, subject: str) -> Verdict | None:
    return next((verdict for verdict in plan.verdicts if verdict.object.id == subject), None) if plan else None


def _unknown(store: Store, account_id: str, name: str, at: datetime | None) -> str:
    """That nothing is known, and from when on something is."""
    first = plans.first_judging(store, account_id)
    if at is None or first is None:
        return f"nothing is known of {name} in {account_id}"
    then, began = (f"{moment.astimezone(at.tzinfo):%Y-%m-%d %H:%M}" for moment in (at, first))
    return f"nothing was known of {name} in {account_id} at {then}; the first pass was at {began}"


def _ref(subject: str, change: Change | None, outcomes: tuple[Outcome, ...]) -> Ref:
    if change:
        return change.object
    return outcomes[0].change.object if outcomes else Ref(level="adset", id=subject, name=subject)
