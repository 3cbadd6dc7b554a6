"""Access tokens: which there are, how long each lives, and what each may do."""

import hmac
import re
from dataclasses import dataclass, replace
from hashlib import sha256

import msgspec

from adopt.mock import errors
from adopt.mock.account import Account
from adopt.mock.calendar import Calendar
from adopt.mock.call import Call
from adopt.mock.errors import GraphError
from adopt.mock.names import token_text

SCOPES = (
    "ads_management",
    "ads_read",
    "business_management",
    "pages_read_engagement",
    "pages_show_list",
    "public_profile",
)
MORE_SCOPES = (
    "catalog_management",
    "email",
    "instagram_basic",
    "instagram_manage_insights",
    "leads_retrieval",
    "pages_manage_ads",
    "pages_manage_metadata",
    "pages_manage_posts",
    "read_insights",
    "whatsapp_business_management",
)
HOUR = 3600
SHORT, LONG, CODE_LIFE = 2 * HOUR, 5_184_000, 600  # seconds
PASSWORD_CHANGED = 460
_OF_BUSINESSES = "owner"  # a field of the ad account
_ADS, _EITHER = ("ads_management",), ("ads_management", "ads_read")
_PAGES = ("pages_show_list", "pages_read_engagement", "pages_manage_ads", *_EITHER)


class Token(msgspec.Struct, frozen=True):
    """One access token; moments in Unix seconds, 0 for never."""

    text: str
    kind: str = "SYSTEM_USER"  # or USER, PAGE, APP
    scopes: tuple[str, ...] = SCOPES
    issued: int = 0
    expires: int = 0
    revoked: int = 0
    limited: bool = False  # every call with it is one too many


@dataclass(frozen=True)
class Grant:
    """What a person has agreed to, waiting to be fetched with its code."""

    redirect: str
    scopes: tuple[str, ...]
    until: float


class Tokens:
    """The tokens of one account's app; those not drawn with the account are kept in `made`."""

    def __init__(self, account: Account, calendar: Calendar, made: tuple[Token, ...] = ()) -> None:
        self._account, self._calendar = account, calendar
        self.app_token = f"{account.app}|{account.secret}"
        good, expired, limited = account.tokens
        begun = int(calendar.start)
        drawn = (
            Token(good, issued=begun),
            Token(expired, issued=begun - LONG, expires=begun),
            Token(limited, issued=begun, limited=True),
            Token(self.app_token, "APP", ()),
            Token(page_token(account), "PAGE", issued=begun),
        )
        self._known = {token.text: token for token in (*drawn, *made)}
        self._drawn = {token.text: token for token in drawn}
        self._grants: dict[str, Grant] = {}

    @property
    def made(self) -> tuple[Token, ...]:
        """Give the tokens that are not as they were drawn."""
        return tuple(token for token in self._known.values() if self._drawn.get(token.text) != token)

    def all(self) -> tuple[Token, ...]:
        """Give every token, those drawn with the account first."""
        return tuple(self._known.values())

    def find(self, text: str) -> Token | None:
        """Give the token of a text."""
        return self._known.get(text)

    def mint(
        self, now: float, *, scopes: tuple[str, ...] = SCOPES, life: float = 0, kind: str = "SYSTEM_USER"
    ) -> Token:
        """Make a token that lives so many seconds, 0 for ever."""
        check_scopes(scopes)
        text = token_text(self._account.options.seed, len(self._known))
        token = Token(text, kind, scopes, int(now), int(now + life) if life else 0)
        self._known[text] = token
        return token

    def revoke(self, text: str, now: float) -> None:
        """Let a token be worth nothing from now on."""
        if text not in self._known or text == self.app_token:
            raise ValueError("that is no token of this simulator")
        self._known[text] = msgspec.structs.replace(self._known[text], revoked=int(now))

    def grant(self, now: float, redirect: str, scopes: tuple[str, ...]) -> str:
        """Give the code with which a person's consent is fetched, once and soon."""
        code = "AQ" + token_text(self._account.options.seed, f"code {len(self._grants)} {now}")[4:]
        self._grants[code] = Grant(redirect, scopes, now + CODE_LIFE)
        return code

    def redeem(self, code: str, redirect: str, now: float) -> Token:
        """Change a code for a token that lives for two hours."""
        grant = self._grants.get(code)
        if grant is None:
            raise GraphError("Invalid verification code format.", 100)
        if grant.redirect != redirect:
            raise GraphError(
                "Error validating verification code. Please make sure your redirect_uri is identical to the one you "
                "used in the OAuth dialog request",
                100,
                36008,
            )
        if grant.until <= now:
            self._grants[code] = replace(grant, until=0)
            used = not grant.until
            raise GraphError(f"This authorization code has {'been used' if used else 'expired'}.", 100, 36009)
        self._grants[code] = replace(grant, until=0)
        return self.mint(now, scopes=grant.scopes, life=SHORT, kind="USER")

    def problem(self, text: str, now: float) -> GraphError | None:
        """Give what is wrong with a token, if anything."""
        token = self._known.get(text)
        if token is None:
            return errors.bad_token()
        if token.revoked:
            return errors.revoked_token()
        if token.expires and token.expires <= now:
            return errors.expired_token(self._when(token.expires), self._when(now))
        return None

    def admit(self, call: Call, now: float) -> Token:
        """Give the token of a call that may come in; raise what Meta answers otherwise."""
        if not call.token:
            raise errors.no_token(about_me=call.path[:1] == ("me",))
        problem = self.problem(call.token, now)
        if problem is not None:
            raise problem
        proof = call.params.get("appsecret_proof")
        if proof is not None and not hmac.compare_digest(str(proof).encode(), self._proof(call.token).encode()):
            raise errors.bad_proof()
        token = self._known[call.token]
        if token.limited:
            raise errors.too_many_calls()
        return token

    def _proof(self, text: str) -> str:
        return hmac.new(self._account.secret.encode(), text.encode(), sha256).hexdigest()

    def _when(self, moment: float) -> str:
        return self._calendar.local(moment).strftime("%A, %d-%b-%y %H:%M:%S %Z")


def page_token(account: Account) -> str:
    """Give the token that speaks for the account's page."""
    return token_text(account.options.seed, "page")


def check_scopes(scopes: tuple[str, ...]) -> None:
    """Refuse scopes that Meta does not know."""
    for scope in scopes:
        if scope not in (*SCOPES, *MORE_SCOPES):
            raise ValueError(f"{scope!r} is no permission; there are {', '.join(sorted((*SCOPES, *MORE_SCOPES)))}")


def check_fields(token: Token, call: Call) -> None:
    """Refuse to tell whose the ad account is without the permission to see businesses; clients ask again without."""
    names = re.findall(r"\w+", str(call.params.get("fields") or ""))
    if _OF_BUSINESSES in names and "business_management" not in token.scopes:
        said = "(#200) Requires business_management permission to manage the object"
        raise GraphError(said, 200, status=403)


def check_permission(token: Token, method: str, kind: str) -> None:
    """Refuse a call on an object of a kind that a token's scopes do not cover."""
    if kind == "business":
        wanted: tuple[str, ...] = ("business_management",)
    elif kind == "page":
        wanted = _PAGES
    else:
        wanted = _EITHER if method in ("GET", "HEAD") else _ADS
    if not set(wanted) & set(token.scopes):
        raise errors.no_permission(wanted)
