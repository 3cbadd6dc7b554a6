"""Every route and every parameter of insights, asked for wildly: Meta's envelope or a sound answer, never a fault."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_mock_fuzz import words
from test_mock_ground import Ground

from adopt.mock import breakdowns
from adopt.mock.graph import ROUTES
from adopt.mock.properties import FIELDS
from adopt.mock.query import WINDOW_NAMES

ENDS_THE_TOKEN = {"DELETE me/permissions", "GET oauth/revoke", "POST oauth/revoke"}
PAGES = {route for route in ROUTES if "dialog/" in route}  # for a person's browser: they answer in HTML
ASKED = sorted(set(ROUTES) - ENDS_THE_TOKEN - PAGES, reverse=True)  # deletions last
ODD: list[Any] = [
    True, -1, 0, 1.5, 1e308, 10**30, "", "x", "é\0", "[]", "{}", "null", "[[[[1]]]]", [], {}, [None], [[]], "[{}]",
    {"a": {"b": [1]}}, {"since": None, "until": []}, "9" * 400, ["age"] * 50, "NaN", "Infinity", "-0", "1e9", "٣",
    "a" * 5000, "[" * 3000, "{" * 3000, float("nan"), float("inf"), [{"field": ["x"], "operator": "IN", "value": 1}],
]  # fmt: skip
INSIGHTS = sorted(FIELDS["insights"])
COLUMNS = [*INSIGHTS, *breakdowns.NAMES, "ad.id", "campaign.name", "action_type"]
OPERATORS = ["EQUAL", "GREATER_THAN", "IN", "NOT_IN", "CONTAIN", "IN_RANGE", "ANY", "ALL", "AFTER", "NONE"]
DAYS = st.builds("2026-{:02d}-{:02d}".format, st.integers(10, 11), st.integers(1, 31))
SPANS = st.fixed_dictionaries({"since": DAYS, "until": DAYS})
FILTERS = st.fixed_dictionaries(
    {"field": st.sampled_from(COLUMNS), "operator": st.sampled_from(OPERATORS), "value": st.sampled_from(ODD)}
)


def some(values: Any, most: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(list(values)), min_size=1, max_size=most)


SOUND: dict[str, st.SearchStrategy[Any]] = {
    "level": st.sampled_from(["ad", "adset", "campaign", "account"]),
    "fields": some(INSIGHTS, 12).map(",".join),
    "breakdowns": some(breakdowns.NAMES, 3),
    "action_breakdowns": some(sorted(breakdowns.ACTION_NAMES), 3),
    "date_preset": st.sampled_from(["today", "maximum", "last_7d", "this_quarter", "last_year"]),
    "time_increment": st.sampled_from(["1", "7", "monthly", "all_days", 90]),
    "time_range": SPANS,
    "time_ranges": st.lists(SPANS, max_size=4),
    "filtering": st.lists(FILTERS, max_size=3),
    "sort": st.builds("{}_{}".format, st.sampled_from(COLUMNS), st.sampled_from(["ascending", "descending"])),
    "action_attribution_windows": some(sorted(WINDOW_NAMES), 4),
    "summary": some(INSIGHTS, 5).map(",".join),
    "default_summary": st.just("true"),
    "summary_action_breakdowns": st.just(["action_type"]),
    "limit": st.sampled_from([0, 1, 25, 5000, 10**6]),
    "after": st.sampled_from(["MAZDZD", "MTI=", "x"]),
    "before": st.just("MQ=="),
    "offset": st.sampled_from([0, 5, -3]),
}
OTHERS = words("""
name status targeting_spec targeting creative batch ids q type adlabels ad_label_ids hash hashes bytes upload_phase
file_url deep_copy users payload input_token redirect_uri client_id client_secret grant_type code scope list id_list
targeting_list interest_list location_types ad_format object_count before_date effective_status updated_since filter
rename_options start_offset video_file_chunk copy_from since until image_hash thumbnails execution_options creative_ids
""")


def either(name: str) -> st.SearchStrategy[Any]:
    odd = st.sampled_from(ODD)
    return st.one_of(SOUND[name], SOUND[name], SOUND[name], odd) if name in SOUND else odd


@st.composite
def parameters(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(names), max_size=6, unique=True))
    values = {name: draw(either(name)) for name in chosen}
    return {
        name: json.dumps(value) if not isinstance(value, str) and draw(st.booleans()) else value
        for name, value in values.items()
    }


@pytest.fixture(scope="module")
def ground() -> Ground:
    started = Ground(days=5, ad_sets=4)
    started.graph.world.live(lambda *_: None)
    return started


@pytest.fixture(scope="module")
def nodes(ground: Ground) -> dict[str, str]:
    around = ground.graph.world.account
    kinds = {"campaign": "campaigns", "ad set": "adsets", "ad": "ads", "creative": "adcreatives", "video": "advideos"}
    first = {kind: ground.get(f"{ground.account}/{edge}", limit="1")["data"][0]["id"] for kind, edge in kinds.items()}
    return first | {"account": ground.account, "page": around.page, "pixel": around.pixel, "business": around.business}


def check_answer(status: int, body: Any) -> None:
    msgspec.json.encode(body)
    assert status == 200 or {"message", "type", "code", "fbtrace_id"} <= set(body["error"])
    reduce = status == 500 and (body["error"]["code"], body["error"]["error_subcode"]) == (1, 99)  # a page too large
    assert status in (200, 400, 403) or reduce


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(kind=st.sampled_from(["account", "campaign", "ad set", "ad"]), params=parameters(sorted(SOUND)))
def test_insights_answer_rows_of_days_or_say_what_is_wrong(
    ground: Ground, nodes: dict[str, str], kind: str, params: dict[str, Any]
) -> None:
    status, body = ground.call("GET", f"{nodes[kind]}/insights", **params)
    check_answer(status, body)
    if status == 200:
        assert all(row["date_start"] <= row["date_stop"] for row in body["data"])


@pytest.mark.parametrize("route", ASKED)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(params=parameters(sorted({*SOUND, *OTHERS})))
def test_every_route_answers_whatever_comes_with_it(
    ground: Ground, nodes: dict[str, str], route: str, params: dict[str, Any]
) -> None:
    method, _, path = route.partition(" ")
    kind, _, edge = path.removeprefix("<").partition(">")
    check_answer(*ground.call(method, f"{nodes.get(kind, '0')}{edge}" if path.startswith("<") else path, **params))
