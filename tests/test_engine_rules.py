"""Rules over columns: beside an oracle that reads one ad set at a time, and what they say they saw."""

import math
import re
from collections.abc import Sequence

import numpy as np
import pytest
from engine_accounts import ACCOUNT, CPA_30, NOW, ROAS_2, TODAY, Row, accounts, ad_set, campaign, snapshot
from hypothesis import given
from hypothesis import strategies as st

from adopt.engine import scenes
from adopt.engine.columns import Columns, ranks
from adopt.engine.delay import slow
from adopt.engine.rules import Seen, evaluate
from adopt.engine.snapshot import Snapshot, ad_set_refs, totals
from adopt.engine.wilson import judge_wilson
from adopt.language.checking import check
from adopt.language.parser import parse
from adopt.language.syntax import Amount, Binary, Figure, Length, Node, Number, Rank, Text, Unary, Unreadable, show
from adopt.model import History
from adopt.policy import Policy

# -- an oracle ----------------------------------------------------------------------------------


class Oracle:
    """The same language, one ad set and one row at a time, in plain Python."""

    def __init__(self, seen: Snapshot, policy: Policy) -> None:
        self.seen, self.policy, days = seen, policy, seen.days
        names = ("object", "date", "spend", "impressions", "clicks", "results", "revenue")
        self.rows = list(zip(*(getattr(days, name).tolist() for name in names), strict=True))

    def truth(self, node: Node, n: int) -> bool | None:
        """Yes, no or not known."""
        match node:
            case Unary():
                inner = self.truth(node.operand, n)
                return None if inner is None else not inner
            case Binary(op="and" | "or" as op):
                sides = [self.truth(node.left, n), self.truth(node.right, n)]
                decides = op == "or"
                return decides if decides in sides else (None if None in sides else not decides)
            case Binary(op="~"):
                return any(re.search(node.right.value, text) for text in self.texts(node.left, n))
            case Binary(right=Text()):
                return (node.right.value in self.texts(node.left, n)) == (node.op == "==")
            case Binary():
                left, right = self.value(node.left, n), self.value(node.right, n)
                signs = {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}
                signs |= {"==": left == right, "!=": left != right}
                return None if math.isnan(left) or math.isnan(right) else signs[node.op]
        return self.seen.ad_sets[n].learning == "LEARNING"

    def texts(self, node: Figure, n: int) -> list[str]:
        one = self.seen.ad_sets[n]
        parent = [c.name for c in self.seen.campaigns if c.id == one.campaign_id]
        return [one.campaign_id, *parent] if node.name == "campaign" else [getattr(one, node.name)]

    def value(self, node: Node, n: int) -> float:
        match node:
            case Number() | Length():
                return node.value if isinstance(node, Number) else node.days
            case Amount() | Unary():
                return self.value(node.operand, n) * (100 if isinstance(node, Amount) else -1)
            case Rank() | Figure():
                return self.rank(node, n) if isinstance(node, Rank) else self.figure(node, n)
        left, right = self.value(node.left, n), self.value(node.right, n)
        if node.op == "/":
            return left / right if right else math.nan
        return {"+": left + right, "-": left - right, "*": left * right}[node.op]

    def rank(self, node: Rank, n: int) -> float:
        own = self.figure(node.of, n)
        best = -1 if node.of.name in ("cpa", "cpc", "cpm") else 1
        group = [m for m, one in enumerate(self.seen.ad_sets) if node.within == "account" or self.siblings(n, m)]
        better = sum(best * self.figure(node.of, m) > best * own for m in group)
        return math.nan if math.isnan(own) else better + 1

    def siblings(self, n: int, m: int) -> bool:
        return self.seen.ad_sets[n].campaign_id == self.seen.ad_sets[m].campaign_id

    def figure(self, node: Figure, n: int) -> float:
        one, past = self.seen.ad_sets[n], self.seen.history(self.seen.ad_sets[n].id)
        own = one.daily_budget if one.daily_budget is not None else math.nan
        fixed = {
            "budget": own,
            "base": own if past.base is None else past.base,
            "age": math.nan if one.created is None else (NOW - one.created).total_seconds() / 86400,
            "target": 3000.0 if self.policy is CPA_30 else 2.0,
        }
        if node.name in fixed:
            return fixed[node.name]
        group = [m for m in range(len(self.seen.ad_sets)) if node.part == "account" or self.siblings(n, m)]
        spend, impressions, clicks, results, revenue = map(sum, self.sums(node, group if node.part else [n]))
        over = {
            "ctr": (clicks, impressions),
            "cvr": (results, clicks),
            "cpc": (spend, clicks),
            "cpm": (1000 * spend, impressions),
            "cpa": (spend, results),
            "roas": (math.nan if results > 0 >= revenue else revenue, spend),
            "aov": (math.nan if results > 0 >= revenue else revenue, results),
        }
        if node.name not in over:
            sums = {"spend": spend, "impressions": impressions, "clicks": clicks, "revenue": revenue}
            return sums.get(node.name, results)
        above, below = over[node.name]
        return above / below if below > 0 else math.nan

    def sums(self, node: Figure, group: Sequence[int]) -> list[list[float]]:
        found = [row[2:] for row in self.rows if row[0] in group and self.is_in(node.window, row[0], row[1])]
        return [[row[n] for row in found] for n in range(5)]

    def is_in(self, window: str, n: int, day: int) -> bool:
        if window == "since_change":
            touched = self.seen.history(self.seen.ad_sets[n].id).touched
            return touched is None or day > touched.toordinal()
        if window.startswith("first_"):
            first = min((row[1] for row in self.rows if row[0] == n and row[2] > 0), default=TODAY)
            return first <= day < first + int(window[6:-1])
        spans = {"": (27, 0), "today": (0, 0), "yesterday": (1, 1), "3d": (2, 0), "7d": (6, 0), "lifetime": (999, 0)}
        old, new = {**spans, "prior_3d": (3, 1), "mature_7d": (14, 8)}[window]
        return TODAY - old <= day <= TODAY - new


# -- trees that mean something ------------------------------------------------------------------

windows = st.sampled_from(
    ["", "today", "yesterday", "3d", "7d", "lifetime", "prior_3d", "mature_7d", "since_change", "first_7d"]
)


def measured(*names: str) -> st.SearchStrategy[Node]:
    """Figures of these names, of any window, of the ad set itself, its campaign or the account."""
    return st.builds(
        lambda name, part, window: Figure(name, part, window, "purchase" if name == "actions" else ""),
        st.sampled_from(names),
        st.sampled_from(["", "", "campaign", "account"]),
        windows,
    )


numbers = st.sampled_from(["0", "1", "2.5", "0.02", "30", "50%"]).map(Number)
plain = {
    "money": st.one_of(
        measured("spend", "revenue", "cpa", "cpc", "cpm", "aov"),
        st.sampled_from(["budget", "base", "target"]).map(Figure),
    ),
    "ratio": measured("ctr", "cvr", "roas"),
    "count": st.one_of(
        measured("impressions", "clicks", "results", "actions"),
        st.builds(
            Rank,
            st.builds(Figure, st.sampled_from(["spend", "cpa", "roas", "ctr"]), st.just(""), windows),
            st.sampled_from(["campaign", "account"]),
        ),
    ),
}


def reckoned(kind: str) -> st.SearchStrategy[Node]:
    """Arithmetic of one unit."""
    own = plain[kind]
    return st.one_of(
        own,
        st.builds(Binary, st.sampled_from(["*", "/"]), own, numbers),
        st.builds(Binary, st.sampled_from(["+", "-"]), own, st.one_of(own, numbers)),
        st.builds(Unary, st.just("-"), own),
        *([st.builds(Binary, st.just("/"), plain["money"], plain["money"])] if kind == "ratio" else []),
    )


signs = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
leaves = st.one_of(
    *(st.builds(Binary, signs, reckoned(kind), st.one_of(reckoned(kind), numbers)) for kind in plain),
    st.builds(Binary, signs, st.just(Figure("age")), st.sampled_from(["36h", "3d", "2w"]).map(Length)),
    st.builds(
        Binary, st.just("~"), st.sampled_from(["name", "campaign"]).map(Figure), st.sampled_from("DNac.").map(Text)
    ),
    st.builds(Binary, st.sampled_from(["==", "!="]), st.just(Figure("status")), st.just(Text("PAUSED"))),
    st.just(Figure("learning")),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Unary, st.just("not"), inner), st.builds(Binary, st.sampled_from(["and", "or"]), inner, inner)
    ),
    max_leaves=5,
)


def seen(text: str | Node, account: Snapshot, policy: Policy = CPA_30) -> Seen:
    """A condition evaluated over the ad sets of an account."""
    about = policy.about
    tree = check(parse(text) if isinstance(text, str) else text, about)
    return evaluate(tree, Columns(scenes.ad_sets(account, policy)), about, ACCOUNT.money)


@given(conditions, accounts(), st.sampled_from([CPA_30, ROAS_2]))
def test_columns_say_what_one_row_at_a_time_says(tree: Node, account: Snapshot, policy: Policy) -> None:
    try:
        found = seen(tree, account, policy)
    except Unreadable:  # the target is of the other unit
        return
    oracle = Oracle(account, policy)
    expected = [oracle.truth(found.tree, n) for n in range(len(account.ad_sets))]
    assert [None if not (y or n) else bool(y) for y, n in zip(found.truth.yes, found.truth.no, strict=True)] == expected
    for row in range(len(account.ad_sets)):
        assert found.saw(row)


@given(conditions)
def test_what_is_checked_is_shown_as_it_was_written(tree: Node) -> None:
    assert parse(show(tree)) == tree


# -- facts --------------------------------------------------------------------------------------


def yes(text: str, account: Snapshot, policy: Policy = CPA_30) -> list[bool]:
    return seen(text, account, policy).holds.tolist()


NOTHING = snapshot([ad_set("0", learning="LEARNING")])


@pytest.mark.parametrize("text", ["cpa > 0", "cpa <= 1000", "not cpa > 0", "roas == 0", "ctr < 1 and spend == 0"])
def test_a_comparison_with_what_does_not_exist_is_not_true(text: str) -> None:
    assert yes(text, NOTHING) == [False]


@pytest.mark.parametrize("text", ["cpa > 0 or spend == 0", "not (cpa > 0 and spend > 0)", "learning and results == 0"])
def test_what_does_not_exist_decides_nothing_that_is_decided(text: str) -> None:
    assert yes(text, NOTHING) == [True]


def test_a_result_without_a_revenue_has_no_roas() -> None:
    account = snapshot([ad_set("0"), ad_set("1"), ad_set("2")], [Row(0, 1, 100, 9, 1), Row(1, 1, 100, 9, 0)])
    assert yes("roas < 1", account) == [False, True, False]


def test_numbers_are_amounts_beside_money_and_numbers_beside_counts() -> None:
    account = snapshot([ad_set("0")], [Row(0, 0, 5_000, 9, 40)])
    assert yes("spend(today) >= 20 + 30 and results < 50 and spend / 100 == 0.5", account) == [True]


def test_a_mature_window_leaves_out_the_days_that_may_still_convert() -> None:
    account = snapshot([ad_set("0")], [Row(0, ago, 10**ago, 1, 0) for ago in range(9)])
    assert yes("spend(mature_1d) == 1000000", account) == [True]


def test_the_wilson_bounds_are_the_judges() -> None:
    rows = [
        Row(0, 9, 40_000, 300, 12, 50_000),
        Row(0, 0, 9_000, 80, 1, 4_000),
        Row(1, 3, 9_000, 50, 0),
        Row(2, 1, 9, 1, 2),
    ]
    account = snapshot([ad_set(str(n)) for n in range(4)], rows)
    for policy, metric in ((CPA_30, "cpa"), (ROAS_2, "roas")):
        columns = Columns(scenes.ad_sets(account, policy))
        low, high = (columns.figure(Figure(metric, f"wilson_{end}")) for end in ("low", "high"))
        sums = totals(ad_set_refs(account), account.days, account.now, slow("7d_click"))
        judged = judge_wilson(sums, policy.target, policy.decision, ACCOUNT.money)
        known = [0, 1] if metric == "cpa" else [0]
        assert np.allclose(low[known], judged.low(np.array(known)))
        assert np.allclose(high[known], judged.high(np.array(known)))
        assert np.isnan(low[2:]).all()


def test_the_best_is_first_and_equals_share_a_place() -> None:
    values = np.array([3.0, 1.0, 1.0, np.nan, 2.0, 9.0])
    assert np.allclose(ranks(values, np.array([0, 0, 0, 0, 0, 1])), [4, 1, 1, np.nan, 3, 1], equal_nan=True)


def test_campaigns_are_seen_over_the_days_of_their_ad_sets() -> None:
    account = snapshot(
        [ad_set("0", campaign_id="a"), ad_set("1", campaign_id="a"), ad_set("2", campaign_id="b")],
        [Row(n, 0, 1_000 * (n + 1), 9, 1) for n in range(3)],
        campaigns=(campaign("a", daily_budget=5_000), campaign("b")),
    )
    columns = Columns(scenes.campaigns(account, CPA_30))
    found = evaluate(
        check(parse("spend(today) == 30 and campaign == 'a'"), CPA_30.about),
        columns,
        CPA_30.about,
        ACCOUNT.money,
    )
    assert found.holds.tolist() == [True]


# -- what it saw --------------------------------------------------------------------------------

SEEN = snapshot(
    [ad_set("0", learning="LEARNING"), ad_set("1")],
    [Row(0, 1, 12_000, 40, 2, 9_000), Row(1, 1, 1_000, 10, 0)],
    histories={"0": History(base=5_000)},
)


@pytest.mark.parametrize(
    ("text", "row", "says"),
    [
        ("cpa(7d) > 1.5 * target", 0, "cpa(7d) is $60.00, > 1.5 * target ($45.00)"),
        ("cpa(7d) > 3 * target and spend > 10", 0, "cpa(7d) is $60.00, not > 3 * target ($90.00)"),
        ("cpa(7d) > target and spend > 5", 1, "cpa(7d) does not exist yet"),
        ("cpa > 1 and results > 5", 1, "cpa does not exist yet; results is 0, not > 5"),
        ("ctr < 2% and not learning", 0, "learning"),
        ("ctr < 2% and not learning", 1, "ctr is 1.25%, < 2%; not learning"),
        ("ctr < 0.9 * ctr.account", 0, "ctr is 1.25%, not < 0.9 * ctr.account (1.13%)"),
        ("roas < 0.8 or spend > 1000", 0, "roas is 0.75, < 0.8"),
        ("age > 36h", 0, "age is 90.0 days, > 36h"),
        ("name ~ 'x' or base != budget and base < 60", 0, "base is $50.00, != budget ($100.00); base is $50.00, < 60"),
        ("name ~ 'x'", 0, "name is 'Set 0', not ~ 'x'"),
        ("campaign == 'c'", 0, "campaign is 'c or Campaign c', == 'c'"),
        ("cpa.wilson_high > 1", 1, "cpa.wilson_high is without limit, > 1"),
        ("clicks(7d) / impressions(7d) < 1", 0, "clicks(7d) / impressions(7d) is 0.0125, < 1"),
    ],
)  # fmt: skip
def test_it_says_what_decided(text: str, row: int, says: str) -> None:
    assert seen(text, SEEN).saw(row) == says


# -- size ---------------------------------------------------------------------------------------
