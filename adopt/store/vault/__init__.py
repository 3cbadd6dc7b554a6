"""The vault: secrets of this installation, sealed in the database under a master key that is kept elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, cast

from adopt.errors import NeedsPerson
from adopt.store.database import Store, moment, stamp, transaction
from adopt.store.vault.envelope import SIGN_IN_AGAIN, DataKey, MasterKey, Place, new_key, seal, sealed_by, unseal
from adopt.store.vault.keepers import Absent, Keeper, KeeperName

_BATCH = 500


class Facts(NamedTuple):
    """What is known of a vault without opening it."""

    keeper: KeeperName
    master: str
    at: datetime


class Vault(NamedTuple):
    """An open vault: secrets go in and come out by whose they are and what they are called."""

    store: Store
    master: MasterKey

    def put(self, owner: str, name: str, text: str) -> None:
        """A secret kept; what was there under its name is gone."""
        with transaction(self.store):
            blob = seal(self._newest(), text, _place(owner, name))
            self.store.run(
                "INSERT INTO secret VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET blob = excluded.blob",
                [owner, name, blob],
            )

    def get(self, owner: str, name: str) -> str | None:
        """A secret, if there is one; NeedsPerson if it does not open."""
        blob = self.store.value("SELECT blob FROM secret WHERE owner = ? AND name = ?", [owner, name])
        return None if blob is None else unseal(self._key(sealed_by(blob)), blob, _place(owner, name))

    def rotate(self, at: datetime) -> int:
        """Every secret sealed by a new data key; how many were sealed again. A rotation cut short is ended first."""
        if not self._is_between():
            with transaction(self.store):
                self._add_key(at)
        resealed = sum(self._reseal(rows) for rows in self._older())
        self.store.run(
            "DELETE FROM data_key WHERE id < (SELECT max(id) FROM data_key) AND NOT EXISTS "
            "(SELECT 1 FROM secret WHERE hex(substr(blob, 2, 4)) = printf('%08X', data_key.id))"
        )
        return resealed

    def move(self, name: KeeperName, keeper: Keeper, at: datetime) -> "Vault":
        """The same vault under a new master key in this keeper: one transaction, the secrets stay as they are."""
        master = keeper.create()
        with transaction(self.store):
            for number, wrapped in self.store.rows("SELECT id, wrapped FROM data_key"):
                again = master.wrap(self.master.unwrap(number, wrapped))
                self.store.run("UPDATE data_key SET wrapped = ?, master = ? WHERE id = ?", [again, master.id, number])
            self.store.run("UPDATE vault SET keeper = ?, master = ?, at = ?", [name, master.id, stamp(at)])
        return Vault(self.store, master)

    def _newest(self) -> DataKey:
        return self._key(self.store.value("SELECT max(id) FROM data_key"))

    def _key(self, number: int) -> DataKey:
        row = self.store.row("SELECT wrapped, master FROM data_key WHERE id = ?", [number])
        if row is None:
            raise NeedsPerson("the key of a secret in the vault is gone", try_next=SIGN_IN_AGAIN)
        if row[1] != self.master.id:
            raise NeedsPerson(
                f"this vault was made with the master key {row[1]}, not with {self.master.id}",
                try_next="put the right master key back, or sign in again: adopt auth reset",
            )
        return self.master.unwrap(number, row[0])

    def _add_key(self, at: datetime) -> None:
        number = self.store.value("SELECT coalesce(max(id), 0) + 1 FROM data_key")
        wrapped = self.master.wrap(DataKey(number, new_key()))
        self.store.run("INSERT INTO data_key VALUES (?, ?, ?, ?)", [number, wrapped, self.master.id, stamp(at)])

    def _is_between(self) -> bool:
        """Whether a rotation began and did not end: then an older data key is still there."""
        return bool(self.store.value("SELECT count(*) > 1 FROM data_key"))

    def _older(self) -> Iterator[Sequence[tuple[str, str, bytes]]]:
        """The secrets that an older data key sealed, some at a time, until there are none."""
        newest = self._newest().id.to_bytes(4)
        query = "SELECT owner, name, blob FROM secret WHERE substr(blob, 2, 4) != ? LIMIT ?"
        while rows := self.store.rows(query, [newest, _BATCH]):
            yield rows

    def _reseal(self, rows: Sequence[tuple[str, str, bytes]]) -> int:
        """Secrets sealed by the newest key, each only if it is still what was read."""
        key = self._newest()
        with transaction(self.store):
            for owner, name, blob in rows:
                place = _place(owner, name)
                again = seal(key, unseal(self._key(sealed_by(blob)), blob, place), place)
                values = [again, owner, name, blob]
                self.store.run("UPDATE secret SET blob = ? WHERE owner = ? AND name = ? AND blob = ?", values)
        return len(rows)


def facts(store: Store) -> Facts | None:
    """Which keeper a vault was made with; None where there is no vault."""
    row = store.row("SELECT keeper, master, at FROM vault")
    return Facts(cast("KeeperName", row[0]), row[1], moment(row[2])) if row else None


def owners(store: Store) -> tuple[tuple[str, str], ...]:
    """Whose secrets are kept, and their names; needs no key."""
    return tuple(store.rows("SELECT owner, name FROM secret ORDER BY owner, name"))


def forget(store: Store, owner: str) -> None:
    """Every secret of an owner removed; needs no key."""
    store.run("DELETE FROM secret WHERE owner = ?", [owner])


def clear(store: Store) -> int:
    """The vault and every connection gone, so that a new one can be made; how many secrets that were."""
    with transaction(store):
        gone = store.run("DELETE FROM secret")
        for table in ("connected", "connection", "data_key", "vault"):
            store.run(f"DELETE FROM {table}")
    return gone


def open_vault(store: Store, keepers: Mapping[KeeperName, Keeper]) -> Vault | None:
    """The vault that was made here, opened by the keeper it was made with; None where there is none."""
    known = facts(store)
    return Vault(store, keepers[known.keeper].load(known.master)) if known else None


def make_vault(store: Store, keepers: Mapping[KeeperName, Keeper], choice: Sequence[KeeperName], at: datetime) -> Vault:
    """The vault opened, or made with the first keeper of the choice that this machine has."""
    if opened := open_vault(store, keepers):
        return opened
    name, master = _first(keepers, choice)
    with transaction(store):
        if not facts(store):  # another process may have made it meanwhile
            store.run("INSERT INTO vault VALUES (1, ?, ?, ?)", [name, master.id, stamp(at)])
            vault = Vault(store, master)
            vault._add_key(at)  # noqa: SLF001 - its own module
            return vault
    keepers[name].drop(master.id)
    return make_vault(store, keepers, choice, at)


def _first(keepers: Mapping[KeeperName, Keeper], choice: Sequence[KeeperName]) -> tuple[KeeperName, MasterKey]:
    for name in choice[:-1]:
        try:
            return name, keepers[name].create()
        except Absent:
            continue
    return choice[-1], keepers[choice[-1]].create()


def _place(owner: str, name: str) -> Place:
    return Place("secret", name, owner)
