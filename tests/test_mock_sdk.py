"""Meta's own SDK against the simulator: an independent client."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adset import AdSet
from facebook_business.adobjects.adsinsights import AdsInsights
from facebook_business.adobjects.campaign import Campaign
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from official import official_sdk
from test_mock_ground import Flight, flying


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    with flying(tmp_path_factory.mktemp("home"), "--days", "10", "--ad-sets", "30") as started:
        yield started


@pytest.fixture
def api(flight: Flight) -> Iterator[FacebookAdsApi]:
    with official_sdk(flight) as api:
        yield api


@pytest.fixture
def account(api: FacebookAdsApi, flight: Flight) -> AdAccount:
    return AdAccount(flight.account, api=api)


def test_it_finds_its_accounts(api: FacebookAdsApi, flight: Flight) -> None:
    found = User("me", api=api).get_ad_accounts(fields=["name", "currency"])
    assert [(one["id"], one["currency"]) for one in found] == [(flight.account, "USD")]


def test_it_pages_through_campaigns_ad_sets_and_ads(account: AdAccount) -> None:
    campaigns = list(account.get_campaigns(fields=[Campaign.Field.name, Campaign.Field.objective], params={"limit": 2}))
    assert len(campaigns) == 8
    ad_sets = account.get_ad_sets(fields=[AdSet.Field.name, AdSet.Field.daily_budget], params={"limit": 7})
    assert len(list(ad_sets)) == 30
    assert ad_sets.total() == 30
    assert len({ad["id"] for ad in account.get_ads(fields=["adset_id"])}) > 30


def test_it_reads_insights(account: AdAccount) -> None:
    rows = account.get_insights(
        fields=[AdsInsights.Field.adset_id, AdsInsights.Field.spend, AdsInsights.Field.actions],
        params={"level": "adset", "time_increment": 1, "date_preset": "last_7d", "limit": 50,
                "action_attribution_windows": ["7d_click", "1d_view"]},
    )  # fmt: skip
    found = list(rows)
    assert len(found) > 100
    assert all(isinstance(row["spend"], str) for row in found)


def test_it_changes_a_budget_and_reads_it_back(api: FacebookAdsApi, account: AdAccount) -> None:
    ad_set = next(one for one in account.get_ad_sets(fields=["daily_budget"]) if "daily_budget" in one)
    AdSet(ad_set["id"], api=api).api_update(params={AdSet.Field.daily_budget: 4321})
    assert AdSet(ad_set["id"], api=api).api_get(fields=["daily_budget"])["daily_budget"] == "4321"


def test_it_pauses_and_deletes(api: FacebookAdsApi, account: AdAccount) -> None:
    last = list(account.get_ad_sets(fields=["name"]))[-1]
    AdSet(last["id"], api=api).api_update(params={"status": AdSet.Status.paused})
    assert AdSet(last["id"], api=api).api_get(fields=["effective_status"])["effective_status"] == "PAUSED"
    AdSet(last["id"], api=api).api_delete()
    assert last["id"] not in [one["id"] for one in account.get_ad_sets()]


def test_it_reads_errors_as_errors(api: FacebookAdsApi, account: AdAccount) -> None:
    with pytest.raises(FacebookRequestError) as caught:
        account.get_campaigns(params={"filtering": [{"field": "shoes", "operator": "IN", "value": [1]}]})
    assert (caught.value.http_status(), caught.value.api_error_code()) == (400, 100)
    ad_set = next(one for one in account.get_ad_sets(fields=["daily_budget"]) if "daily_budget" in one)
    with pytest.raises(FacebookRequestError) as caught:
        AdSet(ad_set["id"], api=api).api_update(params={"daily_budget": 1})
    assert caught.value.api_error_subcode() == 1885272
    assert caught.value.get_message()


def test_its_batches_work(api: FacebookAdsApi, account: AdAccount) -> None:
    names: list[str] = []
    errors: list[Any] = []
    batch = api.new_batch()
    for one in account.get_ad_sets(params={"limit": 5}):
        AdSet(one["id"], api=api).api_get(
            fields=["name"],
            batch=batch,
            success=lambda answer: names.append(answer.json()["name"]),
            failure=errors.append,
        )
    AdSet("120999999999999999", api=api).api_get(fields=["name"], batch=batch, failure=errors.append)
    assert batch.execute() is None
    assert len(names) == len(list(account.get_ad_sets()))
    assert [json.loads(error.body())["error"]["code"] for error in errors] == [100]
