"""Whether Meta answers, lets us write, and agrees about the time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from adopt.errors import AdoptError, NeedsPerson
from adopt.graph import objects
from adopt.model import Finding, Ref
from adopt.operations.doctor.patient import Patient, finding
from adopt.operations.watching import require_active
from adopt.store import connections

_SKEW = timedelta(seconds=60)
_WRITES = "ads_management"
_SOON = 14  # days, as `adopt auth status` warns


def connection(patient: Patient) -> Iterator[Finding]:
    """Whether there is a token, and the account answers to it."""
    settings = patient.settings
    if patient.graph is None:
        yield finding(
            connection,
            "error",
            "there is no access token",
            why="Meta cannot be asked anything",
            do="adopt auth login, or adopt demo",
        )
        return
    if settings.account is None:
        yield finding(connection, "note", "no ad account is chosen, so none was asked for", do="adopt init")
        return
    try:
        found = objects.account(patient.graph, settings.account)
        require_active(found)
    except AdoptError as error:
        yield finding(connection, "error", error.message, why="no pass can be made", do=error.try_next)
        return
    yield finding(connection, "ok", f"{found.name} ({found.id}) answers at {settings.graph_url}")


def token(patient: Patient) -> Iterator[Finding]:
    """How long the token that is kept here lasts; the environment's is not ours to know."""
    settings = patient.settings
    if settings.token is not None or patient.store is None or patient.graph is None:
        return
    found = connections.of(patient.store, settings.graph_url, settings.account)
    if found is None:
        return
    now = patient.zoned(patient.graph.moment)
    days = found.days_to(now)
    if days is None:
        yield finding(token, "ok", f"the token of {found.user_name} does not expire")
        return
    yield finding(
        token,
        "ok" if days > _SOON else "warning" if days >= 0 else "error",
        f"the token of {found.user_name} {found.ending(now)}",
        why="" if days > _SOON else "then adopt neither looks nor acts",
        do="" if days > _SOON else "adopt auth login",
        data={"days": days},
    )


def permission(patient: Patient) -> Iterator[Finding]:
    """Whether the token may write: by its permissions, and by a write that Meta only checks."""
    if patient.graph is None or patient.settings.account is None:
        return
    try:
        granted = objects.permissions(patient.graph)
    except NeedsPerson:
        return  # as the connection has told
    if _WRITES not in granted:
        yield finding(
            permission,
            "error",
            f"the token has no {_WRITES}; it has {', '.join(sorted(granted)) or 'no permission'}",
            why="adopt can look, but no change can be made",
            do=f"a token with ads_read and {_WRITES}",
        )
        return
    one = (
        next((a for a in patient.snapshot.ad_sets if a.effective_status == "ACTIVE"), None)
        if patient.snapshot
        else None
    )
    if one is None:
        yield finding(permission, "ok", f"the token has {_WRITES}; no running ad set is known to try it on")
        return
    objects.try_write(patient.graph, Ref(level="adset", id=one.id, name=one.name))
    yield finding(permission, "ok", f"the token has {_WRITES}, and Meta would take a write to {one.name}: only checked")


def clock(patient: Patient) -> Iterator[Finding]:
    """How far this machine's clock is from Meta's own; a simulated account has a time of its own."""
    host = urlsplit(patient.settings.graph_url).hostname or ""
    graph = patient.graph
    if graph is None or graph.now is None or not host.endswith(".facebook.com"):
        return
    skew = datetime.now(UTC) - graph.now
    seconds = round(skew.total_seconds())
    if abs(skew) <= _SKEW:
        yield finding(clock, "ok", "this machine's clock agrees with Meta's", data={"seconds": seconds})
        return
    side = "ahead of" if seconds > 0 else "behind"
    yield finding(
        clock,
        "warning",
        f"this machine's clock is {abs(seconds):,} s {side} Meta's",
        why="passes run at the wrong hours; what they decide goes by Meta's clock",
        do="set the clock, for example with timedatectl set-ntp true",
        data={"seconds": seconds},
    )
