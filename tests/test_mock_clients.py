"""What programs that others wrote read - connectors, assistants' servers, SDKs - is answered as Meta answers it."""

import pytest
from test_mock_ground import Ground

PAGE = "id,name,username,category,fan_count,link,verification_status,picture"
AD_SET = (
    "id,name,campaign_id,status,daily_budget,lifetime_budget,targeting,bid_amount,bid_adjustments,bid_strategy,"
    "bid_constraints,optimization_goal,billing_event,start_time,end_time,created_time,updated_time,is_dynamic_creative,"
    "frequency_control_specs{event,interval_days,max_frequency},regional_regulated_categories,"
    "regional_regulation_identities,attribution_spec,dsa_beneficiary,dsa_payor,promoted_object,pacing_type"
)
AD = (
    "id,name,adset_id,campaign_id,status,effective_status,issues_info,creative,created_time,updated_time,bid_amount,"
    "conversion_domain,tracking_specs,preview_shareable_link"
)
CREATIVE = (
    "id,name,status,thumbnail_url,image_url,image_hash,object_story_spec,object_type,body,title,url_tags,link_url,"
    "effective_object_story_id,asset_feed_spec{images,videos,bodies,titles,descriptions,link_urls,ad_formats,"
    "call_to_action_types,optimization_type,asset_customization_rules},product_set_id,degrees_of_freedom_spec"
)
INSIGHTS = (
    "account_id,account_name,campaign_id,campaign_name,adset_id,adset_name,ad_id,ad_name,impressions,clicks,spend,cpc,"
    "cpm,ctr,reach,frequency,actions,action_values,conversions,unique_clicks,cost_per_action_type"
)
STATUSES = '["ACTIVE","PAUSED","ARCHIVED","CAMPAIGN_PAUSED","ADSET_PAUSED","PENDING_REVIEW","WITH_ISSUES"]'
DAYS = '{"since":"2026-11-10","until":"2026-11-15"}'
SINCE = '[{"field":"ad.updated_time","operator":"GREATER_THAN","value":1762000000}]'
READS: list[tuple[str, dict[str, str]]] = [
    # warehouse connectors
    (
        "{account}",
        {"fields": "account_id,name,age,currency,timezone_name,business{id,name},funding_source"},
    ),
    ("me/business_users", {"summary": "true"}),
    ("{business}/business_users", {}),
    ("{account}/assigned_users", {"business": "{business}", "fields": "id,tasks"}),
    (
        "{account}/campaigns",
        {"limit": "100", "filtering": SINCE.replace("ad.", "campaign."), "fields": "name"},
    ),
    ("{account}/ads", {"limit": "100", "filtering": SINCE, "fields": AD}),
    ("{account}/adsets", {"effective_status": STATUSES, "limit": "100", "fields": AD_SET, "summary": "true"}),
    (
        "{account}/adcreatives",
        {"fields": CREATIVE, "thumbnail_height": "100", "thumbnail_width": "100"},
    ),
    (
        "{account}/adimages",
        {"fields": "id,hash,url,url_128,creatives,width,height,permalink_url,status"},
    ),
    ("{account}/advideos", {"fields": "id,title,picture,length,permalink_url,source,thumbnails,status,updated_time"}),
    (
        "{account}/activities",
        {"fields": "actor_id,event_type,object_id,date_time_in_timezone", "since": "1"},
    ),
    ("{account}/customconversions", {"fields": "id,name,rule,pixel,custom_event_type,last_fired_time,is_archived"}),
    ("{account}/customaudiences", {"fields": "id,name,subtype,delivery_status,rule,lookalike_spec", "limit": "25"}),
    ("{account}/adlabels", {"fields": "id,account,created_time,updated_time,name", "limit": "25"}),
    ("{account}/adcreatives", {"limit": "25", "sort": "asc", "order_by": "id"}),
    ("{account}/campaigns", {"fields": "id,ads{id}", "limit": "10"}),
    ("{ad}/leads", {"fields": "id,created_time,ad_id,form_id,field_data", "limit": "100"}),
    ("{page}/leadgen_forms", {"fields": "id,name,status,leads_count", "limit": "25"}),
    # insights, as connectors ask for them
    *(
        ("{account}/insights", {"level": "ad", "fields": INSIGHTS, "time_increment": "1", "time_range": DAYS, **more})
        for more in (
            {"breakdowns": '["age","gender"]', "action_breakdowns": '["action_type","action_destination"]'},
            {"breakdowns": "country", "action_attribution_windows": '["1d_click","7d_click","28d_click","1d_view"]'},
            {"breakdowns": '["publisher_platform","platform_position","impression_device"]', "limit": "100"},
            {"breakdowns": "hourly_stats_aggregated_by_advertiser_time_zone", "action_report_time": "mixed"},
            {"action_breakdowns": "action_type", "use_account_attribution_setting": "true"},
            {"use_unified_attribution_setting": "true", "sort": "spend_descending", "default_summary": "true"},
            {"filtering": '[{"field":"ad.effective_status","operator":"IN","value":["ACTIVE","PAUSED"]}]'},
            {"filtering": SINCE, "product_id_limit": "5"},
        )
    ),
    (
        "{account}/insights",
        {"level": "campaign", "fields": INSIGHTS, "breakdowns": "region"},
    ),
    ("{ad_set}/insights", {"fields": INSIGHTS, "date_preset": "maximum", "time_increment": "monthly"}),
    ("{ad}", {"fields": "insights.date_preset(last_7d).time_increment(1){spend,actions},adset{name},campaign{name}"}),
    # assistants' servers
    ("me", {"fields": "id,name,adaccounts.limit(5){name,currency},accounts{name},businesses{name},permissions"}),
    (
        "{user}/adaccounts",
        {"fields": "id,name,account_id,amount_spent,balance,age,business_city"},
    ),
    ("{account}", {"fields": "id,name,amount_spent,balance,business_city,timezone_name,owner,funding_source_details"}),
    ("{account}/ads", {"fields": AD, "limit": "10"}),
    ("{campaign}/ads", {"fields": AD, "limit": "10", "effective_status": STATUSES}),
    ("{ad_set}/ads", {"fields": AD}),
    ("{ad}/adcreatives", {"fields": f"{CREATIVE},image_urls_for_viewing"}),
    ("{creative}", {"fields": CREATIVE}),
    ("{creative}", {"fields": "degrees_of_freedom_spec,contextual_multi_ads"}),
    ("{account}/adimages", {"fields": "hash,url,width,height,name,status", "hashes": '["{hash}"]'}),
    ("{account}/ads", {"fields": "creative{object_story_spec{page_id},link_url,call_to_action}", "limit": "100"}),
    ("me/accounts", {"fields": f"{PAGE},access_token,tasks"}),
    ("me/businesses", {"fields": "id,name,verification_status,primary_page", "limit": "25"}),
    ("{business}/owned_ad_accounts", {"fields": "id,name,account_status,currency", "limit": "25"}),
    ("{business}/owned_pages", {"fields": PAGE, "summary": "true"}),
    ("{page}", {"fields": PAGE}),
    ("{campaign}/adsets", {"fields": AD_SET}),
    ("{campaign}/budget_schedules", {"fields": "id,budget_value,time_start,time_end"}),
    ("search", {"type": "adinterest", "q": "running", "limit": "25"}),
    ("search", {"type": "adinterestsuggestion", "interest_list": '["Running"]', "limit": "25"}),
    ("search", {"type": "adTargetingCategory", "class": "demographics", "limit": "50"}),
    ("search", {"type": "adgeolocation", "q": "New York", "location_types": '["city","region"]', "limit": "25"}),
    ("{account}/reachestimate", {"targeting_spec": '{"geo_locations":{"countries":["US"]}}', "object_store_url": ""}),
    ("{account}/ads_volume", {"show_breakdown_by_actor": "true"}),
    ("{app}", {"fields": "id,name,namespace,category,link"}),
    ("{account}/applications", {"fields": "id,name"}),
    ("{account}/adspixels", {"fields": "id,name,code,last_fired_time,owner_business,is_unavailable", "limit": "25"}),
    ("{pixel}/stats", {"aggregation": "event"}),
]


# What some of them ask for and Meta does not have, or has no longer.
MISTAKEN = [
    ("{account}/client_pages", {"fields": PAGE}),
    ("{account}/promoted_objects", {"fields": "page_id,application_id"}),
    ("{creative}", {"fields": "dynamic_creative_spec"}),
    ("{creative}", {"fields": "id,effective_instagram_story_id"}),
    ("{account}/advideos", {"fields": "id,from_object"}),
]


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground(days=12)


@pytest.fixture(scope="module")
def names(ground: Ground) -> dict[str, str]:
    account = ground.graph.world.account
    first = {
        name: ground.get(f"{ground.account}/{edge}", limit="1")["data"][0]["id"]
        for name, edge in (("campaign", "campaigns"), ("ad_set", "adsets"), ("ad", "ads"), ("creative", "adcreatives"))
    }
    picture = ground.get(f"{ground.account}/adimages", limit="1", fields="hash")["data"][0]["hash"]
    around = {"page": account.page, "business": account.business, "pixel": account.pixel, "user": account.user}
    return {"account": ground.account, "app": account.app, "hash": picture, **first, **around}


def filled(value: str, names: dict[str, str]) -> str:
    return value.replace("{hash}", names["hash"]).replace("{business}", names["business"])


@pytest.mark.parametrize(("path", "params"), READS, ids=lambda one: one if isinstance(one, str) else "")
def test_what_others_read_is_answered(ground: Ground, names: dict[str, str], path: str, params: dict[str, str]) -> None:
    asked = {
        key: value.replace("{hash}", names["hash"]).replace("{business}", names["business"])
        for key, value in params.items()
    }
    status, body = ground.call("GET", path.format(**names), **asked)
    assert status == 200, body


@pytest.mark.parametrize(("path", "params"), MISTAKEN)
def test_what_meta_does_not_have_is_no_field(
    ground: Ground, names: dict[str, str], path: str, params: dict[str, str]
) -> None:
    status, body = ground.call("GET", path.format(**names), **params)
    assert (status, body["error"]["code"]) == (400, 100)
    assert "nonexisting field" in body["error"]["message"]


def test_a_page_is_spoken_for_by_a_token_of_its_own(ground: Ground) -> None:
    (page,) = ground.get("me/accounts")["data"]
    assert set(page) == {"access_token", "category", "name", "tasks", "id"}
    found = ground.get("debug_token", input_token=page["access_token"])["data"]
    assert (found["type"], found["is_valid"]) == ("PAGE", True)


def test_a_person_nests_pages_and_businesses(ground: Ground) -> None:
    me = ground.get("me", fields="accounts{name},businesses{name,id}")
    assert me["accounts"]["data"] == [{"name": "Fernhill Outfitters", "id": ground.graph.world.account.page}]
    assert [one["id"] for one in me["businesses"]["data"]] == [ground.graph.world.account.business]
