"""Whatever is asked, the answer is Meta's: 200, or an error in its envelope."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_mock_ground import Flight, flying


def words(text: str) -> list[str]:
    return text.split()


VALUES = words("""
id name name,status adsets{id} adsets.limit(2){ads{name}} insights{spend} a{b{c} .limit(1) {} [] {} null -1 0 1 25
9999999999999999999999 1e9 true ACTIVE PAUSED DELETED 7d_click ['7d_click'] [1,2] last_7d all_days monthly MAZDZD
{"since":"2026-11-01","until":"2026-11-02"} {"since":"0001-01-01","until":"9999-12-31"} {"since":1} [[1]] "x" ad adset
[{"field":"name","operator":"IN","value":null}] [{"field":"spend","operator":"IN_RANGE","value":[]}] spend_descending
[{"field":"ad.name","operator":"CONTAIN","value":{}}] [{"method":"GET"}]
age,gender publisher_platform,platform_position country region image_asset frequency_value
hourly_stats_aggregated_by_advertiser_time_zone action_device ["action_type","action_reaction"] spend,results,actions
[{"field":"age","operator":"IN","value":["18-24"]}] [{"field":"actions:x","operator":"AFTER","value":[]}] [] last_90d
[{"since":"2026-11-01","until":"2026-11-02"}]
""")
NAMES = words("""
fields limit after before summary filtering effective_status level time_range time_ranges date_preset sort ids method
time_increment action_attribution_windows breakdowns status name daily_budget lifetime_budget batch updated_since
execution_options input_token shoes action_breakdowns offset default_summary summary_action_breakdowns
""")
PATHS = words("""
/ /me /me/adaccounts /me/permissions /{account} /{account}/adsets /{account}/ads /{account}/insights /{ad_set} /0
/{ad_set}/insights /{ad_set}/ads /{campaign} /{campaign}/adsets /{creative} /{creative}/insights /{account}/shoes
/debug_token /v26.0/{account}/campaigns/ /v24.0/{ad}/adcreatives /v1.0/me /a/b/c /%00 /{account}/adcreatives /{ad}
""")
PARAMS = st.dictionaries(st.sampled_from(NAMES), st.one_of(st.text(max_size=20), st.sampled_from(VALUES)), max_size=5)


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    with flying(tmp_path_factory.mktemp("home"), "--days", "3") as started:
        yield started


@pytest.fixture(scope="module")
def names(flight: Flight) -> dict[str, str]:
    first = {
        name: flight.get(f"/{flight.account}/{edge}", limit="1")["data"][0]["id"]
        for name, edge in (("campaign", "campaigns"), ("ad_set", "adsets"), ("ad", "ads"), ("creative", "adcreatives"))
    }
    return {"account": flight.account, **first}


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "POST", "DELETE", "PUT"]),
    path=st.sampled_from(PATHS),
    params=PARAMS,
    form=st.booleans(),
)
def test_any_call_is_answered_in_metas_shape(
    flight: Flight,
    names: dict[str, str],
    method: str,
    path: str,
    params: dict[str, Any],
    form: bool,  # noqa: FBT001
) -> None:
    how = {"data": params} if form and method == "POST" else {"params": params}
    answer = flight.client.request(method, path.format(**names), **how)
    body = answer.json()
    assert answer.status_code == 200 or {"message", "type", "code", "fbtrace_id"} <= set(body["error"])
    assert answer.status_code in (200, 400, 403)
