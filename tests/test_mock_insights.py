from collections import defaultdict
from datetime import date

import msgspec
import pytest
from facebook_business.adobjects.adsinsights import AdsInsights
from test_mock_ground import Ground, purchases

FIELDS = "adset_id,campaign_id,spend,impressions,clicks,inline_link_clicks,actions,action_values"
COUNTS = ("spend", "impressions", "clicks", "inline_link_clicks")
WINDOWS = '["1d_click","7d_click","28d_click","1d_view","1d_ev"]'
RANGE = '{"since":"2026-10-20","until":"2026-11-16"}'


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground(ad_sets=24)


def totals(rows: list[dict], key: str) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        for name in COUNTS:
            found[row.get(key, "")][name] += float(row[name])
        found[row.get(key, "")]["purchases"] += purchases(row)
        found[row.get(key, "")]["value"] += purchases(row, field="action_values")
    return {name: {k: round(v, 2) for k, v in one.items()} for name, one in found.items()}


@pytest.mark.parametrize("increment", ["1", "3", "7", "90", "monthly"])
def test_rows_of_shorter_spans_add_up_to_the_whole(ground: Ground, increment: str) -> None:
    parts = ground.rows(fields=FIELDS, time_range=RANGE, time_increment=increment)
    whole = ground.rows(fields=FIELDS, time_range=RANGE)
    assert totals(parts, "adset_id") == totals(whole, "adset_id")


def test_levels_add_up(ground: Ground) -> None:
    ads, campaigns = (ground.rows(level, fields=FIELDS, time_range=RANGE) for level in ("ad", "campaign"))
    ad_sets, account = (ground.rows(level, fields=FIELDS, time_range=RANGE) for level in ("adset", "account"))
    assert totals(ads, "adset_id") == totals(ad_sets, "adset_id")
    assert totals(ad_sets, "campaign_id") == totals(campaigns, "campaign_id")
    assert totals(ads, "none") == totals(account, "none")


def test_a_nodes_own_insights_are_its_row(ground: Ground) -> None:
    row = ground.rows(fields="adset_id,spend", time_range=RANGE)[0]
    own = ground.get(f"{row['adset_id']}/insights", fields="adset_id,spend", time_range=RANGE)["data"]
    assert own == [row]
    ads = ground.get(f"{row['adset_id']}/insights", level="ad", fields="ad_id,spend", time_range=RANGE)["data"]
    assert sum(float(ad["spend"]) for ad in ads) == pytest.approx(float(row["spend"]))


def test_every_figure_is_a_text(ground: Ground) -> None:
    fields = FIELDS + ",reach,frequency,ctr,cpc,cpm,cpp,purchase_roas,cost_per_action_type,outbound_clicks"
    for row in ground.rows(fields=fields, time_range=RANGE, action_attribution_windows=WINDOWS):
        for name, value in row.items():
            items = value if isinstance(value, list) else [{"value": value}]
            assert all(isinstance(one, str) for item in items for one in item.values()), name


def test_rates_follow_from_counts(ground: Ground) -> None:
    for row in ground.rows(
        fields="spend,impressions,clicks,reach,frequency,ctr,cpc,cpm,actions,cost_per_action_type,purchase_roas,action_values"
    ):
        spend, shown, clicks = float(row["spend"]), int(row["impressions"]), int(row["clicks"])
        assert float(row["ctr"]) == pytest.approx(100 * clicks / shown, abs=1e-6)
        assert float(row["cpc"]) == pytest.approx(spend / clicks, abs=1e-6)
        assert float(row["cpm"]) == pytest.approx(1000 * spend / shown, abs=1e-6)
        assert float(row["frequency"]) == pytest.approx(shown / int(row["reach"]), abs=1e-6)
        assert int(row["reach"]) <= shown
        assert purchases(row, field="cost_per_action_type") == pytest.approx(spend / purchases(row), abs=1e-6)
        roas = purchases(row, kind="omni_purchase", field="purchase_roas")
        assert roas == pytest.approx(purchases(row, field="action_values") / spend, abs=1e-6)


def test_names_of_one_event_repeat_it(ground: Ground) -> None:
    for row in ground.rows(fields="actions", time_range=RANGE, time_increment="1"):
        names = ("purchase", "omni_purchase", "offsite_conversion.fb_pixel_purchase", "onsite_web_purchase")
        assert len({purchases(row, kind=name) for name in names}) == 1
        kinds = ("link_click", "landing_page_view", "add_to_cart", "initiate_checkout", "purchase")
        clicks, landed, carts, checkouts, bought = (purchases(row, kind=kind) for kind in kinds)
        assert clicks >= landed
        assert carts >= checkouts >= bought


def test_windows_split_what_value_counts(ground: Ground) -> None:
    rows = ground.rows(fields="actions", time_range=RANGE, action_attribution_windows=WINDOWS)
    for row in rows:
        counts = {key: purchases(row, key) for key in ("value", "1d_click", "7d_click", "28d_click", "1d_view")}
        assert counts["1d_click"] <= counts["7d_click"] <= counts["28d_click"]
        assert counts["value"] == counts["7d_click"] + counts["1d_view"]
    assert sum(purchases(row, "1d_ev") for row in rows) > 0


def test_dead_windows_are_accepted_and_empty(ground: Ground) -> None:
    for row in ground.rows(fields="actions", action_attribution_windows='["7d_view","28d_view"]'):
        assert all(set(one) == {"action_type", "value"} for one in row["actions"])


def test_only_what_delivered_has_rows(ground: Ground) -> None:
    paused = {one["id"] for one in ground.ad_sets() if one["effective_status"] == "PAUSED"}
    last = {row["adset_id"] for row in ground.rows(fields="adset_id", date_preset="yesterday")}
    assert not paused & last
    assert ground.rows(time_range='{"since":"2025-01-01","until":"2025-01-31"}') == []


def test_rows_carry_their_dates(ground: Ground) -> None:
    rows = ground.rows("account", time_range=RANGE, time_increment="7")
    assert [(row["date_start"], row["date_stop"]) for row in rows] == [
        ("2026-10-20", "2026-10-26"),
        ("2026-10-27", "2026-11-02"),
        ("2026-11-03", "2026-11-09"),
        ("2026-11-10", "2026-11-16"),
    ]


@pytest.mark.parametrize(
    ("preset", "since", "until"),
    [
        ("today", "2026-11-17", "2026-11-17"),
        ("yesterday", "2026-11-16", "2026-11-16"),
        ("last_7d", "2026-11-10", "2026-11-16"),
        ("last_14d", "2026-11-03", "2026-11-16"),
        ("this_month", "2026-11-01", "2026-11-17"),
        ("last_month", "2026-10-01", "2026-10-31"),
        ("this_quarter", "2026-10-01", "2026-11-17"),
        ("this_week_mon_today", "2026-11-16", "2026-11-17"),
        ("this_week_sun_today", "2026-11-15", "2026-11-17"),
        ("last_week_mon_sun", "2026-11-09", "2026-11-15"),
        ("last_week_sun_sat", "2026-11-08", "2026-11-14"),
        ("maximum", "2026-10-18", "2026-11-17"),
        (None, "2026-10-18", "2026-11-16"),
    ],
)
def test_presets_mean_these_days(ground: Ground, preset: str | None, since: str, until: str) -> None:
    (row,) = ground.rows("account", **({"date_preset": preset} if preset else {}))
    assert (row["date_start"], row["date_stop"]) == (since, until)


def test_ranges_come_one_after_another(ground: Ground) -> None:
    ranges = '[{"since":"2026-11-01","until":"2026-11-02"},{"since":"2026-11-10","until":"2026-11-10"}]'
    rows = ground.rows("account", time_ranges=ranges)
    assert [row["date_start"] for row in rows] == ["2026-11-01", "2026-11-10"]


def test_rows_sort(ground: Ground) -> None:
    spent = [float(row["spend"]) for row in ground.rows(fields="spend", sort='["spend_descending"]')]
    assert spent == sorted(spent, reverse=True)
    days = [row["date_start"] for row in ground.rows(fields="spend", sort="date_start_descending", time_increment="1")]
    assert days == sorted(days, reverse=True)


def test_rows_filter_by_object_and_by_figure(ground: Ground) -> None:
    everything = ground.rows(fields="adset_id,adset_name,spend,impressions")
    one = everything[3]
    by_id = msgspec.json.encode([{"field": "adset.id", "operator": "IN", "value": [one["adset_id"]]}]).decode()
    assert ground.rows(fields="adset_id,adset_name,spend,impressions", filtering=by_id) == [one]
    least = sorted(int(row["impressions"]) for row in everything)[10]
    by_figure = msgspec.json.encode([{"field": "impressions", "operator": "GREATER_THAN", "value": least}]).decode()
    found = ground.rows(fields="adset_id,impressions", filtering=by_figure)
    assert {row["adset_id"] for row in found} == {r["adset_id"] for r in everything if int(r["impressions"]) > least}


def test_pages_give_every_row_once(ground: Ground) -> None:
    whole = ground.rows(fields="adset_id,spend", time_range=RANGE, time_increment="1")
    found: list[dict] = []
    after: dict[str, str] = {}
    while True:
        answer = ground.get(
            f"{ground.account}/insights",
            level="adset", fields="adset_id,spend", time_range=RANGE, time_increment="1", limit="100", **after,
        )  # fmt: skip
        found += answer["data"]
        if "next" not in answer["paging"]:
            break
        after = {"after": answer["paging"]["cursors"]["after"]}
    assert found == whole


def test_a_past_day_is_restated_for_some_days_and_then_stands() -> None:
    ground = Ground(ad_sets=60, days=10)
    seen = []
    for _ in range(8):
        rows = ground.rows("account", fields="actions,spend", time_range='{"since":"2026-11-16","until":"2026-11-16"}')
        seen.append((purchases(rows[0]), float(rows[0]["spend"])))
        ground.advance(24)
    bought, spent = ([one[side] for one in seen] for side in (0, 1))
    assert max(bought[1:]) - min(bought[1:]) <= 2
    assert spent[0] < spent[3] == spent[7]
    assert spent[0] == pytest.approx(spent[7], rel=0.031)


def test_the_same_moment_is_answered_the_same() -> None:
    first, second = (Ground(seed=3).rows(fields=FIELDS, time_increment="1") for _ in range(2))
    assert msgspec.json.encode(first) == msgspec.json.encode(second)


def test_a_world_advanced_is_a_world_begun_later() -> None:
    late = Ground(days=60)
    early = Ground(days=30, now=late.clock.now() - 30 * 86400)
    early.rows()
    for hours in (1, 5, 18, 24, 24 * 12, 24 * 15):
        early.advance(hours)
        early.rows(date_preset="today")
    early.advance(24 * 30 - (1 + 5 + 18 + 24 + 24 * 27))
    assert early.rows(fields=FIELDS, date_preset="maximum", time_increment="1") == late.rows(
        fields=FIELDS, date_preset="maximum", time_increment="1"
    )


def test_a_currency_without_minor_units_has_whole_money() -> None:
    ground = Ground(currency="JPY", timezone="Asia/Tokyo", days=7)
    rows = ground.rows(fields="spend,account_currency,action_values,actions,reach")
    assert {row["account_currency"] for row in rows} == {"JPY"}
    assert all(row["spend"].isdecimal() for row in rows)
    assert all(one["value"].isdecimal() for row in rows for one in row.get("action_values", ()))
    assert min(int(one["daily_budget"]) for one in ground.ad_sets() if "daily_budget" in one) > 10_000
    cost = sum(float(row["spend"]) for row in rows) / sum(purchases(row) for row in rows)
    assert 2_000 < cost < 20_000


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"fields": "spend,shoes"}, 100),
        ({"level": "shoe"}, 100),
        ({"time_increment": "91"}, 100),
        ({"time_increment": "0"}, 100),
        ({"date_preset": "lifetime"}, 100),
        ({"time_range": '{"since":"2026-11-02","until":"2026-11-01"}'}, 100),
        ({"time_range": '{"since":"yesterday","until":"2026-11-01"}'}, 100),
        ({"time_range": '{"since":"2020-01-01","until":"2026-11-01"}'}, 3018),
        ({"action_attribution_windows": '["3d_click"]'}, 100),
        ({"sort": "shoes_ascending"}, 100),
        ({"filtering": '[{"field":"shoe.id","operator":"IN","value":["1"]}]'}, 100),
        ({"limit": "-1"}, 100),
    ],
)
def test_wrong_calls_are_answered_as_meta_would(ground: Ground, params: dict[str, str], code: int) -> None:
    assert ground.error("GET", f"{ground.account}/insights", **params)[:2] == (400, code)


def test_a_level_above_the_node_is_refused(ground: Ground) -> None:
    ad_set = ground.ad_sets()[0]["id"]
    assert ground.error("GET", f"{ad_set}/insights", level="campaign")[:2] == (400, 100)


def test_money_is_spent_on_every_day_of_history(ground: Ground) -> None:
    rows = ground.rows("account", time_increment="1", date_preset="maximum")
    assert len(rows) == 31
    assert [date.fromisoformat(row["date_start"]).toordinal() for row in rows] == list(
        range(date(2026, 10, 18).toordinal(), date(2026, 11, 18).toordinal())
    )


def test_every_field_of_the_sdk_is_known_and_most_that_concern_a_shop_are_said(ground: Ground) -> None:
    names = [value for name, value in vars(AdsInsights.Field).items() if not name.startswith("_")]
    said = {name for row in ground.rows("ad", fields=",".join(names), limit="20") for name in row}
    assert {"results", "quality_ranking", "video_play_actions", "unique_clicks", "attribution_setting"} <= said
    assert len(said) > 90


@pytest.mark.parametrize("enum", ["DatePreset", "ActionAttributionWindows", "ActionReportTime", "Level"])
def test_every_value_of_the_sdks_enums_is_accepted(ground: Ground, enum: str) -> None:
    param = {"DatePreset": "date_preset", "ActionAttributionWindows": "action_attribution_windows",
             "ActionReportTime": "action_report_time", "Level": "level"}[enum]  # fmt: skip
    for name, value in vars(getattr(AdsInsights, enum)).items():
        if not name.startswith("_"):
            assert ground.call("GET", f"{ground.account}/insights", fields="actions", **{param: value})[0] == 200, value


def test_a_summary_adds_up_the_rows_it_is_about(ground: Ground) -> None:
    answer = ground.get(f"{ground.account}/insights", level="adset", fields="spend,impressions,actions", limit="5",
                        summary="spend,impressions,actions", time_range=RANGE)  # fmt: skip
    every = ground.rows(fields="spend,impressions,actions", time_range=RANGE)
    assert float(answer["summary"]["spend"]) == pytest.approx(sum(float(row["spend"]) for row in every))
    assert purchases(answer["summary"]) == sum(purchases(row) for row in every)
    assert len(answer["data"]) == 5


def test_only_the_action_types_filtered_for_are_shown(ground: Ground) -> None:
    only = '[{"field":"action_type","operator":"IN","value":["link_click","omni_purchase"]}]'
    kinds = {one["action_type"] for row in ground.rows(fields="actions", filtering=only) for one in row["actions"]}
    assert kinds == {"link_click", "omni_purchase"}
    least = '[{"field":"actions:omni_purchase","operator":"GREATER_THAN","value":20}]'
    rows = ground.rows(fields="actions", filtering=least)
    assert rows
    assert all(purchases(row) > 20 for row in rows)


def test_too_much_on_a_page_is_refused_with_code_1(ground: Ground) -> None:
    names = [value for name, value in vars(AdsInsights.Field).items() if not name.startswith("_")]
    answer = ground.error("GET", f"{ground.account}/insights", fields=",".join(names), limit="5000")
    assert answer == (500, 1, 99)
