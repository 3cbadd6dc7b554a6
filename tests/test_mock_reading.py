import msgspec
import pytest
from test_mock_ground import Ground

ACCOUNT = "name,currency,timezone_name,account_status,min_daily_budget,amount_spent,timezone_offset_hours_utc"


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground(ad_sets=40, days=12)


def test_a_node_without_fields_is_its_id(ground: Ground) -> None:
    assert ground.get(ground.account) == {"id": ground.account}


def test_me_and_its_accounts(ground: Ground) -> None:
    assert set(ground.get("me")) == {"id", "name"}
    answer = ground.get("me/adaccounts", summary="true")
    assert answer["data"] == [{"account_id": ground.account[4:], "id": ground.account}]
    assert answer["summary"] == {"total_count": 1}
    assert {one["status"] for one in ground.get("me/permissions")["data"]} == {"granted"}


def test_the_account_has_metas_types(ground: Ground) -> None:
    account = ground.get(ground.account, fields=ACCOUNT)
    assert account["currency"] == "USD"
    assert account["timezone_name"] == "America/New_York"
    assert (account["account_status"], account["min_daily_budget"]) == (1, 100)
    assert account["timezone_offset_hours_utc"] == -5.0
    assert account["amount_spent"].isdecimal()


def test_every_field_of_metas_tables_is_known(ground: Ground) -> None:
    from facebook_business.adobjects.ad import Ad
    from facebook_business.adobjects.adset import AdSet
    from facebook_business.adobjects.campaign import Campaign

    for edge, node in (("campaigns", Campaign), ("adsets", AdSet), ("ads", Ad)):
        ident = ground.get(f"{ground.account}/{edge}", limit="1")["data"][0]["id"]
        names = [
            value
            for name, value in vars(node.Field).items()
            if not name.startswith("_") and value in node._field_types  # noqa: SLF001 - the SDK's table
        ]
        writes = {"adbatch", "budget_schedule_specs", "execution_options", "iterative_split_test_configs", "adset_spec"}
        writes |= {"audience_id", "dataset_split_specs", "date_format", "draft_adgroup_id", "filename"}
        writes |= {"include_demolink_hashes"}
        answer = ground.get(ident, fields=",".join(sorted(set(names) - writes)))
        assert answer["id"] == ident


def test_ids_are_long_decimal_texts(ground: Ground) -> None:
    for edge in ("campaigns", "adsets", "ads", "adcreatives"):
        for one in ground.get(f"{ground.account}/{edge}", limit="500")["data"]:
            assert one["id"].isdecimal()
            assert 15 <= len(one["id"]) <= 18


@pytest.mark.parametrize("edge", ["campaigns", "adsets", "ads", "adcreatives"])
@pytest.mark.parametrize("limit", ["1", "7", "25", "5000"])
def test_pages_give_everything_exactly_once(ground: Ground, edge: str, limit: str) -> None:
    path, found, after = f"{ground.account}/{edge}", [], {}
    while True:
        answer = ground.get(path, limit=limit, summary="true", **after)
        found += [one["id"] for one in answer["data"]]
        if "next" not in answer["paging"]:
            break
        after = {"after": answer["paging"]["cursors"]["after"]}
    assert len(found) == len(set(found)) == answer["summary"]["total_count"]
    assert found == [one["id"] for one in ground.get(path, limit="5000")["data"]]


def test_a_page_leads_back(ground: Ground) -> None:
    path = f"{ground.account}/adsets"
    first = ground.get(path, limit="10")
    second = ground.get(path, limit="10", after=first["paging"]["cursors"]["after"])
    assert "previous" in second["paging"]
    assert ground.get(path, limit="10", before=second["paging"]["cursors"]["before"])["data"] == first["data"]


def test_a_page_has_25_unless_asked(ground: Ground) -> None:
    assert len(ground.get(f"{ground.account}/adsets")["data"]) == 25


def test_fields_nest(ground: Ground) -> None:
    answer = ground.get(
        f"{ground.account}/ads", fields="name,adset{name,campaign{id,name}},creative{name,object_type}", limit="2"
    )
    for ad in answer["data"]:
        assert set(ad) == {"id", "name", "adset", "creative"}
        assert set(ad["adset"]) == {"id", "name", "campaign"}
        assert set(ad["adset"]["campaign"]) == {"id", "name"}
        assert ad["creative"]["object_type"] in ("VIDEO", "SHARE")


def test_edges_nest_with_their_own_pages(ground: Ground) -> None:
    campaign = ground.get(f"{ground.account}/campaigns", fields="adsets.limit(2){name,ads{id}},name", limit="1")[
        "data"
    ][0]
    assert len(campaign["adsets"]["data"]) == 2
    assert "next" in campaign["adsets"]["paging"]
    assert campaign["adsets"]["data"][0]["ads"]["data"]


def test_insights_nest(ground: Ground) -> None:
    answer = ground.get(
        f"{ground.account}/adsets",
        fields='insights.time_range({"since":"2026-11-10","until":"2026-11-12"}){spend}',
        limit="1",
    )
    row = answer["data"][0]["insights"]["data"][0]
    assert (row["date_start"], row["date_stop"]) == ("2026-11-10", "2026-11-12")


def test_many_nodes_come_by_their_ids(ground: Ground) -> None:
    ids = [one["id"] for one in ground.get(f"{ground.account}/adsets", limit="3")["data"]]
    answer = ground.get("", ids=",".join(ids), fields="name")
    assert list(answer) == ids
    assert all(set(answer[ident]) == {"id", "name"} for ident in ids)


def test_children_hang_under_their_parents(ground: Ground) -> None:
    campaigns = ground.get(f"{ground.account}/campaigns", limit="100")["data"]
    below = [one["id"] for c in campaigns for one in ground.get(f"{c['id']}/adsets", limit="100")["data"]]
    assert sorted(below) == sorted(one["id"] for one in ground.ad_sets())
    ad_set = below[0]
    ads = ground.get(f"{ad_set}/ads", fields="adset_id,campaign_id")["data"]
    assert {ad["adset_id"] for ad in ads} == {ad_set}


def test_a_budget_is_the_ad_sets_or_the_campaigns(ground: Ground) -> None:
    campaigns = ground.get(f"{ground.account}/campaigns", fields="daily_budget,adsets{daily_budget}", limit="100")[
        "data"
    ]
    for campaign in campaigns:
        own = ["daily_budget" in one for one in campaign["adsets"]["data"]]
        assert not any(own) if "daily_budget" in campaign else all(own)
    assert sum("daily_budget" in one for one in ground.ad_sets()) * 2 >= len(ground.ad_sets())


@pytest.mark.parametrize(
    ("condition", "test"),
    [
        ({"field": "name", "operator": "CONTAIN", "value": "broad"}, lambda one: "broad" in one["name"].lower()),
        ({"field": "adset.name", "operator": "NOT_CONTAIN", "value": "Broad"}, lambda one: "Broad" not in one["name"]),
        (
            {"field": "effective_status", "operator": "IN", "value": ["PAUSED"]},
            lambda one: one["effective_status"] == "PAUSED",
        ),
        (
            {"field": "daily_budget", "operator": "GREATER_THAN", "value": 18000},
            lambda one: int(one.get("daily_budget", 0)) > 18000,
        ),
        (
            {"field": "campaign.name", "operator": "STARTS_WITH", "value": "Scale"},
            lambda one: "daily_budget" not in one,
        ),
    ],
)
def test_filters_keep_what_they_say(ground: Ground, condition: dict, test) -> None:  # noqa: ANN001
    filtering = msgspec.json.encode([condition]).decode()
    answer = ground.get(
        f"{ground.account}/adsets", filtering=filtering, fields="name,effective_status,daily_budget", limit="100"
    )
    everything = ground.ad_sets()
    assert [one["id"] for one in answer["data"]] == [one["id"] for one in everything if test(one)]
    assert 0 < len(answer["data"]) < len(everything)


def test_effective_status_filters(ground: Ground) -> None:
    answer = ground.get(
        f"{ground.account}/adsets", effective_status='["PAUSED"]', fields="effective_status", limit="100"
    )
    assert {one["effective_status"] for one in answer["data"]} == {"PAUSED"}


def test_updated_since_filters(ground: Ground) -> None:
    now = int(ground.clock.now())
    assert ground.get(f"{ground.account}/adsets", updated_since=str(now))["data"] == []


@pytest.mark.parametrize(
    ("method", "path", "params", "expected"),
    [
        ("GET", "{account}", {"fields": "shoe_size"}, (400, 100, None)),
        ("GET", "{account}/campaigns", {"fields": "name,foo"}, (400, 100, None)),
        ("GET", "{account}/adsets", {"filtering": "[{]"}, (400, 100, None)),
        ("GET", "{account}/adsets", {"filtering": '[{"field":"shoe","operator":"EQUAL","value":1}]'}, (400, 100, None)),
        ("GET", "{account}/adsets", {"filtering": '[{"field":"name","operator":"LIKE","value":1}]'}, (400, 100, None)),
        ("GET", "{account}/adsets", {"after": "!!"}, (400, 2642, None)),
        ("GET", "{account}/adsets", {"limit": "many"}, (400, 100, None)),
        ("GET", "{account}/adsets", {"fields": "name{"}, (400, 2500, None)),
        ("GET", "{account}/shoes", {}, (400, 100, None)),
        ("GET", "120999999999999999", {}, (400, 100, 33)),
        ("GET", "act_1", {}, (400, 100, 33)),
        ("GET", "{account}/adsets/shoes/1", {}, (400, 2500, None)),
        ("POST", "{account}/shoes", {}, (400, 100, None)),
        ("GET", "", {}, (400, 100, None)),
    ],
)
def test_wrong_reads_are_answered_as_meta_would(
    ground: Ground, method: str, path: str, params: dict, expected: tuple[int, int, int | None]
) -> None:
    assert ground.error(method, path.format(account=ground.account), **params) == expected


def test_an_unknown_field_names_itself_and_the_node(ground: Ground) -> None:
    _, body = ground.call("GET", f"{ground.account}/adsets", fields="foo")
    assert body["error"]["message"] == "(#100) Tried accessing nonexisting field (foo) on node type (AdCampaign)"
    assert body["error"]["type"] == "OAuthException"
    assert body["error"]["fbtrace_id"]


def test_what_an_ad_set_learns_is_counted() -> None:
    ground = Ground(days=30)
    answer = ground.get(f"{ground.account}/adsets", fields="learning_stage_info", limit="50")["data"]
    stages = [one["learning_stage_info"] for one in answer]
    assert {stage["status"] for stage in stages} <= {"LEARNING", "SUCCESS", "FAIL"}
    assert all((stage["conversions"] >= 50) == (stage["status"] == "SUCCESS") for stage in stages)
    assert any(stage["status"] == "SUCCESS" for stage in stages)


def test_the_newest_come_first_and_cursors_outlive_what_goes_away() -> None:
    ground = Ground(ad_sets=40, days=3)
    listed = [one["id"] for one in ground.get(f"{ground.account}/adsets", limit="40")["data"]]
    assert listed == sorted(listed, reverse=True)
    first = ground.get(f"{ground.account}/adsets", limit="10")
    ground.call("DELETE", first["data"][-1]["id"])
    after = ground.get(f"{ground.account}/adsets", limit="10", after=first["paging"]["cursors"]["after"])
    assert [one["id"] for one in after["data"]] == listed[10:20]
    assert [one["id"] for one in ground.get(f"{ground.account}/adsets", limit="3", offset="5")["data"]] == listed[5:8]


def test_limits_and_filters_work_inside_fields(ground: Ground) -> None:
    named = '.filtering([{"field":"name","operator":"CONTAIN","value":"US"}])'
    inner = f"adsets.limit(2){named}.summary(true){{name,ads.limit(1){{id}}}}"
    for campaign in ground.get(f"{ground.account}/campaigns", fields=inner, limit="3")["data"]:
        found = campaign["adsets"]
        assert 1 <= len(found["data"]) <= 2 <= found["summary"]["total_count"]
        assert all("US" in one["name"] and len(one["ads"]["data"]) == 1 for one in found["data"])
    paused = 'adsets.effective_status(["PAUSED"]){effective_status}'
    nested = ground.get(ground.account, fields=paused)["adsets"]["data"]
    assert {one["effective_status"] for one in nested} == {"PAUSED"}
    days = "insights.date_preset(last_7d).time_increment(1).breakdowns(age){spend}"
    rows = ground.get(ground.account, fields=days)["insights"]["data"]
    assert len({(row["date_start"], row["age"]) for row in rows}) == len(rows) == 25


@pytest.mark.parametrize(("operator", "newer"), [("AFTER", False), ("BEFORE", True), ("ON_OR_AFTER", False)])
def test_times_compare_as_times(ground: Ground, operator: str, *, newer: bool) -> None:
    condition = [{"field": "created_time", "operator": operator, "value": "2027-01-01T00:00:00+0000"}]
    found = ground.get(f"{ground.account}/adsets", filtering=msgspec.json.encode(condition).decode())["data"]
    assert bool(found) == newer


def test_the_strict_service_knows_no_ids_at_its_root() -> None:
    ground = Ground(days=1, strict_v26=True)
    assert ground.error("GET", "", ids=ground.account)[:2] == (400, 100)
    assert ground.get(ground.account) == {"id": ground.account}
