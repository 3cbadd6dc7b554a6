import csv
import io
import json
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from adopt.cli.plans import outcome_code, show_outcomes, show_plan
from adopt.cli.render import Screen
from adopt.cli.universal import Format, Globals
from adopt.cli.why import show_why
from adopt.model import Change, Evidence, Outcome, Plan, Ref, Refusal, State, Verdict, Why

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LOSER = Ref(level="adset", id="23851", name="Prospecting\x1b[31m")
WINNER = Ref(level="adset", id="23852", name="Retargeting")
PAUSE = Change(
    object=LOSER, field="status", before="ACTIVE", after="PAUSED", rule="stop losers", sentence="Too dear.", stake=38100
)
RAISE = Change(
    object=WINNER,
    field="daily_budget",
    before=5000,
    after=6000,
    rule="scale winners",
    sentence="Good.",
    stake=1234,
    trims=("max_step",),
)
EVIDENCE = Evidence(
    method="wilson",
    metric="cpa",
    since=date(2026, 10, 28),
    until=date(2026, 11, 24),
    spend=41100,
    impressions=120000,
    clicks=812,
    matured_clicks=640,
    results=4,
    revenue=None,
    cpa=10275,
    roas=None,
    low=4410.0,
    high=None,
    confidence=0.95,
)
HOLDS = tuple(
    Verdict(
        object=Ref(level="adset", id=str(i), name=f"held {i}"),
        kind="hold",
        reason=reason,
        sentence=f"{reason} it is.",
        stake=0,
        evidence=EVIDENCE,
    )
    for i, reason in enumerate(["unsure", "too_little", "unsure"])
)
REFUSAL = Refusal(change=RAISE, guardrail="cooldown", sentence="adopt changed it less than 24h ago")
PLAN = Plan(
    id="3fa1c2d4e5f60718",
    account="act_1",
    currency="USD",
    timezone="Europe/Berlin",
    made_at=NOW,
    expires_at=NOW + timedelta(days=1),
    origin="engine",
    method="wilson",
    target="CPA $30.00",
    attribution="7d_click",
    changes=(PAUSE, RAISE),
    refusals=(REFUSAL,),
    verdicts=HOLDS,
)
EMPTY = msgspec.structs.replace(PLAN, changes=(), refusals=(), verdicts=())


def outcome(state: State, change: Change = PAUSE, place: int = 1) -> Outcome:
    return Outcome(id=f"{PLAN.id}.{place}", change=change, state=state, sentence=f"It is {state}.", at=NOW)


def test_a_plan_shows_changes_refusals_and_holds(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(Screen(Globals()), PLAN, hint="adopt apply 3fa1c2d4e5f60718")
    assert capsys.readouterr().out.splitlines() == [
        "Plan 3fa1c2d4e5f60718: 2 changes",
        "#  object               change                  at stake",
        "1  Prospecting\\x1b[31m  ACTIVE -> PAUSED         $381.00",
        "    Too dear.",
        "2  Retargeting          $50.00 -> $60.00 a day    $12.34",
        "    Good. Made smaller by max_step.",
        "",
        "Refused by a guardrail: 1",
        "    Retargeting: $50.00 -> $60.00 a day: adopt changed it less than 24h ago (cooldown)",
        "",
        "Left alone: 3",
        "   2  may be good or bad: the interval contains the target",
        "   1  too little spend or clicks to judge",
        "",
        "target CPA $30.00, attribution 7d_click, USD, times in Europe/Berlin",
        "next: adopt apply 3fa1c2d4e5f60718",
    ]


def test_verbose_names_everything_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(Screen(Globals(verbose=True)), PLAN)
    assert "    held 1: too_little it is.\n" in capsys.readouterr().out


def test_an_empty_plan_says_so_and_suggests_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(Screen(Globals()), EMPTY, hint="adopt apply it")
    shown = capsys.readouterr().out
    assert shown.startswith("Plan 3fa1c2d4e5f60718: no changes\n")
    assert "next:" not in shown


def test_a_quiet_plan_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(Screen(Globals(quiet=True)), PLAN)
    assert capsys.readouterr() == ("", "")


def test_what_a_plan_has_to_warn_of_is_said_even_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(Screen(Globals(quiet=True)), msgspec.structs.replace(PLAN, notes=("tracking looks down",)))
    assert capsys.readouterr() == ("", "warning: tracking looks down\n")


def test_a_plan_as_json_is_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(Screen(Globals(output="json")), PLAN)
    shown = capsys.readouterr()
    assert msgspec.json.decode(shown.out, type=Plan) == PLAN
    assert shown.err == ""


def test_times_are_rfc_3339_and_money_is_minor_units_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(Screen(Globals(output="json")), PLAN)
    found = json.loads(capsys.readouterr().out)
    assert found["made_at"] == "2026-11-24T09:30:00Z"
    assert (found["currency"], found["changes"][1]["after"], found["changes"][1]["stake"]) == ("USD", 6000, 1234)


def test_jsonl_is_a_change_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(Screen(Globals(output="jsonl")), PLAN)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["place"], line["change"]["object"]["id"], line["currency"]) for line in lines] == [
        (1, "23851", "USD"),
        (2, "23852", "USD"),
    ]


def test_csv_is_a_change_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(Screen(Globals(output="csv")), PLAN)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["change.object.id"], row["change.after"], row["change.trims"]) for row in rows] == [
        ("23851", "PAUSED", "[]"),
        ("23852", "6000", '["max_step"]'),
    ]


def test_plain_is_tabs_without_a_heading(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(Screen(Globals(output="plain")), PLAN)
    assert capsys.readouterr().out.splitlines()[1] == (
        "2\tRetargeting\t$50.00 -> $60.00 a day\t$12.34\tGood. Made smaller by max_step."
    )


def test_outcomes_say_what_became_of_each_change(capsys: pytest.CaptureFixture[str]) -> None:
    show_outcomes(Screen(Globals()), PLAN, [outcome("applied"), outcome("stale", RAISE, 2)])
    assert capsys.readouterr().out.splitlines()[:6] == [
        "Plan 3fa1c2d4e5f60718: 1 applied, 1 stale",
        "#  outcome  object               change",
        "1  applied  Prospecting\\x1b[31m  ACTIVE -> PAUSED",
        "    It is applied.",
        "2  stale    Retargeting          $50.00 -> $60.00 a day",
        "    It is stale.",
    ]


def test_a_quiet_run_speaks_only_of_what_went_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    quiet = Screen(Globals(quiet=True))
    show_outcomes(quiet, PLAN, [outcome("applied")])
    assert capsys.readouterr() == ("", "")
    show_outcomes(quiet, PLAN, [outcome("applied"), outcome("unknown", RAISE, 2)])
    assert capsys.readouterr() == ("", "warning: 3fa1c2d4e5f60718.2 Retargeting: unknown: It is unknown.\n")


@pytest.mark.parametrize("output", ["json", "jsonl", "csv", "plain"])
def test_outcomes_are_printed_for_programs(output: Format, capsys: pytest.CaptureFixture[str]) -> None:
    show_outcomes(Screen(Globals(output=output)), PLAN, [outcome("applied"), outcome("already", RAISE, 2)])
    shown = capsys.readouterr()
    assert "3fa1c2d4e5f60718.2" in shown.out
    assert "\x1b" not in shown.out
    assert shown.err == ""


@pytest.mark.parametrize(
    ("states", "code"),
    [
        (["applied", "already"], 0),
        (["applied", "stale"], 7),
        (["already", "failed"], 7),
        (["unknown"], 7),
        (["intended", "stale"], 7),
        (["stale", "stale"], 8),
        (["failed", "stale"], 4),
        ([], 0),
    ],
)
def test_the_exit_code_says_how_it_went(states: list[State], code: int) -> None:
    assert outcome_code([outcome(state) for state in states]) == code


def test_why_shows_verdict_figures_and_history(capsys: pytest.CaptureFixture[str]) -> None:
    verdict = Verdict(
        object=LOSER,
        kind="pause",
        reason="misses_target",
        sentence="Too dear.",
        stake=38100,
        evidence=EVIDENCE,
        status="running",
        budget=5000,
    )
    known = Why(
        object=LOSER,
        verdict=verdict,
        plan=PLAN.id,
        made_at=NOW,
        proposed=PAUSE,
        refusals=(REFUSAL,),
        outcomes=(outcome("applied"),),
        target="CPA $30.00",
        attribution="account",
        currency="USD",
        timezone="Europe/Berlin",
    )
    show_why(Screen(Globals()), known)
    assert capsys.readouterr().out.splitlines() == [
        "Prospecting\\x1b[31m (adset 23851)",
        "verdict          pause",
        "because          Too dear.",
        "at stake         $381.00",
        "status           running",
        "budget           $50.00",
        "days             2026-10-28 to 2026-11-24",
        "spent            $411.00 on 120,000 impressions",
        "clicks           812, of which 640 have had time to convert",
        "results          4",
        "CPA              $102.75",
        "interval of CPA  $44.10 to no limit (95 %, one look a day)",
        "plan             3fa1c2d4e5f60718 of 2026-11-24 10:30",
        "proposed         ACTIVE -> PAUSED by rule stop losers",
        "refused          $50.00 -> $60.00 a day by cooldown: adopt changed it less than 24h ago",
        "",
        "What was done",
        "outcome  when              change            id",
        "applied  2026-11-24 10:30  ACTIVE -> PAUSED  3fa1c2d4e5f60718.1",
        "    Too dear.",
        "",
        "target CPA $30.00, each ad set's own attribution setting, USD, times in Europe/Berlin",
    ]
