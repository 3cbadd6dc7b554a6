"""What went wrong, grouped by what to do about it.

    AdoptError
     +- Temporary     try again later; says when                        75
     +- NeedsPerson   token, billing, permission, review                 3
     +- Refused       a guardrail or the red button said no              8
     +- Invalid       the input; says where and what is allowed          2
     |   +- Rejected  Meta refused the call as it was made               4
     +- Unreachable   nothing answers: no daemon, no network             5
     +- Unknown       a write whose answer never came: look, never resend 7

Each class carries its exit code and HTTP status; an instance carries the
sentence for a person, what to type next, and Meta's own codes when it has them.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

_TOKENS = re.compile(
    r"EAA[A-Za-z0-9]{8,}"
    r"|(?<=access_token=)[^&\s\"']+|(?<=access_token\":\")[^\"]+|(?<=access_token\": \")[^\"]+"
    r"|(?<=Bearer )[^\s\"']+"
)


class AdoptError(Exception):
    """Something a person can act on: what happened, to what, what to type next; `data` is what Meta gave with it."""

    exit_code: ClassVar[int] = 1
    status: ClassVar[int] = 500

    def __init__(
        self,
        message: str,
        *,
        try_next: str = "",
        code: int | None = None,
        subcode: int | None = None,
        fbtrace_id: str | None = None,
        retry_after_s: float | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(mask(message))
        self.message = mask(message)
        self.try_next = try_next
        self.code = code
        self.subcode = subcode
        self.fbtrace_id = fbtrace_id
        self.retry_after_s = retry_after_s
        self.data = data or {}

    def as_json(self) -> dict[str, Any]:
        """The object printed under `-o json`, stable in its keys."""
        return {
            "error": {
                "kind": type(self).__name__,
                "code": self.code,
                "subcode": self.subcode,
                "fbtrace_id": self.fbtrace_id,
                "message": self.message,
                "next": self.try_next,
                "retry_after_s": self.retry_after_s,
            }
        }


class Temporary(AdoptError):
    """It should work later: rate limit, Meta's trouble, another run at work."""

    exit_code = 75
    status = 503


class NeedsPerson(AdoptError):
    """Only a person can mend it: token, permission, billing, review."""

    exit_code = 3
    status = 401


class Refused(AdoptError):
    """A guardrail, a stale plan or `adopt hold` stands in the way."""

    exit_code = 8
    status = 409


class Invalid(AdoptError):
    """The input is wrong; the message says where and what would be allowed."""

    exit_code = 2
    status = 422


class Rejected(Invalid):
    """Meta refused the call; its own words are kept."""

    exit_code = 4
    status = 400


class Unreachable(AdoptError):
    """Nothing answers: no daemon, no network."""

    exit_code = 5
    status = 502


class Unknown(AdoptError):
    """A write was sent and its answer never came: look it up, never send it again blindly."""

    exit_code = 7
    status = 504


def mask(text: str) -> str:
    """The text with everything that looks like a token replaced by `***`."""
    return _TOKENS.sub("***", text)
