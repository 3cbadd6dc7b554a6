import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adopt.graph import throttle
from adopt.graph.throttle import Usage, read_usage

USE_CASE = "x-business-use-case-usage"


def headers(name: str, value: object) -> dict[str, str]:
    return {name: json.dumps(value)}


@pytest.mark.parametrize(
    ("given_headers", "usage"),
    [
        ({}, None),
        (
            headers("x-app-usage", {"call_count": 28, "total_time": 25, "total_cputime": 31}),
            Usage(percent=31, meter="x-app-usage"),
        ),
        (
            headers("x-ad-account-usage", {"acc_id_util_pct": 9.67, "reset_time_duration": 300}),
            Usage(percent=9.67, meter="x-ad-account-usage"),
        ),
        (
            headers("x-ad-account-usage", {"acc_id_util_pct": 100, "reset_time_duration": 300}),
            Usage(percent=100, meter="x-ad-account-usage", regain_s=300),
        ),
        (
            headers(USE_CASE, {"1": [{"call_count": 95, "estimated_time_to_regain_access": 5}]}),
            Usage(percent=95, meter=USE_CASE, regain_s=300),
        ),
        (
            headers("x-fb-ads-insights-throttle", {"app_id_util_pct": 1, "acc_id_util_pct": 20}),
            Usage(percent=20, meter="x-fb-ads-insights-throttle"),
        ),
    ],
)
def test_each_header_is_read_in_its_unit(given_headers: dict[str, str], usage: Usage | None) -> None:
    assert read_usage(given_headers) == usage


def test_the_highest_meter_and_the_longest_wait_count() -> None:
    both = {
        **headers("x-app-usage", {"call_count": 99}),
        **headers(
            USE_CASE,
            {
                "1": [
                    {"call_count": 4, "estimated_time_to_regain_access": 0, "ads_api_access_tier": "standard_access"},
                    {"call_count": 7, "estimated_time_to_regain_access": 2},
                ]
            },
        ),
    }
    assert read_usage(both) == Usage(percent=99, meter="x-app-usage", regain_s=120, tier="standard_access")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.sampled_from(["1"]), inner, max_size=3),
    max_leaves=8,
)
meters = st.dictionaries(
    st.sampled_from(["call_count", "acc_id_util_pct", "reset_time_duration", "estimated_time_to_regain_access"]),
    json_values,
)


@given(st.sampled_from(throttle.HEADERS), json_values | meters | st.dictionaries(st.text(), st.lists(meters)))
def test_no_header_breaks_the_reader(name: str, value: object) -> None:
    found = read_usage(headers(name, value))
    assert found is None or (found.percent >= 0 and found.regain_s >= 0)


@given(st.sampled_from(throttle.HEADERS), st.text())
def test_a_header_that_is_no_json_says_nothing(name: str, text: str) -> None:
    assert read_usage({name: "{" + text}) is None or text
