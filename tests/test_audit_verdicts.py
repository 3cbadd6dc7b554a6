"""From an export to verdicts: in the file's own terms, most money at stake first."""

from decimal import Decimal
from pathlib import Path

import pytest

from adopt.audit.choices import Choices
from adopt.audit.reading import read
from adopt.model import Ref, Verdict
from adopt.operations.audit import audit
from adopt.policy import Target


def judged(tmp_path: Path, text: str, **target: Decimal) -> tuple[Verdict, ...]:
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8")
    export = read(path, Choices(goal="roas" if "roas" in target else "cpa"))
    return audit(export, Target(result=export.result, **(target or {"cpa": Decimal(30)})))  # type: ignore[arg-type]


LIFETIME = """adset,Amount spent (USD),Link clicks,Impressions,Purchases,Purchases conversion value
loser,1000,2000,90000,5,100
winner,1000,2000,90000,100,6000
close,300,600,30000,10,600
young,20,30,1000,0,0
idle,0,0,0,0,0
"""


def test_a_loser_is_paused_and_a_winner_scaled_by_money_at_stake(tmp_path: Path) -> None:
    verdicts = judged(tmp_path, LIFETIME)
    assert [(one.object.name, one.kind, one.reason, one.stake) for one in verdicts] == [
        ("winner", "scale", "beats_target", 200000),
        ("loser", "pause", "misses_target", 85000),
        ("young", "hold", "too_little", 2000),
        ("close", "hold", "unsure", 0),
        ("idle", "hold", "no_spend", 0),
    ]


def test_a_verdict_carries_the_numbers_and_says_them(tmp_path: Path) -> None:
    loser = judged(tmp_path, LIFETIME)[1]
    assert loser.object == Ref(level="adset", id="loser", name="loser")
    assert loser.sentence.startswith("$1,000.00 bought 5 purchases at $200.00 each; ")
    figures = loser.evidence
    assert (figures.spend, figures.clicks, figures.results, figures.revenue) == (100000, 2000, 5, 10000)
    assert (figures.cpa, figures.since, figures.flags) == (20000, None, ())


def test_a_roas_target_judges_revenue(tmp_path: Path) -> None:
    verdicts = judged(tmp_path, LIFETIME, roas=Decimal(2))
    assert {one.object.name: one.kind for one in verdicts}["winner"] == "scale"
    assert {one.object.name: one.kind for one in verdicts}["loser"] == "pause"


def test_a_campaign_of_an_export_is_judged_for_itself(tmp_path: Path) -> None:
    verdicts = judged(tmp_path, LIFETIME.replace("adset", "campaign"))
    assert [(one.object.level, one.kind) for one in verdicts[:2]] == [("campaign", "scale"), ("campaign", "pause")]


def test_all_clicks_are_not_called_link_clicks(tmp_path: Path) -> None:
    young = judged(tmp_path, LIFETIME.replace("Link clicks", "Clicks (all)"))[2]
    assert "needs 70 more matured clicks" in young.sentence
    assert young.evidence.flags == ("judged on all clicks",)


def test_without_clicks_impressions_judge_what_they_can(tmp_path: Path) -> None:
    verdicts = judged(tmp_path, LIFETIME.replace("Link clicks", "Reach"))
    assert {one.object.name: one.kind for one in verdicts} == {
        "winner": "scale",
        "loser": "pause",
        "close": "hold",
        "young": "hold",
        "idle": "hold",
    }
    assert not any("click" in one.sentence for one in verdicts)
    assert {one.evidence.clicks for one in verdicts} == {0}


def test_with_neither_clicks_nor_impressions_nothing_is_judged_and_figures_stay(tmp_path: Path) -> None:
    verdicts = judged(tmp_path, "adset,spend,leads\nA,900,3\n")
    assert [(one.kind, one.reason, one.evidence.cpa) for one in verdicts] == [("hold", "no_clicks", 30000)]
    assert "without clicks or impressions in the file" in verdicts[0].sentence


def test_amounts_of_no_currency_stand_without_a_gap(tmp_path: Path) -> None:
    verdicts = judged(tmp_path, LIFETIME.replace(" (USD)", ""))
    assert verdicts[1].sentence.startswith("1,000.00 bought 5 purchases at 200.00 each;")
    assert not any("  " in one.sentence or "( " in one.sentence for one in verdicts)


@pytest.mark.parametrize(
    ("delivery", "kinds"),
    [
        ("active", ("scale", "pause")),
        ("Learning limited", ("scale", "pause")),
        ("", ("scale", "pause")),
        ("inactive", ("revive", "hold")),
        ("not_delivering", ("scale", "pause")),
        ("recently_completed", ("revive", "hold")),
        ("Campaign off", ("hold", "hold")),
    ],
)
def test_what_is_off_is_not_paused_again(tmp_path: Path, delivery: str, kinds: tuple[str, str]) -> None:
    header, *rows = LIFETIME.splitlines()
    text = "\n".join([f"{header},Ad set delivery", *(f"{row},{delivery}" for row in rows)])
    found = {one.object.name: one.kind for one in judged(tmp_path, text)}
    assert (found["winner"], found["loser"]) == kinds


def test_the_end_of_the_last_day_is_now(tmp_path: Path) -> None:
    days = "".join(f"A,2024-06-{day:02},100,{100 * day},1\n" for day in (1, 30))
    figures = judged(tmp_path, f"adset,date,spend,link_clicks,leads\n{days}")[0].evidence
    assert (str(figures.since), str(figures.until)) == ("2024-06-01", "2024-06-30")
    assert (figures.clicks, figures.matured_clicks) == (3100, 100)
