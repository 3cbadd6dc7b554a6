import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from scripted import Reply, Request, Scripted, error, scripted

from adopt.errors import NeedsPerson, Rejected, Temporary
from adopt.graph import insights, objects
from adopt.graph.client import Graph
from adopt.graph.objects import Seen
from adopt.model import Account, AdSet, Campaign, Change, Ref

ACCOUNT = Account(id="act_1", name="Shop", currency="USD", timezone="America/New_York")
ACCOUNT_ROW = {
    "id": "act_1",
    "account_id": "1",
    "name": "Shop",
    "currency": "USD",
    "timezone_name": "America/New_York",
    "account_status": 1,
}
CAMPAIGN_ROW = {
    "id": "7",
    "name": "Sales",
    "status": "ACTIVE",
    "effective_status": "ACTIVE",
    "objective": "OUTCOME_SALES",
}
AD_SET_ROW = {
    "id": "21",
    "name": "Broad",
    "campaign_id": "7",
    "status": "ACTIVE",
    "effective_status": "ACTIVE",
    "daily_budget": "2500",
    "lifetime_budget": "0",
    "created_time": "2026-11-01T08:00:00-0500",
    "learning_stage_info": {"status": "LEARNING", "attribution_windows": ["1d_view"]},
    "attribution_spec": [
        {"event_type": "CLICK_THROUGH", "window_days": 7},
        {"event_type": "VIEW_THROUGH", "window_days": 1},
    ],
    "campaign": CAMPAIGN_ROW,
}


@pytest.fixture
def opened() -> Iterator[Callable[[Scripted], Graph]]:
    graphs: list[Graph] = []

    def open_graph(server: Scripted) -> Graph:
        graphs.append(Graph(server.url, "EAAmadeupmadeup", sleep=lambda _: None))
        return graphs[-1]

    yield open_graph
    for graph in graphs:
        graph.close()


Opened = Callable[[Scripted], Graph]


@pytest.mark.parametrize("typed", ["1", "act_1"])
def test_an_account_is_read_however_its_id_is_typed(opened: Opened, typed: str) -> None:
    with scripted(ACCOUNT_ROW) as server:
        assert objects.account(opened(server), typed) == ACCOUNT
    assert server.requests[0].path == "/v26.0/act_1"
    assert server.requests[0].query["fields"] == "id,name,currency,timezone_name,account_status,min_daily_budget"


def test_the_accounts_of_a_token_are_listed(opened: Opened) -> None:
    with scripted({"data": [ACCOUNT_ROW]}) as server:
        assert objects.accounts(opened(server)) == (ACCOUNT,)
    assert server.requests[0].path == "/v26.0/me/adaccounts"


def test_an_account_without_a_currency_is_said_not_guessed(opened: Opened) -> None:
    row = {key: value for key, value in ACCOUNT_ROW.items() if key != "currency"}
    with scripted(row) as server, pytest.raises(Temporary, match="currency"):
        objects.account(opened(server), "1")


def test_structure_comes_from_one_listing(opened: Opened) -> None:
    with scripted({"data": [AD_SET_ROW]}) as server:
        found = objects.structure(opened(server), ACCOUNT)
    assert found == (
        (Campaign(id="7", name="Sales", status="ACTIVE", effective_status="ACTIVE", objective="OUTCOME_SALES"),),
        (
            AdSet(
                id="21",
                name="Broad",
                campaign_id="7",
                status="ACTIVE",
                effective_status="ACTIVE",
                daily_budget=2500,
                created=datetime(2026, 11, 1, 13, tzinfo=UTC),
                learning="LEARNING",
                attribution="7d_click+1d_view",
            ),
        ),
    )
    assert len(server.requests) == 1
    assert server.requests[0].query["limit"] == "1000"


def test_a_campaign_budget_belongs_to_the_campaign(opened: Opened) -> None:
    row = {key: value for key, value in AD_SET_ROW.items() if key != "daily_budget"}
    with scripted({"data": [{**row, "campaign": {**CAMPAIGN_ROW, "daily_budget": "10000"}}]}) as server:
        (campaign,), (ad_set,) = objects.structure(opened(server), ACCOUNT)
    assert (campaign.daily_budget, ad_set.daily_budget) == (10000, None)


def test_structure_is_ordered_by_id_without_doubles_and_without_the_deleted(opened: Opened) -> None:
    rows = [
        {**AD_SET_ROW, "id": "3"},
        {**AD_SET_ROW, "id": "1"},
        {**AD_SET_ROW, "id": "3"},
        {**AD_SET_ROW, "id": "2", "effective_status": "DELETED"},
        {**AD_SET_ROW, "id": "4", "status": "ARCHIVED"},
    ]
    with scripted({"data": rows}) as server:
        campaigns, ad_sets = objects.structure(opened(server), ACCOUNT)
    assert [each.id for each in ad_sets] == ["1", "3"]
    assert [each.id for each in campaigns] == ["7"]


def test_what_is_not_as_documented_says_where(opened: Opened) -> None:
    with scripted({"data": [{**AD_SET_ROW, "daily_budget": "much"}]}) as server, pytest.raises(Temporary) as caught:
        objects.structure(opened(server), ACCOUNT)
    assert "daily_budget" in str(caught.value)


@pytest.mark.parametrize("text", ["yesterday", "2026-11-01T08:00:00", ""])
def test_a_creation_time_that_is_none_is_left_out(opened: Opened, text: str) -> None:
    with scripted({"data": [{**AD_SET_ROW, "created_time": text}]}) as server:
        assert objects.structure(opened(server), ACCOUNT)[1][0].created is None


# Look and write

BROAD = Ref(level="adset", id="21", name="Broad")
OTHER = Ref(level="adset", id="22", name="Other")


def operation(body: Any, code: int = 200) -> dict[str, Any]:
    return {"code": code, "headers": [], "body": json.dumps(body)}


def test_a_look_gives_status_and_field_in_the_order_asked(opened: Opened) -> None:
    seen = {"id": "21", "status": "ACTIVE", "effective_status": "CAMPAIGN_PAUSED", "daily_budget": "2500"}
    with scripted(
        [operation(seen), operation({"id": "22", "status": "PAUSED", "effective_status": "PAUSED"})]
    ) as server:
        found = objects.look(opened(server), [(BROAD, "daily_budget"), (OTHER, "status")])
    assert found == [
        Seen(ref=BROAD, values={"status": "ACTIVE", "effective_status": "CAMPAIGN_PAUSED", "daily_budget": 2500}),
        Seen(ref=OTHER, values={"status": "PAUSED", "effective_status": "PAUSED"}),
    ]
    asked = json.loads(server.requests[0].form["batch"])
    assert asked[0]["relative_url"] == "21?fields=status%2Ceffective_status%2Cdaily_budget"


@pytest.mark.parametrize(
    "answer",
    [
        operation(error(100, 33), 400),
        operation({"status": "DELETED", "effective_status": "DELETED"}),
        operation({"status": "ACTIVE", "effective_status": "ARCHIVED"}),
    ],
)
def test_what_is_gone_has_no_values(opened: Opened, answer: dict[str, Any]) -> None:
    with scripted([answer]) as server:
        assert objects.look(opened(server), [(BROAD, "status")]) == [Seen(ref=BROAD, values=None)]


def test_a_look_that_is_refused_is_an_error_not_an_absence(opened: Opened) -> None:
    with scripted([operation(error(200), 403)]) as server, pytest.raises(NeedsPerson):
        objects.look(opened(server), [(BROAD, "status")])
    with scripted([None]) as server, pytest.raises(Temporary):
        objects.look(opened(server), [(BROAD, "status")])


def test_a_look_at_nothing_asks_nothing(opened: Opened) -> None:
    with scripted({}) as server:
        assert objects.look(opened(server), []) == []
    assert server.requests == []


@pytest.mark.parametrize(("field", "after", "sent"), [("status", "PAUSED", "PAUSED"), ("daily_budget", 3000, "3000")])
def test_a_change_writes_one_field(opened: Opened, field: Any, after: str | int, sent: str) -> None:
    change = Change(object=BROAD, field=field, before="ACTIVE", after=after, rule="by hand", sentence="")
    with scripted({"success": True}) as server:
        objects.write(opened(server), change)
    request = server.requests[0]
    assert (request.method, request.path, request.form) == ("POST", "/v26.0/21", {field: sent})


def test_a_change_that_meta_refuses_names_the_object_and_field(opened: Opened) -> None:
    change = Change(object=BROAD, field="daily_budget", before=2500, after=1, rule="by hand", sentence="")
    with scripted(Reply(error(100, 1885272), 400)) as server, pytest.raises(Rejected, match="set daily_budget of 21"):
        objects.write(opened(server), change)


# Lists


def test_a_list_has_the_fields_of_its_noun_and_stops_at_its_limit(opened: Opened) -> None:
    page = {"data": [{"id": "1"}, {"id": "2"}, {"id": "3"}], "paging": {"cursors": {"after": "a"}, "next": "x"}}
    with scripted(page) as server:
        assert list(objects.rows(opened(server), "act_1/campaigns", limit=2)) == [{"id": "1"}, {"id": "2"}]
    assert server.requests[0].query == {"limit": "2", "fields": ",".join(objects.FIELDS["campaign"])}


def test_a_list_without_a_limit_is_read_to_its_end(opened: Opened) -> None:
    first = {"data": [{"id": "1"}], "paging": {"cursors": {"after": "a"}, "next": "x"}}
    with scripted(first, {"data": [{"id": "2"}]}) as server:
        rows = list(objects.rows(opened(server), "act_1/ads", ["id"], params={"effective_status": ["ACTIVE"]}))
    assert rows == [{"id": "1"}, {"id": "2"}]
    assert server.requests[0].query == {"limit": "100", "fields": "id", "effective_status": '["ACTIVE"]'}


def test_a_list_of_none_asks_nothing(opened: Opened) -> None:
    with scripted({}) as server:
        assert list(objects.rows(opened(server), "act_1/ads", limit=0)) == []
    assert server.requests == []


def test_a_node_comes_as_meta_has_it(opened: Opened) -> None:
    with scripted({"id": "7", "name": "Sales"}) as server:
        assert objects.node(opened(server), "7", ["id", "name"]) == {"id": "7", "name": "Sales"}
    assert server.requests[0].query == {"fields": "id,name"}


# The cost of a pass


def big_account(request: Request) -> Reply:
    """An account of a thousand ad sets that answers as many rows as it is asked for."""
    if request.path.endswith("/adsets"):
        return Reply({"data": [{**AD_SET_ROW, "id": str(number)} for number in range(1000)]})
    if request.path.endswith("/insights"):
        days = ("2026-11-20", "2026-11-21", "2026-11-22")
        return Reply({"data": [{"adset_id": str(number), "date_start": day} for number in range(1000) for day in days]})
    return Reply(ACCOUNT_ROW)


def test_a_pass_over_a_thousand_ad_sets_costs_three_calls(opened: Opened) -> None:
    with scripted(big_account) as server:
        graph = opened(server)
        account = objects.account(graph, "1")
        assert len(objects.structure(graph, account)[1]) == 1000
        days = insights.daily(graph, account, date(2026, 11, 20), date(2026, 11, 22), "purchase")
    assert len(days) == 3000
    assert graph.calls == len(server.requests) == 3
