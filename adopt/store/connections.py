"""Whom we are at Meta: each connection's facts, and which ad account goes by which; its token lies in the vault."""

import msgspec

from adopt.errors import Invalid
from adopt.model import Connection
from adopt.store.database import Store, decode, stamp, transaction


def keep(store: Store, connection: Connection) -> None:
    """A connection made, or made anew; its accounts go by it from now on."""
    with transaction(store):
        values = [connection.id, connection.graph_url, stamp(connection.made_at), msgspec.json.encode(connection)]
        store.run(
            "INSERT INTO connection VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET made_at = excluded.made_at, body = excluded.body",
            values,
        )
        store.run("DELETE FROM connected WHERE connection = ?", [connection.id])
        rows = [[connection.graph_url, account, connection.id] for account in connection.accounts]
        store.run_many("INSERT OR REPLACE INTO connected VALUES (?, ?, ?)", rows)


def of(store: Store, graph_url: str, account: str | None) -> Connection | None:
    """The connection of an ad account at a Graph URL; the latest one there, where no account is named."""
    body = store.value(
        "SELECT body FROM connected JOIN connection ON connection.id = connected.connection "
        "WHERE connected.graph_url = ? AND connected.account = ?",
        [graph_url, account],
    )
    if body is None and account is None:
        latest = "SELECT body FROM connection WHERE graph_url = ? ORDER BY made_at DESC LIMIT 1"
        body = store.value(latest, [graph_url])
    return None if body is None else decode(body, Connection)


def listing(store: Store) -> tuple[Connection, ...]:
    """Every connection, the latest first."""
    return tuple(decode(row[0], Connection) for row in store.rows("SELECT body FROM connection ORDER BY made_at DESC"))


def in_use(store: Store) -> frozenset[str]:
    """The connections by which some ad account goes."""
    return frozenset(row[0] for row in store.rows("SELECT DISTINCT connection FROM connected"))


def drop(store: Store, name: str) -> Connection:
    """The connection of this id forgotten, and its secrets with it."""
    from adopt.store.vault import forget  # it loads cryptography

    known = listing(store)
    found = next((one for one in known if one.id == name), None)
    if found is None:
        raise Invalid(
            f"there is no connection {name!r}; there are {', '.join(one.id for one in known) or 'none'}",
            try_next="adopt auth status",
        )
    with transaction(store):
        store.run("DELETE FROM connection WHERE id = ?", [found.id])
        forget(store, found.id)
    return found
