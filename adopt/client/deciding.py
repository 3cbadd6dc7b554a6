"""The main job: plan, apply, undo, and a person's own changes."""

from collections.abc import Sequence

from adopt.client.opening import NO_TARGET, Opens
from adopt.errors import Invalid, Refused
from adopt.model import Level, Outcome, Plan


class Deciding(Opens):
    """What may come of an account, and what is made of it."""

    def plan(self, cpa: str | None = None, roas: str | None = None, most: int | None = None) -> Plan:
        """What would change now; the poll is kept, nothing is changed."""
        from adopt.operations.deciding import decide

        with self._at_work() as (store, graph):
            return decide(store, graph, self.settings.require_account(), self.policy(cpa, roas), most)

    def optimize(
        self, cpa: str | None = None, roas: str | None = None, most: int | None = None
    ) -> tuple[Plan, tuple[Outcome, ...]]:
        """Poll, judge, plan, and apply what the policy's autonomy lets pass; in shadow, nothing."""
        from adopt.operations.applying import apply, require_no_hold
        from adopt.operations.deciding import decide
        from adopt.operations.shadowing import decide_in_shadow
        from adopt.operations.telling import note_waiting

        policy = self.policy(cpa, roas)
        with self._telling("optimize"), self._at_work() as (store, graph):
            require_no_hold(store)
            account = self.settings.require_account()
            if policy.decision.autonomy == "shadow":
                return decide_in_shadow(store, graph, account, policy, most), ()
            plan = decide(store, graph, account, policy, most)
            if policy.decision.autonomy == "apply":
                return plan, apply(store, graph, plan)
            note_waiting(store, plan)
            return plan, ()

    def apply(self, plan: Plan) -> tuple[Outcome, ...]:
        """Carry out a plan of this account."""
        from adopt.operations.applying import apply

        account = self.settings.require_account()
        if plan.is_shadow:
            raise Refused(
                f"plan {plan.id} was made in shadow: it takes earlier changes for made that were not",
                try_next="adopt plan, then adopt apply",
            )
        if plan.account != account:
            raise Invalid(f"plan {plan.id} is of {plan.account}, not of {account}", try_next=f"add -a {plan.account}")
        with self._at_work() as (store, graph):
            return apply(store, graph, plan)

    def hand_plan(self, level: Level, object_id: str, field: str, value: str) -> Plan:
        """The plan of one change a person asks for: `status` ACTIVE or PAUSED, `budget` 50, +20%, -5.00."""
        from adopt.operations.hand import plan_by_hand

        with self._at_work() as (store, graph):
            account, policy = self.settings.require_account(), self._policy_or_none() or NO_TARGET
            return plan_by_hand(store, graph, account, policy, level, object_id, field, value)

    def undo_plan(self, name: str) -> Plan:
        """The plan that takes back a change or a plan."""
        from adopt.operations.hand import plan_undo

        with self._at_work() as (store, graph):
            account, policy = self.settings.require_account(), self._policy_or_none() or NO_TARGET
            return plan_undo(store, graph, account, policy, name)

    def refuse_plan(self, name: str, reason: str = "") -> Plan:
        """A plan that waits, refused for good."""
        from adopt.operations import choosing

        with self._store() as store:
            return choosing.refuse(store, self.settings.require_account(), name, reason, self.clock()[1])

    def subset_plan(self, name: str, changes: Sequence[str]) -> Plan:
        """The plan of some changes of one that waits, by their ids or numbers; it stands in for the whole."""
        from adopt.operations import choosing

        with self._store() as store:
            return choosing.part(store, self.settings.require_account(), name, changes, self.clock()[1])
