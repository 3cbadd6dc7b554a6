"""What a person makes of a plan that waits: refuses it, or takes a part of it."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from adopt.errors import Invalid, Refused
from adopt.model import Change, Plan, digest
from adopt.store import activity, plans
from adopt.store.database import Store, transaction
from adopt.store.plans import PlanHeader


def refuse(store: Store, account_id: str, name: str, reason: str, at: datetime) -> Plan:
    """The plan refused for good, and why told in the log."""
    with transaction(store):
        header = _waiting(store, account_id, name)
        plans.mark(store, header.id, "refused", reason or "by hand", at)
        said = f"plan {header.id} was refused{f': {reason}' if reason else ''}"
        activity.append(
            store, at, account_id, "plan", "info", said, data={"plan": header.id, "refused": True, "reason": reason}
        )
    return plans.find(store, header.id)


def part(store: Store, account_id: str, name: str, ids: Sequence[str], at: datetime) -> Plan:
    """A plan of some changes of another, which it stands in for; `ids` are those of the changes, or their numbers.

    Every guardrail that let the whole pass lets a part of it pass: none counts what another change takes away.
    """
    with transaction(store):
        whole = plans.find(store, _waiting(store, account_id, name).id)
        chosen = tuple(_chosen(whole, ids))
        if len(chosen) == len(whole.changes):
            return whole
        id_ = digest(whole.account, whole.made_at, whole.expires_at, whole.origin, chosen)
        kept = replace(whole, id=id_, changes=chosen, notes=(*whole.notes, f"a part of plan {whole.id}"))
        plans.save(store, kept)
        plans.mark(store, whole.id, "superseded", f"its part {id_}", at)
        said = f"plan {id_}: {len(chosen)} of the {len(whole.changes)} changes of plan {whole.id}"
        activity.append(store, at, account_id, "plan", "info", said, data={"plan": id_, "whole": whole.id})
    return kept


def _waiting(store: Store, account_id: str, name: str) -> PlanHeader:
    """The plan that is meant; Refused where it no longer waits."""
    header = plans.header(store, name)
    if header.account != account_id:
        raise Invalid(f"plan {header.id} is of {header.account}, not of {account_id}", try_next="-a ACCOUNT")
    if header.state not in ("waiting", "approved"):
        raise Refused(f"plan {header.id} no longer waits: it is {header.state}", try_next="adopt plan")
    return header


def _chosen(plan: Plan, ids: Sequence[str]) -> list[Change]:
    """The changes with these ids, in the plan's order."""
    known = {f"{plan.id}.{n}": change for n, change in enumerate(plan.changes, 1)}
    wanted = {name if "." in name else f"{plan.id}.{name}" for name in ids}
    if unknown := sorted(wanted - set(known)):
        raise Invalid(f"plan {plan.id} has no change {', '.join(unknown)}; it has 1 to {len(known)}")
    if not wanted:
        raise Invalid(f"no change of plan {plan.id} was chosen", try_next="refuse the plan, or choose some")
    return [change for id_, change in known.items() if id_ in wanted]
