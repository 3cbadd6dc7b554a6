"""Accounts of each kind of business: what their ads are for, and under which action types Meta counts it."""

import json
from collections import Counter
from typing import Any

import pytest
from making import Maker
from test_mock_ground import Ground, purchases

from adopt.mock.truth import truth
from adopt.mock.wishes import Wish

SHOPS, LEADS, APPS = ("ecommerce", "high-ticket"), "leads", "app"
LEAD, FORM, SITE = "lead", "onsite_conversion.lead_grouped", "offsite_conversion.fb_pixel_lead"
INSTALLS = ("mobile_app_install", "omni_app_install")
BOUGHT = ("purchase", "omni_purchase", "add_to_cart", "initiate_checkout")
FIELDS = "adset_id,spend,actions,action_values,purchase_roas,results,cost_per_action_type,inline_link_clicks"


def ground(preset: str, **options: Any) -> Ground:
    return Ground(**{"seed": 3, "ad_sets": 12, "days": 12, "preset": preset, **options})


def counts(rows: list[dict[str, Any]], field: str = "actions", key: str = "value") -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        found.update({one["action_type"]: float(one.get(key, 0)) for one in row.get(field, ())})
    return found


def goals(flown: Ground) -> dict[str, dict[str, Any]]:
    fields = "optimization_goal,promoted_object,destination_type,campaign{objective},attribution_spec"
    return {one["id"]: one for one in flown.get(f"{flown.account}/adsets", fields=fields, limit=50)["data"]}


def test_a_leads_account_reports_leads_and_sells_nothing() -> None:
    flown = ground(LEADS)
    found = counts(flown.rows(fields=FIELDS))
    assert found[LEAD] == found[SITE] + found[FORM]
    assert min(found[SITE], found[FORM]) > 30
    assert not {*BOUGHT, *INSTALLS} & set(found)
    assert not any({"action_values", "purchase_roas"} & set(row) for row in flown.rows(fields=FIELDS))


def test_each_ad_set_of_it_gathers_leads_where_its_goal_says() -> None:
    flown = ground(LEADS)
    known, seen = goals(flown), set()
    for row in flown.rows(fields=FIELDS):
        about, found = known[row["adset_id"]], counts([row])
        forms = about["optimization_goal"] == "LEAD_GENERATION"
        promoted = {"page_id"} if forms else {"pixel_id", "custom_event_type"}
        assert about["campaign"]["objective"] == "OUTCOME_LEADS"
        assert set(about["promoted_object"]) == promoted
        assert about["destination_type"] == ("ON_AD" if forms else "WEBSITE")
        assert found[LEAD] == found[FORM if forms else SITE] > 0
        assert row["results"][0]["indicator"] == f"actions:{FORM if forms else SITE}"
        assert row["results"][0]["values"][0]["value"] == f"{found[LEAD]:g}"
        assert ("landing_page_view" in found) is not forms  # a form opens where the ad is
        seen.add(forms)
    assert seen == {False, True}


def test_windows_hold_leads_in_order_and_a_breakdown_adds_up() -> None:
    flown = ground(LEADS)
    windows = ["1d_click", "7d_click", "28d_click", "1d_view"]
    (whole,) = flown.rows("account", fields="actions", action_attribution_windows=json.dumps(windows))
    for kind in (LEAD, SITE, FORM):
        one, seven, month, view, own = (counts([whole], key=key)[kind] for key in (*windows, "value"))
        assert 0 < one <= seven <= month
        assert own == seven + view
    parts = flown.rows("account", fields="actions", breakdowns="age")
    assert all(counts(parts)[kind] == counts([whole])[kind] for kind in (LEAD, SITE, FORM))


def test_by_hour_only_leads_on_meta_are_told() -> None:
    rows = ground(LEADS).rows("account", fields="actions", breakdowns="hourly_stats_aggregated_by_advertiser_time_zone")
    found = counts(rows)
    assert found[LEAD] == found[FORM] > 0
    assert found[SITE] == 0


def test_an_app_account_reports_installs() -> None:
    flown = ground(APPS)
    rows = flown.rows(fields=FIELDS)
    found = counts(rows)
    assert found[INSTALLS[0]] == found[INSTALLS[1]] > 500
    assert not {*BOUGHT, LEAD, "landing_page_view"} & set(found)
    for about in goals(flown).values():
        assert (about["campaign"]["objective"], about["optimization_goal"]) == ("OUTCOME_APP_PROMOTION", "APP_INSTALLS")
        assert set(about["promoted_object"]) == {"application_id", "object_store_url"}
    assert {row["results"][0]["indicator"] for row in rows} == {f"actions:{INSTALLS[0]}"}


@pytest.mark.parametrize("preset", SHOPS)
def test_a_shop_reports_purchases_with_their_value(preset: str) -> None:
    flown = ground(preset, days=20)
    rows = flown.rows(fields=FIELDS)
    assert counts(rows)["purchase"] == counts(rows)["omni_purchase"] > 0
    assert sum(purchases(row, field="action_values") for row in rows) > 0
    assert not {LEAD, *INSTALLS} & set(counts(rows))


def test_a_shop_that_asks_for_leads_gets_leads_from_those_ad_sets_alone() -> None:
    flown = ground("ecommerce", days=3)
    maker = Maker(flown)
    campaign = maker.campaign(objective="OUTCOME_LEADS", status="ACTIVE")
    page = flown.graph.world.account.page
    made = maker.ad_set(
        campaign=campaign, optimization_goal="LEAD_GENERATION", destination_type="ON_AD",
        promoted_object={"page_id": page}, daily_budget=50_000, status="ACTIVE",
    )  # fmt: skip
    maker.ad(made, maker.creative(), status="ACTIVE")
    flown.advance(96)
    by_set: dict[str, Counter[str]] = {row["adset_id"]: counts([row]) for row in flown.rows(fields=FIELDS)}
    assert by_set[made][FORM] > 0
    assert by_set[made]["purchase"] == 0
    assert sum(found[LEAD] for found in by_set.values()) == by_set[made][LEAD]
    assert sum(found["purchase"] for found in by_set.values()) > 0


def test_a_new_ad_set_for_form_leads_has_the_windows_of_those_before_it() -> None:
    flown = ground(LEADS, days=2)
    maker = Maker(flown)
    usual = [one["attribution_spec"] for one in goals(flown).values() if one["optimization_goal"] == "LEAD_GENERATION"]
    made = maker.ad_set(
        campaign=maker.campaign(objective="OUTCOME_LEADS"), optimization_goal="LEAD_GENERATION",
        destination_type="ON_AD", promoted_object={"page_id": flown.graph.world.account.page},
    )  # fmt: skip
    assert goals(flown)[made]["attribution_spec"] == usual[0]


@pytest.mark.parametrize(("preset", "result", "valued"), [
    ("ecommerce", "purchase", True), ("high-ticket", "purchase", True), (LEADS, "lead", False),
    (APPS, "app_install", False),
])  # fmt: skip
def test_the_truth_names_what_counts_and_gives_no_value_where_there_is_none(
    preset: str, result: str, *, valued: bool
) -> None:
    flown = ground(preset, days=20)
    told = truth(flown.graph.world, flown.graph.objects)
    assert (told["result"], told["target_roas"] is not None) == (result, valued)
    assert any(float(one["value"]) > 0 for one in told["ad_sets"]) is valued
    rows = flown.rows(fields="actions,adset_id", date_preset="maximum")
    assert counts(rows)[result if result != "app_install" else INSTALLS[0]] == sum(
        one["reported"]["conversions"] for one in told["ad_sets"]
    )


@pytest.mark.parametrize("preset", [*SHOPS, LEADS, APPS])
def test_names_pages_and_links_are_those_of_the_business(preset: str) -> None:
    flown = ground(preset, days=1)
    trade = flown.graph.world.account.trade
    shown = flown.get(flown.account, fields="name,business_name")
    assert (shown["name"], shown["business_name"]) == (trade.name, trade.name)
    names = [one["name"] for one in flown.get(f"{flown.account}/campaigns", fields="name", limit=50)["data"]]
    assert sorted(names) == sorted(trade.campaigns)
    stories = flown.get(f"{flown.account}/adcreatives", fields="object_story_spec,call_to_action_type", limit=200)
    calls = {one["call_to_action_type"] for one in stories["data"]}
    assert trade.call in calls
    forms = flown.get(f"{flown.graph.world.account.page}/leadgen_forms")["data"]
    told = json.dumps(stories)
    assert bool(forms) is (preset == LEADS)
    assert all(one["id"] in told for one in forms)


@pytest.mark.parametrize("name", ["tracking break, purchases", "landing page down", "duplicate events"])
def test_what_befalls_the_site_spares_leads_by_form(name: str) -> None:
    calm, hit = ground(LEADS, days=2), ground(LEADS, days=2)
    hit.graph.start_scenario(Wish(name, lasting="60h"))
    for flown in (calm, hit):
        flown.advance(72)
    usual, found = (counts(flown.rows(fields=FIELDS, date_preset="maximum")) for flown in (calm, hit))
    assert found[FORM] == usual[FORM] > 30
    assert abs(found[SITE] / usual[SITE] - 1) > 0.2
