"""Insights broken down: every split adds up to the whole, and looks like an account's."""

from collections import defaultdict
from typing import Any

import msgspec
import numpy as np
import pytest
from facebook_business.adobjects.adsinsights import AdsInsights
from hypothesis import given, settings
from hypothesis import strategies as st
from test_mock_ground import Ground, purchases

from adopt.mock.splitting import split, split_within

FIELDS = "adset_id,spend,impressions,clicks,inline_link_clicks,reach,actions,action_values"
WEEK = '{"since":"2026-11-09","until":"2026-11-15"}'
WINDOWS = '["1d_click","7d_click","28d_click","1d_view","1d_ev"]'
HOUR = "hourly_stats_aggregated_by_advertiser_time_zone"
AUDIENCES_HOUR = "hourly_stats_aggregated_by_audience_time_zone"
SPLITS = [
    "age", "gender", "age,gender", "country", "region", "country,region", "comscore_market", "publisher_platform",
    "publisher_platform,platform_position", "impression_device", "publisher_platform,impression_device",
    "publisher_platform,platform_position,impression_device", "device_platform", HOUR, AUDIENCES_HOUR,
    "frequency_value", "image_asset", "body_asset", "title_asset", "call_to_action_asset", "ad_format_asset",
    "link_url_asset", "image_asset,age",
]  # fmt: skip
NO_WEB = {"region", "country,region", "comscore_market", HOUR, AUDIENCES_HOUR}
ACTIONS = ("link_click", "video_view", "landing_page_view", "add_to_cart", "initiate_checkout", "purchase")


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground(ad_sets=24)


def sums(rows: list[dict[str, Any]], key: str, *, web: bool) -> dict[Any, dict[str, float]]:
    found: dict[Any, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        one = found[row.get(key)]
        for name in ("spend", "impressions", "clicks"):
            one[name] += float(row[name])
        for kind in ACTIONS if web else ("link_click", "video_view"):
            for window in ("value", "1d_click", "7d_click", "28d_click", "1d_view", "1d_ev"):
                one[f"{kind} {window}"] += purchases(row, window, kind)
        if web:
            one["worth"] += purchases(row, field="action_values")
    return {name: {k: round(v, 2) for k, v in one.items()} for name, one in found.items()}


@pytest.mark.parametrize("breakdown", SPLITS)
def test_a_split_adds_up_to_the_whole(ground: Ground, breakdown: str) -> None:
    how: dict[str, Any] = {"time_range": WEEK, "action_attribution_windows": WINDOWS}
    parts = ground.rows("ad", fields=FIELDS + ",ad_id", **how, breakdowns=breakdown)
    whole = ground.rows("ad", fields=FIELDS + ",ad_id", **how)
    web = breakdown not in NO_WEB
    if "asset" in breakdown:  # an ad without such an asset has no rows, and link clicks are only told among actions
        having = {row["ad_id"] for row in parts}
        whole = [row for row in whole if row["ad_id"] in having]
        assert not any("inline_link_clicks" in row for row in parts)
    assert sums(parts, "ad_id", web=web) == sums(whole, "ad_id", web=web)
    assert all(name in row for row in parts for name in breakdown.split(","))
    marks = [tuple(str(row[name]) for name in ("ad_id", *breakdown.split(","))) for row in parts]
    assert len(marks) == len(set(marks))


@pytest.mark.parametrize("breakdown", ["age", "publisher_platform", "country", HOUR])
@pytest.mark.parametrize("increment", ["1", "3"])
def test_days_and_levels_of_a_split_add_up(ground: Ground, breakdown: str, increment: str) -> None:
    how: dict[str, Any] = {"fields": FIELDS, "time_range": WEEK, "breakdowns": breakdown}
    web = breakdown not in NO_WEB
    whole = sums(ground.rows("account", **how), breakdown, web=web)
    assert sums(ground.rows("adset", **how, time_increment=increment), breakdown, web=web) == whole
    assert sums(ground.rows("campaign", **how), breakdown, web=web) == whole


def test_splits_of_one_family_agree(ground: Ground) -> None:
    how: dict[str, Any] = {"fields": FIELDS, "time_range": WEEK}
    ages, both = (ground.rows("account", **how, breakdowns=one) for one in ("age", "age,gender"))
    assert sums(ages, "age", web=True) == sums(both, "age", web=True)
    apps, places = (
        ground.rows("account", **how, breakdowns=one)
        for one in ("publisher_platform", "publisher_platform,platform_position")
    )
    assert sums(apps, "publisher_platform", web=True) == sums(places, "publisher_platform", web=True)


def test_no_cell_contradicts_itself(ground: Ground) -> None:
    for breakdown in ("age,gender", "publisher_platform,platform_position,impression_device"):
        rows = ground.rows("ad", fields=FIELDS, time_range=WEEK, time_increment="1", breakdowns=breakdown,
                           action_attribution_windows=WINDOWS)  # fmt: skip
        for row in rows:
            shown, clicks = int(row["impressions"]), int(row["clicks"])
            assert int(row["inline_link_clicks"]) <= clicks <= 2 * shown
            assert int(row["inline_link_clicks"]) <= shown
            assert purchases(row, kind="landing_page_view") <= int(row["inline_link_clicks"])
            assert purchases(row, "1d_click") <= purchases(row, "7d_click") <= purchases(row, "28d_click")
            assert bool(purchases(row)) == bool(purchases(row, field="action_values"))
            assert int(row["reach"]) <= shown


def test_web_conversions_are_not_told_by_hour_or_region(ground: Ground) -> None:
    for breakdown in NO_WEB:
        rows = ground.rows("account", fields="actions,action_values,purchase_roas,results", breakdowns=breakdown)
        assert all({"action_values", "purchase_roas"}.isdisjoint(row) for row in rows)
        kinds = {one["action_type"] for row in rows for one in row.get("actions", ())}
        assert kinds == {"link_click", "post_engagement", "page_engagement", "video_view"}


def test_hours_know_no_people_and_end_with_what_is_reported(ground: Ground) -> None:
    rows = ground.rows("account", fields="reach,frequency,impressions", breakdowns=HOUR, date_preset="today")
    assert {(row["reach"], row["frequency"]) for row in rows} == {("0", "0")}
    assert [row[HOUR] for row in rows] == [f"{hour:02d}:00:00 - {hour:02d}:59:59" for hour in range(12)]
    whole = ground.rows("account", fields="impressions", breakdowns=HOUR, date_preset="yesterday")
    shown = [int(row["impressions"]) for row in whole]
    assert len(shown) == 24
    assert max(shown[17:22]) > 1.5 * min(shown[2:5])


def test_people_are_counted_once_by_age_and_more_than_once_by_place(ground: Ground) -> None:
    how = {"fields": "reach", "date_preset": "last_28d"}
    whole = int(ground.rows("account", **how)[0]["reach"])
    by_age = sum(int(row["reach"]) for row in ground.rows("account", **how, breakdowns="age"))
    by_app = sum(int(row["reach"]) for row in ground.rows("account", **how, breakdowns="publisher_platform"))
    assert by_age == pytest.approx(whole, rel=0.05)
    assert by_app > 1.05 * whole


def test_cells_differ_as_media_buyers_know_them(ground: Ground) -> None:
    how = {"fields": "spend,impressions,inline_link_click_ctr,cpm,actions", "date_preset": "last_28d"}
    apps = {row["publisher_platform"]: row for row in ground.rows("account", **how, breakdowns="publisher_platform")}
    assert {"facebook", "instagram", "audience_network", "messenger", "threads"} == set(apps)
    assert float(apps["audience_network"]["cpm"]) < 0.6 * float(apps["instagram"]["cpm"])
    assert float(apps["audience_network"]["inline_link_click_ctr"]) > float(apps["instagram"]["inline_link_click_ctr"])
    share = [sum(float(apps[one][name]) for one in ("facebook", "instagram")) for name in ("spend", "impressions")]
    assert share[0] / sum(float(one["spend"]) for one in apps.values()) > 0.9
    ages = [row["age"] for row in ground.rows("account", **how, breakdowns="age")]
    assert ages == ["18-24", "25-34", "35-44", "45-54", "55-64", "65+"]
    shares = defaultdict(list)
    for row in ground.rows("adset", **{**how, "fields": "adset_id,impressions"}, breakdowns="age"):
        shares[row["age"]].append(int(row["impressions"]))
    part = np.array([shares["25-34"], shares["55-64"]])[:, :15]
    assert len(set(np.round(part[0] / part[1], 3).tolist())) > 10


def test_only_targeted_countries_are_delivered_to(ground: Ground) -> None:
    for one in ground.get(f"{ground.account}/adsets", fields="targeting", limit="24")["data"]:
        asked = {"fields": "spend", "breakdowns": "country", "date_preset": "maximum"}
        found = {row["country"] for row in ground.get(f"{one['id']}/insights", **asked)["data"]}
        assert found <= set(one["targeting"]["geo_locations"]["countries"])


def test_rows_filter_by_a_cell_with_or_without_its_breakdown(ground: Ground) -> None:
    only = msgspec.json.encode([{"field": "age", "operator": "IN", "value": ["25-34", "35-44"]}]).decode()
    how = {"fields": FIELDS, "time_range": WEEK}
    broken = ground.rows("account", **how, breakdowns="age", filtering=only)
    assert [row["age"] for row in broken] == ["25-34", "35-44"]
    (whole,) = ground.rows("account", **how, filtering=only)
    assert sums([whole], "none", web=True) == sums(broken, "none", web=True)
    assert ground.error("GET", f"{ground.account}/insights", breakdowns="country", filtering=only)[1] == 100


@pytest.mark.parametrize(
    ("rows", "actions", "legal"),
    [
        ("age,gender", None, True),
        ("age,gender,country", None, False),
        ("age,publisher_platform", None, False),
        ("platform_position", None, False),
        ("country", '["action_device"]', False),
        ("publisher_platform", '["action_device"]', True),
        ("image_asset,body_asset", None, False),
        ("image_asset,age,gender", None, True),
        (HOUR + ",age", None, False),
        ("product_id", None, True),
        ("media_type", None, False),
        ("media_type", "[]", True),
        ("", '["action_type","action_reaction"]', True),
        ("age", '["action_type","action_reaction"]', False),
        ("age", '["action_type","action_target_id","action_destination"]', True),
        ("age", '["action_carousel_card_id"]', True),
        ("region", '["action_carousel_card_id"]', False),
    ],
)
def test_breakdowns_join_as_meta_lets_them(ground: Ground, rows: str, actions: str | None, *, legal: bool) -> None:
    asked = {"breakdowns": rows, **({"action_breakdowns": actions} if actions else {})}
    status, body = ground.call("GET", f"{ground.account}/insights", **asked)
    assert (status == 200) == legal
    if not legal:
        assert body["error"]["message"].startswith("(#100) Current combination of data breakdown columns (")


def test_a_refusal_lists_the_columns_in_order(ground: Ground) -> None:
    _, body = ground.call("GET", f"{ground.account}/insights", breakdowns="platform_position")
    message = "(#100) Current combination of data breakdown columns (action_type, platform_position) is invalid"
    assert body["error"]["message"] == message


# What the SDK's enum still names, and the service refuses: markets took the place of DMAs on 2026-06-22, mmm is told by
# report runs alone, and media_* and follow types do not even join with action_type.
REFUSED = {"dma", "mmm", "platform_position"}


@pytest.mark.parametrize("name", sorted(vars(AdsInsights.Breakdowns)))
def test_every_breakdown_of_the_sdk_is_answered(ground: Ground, name: str) -> None:
    value = getattr(AdsInsights.Breakdowns, name)
    if name.startswith("_"):
        return
    status, _ = ground.call("GET", f"{ground.account}/insights", breakdowns=value, action_breakdowns="[]")
    assert (status != 200) == (value in REFUSED)


@pytest.mark.parametrize("name", sorted(vars(AdsInsights.ActionBreakdowns)))
def test_every_action_breakdown_of_the_sdk_is_answered(ground: Ground, name: str) -> None:
    if name.startswith("_"):
        return
    asked = msgspec.json.encode(["action_type", getattr(AdsInsights.ActionBreakdowns, name)]).decode()
    rows = ground.rows("account", fields="actions", action_breakdowns=asked)
    assert rows[0]["actions"]


def test_actions_are_told_by_device_only_where_they_happen_on_meta(ground: Ground) -> None:
    plain = ground.rows(fields="actions,adset_id", time_range=WEEK)
    broken = ground.rows(
        fields="actions,adset_id", time_range=WEEK, action_breakdowns='["action_type","action_device"]'
    )
    for one, other in zip(plain, broken, strict=True):
        for kind in ("link_click", "video_view", "purchase", "add_to_cart"):
            assert purchases(one, kind=kind) == purchases(other, kind=kind)
        assert all(("action_device" in item) == (item["action_type"] in ON_META) for item in other["actions"])


ON_META = ("link_click", "post_engagement", "page_engagement", "video_view")
TOTALS, SHARES = st.integers(0, 10**6), st.floats(0, 1, exclude_max=True)


@given(
    total=TOTALS,
    weights=st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=60).filter(sum),
    u=SHARES,
)
def test_parts_add_up_and_are_within_one_of_their_share(total: int, weights: list[float], u: float) -> None:
    parts = split(np.array([total]), np.array([weights]), np.array([u]))[0]
    share = total * np.array(weights) / sum(weights)
    assert parts.sum() == total
    assert (np.abs(parts - share) <= 1 + 1e-6 * total).all()
    assert (parts >= 0).all()


@settings(max_examples=300)
@given(
    data=st.data(), room=st.lists(st.integers(0, 1000), min_size=1, max_size=40), u=st.floats(0, 1, exclude_max=True)
)
def test_no_cell_gives_more_than_it_has(data: st.DataObject, room: list[int], u: float) -> None:
    total = data.draw(st.integers(0, sum(room)))
    rates = data.draw(st.lists(st.floats(0.2, 3), min_size=len(room), max_size=len(room)))
    parts = split_within(np.array([total]), np.array([room]), np.array(rates), np.ones(len(room)), np.array([u]))[0]
    assert parts.sum() == total
    assert (parts <= np.array(room)).all()


def test_a_part_is_its_share_on_average() -> None:
    u = (np.arange(10_000) + 0.5) / 10_000
    parts = split(np.ones(10_000, np.int64), np.array([[0.5, 0.3, 0.2]]) * np.ones((10_000, 1)), u)
    assert parts.mean(axis=0) == pytest.approx([0.5, 0.3, 0.2], abs=1e-3)
