"""What Meta's own SDK can tell the ad account and its budgets: limits, names, periods of raised budgets."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adset import AdSet
from facebook_business.adobjects.campaign import Campaign
from facebook_business.adobjects.highdemandperiod import HighDemandPeriod
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from making import Maker
from official import official_sdk
from test_mock_ground import NOON, Flight, Ground, flying

HOUR, DAY = 3600, 86400
MIDNIGHT = int(NOON) + 12 * HOUR  # as the next day begins, in New York


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    with flying(tmp_path_factory.mktemp("home"), "--days", "3", "--now", "2026-11-17T12:00:00-05:00") as started:
        yield started


@pytest.fixture
def api(flight: Flight) -> Iterator[FacebookAdsApi]:
    with official_sdk(flight) as api:
        yield api


def test_the_sdk_renames_limits_and_speaks_for_the_account(api: FacebookAdsApi, flight: Flight) -> None:
    account = AdAccount(flight.account, api=api)
    account.api_update(
        params={"name": "Renamed", "spend_cap": 1234.5, "default_dsa_payor": "P", "default_dsa_beneficiary": "B"}
    )
    fields = ["name", "spend_cap", "amount_spent", "default_dsa_payor", "default_dsa_beneficiary"]
    shown = account.api_get(fields)
    assert [shown[name] for name in fields] == ["Renamed", "123450", "0", "P", "B"]
    account.api_update(params={"spend_cap_action": "delete"})
    assert account.api_get(["spend_cap"])["spend_cap"] == "0"


def test_the_sdk_announces_moves_and_takes_back_a_period(api: FacebookAdsApi, flight: Flight) -> None:
    rows = AdAccount(flight.account, api=api).get_ad_sets(["daily_budget"], {"limit": 50})
    ad_set = next(AdSet(one["id"], api=api) for one in rows if "daily_budget" in one)
    now = flight.get(f"/v26.0/{ad_set['id']}", fields="created_time", date_format="U")["created_time"] // DAY * DAY
    begins = now + 10 * DAY
    period = {"budget_value": 2, "budget_value_type": "MULTIPLIER", "time_start": begins, "time_end": begins + DAY}
    made = ad_set.create_budget_schedule(params=period)
    fields = ["budget_value", "budget_value_type", "time_start", "time_end", "ad_object_id"]
    (shown,) = ad_set.get_budget_schedules(fields)
    assert (shown["id"], shown["budget_value"], shown["ad_object_id"]) == (made["id"], 2, ad_set["id"])
    HighDemandPeriod(made["id"], api=api).api_update(params={"time_end": begins + 2 * DAY})
    moved = HighDemandPeriod(made["id"], api=api).api_get(fields)
    assert datetime.fromisoformat(moved["time_end"]).timestamp() == begins + 2 * DAY
    with pytest.raises(FacebookRequestError) as caught:
        ad_set.create_budget_schedule(params=period)
    assert caught.value.api_error_code() == 100
    HighDemandPeriod(made["id"], api=api).api_delete()
    assert list(ad_set.get_budget_schedules(fields)) == []


def test_a_campaign_made_by_the_sdk_brings_its_periods(api: FacebookAdsApi, flight: Flight) -> None:
    begins = int(flight.get(f"/v26.0/{flight.account}/campaigns", fields="start_time", date_format="U")["data"][0][
        "start_time"]) // DAY * DAY + 20 * DAY  # fmt: skip
    spec = {"budget_value": 5000, "budget_value_type": "ABSOLUTE", "time_start": begins, "time_end": begins + DAY}
    made = AdAccount(flight.account, api=api).create_campaign(
        params={
            "name": "Sale",
            "objective": "OUTCOME_SALES",
            "special_ad_categories": [],
            "daily_budget": 10_000,
            "budget_schedule_specs": [spec],
        }
    )
    (shown,) = Campaign(made["id"], api=api).get_budget_schedules(["budget_value", "budget_value_type"])
    assert (shown["budget_value"], shown["budget_value_type"]) == (5000, "ABSOLUTE")


def own_budget(ground: Ground) -> str:
    return next(one["id"] for one in ground.ad_sets() if one["effective_status"] == "ACTIVE" and "daily_budget" in one)


def spent(ground: Ground, day: str, ident: str = "") -> float:
    span = {"since": day, "until": day}
    rows = ground.get(f"{ident or ground.account}/insights", fields="spend", time_range=str(span).replace("'", '"'))
    return sum(float(row["spend"]) for row in rows["data"])


def schedule(ground: Ground, ident: str, **other: Any) -> tuple[int, Any]:
    usual = {"budget_value": 3, "budget_value_type": "MULTIPLIER", "time_start": MIDNIGHT, "time_end": MIDNIGHT + DAY}
    return ground.call("POST", f"{ident}/budget_schedules", **{**usual, **other})


def raised(**other: Any) -> list[float]:
    """What one ad set spent on the day of a period, the day before and the day after it."""
    ground = Ground(days=5)
    ident = own_budget(ground)
    assert schedule(ground, ident, **other)[0] == 200
    ground.advance(84)
    return [spent(ground, f"2026-11-{day}", ident) for day in (17, 18, 19)]


@pytest.mark.parametrize("other", [{}, {"budget_value_type": "ABSOLUTE", "budget_value": 20_000}])
def test_a_period_raises_that_day_s_spend_and_no_other(other: dict[str, Any]) -> None:
    before, during, after = raised(**other)
    assert during > 1.7 * max(before, after)
    assert after < 1.3 * before


def test_a_period_taken_back_while_it_runs_ends_and_a_restart_tells_the_same() -> None:
    ground = Ground(days=5)
    ident = own_budget(ground)
    period = schedule(ground, ident)[1]["id"]
    ground.advance(18)  # six in the morning of its day
    ground.call("DELETE", period)
    ground.advance(66)
    whole = spent(ground, "2026-11-18", ident)
    assert spent(ground, "2026-11-17", ident) < whole < 0.75 * raised()[1]
    again = Ground(days=5, written=tuple(ground.graph.written))
    again.advance(84)
    assert [spent(again, f"2026-11-{day}", ident) for day in (17, 18, 19)] == [
        spent(ground, f"2026-11-{day}", ident) for day in (17, 18, 19)
    ]


@pytest.mark.parametrize("wrong", [
    {"time_start": MIDNIGHT + 60}, {"time_end": MIDNIGHT + 2 * HOUR}, {"budget_value": 9}, {"budget_value": 1},
    {"time_start": MIDNIGHT - DAY, "time_end": MIDNIGHT}, {"budget_value_type": "PERCENT"}, {"time_end": None},
])  # fmt: skip
def test_a_period_that_meta_would_not_take_is_refused(wrong: dict[str, Any]) -> None:
    ground = Ground(days=1)
    params = {name: value for name, value in wrong.items() if value is not None}
    dropped = {name for name, value in wrong.items() if value is None}
    whole = {"budget_value": 3, "budget_value_type": "MULTIPLIER", "time_start": MIDNIGHT, "time_end": MIDNIGHT + DAY}
    given = {name: value for name, value in {**whole, **params}.items() if name not in dropped}
    assert ground.error("POST", f"{own_budget(ground)}/budget_schedules", **given)[:2] == (400, 100)


def test_periods_do_not_overlap_mix_or_lie_where_there_is_no_daily_budget() -> None:
    ground = Ground(days=1)
    ident = own_budget(ground)
    assert schedule(ground, ident)[0] == 200
    assert schedule(ground, ident, time_start=MIDNIGHT + HOUR)[0] == 400
    later = {"time_start": MIDNIGHT + DAY, "time_end": MIDNIGHT + 2 * DAY}
    assert schedule(ground, ident, **later, budget_value_type="ABSOLUTE", budget_value=100)[0] == 400
    assert schedule(ground, ident, **later)[0] == 200
    below = next(one["id"] for one in ground.ad_sets() if "daily_budget" not in one)
    assert schedule(ground, below)[0] == 400


def test_a_spending_limit_stops_the_account_and_counts_from_when_it_was_set() -> None:
    ground = Ground(days=3)
    assert ground.post(ground.account, spend_cap=300)["success"]
    ground.advance(72)
    shown = ground.get(ground.account, fields="spend_cap,amount_spent")
    assert shown["spend_cap"] == "30000"
    assert 28_000 < int(shown["amount_spent"]) <= 30_000
    assert spent(ground, "2026-11-19") < 1  # the last cents of the limit
    again = Ground(days=3, written=tuple(ground.graph.written))
    again.advance(72)
    assert again.get(again.account, fields="amount_spent") == ground.get(ground.account, fields="amount_spent")
    assert ground.post(ground.account, spend_cap_action="reset")["success"]
    assert ground.get(ground.account, fields="amount_spent")["amount_spent"] == "0"
    ground.advance(24)
    assert spent(ground, "2026-11-20") > 100


def test_a_limit_is_no_limit_at_nought_and_changes_ten_times_a_day() -> None:
    ground = Ground(days=1)
    for _ in range(10):
        assert ground.call("POST", ground.account, spend_cap=0)[0] == 200
    assert ground.error("POST", ground.account, spend_cap=0) == (400, 17, 1885172)
    ground.advance(25)
    assert ground.call("POST", ground.account, spend_cap=0)[0] == 200
    assert spent(ground, "2026-11-17") > 100


@pytest.mark.parametrize("wrong", [
    {}, {"name": " "}, {"spend_cap": -1}, {"spend_cap": "much"}, {"spend_cap_action": "raise"},
    {"default_dsa_payor": "x" * 513},
])  # fmt: skip
def test_what_an_account_cannot_be_told_is_refused(wrong: dict[str, Any]) -> None:
    ground = Ground(days=1)
    assert ground.error("POST", ground.account, **wrong)[:2] == (400, 100)


def test_ads_for_europe_run_for_whom_the_account_says() -> None:
    ground = Ground(days=1)
    maker = Maker(ground)
    europe = {"targeting": {"geo_locations": {"countries": ["FR"]}, "targeting_automation": {"advantage_audience": 1}}}
    params = maker.ad_set_params(maker.campaign(), **europe)
    assert ground.call("POST", f"{ground.account}/adsets", **params)[0] == 400
    ground.post(ground.account, default_dsa_payor="Fernhill", default_dsa_beneficiary="Fernhill")
    assert ground.call("POST", f"{ground.account}/adsets", **params)[0] == 200


def test_times_are_written_as_the_call_wants_them() -> None:
    ground = Ground(days=1)
    ident = own_budget(ground)
    usual = ground.get(ident, fields="created_time,name")
    moment = datetime.fromisoformat(usual["created_time"])
    told = {
        form: ground.get(ident, fields="created_time,name", date_format=form)["created_time"]
        for form in ("U", "c", "Y-m-d", r"\a\t H:i")
    }
    assert told["U"] == moment.timestamp()
    assert told["c"] == moment.isoformat()
    assert told["Y-m-d"] == moment.date().isoformat()
    assert told[r"\a\t H:i"] == f"at {moment:%H:%M}"
    assert ground.get(ident, fields="created_time,name", date_format="U")["name"] == usual["name"]
    strict = Ground(days=1, strict_v26=True)
    assert strict.error("GET", strict.account, fields="name", date_format="U")[:2] == (400, 100)


def test_whose_an_account_is_is_told_to_those_who_may_see_businesses() -> None:
    ground = Ground(days=1)
    assert ground.get(ground.account, fields="owner,name")["owner"] == ground.graph.world.account.business
    ground.token = ground.graph.tokens.mint(NOON, scopes=("ads_read",)).text
    status, body = ground.call("GET", ground.account, fields="owner,name")
    said = "(#200) Requires business_management permission to manage the object"
    assert (status, body["error"]["code"], body["error"]["message"]) == (403, 200, said)
    assert ground.get(ground.account, fields="name")["name"] == "Fernhill Outfitters"
