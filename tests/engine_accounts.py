"""Accounts made up for the engine: a few lines make a snapshot, and strategies make many."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import strategies as st
from msgspec.structs import replace

from adopt.engine.snapshot import Days, Snapshot
from adopt.model import Account, AdSet, Campaign, History
from adopt.policy import Decision, Guardrails, Matcher, Policy, Rule, Share, Target

NOW = datetime(2026, 3, 10, 12, tzinfo=ZoneInfo("America/New_York"))
TODAY = NOW.toordinal()
ACCOUNT = Account(id="act_1", name="Shop 🛍", currency="USD", timezone="America/New_York")
WILSON = Decision(method="wilson")
RULES = (
    Rule(name="stop losers", use="safe-stop"),
    Rule(name="bring back", use="revive"),
    Rule(name="scale winners", use="scale-20"),
)
CPA_30 = Policy(target=Target(cpa=Decimal(30)), decision=WILSON, rule=RULES)
ROAS_2 = Policy(target=Target(roas=Decimal(2)), decision=WILSON, rule=RULES)


class Row(NamedTuple):
    """The insights of one ad set on one day, `ago` days before today; money in minor units."""

    ad_set: int
    ago: int
    spend: float
    clicks: float
    results: float
    revenue: float = 0.0


def days(rows: Iterable[Row]) -> Days:
    """The rows as columns."""
    table = np.array([tuple(row) for row in rows], dtype=np.float64).reshape(-1, 6)
    place, ago = table[:, :2].astype(np.int64).T
    return Days(place, TODAY - ago, table[:, 2], table[:, 3] * 80, *table[:, 3:].T)


def ad_set(id_: str = "1", **more: Any) -> AdSet:
    """An ad set that runs on $100 a day, long since."""
    status = more.get("status", "ACTIVE")
    known = {"name": f"Set {id_}", "campaign_id": "c", "status": status, "effective_status": status}
    born = {"created": NOW - timedelta(days=90), "daily_budget": 10_000}
    return AdSet(id=id_, **{**known, **born, **more})


def campaign(id_: str = "c", **more: Any) -> Campaign:
    """A campaign that runs; its ad sets hold the budgets."""
    status = more.get("status", "ACTIVE")
    return Campaign(id=id_, **{"name": f"Campaign {id_}", "status": status, "effective_status": status, **more})


def snapshot(ad_sets: Sequence[AdSet] = (), rows: Iterable[Row] = (), **more: Any) -> Snapshot:
    """An account at noon."""
    known: dict[str, Any] = {"account": ACCOUNT, "now": NOW, "campaigns": (campaign(),), "histories": {}}
    return Snapshot(**{**known, "ad_sets": tuple(ad_sets), "days": days(rows), **more})


def one(*rows: tuple[float, ...], **more: Any) -> Snapshot:
    """An account of one ad set with a row a day of (spend, clicks, results, revenue), all more than a week old."""
    return snapshot([ad_set(**more)], [Row(0, 10 + n, *row) for n, row in enumerate(rows)])


LOSER = (100_000.0, 1_000.0, 5.0, 10_000.0)  # $200 a result, ROAS 0.1
WINNER = (100_000.0, 1_000.0, 100.0, 600_000.0)  # $10 a result, ROAS 6
CLOSE = (30_000.0, 300.0, 10.0, 60_000.0)  # exactly on $30 and on ROAS 2


def ordinary(more_rows: Sequence[Row] = (), **more: Any) -> Snapshot:
    """Four ad sets: a loser, a winner, one on target, one too young to say."""
    figures = [LOSER, WINNER, CLOSE, (2_000.0, 30.0, 0.0)]
    rows = [Row(n, 10, *one) for n, one in enumerate(figures)]
    return snapshot([ad_set(str(n)) for n in range(4)], [*rows, *more_rows], **more)


# -- many accounts ------------------------------------------------------------------------------

rows_of = st.builds(
    lambda ago, clicks, cpc, rate, value: (
        ago,
        float(clicks * cpc),
        float(clicks),
        float(round(clicks * rate)),
        float(round(clicks * rate) * value),
    ),
    ago=st.integers(0, 30),
    clicks=st.integers(0, 3_000),
    cpc=st.integers(1, 400),
    rate=st.sampled_from([0.0, 0.001, 0.01, 0.03, 0.05, 0.1, 0.3, 1.2]),
    value=st.sampled_from([0, 100, 3_000, 6_000, 20_000]),
)
corrections = st.builds(
    lambda ago, spend, clicks, results, revenue: (ago, float(spend), float(clicks), float(results), float(revenue)),
    ago=st.integers(0, 30),
    spend=st.integers(-2_000, 2_000),
    clicks=st.integers(-5, 20),
    results=st.integers(-5, 5),
    revenue=st.integers(-20_000, 20_000),
)
names = st.one_of(st.text(max_size=12), st.sampled_from(["DNT 🔒", "a\x1b[31mred\x00", "nul\u202elur", ""]))
moments = st.one_of(st.none(), st.none(), st.integers(0, 200).map(lambda hours: NOW - timedelta(hours=hours)))
histories = st.builds(
    History,
    base=st.one_of(st.none(), st.integers(100, 200_000)),
    paused_by=st.sampled_from(["adopt", "adopt", "person", None]),
    touched=moments,
    revived=moments,
    budget_day_ago=st.one_of(st.none(), st.integers(100, 100_000)),
    budget_edits=st.integers(0, 5),
)
budgets = st.one_of(st.integers(1, 300), st.integers(100, 100_000))


@st.composite
def accounts(draw: st.DrawFn, *, most: int = 6) -> Snapshot:
    """Any account: budgets of ad sets and of campaigns, pauses by anybody, corrections, gaps, odd names."""
    count = draw(st.integers(0, most))
    campaigns = tuple(
        campaign(
            f"c{n}",
            name=draw(names),
            status=draw(st.sampled_from(["ACTIVE", "ACTIVE", "PAUSED"])),
            daily_budget=draw(st.sampled_from([None, None, 5_000, 40_000])),
        )
        for n in range(2)
    )
    ad_sets, rows = [], []
    for n in range(count):
        parent = draw(st.sampled_from(campaigns))
        status = draw(st.sampled_from(["ACTIVE", "ACTIVE", "PAUSED"]))
        effective = "CAMPAIGN_PAUSED" if status == "ACTIVE" and parent.status == "PAUSED" else status
        ad_sets.append(
            ad_set(
                f"{n}",
                name=draw(names),
                campaign_id=parent.id,
                status=status,
                effective_status=effective,
                daily_budget=None if parent.daily_budget is not None else draw(budgets),
                created=draw(moments),
                learning=draw(st.sampled_from([None, "LEARNING", "SUCCESS"])),
            )
        )
        rows += [Row(n, *row) for row in draw(st.lists(st.one_of(rows_of, rows_of, corrections), max_size=5))]
    known = [*(a.id for a in ad_sets), *(c.id for c in campaigns)]
    past = {id_: draw(histories) for id_ in known if draw(st.integers(0, 3))}
    past = {id_: replace(h, paused_by=None) if id_.startswith("c") else h for id_, h in past.items()}
    return snapshot(ad_sets, rows, campaigns=campaigns, histories=past, looked=draw(moments))


shares = st.sampled_from([0, 1, 20, 50, 100, 900]).map(lambda percent: Share(percent, 100))
amounts = st.one_of(st.none(), st.integers(1, 2_000).map(Decimal))


@st.composite
def rails(draw: st.DrawFn) -> Guardrails:
    """Any guardrails."""
    floor, ceiling = draw(amounts), draw(amounts)
    if floor and ceiling and floor > ceiling:
        floor, ceiling = ceiling, floor
    never = ["name ~ 'DNT'", "id == '1'", "campaign == 'c1'", "name ~ '^$'"]
    return Guardrails(
        never_touch=tuple(Matcher.parse(text) for text in draw(st.lists(st.sampled_from(never), max_size=2))),
        min_daily_budget=floor,
        max_daily_budget=ceiling,
        max_account_daily_budget=draw(amounts),
        max_step=draw(shares),
        max_step_24h=draw(shares),
        max_account_step_24h=draw(shares),
        max_changes_per_plan=draw(shares),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any policy."""
    target = draw(st.sampled_from([CPA_30.target, ROAS_2.target]))
    decision = Decision(
        method="wilson",
        confidence=draw(st.sampled_from([0.5, 0.8, 0.95, 0.999])),
        min_clicks=draw(st.sampled_from([0, 10, 100])),
        min_spend=draw(st.sampled_from([0.0, 1.0, 3.0])),
        one_look_a_day=draw(st.booleans()),
    )
    return Policy(target=target, decision=decision, guardrails=draw(rails()), rule=RULES)
