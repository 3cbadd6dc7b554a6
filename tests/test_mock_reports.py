"""Report runs: the same rows as a call answered at once, later."""

import json
import time
from collections.abc import Iterator

import pytest
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adreportrun import AdReportRun
from official import official_sdk
from test_mock_ground import Flight, Ground, flying

from adopt.mock import control, runs

ASKED = {"level": "adset", "fields": '["adset_id","spend","actions"]', "date_preset": "last_7d", "time_increment": "1"}


@pytest.fixture
def ground() -> Ground:
    return Ground(days=12)


def finish(ground: Ground) -> None:
    ground.advance(5 / 3600)


def start(ground: Ground, **params: str) -> str:
    return ground.post(f"{ground.account}/insights", **{**ASKED, **params})["report_run_id"]


def test_a_run_goes_through_its_states_and_is_100_before_it_is_done(ground: Ground) -> None:
    run = start(ground)
    seen = []
    for _ in range(60):
        one = ground.get(run)
        seen.append((one["async_status"], one["async_percent_completion"]))
        ground.advance(0.02 / 3600)
    words = list(dict.fromkeys(word for word, _ in seen))
    assert words == [runs.NOT_STARTED, runs.STARTED, runs.RUNNING, runs.COMPLETED]
    assert [part for _, part in seen] == sorted(part for _, part in seen)
    assert (runs.RUNNING, 100) in seen
    assert set(ground.get(run)) == set(runs.FIRST_FIELDS)


@pytest.mark.parametrize(
    "more", [{}, {"breakdowns": "age,gender"}, {"default_summary": "true", "sort": "spend_descending"}]
)
def test_its_rows_are_those_of_a_call_answered_at_once(ground: Ground, more: dict[str, str]) -> None:
    run = start(ground, **more)
    assert ground.error("GET", f"{run}/insights")[1] == 2601
    finish(ground)
    asked = {**ASKED, **more, "limit": "500"}
    at_once = ground.get(f"{ground.account}/insights", **asked)
    found, after = [], {}
    while True:
        answer = ground.get(f"{run}/insights", limit="30", **after)
        found += answer["data"]
        if "next" not in answer["paging"]:
            break
        after = {"after": answer["paging"]["cursors"]["after"]}
    assert found[:500] == at_once["data"]
    assert answer.get("summary") == at_once.get("summary")


def test_a_run_keeps_what_it_first_read_and_ends_after_thirty_days(ground: Ground) -> None:
    run = start(ground, date_preset="today")
    finish(ground)
    first = ground.get(f"{run}/insights", limit="500")["data"]
    ground.advance(24 * 29)
    assert ground.get(f"{run}/insights", limit="500")["data"] == first
    ground.advance(24 * 2)
    assert ground.error("GET", run) == (400, 100, 33)


def test_a_run_outlives_a_restart_until_it_is_deleted(ground: Ground) -> None:
    run, gone = start(ground), start(ground, level="ad")
    assert ground.call("DELETE", gone) == (200, {"success": True})
    again = Ground(days=12, written=tuple(ground.graph.written))
    for one in (ground, again):
        finish(one)
        assert one.error("GET", gone) == (400, 100, 33)
    assert again.get(f"{run}/insights") | {"paging": 0} == ground.get(f"{run}/insights") | {"paging": 0}


def test_a_wrong_call_starts_no_run(ground: Ground) -> None:
    assert ground.error("POST", f"{ground.account}/insights", breakdowns="age,country")[:2] == (400, 100)
    assert ground.error("POST", f"{ground.account}/insights", fields="shoes")[:2] == (400, 100)
    assert ground.call("POST", f"{ground.account}/insights", breakdowns="mmm")[0] == 200


def test_too_many_runs_at_once_are_refused(ground: Ground) -> None:
    answers = [ground.call("POST", f"{ground.account}/insights", **ASKED)[0] for _ in range(101)]
    assert answers == [200] * 100 + [403]
    finish(ground)
    assert start(ground)


def test_a_run_reads_like_a_node(ground: Ground) -> None:
    run = start(ground)
    assert ground.get("", ids=run, fields="async_status")[run]["async_status"] == runs.NOT_STARTED
    assert ground.error("GET", run, fields="shoes")[:2] == (400, 100)
    assert ground.error("GET", run, fields="insights{spend}")[:2] == (400, 100)
    assert ground.error("GET", f"{run}/ads")[:2] == (400, 100)


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    with flying(tmp_path_factory.mktemp("home"), "--days", "10", "--ad-sets", "12") as started:
        yield started


@pytest.fixture
def account(flight: Flight) -> Iterator[AdAccount]:
    with official_sdk(flight) as api:
        yield AdAccount(flight.account, api=api)


def finished(run: AdReportRun) -> str:
    while True:
        run.api_get()
        word = run["async_status"]
        if word not in (runs.NOT_STARTED, runs.STARTED, runs.RUNNING):
            return str(word)
        time.sleep(0.05)


def test_the_sdk_gets_the_same_rows_both_ways(account: AdAccount) -> None:
    params = {"level": "ad", "date_preset": "last_7d", "time_increment": 1, "breakdowns": ["publisher_platform"]}
    fields = ["ad_id", "spend", "impressions", "actions"]
    run = account.get_insights_async(fields=fields, params=params)
    assert finished(run) == runs.COMPLETED
    later = [dict(row) for row in run.get_result(params={"limit": 100})]
    at_once = [dict(row) for row in account.get_insights(fields=fields, params={**params, "limit": 500})]
    assert later == at_once
    assert len(later) > 500


@pytest.mark.parametrize("fate", ["job_failed", "job_skipped"])
def test_the_sdk_sees_a_run_go_wrong(flight: Flight, account: AdAccount, fate: str) -> None:
    control.fault(flight.control_url, fate, method="POST", path="/insights")
    run = account.get_insights_async(fields=["spend"], params={})
    assert finished(run) == {"job_failed": runs.FAILED, "job_skipped": runs.SKIPPED}[fate]
    assert (run.get("error_code") == 2601) == (fate == "job_failed")


def test_a_run_can_be_unknown_right_after_it_was_started(flight: Flight) -> None:
    control.fault(flight.control_url, "late", method="POST", path="/insights", seconds=3600.0)
    run = flight.post(f"/{flight.account}/insights", fields=json.dumps(["spend"]))["report_run_id"]
    answer = flight.get(f"/{run}")["error"]
    assert (answer["code"], answer["error_subcode"]) == (100, 33)
    flight.advance("1h")
    assert flight.get(f"/{run}")["async_status"] == runs.COMPLETED
