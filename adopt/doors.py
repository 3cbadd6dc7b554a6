"""Which door leads to the operations: the daemon's, where it is the right one to ask, else this process's own."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from adopt import __version__
from adopt.errors import Unreachable
from adopt.model import Presence
from adopt.operations.presence import daemon
from adopt.settings import Settings

if TYPE_CHECKING:
    from adopt.client import Client


def door(settings: Settings, *, wait_s: float = 0.0, tell: Callable[[str], None] = lambda _: None) -> "Client":
    """The operations on these settings: by the daemon where it is the right one, else in process, and `tell` hears why.

    Unreachable where the daemon is too new to be understood.
    """
    there = daemon(settings.daemon_lock)
    if there is None or not there.socket:
        return _here(settings, wait_s)
    from adopt.remote import Remote
    from adopt.routes import API

    if there.api > API:
        raise Unreachable(
            f"the daemon is of adopt {there.version}, and this is {__version__}",
            try_next="pip install --upgrade adopt, or adopt daemon restart",
        )
    if why := _why_not(settings, there, API):
        tell(f"done in this process, not by the daemon: {why}")
        return _here(settings, wait_s)
    if there.version != __version__:
        tell(f"the daemon is of adopt {there.version}, and this is {__version__}: adopt daemon restart")
    return cast("Client", Remote(settings, there, wait_s=wait_s, tell=tell))


def _why_not(settings: Settings, there: Presence, api: int) -> str:
    """Why a daemon is not the right one to ask; nothing where it is."""
    if settings.token is not None:
        return "a token is set in the environment"
    if there.has_own_token:
        return "it was started with a token of its own"
    if there.graph_url != settings.graph_url:
        return f"it asks {there.graph_url}"
    if there.api < api:
        return f"it is of adopt {there.version}; adopt daemon restart"
    return "" if Path(there.socket).exists() else "its socket is gone; it comes back within seconds"


def _here(settings: Settings, wait_s: float) -> "Client":
    from adopt.client import Client

    return Client(settings, wait_s=wait_s)
