"""What may go wrong while money is at stake: each leaves the account right, and the next run goes on."""

import json
import signal
import time

import pytest
from flight import Flight, flight


@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.parametrize("kind", ["drop", "http", "truncate"])
def test_a_read_that_fails_once_is_read_again(fly: Flight, kind: str, call: int) -> None:
    fly.fault(kind, nth=call, status=503)
    assert fly.adopt("plan", *fly.targets()).code == 0


def test_trouble_that_lasts_is_exit_75_and_changes_nothing(fly: Flight) -> None:
    fly.fault("http", path="insights", times=100, status=500)
    ran = fly.adopt("optimize", *fly.targets())
    assert ran.code == 75
    assert ran.out == ""
    assert "try again" in ran.err


def test_a_dead_token_is_exit_3_and_says_what_to_do(fly: Flight) -> None:
    ran = fly.adopt("optimize", *fly.targets(), ADOPT_ACCESS_TOKEN=fly.door["expired_token"])
    assert ran.code == 3
    assert "expired" in ran.err
    assert "adopt auth login" in ran.err


def test_a_rate_limit_is_exit_75_and_says_when(fly: Flight) -> None:
    ran = fly.adopt("optimize", *fly.targets(), "-o", "json", ADOPT_ACCESS_TOKEN=fly.door["rate_limit_token"])
    assert (ran.code, ran.out) == (75, "")
    error = json.loads(ran.err)["error"]
    assert error["retry_after_s"] > 0
    assert (error["code"], error["subcode"]) == (80004, 2446079)


def test_an_unknown_account_is_said(fly: Flight) -> None:
    ran = fly.adopt("optimize", *fly.targets(), "-a", "act_404")
    assert ran.code == 4
    assert "act_404" in ran.err


def test_a_write_whose_answer_is_lost_is_looked_up_and_not_sent_again(fly: Flight) -> None:
    path = fly.home / "p.json"
    fly.adopt("plan", *fly.targets(), "--out", str(path), "--max-changes", "1")
    (change,) = json.loads(path.read_bytes())["changes"]
    fly.forget_calls()
    fly.fault("drop_after", method="POST", path=change["object"]["id"])
    ran = fly.adopt("apply", str(path), "-y", "-o", "json")
    assert ran.code == 0
    assert json.loads(ran.out)["outcomes"][0]["state"] == "applied"
    assert fly.calls("POST").count(f"POST /{change['object']['id']}") == 1


def test_a_write_that_never_arrived_is_unknown_then_settled_by_the_next_run(fly: Flight) -> None:
    path = fly.home / "p.json"
    fly.adopt("plan", *fly.targets(), "--out", str(path), "--max-changes", "1")
    (change,) = json.loads(path.read_bytes())["changes"]
    fly.fault("drop", method="POST", path=change["object"]["id"])
    ran = fly.adopt("apply", str(path), "-y", "-o", "json")
    assert ran.code == 7
    assert json.loads(ran.out)["outcomes"][0]["state"] == "unknown"
    assert fly.json("status")["in_doubt"] == 1
    fly.adopt("plan", *fly.targets())
    assert fly.json("status")["in_doubt"] == 0
    assert fly.json("why", change["object"]["id"])["outcomes"][0]["state"] == "failed"


def test_a_budget_that_somebody_changed_meanwhile_is_stale(fly: Flight) -> None:
    path = fly.home / "p.json"
    fly.adopt("plan", *fly.targets(), "--out", str(path))
    changes = json.loads(path.read_bytes())["changes"]
    budget = next(c for c in changes if c["field"] == "daily_budget")
    assert fly.adopt("adset", "budget", budget["object"]["id"], "+5%", "-y").code == 0
    ran = fly.adopt("apply", str(path), "-y", "-o", "json")
    states = {o["change"]["object"]["id"]: o["state"] for o in json.loads(ran.out)["outcomes"]}
    assert ran.code == 7
    assert states.pop(budget["object"]["id"]) == "stale"
    assert set(states.values()) == {"applied"}


def test_an_ad_set_deleted_meanwhile_is_stale(fly: Flight) -> None:
    path = fly.home / "p.json"
    fly.adopt("plan", *fly.targets(), "--out", str(path), "--max-changes", "1")
    (change,) = json.loads(path.read_bytes())["changes"]
    fly.delete(change["object"]["id"])
    ran = fly.adopt("apply", str(path), "-y", "-o", "json")
    assert ran.code == 8
    assert json.loads(ran.out)["outcomes"][0]["state"] == "stale"


@pytest.mark.parametrize("after_s", [0.35, 0.6, 0.9])
def test_kill_9_during_apply_leaves_nothing_undone_or_done_twice(fly: Flight, after_s: float) -> None:
    path = fly.home / "p.json"
    fly.adopt("plan", *fly.targets(), "--out", str(path))
    changes = json.loads(path.read_bytes())["changes"]
    fly.forget_calls()
    fly.fault("hang", method="POST", path=changes[-1]["object"]["id"], seconds=30)
    process = fly.start("apply", str(path), "-y")
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    process.wait()
    fly.heal()
    assert fly.adopt("apply", str(path), "-y").code in (0, 7)
    assert fly.json("status")["in_doubt"] == 0
    for change in changes:
        assert fly.calls("POST").count(f"POST /{change['object']['id']}") <= 1


def test_a_second_run_leaves_at_once_with_75(fly: Flight) -> None:
    fly.fault("hang", path="adsets", seconds=5)
    first = fly.start("optimize", *fly.targets())
    try:
        deadline = time.monotonic() + 20
        while not fly.calls() and time.monotonic() < deadline:
            time.sleep(0.05)
        ran = fly.adopt("optimize", *fly.targets())
        assert ran.code == 75
        assert str(first.pid) in ran.err
    finally:
        first.kill()
        first.wait()


def test_hold_stops_every_write(fly: Flight) -> None:
    fly.adopt("init", "--no-input", *fly.targets())
    assert fly.adopt("hold", "on").code == 0
    fly.forget_calls()
    assert fly.adopt("optimize").code == 8
    ad_set = fly.json("adset", "list", "-l", "1", "--fields", "id")[0]["id"]
    assert fly.adopt("adset", "pause", ad_set, "-y").code == 8
    assert fly.calls("POST") == []
    assert fly.adopt("hold", "off").code == 0
    assert fly.adopt("optimize").code == 0


def test_a_currency_without_minor_units_is_whole(tmp_path_factory: pytest.TempPathFactory) -> None:
    with flight(tmp_path_factory.mktemp("jpy"), "--currency", "JPY") as fly:
        plan = fly.json("optimize", "--dry-run", *fly.targets())
        assert plan["currency"] == "JPY"
        for change in (c for c in plan["changes"] if c["field"] == "daily_budget"):
            assert fly.value(change) == change["before"]
        spent = sum(v["evidence"]["spend"] for v in plan["verdicts"] if v["object"]["level"] == "adset")
        assert 1000 < spent / len(plan["verdicts"]) < 10_000_000
        assert "¥" in plan["verdicts"][0]["sentence"]


def test_the_token_reaches_nothing_that_is_kept_or_printed(fly: Flight) -> None:
    token = fly.door["access_token"]
    ran = [
        fly.adopt("init", "--no-input", *fly.targets()),
        fly.adopt("optimize", "-v"),
        fly.adopt("why", "404"),
        fly.adopt("adset", "get", token),
        fly.adopt("plan", "--out", str(fly.home / "p.json")),
    ]
    assert not [one for one in ran if token in one.out or token in one.err]
    kept = [path for path in fly.home.rglob("*") if path.is_file() and path.name != "mock.json"]
    assert not [path for path in kept if token.encode() in path.read_bytes()]
