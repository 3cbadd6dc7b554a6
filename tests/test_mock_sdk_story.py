"""A whole campaign by Meta's own SDK: made, shown, copied, put away."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from facebook_business.adobjects.ad import Ad
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adcreative import AdCreative
from facebook_business.adobjects.adimage import AdImage
from facebook_business.adobjects.adset import AdSet
from facebook_business.adobjects.advideo import AdVideo
from facebook_business.adobjects.campaign import Campaign
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from official import official_sdk
from PIL import Image
from test_mock_ground import Flight, flying
from test_mock_media import movie

LINK = "https://shop.example/bundle"
CALL = {"type": AdCreative.CallToActionType.shop_now, "value": {"link": LINK}}


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    with flying(tmp_path_factory.mktemp("home"), "--days", "3") as started:
        yield started


@pytest.fixture
def api(flight: Flight) -> Iterator[FacebookAdsApi]:
    with official_sdk(flight) as api:
        yield api


@pytest.fixture
def account(api: FacebookAdsApi, flight: Flight) -> AdAccount:
    return AdAccount(flight.account, api=api)


@pytest.fixture
def page(account: AdAccount) -> str:
    (story,) = [one["object_story_spec"] for one in account.get_ad_creatives(["object_story_spec"], {"limit": 1})][:1]
    return str(story["page_id"])


def make_ad_set(account: AdAccount, campaign: str, **other: Any) -> AdSet:
    promoted = next(iter(account.get_ad_sets(fields=[AdSet.Field.promoted_object])))["promoted_object"]
    params = {
        AdSet.Field.name: "Broad",
        AdSet.Field.campaign_id: campaign,
        AdSet.Field.daily_budget: 15000,
        AdSet.Field.billing_event: AdSet.BillingEvent.impressions,
        AdSet.Field.optimization_goal: AdSet.OptimizationGoal.offsite_conversions,
        AdSet.Field.bid_strategy: AdSet.BidStrategy.lowest_cost_without_cap,
        AdSet.Field.promoted_object: {name: promoted[name] for name in ("pixel_id", "custom_event_type")},
        AdSet.Field.targeting: {
            "geo_locations": {"countries": ["US"]},
            "targeting_automation": {"advantage_audience": 1},
        },
        AdSet.Field.status: AdSet.Status.active,
    }
    return account.create_ad_set(params=params | other)


def test_from_a_campaign_to_its_end(
    api: FacebookAdsApi, account: AdAccount, flight: Flight, page: str, tmp_path: Path
) -> None:
    campaign = account.create_campaign(
        fields=[Campaign.Field.name, Campaign.Field.effective_status],
        params={
            "name": "Autumn",
            "objective": Campaign.Objective.outcome_sales,
            "special_ad_categories": [],
            "is_adset_budget_sharing_enabled": False,
            "status": Campaign.Status.active,
            "adlabels": [{"name": "autumn-1"}],
        },
    )
    assert (campaign["name"], campaign["effective_status"]) == ("Autumn", "ACTIVE")
    ad_set = make_ad_set(account, campaign["id"])

    file = tmp_path / "blue.png"
    Image.new("RGB", (1080, 1080), "navy").save(file)
    image = AdImage(parent_id=flight.account, api=api)
    image[AdImage.Field.filename] = str(file)
    image.remote_create()
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(movie())
    video = account.create_ad_video(params={"source": str(clip), "name": "Clip"})

    still = {"link": LINK, "message": "Now in blue", "image_hash": image["hash"], "call_to_action": CALL}
    moving = {"video_id": video["id"], "image_hash": image["hash"], "message": "Look", "call_to_action": CALL}
    creatives = [
        account.create_ad_creative(params={"name": name, "object_story_spec": {"page_id": page, name: data}})
        for name, data in (("link_data", still), ("video_data", moving))
    ]
    ads = [
        account.create_ad(params={"name": f"Ad {n}", "adset_id": ad_set["id"], "status": Ad.Status.active,
                                  "creative": {"creative_id": one["id"]}})
        for n, one in enumerate(creatives)
    ]  # fmt: skip
    found = Ad(ads[1]["id"], api=api).api_get(fields=["name", "effective_status", "creative"])
    shown = AdCreative(found["creative"]["id"], api=api).api_get(fields=["video_id", "object_type"])
    assert (shown["video_id"], shown["object_type"]) == (video["id"], "VIDEO")
    assert found["effective_status"] in ("IN_PROCESS", "PENDING_REVIEW")

    flight.advance("30h")
    assert AdVideo(video["id"], api=api).api_get(fields=["status"])["status"]["video_status"] == "ready"
    assert {Ad(one["id"], api=api).api_get(["effective_status"])["effective_status"] for one in ads} == {"ACTIVE"}
    rows = list(AdSet(ad_set["id"], api=api).get_insights(["impressions", "spend"], {"date_preset": "maximum"}))
    assert int(rows[0]["impressions"]) > 100

    (label,) = account.get_ad_labels(fields=["name"])
    assert label["name"] == "autumn-1"
    labelled = account.get_campaigns_by_labels(params={"ad_label_ids": [label["id"]]})
    assert [one["id"] for one in labelled] == [campaign["id"]]

    copy = Campaign(campaign["id"], api=api).create_copy(params={"deep_copy": True, "status_option": "PAUSED"})
    assert len(list(Campaign(copy["copied_campaign_id"], api=api).get_ads())) == 2

    Campaign(campaign["id"], api=api).api_update(params={"status": Campaign.Status.archived})
    assert Ad(ads[0]["id"], api=api).api_get(["effective_status"])["effective_status"] == "ARCHIVED"
    with pytest.raises(FacebookRequestError) as caught:
        Campaign(campaign["id"], api=api).api_update(params={"status": Campaign.Status.active})
    assert caught.value.api_error_subcode() == 1487056
    Campaign(campaign["id"], api=api).api_delete()
    assert campaign["id"] not in [one["id"] for one in account.get_campaigns()]


def test_errors_say_what_to_mend(account: AdAccount) -> None:
    campaign = next(iter(account.get_campaigns(params={"effective_status": ["ACTIVE"]})))
    with pytest.raises(FacebookRequestError) as caught:
        account.create_ad_set(params={"name": "Nothing", "campaign_id": campaign["id"]})
    assert "optimization_goal is required" in caught.value.api_error_message()
    with pytest.raises(FacebookRequestError) as caught:
        make_ad_set(account, campaign["id"], targeting={})
    error = caught.value.body()["error"]
    assert caught.value.api_error_subcode() == 1885364
    assert error["error_user_title"]
    assert error["error_user_msg"]
    assert error["error_data"]["blame_field_specs"] == [["targeting"]]


def test_a_picture_comes_back_from_the_library(account: AdAccount, api: FacebookAdsApi) -> None:
    content = io.BytesIO()
    Image.new("RGB", (700, 700), "green").save(content, "JPEG")
    first = api.call("POST", (account.get_id(), "adimages"), files={"green.jpg": io.BytesIO(content.getvalue())}).json()
    (key,) = first["images"]
    found = account.get_ad_images(fields=["width", "name"], params={"hashes": [first["images"][key]["hash"]]})
    assert [one["width"] for one in found] == [700]
    account.delete_ad_images(params={"hash": first["images"][key]["hash"]})
