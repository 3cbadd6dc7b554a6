"""When a plan of an account was last allowed to act: a Wilson interval's confidence is for one look a day."""

from datetime import datetime

from adopt.store.database import Store, moment, stamp, transaction


def look(store: Store, account: str, at: datetime) -> None:
    """A plan of the account is allowed to act now."""
    with transaction(store):
        store.run("INSERT OR REPLACE INTO look VALUES (?, ?)", [account, stamp(at)])


def looked(store: Store, account: str) -> datetime | None:
    """The last time a plan of the account was allowed to act."""
    at = store.value("SELECT at FROM look WHERE account = ?", [account])
    return moment(at) if at else None
