"""Meta's error envelope, and the errors the simulator answers with."""

from typing import Any

OAUTH, METHOD = "OAuthException", "GraphMethodException"


class GraphError(Exception):
    """An error as Meta words it."""

    def __init__(
        self,
        message: str,
        code: int = 100,
        subcode: int | None = None,
        *,
        kind: str = OAUTH,
        status: int = 400,
        person: tuple[str, str] | None = None,
        data: dict[str, Any] | None = None,
        transient: bool = False,
    ) -> None:
        super().__init__(message)
        self.code, self.subcode, self.kind, self.status = code, subcode, kind, status
        self.person, self.data, self.transient = person, data, transient

    def envelope(self, trace: str) -> dict[str, Any]:
        """Give the body, keys in Meta's order."""
        error = {"message": str(self), "type": self.kind, "code": self.code}
        if self.data:
            error["error_data"] = self.data
        if self.subcode:
            error["error_subcode"] = self.subcode
        error["is_transient"] = self.transient
        if self.person:
            error |= {"error_user_title": self.person[0], "error_user_msg": self.person[1]}
        return {"error": error | {"fbtrace_id": trace}}


def invalid(message: str) -> GraphError:
    """Give the error for a parameter that is wrong."""
    return GraphError(f"(#100) {message}")


def missing(name: str) -> GraphError:
    """Give the error for a parameter that must be given."""
    return invalid(f"The parameter {name} is required")


def refused(subcode: int | None, title: str, advice: str, blame: str | None = None) -> GraphError:
    """Give the error for a write that breaks one of Meta's rules."""
    data = {"blame_field_specs": [[blame]]} if blame else None
    return GraphError("Invalid parameter", 100, subcode, person=(title, advice), data=data)


def no_field(name: str, node_type: str) -> GraphError:
    """Give the error for a field or an edge a node does not have."""
    return invalid(f"Tried accessing nonexisting field ({name}) on node type ({node_type})")


def no_object(method: str, ident: str) -> GraphError:
    """Give the error for an object that is missing or not ours."""
    return GraphError(
        f"Unsupported {method.lower()} request. Object with ID '{ident}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api",
        100,
        33,
        kind=METHOD,
    )


def unknown_path(path: str) -> GraphError:
    """Give the error for a path that is no node and no edge."""
    return GraphError(f"Unknown path components: /{path}", 2500)


def no_token(*, about_me: bool) -> GraphError:
    """Give the error for a call without an access token."""
    if about_me:
        return GraphError("An active access token must be used to query information about the current user.", 2500)
    return GraphError("An access token is required to request this resource.", 104)


def bad_token() -> GraphError:
    """Give the error for a token that is none of ours."""
    return GraphError("Invalid OAuth access token - Cannot parse access token", 190)


def expired_token(when: str, now: str) -> GraphError:
    """Give the error for a token that has expired."""
    told = f"Session has expired on {when}. The current time is {now}."
    return GraphError(f"Error validating access token: {told}", 190, 463)


def revoked_token() -> GraphError:
    """Give the error for a token that was taken back."""
    return GraphError(
        "Error validating access token: The session has been invalidated because the user changed their password or "
        "Facebook has changed the session for security reasons.",
        190,
        460,
    )


def bad_proof() -> GraphError:
    """Give the error for a proof that was not made from the token with the app's secret."""
    return GraphError("Invalid appsecret_proof provided in the API argument", 100, kind=METHOD)


def no_permission(scopes: tuple[str, ...]) -> GraphError:
    """Give the error for a token that lacks all of the scopes of which it needs one."""
    if scopes == ("ads_management",):
        return GraphError("(#200) Requires ads_management permission to manage the object.", 200, status=403)
    if "ads_read" in scopes:
        said = "(#200) Ad account owner has NOT grant ads_management or ads_read permission"
        return GraphError(said, 200, status=403)
    return GraphError(f"(#200) Requires {scopes[0]} permission to manage the object.", 200, status=403)


def too_many(code: int) -> GraphError:
    """Give the error of a limit that was exceeded."""
    if code in _LIMITED:
        subcode, message, status = _LIMITED[code]
        return GraphError(message, code, subcode, status=status, transient=True)
    return too_many_calls(code)


_MANY = "There have been too many calls"
_LIMITED = {
    4: (None, "(#4) Application request limit reached", 403),
    17: (2446079, "(#17) User request limit reached", 400),
    613: (5044001, "(#613) Calls to this api have exceeded the rate limit.", 400),
}
_USE_CASES = {80000: "ads-insights", 80003: "custom-audience", 80004: "ads-management"}


def too_many_calls(code: int = 80004) -> GraphError:
    """Give the error for an ad account above its quota of calls of a use case."""
    return GraphError(
        f"(#{code}) {_MANY} to this ad-account. Wait a bit and try again. For more info, please "
        f"refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting#{_USE_CASES[code]}.",
        code,
        2446079,
        person=(
            "Ad account has too many API calls",
            f"{_MANY} from this ad account. Please wait a bit and try again.",
        ),
        transient=True,
    )


def too_many_budgets() -> GraphError:
    """Give the error for a fifth budget change of an ad set within an hour."""
    return GraphError(
        "(#613) Calls to this api have exceeded the rate limit.",
        613,
        1487632,
        person=(
            "Ad set budget changed too often",
            "You can only change the budget of an ad set 4 times an hour. Please wait before changing it again.",
        ),
    )
