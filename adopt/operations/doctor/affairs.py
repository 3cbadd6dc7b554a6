"""What is under way: the red button, autonomy, plans that wait, changes in doubt."""

from collections.abc import Iterator

from adopt.model import Finding
from adopt.operations.doctor.patient import Patient, finding
from adopt.store import changes
from adopt.store import hold as button
from adopt.store import plans as kept


def hold(patient: Patient) -> Iterator[Finding]:
    """Whether the red button is pressed."""
    if patient.store is None:
        return
    held = button.hold(patient.store)
    if held:
        said = f"on hold since {patient.local(held.at)}: {held.reason}"
        yield finding(hold, "warning", said, why="no change is made", do="adopt hold off")
    else:
        yield finding(hold, "ok", "off")


def autonomy(patient: Patient) -> Iterator[Finding]:
    """Whether what is decided is done."""
    if patient.policy is None:
        return
    said = {
        "apply": ("ok", "apply: what passes the guardrails is done", "", ""),
        "approve": ("note", "approve: plans wait for a yes", "nothing is done by itself", "adopt apply PLAN"),
        "shadow": ("note", "shadow: plans are scored, not made", "nothing is done at all", "adopt rule score"),
    }
    level, what, why, do = said[patient.policy.decision.autonomy]
    yield finding(autonomy, level, what, why=why, do=do)  # type: ignore[arg-type] # they are levels


def plans(patient: Patient) -> Iterator[Finding]:
    """Whether a plan was approved and not applied, or waits."""
    if patient.store is None or patient.settings.account is None:
        return
    for plan in kept.recent(patient.store, patient.settings.account, limit=-1, state="approved"):
        what = f"plan {plan.id} of {patient.local(plan.made_at)} was approved and never applied"
        expired = plan.expires_at < patient.now
        do = "adopt plan" if expired else f"adopt apply {plan.id}"
        fix = f"close plan {plan.id}: it is too old to be applied" if expired else ""
        yield finding(plans, "warning", what, why="what somebody said yes to was not done", do=do, fix=fix)
    waiting = kept.recent(patient.store, patient.settings.account, limit=1, state="waiting")
    for plan in (plan for plan in waiting if plan.changes and plan.expires_at >= patient.now):
        what = f"plan {plan.id} of {patient.local(plan.made_at)} waits, with {plan.changes} changes"
        yield finding(plans, "note", what, do=f"adopt apply {plan.id}")


def doubts(patient: Patient) -> Iterator[Finding]:
    """Whether the outcome of a write is not known."""
    if patient.store is None or patient.settings.account is None:
        return
    found = changes.in_doubt(patient.store, patient.settings.account)
    if not found:
        yield finding(doubts, "ok", "no change is in doubt")
        return
    names = ", ".join(one.id for one in found[:5])
    yield finding(
        doubts,
        "warning",
        f"{len(found)} change{'s' * (len(found) != 1)} in doubt: {names}",
        why="it was sent and no answer came; it is looked up, never sent again",
        do="adopt plan looks them up",
        fix="" if patient.graph is None else "look them up at Meta, and write nothing there",
    )
