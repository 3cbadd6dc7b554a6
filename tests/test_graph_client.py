import gzip
import json
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import Reply, Request, Scripted, error, free_port, scripted

from adopt.errors import AdoptError, Invalid, NeedsPerson, Rejected, Temporary, Unknown, Unreachable
from adopt.graph.answers import Call
from adopt.graph.client import Graph

TOKEN = "EAAmadeupmadeupmadeup"
BLOCKED = {"X-Business-Use-Case-Usage": '{"1":[{"call_count":100,"estimated_time_to_regain_access":5}]}'}
SOON = {"X-Ad-Account-Usage": '{"acc_id_util_pct":100,"reset_time_duration":7}'}


class Desk:
    """Graphs under test, and the seconds they would have slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._open: list[Graph] = []

    def graph(self, server: Scripted | str, **options: Any) -> Graph:
        url = server if isinstance(server, str) else server.url
        made = Graph(url, TOKEN, sleep=self.slept.append, **{"random": lambda: 1.0, **options})
        self._open.append(made)
        return made

    def close(self) -> None:
        for graph in self._open:
            graph.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


# Reading


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


# Nobody there


def test_nothing_listening_names_the_variable_to_check(desk: Desk) -> None:
    with pytest.raises(Unreachable) as caught:
        desk.graph(f"http://127.0.0.1:{free_port()}").get("1")
    assert "nothing answers at http://127.0.0.1:" in str(caught.value)
    assert "ADOPT_GRAPH_URL" in caught.value.try_next
    assert desk.slept == [0.5, 1.0]


def test_a_host_without_a_name_is_unreachable(desk: Desk) -> None:
    with pytest.raises(Unreachable):
        desk.graph("http://graph.invalid").get("1")


def test_meta_out_of_reach_points_at_the_network() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Name or service not known", request=request)

    with (
        Graph("https://graph.facebook.com", TOKEN, transport=httpx.MockTransport(refuse), sleep=_none) as graph,
        pytest.raises(Unreachable) as caught,
    ):
        graph.get("1")
    assert caught.value.try_next == "check the network: DNS, HTTPS_PROXY, VPN, firewall"
    assert graph.calls == 0


def test_a_certificate_nobody_trusts_is_not_tried_again() -> None:
    tries = []

    def distrust(request: httpx.Request) -> httpx.Response:
        tries.append(request)
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", request=request)

    with (
        Graph("https://127.0.0.1:1", TOKEN, transport=httpx.MockTransport(distrust), sleep=_none) as graph,
        pytest.raises(Unreachable) as caught,
    ):
        graph.get("1")
    assert len(tries) == 1
    assert "SSL_CERT_FILE" in caught.value.try_next


def _none(_: float) -> None:
    """Do not sleep."""


def test_a_web_server_that_is_not_meta_is_unreachable(desk: Desk) -> None:
    with scripted(Reply(b"<html>hello</html>", 200)) as server, pytest.raises(Unreachable, match="is not Meta"):
        desk.graph(server).get("1")


@pytest.mark.parametrize(
    "url", ["", "graph.facebook.com", "ftp://x", "http://", "http://[", "http://a:b@c", "http://x:y"]
)
def test_a_url_that_is_none_is_said_at_once(url: str) -> None:
    with pytest.raises(Invalid, match="Graph URL"):
        Graph(url, TOKEN)


@pytest.mark.parametrize("url", ["http://x:1", "http://x:1/", "http://x:1/v25.0", "http://x:1/v25.0/"])
def test_a_url_may_end_in_a_slash_or_version(url: str) -> None:
    with Graph(url, TOKEN) as graph:
        assert graph.url == "http://x:1/v26.0"


@pytest.mark.parametrize("token", ["", "  ", "EAAone EAAtwo", "EAAone\r\nX: y", "EAAü"])
def test_a_token_that_can_be_none_is_said_without_showing_it(token: str) -> None:
    with pytest.raises(NeedsPerson) as caught:
        Graph("http://127.0.0.1:1", token)
    assert "EAA" not in str(caught.value)
    assert "adopt auth login" in caught.value.try_next


# Writing


def test_a_write_is_a_form_and_its_answer_comes_back(desk: Desk) -> None:
    with scripted({"success": True}) as server:
        assert desk.graph(server).post("238", daily_budget=2500) == {"success": True}
    assert (server.requests[0].method, server.requests[0].form) == ("POST", {"daily_budget": "2500"})


@pytest.mark.parametrize(
    "reply",
    [
        Reply(then="drop"),
        Reply({"success": True}, then="cut"),
        Reply(then="hang"),
        Reply(error(1), 500),
        Reply(error(2), 400),
        Reply(b"", 200),
        Reply(b"<html>bad gateway</html>", 502),
        Reply(b"<html>who knows</html>", 200),
    ],
)
def test_a_write_whose_fate_is_unknown_is_sent_once(desk: Desk, reply: Reply) -> None:
    with scripted(reply) as server, pytest.raises(Unknown, match="not sent again"):
        desk.graph(server, timeout_s=0.3).post("238", status="PAUSED")
    assert len(server.requests) == 1
    assert desk.slept == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply({"success": False}), Rejected),
        (Reply(error(100, 1885272), 400), Rejected),
        (Reply(error(190), 400), NeedsPerson),
        (Reply(error(17), 400, SOON), Temporary),
        (Reply(error(613, 1487632), 400), Temporary),
    ],
)
def test_a_write_that_is_refused_is_sent_once(desk: Desk, reply: Reply, kind: type[AdoptError]) -> None:
    with scripted(reply) as server, pytest.raises(kind):
        desk.graph(server).post("238", status="PAUSED")
    assert len(server.requests) == 1
    assert desk.slept == []


def test_a_write_that_never_left_is_sent_again() -> None:
    tries = []

    def refuse_once(request: httpx.Request) -> httpx.Response:
        tries.append(request)
        if len(tries) == 1:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(200, json={"success": True})

    with Graph("http://127.0.0.1:1", TOKEN, transport=httpx.MockTransport(refuse_once), sleep=_none) as graph:
        assert graph.post("238", status="PAUSED") == {"success": True}
    assert graph.calls == 1


# Pages


def page(rows: list[Any], after: str | None = None) -> dict[str, Any]:
    paging = (
        {"cursors": {"before": "b", "after": after}, "next": "http://x"} if after else {"cursors": {"after": "end"}}
    )
    return {"data": rows, "paging": paging}


def test_rows_come_over_all_pages_short_and_empty_ones_too(desk: Desk) -> None:
    with scripted(page([{"id": "1"}], "a"), page([], "b"), page([{"id": "2"}])) as server:
        rows = list(desk.graph(server).pages("act_1/adsets", 100, fields="id"))
    assert rows == [{"id": "1"}, {"id": "2"}]
    assert [request.query.get("after") for request in server.requests] == [None, "a", "b"]


def test_the_end_is_a_page_without_next_whatever_its_cursor(desk: Desk) -> None:
    with scripted({"data": [{"id": "1"}], "paging": {"cursors": {"after": "a"}}}) as server:
        assert len(list(desk.graph(server).pages("x", 10))) == 1
    assert len(server.requests) == 1


@pytest.mark.parametrize("body", [{"data": []}, {"data": [], "paging": None}, {"data": [], "paging": {}}])
def test_a_page_without_paging_is_the_last(desk: Desk, body: dict[str, Any]) -> None:
    with scripted(body) as server:
        assert list(desk.graph(server).pages("x", 10)) == []


def test_pages_that_run_in_a_circle_are_an_error(desk: Desk) -> None:
    with scripted(page([{"id": "1"}], "a")) as server, pytest.raises(Temporary, match="circle"):
        list(desk.graph(server).pages("x", 10))
    assert len(server.requests) == 2


def test_a_next_page_without_a_cursor_is_not_dropped_silently(desk: Desk) -> None:
    found = {"data": [], "paging": {"next": "https://graph.facebook.com/x?after=abc&limit=1"}}
    with scripted(found, {"data": [{"id": "1"}]}) as server:
        assert list(desk.graph(server).pages("x", 10)) == [{"id": "1"}]
    assert server.requests[1].query["after"] == "abc"
    with scripted({"data": [], "paging": {"next": "https://x"}}) as server, pytest.raises(Temporary, match="cursor"):
        list(desk.graph(server).pages("x", 10))


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"data": [1]}])
def test_rows_that_are_none_are_an_error(desk: Desk, body: dict[str, Any]) -> None:
    with scripted(body) as server, pytest.raises(Temporary, match="no rows"):
        list(desk.graph(server).pages("x", 10))


LESS = error(1, None, "Please reduce the amount of data you're asking for, then retry your request")


@pytest.mark.parametrize("less", [Reply(LESS, 500), Reply(error(100, 1487534), 400)])
def test_a_page_that_is_too_large_is_halved_from_where_it_was(desk: Desk, less: Reply) -> None:
    with scripted(page([{"id": "1"}], "a"), less, less, page([{"id": "2"}], "b"), page([])) as server:
        assert len(list(desk.graph(server).pages("x", 1000))) == 2
    asked = [(request.query["limit"], request.query.get("after")) for request in server.requests]
    assert asked == [("1000", None), ("1000", "a"), ("500", "a"), ("250", "a"), ("250", "b")]
    assert desk.slept == []


def test_a_single_row_that_is_too_large_is_said(desk: Desk) -> None:
    with scripted(Reply(LESS, 500)) as server, pytest.raises(Rejected, match="more data than one call"):
        list(desk.graph(server).pages("x", 4))
    assert [request.query["limit"] for request in server.requests] == ["4", "2", "1"]


# Batches


def operation(body: Any, code: int = 200) -> dict[str, Any]:
    return {"code": code, "headers": [{"name": "X", "value": "y"}], "body": json.dumps(body)}


def reads(count: int) -> list[Call]:
    return [Call("GET", str(number), {"fields": "status,name"}) for number in range(count)]


def echo(request: Request) -> Reply:
    return Reply([operation({"id": each["relative_url"].split("?")[0]}) for each in json.loads(request.form["batch"])])


def test_a_batch_goes_in_fifties_and_keeps_its_order(desk: Desk) -> None:
    with scripted(echo) as server:
        answers = desk.graph(server).batch(reads(120))
    assert answers == [{"id": str(number)} for number in range(120)]
    assert [len(json.loads(request.form["batch"])) for request in server.requests] == [50, 50, 20]
    assert json.loads(server.requests[0].form["batch"])[0] == {
        "method": "GET",
        "relative_url": "0?fields=status%2Cname",
    }


def test_an_error_within_a_batch_is_a_value(desk: Desk) -> None:
    with scripted([operation({"id": "0"}), operation(error(100, 33), 400)]) as server:
        first, second = desk.graph(server).batch(reads(2))
    assert first == {"id": "0"}
    assert isinstance(second, Rejected)
    assert second.subcode == 33


def test_only_the_reads_that_got_no_answer_are_repeated(desk: Desk) -> None:
    limited = {**operation(error(2), 500)}
    with scripted([None, operation({"id": "1"}), limited], [operation({"id": "0"}), operation({"id": "2"})]) as server:
        assert desk.graph(server).batch(reads(3)) == [{"id": "0"}, {"id": "1"}, {"id": "2"}]
    assert [each["relative_url"][0] for each in json.loads(server.requests[1].form["batch"])] == ["0", "2"]


def test_a_read_that_stays_without_an_answer_is_null(desk: Desk) -> None:
    with scripted([None]) as server:
        assert desk.graph(server).batch(reads(1)) == [None]
    assert len(server.requests) == 6


def test_a_batch_of_reads_that_fails_whole_is_repeated_then_raised(desk: Desk) -> None:
    with scripted(Reply(error(2), 503), [operation({"id": "0"})]) as server:
        assert desk.graph(server).batch(reads(1)) == [{"id": "0"}]
    with scripted(Reply(error(190), 400)) as server, pytest.raises(NeedsPerson):
        desk.graph(server).batch(reads(1))


def test_a_batch_with_a_write_is_sent_once_and_null_where_nothing_is_known(desk: Desk) -> None:
    writes = [Call("POST", str(number), {"status": "PAUSED"}) for number in range(4)]
    with scripted([operation({"success": True}), None, operation(error(2), 500), operation(error(100), 400)]) as server:
        answers = desk.graph(server).batch(writes)
    assert answers[:3] == [{"success": True}, None, None]
    assert isinstance(answers[3], Rejected)
    assert len(server.requests) == 1
    assert json.loads(server.requests[0].form["batch"])[0] == {
        "method": "POST",
        "relative_url": "0",
        "body": "status=PAUSED",
    }


def test_a_batch_of_writes_that_breaks_is_unknown_throughout(desk: Desk) -> None:
    with scripted(Reply(then="drop")) as server:
        assert desk.graph(server).batch([Call("POST", "1", {"status": "PAUSED"})] * 2) == [None, None]
    assert len(server.requests) == 1


# Whatever comes

BAD = st.sampled_from(
    [
        Reply(error(2), 503),
        Reply(error(17), 400, SOON),
        Reply(error(4), 403),
        Reply(error(613), 400, {"X-Ad-Account-Usage": '{"acc_id_util_pct":100,"reset_time_duration":3}'}),
        Reply(error(190, None, f"{TOKEN} is no token"), 400),
        Reply(error(100, None, "no", error_user_msg=f"https://x?access_token={TOKEN}"), 400),
        Reply(b"<html>" + TOKEN.encode(), 502),
        Reply({"id": "1"}),
    ]
)


def transport(replies: list[Reply]) -> httpx.MockTransport:
    rest = iter(replies)

    def answer(request: httpx.Request) -> httpx.Response:
        reply = next(rest, None)
        if reply is None:
            raise httpx.ReadError(f"reset by peer, {TOKEN}", request=request)
        return httpx.Response(reply.status, headers=dict(reply.headers), content=reply.content)

    return httpx.MockTransport(answer)


@settings(deadline=None)
@given(
    st.lists(BAD, max_size=12),
    st.floats(0, 30),
    st.lists(st.floats(0, 1, exclude_max=True), min_size=1),
    st.sampled_from([lambda graph: graph.get("1"), lambda graph: graph.post("1", status="PAUSED")]),
)
def test_sleeps_never_exceed_patience_and_the_token_never_shows(
    replies: list[Reply], patience_s: float, draws: list[float], act: Callable[[Graph], object]
) -> None:
    slept: list[float] = []
    numbers = iter(draws * 50)
    graph = Graph(
        "http://127.0.0.1:1",
        TOKEN,
        transport=transport(replies),
        sleep=slept.append,
        random=lambda: next(numbers),
        patience_s=patience_s,
    )
    with graph:
        for _ in range(4):
            try:
                act(graph)
            except AdoptError as caught:
                shown = (
                    f"{caught!r} {caught} {caught.as_json()} {''.join(traceback.format_exception(caught))} {graph!r}"
                )
                assert TOKEN not in shown
    assert sum(slept) <= patience_s + 1e-9
