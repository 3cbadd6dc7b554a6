"""The tree that a launch makes, by an example made by hand."""

import msgspec
import pytest

from adopt.launch.tree import PAGE, Ad, AdSet, Campaign, Creative, Launch, Media, made, needs, resolved

IMAGE = Media(key="image.0123456789ab", kind="image", path="/ads/blue.png", sha256="0123456789ab" + "0" * 52, bytes=900)
CLIP = Media(key="video.ba9876543210", kind="video", path="/ads/clip.mp4", sha256="ba9876543210" + "0" * 52, bytes=9000)
CALL = {"type": "SHOP_NOW", "value": {"link": "https://shop.example/"}}
BLUE = Creative(
    key="creative.1",
    name="Blue",
    params={
        "name": "Blue",
        "object_story_spec": {
            "page_id": made(PAGE),
            "link_data": {
                "link": "https://shop.example/",
                "message": "Now in blue",
                "image_hash": made(IMAGE.key),
                "call_to_action": CALL,
            },
        },
    },
)
MOVING = Creative(
    key="creative.2",
    name="Clip",
    params={
        "name": "Clip",
        "object_story_spec": {
            "page_id": made(PAGE),
            "video_data": {
                "video_id": made(CLIP.key),
                "image_url": made("thumbnail.ba9876543210"),
                "call_to_action": CALL,
            },
        },
    },
)


def ad(place: int, creative: Creative) -> Ad:
    return Ad(
        key=f"ad.1.{place}",
        name=creative.name,
        creative=creative.key,
        params={
            "name": creative.name,
            "adset_id": made("adset.1"),
            "creative": {"creative_id": made(creative.key)},
            "status": "PAUSED",
        },
    )


BROAD = AdSet(
    key="adset.1",
    name="Broad",
    params={
        "name": "Broad",
        "campaign_id": made("campaign"),
        "daily_budget": 3000,
        "optimization_goal": "LINK_CLICKS",
        "billing_event": "IMPRESSIONS",
        "bid_strategy": "LOWEST_COST_WITHOUT_CAP",
        "targeting": {"geo_locations": {"countries": ["US"]}, "targeting_automation": {"advantage_audience": 1}},
        "status": "PAUSED",
    },
    ads=(ad(1, BLUE), ad(2, MOVING)),
)
LAUNCH = Launch(
    account="act_1234567890",
    currency="USD",
    active=False,
    daily_budget=3000,
    lifetime_budget=0,
    media=(IMAGE, CLIP),
    creatives=(BLUE, MOVING),
    campaign=Campaign(
        key="campaign",
        name="Autumn",
        params={
            "name": "Autumn",
            "objective": "OUTCOME_TRAFFIC",
            "special_ad_categories": [],
            "is_adset_budget_sharing_enabled": False,
            "status": "PAUSED",
        },
        adsets=(BROAD,),
    ),
)


def test_a_launch_is_the_same_after_it_lay_in_a_queue() -> None:
    assert msgspec.json.decode(msgspec.json.encode(LAUNCH), type=Launch) == LAUNCH


def test_a_launch_is_told_by_what_it_makes_not_by_where_its_files_lie() -> None:
    elsewhere = msgspec.structs.replace(IMAGE, path="/other/blue.png")
    assert msgspec.structs.replace(LAUNCH, media=(elsewhere, CLIP)).digest == LAUNCH.digest
    assert msgspec.structs.replace(LAUNCH, active=True).digest != LAUNCH.digest


def test_parameters_name_what_they_wait_for() -> None:
    assert needs(LAUNCH.campaign.params) == frozenset()
    assert needs(BROAD.params) == {"campaign"}
    assert needs(MOVING.params) == {"page", "video.ba9876543210", "thumbnail.ba9876543210"}
    assert [needs(one.params) for one in LAUNCH.ads] == [{"adset.1", "creative.1"}, {"adset.1", "creative.2"}]


def test_results_are_put_where_they_are_waited_for() -> None:
    found = resolved(LAUNCH.ads[0].params, {"adset.1": "238", "creative.1": "239"})
    assert found == {"name": "Blue", "adset_id": "238", "creative": {"creative_id": "239"}, "status": "PAUSED"}
    assert needs(LAUNCH.ads[0].params) == {"adset.1", "creative.1"}


def test_a_result_that_is_not_there_is_not_left_out() -> None:
    with pytest.raises(KeyError, match=r"creative\.1"):
        resolved(LAUNCH.ads[0].params, {"adset.1": "238"})


def test_lists_are_looked_through() -> None:
    cards = {"child_attachments": [{"image_hash": made("image.1")}, {"image_hash": made("image.2")}]}
    assert needs(cards) == {"image.1", "image.2"}
    assert resolved(cards, {"image.1": "a", "image.2": "b"}) == {
        "child_attachments": [{"image_hash": "a"}, {"image_hash": "b"}]
    }
