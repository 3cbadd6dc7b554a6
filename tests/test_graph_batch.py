import json
from collections.abc import Iterator
from typing import Any

import pytest
from scripted import Desk, Reply, Request, error, scripted

from adopt.errors import NeedsPerson, Rejected
from adopt.graph.answers import Call


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


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


def test_the_longest_cool_down_within_a_batch_is_waited_for(desk: Desk) -> None:
    def limited(seconds: int) -> dict[str, Any]:
        usage = json.dumps({"acc_id_util_pct": 100, "reset_time_duration": seconds})
        return {**operation(error(17), 400), "headers": [{"name": "X-Ad-Account-Usage", "value": usage}]}

    troubled = [limited(3), limited(7), operation(error(2), 500), None]
    with scripted(troubled, [operation({"id": "0"})] * 4) as server:
        assert desk.graph(server).batch(reads(4)) == [{"id": "0"}] * 4
    assert desk.slept == [7]


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
