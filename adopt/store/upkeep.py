"""What keeps the database small: jobs that are long over, and the log that SQLite writes beside it."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from adopt.store import queue
from adopt.store.database import Store, transaction

WAL_BYTES: Final = 16 << 20  # more than this beside the database is written into it
_KEPT: Final = timedelta(days=30)


class Kept(NamedTuple):
    """What an upkeep did."""

    jobs: int  # that are gone
    wal: int  # bytes that were beside the database


def keep(store: Store, now: datetime, kinds: tuple[str, ...]) -> Kept:
    """Jobs that ended a month ago gone, of kinds whose keys never come again; and a long WAL written back."""
    with transaction(store):
        gone = sum(queue.sweep(store, kind, now - _KEPT, states=("completed", "failed", "cancelled")) for kind in kinds)
    wal = store.path.with_name(f"{store.path.name}-wal")
    size = wal.stat().st_size if wal.exists() else 0
    if size > WAL_BYTES:
        store.rows("PRAGMA wal_checkpoint(TRUNCATE)")  # as far as nobody reads from it; the rest next time
    store.rows("PRAGMA optimize")
    return Kept(gone, size)
