import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import Reply, Scripted, scripted

from adopt.errors import Invalid, Temporary
from adopt.graph import insights
from adopt.graph.client import Graph
from adopt.model import Account, DailyInsights

ACCOUNT = Account(id="act_1", name="Shop", currency="USD", timezone="UTC")
YEN = Account(id="act_1", name="Shop", currency="JPY", timezone="UTC")
FIRST, LAST = date(2026, 11, 20), date(2026, 11, 22)


def row(**more: Any) -> dict[str, Any]:
    base = {"adset_id": "21", "date_start": "2026-11-20", "date_stop": "2026-11-20", "spend": "12.34"}
    return {**base, "impressions": "1000", "inline_link_clicks": "9", **more}


def action(kind: str, value: str = "2", **windows: str) -> dict[str, str]:
    return {"action_type": kind, "value": value, **{f"{key[1:]}": each for key, each in windows.items()}}


@pytest.fixture
def read() -> Iterator[Any]:
    graphs: list[Graph] = []

    def read_daily(server: Scripted, result: str = "purchase", account: Account = ACCOUNT) -> tuple[DailyInsights, ...]:
        graphs.append(Graph(server.url, "EAAmadeupmadeup", sleep=lambda _: None))
        return insights.daily(graphs[-1], account, FIRST, LAST, result)

    yield read_daily
    for graph in graphs:
        graph.close()


def test_daily_asks_for_one_page_of_ad_set_days_in_every_window(read: Any) -> None:
    with scripted({"data": []}) as server:
        assert read(server) == ()
    query = server.requests[0].query
    assert server.requests[0].path == "/v26.0/act_1/insights"
    assert query == {
        "level": "adset",
        "time_increment": "1",
        "time_range": '{"since":"2026-11-20","until":"2026-11-22"}',
        "action_attribution_windows": '["default","1d_click","7d_click","28d_click","1d_view","1d_ev"]',
        "fields": "adset_id,date_start,spend,impressions,inline_link_clicks,actions,action_values",
        "limit": "5000",
    }


def test_a_row_has_results_and_revenue_in_the_order_of_the_windows(read: Any) -> None:
    actions = [action("link_click", "9"), action("omni_purchase", "5", _1d_click="3", _7d_click="4", _1d_view="1")]
    values = [action("omni_purchase", "99.99", _1d_click="60.00", _7d_click="80.01", _1d_view="19.98")]
    with scripted({"data": [row(actions=actions, action_values=values)]}) as server:
        assert read(server) == (
            DailyInsights(
                ad_set="21",
                date=FIRST,
                spend=1234,
                impressions=1000,
                clicks=9,
                results=(5, 3, 4, 0, 1, 0),
                revenue=(9999, 6000, 8001, 0, 1998, 0),
            ),
        )


def test_a_row_without_actions_has_no_results(read: Any) -> None:
    with scripted({"data": [{"adset_id": "21", "date_start": "2026-11-20"}]}) as server:
        assert read(server) == (
            DailyInsights(
                ad_set="21",
                date=FIRST,
                spend=0,
                impressions=0,
                clicks=0,
                results=(0,) * 6,
                revenue=(0,) * 6,
            ),
        )


def test_overlapping_action_types_are_never_added_up(read: Any) -> None:
    kinds = ("purchase", "offsite_conversion.fb_pixel_purchase", "omni_purchase", "onsite_web_purchase")
    with scripted({"data": [row(actions=[action(kind) for kind in kinds])]}) as server:
        assert read(server)[0].results[0] == 2


def test_one_action_type_counts_in_all_rows_of_an_answer(read: Any) -> None:
    rows = [
        row(actions=[action("omni_purchase", "3"), action("purchase", "2")]),
        row(adset_id="22", actions=[action("purchase", "7")]),
    ]
    with scripted({"data": rows}) as server:
        assert [each.results[0] for each in read(server)] == [2, 7]


@pytest.mark.parametrize(
    ("result", "kinds", "chosen"),
    [
        ("purchase", ["omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase"], "omni_purchase"),
        ("purchase", ["offsite_conversion.fb_pixel_purchase", "purchase"], "purchase"),
        ("purchase", ["offsite_conversion.fb_pixel_purchase"], "offsite_conversion.fb_pixel_purchase"),
        ("purchase", ["link_click"], "omni_purchase"),
        ("lead", ["onsite_conversion.lead_grouped", "lead"], "lead"),
        ("lead", ["offsite_conversion.fb_pixel_lead"], "offsite_conversion.fb_pixel_lead"),
        ("add_to_cart", ["add_to_cart", "omni_add_to_cart"], "omni_add_to_cart"),
        ("omni_purchase", ["purchase"], "omni_purchase"),
        ("offsite_conversion.custom.77", ["offsite_conversion.custom.77"], "offsite_conversion.custom.77"),
        ("77", ["offsite_conversion.custom.77"], "offsite_conversion.custom.77"),
        ("onsite_conversion.post_save", ["link_click"], "onsite_conversion.post_save"),
    ],
)
def test_the_widest_action_type_counts_a_result(result: str, kinds: list[str], chosen: str) -> None:
    assert insights.choose(insights.action_types(result), [kinds]) == chosen


def test_rows_are_ordered_and_a_row_that_came_twice_counts_once(read: Any) -> None:
    rows = [row(adset_id="22"), row(date_start="2026-11-21"), row(), row(adset_id="22", spend="13.00")]
    with scripted({"data": rows}) as server:
        found = read(server)
    assert [(each.ad_set, each.date.day, each.spend) for each in found] == [
        ("21", 20, 1234),
        ("21", 21, 1234),
        ("22", 20, 1300),
    ]


def test_corrections_may_be_negative_or_fractional(read: Any) -> None:
    with scripted({"data": [row(actions=[action("purchase", "-1", _1d_click="0.5")])]}) as server:
        assert read(server)[0].results[:2] == (-1, 0.5)


def test_a_currency_without_minor_units_stays_whole(read: Any) -> None:
    with scripted({"data": [row(spend="1234")]}) as server:
        assert read(server, account=YEN)[0].spend == 1234


@pytest.mark.parametrize("bad", [{"spend": "much"}, {"actions": [action("purchase", "many")]}, {"date_start": "soon"}])
def test_a_figure_that_is_none_is_said_not_guessed(read: Any, bad: dict[str, Any]) -> None:
    with scripted({"data": [row(**bad)]}) as server, pytest.raises(Temporary, match="could not read act_1/insights"):
        read(server)


@given(st.integers(-(10**12), 10**12))
def test_money_is_exact_to_the_last_cent(cents: int) -> None:
    text = f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"
    assert insights._money(text, ACCOUNT.money) == cents  # noqa: SLF001 # the one place where money comes in
    assert insights._money(json.loads(text), ACCOUNT.money) == cents  # noqa: SLF001 # and as a JSON number


# Reports


def asked(**options: Any) -> dict[str, str]:
    with scripted({"data": [{"spend": "1"}, {"spend": "2"}]}) as server, Graph(server.url, "EAAmadeup") as graph:
        assert list(insights.report(graph, "238", **options))
    assert server.requests[0].path == "/v26.0/238/insights"
    return server.requests[0].query


def test_a_report_asks_for_what_is_named() -> None:
    assert asked() == {"fields": "spend,impressions,clicks,ctr,cpc,reach", "limit": "500"}
    assert asked(
        level="ad",
        fields=["spend"],
        since=FIRST,
        until=LAST,
        time_increment=1,
        breakdowns=["age", "gender"],
        sort="spend_descending",
    ) == {
        "level": "ad",
        "fields": "spend",
        "time_range": '{"since":"2026-11-20","until":"2026-11-22"}',
        "time_increment": "1",
        "breakdowns": '["age","gender"]',
        "sort": '["spend_descending"]',
        "limit": "500",
    }
    assert asked(date_preset="last_7d")["date_preset"] == "last_7d"


def test_a_report_stops_at_its_limit() -> None:
    page = {"data": [{"spend": "1"}], "paging": {"cursors": {"after": "a"}, "next": "x"}}
    with scripted(page, Reply({"data": [{"spend": "2"}]})) as server, Graph(server.url, "EAAmadeup") as graph:
        assert list(insights.report(graph, "238", limit=1)) == [{"spend": "1"}]
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"since": FIRST},
        {"until": LAST},
        {"since": LAST, "until": FIRST},
        {"since": FIRST, "until": LAST, "date_preset": "today"},
    ],
)
def test_dates_that_contradict_are_refused_before_a_call(options: dict[str, Any]) -> None:
    with Graph("http://127.0.0.1:1", "EAAmadeup") as graph, pytest.raises(Invalid):
        insights.report(graph, "238", **options)
