"""Ads asked for in one call: made in turn, told one by one, called off, and made again after a restart."""

from collections.abc import Iterator
from typing import Any

import pytest
from facebook_business.adobjects.ad import Ad
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adasyncrequestset import AdAsyncRequestSet
from facebook_business.api import FacebookAdsApi
from making import Maker
from official import official_sdk
from test_mock_ground import Flight, Ground, flying

COUNTS = "total_count,initial_count,in_progress_count,success_count,error_count,canceled_count,is_completed"


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    with flying(tmp_path_factory.mktemp("home"), "--days", "3") as started:
        yield started


@pytest.fixture
def api(flight: Flight) -> Iterator[FacebookAdsApi]:
    with official_sdk(flight) as api:
        yield api


@pytest.fixture
def maker() -> Maker:
    return Maker(Ground(days=1))


def asked(maker: Maker, count: int, *wrong: dict[str, Any]) -> str:
    """A set of so many good specs, and some others."""
    ad_set, creative = maker.ad_set(maker.campaign()), maker.creative()
    specs = [*(maker.ad_params(ad_set, creative, name=f"Ad {n}") for n in range(count)), *wrong]
    made = maker.ground.post(f"{maker.account}/asyncadrequestsets", name="Many", ad_specs=specs)
    return str(made["id"])


def counts(maker: Maker, ident: str) -> tuple[Any, ...]:
    shown = maker.ground.get(ident, fields=COUNTS)
    return tuple(shown[name] for name in COUNTS.split(","))


def test_the_sdk_asks_waits_and_finds_its_ads(api: FacebookAdsApi, flight: Flight) -> None:
    account = AdAccount(flight.account, api=api)
    ad = next(iter(account.get_ads(["adset_id", "creative"])))
    spec = {"adset_id": ad["adset_id"], "creative": {"creative_id": ad["creative"]["id"]}, "status": "PAUSED"}
    made = account.create_async_ad_request_set(
        params={"name": "Two", "ad_specs": [spec | {"name": "One"}, spec | {"name": "Other"}]}
    )
    flight.advance("1m")
    found = AdAsyncRequestSet(made["id"], api=api).api_get(["name", "success_count", "is_completed"])
    assert (found["name"], found["success_count"], found["is_completed"]) == ("Two", 2, True)
    requests = list(AdAsyncRequestSet(made["id"], api=api).get_requests(["status", "result"]))
    names = {Ad(one["result"]["id"], api=api).api_get(["name"])["name"] for one in requests}
    assert names == {"One", "Other"}
    assert [one["id"] for one in account.get_async_ad_request_sets(params={"is_completed": True})] == [made["id"]]


def test_requests_are_worked_off_one_after_another(maker: Maker) -> None:
    ident = asked(maker, 3)
    assert counts(maker, ident) == (3, 3, 0, 0, 0, 0, False)
    maker.ground.advance(1.2 / 3600)
    assert counts(maker, ident) == (3, 1, 1, 1, 0, 0, False)
    (waiting,) = maker.ground.get(f"{ident}/requests", statuses='["INITIAL"]', fields="status,result")["data"]
    assert (waiting["status"], "result" in waiting) == ("INITIAL", False)
    maker.ground.advance(1 / 60)
    assert counts(maker, ident) == (3, 0, 0, 3, 0, 0, True)


def test_a_spec_that_is_wrong_says_why_and_spoils_no_other(maker: Maker) -> None:
    ident = asked(maker, 1, {"name": "No ad set"})
    maker.ground.advance(1)
    assert counts(maker, ident) == (2, 0, 0, 1, 1, 0, True)
    (bad,) = maker.ground.get(f"{ident}/requests", statuses='["ERROR"]', fields="result,input")["data"]
    assert bad["result"]["error"]["code"] == 100
    assert bad["input"] == {"name": "No ad set"}


def test_a_set_called_off_leaves_what_was_made(maker: Maker) -> None:
    before = len(maker.ground.get(f"{maker.account}/ads", limit=500)["data"])
    ident = asked(maker, 4)
    maker.ground.advance(1.6 / 3600)
    assert maker.ground.call("DELETE", ident)[0] == 200
    maker.ground.advance(1)
    assert counts(maker, ident)[3:6] == (2, 0, 2)
    assert len(maker.ground.get(f"{maker.account}/ads", limit=500)["data"]) == before + 2


def test_a_restart_tells_of_the_same_sets_and_ads(maker: Maker) -> None:
    ident = asked(maker, 2, {"name": "No ad set"})
    again = Ground(days=1, written=tuple(maker.ground.graph.written))
    for ground in (maker.ground, again):
        ground.advance(1)
    fields = "status,result,input"
    assert again.get(f"{ident}/requests", fields=fields) == maker.ground.get(f"{ident}/requests", fields=fields)
    assert again.get(f"{again.account}/ads", limit=500) == maker.ground.get(f"{maker.account}/ads", limit=500)


@pytest.mark.parametrize("wrong", [{"name": "x"}, {"ad_specs": "[]", "name": "x"}, {"ad_specs": '["x"]', "name": "x"},
                                   {"ad_specs": "[{}]"}])  # fmt: skip
def test_a_set_without_a_name_or_specs_is_refused(maker: Maker, wrong: dict[str, Any]) -> None:
    assert maker.ground.error("POST", f"{maker.account}/asyncadrequestsets", **wrong)[:2] == (400, 100)
