"""The red button: while it is pressed nothing is written to any account."""

from datetime import datetime

from adopt.model import Hold
from adopt.store.database import Store, moment, stamp, transaction


def set_hold(store: Store, on: bool, reason: str, at: datetime) -> Hold | None:  # noqa: FBT001 # on or off is the point
    """The button pressed or released; pressed again it keeps the first reason and time. What holds now."""
    with transaction(store):
        if on:
            store.run("INSERT INTO hold VALUES (1, ?, ?) ON CONFLICT DO NOTHING", [reason, stamp(at)])
        else:
            store.run("DELETE FROM hold")
        return hold(store)


def hold(store: Store) -> Hold | None:
    """Why and since when everything is held; None when it is not."""
    row = store.row("SELECT reason, at FROM hold")
    return Hold(reason=row[0], at=moment(row[1])) if row else None
