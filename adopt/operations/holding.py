"""The red button, pressed or released and told in the log."""

from datetime import datetime

from adopt.model import Hold
from adopt.store import activity
from adopt.store import hold as button
from adopt.store.database import Store, transaction


def press(store: Store, reason: str, at: datetime, *, on: bool) -> Hold | None:
    """The button pressed or released; what holds now. Of every account, and told once."""
    with transaction(store):
        before, now = button.hold(store), button.set_hold(store, on, reason, at)
        if (before is None) != (now is None):
            said = f"on hold: {now.reason}" if now else f"released from hold{f': {reason}' if reason else ''}"
            activity.append(store, at, "", "hold", "info", said)
        return now
