"""Meta's errors: one table from code and subcode to what to do, and the sentence a person reads."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from adopt.errors import AdoptError, NeedsPerson, Rejected, Temporary, Unknown

# never: it would fail again. soon: back off and repeat a read. later: wait for the rate limit. smaller: ask for less.
Retry: TypeAlias = Literal["never", "soon", "later", "smaller"]

SIGN_IN = "adopt auth login"
LOOK = "adopt plan: it shows what Meta has now"

_LONGEST = 600  # characters of Meta's own words


class Envelope(Struct, frozen=True, kw_only=True):
    """Meta's `error` object: docs/graph-api/guides/error-handling."""

    code: int | None = None
    subcode: int | None = None
    message: str = ""
    type: str = ""
    title: str = ""
    advice: str = ""
    is_transient: bool = False
    fbtrace_id: str | None = None
    data: Mapping[str, Any] = {}

    @property
    def words(self) -> str:
        """What Meta says to a person, else to a developer."""
        said = ": ".join(part for part in (self.title, self.advice) if part) or self.message
        return said[:_LONGEST]

    @property
    def wants_less(self) -> bool:
        """Whether the answer was too large: code 1 says so in words only."""
        return self.code == 1 and "reduce the amount of data" in self.message.lower()


class Meaning(Struct, frozen=True, kw_only=True):
    """What an error code means: which error it becomes, whether it passes, and what to do next."""

    kind: type[AdoptError]
    says: str
    try_next: str = ""
    retry: Retry = "never"
    wait_s: float | None = None  # where the headers say nothing


def _token(says: str, try_next: str = SIGN_IN) -> Meaning:
    return Meaning(kind=NeedsPerson, says=says, try_next=try_next)


def _limit(says: str, wait_s: float) -> Meaning:
    return Meaning(kind=Temporary, says=says, retry="later", wait_s=wait_s)


def _permission(says: str, try_next: str = "") -> Meaning:
    return Meaning(kind=NeedsPerson, says=says, try_next=try_next or f"give the token that permission: {SIGN_IN}")


def _rejected(says: str, try_next: str = "") -> Meaning:
    return Meaning(kind=Rejected, says=says, try_next=try_next)


_TROUBLE = Meaning(kind=Temporary, says="Meta had trouble of its own", retry="soon", wait_s=60.0)
_TOO_MUCH = Meaning(
    kind=Rejected,
    says="Meta says that this is more data than one call may ask for",
    try_next="ask for fewer days, fields or rows",
    retry="smaller",
)
_REFUSED = _rejected("Meta refused the request", "mend what Meta names, then try again")
_MINUTES_5 = 300.0
_HOUR = 3600.0
_DAY = 86400.0

# Sources: docs/graph-api/guides/error-handling, docs/marketing-api/error-reference, docs/marketing-apis/rate-limiting.
# A subcode that is not listed means what its code means.
TABLE: dict[tuple[int, int | None], Meaning] = {
    (1, None): _TROUBLE,
    (2, None): _TROUBLE,
    (3910001, None): _TROUBLE,
    (100, 1487534): _TOO_MUCH,
    (3, None): _permission("the app lacks a capability for this call"),
    (4, None): _limit("the app has reached Meta's rate limit", _HOUR),
    (17, None): _limit("the ad account has reached Meta's rate limit", _MINUTES_5),
    (17, 1885172): Meaning(
        kind=Temporary, says="the account's spending limit may change ten times a day", wait_s=_DAY, try_next="wait"
    ),
    (32, None): _limit("the Page has reached Meta's rate limit", _HOUR),
    (341, None): _limit("the app has reached a limit of Meta's", _HOUR),
    (613, None): _limit("the ad account has made too many calls", _MINUTES_5),
    (613, 1487632): Meaning(
        kind=Temporary,
        says="this ad set has no budget slot left: Meta allows four budget changes an hour",
        wait_s=_HOUR,
        try_next="wait for the next slot; nothing was changed",
    ),
    (613, 1487225): Meaning(
        kind=Temporary, says="the account may create no more ads for now", wait_s=_DAY, try_next="try again tomorrow"
    ),
    (613, 5044001): _limit("changes came faster than Meta takes them", 1.0),
    (10, None): _permission("the app lacks the permission for this"),
    (100, None): _REFUSED,
    (100, 33): _rejected("it is gone, or this token may not see it", "check the id, and the token: adopt account list"),
    (100, 1487056): _rejected("it is deleted, and what is deleted cannot be changed"),
    (100, 1885183): _permission("the app is in development mode", "switch the app to Live at developers.facebook.com"),
    (100, 1885261): _rejected("the budget is above what Meta allows", "name a lower budget"),
    (100, 1885272): _rejected("the budget is below what Meta allows", "name a higher budget"),
    (100, 1885650): _rejected("the budget is below what Meta allows", "name a higher budget"),
    (100, 1885621): _rejected("the campaign holds the budget, not its ad sets", "change the campaign's budget"),
    (102, None): _token("the session of the access token has ended"),
    (104, None): _token("the signature of the call is wrong", f"check the app secret, then {SIGN_IN}"),
    (190, None): _token("Meta does not accept the access token"),
    (190, 458): _token("the user has removed the app, so the access token is dead"),
    (190, 459): _token(
        "Meta holds the user at a checkpoint", "log in at https://www.facebook.com, then type the command again"
    ),
    (190, 460): _token("the password or session changed, so the access token is dead"),
    (190, 463): _token("the access token has expired"),
    (190, 464): _token(
        "the user's Facebook account is not confirmed",
        "confirm it at https://www.facebook.com, then type the command again",
    ),
    (190, 467): _token("the access token is no longer valid: it was logged out"),
    (190, 492): _token("the user has no role on the Page of this token", f"get a role on the Page, then {SIGN_IN}"),
    (190, 493): _token("the user has not used the app for 90 days, so its access to data ended"),
    (294, None): _permission(
        "the token lacks ads_management", "adopt auth login, with a token that has ads_management"
    ),
    (368, None): Meaning(
        kind=NeedsPerson,
        says="Meta has blocked this as abuse or against its policy; stop for some hours",
        try_next="adopt hold on, then read the account's quality page at https://business.facebook.com/accountquality",
    ),
    (2500, None): _rejected("Meta cannot read the request", "mend what Meta names, then try again"),
    (2635, None): Meaning(
        kind=NeedsPerson,
        says="Meta has retired this version of its API",
        try_next="upgrade adopt to its latest release",
    ),
    (2642, None): Meaning(kind=Temporary, says="the listing changed while it was read", try_next="try again"),
    (3018, None): _rejected("Meta keeps insights for 37 months only", "name a later first day"),
}
_PERMISSIONS = range(200, 300)
_USE_CASES = range(80000, 80015)


def read_envelope(body: object, hide: Callable[[str], str] = str) -> Envelope | None:
    """The error in an answer, None if it has none; `hide` masks what must not be repeated."""
    error = body.get("error") if isinstance(body, dict) else None
    if error is None:
        return None
    if not isinstance(error, dict):
        return Envelope(message=hide(str(error)))
    return Envelope(
        code=_integer(error.get("code")),
        subcode=_integer(error.get("error_subcode")),
        message=_text(error, "message", hide),
        type=_text(error, "type", hide),
        title=_text(error, "error_user_title", hide),
        advice=_text(error, "error_user_msg", hide),
        is_transient=error.get("is_transient") is True,
        fbtrace_id=_text(error, "fbtrace_id", hide) or None,
        data=_mapping(error.get("error_data")),
    )


def meaning(envelope: Envelope, status: int) -> Meaning:
    """What an error means: its subcode, else its code, else its kind of code, else its HTTP status."""
    if envelope.wants_less:
        return _TOO_MUCH
    found = _listed(envelope) or _by_range(envelope.code) or _by_status(envelope, status)
    if found.retry == "never" and found.kind is Rejected and (envelope.is_transient or _is_trouble(status)):
        return _TROUBLE
    return found


def explain(envelope: Envelope, found: Meaning, doing: str, wait_s: float | None) -> AdoptError:
    """The error a person reads: what failed, why, when to try again, Meta's own words, and what to type next."""
    when = f"; try again in {_span(wait_s)}" if wait_s else ""
    words = f". Meta says: {envelope.words}" if envelope.words else ""
    return found.kind(
        f"could not {doing}: {found.says}{when}{words}",
        try_next=found.try_next or (f"try again in {_span(wait_s)}" if wait_s else ""),
        code=envelope.code,
        subcode=envelope.subcode,
        fbtrace_id=envelope.fbtrace_id,
        retry_after_s=wait_s,
        data=envelope.data,
    )


def unknown(doing: str, why: str, envelope: Envelope | None = None) -> Unknown:
    """The error for a write that may have happened."""
    words = f". Meta says: {envelope.words}" if envelope and envelope.words else ""
    return Unknown(
        f"{why} while adopt tried to {doing}; it may have happened or not, and was not sent again{words}",
        try_next=LOOK,
        code=envelope.code if envelope else None,
        subcode=envelope.subcode if envelope else None,
        fbtrace_id=envelope.fbtrace_id if envelope else None,
    )


def is_gone(error: object) -> bool:
    """Whether an error says that its object is gone or out of reach: 100/33."""
    return isinstance(error, AdoptError) and (error.code, error.subcode) == (100, 33)


def is_about_one(error: AdoptError) -> bool:
    """Whether an error says something of one object only, so that others may still be written."""
    return isinstance(error, Rejected) or (error.code, error.subcode) == (613, 1487632)


def _listed(envelope: Envelope) -> Meaning | None:
    if envelope.code is None:
        return None
    return TABLE.get((envelope.code, envelope.subcode)) or TABLE.get((envelope.code, None))


def _by_range(code: int | None) -> Meaning | None:
    if code in _PERMISSIONS:
        return _permission("the token or its user lacks the permission for this")
    if code in _USE_CASES:
        return _limit("the ad account has reached Meta's rate limit", _MINUTES_5)
    return None


def _by_status(envelope: Envelope, status: int) -> Meaning:
    if envelope.is_transient or _is_trouble(status):
        return _TROUBLE
    return _STATUSES.get(status, _REFUSED)


_STATUSES = {401: TABLE[190, None], 429: TABLE[17, None]}


def _is_trouble(status: int) -> bool:
    return status >= 500  # noqa: PLR2004 # HTTP's own line between their fault and ours


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _integer(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def _text(error: dict[str, Any], key: str, hide: Callable[[str], str]) -> str:
    value = error.get(key)
    return hide(value).strip() if isinstance(value, str) else ""


def _span(seconds: float) -> str:
    """A length of time for a person: `20 seconds`, `5 minutes`, `2 hours`."""
    for size, name in ((_HOUR, "hour"), (60.0, "minute")):
        if seconds >= size:
            return _plural(-(-seconds // size), name)
    return _plural(max(1, -(-seconds // 1)), "second")


def _plural(count: float, name: str) -> str:
    return f"{count:.0f} {name}{'' if count == 1 else 's'}"
