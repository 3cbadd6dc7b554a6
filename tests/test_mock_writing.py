import json

import pytest
from test_mock_ground import Ground

from adopt.mock.api import Written


@pytest.fixture
def ground() -> Ground:
    return Ground(days=10)


def own_budget(ground: Ground) -> dict:
    return next(one for one in ground.ad_sets() if "daily_budget" in one and one["effective_status"] == "ACTIVE")


def shared_budget(ground: Ground) -> dict:
    return next(
        one for one in ground.get(f"{ground.account}/campaigns", fields="daily_budget")["data"] if "daily_budget" in one
    )


def spent(ground: Ground, ad_set: str, day: str) -> float:
    rows = ground.get(f"{ad_set}/insights", fields="spend", time_range=f'{{"since":"{day}","until":"{day}"}}')["data"]
    return float(rows[0]["spend"]) if rows else 0.0


def status(ground: Ground, ident: str) -> str:
    return ground.get(ident, fields="effective_status")["effective_status"]


def test_a_pause_is_seen_at_once_and_stops_delivery_from_the_next_hour(ground: Ground) -> None:
    ad_set = own_budget(ground)["id"]
    assert ground.post(ad_set, status="PAUSED") == {"success": True}
    assert ground.get(ad_set, fields="status,configured_status,effective_status,updated_time") == {
        "status": "PAUSED",
        "configured_status": "PAUSED",
        "effective_status": "PAUSED",
        "updated_time": "2026-11-17T12:00:00-0500",
        "id": ad_set,
    }
    before = spent(ground, ad_set, "2026-11-17")
    ground.advance(2)
    assert spent(ground, ad_set, "2026-11-17") > before
    ground.advance(46)
    assert spent(ground, ad_set, "2026-11-18") == 0


def test_a_budget_is_written_in_minor_units_and_followed(ground: Ground) -> None:
    ad_set = own_budget(ground)
    half = str(int(ad_set["daily_budget"]) // 2)
    assert ground.post(ad_set["id"], daily_budget=half) == {"success": True}
    assert ground.get(ad_set["id"], fields="daily_budget")["daily_budget"] == half
    ground.advance(36)
    assert spent(ground, ad_set["id"], "2026-11-18") < 0.8 * int(ad_set["daily_budget"]) / 100


def test_the_fifth_budget_change_within_an_hour_is_refused(ground: Ground) -> None:
    ad_set = own_budget(ground)["id"]
    for budget in (10_100, 10_200, 10_300, 10_400):
        assert ground.post(ad_set, daily_budget=str(budget)) == {"success": True}
    assert ground.error("POST", ad_set, daily_budget="10500") == (400, 613, 1487632)
    assert ground.post(ad_set, status="PAUSED") == {"success": True}
    ground.advance(0.9)
    assert ground.error("POST", ad_set, daily_budget="10500") == (400, 613, 1487632)
    ground.advance(0.2)
    assert ground.post(ad_set, daily_budget="10500") == {"success": True}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"daily_budget": "99"}, (400, 100, 1885272)),
        ({"daily_budget": "0"}, (400, 100, 1885272)),
        ({"daily_budget": "-5"}, (400, 100, 1885272)),
        ({"daily_budget": "12.50"}, (400, 100, None)),
        ({"daily_budget": "200000000"}, (400, 100, 1885261)),
        ({"daily_budget": "5000", "lifetime_budget": "5000"}, (400, 100, 1885621)),
        ({"status": "SLEEPING"}, (400, 100, None)),
        ({"name": ""}, (400, 100, None)),
        ({"name": "x" * 401}, (400, 100, None)),
        ({}, (400, 100, None)),
    ],
)
def test_wrong_writes_are_refused_and_change_nothing(ground: Ground, params: dict, expected: tuple) -> None:
    ad_set = own_budget(ground)["id"]
    before = ground.get(ad_set, fields="name,status,daily_budget,updated_time")
    assert ground.error("POST", ad_set, **params) == expected
    assert ground.get(ad_set, fields="name,status,daily_budget,updated_time") == before
    assert ground.graph.written == []


def test_a_budget_lives_on_one_level(ground: Ground) -> None:
    campaign = shared_budget(ground)["id"]
    below = ground.get(f"{campaign}/adsets")["data"][0]["id"]
    assert ground.error("POST", below, daily_budget="5000") == (400, 100, 1885621)
    other = own_budget(ground)["campaign_id"]
    assert ground.error("POST", other, daily_budget="5000") == (400, 100, 1885621)
    assert ground.post(campaign, daily_budget="50000") == {"success": True}


def test_a_refusal_speaks_to_the_person(ground: Ground) -> None:
    _, body = ground.call("POST", own_budget(ground)["id"], daily_budget="5")
    assert body["error"]["error_user_title"] == "Budget Is Too Low"
    assert "1.00 USD" in body["error"]["error_user_msg"]
    assert body["error"]["error_data"] == {"blame_field_specs": [["daily_budget"]]}


def test_children_of_a_paused_parent_say_so(ground: Ground) -> None:
    ad_set = own_budget(ground)
    ad = ground.get(f"{ad_set['id']}/ads")["data"][0]["id"]
    ground.post(ad_set["campaign_id"], status="PAUSED")
    assert (status(ground, ad_set["id"]), status(ground, ad)) == ("CAMPAIGN_PAUSED", "CAMPAIGN_PAUSED")
    ground.post(ad_set["id"], status="PAUSED")
    ground.post(ad_set["campaign_id"], status="ACTIVE")
    assert (status(ground, ad_set["id"]), status(ground, ad)) == ("PAUSED", "ADSET_PAUSED")
    ground.post(ad, status="PAUSED")
    ground.post(ad_set["id"], status="ACTIVE")
    assert (status(ground, ad_set["id"]), status(ground, ad)) == ("ACTIVE", "PAUSED")


def test_a_deleted_ad_set_is_gone_from_lists_but_not_from_reports(ground: Ground) -> None:
    ad_set = own_budget(ground)["id"]
    assert ground.call("DELETE", ad_set) == (200, {"success": True})
    assert ad_set not in [one["id"] for one in ground.ad_sets()]
    assert status(ground, ad_set) == "DELETED"
    listed = ground.get(f"{ground.account}/adsets", effective_status='["DELETED"]')["data"]
    assert [one["id"] for one in listed] == [ad_set]
    assert ground.error("POST", ad_set, status="ACTIVE") == (400, 100, 1487056)
    assert ground.post(ad_set, name="An old one") == {"success": True}
    assert ad_set in [row["adset_id"] for row in ground.rows(fields="adset_id")]


def test_an_archived_ad_set_can_only_be_renamed_or_deleted(ground: Ground) -> None:
    ad_set = own_budget(ground)["id"]
    ground.post(ad_set, status="ARCHIVED")
    assert ground.error("POST", ad_set, status="ACTIVE") == (400, 100, 1487056)
    assert ground.error("POST", ad_set, daily_budget="5000") == (400, 100, 1487056)
    assert ground.post(ad_set, status="DELETED") == {"success": True}


def test_a_trial_write_changes_nothing(ground: Ground) -> None:
    ad_set = own_budget(ground)
    assert ground.post(ad_set["id"], daily_budget="5000", execution_options='["validate_only"]') == {"success": True}
    assert ground.get(ad_set["id"], fields="daily_budget")["daily_budget"] == ad_set["daily_budget"]


def test_a_write_reads_back_the_fields_asked_for(ground: Ground) -> None:
    ad_set = own_budget(ground)["id"]
    assert ground.post(ad_set, name="Renamed", fields="name") == {"name": "Renamed", "id": ad_set, "success": True}


def test_a_large_budget_change_starts_learning_again(ground: Ground) -> None:
    ad_set = own_budget(ground)
    small, large = int(ad_set["daily_budget"]) * 11 // 10, int(ad_set["daily_budget"]) * 2

    def edited() -> int:
        return ground.get(ad_set["id"], fields="learning_stage_info")["learning_stage_info"]["last_sig_edit_ts"]

    before = edited()
    ground.post(ad_set["id"], daily_budget=str(small))
    assert edited() == before
    ground.post(ad_set["id"], daily_budget=str(large))
    assert edited() == int(ground.clock.now())


def test_writes_made_again_give_the_same_world() -> None:
    ground = Ground(days=10)
    ad_sets = ground.ad_sets()
    ground.post(ad_sets[0]["id"], status="PAUSED")
    ground.advance(30)
    ground.post(ad_sets[1]["id"], daily_budget="5000")
    ground.post(ad_sets[0]["id"], status="ACTIVE", name="Back again")
    ground.advance(50)
    again = Ground(days=10, written=tuple(ground.graph.written))
    again.advance(80)
    assert all(isinstance(one, Written) for one in ground.graph.written)
    assert again.ad_sets() == ground.ad_sets()
    assert again.rows(time_increment="1", date_preset="maximum") == ground.rows(
        time_increment="1", date_preset="maximum"
    )


def test_the_account_cannot_be_paused(ground: Ground) -> None:
    assert ground.error("POST", ground.account, status="PAUSED")[:2] == (400, 100)


def test_the_log_tells_who_changed_what(ground: Ground) -> None:
    ad_set = own_budget(ground)
    ground.post(ad_set["id"], daily_budget="7700")
    ground.post(ad_set["id"], status="PAUSED")
    fields = "event_type,object_id,extra_data,event_time,actor_name"
    log = ground.get(f"{ground.account}/activities", fields=fields, since="2026-11-17")["data"]
    assert [one["event_type"] for one in log] == ["update_ad_set_run_status", "update_ad_set_budget"]
    assert {one["object_id"] for one in log} == {ad_set["id"]}
    extra = json.loads(log[1]["extra_data"])
    assert (extra["old_value"], extra["new_value"]) == (int(ad_set["daily_budget"]), 7700)
    owners = ground.get(f"{ground.account}/activities", fields=fields, until="2026-11-16")["data"]
    assert {one["actor_name"] for one in owners} == {"Account owner"}
    assert len(ground.get(f"{ad_set['id']}/activities")["data"]) == 2


def test_what_is_under_a_deleted_campaign_is_deleted(ground: Ground) -> None:
    ad_set = own_budget(ground)
    ground.call("DELETE", ad_set["campaign_id"])
    assert status(ground, ad_set["id"]) == "DELETED"
    assert ad_set["id"] not in [one["id"] for one in ground.ad_sets()]
