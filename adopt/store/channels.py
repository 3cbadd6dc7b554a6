"""Where people are told things: which kinds, when not, and up to where in the activity log; URLs lie in the vault."""

import msgspec

from adopt.errors import Invalid
from adopt.model import Channel
from adopt.store import activity
from adopt.store.database import Store, decode, transaction
from adopt.store.vault import forget

OWNER = "channel"


def add(store: Store, channel: Channel) -> None:
    """A channel that hears of what happens from now on."""
    with transaction(store):
        values = [channel.id, activity.newest(store), msgspec.json.encode(channel)]
        store.run("INSERT INTO channel VALUES (?, ?, ?)", values)


def listing(store: Store) -> tuple[Channel, ...]:
    """Every channel."""
    return tuple(decode(row[0], Channel) for row in store.rows("SELECT body FROM channel ORDER BY rowid"))


def find(store: Store, name: str) -> Channel:
    """The channel of this id; Invalid with those there are."""
    known = listing(store)
    found = next((one for one in known if one.id == name), None)
    if found is None:
        said = ", ".join(f"{one.id} ({one.service})" for one in known) or "none"
        raise Invalid(f"there is no channel {name!r}; there are {said}", try_next="adopt notify list")
    return found


def drop(store: Store, name: str) -> Channel:
    """The channel gone, and its URL with it."""
    found = find(store, name)
    with transaction(store):
        store.run("DELETE FROM channel WHERE id = ?", [found.id])
        forget(store, secret_of(found.id))
    return found


def cursor(store: Store, name: str) -> int:
    """The last activity that the channel was told of, or that did not concern it."""
    return int(store.value("SELECT cursor FROM channel WHERE id = ?", [name]) or 0)


def advance(store: Store, name: str, to: int) -> None:
    """The channel has heard of everything up to this activity."""
    store.run("UPDATE channel SET cursor = ? WHERE id = ?", [to, name])


def secret_of(name: str) -> str:
    """Whose secret the URL is, in the vault."""
    return f"{OWNER} {name}"
