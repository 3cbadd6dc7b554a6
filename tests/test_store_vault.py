"""The vault: what it seals opens in its place alone, and its master key is neither guessed nor made twice."""

import os
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringLocked, NoKeyringError, PasswordDeleteError

from adopt.errors import AdoptError, Invalid, NeedsPerson
from adopt.settings import load
from adopt.store.database import Store, open_store
from adopt.store.vault import Vault, facts, forget, make_vault, open_vault, owners
from adopt.store.vault.envelope import DataKey, MasterKey, Place, new_key, seal, unseal
from adopt.store.vault.keepers import Given, Keeper, KeeperName, KeyFile, Keyring, first_choice, keepers

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CANARY = "EAAcanaryCanaryCanary0123456789"


class Ring(KeyringBackend):
    """A keyring in memory with a mood: it works, is not there, is locked, or hangs."""

    priority = 1  # type: ignore[assignment]

    def __init__(self, mood: Exception | str = "works") -> None:
        super().__init__()
        self.mood, self.kept, self.never = mood, dict[tuple[str, str], str](), threading.Event()

    def _mood(self) -> None:
        if isinstance(self.mood, Exception):
            raise self.mood
        if self.mood == "hangs":
            self.never.wait()

    def get_password(self, service: str, username: str) -> str | None:
        self._mood()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._mood()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._mood()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "adopt.db")


def places(tmp_path: Path, ring: Ring | None = None) -> dict[KeeperName, Keeper]:
    keeper = Keyring(lambda: ring or Ring(NoKeyringError()), patience_s=0.2)
    return {"keyring": keeper, "file": KeyFile(tmp_path), "environment": Given("X", lambda: None)}


def made(store: Store, ring: Ring | None = None) -> Vault:
    return make_vault(store, places(store.path.parent, ring), ("keyring", "file"), NOW)


def test_a_secret_comes_out_as_it_went_in_and_after_a_restart(store: Store) -> None:
    made(store).put("meta", "token", CANARY)
    opened = open_vault(store, places(store.path.parent))
    assert opened
    assert opened.get("meta", "token") == CANARY
    assert opened.get("meta", "other") is None
    assert owners(store) == (("meta", "token"),)


def test_nothing_of_a_secret_is_in_the_files_of_the_database(store: Store) -> None:
    vault = made(store)
    vault.put("meta", "token", CANARY)
    vault.put("meta", "token", CANARY + "2")
    vault.rotate(NOW)
    for path in store.path.parent.iterdir():
        assert CANARY.encode() not in path.read_bytes(), path
    assert CANARY not in repr(vault)


def test_every_changed_bit_and_every_length_cut_is_refused() -> None:
    key, place = DataKey(1, new_key()), Place("secret", "token", "meta")
    blob = seal(key, CANARY, place)
    assert len(blob) == len(CANARY) + 33
    for at in range(len(blob)):
        for bit in (1, 128):
            changed = bytearray(blob)
            changed[at] ^= bit
            with pytest.raises(NeedsPerson):
                unseal(key, bytes(changed), place)
        with pytest.raises(NeedsPerson):
            unseal(key, blob[:at], place)
    with pytest.raises(NeedsPerson):
        unseal(key, blob + b"\0", place)


@given(st.text(max_size=3), st.text(max_size=3), st.text(max_size=3), st.text(max_size=3))
def test_a_secret_opens_in_its_own_place_alone(owner: str, name: str, other: str, another: str) -> None:
    key = DataKey(1, b"k" * 32)
    here, there = Place("secret", name, owner), Place("secret", another, other)
    blob = seal(key, "x", here)
    if here == there:
        assert unseal(key, blob, there) == "x"
        return
    with pytest.raises(NeedsPerson):
        unseal(key, blob, there)


@pytest.mark.parametrize("column", ["owner", "name"])
def test_secrets_exchanged_in_the_database_do_not_open(store: Store, column: str) -> None:
    vault = made(store)
    vault.put("a", "token", "one")
    vault.put("b" if column == "owner" else "a", "token" if column == "owner" else "secret", "two")
    blobs = [row[0] for row in store.rows("SELECT blob FROM secret ORDER BY owner, name")]
    for (owner, name), blob in zip(owners(store), reversed(blobs), strict=True):
        store.run("UPDATE secret SET blob = ? WHERE owner = ? AND name = ?", [blob, owner, name])
    for owner, name in owners(store):
        with pytest.raises(NeedsPerson, match="does not open"):
            vault.get(owner, name)


def test_a_data_key_under_another_number_does_not_open(store: Store) -> None:
    vault = made(store)
    vault.put("meta", "token", CANARY)
    store.run("UPDATE data_key SET id = 2")
    store.run("UPDATE secret SET blob = CAST(substr(blob, 1, 4) || x'02' || substr(blob, 6) AS BLOB)")
    with pytest.raises(NeedsPerson, match="data key"):
        vault.get("meta", "token")


def test_another_master_key_is_told_by_name_and_makes_nothing(store: Store) -> None:
    vault = made(store)
    vault.put("meta", "token", CANARY)
    before = list(store.connection.iterdump())
    with pytest.raises(NeedsPerson, match=vault.master.id):
        Vault(store, MasterKey(new_key())).get("meta", "token")
    assert list(store.connection.iterdump()) == before


def test_a_thousand_seals_never_repeat_a_nonce() -> None:
    key, place = DataKey(1, new_key()), Place("secret", "token", "meta")
    assert len({seal(key, "x", place)[5:17] for _ in range(1000)}) == 1000


def test_what_is_forgotten_is_gone_without_a_key(store: Store) -> None:
    vault = made(store)
    vault.put("a", "token", "one")
    vault.put("b", "token", "two")
    forget(store, "a")
    assert owners(store) == (("b", "token"),)


# -- rotation ---------------------------------------------------------------------------------------


def test_rotation_seals_everything_again_and_drops_the_old_key(store: Store) -> None:
    vault = made(store)
    for number in range(1200):
        vault.put(f"o{number}", "token", f"secret {number}")
    old = {row[0] for row in store.rows("SELECT blob FROM secret")}
    assert vault.rotate(NOW) == 1200
    assert not old & {row[0] for row in store.rows("SELECT blob FROM secret")}
    assert store.rows("SELECT id FROM data_key") == [(2,)]
    assert all(vault.get(f"o{number}", "token") == f"secret {number}" for number in range(1200))


@pytest.mark.parametrize("writes", range(2, 9))
def test_a_rotation_killed_at_any_write_is_ended_by_the_next(tmp_path: Path, writes: int) -> None:
    with open_store(tmp_path / "adopt.db") as store:
        vault = made(store)
        for number in range(1100):
            vault.put(f"o{number}", "token", f"secret {number}")
    script = f"""
import os, sqlite3, sys
from datetime import UTC, datetime
from pathlib import Path
from adopt.store.database import open_store
from adopt.store.vault import open_vault
from adopt.store.vault.keepers import KeyFile
folder = Path(sys.argv[1])
store = open_store(folder / "adopt.db")
left = [{writes}]
def count(statement):
    if statement.startswith(("BEGIN", "COMMIT", "DELETE")):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), 9)
store.connection.set_trace_callback(count)
open_vault(store, {{"file": KeyFile(folder)}}).rotate(datetime.now(UTC))
"""
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, timeout=60)
    assert ended.returncode == -9
    with open_store(tmp_path / "adopt.db") as store:
        vault = made(store)
        assert all(vault.get(f"o{number}", "token") == f"secret {number}" for number in range(1100))
        vault.rotate(NOW)
        assert store.value("SELECT count(*) FROM data_key") == 1
        assert all(vault.get(f"o{number}", "token") == f"secret {number}" for number in range(1100))


def test_a_move_wraps_the_keys_alone_and_the_old_master_key_opens_nothing_more(store: Store) -> None:
    ring, vault = Ring(), made(store)
    vault.put("meta", "token", CANARY)
    blob = store.value("SELECT blob FROM secret")
    where = places(store.path.parent, ring)
    moved = vault.move("keyring", where["keyring"], NOW)
    assert store.value("SELECT blob FROM secret") == blob
    assert moved.get("meta", "token") == CANARY
    assert open_vault(store, where).get("meta", "token") == CANARY  # type: ignore[union-attr]
    with pytest.raises(NeedsPerson, match="made with the master key"):
        vault.get("meta", "token")
    known = facts(store)
    assert known
    assert (known.keeper, known.master) == ("keyring", moved.master.id)


def test_a_move_to_a_keeper_that_fails_changes_nothing(store: Store) -> None:
    vault = made(store)
    vault.put("meta", "token", CANARY)
    with pytest.raises(NeedsPerson):
        vault.move("keyring", Keyring(lambda: Ring(KeyringLocked())), NOW)
    opened = open_vault(store, places(store.path.parent))
    assert opened
    assert opened.get("meta", "token") == CANARY


# -- who keeps the master key -----------------------------------------------------------------------


@pytest.mark.parametrize("mood", [NoKeyringError(), InitError()])
def test_where_there_is_no_keyring_a_private_file_keeps_the_key(store: Store, mood: Exception) -> None:
    vault = made(store, Ring(mood))
    path = store.path.parent / f"master-{vault.master.id}.key"
    assert path.stat().st_mode & 0o777 == 0o600
    known = facts(store)
    assert known
    assert known.keeper == "file"


@pytest.mark.parametrize("mood", [KeyringLocked(), "hangs"])
def test_a_keyring_that_is_locked_never_leads_to_another_key(store: Store, mood: Exception | str) -> None:
    with pytest.raises(NeedsPerson, match="keyring"):
        made(store, Ring(mood))
    assert facts(store) is None
    assert list(store.path.parent.glob("*.key")) == []

    ring = Ring()
    made(store, ring).put("meta", "token", CANARY)
    kept, ring.mood = dict(ring.kept), mood
    with pytest.raises(NeedsPerson, match="keyring"):
        made(store, ring)
    assert ring.kept == kept
    assert list(store.path.parent.glob("*.key")) == []


def test_a_key_that_left_the_keyring_is_not_made_again(store: Store) -> None:
    ring = Ring()
    made(store, ring)
    ring.kept.clear()
    with pytest.raises(NeedsPerson, match="no longer has"):
        made(store, ring)
    assert ring.kept == {}


def test_the_keeper_is_recorded_and_not_guessed_again(store: Store) -> None:
    made(store).put("meta", "token", CANARY)
    ring = Ring()
    assert made(store, ring).get("meta", "token") == CANARY
    assert ring.kept == {}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_file_that_others_can_read_is_refused(store: Store, mode: int) -> None:
    path = store.path.parent / f"master-{made(store).master.id}.key"
    path.chmod(mode)
    with pytest.raises(NeedsPerson, match="can be read by others"):
        made(store)


def test_a_lost_key_file_is_told_and_not_replaced(store: Store) -> None:
    path = store.path.parent / f"master-{made(store).master.id}.key"
    path.unlink()
    with pytest.raises(NeedsPerson, match="cannot be read"):
        made(store)
    assert list(store.path.parent.glob("*.key")) == []


@pytest.mark.parametrize(
    "text",
    [b"k" * 32, b"a3" * 32 + b"\n", b"bm9ub25vbm9ub25vbm9ub25vbm9ub25vbm9ub25vbm8=\n"],
    ids=["raw", "hex", "base64"],
)
def test_a_key_that_is_handed_over_opens_its_vault(tmp_path: Path, store: Store, text: bytes) -> None:
    handed = tmp_path / "handed"
    handed.write_bytes(text)
    where = keepers(tmp_path, path=handed)
    vault = make_vault(store, where, first_choice(None, handed), NOW)
    vault.put("meta", "token", CANARY)
    assert open_vault(store, where).get("meta", "token") == CANARY  # type: ignore[union-attr]
    handed.write_bytes(b"z" * 32)
    with pytest.raises(NeedsPerson, match="but the vault was made with"):
        open_vault(store, where)


@pytest.mark.parametrize("text", ["password", "x" * 31, "x" * 33, "ff" * 31, "==", "\N{SNOWMAN}" * 32])
def test_a_weak_or_broken_master_key_is_refused(tmp_path: Path, store: Store, text: str) -> None:
    with pytest.raises(Invalid, match="32 random bytes"):
        make_vault(store, keepers(tmp_path, text=text), first_choice(text, None), NOW)
    assert facts(store) is None


def test_systemd_hands_the_key_over_in_its_folder(tmp_path: Path) -> None:
    environment = {"ADOPT_HOME": str(tmp_path), "CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert load(environment).master_key_file is None
    (tmp_path / "adopt-master-key").write_bytes(b"k" * 32)
    assert load(environment).master_key_file == tmp_path / "adopt-master-key"


def test_two_that_make_the_vault_at_once_make_one(tmp_path: Path) -> None:
    masters: list[str] = []
    failures: list[AdoptError | sqlite3.Error] = []
    begin = threading.Barrier(4)

    def make() -> None:
        try:
            with open_store(tmp_path / "adopt.db") as store:
                begin.wait()
                masters.append(made(store).master.id)
        except (AdoptError, sqlite3.Error) as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(set(masters)) == 1
    assert [path.name for path in tmp_path.glob("*.key")] == [f"master-{masters[0]}.key"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_file_of_another_user_is_refused(store: Store) -> None:
    path = store.path.parent / f"master-{made(store).master.id}.key"
    os.chown(path, 65534, 65534)
    with pytest.raises(NeedsPerson, match="another user"):
        made(store)
