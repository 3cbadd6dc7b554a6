import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
from test_mock_ground import Flight, flying

from adopt.mock import control
from adopt.mock.control import ControlError


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    with flying(tmp_path_factory.mktemp("home"), "--now", "2026-11-17T12:00:00-05:00", "--days", "7") as started:
        yield started


@pytest.fixture
def fresh(flight: Flight) -> Iterator[Flight]:
    control.reset(flight.control_url)
    yield flight
    control.reset(flight.control_url)


def ad_set_of(flight: Flight) -> str:
    rows = flight.get(f"/v26.0/{flight.account}/adsets", fields="daily_budget,effective_status", limit="50")["data"]
    return next(one["id"] for one in rows if "daily_budget" in one and one["effective_status"] == "ACTIVE")


def test_one_line_says_where_and_with_what(flight: Flight) -> None:
    assert list(flight.ready) == [
        "base_url", "access_token", "expired_token", "rate_limit_token", "ad_account_id", "page_id",
        "target_cpa", "target_roas", "result", "control_url", "app_id", "app_secret",
    ]  # fmt: skip
    assert flight.ready["base_url"].startswith("http://127.0.0.1:")
    assert flight.ready["base_url"].count("/") == 2
    assert (flight.ready["target_cpa"], flight.ready["target_roas"]) == ("45.00", "2.00")
    assert flight.account.startswith("act_")


def test_the_addresses_lie_in_a_private_file(tmp_path: Path) -> None:
    with flying(tmp_path, "--days", "1") as started:
        path = tmp_path / "state" / "mock.json"
        left = json.loads(path.read_bytes())
        assert {name: left[name] for name in started.ready} == started.ready
        assert left["pid"] == started.process.pid
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_told(tmp_path: Path, number: int) -> None:
    with flying(tmp_path, "--days", "2") as started:
        started.get("/me")
        started.process.send_signal(number)
        assert started.process.wait(10) == 0


def serve_in_vain(home: Path, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "adopt", "mock", "serve", "--port", "0", *options],
        env={**os.environ, "ADOPT_HOME": str(home)}, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--currency", "XXX"),
        ("--timezone", "Mars/Olympus"),
        ("--ad-sets", "0"),
        ("--days", "-1"),
        ("--now", "tomorrow"),
    ],
)
def test_a_wrong_option_is_said(tmp_path: Path, option: str, value: str) -> None:
    code, said = serve_in_vain(tmp_path, option, value)
    assert code == 2
    assert value in said


def test_a_port_in_use_is_said(flight: Flight, tmp_path: Path) -> None:
    port = flight.ready["base_url"].rpartition(":")[2]
    code, said = serve_in_vain(tmp_path, "--port", port)
    assert code == 5
    assert port in said


def test_the_address_goes_with_the_simulator(tmp_path: Path) -> None:
    with flying(tmp_path, "--days", "1") as started:
        assert started.stop() == 0
    assert not (tmp_path / "state" / "mock.json").exists()


@pytest.mark.parametrize("prefix", ["", "/v24.0", "/v25.0", "/v26.0"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_every_version_answers_with_or_without_slash(flight: Flight, prefix: str, slash: str) -> None:
    answer = flight.client.get(f"{prefix}/{flight.account}{slash}")
    assert answer.json() == {"id": flight.account}
    assert answer.headers["facebook-api-version"] == (prefix[1:] or "v26.0")
    assert ("x-ad-api-version-warning" in answer.headers) == (prefix in ("/v24.0", "/v25.0"))


@pytest.mark.parametrize(("version", "code"), [("v3.1", 2635), ("v23.0", 2635), ("v99.0", 2500)])
def test_other_versions_are_refused(flight: Flight, version: str, code: int) -> None:
    answer = flight.client.get(f"/{version}/me")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_the_date_is_simulated(fresh: Flight) -> None:
    def date() -> float:
        return parsedate_to_datetime(fresh.client.get("/me").headers["date"]).timestamp()

    before = date()
    assert abs(before - 1_794_934_800) < 600
    fresh.advance("36h")
    assert 36 * 3600 <= date() - before < 36 * 3600 + 60


def test_a_token_comes_in_any_of_four_ways(flight: Flight) -> None:
    token, base = flight.ready["access_token"], flight.ready["base_url"]
    ad_set = ad_set_of(flight)
    with httpx.Client(base_url=base, trust_env=False) as client:
        assert client.get("/me", headers={"Authorization": f"Bearer {token}"}).is_success
        assert client.get("/me", params={"access_token": token}).is_success
        assert client.post(f"/{ad_set}", data={"access_token": token, "name": "By form"}).is_success
        assert client.post(f"/{ad_set}", json={"access_token": token, "name": "By JSON"}).is_success
        parts = {"access_token": (None, token), "name": (None, "By parts")}
        assert client.post(f"/{ad_set}", files=parts).is_success
    assert flight.get(f"/{ad_set}", fields="name")["name"] == "By parts"


def test_without_a_token_nothing_is_told(flight: Flight) -> None:
    with httpx.Client(base_url=flight.ready["base_url"], trust_env=False) as client:
        for path, code in (("/me", 2500), (f"/{flight.account}", 104)):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_an_expired_token_is_190_463(flight: Flight) -> None:
    answer = flight.client.get("/me", headers={"Authorization": f"Bearer {flight.ready['expired_token']}"})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["error_subcode"]) == (400, 190, 463)
    assert "invalid_token" in answer.headers["www-authenticate"]
    token = flight.get("/debug_token", input_token=flight.ready["expired_token"])["data"]
    assert token["is_valid"] is False


def test_an_unknown_token_is_190(flight: Flight) -> None:
    answer = flight.client.get("/me", headers={"Authorization": "Bearer EAAnonsense"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 190)


def test_a_limited_token_says_how_long_to_wait(flight: Flight) -> None:
    answer = flight.client.get("/me", headers={"Authorization": f"Bearer {flight.ready['rate_limit_token']}"})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["error_subcode"]) == (400, 80004, 2446079)
    (case,) = json.loads(answer.headers["x-business-use-case-usage"])[flight.account[4:]]
    assert case["estimated_time_to_regain_access"] == 5
    assert json.loads(answer.headers["x-ad-account-usage"])["reset_time_duration"] == 300


def test_a_good_token_is_valid_for_ever(flight: Flight) -> None:
    token = flight.get("/debug_token", input_token=flight.ready["access_token"])["data"]
    assert (token["is_valid"], token["expires_at"]) == (True, 0)
    assert {"ads_management", "ads_read"} <= set(token["scopes"])


def test_every_answer_carries_its_usage(flight: Flight) -> None:
    for path in ("/me", f"/{flight.account}/insights", "/0"):
        headers = flight.client.get(path).headers
        assert set(json.loads(headers["x-app-usage"])) == {"call_count", "total_time", "total_cputime"}
        assert json.loads(headers["x-ad-account-usage"])["acc_id_util_pct"] < 50
        (case,) = json.loads(headers["x-business-use-case-usage"])[flight.account[4:]]
        assert case["call_count"] < 50
        assert ("x-fb-ads-insights-throttle" in headers) == ("insights" in path)


def test_an_unchanged_answer_is_not_sent_again(flight: Flight) -> None:
    tag = flight.client.get("/me").headers["etag"]
    answer = flight.client.get("/me", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_next_link_can_be_followed_as_it_is(flight: Flight) -> None:
    token = flight.ready["access_token"]
    url = f"{flight.ready['base_url']}/v26.0/{flight.account}/ads?limit=5&access_token={token}"
    found = []
    with httpx.Client(trust_env=False) as client:
        while url:
            answer = client.get(url).json()
            found += [one["id"] for one in answer["data"]]
            url = answer["paging"].get("next")
    assert len(found) == len(set(found)) == len(flight.get(f"/{flight.account}/ads", limit="500")["data"])


def test_bodies_that_cannot_be_read_are_answered(flight: Flight) -> None:
    for kind, body in (("application/json", b"{"), ("multipart/form-data", b"xx"), ("application/json", b"[" * 5000)):
        answer = flight.client.post(f"/{flight.account}", content=body, headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


def test_edits_and_time_outlive_kill_9(tmp_path: Path) -> None:
    options = ("--state", str(tmp_path / "world.json"), "--now", "2026-11-17T12:00:00-05:00", "--days", "5")
    with flying(tmp_path, *options) as first:
        ad_set = ad_set_of(first)
        first.advance("1d")
        first.post(f"/{ad_set}", daily_budget="7700", name="Kept")
        first.post(f"/{ad_set}", status="PAUSED")
        first.advance("1d")
        rows = first.get(
            f"/{first.account}/insights", level="adset", date_preset="last_7d", time_increment="1", limit="500"
        )
        first.process.kill()
        first.process.wait(10)
    with flying(tmp_path, *options, "--seed", "99") as second:
        assert second.ready["access_token"] == first.ready["access_token"]
        node = second.get(f"/{ad_set}", fields="name,status,daily_budget")
        assert (node["name"], node["status"], node["daily_budget"]) == ("Kept", "PAUSED", "7700")
        again = second.get(
            f"/{second.account}/insights", level="adset", date_preset="last_7d", time_increment="1", limit="500"
        )
        assert again["data"] == rows["data"]


def test_a_state_file_that_is_none_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "world.json"
    broken.write_text("{}")
    code, said = serve_in_vain(tmp_path, "--state", str(broken))
    assert code == 2
    assert "world.json" in said


def test_reset_begins_again(fresh: Flight) -> None:
    ad_set = ad_set_of(fresh)
    name = fresh.get(f"/{ad_set}", fields="name")["name"]
    fresh.post(f"/{ad_set}", name="Other")
    fresh.advance("3d")
    assert control.reset(fresh.control_url)["now"].startswith("2026-11-17T12:00")
    assert fresh.get(f"/{ad_set}", fields="name")["name"] == name


def test_the_truth_is_told_only_at_the_control_port(flight: Flight) -> None:
    told = control.truth(flight.control_url)
    assert len(told["ad_sets"]) == 12
    assert {"id", "expected_cpa", "true_cpa", "cvr", "good"} <= set(told["ad_sets"][0])
    assert {one["good"] for one in told["ad_sets"]} == {True, False}
    assert "error" in flight.get("/truth")


def test_calls_are_counted_until_forgotten(flight: Flight) -> None:
    control.forget_calls(flight.control_url)
    flight.get("/v25.0/me")
    flight.post("/120/", status="PAUSED")
    assert [(one["method"], one["path"]) for one in control.calls(flight.control_url)] == [
        ("GET", "/me"),
        ("POST", "/120"),
    ]


def test_a_dropped_write_is_not_made(fresh: Flight) -> None:
    ad_set = ad_set_of(fresh)
    control.fault(fresh.control_url, "drop", method="POST")
    with pytest.raises(httpx.TransportError):
        fresh.post(f"/{ad_set}", status="PAUSED")
    assert fresh.get(f"/{ad_set}", fields="status")["status"] == "ACTIVE"


def test_a_write_can_be_made_and_its_answer_lost(fresh: Flight) -> None:
    ad_set = ad_set_of(fresh)
    control.fault(fresh.control_url, "drop_after", method="POST", path=ad_set)
    with pytest.raises(httpx.TransportError):
        fresh.post(f"/{ad_set}", status="PAUSED")
    assert fresh.get(f"/{ad_set}", fields="status")["status"] == "PAUSED"


def test_the_nth_matching_call_fails(fresh: Flight) -> None:
    control.fault(fresh.control_url, "error", path="/me", nth=2, times=2, code=2, status=503, transient=True)
    answers = [fresh.client.get("/me") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 503, 503, 200]
    assert answers[1].json()["error"]["code"] == 2
    assert fresh.client.get(f"/{fresh.account}").is_success


def test_an_answer_can_be_empty_cut_or_late(fresh: Flight) -> None:
    control.fault(fresh.control_url, "http", status=503)
    answer = fresh.client.get("/me")
    assert (answer.status_code, answer.content) == (503, b"")
    control.fault(fresh.control_url, "truncate")
    with pytest.raises(json.JSONDecodeError):
        fresh.client.get("/me").json()
    control.fault(fresh.control_url, "hang", seconds=0.4)
    begun = time.monotonic()
    assert fresh.client.get("/me").is_success
    assert time.monotonic() - begun >= 0.4


def test_others_are_served_while_one_call_hangs(fresh: Flight) -> None:
    control.fault(fresh.control_url, "hang", seconds=20)
    with httpx.Client(base_url=fresh.ready["base_url"], trust_env=False) as client, pytest.raises(httpx.ReadTimeout):
        client.get("/me", timeout=0.2)
    assert fresh.client.get("/me").is_success


@pytest.mark.parametrize("how", [{"kind": "explode"}, {"kind": "drop", "shoes": 2}])
def test_an_unknown_fault_is_refused(flight: Flight, how: dict) -> None:
    with pytest.raises(ControlError):
        control.fault(flight.control_url, **how)


@pytest.mark.parametrize(("by", "why"), [("soon", "no duration"), ("90000d", "too long")])
def test_a_wrong_duration_is_refused(flight: Flight, by: str, why: str) -> None:
    with pytest.raises(ControlError, match=why):
        control.advance(flight.control_url, by)
    assert flight.client.get("/me").is_success


def test_pages_in_a_browser_cannot_steer(flight: Flight) -> None:
    answer = httpx.post(f"{flight.control_url}/reset", headers={"Origin": "https://pages.example"}, trust_env=False)
    assert answer.status_code == 403


def test_the_command_line_steers_the_simulator_started_last(tmp_path: Path) -> None:
    def adopt(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "adopt", "mock", *words],
            env={**os.environ, "ADOPT_HOME": str(tmp_path)}, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip

    assert adopt("truth").returncode == 5
    with flying(tmp_path, "--days", "3", "--now", "2026-11-17T12:00:00-05:00") as started:
        assert json.loads(adopt("advance", "1d", "-o", "json").stdout)["now"].startswith("2026-11-18T12:00")
        assert len(json.loads(adopt("truth", "-o", "json").stdout)["ad_sets"]) == 12
        assert "good" in adopt("truth").stdout
        assert adopt("fault", "http", "--status", "500").returncode == 0
        assert started.client.get("/me").status_code == 500
        assert adopt("fault", "http").returncode == 0
        assert adopt("fault", "clear").returncode == 0
        assert started.client.get("/me").is_success
        assert json.loads(adopt("reset", "-o", "json").stdout)["now"].startswith("2026-11-17T12:00")
