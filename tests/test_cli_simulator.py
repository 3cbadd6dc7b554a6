"""The commands against a simulated account: what they print, in which format, with which exit code."""

import csv
import fcntl
import io
import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from cli_program import adopt, environment_of, on_terminal
from flight import Flight, flight


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    """A simulated account that nobody changes."""
    with flight(tmp_path_factory.mktemp("home"), "--seed", "1", "--now", "2026-03-10T12:00:00-04:00") as flown:
        yield flown


def environment(fly: Flight) -> dict[str, str]:
    """What a person would export, for a run on a terminal."""
    return {
        "ADOPT_GRAPH_URL": fly.door["base_url"],
        "ADOPT_ACCESS_TOKEN": fly.door["access_token"],
        "ADOPT_AD_ACCOUNT_ID": fly.account,
    }


def test_lists_are_arrays_with_money_in_minor_units_beside_the_currency(shown: Flight) -> None:
    rows = shown.json("adset", "list", "--all")
    budgets = [row["daily_budget"] for row in rows if "daily_budget" in row]
    assert budgets
    assert all(isinstance(budget, int) for budget in budgets)
    assert {row["currency"] for row in rows} == {"USD"}
    assert all(isinstance(row["id"], str) for row in rows)


@pytest.mark.parametrize("noun", ["account", "campaign", "adset", "ad", "creative"])
def test_what_is_listed_can_be_shown(shown: Flight, noun: str) -> None:
    first = shown.json(noun, "list", "-l", "1")[0]
    assert shown.json(noun, "get", first["id"])["id"] == first["id"]


def test_a_list_can_be_narrowed_to_a_parent_and_a_status(shown: Flight) -> None:
    campaign = shown.json("campaign", "list")[0]["id"]
    below = shown.json("adset", "list", "--campaign", campaign)
    assert {row["campaign_id"] for row in below} == {campaign}
    paused = shown.json("adset", "list", "--status", "paused")
    assert {row["effective_status"] for row in paused} == {"PAUSED"}
    ads = shown.json("ad", "list", "--adset", below[0]["id"])
    assert {row["adset_id"] for row in ads} == {below[0]["id"]}


def test_fields_are_those_asked_for_by_metas_names(shown: Flight) -> None:
    assert set(shown.json("ad", "list", "--fields", "id,name", "-l", "2")[0]) == {"id", "name"}


def test_a_limit_that_cuts_is_said_on_stderr_and_a_chosen_one_is_not(shown: Flight) -> None:
    chosen = shown.adopt("adset", "list", "-l", "2")
    assert (len(chosen.out.splitlines()), chosen.err) == (3, "")


def test_csv_and_jsonl_hold_the_same_rows(shown: Flight) -> None:
    rows = list(csv.DictReader(io.StringIO(shown.adopt("adset", "list", "-o", "csv").out)))
    lines = [json.loads(line) for line in shown.adopt("adset", "list", "-o", "jsonl").out.splitlines()]
    assert [row["name"] for row in rows] == [line["name"] for line in lines]


def test_plain_has_tabs_and_no_heading(shown: Flight) -> None:
    rows = shown.json("campaign", "list")
    lines = shown.adopt("campaign", "list", "-o", "plain").out.splitlines()
    assert [line.split("\t")[0] for line in lines] == [row["id"] for row in rows]


def test_insights_come_by_level_day_and_order(shown: Flight) -> None:
    rows = shown.json(
        "insights", "get", "--level", "campaign", "--date-preset", "last_7d", "--sort", "spend_descending"
    )
    spend = [float(row["spend"]) for row in rows]
    assert spend == sorted(spend, reverse=True)
    days = shown.json("insights", "get", "--since", "2026-03-01", "--until", "2026-03-03", "--time-increment", "1")
    assert [day["date_start"] for day in days] == ["2026-03-01", "2026-03-02", "2026-03-03"]


def test_an_insights_table_ends_with_what_its_figures_are(shown: Flight) -> None:
    last = shown.adopt("insights", "get", "--date-preset", "last_7d").out.splitlines()[-1]
    assert last == "each ad set's own attribution setting, USD, days in America/New_York"


def test_a_table_fits_a_terminal_of_80_columns(shown: Flight) -> None:
    code, text = on_terminal(shown.home, "adset", "list", "--no-color", **environment(shown))
    assert code == 0
    seen = text.replace("\x1b[K", "")  # wipes the mark that turns while one waits, and takes no room
    assert max(map(len, seen.splitlines())) <= 80
    assert "daily_budget" in text


def test_metas_refusal_is_exit_4_in_two_lines(shown: Flight) -> None:
    ran = shown.adopt("adset", "get", "999")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (4, "", 2)
    found = json.loads(shown.adopt("adset", "get", "999", "-o", "json").err)["error"]
    assert (found["code"], found["subcode"], bool(found["fbtrace_id"])) == (100, 33, True)


def test_init_finds_the_only_account_that_the_token_sees(fly: Flight) -> None:
    ran = fly.adopt("init", "--no-input", *fly.targets(), ADOPT_AD_ACCOUNT_ID="")
    assert (ran.code, ran.err) == (0, "")
    assert (fly.home / "config" / "policy" / f"{fly.account}.toml").exists()


def test_changes_that_wait_are_exit_6_only_when_asked(fly: Flight) -> None:
    assert fly.adopt("plan", *fly.targets(), "-q").code == 0
    assert fly.adopt("plan", *fly.targets(), "-q", "--detailed-exitcode").code == 6
    assert fly.adopt("plan", *fly.targets(), "-q", "--detailed-exitcode", "--max-changes", "0").code == 0


def test_a_quiet_pass_that_went_well_says_nothing(fly: Flight) -> None:
    assert fly.adopt("optimize", *fly.targets(), "-q") == (0, "", "")
    assert [row["kind"] for row in fly.json("log")].count("change") > 0


def test_a_dry_run_writes_nothing(fly: Flight) -> None:
    assert "next: adopt optimize" in fly.adopt("optimize", "--dry-run", *fly.targets()).out
    assert fly.calls("POST") == []


def test_a_policy_that_wants_a_yes_makes_optimize_wait_for_it(fly: Flight) -> None:
    fly.adopt("init", "--no-input", *fly.targets())
    policy = fly.home / "config" / "policy" / f"{fly.account}.toml"
    policy.write_text(policy.read_text().replace('autonomy = "apply"', 'autonomy = "approve"'))
    ran = fly.adopt("optimize", "--detailed-exitcode")
    plan = ran.out.split()[1].rstrip(":")
    assert (ran.code, fly.calls("POST")) == (6, [])
    assert f"next: adopt apply {plan}" in ran.out
    assert fly.adopt("apply", plan, "-y").code == 0


def test_apply_asks_a_person_and_takes_no_for_an_answer(fly: Flight) -> None:
    path = str(fly.home / "plan.json")
    fly.adopt("plan", *fly.targets(), "--out", path, "--max-changes", "1")
    assert fly.adopt("apply", path) == (
        8,
        "",
        f"error: Make 1 change in {fly.account}? Nobody is here to say yes\ntry: the same command with -y\n",
    )
    code, text = on_terminal(fly.home, "apply", path, keys="n\n", **environment(fly))
    assert (code, "not confirmed; nothing was changed" in text, fly.calls("POST")) == (8, True, [])
    code, text = on_terminal(fly.home, "apply", path, keys="y\n", **environment(fly))
    assert (code, "1 applied" in text) == (0, True)


def test_apply_never_touches_another_account_than_was_named(fly: Flight) -> None:
    path = str(fly.home / "plan.json")
    fly.adopt("plan", *fly.targets(), "--out", path)
    ran = fly.adopt("apply", path, "-y", "-a", "42")
    assert (ran.code, ran.out) == (2, "")
    assert f"is for {fly.account}, and the account in use is act_42" in ran.err
    assert fly.adopt("apply", path, "-y", ADOPT_AD_ACCOUNT_ID="").code == 0


def test_a_plan_can_come_from_a_pipe(fly: Flight) -> None:
    plan = fly.adopt("plan", *fly.targets(), "-o", "json").out
    ran = adopt(fly.home, "apply", "-", "-y", stdin=plan, **environment(fly))
    assert (ran.code, ran.err) == (0, "")


def test_a_budget_moves_by_hand_and_back(fly: Flight) -> None:
    ad_set = next(row for row in fly.json("adset", "list") if row.get("daily_budget"))
    before = ad_set["daily_budget"]
    made = fly.json("adset", "budget", ad_set["id"], "-20%")
    assert made["plan"]["changes"][0]["after"] == before * 80 // 100
    assert fly.json("adset", "get", ad_set["id"])["daily_budget"] == before * 80 // 100
    assert fly.adopt("undo", made["outcomes"][0]["id"], "-y").code == 0
    assert fly.json("adset", "get", ad_set["id"])["daily_budget"] == before


def test_a_guardrail_refuses_a_hand_too_with_exit_8(fly: Flight) -> None:
    ad_set = next(row for row in fly.json("adset", "list") if row.get("daily_budget"))
    ran = fly.adopt("adset", "budget", ad_set["id"], "+500%")
    assert (ran.code, ran.out, fly.calls("POST")) == (8, "", [])
    assert "(max_step)" in ran.err.splitlines()[0]


def test_an_ad_set_is_paused_and_started_by_hand(fly: Flight) -> None:
    ad_set = fly.json("adset", "list", "--status", "ACTIVE")[0]["id"]
    assert fly.adopt("adset", "pause", ad_set, "-q") == (0, "", "")
    again = fly.adopt("adset", "pause", ad_set)
    assert (again.code, again.out.endswith("status is PAUSED already\n")) == (0, True)
    assert fly.adopt("adset", "start", ad_set, "-q") == (0, "", "")
    assert fly.json("adset", "get", ad_set)["status"] == "ACTIVE"


def test_a_hold_is_exit_8_and_nothing_is_written(fly: Flight) -> None:
    fly.adopt("hold", "on", "--reason", "sale")
    ran = fly.adopt("optimize", *fly.targets())
    assert (ran.code, ran.out, fly.calls("POST")) == (8, "", [])
    assert "sale" in ran.err


def test_a_second_run_is_exit_75_or_waits(fly: Flight) -> None:
    fly.adopt("plan", *fly.targets(), "-q")
    with (fly.home / "state" / f"{fly.account}.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = fly.adopt("optimize", *fly.targets())
        assert (ran.code, "another run is at work" in ran.err) == (75, True)
        late = fly.adopt("optimize", *fly.targets(), "--wait", "1s")
        assert late.code == 75
    assert fly.adopt("optimize", *fly.targets(), "--wait", "10s", "-q").code == 0


def test_the_log_shows_one_entry_whole_and_the_newest_few(fly: Flight) -> None:
    fly.adopt("optimize", *fly.targets(), "-q")
    entries = fly.json("log", "-l", "1000")
    assert [entry["id"] for entry in entries] == sorted(entry["id"] for entry in entries)
    assert fly.json("log", "--id", str(entries[0]["id"])) == entries[0]
    assert fly.json("log", "-l", "2") == entries[-2:]
    assert fly.json("log", "--since", "2027-01-01") == []


def test_why_explains_an_ad_set_and_a_change(fly: Flight) -> None:
    made = fly.json("optimize", *fly.targets())
    change = made["outcomes"][0]
    by_object = fly.json("why", change["change"]["object"]["id"])
    by_change = fly.json("why", change["id"])
    assert by_object["verdict"] == by_change["verdict"]
    assert by_change["outcomes"][0]["id"] == change["id"]
    assert change["change"]["sentence"] in fly.adopt("why", change["id"]).out


def test_a_followed_log_shows_what_comes_until_ctrl_c(fly: Flight) -> None:
    fly.adopt("plan", *fly.targets(), "-q")
    with subprocess.Popen(
        [sys.executable, "-m", "adopt", "log", "-f", "-o", "json"],
        env=environment_of(fly.home, **environment(fly)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_listen_to_ctrl_c,  # noqa: PLW1509 # nothing of ours holds a lock that the child could miss
    ) as process:
        assert process.stdout
        assert process.stderr
        first = [json.loads(process.stdout.readline())["kind"] for _ in range(2)]
        fly.adopt("plan", *fly.targets(), "-q")
        later = [json.loads(process.stdout.readline())["kind"] for _ in range(2)]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert (first, later, process.stderr.read()) == (["poll", "plan"], ["poll", "plan"], b"")


def _listen_to_ctrl_c() -> None:
    """A run in the background of a shell is born deaf to it, and so would be its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_scenario_is_started_told_and_stopped_by_name(fly: Flight) -> None:
    name = fly.json("adset", "list", "-l", "1", "--fields", "name")[0]["name"]
    started = fly.json("mock", "scenario", "start", "Bad Performance", "--ad-set", name, "--for", "3d", "--at", "+5h")
    assert (started["scenario"], started["name"], started["state"]) == ("bad performance", name, "coming")
    assert fly.json("mock", "truth")["scenarios"] == [started]
    assert f"coming: bad performance on ad set {name!r}" in fly.adopt("mock", "truth").out.replace("\n", " ")
    assert "called off" in fly.adopt("mock", "scenario", "stop", "bad performance").out
    assert len(fly.json("mock", "scenario", "list")["scenarios"]) == 17


def test_a_scenario_that_cannot_be_is_refused_with_the_nearest(fly: Flight) -> None:
    ran = fly.adopt("mock", "scenario", "start", "landng page down")
    assert ran.code == 2
    assert "did you mean 'landing page down'?" in ran.err
    assert fly.adopt("mock", "scenario", "start").code == 2
