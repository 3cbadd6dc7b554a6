"""Creating through the simulated API: what Meta requires, forbids, fills in and remembers."""

from typing import Any

import pytest
from making import Maker
from test_mock_ground import Ground

US = {"geo_locations": {"countries": ["US"]}}
ROAS = "LOWEST_COST_WITH_MIN_ROAS"


@pytest.fixture
def ground() -> Ground:
    return Ground(days=1)


@pytest.fixture
def maker(ground: Ground) -> Maker:
    return Maker(ground)


def end(ground: Ground, days: float) -> int:
    return int(ground.clock.now() + days * 86400)


CAMPAIGNS: list[tuple[dict[str, Any], int | None]] = [
    ({"name": None}, None),
    ({"objective": None}, None),
    ({"objective": "CONVERSIONS"}, None),
    ({"objective": "OUTCOME_FAME"}, None),
    ({"special_ad_categories": None}, None),
    ({"special_ad_categories": ["PETS"]}, None),
    ({"special_ad_categories": ["ISSUES_ELECTIONS_POLITICS"]}, None),
    ({"is_adset_budget_sharing_enabled": None}, 4834011),
    ({"is_adset_budget_sharing_enabled": True, "daily_budget": 5000}, 4834002),
    ({"is_adset_budget_sharing_enabled": True}, 4834005),
    ({"daily_budget": 99}, 1885272),
    ({"daily_budget": 5000, "lifetime_budget": 5000}, 1885621),
    ({"daily_budget": 200_000_000}, 1885261),
    ({"spend_cap": 9_999}, 1885272),
    ({"bid_strategy": "COST_CAP"}, None),
    ({"smart_promotion_type": "SMART_APP_PROMOTION"}, None),
    ({"status": "ARCHIVED"}, None),
    ({"name": "x" * 401}, None),
]


@pytest.mark.parametrize(("wrong", "subcode"), CAMPAIGNS, ids=str)
def test_a_campaign_meta_would_refuse_is_refused(maker: Maker, wrong: dict[str, Any], subcode: int | None) -> None:
    error = maker.ground.error("POST", f"{maker.account}/campaigns", **maker.campaign_params(**wrong))
    assert error == (400, 100, subcode)
    assert maker.ground.graph.written == []


AD_SETS: list[tuple[dict[str, Any], int | None]] = [
    ({"name": None}, None),
    ({"campaign_id": "1"}, None),
    ({"optimization_goal": None}, None),
    ({"billing_event": None}, None),
    ({"targeting": None}, None),
    ({"targeting": {}}, 1885364),
    ({"targeting": {"geo_locations": {"countries": ["USA"]}}}, 1487079),
    ({"targeting": {**US, "age_min": 12}}, None),
    ({"targeting": {**US, "age_max": 40}}, 1870227),
    ({"targeting": {**US, "age_max": 40, "targeting_automation": {"advantage_audience": 1}}}, 1870189),
    ({"targeting": {"geo_locations": {"countries": ["DE"]}}}, None),
    ({"daily_budget": None}, 1487061),
    ({"daily_budget": 499}, 1885272),
    ({"lifetime_budget": 5000}, 1885621),
    ({"daily_budget": None, "lifetime_budget": 5000}, 1487094),
    ({"end_time": 1_794_000_000}, 1487033),
    ({"end_time": 1_794_934_800 + 3600}, 1487094),
    ({"optimization_goal": "THRUPLAY"}, 2490408),
    ({"billing_event": "LINK_CLICKS"}, None),
    ({"destination_type": "ON_POST"}, 1815715),
    ({"promoted_object": None}, 1487888),
    ({"promoted_object": {"pixel_id": "12", "custom_event_type": "PURCHASE"}}, 1487888),
    ({"bid_strategy": None}, 2490487),
    ({"bid_strategy": "COST_CAP"}, 1815857),
    ({"bid_strategy": ROAS}, 2490487),
    ({"bid_strategy": "COST_CAP", "bid_amount": 2001}, 1885272),
    ({"attribution_spec": [{"event_type": "CLICK_THROUGH", "window_days": 28}]}, None),
    ({"adset_schedule": [{"start_minute": 0, "end_minute": 60, "days": [1]}]}, None),
    ({"optimization_goal": "SALES"}, None),
]


@pytest.mark.parametrize(("wrong", "subcode"), AD_SETS, ids=str)
def test_an_ad_set_meta_would_refuse_is_refused(maker: Maker, wrong: dict[str, Any], subcode: int | None) -> None:
    campaign = maker.campaign()
    error = maker.ground.error("POST", f"{maker.account}/adsets", **maker.ad_set_params(campaign, **wrong))
    assert error == (400, 100, subcode)
    assert len(maker.ground.graph.written) == 1


def test_an_ad_set_under_a_campaign_budget_takes_none_of_its_own(maker: Maker) -> None:
    campaign = maker.campaign(daily_budget=9000, is_adset_budget_sharing_enabled=None)
    params = maker.ad_set_params(campaign)
    assert maker.ground.error("POST", f"{maker.account}/adsets", **params) == (400, 100, 1885621)
    assert maker.ad_set(campaign, daily_budget=None, bid_strategy=None)


def test_people_in_europe_must_be_told_who_pays(maker: Maker) -> None:
    targeting = {"geo_locations": {"countries": ["DE", "US"]}}
    params = maker.ad_set_params(maker.campaign(), targeting=targeting, dsa_beneficiary="Fernhill")
    status, body = maker.ground.call("POST", f"{maker.account}/adsets", **params)
    assert (status, body["error"]["error_data"]) == (400, {"blame_field_specs": [["dsa_payor"]]})
    assert maker.ground.post(f"{maker.account}/adsets", **params, dsa_payor="Fernhill")["id"]


def test_a_housing_campaign_reaches_everyone(maker: Maker) -> None:
    campaign = maker.campaign(special_ad_categories=["HOUSING"])
    edge = f"{maker.account}/adsets"
    assert maker.ground.error("POST", edge, **maker.ad_set_params(campaign, targeting=US)) == (400, 100, 1870227)
    flag = {"targeting_automation": {"advantage_audience": 0}}
    men = maker.ad_set_params(campaign, targeting={**US, **flag, "genders": [1]})
    assert maker.ground.error("POST", edge, **men) == (400, 100, None)
    assert maker.ad_set(campaign, targeting={**US, **flag})


CREATIVES: list[tuple[dict[str, Any], int | None]] = [
    ({"object_story_spec": None}, 1487390),
    ({"object_story_spec": {"page_id": "1", "link_data": {"link": "https://x.example"}}}, 1487194),
    ({"object_story_id": "post", "object_story_spec": None}, 1443048),
    ({"instagram_actor_id": "1"}, None),
    ({"image_hash": "0" * 32}, 2446388),
    ({"degrees_of_freedom_spec": {"creative_features_spec": {"standard_enhancements": {}}}}, 3858504),
    ({"degrees_of_freedom_spec": {"creative_features_spec": {"text_translation": {"enroll_status": "ON"}}}}, None),
    ({"asset_feed_spec": {"bodies": [{"text": "a"}] * 6}}, None),
]
STORIES: list[tuple[dict[str, Any], int | None]] = [
    ({}, 1487390),
    ({"link_data": {"message": "no link"}}, 2061015),
    ({"link_data": {"link": "https://x.example", "image_hash": "0" * 32}}, 2446388),
    ({"link_data": {"link": "https://x.example"}, "photo_data": {"url": "https://x.example"}}, 1487390),
    ({"link_data": {"link": "https://x.example", "call_to_action": {"type": "RUN"}}}, None),
    ({"link_data": {"link": "https://x.example", "child_attachments": [{"link": "https://x.example"}]}}, 1487390),
    ({"video_data": {"video_id": "1"}}, 1487390),
    ({"video_data": {"message": "no video"}}, None),
]


@pytest.mark.parametrize(("wrong", "subcode"), CREATIVES, ids=str)
def test_a_creative_meta_would_refuse_is_refused(maker: Maker, wrong: dict[str, Any], subcode: int | None) -> None:
    params = maker.creative_params(**wrong)
    assert maker.ground.error("POST", f"{maker.account}/adcreatives", **params) == (400, 100, subcode)


@pytest.mark.parametrize(("wrong", "subcode"), STORIES, ids=str)
def test_a_story_meta_would_refuse_is_refused(maker: Maker, wrong: dict[str, Any], subcode: int | None) -> None:
    params = maker.creative_params(object_story_spec={"page_id": maker.page, **wrong})
    assert maker.ground.error("POST", f"{maker.account}/adcreatives", **params) == (400, 100, subcode)


def test_the_content_of_a_creative_never_changes(maker: Maker) -> None:
    creative = maker.creative()
    assert maker.ground.error("POST", creative, object_story_spec="{}") == (400, 100, 1815573)
    assert maker.ground.error("POST", creative, url_tags="a=b") == (400, 100, 1815573)
    assert maker.ground.post(creative, name="Navy") == {"success": True}
    assert maker.ground.get(creative, fields="name,body")["name"] == "Navy"


def test_an_ad_needs_its_ad_set_and_its_creative(maker: Maker) -> None:
    ad_set, creative = maker.ad_set(maker.campaign()), maker.creative()
    for wrong in ({"name": None}, {"adset_id": "1"}, {"creative": {"creative_id": "1"}}, {"creative": None},
                  {"conversion_domain": "https://shop.example/"}):  # fmt: skip
        params = maker.ad_params(ad_set, creative, **wrong)
        assert maker.ground.error("POST", f"{maker.account}/ads", **params) == (400, 100, None)
    feed = {"bodies": [{"text": "a"}], "link_urls": [{"website_url": "https://x.example"}]}
    dynamic = maker.creative(object_story_spec={"page_id": maker.page}, asset_feed_spec=feed)
    assert maker.ground.error("POST", f"{maker.account}/ads", **maker.ad_params(ad_set, dynamic)) == (400, 100, 1885998)
    host = maker.ad_set(maker.campaign(), is_dynamic_creative=True)
    assert maker.ad(host, dynamic)


def test_an_ad_may_bring_its_creative(maker: Maker) -> None:
    inline = maker.creative_params(name="Inline")
    ad = maker.ad(maker.ad_set(maker.campaign()), "", creative=inline)
    assert maker.ground.get(ad, fields="creative{name,title}")["creative"]["title"] == "The bundle"


def test_an_ad_set_takes_fifty_ads(maker: Maker) -> None:
    ad_set, creative = maker.ad_set(maker.campaign()), maker.creative()
    ads = [maker.ad(ad_set, creative) for _ in range(50)]
    params = maker.ad_params(ad_set, creative)
    assert maker.ground.error("POST", f"{maker.account}/ads", **params) == (400, 100, 1487809)
    maker.ground.call("DELETE", ads[0])
    assert maker.ad(ad_set, creative)


def test_what_was_written_is_read_in_metas_shape(maker: Maker) -> None:
    until = end(maker.ground, 20)
    campaign = maker.campaign(spend_cap="50000", special_ad_categories='["NONE"]')
    ad_set = maker.ad_set(campaign, daily_budget=None, lifetime_budget="60000", end_time=until, bid_strategy="COST_CAP",
                          bid_amount="1500", start_time="2026-11-20T00:00:00-0500")  # fmt: skip
    fields = "lifetime_budget,daily_budget,budget_remaining,bid_amount,start_time,end_time,targeting,destination_type"
    found = maker.ground.get(ad_set, fields=fields)
    assert found == {
        "id": ad_set,
        "lifetime_budget": "60000",
        "daily_budget": "0",
        "budget_remaining": "60000",
        "bid_amount": 1500,
        "start_time": "2026-11-20T00:00:00-0500",
        "end_time": "2026-12-07T12:00:00-0500",
        "destination_type": "UNDEFINED",
        "targeting": {
            "age_min": 18,
            "age_max": 65,
            "geo_locations": {"countries": ["US"], "location_types": ["home", "recent"]},
            "targeting_automation": {"advantage_audience": 1},
        },
    }
    top = maker.ground.get(
        campaign, fields="spend_cap,special_ad_categories,special_ad_category,objective,daily_budget"
    )
    assert top == {"id": campaign, "spend_cap": "50000", "special_ad_categories": [], "special_ad_category": "NONE",
                   "objective": "OUTCOME_SALES"}  # fmt: skip


def test_a_create_reads_back_the_fields_asked_for(maker: Maker) -> None:
    params = maker.campaign_params(fields="name,effective_status")
    found = maker.ground.post(f"{maker.account}/campaigns", **params)
    assert (found["name"], found["effective_status"]) == ("Autumn", "PAUSED")
    lost = maker.campaign_params(name="Kept", fields="shoes")
    assert maker.ground.error("POST", f"{maker.account}/campaigns", **lost) == (400, 100, None)
    names = [one["name"] for one in maker.ground.get(f"{maker.account}/campaigns", fields="name", limit="99")["data"]]
    assert "Kept" in names  # as Meta warns: the write stands, though reading it back failed


def test_a_trial_create_makes_nothing(maker: Maker) -> None:
    trial = {"execution_options": ["validate_only", "include_recommendations"]}
    before = len(maker.ground.get(f"{maker.account}/campaigns", limit="99")["data"])
    assert maker.ground.post(f"{maker.account}/campaigns", **maker.campaign_params(**trial)) == {"success": True}
    wrong = maker.campaign_params(**trial, daily_budget=1)
    assert maker.ground.error("POST", f"{maker.account}/campaigns", **wrong) == (400, 100, 1885272)
    assert len(maker.ground.get(f"{maker.account}/campaigns", limit="99")["data"]) == before


def test_an_ad_is_reviewed_and_then_delivers(maker: Maker) -> None:
    _, ad_set, ad = maker.whole()
    status = maker.ground.get(ad, fields="effective_status")["effective_status"]
    assert status == "PENDING_REVIEW"
    maker.ground.advance(30)
    assert maker.ground.get(ad, fields="effective_status")["effective_status"] == "ACTIVE"
    row = maker.ground.get(f"{ad}/insights", date_preset="maximum", fields="impressions,spend")["data"][0]
    assert int(row["impressions"]) > 100
    learning = maker.ground.get(ad_set, fields="learning_stage_info")["learning_stage_info"]
    assert learning["status"] == "LEARNING"


def test_a_paused_ad_is_reviewed_and_stays_paused(maker: Maker) -> None:
    *_, ad = maker.whole("PAUSED")
    assert maker.ground.get(ad, fields="effective_status")["effective_status"] == "PENDING_REVIEW"
    maker.ground.advance(30)
    assert maker.ground.get(ad, fields="effective_status")["effective_status"] == "PAUSED"
    assert maker.ground.get(f"{ad}/insights", date_preset="maximum")["data"] == []


def test_some_ads_are_disapproved(maker: Maker) -> None:
    creative, ads = maker.creative(), []
    for _ in range(8):
        ad_set = maker.ad_set(maker.campaign(status="ACTIVE"), status="ACTIVE")
        ads += [maker.ad(ad_set, creative, status="ACTIVE") for _ in range(50)]
    maker.ground.advance(30)
    fields = "effective_status,ad_review_feedback"
    found = [maker.ground.get(ad, fields=fields) for ad in ads]
    refused = [one for one in found if one["effective_status"] == "DISAPPROVED"]
    assert 1 <= len(refused) <= 30
    assert all(one["ad_review_feedback"]["global"] for one in refused)
    assert not any("ad_review_feedback" in one for one in found if one["effective_status"] == "ACTIVE")


def test_everything_written_is_there_again_after_a_restart(maker: Maker) -> None:
    campaign, ad_set, ad = maker.whole()
    maker.ground.advance(20)
    maker.ground.post(ad_set, targeting={"geo_locations": {"countries": ["CA"]}}, daily_budget=3000)
    maker.ground.post(ad, creative={"creative_id": maker.creative(name="Second")})
    maker.ground.advance(40)
    again = Ground(days=1, written=tuple(maker.ground.graph.written))
    again.advance(60)
    fields = "name,effective_status,created_time,updated_time,adlabels"
    for ident, more in ((campaign, ""), (ad_set, ",targeting,daily_budget,learning_stage_info"), (ad, ",creative")):
        assert again.get(ident, fields=fields + more) == maker.ground.get(ident, fields=fields + more)
    days = {"time_increment": "1", "date_preset": "maximum"}
    assert again.rows("ad", **days) == maker.ground.rows("ad", **days)


def test_another_creative_is_reviewed_and_taught_again(maker: Maker) -> None:
    _, ad_set, ad = maker.whole()
    maker.ground.advance(30)
    maker.ground.post(ad, creative={"creative_id": maker.creative(name="Second")})
    assert maker.ground.get(ad, fields="effective_status")["effective_status"] == "PENDING_REVIEW"
    info = maker.ground.get(ad_set, fields="learning_stage_info")["learning_stage_info"]
    assert info["last_sig_edit_ts"] == int(maker.ground.clock.now())


@pytest.mark.parametrize(
    ("change", "subcode"),
    [
        ({"targeting": "{}"}, 1885364),
        ({"bid_strategy": "COST_CAP"}, 1815857),
        ({"end_time": "2026-11-01T00:00:00-0500"}, 1487033),
        ({"frequency_control_specs": [{"event": "IMPRESSIONS", "interval_days": 7, "max_frequency": 2}]}, 1815198),
        ({"promoted_object": {"pixel_id": "PIXEL", "custom_event_type": "LEAD"}}, 3260011),
        ({"effective_status": "ACTIVE"}, None),
        ({"campaign_id": "1"}, None),
        ({"is_dynamic_creative": "true"}, None),
        ({"attribution_spec": [{"event_type": "VIEW_THROUGH", "window_days": 7}]}, None),
    ],
)
def test_an_ad_sets_rules_hold_when_it_changes(maker: Maker, change: dict[str, Any], subcode: int | None) -> None:
    ad_set = maker.ad_set(maker.campaign())
    before = len(maker.ground.graph.written)
    if "promoted_object" in change:
        change = {"promoted_object": change["promoted_object"] | {"pixel_id": maker.pixel}}
    assert maker.ground.error("POST", ad_set, **change) == (400, 100, subcode)
    assert len(maker.ground.graph.written) == before


def test_a_change_sends_back_what_was_read(maker: Maker) -> None:
    ad_set = maker.ad_set(maker.campaign())
    found = maker.ground.get(ad_set, fields="name,campaign_id,is_dynamic_creative,optimization_goal,effective_status")
    assert maker.ground.post(ad_set, **found | {"name": "Renamed"}) == {"success": True}
    assert maker.ground.get(ad_set, fields="name")["name"] == "Renamed"


def test_a_campaign_budget_moves_down_to_its_ad_sets(maker: Maker) -> None:
    campaign = maker.campaign(daily_budget=9000, is_adset_budget_sharing_enabled=None)
    ad_sets = [maker.ad_set(campaign, daily_budget=None, bid_strategy=None) for _ in range(2)]
    half = [{"adset_id": ad_sets[0], "daily_budget": 4000}]
    assert maker.ground.error("POST", campaign, adset_budgets=half)[:2] == (400, 100)
    budgets = [{"adset_id": one, "daily_budget": 4000} for one in ad_sets]
    assert maker.ground.post(campaign, adset_budgets=budgets) == {"success": True}
    assert maker.ground.get(ad_sets[1], fields="daily_budget")["daily_budget"] == "4000"
    found = maker.ground.get(campaign, fields="daily_budget,last_budget_toggling_time")
    assert set(found) == {"id", "last_budget_toggling_time"}


def test_labels_are_made_by_name_and_find_what_bears_them(maker: Maker) -> None:
    campaign = maker.campaign(adlabels=[{"name": "launch-7"}])
    (label,) = maker.ground.get(f"{maker.account}/adlabels", fields="name")["data"]
    assert label["name"] == "launch-7"
    assert maker.ground.post(f"{maker.account}/adlabels", name="launch-7") == {"id": label["id"]}
    found = maker.ground.get(f"{maker.account}/campaignsbylabels", ad_label_ids=[label["id"]], fields="name")
    assert [one["id"] for one in found["data"]] == [campaign]
    assert [one["id"] for one in maker.ground.get(f"{label['id']}/campaigns")["data"]] == [campaign]
    other = maker.ground.post(f"{maker.account}/adlabels", name="other")["id"]
    both = {"ad_label_ids": [label["id"], other]}
    assert maker.ground.get(f"{maker.account}/campaignsbylabels", **both)["data"] == []
    assert len(maker.ground.get(f"{maker.account}/campaignsbylabels", **both, operator="ANY")["data"]) == 1
    maker.ground.post(f"{campaign}/adlabels", adlabels=[{"id": other}])
    assert len(maker.ground.get(f"{maker.account}/campaignsbylabels", **both)["data"]) == 1
    maker.ground.call("DELETE", f"{campaign}/adlabels", adlabels=[{"name": "launch-7"}])
    assert maker.ground.get(f"{label['id']}/campaigns")["data"] == []


def test_many_campaigns_are_deleted_at_once(maker: Maker) -> None:
    old, edge = maker.campaign(name="Old"), f"{maker.account}/campaigns"
    maker.ground.post(old, status="ARCHIVED")
    assert maker.ground.error("DELETE", edge, delete_strategy="DELETE_ARCHIVED_BEFORE")[:2] == (400, 100)
    assert maker.ground.error("DELETE", edge, delete_strategy="DELETE_ALL")[:2] == (400, 100)
    maker.ground.advance(1)
    how = {"delete_strategy": "DELETE_ARCHIVED_BEFORE", "before_date": int(maker.ground.clock.now())}
    assert maker.ground.call("DELETE", edge, **how)[1] == {
        "objects_left_to_delete_count": 0,
        "deleted_object_ids": [old],
    }
    _, body = maker.ground.call("DELETE", edge, delete_strategy="DELETE_OLDEST", object_count=1)
    assert (body["objects_left_to_delete_count"], len(body["deleted_object_ids"])) == (2, 1)


def test_the_log_tells_what_was_made(maker: Maker) -> None:
    maker.whole()
    fields = "event_type,object_name,actor_name"
    log = maker.ground.get(f"{maker.account}/activities", fields=fields, since="2026-11-17")["data"]
    assert [one["event_type"] for one in log] == ["create_ad", "create_ad_set", "create_campaign_group"]


def test_numbers_may_be_text_and_lists_may_have_commas(maker: Maker) -> None:
    campaign = maker.campaign(special_ad_categories="NONE", shoes="ignored", is_adset_budget_sharing_enabled="0")
    ad_set = maker.ad_set(campaign, daily_budget="2500", targeting='{"geo_locations":{"countries":["US"]}}')
    assert maker.ground.get(ad_set, fields="daily_budget")["daily_budget"] == "2500"
