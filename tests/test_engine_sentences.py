"""Every sentence a verdict can say, whole."""

from datetime import timedelta
from typing import Any

import pytest
from engine_accounts import (
    ACCOUNT,
    CLOSE,
    CPA_30,
    LOSER,
    NOW,
    ROAS_2,
    WINNER,
    Row,
    ad_set,
    campaign,
    days,
    one,
    snapshot,
)
from msgspec.structs import replace

from adopt.engine import sentences
from adopt.engine.judging import judge
from adopt.engine.snapshot import Snapshot
from adopt.model import History
from adopt.policy import Decision, Policy

PAUSED = {"status": "PAUSED"}
TAKEN = History(base=10_000, budget_rule="doubt")  # by the throttle
THRESHOLD = replace(CPA_30, decision=Decision(method="threshold"))
EVIDENCE = Policy(target=CPA_30.target)
EVIDENCE_ROAS = Policy(target=ROAS_2.target)
ODDS = replace(EVIDENCE, decision=Decision(method="account"))


def said(seen: Snapshot, policy: Policy = CPA_30) -> tuple[str, str]:
    found = judge(seen, policy)[-1]
    return found.reason, found.sentence


TOLD: list[tuple[Snapshot, Policy, str, str]] = [
    (
        one(LOSER),
        CPA_30,
        "misses_target",
        (
            "$1,000.00 bought 5 purchases at $200.00 each; "
            "the 95 % one-look interval of its CPA, $85.83 to $467.83, lies wholly above the target of $30.00."
        ),
    ),
    (
        one((50_000.0, 1_000.0, 0.0)),
        CPA_30,
        "misses_target",
        (
            "$500.00 bought 0 purchases; "
            "the 95 % one-look interval of its CPA, $130.66 and up, lies wholly above the target of $30.00."
        ),
    ),
    (
        one(LOSER),
        ROAS_2,
        "misses_target",
        (
            "$1,000.00 brought $100.00 in 5 purchases, ROAS 0.10; "
            "the 95 % one-look interval of its ROAS, 0.04 to 0.23, lies wholly below the target of 2.00."
        ),
    ),
    (
        one(WINNER),
        CPA_30,
        "beats_target",
        (
            "$1,000.00 bought 100 purchases at $10.00 each; "
            "the 95 % one-look interval of its CPA, $8.32 to $12.06, lies wholly below the target of $30.00."
        ),
    ),
    (
        one(WINNER),
        ROAS_2,
        "beats_target",
        (
            "$1,000.00 brought $6,000.00 in 100 purchases, ROAS 6.00; "
            "the 95 % one-look interval of its ROAS, 4.97 to 7.21, lies wholly above the target of 2.00."
        ),
    ),
    (
        one(CLOSE),
        CPA_30,
        "unsure",
        (
            "$300.00 bought 10 purchases at $30.00 each; "
            "the 95 % one-look interval of its CPA, $16.59 to $54.93, contains the target of $30.00, "
            "so it may be good or bad."
        ),
    ),
    (
        one((2_000.0, 30.0, 1.0)),
        CPA_30,
        "too_little",
        (
            "$20.00 bought 1 purchase at $20.00 each; "
            "too little to judge: it needs 70 more matured link clicks and $70.00 more spend."
        ),
    ),
    (
        one((8_999.5, 1_000.0, 500.0)),
        CPA_30,
        "too_little",
        "$90.00 bought 500 purchases at $0.18 each; too little to judge: it needs $0.01 more spend.",
    ),
    (one((0.0, 0.0, 0.0)), CPA_30, "no_spend", "Nothing was spent in the days that are judged."),
    (
        one((0.0, 5.0, 2.0)),
        CPA_30,
        "no_spend",
        "Nothing was spent in the days that are judged; 2 purchases came in late.",
    ),
    (
        one((5_000.0, 0.0, 1.0)),
        CPA_30,
        "no_clicks",
        "$50.00 bought 1 purchase at $50.00 each, without link clicks, so no rate can be formed.",
    ),
    (
        one((50_000.0, 1_000.0, 20.0)),
        ROAS_2,
        "unpriced",
        (
            "$500.00 brought $0.00 in 20 purchases, ROAS 0.00; "
            "that does not say what a result is worth, so its ROAS cannot be judged."
        ),
    ),
    (
        one((50_000.0, 200.0, 201.0)),
        CPA_30,
        "overcounted",
        (
            "$500.00 bought 201 purchases at $2.49 each, more than its 200 link clicks: "
            "some came without one, so the interval cannot judge it."
        ),
    ),
    (
        snapshot([ad_set(**PAUSED)], [Row(0, 8, 20_000, 200, 10), Row(0, 0, 20_000, 200, 0)]),
        CPA_30,
        "comeback",
        (
            "$400.00 bought 10 purchases at $40.00 each; "
            "on the clicks whose results have had time to arrive, it meets the target of $30.00 now."
        ),
    ),
    (
        one(LOSER, **PAUSED),
        CPA_30,
        "stays_paused",
        "Paused; $1,000.00 bought 5 purchases at $200.00 each, which does not meet the target of $30.00.",
    ),
    (
        one(WINNER, effective_status="CAMPAIGN_PAUSED"),
        CPA_30,
        "parent_paused",
        "Its campaign is paused; $1,000.00 bought 100 purchases at $10.00 each.",
    ),
    (
        one(WINNER, daily_budget=None),
        CPA_30,
        "good_in_campaign",
        (
            "$1,000.00 bought 100 purchases at $10.00 each: it beats the target of $30.00, "
            "and its budget is its campaign's."
        ),
    ),
    (
        replace(one(LOSER, daily_budget=None), campaigns=(campaign(daily_budget=50_000),)),
        CPA_30,
        "bad_campaign",
        (
            "$1,000.00 bought 5 purchases at $200.00 each over all its ad sets; the 95 % one-look interval of its CPA, "
            "$85.83 to $467.83, lies wholly above the target of $30.00. Its ad sets are judged one by one."
        ),
    ),
]

BELIEVED: list[tuple[Snapshot, Policy, str, str]] = [
    (
        one(LOSER),
        EVIDENCE,
        "proven_bad",
        (
            "$1,000.00 of matured spend should have bought 33.3 purchases at the target of $30.00, and bought 5. "
            "An ad set that really meets the target would look this bad at some point in its life "
            "less than 1 time in 1,000,000 (limit 1 in 33)."
        ),
    ),
    (
        one(LOSER),
        EVIDENCE_ROAS,
        "proven_bad",
        (
            "$1,000.00 of matured spend should have brought $2,000.00 at the target of 2.00, and brought $100.00. "
            "An ad set that really meets the target would look this bad at some point in its life "
            "less than 1 time in 1,000,000 (limit 1 in 33)."
        ),
    ),
    (
        one((70_000.0, 500.0, 12.0)),
        ODDS,
        "proven_bad",
        (
            "$700.00 of matured spend should have bought 23.3 purchases at the target of $30.00, and bought 12. "
            "The evidence that it misses the target is 65 times that for meeting it (limit 33)."
        ),
    ),
    (
        one((22_500.0, 500.0, 4.0)),
        EVIDENCE,
        "doubted",
        (
            "4 purchases where 7.5 were due, 12 % chance that it meets the target of $30.00: "
            "its budget falls to a fifth a day, and comes back above 40 %; "
            "a pause would be proven after about $203.73 more matured spend without another purchase."
        ),
    ),
    (
        one((22_500.0, 500.0, 4.0)),
        replace(ODDS, target=replace(ODDS.target, result="lead")),
        "doubted",
        (
            "4 leads where 7.5 were due, 12 % chance that it meets the target of $30.00: "
            "its budget falls to a fifth a day, and comes back above 40 %; a pause is not proven."
        ),
    ),
    (
        one((30_000.0, 500.0, 9.0)),
        EVIDENCE,
        "open",
        (
            "9 purchases where 10.0 were due, 32 % chance that it meets the target of $30.00; "
            "a pause would be proven after about $372.02 more matured spend without another purchase."
        ),
    ),
    (
        replace(
            one((45_000.0, 500.0, 16.0), daily_budget=5_000), histories={"1": History(base=10_000, budget_rule="doubt")}
        ),
        EVIDENCE,
        "restored",
        (
            "16 purchases where 15.0 were due, 47 % chance that it meets the target of $30.00: "
            "its budget rises again, to four times a day at most, until it is its base."
        ),
    ),
    (
        one(WINNER),
        EVIDENCE,
        "proven_good",
        (
            "100 purchases where 33.3 were due, above 99 % chance that it meets the target of $30.00: "
            "that it beats the target is proven."
        ),
    ),
    (
        one(WINNER),
        EVIDENCE_ROAS,
        "proven_good",
        (
            "$6,000.00 where $2,000.00 was due, above 99 % chance that it meets the target of 2.00: "
            "that it beats the target is proven."
        ),
    ),
    (
        snapshot([ad_set()], [Row(0, 0, 5_000, 10, 1)]),
        EVIDENCE,
        "unripe",
        "$50.00 bought 1 purchase at $50.00 each; none of its spend has had time to bring results yet.",
    ),
    (
        one(WINNER, **PAUSED),
        EVIDENCE,
        "comeback",
        (
            "100 purchases where 33.3 were due, above 99 % chance that it meets the target of $30.00, "
            "its late results counted."
        ),
    ),
    (
        one(LOSER, **PAUSED),
        EVIDENCE,
        "stays_paused",
        (
            "Paused; 5 purchases where 33.3 were due, below 1 % chance that it meets the target of $30.00, "
            "which does not bring it back."
        ),
    ),
    (
        replace(
            one(LOSER, **PAUSED),
            histories={"1": History(paused_by="adopt", paused_at=NOW - timedelta(days=14), paused_count=1)},
        ),
        EVIDENCE,
        "probe",
        (
            "Paused for long enough to see whether it has changed: before, 5 purchases where 33.3 were due, below 1 % "
            "chance that it meets the target of $30.00. It is tried again with little money and judged by what comes "
            "from now on alone."
        ),
    ),
    (
        replace(
            one(LOSER),
            days=days([Row(0, 10, *LOSER), Row(0, 4, 1_000, 10, 0)]),
            histories={
                "1": History(epoch=2, epoch_since=NOW - timedelta(days=5), probed=NOW - timedelta(days=5)),
            },
        ),
        EVIDENCE,
        "on_trial",
        (
            "Tried again after a pause, by what came since alone: 0 purchases where 0.3 were due, "
            "37 % chance that it meets the target of $30.00; it keeps its small budget until one purchase was due."
        ),
    ),
    (
        replace(one(LOSER, daily_budget=None), campaigns=(campaign(daily_budget=50_000),)),
        EVIDENCE,
        "bad_campaign",
        (
            "Over all its ad sets, $1,000.00 of matured spend should have bought 33.3 purchases "
            "at the target of $30.00, and bought 5. Its ad sets are judged one by one."
        ),
    ),
]

_PLAIN = "A plain threshold takes luck for skill: it promises nothing."
PLAIN = [
    (
        one(LOSER),
        THRESHOLD,
        "past_threshold",
        f"$1,000.00 bought 5 purchases at $200.00 each: past the threshold for the target of $30.00. {_PLAIN}",
    ),
    (
        one(CLOSE),
        THRESHOLD,
        "between",
        f"$300.00 bought 10 purchases at $30.00 each: near the target of $30.00. {_PLAIN}",
    ),
    (
        one(WINNER),
        THRESHOLD,
        "within_threshold",
        f"$1,000.00 bought 100 purchases at $10.00 each: well within the target of $30.00. {_PLAIN}",
    ),
    (
        replace(one(LOSER, daily_budget=None), campaigns=(campaign(daily_budget=50_000),)),
        THRESHOLD,
        "bad_campaign",
        (
            "$1,000.00 bought 5 purchases at $200.00 each over all its ad sets, past the threshold for the target of "
            "$30.00. Its ad sets are judged one by one."
        ),
    ),
    (
        one(WINNER, **PAUSED),
        THRESHOLD,
        "comeback",
        "$1,000.00 bought 100 purchases at $10.00 each: it meets the target of $30.00 now.",
    ),
]
ALL = [*TOLD, *BELIEVED, *PLAIN]


@pytest.mark.parametrize(("seen", "policy", "reason", "sentence"), ALL, ids=[row[2] for row in ALL])
def test_a_verdict_says_its_figures_and_its_reason(seen: Snapshot, policy: Policy, reason: str, sentence: str) -> None:
    assert said(seen, policy) == (reason, sentence)


def test_every_reason_has_its_sentence_here() -> None:
    assert {reason for *_, reason, _ in ALL} == set(sentences._SENTENCES)  # noqa: SLF001


@pytest.mark.parametrize(
    ("result", "count", "words"),
    [
        ("lead", 1.0, "1 lead"),
        ("lead", 2.0, "2 leads"),
        ("lead", 2.5, "2.5 leads"),
        ("lead", -3.0, "-3 leads"),
        ("complete_registration", 1_234.0, "1,234 complete registrations"),
    ],
)
def test_results_are_counted_in_words(result: str, count: float, words: str) -> None:
    policy: Any = replace(CPA_30, target=replace(CPA_30.target, result=result))
    assert words in said(one((50_000.0, 9_000.0, count)), policy)[1]


def test_a_verdict_speaks_in_the_account_s_currency() -> None:
    yen = replace(one((300_000.0, 1_000.0, 40.0)), account=replace(ACCOUNT, currency="JPY"))
    assert said(yen)[1].startswith("¥300,000 bought 40 purchases at ¥7,500 each; ")
