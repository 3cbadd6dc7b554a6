"""What lies around an ad account, through Meta's own SDK and by hand."""

import pytest
from facebook_business.adobjects.adaccount import AdAccount
from test_mock_ground import Ground


@pytest.fixture
def ground() -> Ground:
    return Ground(days=3)


def ids(answer: dict) -> list[str]:
    return [one["id"] for one in answer["data"]]


def test_the_business_owns_the_page_the_pixel_and_the_account(ground: Ground) -> None:
    account = ground.graph.world.account
    business = ground.get(ground.account, fields="business{id,name}")["business"]["id"]
    assert ids(ground.get(f"{business}/owned_pages")) == ids(ground.get("me/accounts")) == [account.page]
    assert ids(ground.get(f"{ground.account}/promote_pages")) == [account.page]
    assert ids(ground.get(f"{business}/adspixels", summary="true")) == [account.pixel]
    assert ids(ground.get(f"{ground.account}/adspixels")) == [account.pixel]
    assert ids(ground.get(f"{business}/owned_ad_accounts")) == [ground.account]
    assert ids(ground.get("me/businesses")) == [business]
    assert ground.get(f"{business}/client_pages", summary="true") == {"data": [], "summary": {"total_count": 0}}
    assert ground.get(account.page, fields="name,tasks")["tasks"]
    assert len(ids(ground.get(f"{ground.account}/instagram_accounts"))) == 1


def test_an_audience_is_made_found_renamed_and_deleted(ground: Ground) -> None:
    before = ids(ground.get(f"{ground.account}/customaudiences"))
    made = ground.post(f"{ground.account}/customaudiences", name="Buyers", subtype="CUSTOM")["id"]
    assert set(ids(ground.get(f"{ground.account}/customaudiences"))) == {made, *before}
    ground.post(made, name="Best buyers")
    assert ground.get(made, fields="name,subtype") == {"name": "Best buyers", "subtype": "CUSTOM", "id": made}
    ground.call("DELETE", made)
    assert ids(ground.get(f"{ground.account}/customaudiences")) == before
    assert ground.error("POST", f"{ground.account}/customaudiences")[:2] == (400, 100)


def test_what_was_made_is_there_after_a_restart(ground: Ground) -> None:
    made = ground.post(f"{ground.account}/customaudiences", name="Buyers", subtype="CUSTOM")["id"]
    again = Ground(days=3, written=tuple(ground.graph.written))
    assert again.get(made, fields="name") == {"name": "Buyers", "id": made}


@pytest.mark.parametrize("edge", ["recommendations", "impacting_ad_studies", "saved_audiences"])
def test_edges_with_nothing_on_them_are_empty(ground: Ground, edge: str) -> None:
    assert ground.get(f"{ground.account}/{edge}") == {"data": []}


def test_an_unknown_edge_is_no_field_of_its_node(ground: Ground) -> None:
    status, body = ground.call("GET", f"{ground.account}/shoes")
    assert (status, body["error"]["code"]) == (400, 100)
    assert "nonexisting field (shoes) on node type (AdAccount)" in body["error"]["message"]


def test_every_field_the_sdk_knows_of_an_account_can_be_read(ground: Ground) -> None:
    names = [value for name, value in vars(AdAccount.Field).items() if not name.startswith("_")]
    assert ground.call("GET", ground.account, fields=",".join(names))[0] == 200


def test_the_least_budgets_are_told_by_kind_of_goal(ground: Ground) -> None:
    (row,) = ground.get(f"{ground.account}/minimum_budgets")["data"]
    assert (row["currency"], row["min_daily_budget_imp"], row["min_daily_budget_high_freq"]) == ("USD", 100, 500)


def test_narrower_targeting_reaches_fewer(ground: Ground) -> None:
    def reach(spec: str) -> int:
        path = f"{ground.account}/delivery_estimate"
        return ground.get(path, targeting_spec=spec, optimization_goal="REACH")["data"][0]["estimate_mau_upper_bound"]

    wide = reach('{"geo_locations":{"countries":["US","CA"]}}')
    one = reach('{"geo_locations":{"countries":["US"]}}')
    young = reach('{"geo_locations":{"countries":["US"]},"age_max":30}')
    keen = reach('{"geo_locations":{"countries":["US"]},"age_max":30,"interests":[{"id":"1"}]}')
    assert wide > one > young > keen > 0
    assert ground.error("GET", f"{ground.account}/reachestimate", targeting_spec="{}")[2] == 1885364
    ad_set = ground.ad_sets()[0]["id"]
    assert ground.get(f"{ad_set}/delivery_estimate")["data"][0]["estimate_ready"] is True


def test_previews_are_frames(ground: Ground) -> None:
    ad = ids(ground.get(f"{ground.account}/ads", limit="1"))[0]
    creative = ids(ground.get(f"{ground.account}/adcreatives", limit="1"))[0]
    kind = "MOBILE_FEED_STANDARD"
    for path, more in (
        (f"{ad}/previews", {}),
        (f"{creative}/previews", {}),
        (f"{ground.account}/generatepreviews", {"creative": f'{{"creative_id":"{creative}"}}'}),
    ):
        assert ground.get(path, ad_format=kind, **more)["data"][0]["body"].startswith("<iframe src=")
    assert ground.error("GET", f"{ad}/previews", ad_format="SHOES")[:2] == (400, 100)


def test_interests_places_and_languages_are_searched(ground: Ground) -> None:
    (yoga,) = ground.get("search", type="adinterest", q="yoga")["data"]
    assert (yoga["name"], yoga["path"][0]) == ("Yoga", "Interests")
    assert [one["key"] for one in ground.get("search", type="adgeolocation", q="germ")["data"]] == ["DE"]
    berlin = ground.get("search", type="adgeolocation", q="berlin", location_types='["city"]')["data"]
    assert [one["country_code"] for one in berlin] == ["DE"]
    assert ground.get("search", type="adTargetingCategory", **{"class": "behaviors"})["data"]
    assert ground.get("search", type="adlocale", q="german")["data"] == [{"key": 5, "name": "German"}]
    assert ground.error("GET", "search", type="shoes")[:2] == (400, 100)
    path = f"{ground.account}/targetingvalidation"
    found = ground.get(path, id_list=f'["{yoga["id"]}","1"]')["data"]
    assert [one["valid"] for one in found] == [True, False]
    assert yoga["id"] in ids(ground.get(f"{ground.account}/targetingsearch", q="YOGA"))
    assert len(ground.get(f"{ground.account}/targetingbrowse", limit="500")["data"]) > 40
