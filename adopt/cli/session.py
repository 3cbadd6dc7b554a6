"""How a command reaches the ad account: settings from its options, a client over them."""

import os
import re
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from adopt.cli.frame import Context, given, screen
from adopt.errors import Invalid
from adopt.settings import Settings, load

if TYPE_CHECKING:
    from adopt.client import Client

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def settings(ctx: Context) -> Settings:
    """The settings of this run."""
    return load(os.environ, account=given(ctx).account)


def client(ctx: Context, *, of: Settings | None = None, wait: str | None = None, local: bool = False) -> "Client":
    """The operations on the ad account: by the daemon where it is the right one, else, or if `local`, in process."""
    found, wait_s = of or settings(ctx), seconds("--wait", wait) if wait else 0.0
    if local:
        from adopt.client import Client

        return Client(found, wait_s=wait_s)
    from adopt.doors import door

    return door(found, wait_s=wait_s, tell=lambda text: _note(ctx, text))


def _note(ctx: Context, text: str) -> None:
    """Tell a person who watches, or asked for more; cron mails whatever is said."""
    if sys.stderr.isatty() or given(ctx).verbose:
        screen(ctx).note(text)


def seconds(option: str, text: str) -> float:
    """The length of time that an option names: `60s`, `30m`, `12h`, `3d`, or seconds."""
    match = re.fullmatch(r"(\d{1,9})([smhdw]?)", text.strip())
    if not match:
        raise Invalid(f"{option}: {text!r} is no length of time", try_next=f"{option} 60s, 30m, 12h or 3d")
    return float(int(match[1]) * _UNITS[match[2] or "s"])


def moment(
    option: str, text: str | None, *, zone: str | None = None, now: datetime | None = None, ends: bool = False
) -> datetime | None:
    """The moment that an option names: a date, an RFC 3339 time, or how long ago.

    What names no zone is in the account's, if it is given, else in this machine's; a date is its start, or its end.
    """
    if text is None:
        return None
    if re.fullmatch(r"\d{1,9}[smhdw]", text):
        ago = (now or datetime.now(UTC)) - timedelta(seconds=seconds(option, text))
        return ago.astimezone(ZoneInfo(zone)) if zone else ago
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{option}: {text!r} is no moment", try_next=f"{option} 2h, 3d or 2026-11-24") from None
    if ends and re.fullmatch(r"[\d-]+", text):
        found += timedelta(days=1, microseconds=-1)
    if found.tzinfo:
        return found
    return found.replace(tzinfo=ZoneInfo(zone)) if zone else found.astimezone()
