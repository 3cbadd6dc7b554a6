"""An account whose polls are recorded and whose passes are run, without a server: a small world behind the store."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
from msgspec.structs import replace

from adopt.engine.judging import judge
from adopt.engine.planning import make_plan, with_verdicts
from adopt.engine.snapshot import Snapshot
from adopt.model import WINDOWS, Account, AdSet, Campaign, DailyInsights, Plan, Poll
from adopt.operations import watching
from adopt.policy import Policy, Target
from adopt.store import changes, plans, polls
from adopt.store.database import Store

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
ACCOUNT = Account(id="act_1", name="Shop", currency="USD", timezone="UTC")
POLICY = Policy(target=Target(cpa=Decimal(30)))
CPAS = (15.0, 30.0, 45.0, 90.0, 150.0, 400.0)  # of the ad sets, dollars; the target is 30
BACK_D = 12  # days behind the first poll


class World:
    """Six ad sets that spend $120 a day while they run; each poll is recorded as Meta would have shown it."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, START
        made = START - timedelta(days=60)
        self.ad_sets = {
            str(n): AdSet(
                id=str(n),
                name=f"Set {n}",
                campaign_id="c",
                status="ACTIVE",
                effective_status="ACTIVE",
                daily_budget=12_000,
                created=made,
                attribution="7d_click",
            )
            for n in range(len(CPAS))
        }
        self.cells: dict[tuple[str, date], tuple[int, int]] = {}  # spend and results
        for ago in range(BACK_D, 0, -1):
            self._deliver(START.date() - timedelta(days=ago), 1.0)
        self.seen = 0

    def wait(self, hours: float) -> "World":
        """Time goes by."""
        end = self.now + timedelta(hours=hours)
        while self.now < end:
            midnight = datetime.combine(self.now.date() + timedelta(days=1), datetime.min.time(), UTC)
            until = min(end, midnight)
            self._deliver(self.now.date(), (until - self.now) / timedelta(days=1))
            self.now = until
        return self

    def poll(self) -> Poll:
        """Meta is asked, and its answer recorded."""
        days = BACK_D if not self.seen else 3
        since = self.now.date() - timedelta(days=days)
        answer = Poll(
            account=ACCOUNT,
            as_of=self.now,
            since=since,
            until=self.now.date(),
            result="purchase",
            campaigns=(Campaign(id="c", name="C", status="ACTIVE", effective_status="ACTIVE"),),
            ad_sets=tuple(self.ad_sets.values()),
            insights=tuple(_row(id_, day, *cell) for (id_, day), cell in self.cells.items() if day >= since),
            backfilled=not self.seen,
        )
        self.seen = polls.record(self.store, answer)
        return replace(answer, id=self.seen)

    def decide(self, policy: Policy = POLICY) -> tuple[Snapshot, Plan]:
        """A pass that changes nothing, as `adopt plan` runs it."""
        snapshot = watching.snapshot(self.store, self.poll(), policy)
        verdicts = judge(snapshot, policy)
        plan = with_verdicts(make_plan(snapshot, verdicts, policy), verdicts)
        plans.save(self.store, plan)
        return snapshot, plan

    def optimize(self, policy: Policy = POLICY) -> tuple[Snapshot, Plan]:
        """A pass whose changes are made."""
        snapshot, plan = self.decide(policy)
        for place, change in enumerate(plan.changes, 1):
            id_ = changes.intend(self.store, plan.id, place, change, self.now).id
            changes.settle(self.store, id_, "applied", "", self.now)
            self.edit(change.object.id, **{change.field: change.after})
        plans.mark(self.store, plan.id, "applied", "engine", self.now)
        return snapshot, plan

    def edit(self, id_: str, **fields: object) -> None:
        """Somebody changes an ad set at Meta."""
        if "status" in fields:
            fields["effective_status"] = fields["status"]
        self.ad_sets[id_] = replace(self.ad_sets[id_], **fields)

    def run(self, passes: int, how: Callable[[], object], hours: float = 4.0) -> "World":
        """So many passes, each after a while."""
        for _ in range(passes):
            self.wait(hours)
            how()
        return self

    def _deliver(self, day: date, share: float) -> None:
        for n, ad_set in enumerate(self.ad_sets.values()):
            if ad_set.status != "ACTIVE":
                continue
            spend = round((ad_set.daily_budget or 0) * share)
            had = self.cells.get((ad_set.id, day), (0, 0))
            seed = np.random.default_rng([n, day.toordinal(), *had, spend])
            self.cells[ad_set.id, day] = had[0] + spend, had[1] + int(seed.poisson(spend / 100 / CPAS[n]))


def _row(ad_set: str, day: date, spend: int, results: int) -> DailyInsights:
    """A row whose results are the same in every window."""
    count = len(WINDOWS)
    return DailyInsights(
        ad_set=ad_set,
        date=day,
        spend=spend,
        impressions=spend,
        clicks=spend // 100,
        results=(results,) * count,
        revenue=(results * 6_000,) * count,
    )
