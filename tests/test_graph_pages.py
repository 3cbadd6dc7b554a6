from collections.abc import Iterator
from typing import Any

import pytest
from scripted import Desk, Reply, error, scripted

from adopt.errors import Rejected, Temporary


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


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
