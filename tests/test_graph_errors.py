import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import error

from adopt.errors import AdoptError, NeedsPerson, Rejected, Temporary, Unknown, Unreachable
from adopt.graph import errors
from adopt.graph.answers import Call, Failure, Reader
from adopt.graph.errors import Envelope, meaning, read_envelope

READ = Call("GET", "act_1")
WRITE = Call("POST", "238", {"status": "PAUSED"})
TOKEN = "made-up|secret/token"


def reader() -> Reader:
    return Reader("http://127.0.0.1:1", is_meta=False, hide=lambda text: text.replace(TOKEN, "***"))


def failure(call: Call, body: object, status: int = 400, headers: dict[str, str] | None = None) -> Failure:
    answer = reader().read(call, status, headers or {}, json.dumps(body).encode())
    assert isinstance(answer, Failure)
    return answer


@pytest.mark.parametrize(
    ("code", "subcode", "kind", "retry"),
    [
        (1, None, Temporary, "soon"),
        (1, 99, Temporary, "soon"),
        (2, None, Temporary, "soon"),
        (3, None, NeedsPerson, "never"),
        (4, None, Temporary, "later"),
        (4, 1504022, Temporary, "later"),
        (10, None, NeedsPerson, "never"),
        (17, 2446079, Temporary, "later"),
        (17, 1885172, Temporary, "never"),
        (32, None, Temporary, "later"),
        (100, None, Rejected, "never"),
        (100, 33, Rejected, "never"),
        (100, 1487534, Rejected, "smaller"),
        (100, 1885272, Rejected, "never"),
        (100, 4834011, Rejected, "never"),
        (102, None, NeedsPerson, "never"),
        (190, None, NeedsPerson, "never"),
        (190, 463, NeedsPerson, "never"),
        (190, 12345, NeedsPerson, "never"),
        (194, None, Rejected, "never"),
        (200, None, NeedsPerson, "never"),
        (294, None, NeedsPerson, "never"),
        (299, 1870034, NeedsPerson, "never"),
        (341, None, Temporary, "later"),
        (368, 1390008, NeedsPerson, "never"),
        (613, None, Temporary, "later"),
        (613, 1487742, Temporary, "later"),
        (613, 1487632, Temporary, "never"),
        (613, 1487225, Temporary, "never"),
        (2500, None, Rejected, "never"),
        (2635, None, NeedsPerson, "never"),
        (2642, None, Temporary, "never"),
        (3018, None, Rejected, "never"),
        (80000, 2446079, Temporary, "later"),
        (80004, 2446079, Temporary, "later"),
        (80014, None, Temporary, "later"),
        (99999, None, Rejected, "never"),
    ],
)
def test_the_table_says_what_to_do(code: int, subcode: int | None, kind: type[AdoptError], retry: str) -> None:
    found = failure(READ, error(code, subcode))
    assert (type(found.error), found.retry) == (kind, retry)
    assert (found.error.code, found.error.subcode, found.error.fbtrace_id) == (code, subcode, "AbC")


def test_an_expired_token_says_so_and_what_to_type_next() -> None:
    found = failure(READ, error(190, 463, "Error validating access token")).error
    assert found.message == (
        "could not read act_1: the access token has expired. Meta says: Error validating access token"
    )
    assert found.try_next == "adopt auth login"


def test_a_checkpoint_is_mended_at_facebook_not_by_another_token() -> None:
    assert "facebook.com" in failure(READ, error(190, 459)).error.try_next


@pytest.mark.parametrize("subcode", [None, 458, 459, 460, 463, 464, 467, 492, 493])
def test_every_refused_token_has_advice(subcode: int | None) -> None:
    assert failure(READ, error(190, subcode)).error.try_next


def test_the_words_for_a_person_win_over_those_for_a_developer() -> None:
    body = error(100, 1885272, "(#100) Invalid parameter", error_user_title="Budget too low", error_user_msg="Use $5")
    assert failure(WRITE, body).error.message == (
        "could not set status of 238: the budget is below what Meta allows. Meta says: Budget too low: Use $5"
    )


def test_a_rate_limit_says_when_it_ends() -> None:
    usage = {"x-business-use-case-usage": '{"1":[{"call_count":100,"estimated_time_to_regain_access":12}]}'}
    found = failure(READ, error(80004, 2446079), headers=usage)
    assert found.wait_s == 720
    assert found.error.retry_after_s == 720
    assert "try again in 12 minutes" in found.error.message


def test_a_full_budget_slot_passes_within_the_hour() -> None:
    found = failure(WRITE, error(613, 1487632)).error
    assert (type(found), found.retry_after_s) == (Temporary, 3600)
    assert "four budget changes an hour" in found.message


def test_too_much_data_is_known_by_its_words() -> None:
    found = failure(READ, error(1, None, "Please reduce the amount of data you're asking for, then retry"), 500)
    assert found.retry == "smaller"


@pytest.mark.parametrize(
    ("body", "status"),
    [(error(1), 400), (error(2), 400), (error(100), 500), ({}, 500), ({}, 200), ([], 200), ({"error": {}}, 503)],
)
def test_a_write_in_doubt_is_unknown(body: object, status: int) -> None:
    assert type(failure(WRITE, body, status).error) is Unknown


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (error(100), Rejected),
        (error(100, 33), Rejected),
        (error(190), NeedsPerson),
        (error(17), Temporary),
        (error(613, 1487632), Temporary),
        (error(99999, is_transient=True), Temporary),
        ({"success": False}, Rejected),
    ],
)
def test_a_write_that_was_refused_is_not_in_doubt(body: object, kind: type[AdoptError]) -> None:
    assert type(failure(WRITE, body, 200 if body == {"success": False} else 400).error) is kind


def test_a_transient_error_may_pass_whatever_its_code() -> None:
    assert failure(READ, error(99999, is_transient=True)).retry == "soon"


def test_a_web_page_is_not_the_graph_api() -> None:
    found = reader().read(READ, 404, {}, b"<html>not here</html>")
    assert isinstance(found, Failure)
    assert type(found.error) is Unreachable
    assert "ADOPT_GRAPH_URL" in found.error.try_next


def test_gone_is_told_from_refused() -> None:
    assert errors.is_gone(failure(READ, error(100, 33)).error)
    assert not errors.is_gone(failure(READ, error(100)).error)


def test_a_budget_slot_concerns_one_object_and_a_rate_limit_all() -> None:
    about = {code: errors.is_about_one(failure(WRITE, error(*code)).error) for code in ((613, 1487632), (613, None))}
    assert about == {(613, 1487632): True, (613, None): False}
    assert errors.is_about_one(failure(WRITE, error(100, 1885272)).error)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
envelopes = st.fixed_dictionaries(
    {},
    optional={
        "code": json_values | st.sampled_from([1, 2, 4, 17, 100, 190, 368, 613, 80004, "100"]),
        "error_subcode": json_values | st.sampled_from([33, 463, 1487534, 1487632]),
        "message": json_values | st.just(f"token {TOKEN} is bad"),
        "type": json_values,
        "is_transient": json_values,
        "error_user_title": json_values | st.just(TOKEN),
        "error_user_msg": json_values | st.just(TOKEN * 90),
        "fbtrace_id": json_values | st.just(TOKEN),
        "error_data": json_values,
    },
)
calls = st.sampled_from([READ, WRITE])
statuses = st.sampled_from([200, 400, 401, 403, 404, 429, 500, 503])


@given(calls, statuses, envelopes | json_values)
def test_no_envelope_breaks_the_table_or_shows_the_token(call: Call, status: int, envelope: object) -> None:
    answer = reader().read(call, status, {}, json.dumps({"error": envelope}).encode())
    if isinstance(answer, Failure):
        assert TOKEN not in f"{answer!r} {answer.error} {answer.error.as_json()} {answer.error.try_next}"
        assert not (call.is_write and answer.retry == "soon" and isinstance(answer.error, Unknown))


@given(calls, statuses, st.binary())
def test_no_content_breaks_the_reader(call: Call, status: int, content: bytes) -> None:
    reader().read(call, status, {}, content)


@given(st.integers(), st.none() | st.integers(), st.sampled_from([200, 400, 500]))
def test_every_code_has_a_meaning(code: int, subcode: int | None, status: int) -> None:
    assert issubclass(meaning(Envelope(code=code, subcode=subcode), status).kind, AdoptError)


def test_every_meaning_says_what_to_do_next_or_when() -> None:
    told = [row for row in errors.TABLE.values() if row.try_next or row.wait_s or row.kind is Rejected]
    assert told == list(errors.TABLE.values())


def test_an_answer_without_an_error_has_no_envelope() -> None:
    assert [read_envelope(body) for body in ({}, [], None, "error", {"error": None})] == [None] * 5
