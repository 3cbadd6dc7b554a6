import pytest

from adopt.errors import (
    AdoptError,
    Invalid,
    NeedsPerson,
    Refused,
    Rejected,
    Temporary,
    Unknown,
    Unreachable,
    mask,
)

TOKEN = "EAAGm0PX4ZCpsBAKZCmadeup"


@pytest.mark.parametrize(
    ("kind", "exit_code", "status"),
    [
        (AdoptError, 1, 500),
        (Temporary, 75, 503),
        (NeedsPerson, 3, 401),
        (Refused, 8, 409),
        (Invalid, 2, 422),
        (Rejected, 4, 400),
        (Unreachable, 5, 502),
        (Unknown, 7, 504),
    ],
)
def test_an_error_carries_its_exit_code_and_its_http_status(
    kind: type[AdoptError], exit_code: int, status: int
) -> None:
    assert (kind("x").exit_code, kind("x").status) == (exit_code, status)


def test_what_meta_refused_is_invalid_too() -> None:
    assert issubclass(Rejected, Invalid)


def test_an_error_for_a_program_has_always_the_same_keys() -> None:
    error = Temporary("later", try_next="adopt plan", code=80004, subcode=2446079, fbtrace_id="A1", retry_after_s=60)
    assert error.as_json() == {
        "error": {
            "kind": "Temporary",
            "code": 80004,
            "subcode": 2446079,
            "fbtrace_id": "A1",
            "message": "later",
            "next": "adopt plan",
            "retry_after_s": 60,
        }
    }
    assert Refused("no").as_json()["error"].keys() == error.as_json()["error"].keys()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"token {TOKEN} is bad", "token *** is bad"),
        (
            f"https://graph.facebook.com/me?access_token={TOKEN}&fields=id",
            "https://graph.facebook.com/me?access_token=***&fields=id",
        ),
        ("access_token=123|secret", "access_token=***"),
        ("Authorization: Bearer short", "Authorization: Bearer ***"),
        (f"{TOKEN},{TOKEN}", "***,***"),
        ("EAA is no token", "EAA is no token"),
        ("", ""),
    ],
)
def test_what_looks_like_a_token_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_a_token_never_leaves_in_an_error() -> None:
    error = NeedsPerson(f"{TOKEN} expired")
    assert TOKEN not in f"{error} {error.message} {error.args} {error.as_json()}"
