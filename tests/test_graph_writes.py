import traceback
from collections.abc import Callable, Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import TOKEN, Desk, Reply, error, scripted

from adopt.errors import AdoptError, NeedsPerson, Rejected, Temporary, Unknown
from adopt.graph.client import Graph

SOON = {"X-Ad-Account-Usage": '{"acc_id_util_pct":100,"reset_time_duration":7}'}


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


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

    with Graph("http://127.0.0.1:1", TOKEN, transport=httpx.MockTransport(refuse_once), sleep=lambda _: None) as graph:
        assert graph.post("238", status="PAUSED") == {"success": True}
    assert graph.calls == 1


SECRET = "1234567890|notlikemetas"
BAD = st.sampled_from(
    [
        Reply(error(2), 503),
        Reply(error(17), 400, SOON),
        Reply(error(4), 403),
        Reply(error(613), 400, {"X-Ad-Account-Usage": '{"acc_id_util_pct":100,"reset_time_duration":3}'}),
        Reply(error(190, None, f"{SECRET} is no token"), 400),
        Reply(error(100, None, "no", error_user_msg=f"https://x?access_token={SECRET}"), 400),
        Reply(b"<html>" + SECRET.encode(), 502),
        Reply({"id": "1"}),
    ]
)


def transport(replies: list[Reply]) -> httpx.MockTransport:
    rest = iter(replies)

    def answer(request: httpx.Request) -> httpx.Response:
        reply = next(rest, None)
        if reply is None:
            raise httpx.ReadError(f"reset by peer, {SECRET}", request=request)
        return httpx.Response(reply.status, headers=dict(reply.headers), content=reply.content)

    return httpx.MockTransport(answer)


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
        SECRET,
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
                assert SECRET not in shown
    assert sum(slept) <= patience_s + 1e-9
