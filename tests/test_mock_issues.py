"""Ad sets that are on and cannot deliver: what their status and their issues say, and how they go on."""

from typing import Any

import pytest
from making import Maker
from test_mock_ground import Ground


def audience(ground: Ground) -> str:
    return str(ground.post(f"{ground.account}/customaudiences", name="Visitors", subtype="WEBSITE")["id"])


def targeting(*ids: str) -> dict[str, Any]:
    return {
        "geo_locations": {"countries": ["US"]},
        "targeting_automation": {"advantage_audience": 0},
        "custom_audiences": [{"id": one} for one in ids],
    }


def delivering(ground: Ground, **other: Any) -> tuple[str, str]:
    """A campaign and an ad set in it that deliver."""
    maker = Maker(ground)
    campaign = maker.campaign(status="ACTIVE")
    ad_set = maker.ad_set(campaign, status="ACTIVE", daily_budget=20_000, **other)
    maker.ad(ad_set, maker.creative(), status="ACTIVE")
    ground.advance(48)
    return campaign, ad_set


def shown_today(ground: Ground, ad_set: str) -> int:
    rows = ground.get(f"{ad_set}/insights", fields="impressions", date_preset="today")["data"]
    return sum(int(row["impressions"]) for row in rows)


def issues(ground: Ground, ident: str) -> tuple[str, list[tuple[str, int]]]:
    shown = ground.get(ident, fields="effective_status,issues_info")
    return shown["effective_status"], [(one["level"], one["error_code"]) for one in shown.get("issues_info", ())]


def test_an_ad_set_whose_audience_is_gone_has_issues_and_stops() -> None:
    ground = Ground(days=1)
    people = audience(ground)
    campaign, ad_set = delivering(ground, targeting=targeting(people))
    assert issues(ground, ad_set) == ("ACTIVE", [])
    assert shown_today(ground, ad_set) > 0
    ground.call("DELETE", people)
    assert issues(ground, ad_set) == ("WITH_ISSUES", [("AD_SET", 2460003)])
    assert issues(ground, campaign)[1] == [("AD_SET", 2460003)]
    listed = ground.get(f"{ground.account}/adsets", effective_status='["WITH_ISSUES"]')["data"]
    assert [one["id"] for one in listed] == [ad_set]
    ground.advance(24)
    assert shown_today(ground, ad_set) == 0


def test_it_goes_on_with_another_audience_and_not_by_being_switched_on() -> None:
    ground = Ground(days=1)
    people, others = audience(ground), audience(ground)
    _, ad_set = delivering(ground, targeting=targeting(people))
    ground.call("DELETE", people)
    ground.post(ad_set, status="PAUSED")
    assert issues(ground, ad_set)[0] == "PAUSED"
    ground.post(ad_set, status="ACTIVE")
    assert issues(ground, ad_set)[0] == "WITH_ISSUES"
    ground.post(ad_set, targeting=targeting(others))
    assert issues(ground, ad_set) == ("ACTIVE", [])
    ground.advance(24)
    assert shown_today(ground, ad_set) > 0


def test_a_conversion_that_is_gone_has_a_code_of_its_own_and_a_restart_knows_it() -> None:
    ground = Ground(days=1)
    made = ground.post(f"{ground.account}/customconversions", name="Trial", rule="{}", custom_event_type="OTHER")["id"]
    _, ad_set = delivering(ground, promoted_object={"custom_conversion_id": made})
    ground.call("DELETE", made)
    assert issues(ground, ad_set) == ("WITH_ISSUES", [("AD_SET", 2460004)])
    again = Ground(days=1, written=tuple(ground.graph.written))
    assert issues(again, ad_set) == ("WITH_ISSUES", [("AD_SET", 2460004)])


@pytest.mark.parametrize("level", ["campaigns", "adsets", "ads"])
def test_an_account_without_trouble_has_no_issues(level: str) -> None:
    ground = Ground(days=1)
    rows = ground.get(f"{ground.account}/{level}", fields="issues_info,effective_status", limit=200)["data"]
    assert rows
    assert not any("issues_info" in row for row in rows)
