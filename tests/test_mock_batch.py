import json

import pytest
from test_mock_ground import Ground


@pytest.fixture
def ground() -> Ground:
    return Ground(days=3)


def run(ground: Ground, *operations: object, **params: str) -> list:
    return ground.post("", batch=json.dumps(operations), **params)


def test_operations_are_answered_in_order(ground: Ground) -> None:
    ad_set = next(one for one in ground.ad_sets() if "daily_budget" in one)["id"]
    answers = run(
        ground,
        {"method": "POST", "relative_url": ad_set, "body": "daily_budget=12300"},
        {"method": "GET", "relative_url": f"v26.0/{ad_set}/?fields=daily_budget"},
        {"method": "GET", "relative_url": "120999999999999999"},
        {"method": "POST", "relative_url": ad_set, "body": "daily_budget=3"},
    )
    assert [answer["code"] for answer in answers] == [200, 200, 400, 400]
    bodies = [json.loads(answer["body"]) for answer in answers]
    assert bodies[1] == {"daily_budget": "12300", "id": ad_set}
    assert bodies[3]["error"]["error_subcode"] == 1885272
    assert all({"name", "value"} == set(header) for answer in answers for header in answer["headers"])


def test_a_later_operation_uses_an_earlier_ones_answer(ground: Ground) -> None:
    answers = run(
        ground,
        {
            "method": "GET",
            "relative_url": f"{ground.account}/adsets?limit=3",
            "name": "sets",
            "omit_response_on_success": False,
        },
        {"method": "GET", "relative_url": "?ids={result=sets:$.data.*.id}&fields=name"},
        {"method": "GET", "relative_url": "{result=sets:$.data[1].id}?fields=name"},
    )
    listed = [one["id"] for one in json.loads(answers[0]["body"])["data"]]
    assert list(json.loads(answers[1]["body"])) == listed
    assert json.loads(answers[2]["body"])["id"] == listed[1]


def test_a_named_answer_that_others_use_is_left_out(ground: Ground) -> None:
    answers = run(
        ground,
        {"method": "GET", "relative_url": f"{ground.account}/adsets?limit=1", "name": "one"},
        {"method": "GET", "relative_url": "{result=one:$.data.*.id}"},
    )
    assert answers[0] is None
    assert answers[1]["code"] == 200


def test_a_reference_to_nothing_fails_alone(ground: Ground) -> None:
    answers = run(
        ground, {"method": "GET", "relative_url": "{result=none:$.id}"}, {"method": "GET", "relative_url": "me"}
    )
    assert [answer["code"] for answer in answers] == [400, 200]


def test_headers_are_left_out_on_request(ground: Ground) -> None:
    assert set(run(ground, {"method": "GET", "relative_url": "me"}, include_headers="false")[0]) == {"code", "body"}


@pytest.mark.parametrize("operations", [[], [{"method": "GET", "relative_url": "me"}] * 51])
def test_too_few_or_too_many_operations_are_refused(ground: Ground, operations: list) -> None:
    assert ground.error("POST", "", batch=json.dumps(operations))[:2] == (400, 100)


def test_operations_that_are_none_fail_alone(ground: Ground) -> None:
    answers = run(ground, 7, {"method": "GET"}, {"method": "GET", "relative_url": "me"})
    assert [answer["code"] for answer in answers] == [400, 400, 200]
