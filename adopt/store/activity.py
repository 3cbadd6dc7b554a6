"""The activity log: what happened, append only, under a cursor whose ids ascend in the order of commits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from adopt.model import Activity, Ref
from adopt.store.database import Row, Store, moment, stamp, transaction

# One writer at a time and AUTOINCREMENT: an id is larger than every id committed before it, and never comes back.
_COLUMNS = "id, at, account, kind, level, text, object, data"


def append(
    store: Store,
    at: datetime,
    account: str,
    kind: str,
    level: Literal["info", "warning", "error"],
    text: str,
    object: Ref | None = None,  # noqa: A002 # the field's name in Activity
    data: Mapping[str, Any] | None = None,
) -> int:
    """One thing that happened, at the end of the log; its id. Of no account, "", it is every account's."""
    body = msgspec.json.encode(object).decode() if object else None
    values = [stamp(at), account, kind, level, text, body, msgspec.json.encode(data or {}).decode()]
    with transaction(store):
        store.run("INSERT INTO activity VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", values)
        return int(store.value("SELECT last_insert_rowid()"))


def since(
    store: Store, account: str, cursor: int = 0, *, limit: int = 100, kinds: tuple[str, ...] | None = None
) -> tuple[Activity, ...]:
    """What happened behind the cursor, oldest first; the last id is the next cursor."""
    where, values = _of_kinds(kinds)
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM activity WHERE account IN (?, '') AND id > ? {where} ORDER BY id LIMIT ?",
        [account, cursor, *values, limit],
    )
    return tuple(_activity(row) for row in rows)


def newest(store: Store) -> int:
    """The id of the last thing that happened; 0 before the first."""
    return int(store.value("SELECT coalesce(max(id), 0) FROM activity"))


def everyones(store: Store, cursor: int, *, limit: int = 1000) -> tuple[Activity, ...]:
    """What happened behind the cursor in any account, oldest first."""
    rows = store.rows(f"SELECT {_COLUMNS} FROM activity WHERE id > ? ORDER BY id LIMIT ?", [cursor, limit])
    return tuple(_activity(row) for row in rows)


def tail(store: Store, account: str, *, limit: int = 20, kinds: tuple[str, ...] | None = None) -> tuple[Activity, ...]:
    """The last things that happened, oldest first."""
    where, values = _of_kinds(kinds)
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM activity WHERE account IN (?, '') {where} ORDER BY id DESC LIMIT ?",
        [account, *values, limit],
    )
    return tuple(_activity(row) for row in reversed(rows))


def _of_kinds(kinds: tuple[str, ...] | None) -> tuple[str, tuple[str, ...]]:
    if kinds is None:
        return "", ()
    return f"AND kind IN ({', '.join('?' for _ in kinds)})", kinds


def _activity(row: Row) -> Activity:
    id_, at, account, kind, level, text, ref, data = row
    return Activity(
        id=id_,
        at=moment(at),
        account=account,
        kind=kind,
        level=level,
        text=text,
        object=msgspec.json.decode(ref, type=Ref) if ref else None,
        data=msgspec.json.decode(data),
    )
