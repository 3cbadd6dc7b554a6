"""Copies: what comes along, how it is named, and that it delivers like what it copies."""

import pytest
from making import Maker
from test_mock_ground import Ground

NAMES = "name,status,effective_status,source_campaign_id,source_adset_id,source_ad_id"


@pytest.fixture
def ground() -> Ground:
    return Ground(days=1)


@pytest.fixture
def maker(ground: Ground) -> Maker:
    return Maker(ground)


def test_a_deep_copy_brings_everything_paused(maker: Maker) -> None:
    campaign, ad_set, ad = maker.whole()
    found = maker.ground.post(f"{campaign}/copies", deep_copy="true")
    kinds = [(one["ad_object_type"], one["source_id"]) for one in found["ad_object_ids"]]
    assert kinds == [("campaign", campaign), ("ad_set", ad_set), ("ad", ad)]
    copies = [one["copied_id"] for one in found["ad_object_ids"]]
    assert found["copied_campaign_id"] == copies[0]
    top = maker.ground.get(copies[0], fields="name,status,source_campaign_id,objective")
    assert top == {"id": copies[0], "name": "Autumn - Copy", "status": "PAUSED", "source_campaign_id": campaign,
                   "objective": "OUTCOME_SALES"}  # fmt: skip
    fields = "name,status,campaign_id,targeting,daily_budget,optimization_goal,promoted_object,bid_strategy"
    before, after = (maker.ground.get(one, fields=fields) for one in (ad_set, copies[1]))
    assert after == before | {"id": copies[1], "campaign_id": copies[0], "status": "PAUSED"}
    creative = maker.ground.get(ad, fields="creative")["creative"]
    assert maker.ground.get(copies[2], fields="creative,adset_id")["creative"] == creative
    listed = maker.ground.get(f"{campaign}/copies", fields="name")["data"]
    assert [one["id"] for one in listed] == [copies[0]]


def test_a_shallow_copy_brings_nothing_along(maker: Maker) -> None:
    campaign, *_ = maker.whole()
    copy = maker.ground.post(f"{campaign}/copies", status_option="INHERITED_FROM_SOURCE")["copied_campaign_id"]
    assert maker.ground.get(f"{copy}/adsets")["data"] == []
    assert maker.ground.get(copy, fields="status")["status"] == "ACTIVE"


def test_copies_are_renamed_as_asked(maker: Maker) -> None:
    campaign, ad_set, ad = maker.whole()
    rename = {"rename_strategy": "DEEP_RENAME", "rename_prefix": "New: "}
    found = maker.ground.post(f"{campaign}/copies", deep_copy=True, rename_options=rename)
    names = [maker.ground.get(one["copied_id"], fields="name")["name"] for one in found["ad_object_ids"]]
    assert names == ["New: Autumn", "New: Broad", "New: Blue"]
    kept = maker.ground.post(f"{ad_set}/copies", rename_options={"rename_strategy": "NO_RENAME"})["copied_adset_id"]
    assert maker.ground.get(kept, fields="name")["name"] == "Broad"
    assert maker.ground.error("POST", f"{ad}/copies", rename_options={"rename_strategy": "LOUD"})[:2] == (400, 100)


def test_ad_sets_and_ads_are_copied_into_others(maker: Maker) -> None:
    _, ad_set, ad = maker.whole()
    other = maker.campaign()
    moved = maker.ground.post(f"{ad_set}/copies", campaign_id=other, deep_copy=True)["copied_adset_id"]
    assert maker.ground.get(moved, fields="campaign_id")["campaign_id"] == other
    assert len(maker.ground.get(f"{moved}/ads")["data"]) == 1
    copy = maker.ground.post(f"{ad}/copies", adset_id=moved)["copied_ad_id"]
    assert maker.ground.get(copy, fields="adset_id,source_ad_id")["adset_id"] == moved
    assert maker.ground.error("POST", f"{ad}/copies", adset_id=other)[:2] == (400, 100)


def test_too_much_at_once_is_refused_whole(maker: Maker) -> None:
    campaign, ad_set, _ = maker.whole()
    for _ in range(3):
        maker.ad(ad_set, maker.creative())
    before = len(maker.ground.graph.written)
    assert maker.ground.error("POST", f"{campaign}/copies", deep_copy=True) == (400, 100, 1885194)
    assert len(maker.ground.graph.written) == before
    assert maker.ground.post(f"{campaign}/copies")["copied_campaign_id"]


def test_the_owners_campaigns_can_be_copied_and_deliver(ground: Ground) -> None:
    source = next(one for one in ground.ad_sets() if "daily_budget" in one and one["effective_status"] == "ACTIVE")
    ads = ground.get(f"{source['id']}/ads")["data"]
    copy = ground.post(f"{source['id']}/copies", status_option="ACTIVE")["copied_adset_id"]
    ground.post(f"{ads[0]['id']}/copies", adset_id=copy, status_option="ACTIVE")
    fields = "daily_budget,targeting,optimization_goal,attribution_spec,destination_type"
    original = ground.get(source["id"], fields=fields)
    assert ground.get(copy, fields=fields) == original | {"id": copy}
    ground.advance(48)
    rows = ground.rows(fields="adset_id,spend", date_preset="maximum")
    assert float({row["adset_id"]: row["spend"] for row in rows}[copy]) > 10
