import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from scripted import TOKEN, Desk, Reply, Request, Scripted, error, scripted

from adopt.errors import AdoptError, Rejected, Temporary

BLOCKED = {"X-Business-Use-Case-Usage": '{"1":[{"call_count":100,"estimated_time_to_regain_access":5}]}'}
SOON = {"X-Ad-Account-Usage": '{"acc_id_util_pct":100,"reset_time_duration":7}'}


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


def test_the_token_travels_in_its_header_only(desk: Desk) -> None:
    with scripted({"id": "1"}) as server:
        graph = desk.graph(server)
        assert graph.get("1", fields="id") == {"id": "1"}
    request = server.requests[0]
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.line == "GET /v26.0/1?fields=id HTTP/1.1"
    assert TOKEN not in repr(graph)


def test_structured_parameters_are_compact_json_and_none_is_left_out(desk: Desk) -> None:
    with scripted({}) as server:
        desk.graph(server).get("1", a={"since": "x"}, b=["y", 1], c=True, d=5, e=None, f="plain")
    assert server.requests[0].query == {"a": '{"since":"x"}', "b": '["y",1]', "c": "true", "d": "5", "f": "plain"}


def test_an_id_cannot_leave_its_place_in_the_url(desk: Desk) -> None:
    with scripted({}) as server:
        desk.graph(server).get("1?access_token=x#y")
    assert server.requests[0].path == "/v26.0/1%3Faccess_token%3Dx%23y"


def test_now_is_the_date_of_the_first_answer_even_if_that_is_an_error(desk: Desk) -> None:
    later = {"Date": "Mon, 23 Nov 2026 00:00:00 GMT"}
    with scripted(Reply(error(100), 400), Reply({}, headers=later)) as server:
        graph = desk.graph(server)
        with pytest.raises(Rejected):
            graph.get("1")
        graph.get("1")
    assert graph.now == datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    assert graph.moment == graph.now
    assert graph.calls == 2


def test_a_date_that_is_none_leaves_now_to_the_next_answer(desk: Desk) -> None:
    with scripted(Reply({}, headers={"Date": "soon"}), Reply({})) as server:
        graph = desk.graph(server)
        graph.get("1")
        assert graph.now is None
        assert graph.moment.tzinfo is UTC
        graph.get("1")
    assert graph.now == datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def test_usage_is_the_latest_and_is_read_on_errors_too(desk: Desk) -> None:
    with scripted(Reply({}, headers={"X-App-Usage": '{"call_count":5}'}), Reply(error(4), 403, BLOCKED)) as server:
        graph = desk.graph(server)
        graph.get("1")
        assert graph.usage is not None
        assert graph.usage.percent == 5
        with pytest.raises(Temporary):
            graph.get("1")
        assert graph.usage.percent == 100


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(then="drop"),
        Reply({"id": "1", "name": "x" * 100}, then="cut"),
        Reply(b'{"id": "1", "na'),
        Reply(b""),
        Reply(b"not gzip", headers={"Content-Encoding": "gzip"}),
        Reply(error(1), 500),
        Reply(error(2), 503),
        Reply(b"<html>bad gateway</html>", 502),
        Reply(error(99999, is_transient=True), 400),
    ],
)
def test_a_read_gets_over_trouble(desk: Desk, trouble: Reply) -> None:
    with scripted(trouble, trouble, {"id": "1"}) as server:
        graph = desk.graph(server)
        assert graph.get("1") == {"id": "1"}
    assert len(server.requests) == graph.calls == 3
    assert desk.slept == [0.5, 1.0]


def test_a_read_that_hangs_is_tried_again(desk: Desk) -> None:
    replies = iter([Reply(then="hang"), Reply({"id": "1"})])
    with scripted(lambda _: next(replies)) as server:
        assert desk.graph(server, timeout_s=0.2).get("1") == {"id": "1"}


def test_a_read_gives_up_when_its_time_is_over(desk: Desk) -> None:
    clock = iter(float(value) for value in range(0, 6000, 60))
    with scripted(Reply(then="drop")) as server, pytest.raises(Temporary, match="the connection broke"):
        desk.graph(server, monotonic=lambda: next(clock)).get("1")
    assert len(server.requests) == 2


def test_a_read_gives_up_after_six_tries(desk: Desk) -> None:
    with scripted(Reply(error(2), 503)) as server, pytest.raises(Temporary) as caught:
        desk.graph(server).get("1")
    assert len(server.requests) == 6
    assert desk.slept == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert caught.value.code == 2


@pytest.mark.parametrize(("code", "subcode"), [(100, None), (100, 33), (190, 463), (200, None), (368, None)])
def test_a_refusal_is_not_argued_with(desk: Desk, code: int, subcode: int | None) -> None:
    with scripted(Reply(error(code, subcode), 400)) as server, pytest.raises(AdoptError):
        desk.graph(server).get("1")
    assert len(server.requests) == 1


def test_a_short_cool_down_is_waited_for(desk: Desk) -> None:
    with scripted(Reply(error(17), 400, SOON), {"id": "1"}) as server:
        assert desk.graph(server).get("1") == {"id": "1"}
    assert desk.slept == [7]


def test_patience_is_one_for_all_the_calls_of_a_graph(desk: Desk) -> None:
    with scripted(lambda request: _limited_first(server, request)) as server:
        graph = desk.graph(server)
        graph.get("1")
        graph.get("1")
        with pytest.raises(Temporary):
            graph.get("1")
    assert desk.slept == [7, 7]


def _limited_first(server: Scripted, request: Request) -> Reply:
    """Every other answer is a rate limit."""
    del request
    return Reply(error(17), 400, SOON) if len(server.requests) % 2 else Reply({})


def test_a_long_cool_down_is_told_not_slept(desk: Desk) -> None:
    with scripted(Reply(error(80004, 2446079), 400, BLOCKED)) as server, pytest.raises(Temporary) as caught:
        desk.graph(server).get("act_1")
    assert desk.slept == []
    assert caught.value.retry_after_s == 300
    assert "try again in 5 minutes" in str(caught.value)


def test_a_server_that_speaks_gzip_is_understood(desk: Desk) -> None:
    content = gzip.compress(json.dumps({"id": "1"}).encode())
    with scripted(Reply(content, headers={"Content-Encoding": "gzip"})) as server:
        assert desk.graph(server).get("1") == {"id": "1"}


def test_an_answer_that_is_no_object_is_told(desk: Desk) -> None:
    with scripted([1, 2]) as server, pytest.raises(Temporary, match="no object"):
        desk.graph(server).get("1")
