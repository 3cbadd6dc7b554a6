"""Shadow autonomy: decide as if the earlier decisions had been carried out, write nothing, and score it later."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec.structs import replace

from adopt.engine.replay import Course, fold, step
from adopt.errors import Invalid
from adopt.graph.client import Graph
from adopt.model import Account, Hindsight, Plan, WouldBe
from adopt.operations import examining, watching
from adopt.operations.deciding import keep
from adopt.policy import Policy
from adopt.store import plans, polls
from adopt.store.database import Store


def decide_in_shadow(store: Store, graph: Graph, account_id: str, policy: Policy, most: int | None = None) -> Plan:
    """Poll, judge and plan; the plan is kept to be scored, and nothing is written to Meta."""
    poll = watching.poll(store, graph, account_id, policy.target)
    snapshot = watching.with_ads(graph, watching.snapshot(store, poll, policy), policy)
    done = step(snapshot, policy, course(store, snapshot.account, policy), most)
    return keep(store, replace(done.plan, is_shadow=True))


def score(store: Store, account_id: str, policy: Policy) -> Hindsight:
    """What was decided in shadow under this target, since adopt last acted by itself, by what came after."""
    known = polls.headers(store, account_id, policy.target.result)
    made = plans.shadows(store, account_id)
    if not known or not made:
        raise Invalid(
            f"nothing was decided in shadow in {account_id}",
            try_next='autonomy = "shadow" in the policy, adopt optimize for some days, then adopt rule score',
        )
    end = examining.end_of(store, known[-1], policy)
    kept = _since_acting(store, end.snapshot.account, policy)
    told = list(_told(store, kept, end))
    return examining.hindsight("shadow", told, end, policy, known, _notes(len(made) - len(kept)))


def score_of(store: Store, account_id: str, object_id: str, policy: Policy) -> tuple[WouldBe, ...]:
    """What was decided in shadow of one object, by what came after."""
    last = polls.latest(store, account_id, policy.target.result)
    if last is None:
        return ()
    end = examining.end_of(store, last, policy)
    kept = _since_acting(store, end.snapshot.account, policy)
    cases = (case for told in _told(store, kept, end, object_id) for case in told.cases)
    return examining.examine([case for case in cases if case.change.object.id == object_id], end, policy)


def _told(store: Store, kept: Iterable[Plan], end: examining.End, about: str | None = None) -> Iterator[examining.Told]:
    """The passes with the evidence of their changes; of one object's alone, if it is said, since verdicts are long."""
    so_far = Course()
    for plan in kept:
        parted = _still_parted(so_far, end, plan.made_at)
        wanted = any(about in (None, change.object.id) for change in plan.changes)
        yield examining.told(plans.find(store, plan.id) if wanted else plan, parted)
        so_far = fold(so_far, plan)


def _still_parted(course: Course, end: examining.End, now: datetime) -> frozenset[str]:
    """The objects that would have been changed, and that nobody has changed since."""
    return frozenset(
        id_
        for (id_, field), one in course.departures.items()
        if not any(
            setting.is_budget == (field != "status") and one.would[0][0] <= setting.at <= now
            for setting in end.settings.get(id_, ())
        )
    )


def course(store: Store, account: Account, policy: Policy) -> Course:
    """Where the shadow passes so far have led."""
    so_far = Course()
    for plan in _since_acting(store, account, policy):
        so_far = fold(so_far, plan)
    return so_far


def _since_acting(store: Store, account: Account, policy: Policy) -> list[Plan]:
    """The shadow plans of this target, oldest first, behind the last plan that was carried out."""
    acted = plans.last_applied(store, account.id)
    target = policy.target.show(account.money)
    return [plan for plan in plans.shadows(store, account.id) if _counts(plan, acted, target, policy)]


def _counts(plan: Plan, acted: datetime | None, target: str, policy: Policy) -> bool:
    is_same = plan.target == target and plan.attribution == policy.target.attribution
    return is_same and (acted is None or plan.made_at > acted)


def _notes(left_out: int) -> tuple[str, ...]:
    if not left_out:
        return ()
    return (f"{left_out} earlier shadow passes are left out: another target, or adopt has acted by itself since",)
