"""The files that each account's library at Meta was given: by their SHA-256, what Meta calls them."""

from adopt.store.database import Store, transaction


def known(store: Store, account: str, sha256: str) -> str | None:
    """The hash of the picture or the id of the video that a file became."""
    found = store.value("SELECT name FROM library WHERE account = ? AND sha256 = ?", [account, sha256])
    return None if found is None else str(found)


def remember(store: Store, account: str, sha256: str, name: str) -> None:
    """What Meta calls a file; the last word counts."""
    with transaction(store):
        store.run("INSERT OR REPLACE INTO library VALUES (?, ?, ?)", [account, sha256, name])


def forget(store: Store, account: str, sha256: str) -> None:
    """A file that has to be uploaded anew."""
    with transaction(store):
        store.run("DELETE FROM library WHERE account = ? AND sha256 = ?", [account, sha256])
