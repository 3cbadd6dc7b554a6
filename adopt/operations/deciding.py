"""Make a plan: what the engine would change now, and why it leaves the rest alone."""

from adopt.engine.judging import judge
from adopt.engine.planning import make_plan, with_verdicts
from adopt.graph.client import Graph
from adopt.model import Plan
from adopt.operations import watching
from adopt.policy import Policy
from adopt.store import activity, plans
from adopt.store.database import Store


def decide(store: Store, graph: Graph, account_id: str, policy: Policy, most: int | None = None) -> Plan:
    """Poll, judge and plan; the plan is kept and nothing is changed."""
    poll = watching.poll(store, graph, account_id, policy.target)
    snapshot = watching.with_ads(graph, watching.snapshot(store, poll, policy), policy)
    verdicts = judge(snapshot, policy)
    return keep(store, with_verdicts(make_plan(snapshot, verdicts, policy, most), verdicts))


def keep(store: Store, plan: Plan) -> Plan:
    """The plan of a pass kept, in the place of those that still wait, and told in the log."""
    plans.save(store, plan)
    plans.supersede(store, plan.account, "a newer plan", plan.made_at, keep=plan.id)
    activity.append(store, plan.made_at, plan.account, "plan", "info", _summary(plan), data={"plan": plan.id})
    for note in plan.notes:
        activity.append(store, plan.made_at, plan.account, "note", "warning", note)
    return plan


def _summary(plan: Plan) -> str:
    made = "shadow plan" if plan.is_shadow else "plan"
    sets = sum(verdict.object.level == "adset" for verdict in plan.verdicts)
    return f"{made} {plan.id}: {len(plan.changes)} changes, {len(plan.refusals)} refused, {sets} ad sets judged"
