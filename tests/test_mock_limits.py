"""Rate limits by Meta's formulas, in simulated time, and the headers that tell of them."""

import json
from collections.abc import Callable

import pytest

from adopt.mock.account import Options
from adopt.mock.call import Call
from adopt.mock.clock import Beginning, Clock
from adopt.mock.graph import Graph
from adopt.mock.limits import Limits, Meter

NOON = 1_794_934_800.0
READ = Call("GET", ("act_1", "campaigns"), {})
WRITE = Call("POST", ("1",), {})
INSIGHTS = Call("GET", ("act_1", "insights"), {})
MINE = Call("GET", ("me",), {})


def meter(*, strict: bool = True, tier: str = "development", ads: int = 0) -> Meter:
    return Meter(Limits(strict=strict, tier=tier), "1", lambda: ads)  # type: ignore[arg-type]


def refused(work: Callable[[], object]) -> int | None:
    from adopt.mock.errors import GraphError

    try:
        work()
    except GraphError as error:
        return error.code
    return None


def test_twenty_writes_in_five_minutes_and_no_more() -> None:
    one = meter()
    for number in range(20):
        one.admit(WRITE, NOON + number)
    assert refused(lambda: one.admit(WRITE, NOON + 30)) == 17
    assert refused(lambda: one.admit(READ, NOON + 30)) == 17
    assert refused(lambda: one.admit(READ, NOON + 331)) is None


def test_the_headers_of_a_refusal_say_how_long() -> None:
    one = meter()
    for number in range(60):
        one.admit(READ, NOON + number / 100)
    assert refused(lambda: one.admit(READ, NOON + 1)) == 17
    headers = one.headers(READ, 17, NOON + 1)
    account = json.loads(headers["x-ad-account-usage"])
    assert account["acc_id_util_pct"] == 100
    assert 290 <= account["reset_time_duration"] <= 300
    assert account["ads_api_access_tier"] == "development_access"
    (use,) = json.loads(headers["x-business-use-case-usage"])["1"]
    assert use["estimated_time_to_regain_access"] == 5


@pytest.mark.parametrize(
    ("call", "ads", "room", "code"), [(READ, 0, 300, 80004), (READ, 2, 380, 80004), (INSIGHTS, 0, 600, 80000)]
)
def test_calls_an_hour_grow_with_active_ads(call: Call, ads: int, room: int, code: int) -> None:
    one, pace = meter(ads=ads), 5.1  # slow enough for the points
    codes = {refused(lambda number=number: one.admit(call, NOON + number * pace)) for number in range(room)}
    assert codes == {None}
    assert refused(lambda: one.admit(call, NOON + room * pace)) == code
    assert refused(lambda: one.admit(call, NOON + 3601 + 2 * pace)) is None


def test_calls_about_oneself_count_for_the_app() -> None:
    one = meter()
    codes = {refused(lambda: one.admit(MINE, NOON)) for _ in range(200)}
    assert codes == {None}
    assert refused(lambda: one.admit(MINE, NOON)) == 4
    assert refused(lambda: one.admit(MINE, NOON + 3601)) is None


def test_a_hundred_writes_a_second() -> None:
    one = meter(tier="standard")
    assert {refused(lambda: one.admit(WRITE, NOON)) for _ in range(100)} == {None}
    assert refused(lambda: one.admit(WRITE, NOON + 0.5)) == 613


def test_calm_limits_never_refuse_and_stay_below_half() -> None:
    one = meter(strict=False)
    assert {refused(lambda: one.admit(WRITE, NOON)) for _ in range(500)} == {None}
    headers = one.headers(INSIGHTS, 0, NOON)
    assert json.loads(headers["x-ad-account-usage"])["acc_id_util_pct"] < 50
    assert json.loads(headers["x-fb-ads-insights-throttle"])["acc_id_util_pct"] < 50


def test_each_operation_of_a_batch_counts() -> None:
    clock = Clock(Beginning(NOON, 0.0), machine=lambda: 0.0)
    graph = Graph(Options(days=2), clock, limits=Limits(strict=True, tier="development"))
    token = graph.world.account.tokens[0]
    account = f"act_{graph.world.account.id}"
    batch = json.dumps([{"method": "GET", "relative_url": account}] * 50)
    answers = [graph.answer(Call("POST", (), {"batch": batch}, token)) for _ in range(2)]
    codes = [one["code"] for answer in answers for one in answer.body]
    assert (codes.count(200), codes.count(400)) == (60, 40)
    answer = graph.answer(Call("GET", (account,), {}, token))
    assert (answer.status, answer.body["error"]["code"]) == (400, 17)
    clock.advance(301)
    assert graph.answer(Call("GET", (account,), {}, token)).status == 200
