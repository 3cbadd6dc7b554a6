"""Where the master key is kept: a file the system hands over, the environment, the keyring, or a private file.

Which one is decided once, when the vault is made, and never guessed again.
"""

import base64
import binascii
import os
import re
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar, get_args

from adopt.errors import Invalid, NeedsPerson
from adopt.store.vault.envelope import KEY_BYTES, MasterKey, new_key

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")
KeeperName = Literal["environment", "credential", "keyring", "file"]
KEEPERS: tuple[KeeperName, ...] = get_args(KeeperName)
_MAKE_ONE = "openssl rand -base64 32"
_SERVICE = "adopt"
_PATIENCE_S = 3.0  # a locked keyring with a display may ask a person, and wait for ever


class Absent(NeedsPerson):
    """This keeper cannot be had on this machine at all; another may be chosen when a vault is made."""


class Keeper(Protocol):
    """A place for one vault's master key; every failure is NeedsPerson."""

    def load(self, key_id: str) -> MasterKey:
        """The master key of this id; never makes one."""
        ...

    def create(self) -> MasterKey:
        """A master key kept from now on: a new one, or the one that was handed over."""
        ...

    def drop(self, key_id: str) -> None:
        """The key forgotten, where that is ours to do."""
        ...


class Given:
    """A key that is handed over from outside: by a file or a variable."""

    def __init__(self, what: str, read: Callable[[], bytes | None]) -> None:
        self._what, self._read = what, read

    def load(self, key_id: str) -> MasterKey:
        """The key that was handed over; NeedsPerson if there is none or it is another one."""
        key = self.create()
        if key.id != key_id:
            raise NeedsPerson(
                f"the master key in {self._what} is {key.id}, but the vault was made with {key_id}",
                try_next=f"put the key {key_id} back into {self._what}",
            )
        return key

    def create(self) -> MasterKey:
        """The key that was handed over; there is nothing to make."""
        text = self._read()
        if text is None:
            raise Absent(f"the master key is not there: {self._what} is not set", try_next=f"set {self._what}")
        return _parsed(text, self._what)

    def drop(self, key_id: str) -> None:
        """Nothing: who handed it over keeps it."""


class KeyFile:
    """A file beside the database that nobody else can read: it protects copies of the database, not this account."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, key_id: str) -> MasterKey:
        """The key in its file; NeedsPerson if the file is gone, another's, or open to others."""
        path = self._path(key_id)
        try:
            with path.open("rb") as file:
                _require_private(path, os.fstat(file.fileno()))
                key = _parsed(file.read(1024), str(path))
        except OSError as error:
            raise NeedsPerson(
                f"the master key {path} cannot be read: {error.strerror}",
                try_next="put it back from a backup, or sign in again: adopt auth reset",
            ) from error
        if key.id != key_id:
            raise NeedsPerson(f"{path} holds another master key, {key.id}", try_next="put the right one back")
        return key

    def create(self) -> MasterKey:
        """A new key in a file of its own; no file is ever overwritten."""
        key = MasterKey(new_key())
        path = self._path(key.id)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(base64.b64encode(key.reveal()) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        _sync(self._folder)
        return key

    def drop(self, key_id: str) -> None:
        """The file removed."""
        self._path(key_id).unlink(missing_ok=True)

    def _path(self, key_id: str) -> Path:
        return self._folder / f"master-{key_id}.key"


class Keyring:
    """The system's keyring; every call has a time limit, since a locked one may ask a person who is not there."""

    def __init__(self, backend: "Callable[[], KeyringBackend] | None" = None, patience_s: float = _PATIENCE_S) -> None:
        self._backend, self._patience_s = backend or _system_keyring, patience_s

    def load(self, key_id: str) -> MasterKey:
        """The key as the keyring has it; NeedsPerson while it is locked or where it is gone. Never makes one."""
        text = self._ask(lambda ring: ring.get_password(_SERVICE, f"master-{key_id}"))
        if text is None:
            raise NeedsPerson(
                f"the keyring no longer has the master key {key_id}",
                try_next="restore the keyring, or sign in again: adopt auth reset",
            )
        return _parsed(text.encode(), "the keyring")

    def create(self) -> MasterKey:
        """A new key, kept and read back; Absent where there is no keyring, NeedsPerson where it is locked."""
        key = MasterKey(new_key())
        text = base64.b64encode(key.reveal()).decode()
        self._ask(lambda ring: ring.set_password(_SERVICE, f"master-{key.id}", text))
        if self.load(key.id).id != key.id:
            raise Absent("the keyring does not keep what it is given", try_next="adopt auth login --keep-key-in file")
        return key

    def drop(self, key_id: str) -> None:
        """The key removed from the keyring, if it is there."""
        from keyring.errors import PasswordDeleteError

        def remove(ring: "KeyringBackend") -> None:
            with suppress(PasswordDeleteError):
                ring.delete_password(_SERVICE, f"master-{key_id}")

        self._ask(remove)

    def _ask(self, what: "Callable[[KeyringBackend], T]") -> T:
        from keyring.errors import InitError, KeyringError, KeyringLocked, NoKeyringError

        try:
            return _within(self._patience_s, lambda: what(self._backend()))
        except (NoKeyringError, InitError) as error:
            raise Absent("there is no keyring on this machine", try_next="start the keyring of your session") from error
        except KeyringLocked as error:
            raise NeedsPerson("the keyring is locked", try_next="unlock it and try again") from error
        except TimeoutError as error:
            raise NeedsPerson(
                f"the keyring did not answer within {self._patience_s:g} s: it may wait for a password on a screen",
                try_next="unlock it and try again",
            ) from error
        except KeyringError as error:
            raise NeedsPerson(f"the keyring failed: {error}", try_next="unlock it and try again") from error


def keepers(folder: Path, *, text: str | None = None, path: Path | None = None) -> dict[KeeperName, Keeper]:
    """Every place that may keep the master key of the database in this folder; text and path are handed over."""
    return {
        "environment": Given("ADOPT_MASTER_KEY", lambda: text.encode() if text else None),
        "credential": Given("ADOPT_MASTER_KEY_FILE", lambda: _handed(path)),
        "keyring": Keyring(),
        "file": KeyFile(folder),
    }


def first_choice(text: str | None, path: Path | None) -> tuple[KeeperName, ...]:
    """The keepers that a new vault tries in turn: what was handed over is meant, else the keyring, else a file."""
    if text:
        return ("environment",)
    return ("credential",) if path else ("keyring", "file")


def _handed(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            return file.read(1024)
    except OSError as error:
        raise NeedsPerson(
            f"the master key {path} cannot be read: {error.strerror}", try_next=f"ls -l {path}"
        ) from error


def _parsed(text: bytes, where: str) -> MasterKey:
    """The key in a text: 32 bytes as they are, in base64 or in hex; Invalid for anything else, which would be weak."""
    if len(text) == KEY_BYTES:
        return MasterKey(text)
    words = text.strip()
    with suppress(binascii.Error, ValueError):
        is_hex = re.fullmatch(rb"[0-9a-fA-F]{64}", words)
        key = bytes.fromhex(words.decode()) if is_hex else base64.b64decode(words, altchars=b"-_", validate=True)
        if len(key) == KEY_BYTES:
            return MasterKey(key)
    raise Invalid(f"{where} holds no master key: 32 random bytes, in base64 or hex, are allowed", try_next=_MAKE_ONE)


def _sync(folder: Path) -> None:
    """The folder's entries on the disk, so that a file made in it outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _require_private(path: Path, seen: os.stat_result) -> None:
    if seen.st_uid != os.geteuid():
        raise NeedsPerson(f"the master key {path} belongs to another user", try_next=f"chown $(id -u) {path}")
    if stat.S_IMODE(seen.st_mode) & 0o077:
        raise NeedsPerson(f"the master key {path} can be read by others", try_next=f"chmod 600 {path}")


def _system_keyring() -> "KeyringBackend":
    import keyring

    return keyring.get_keyring()


def _within(seconds: float, call: Callable[[], T]) -> T:
    """What a call gives within so many seconds; TimeoutError leaves it waiting in a thread that holds nobody up."""
    answer: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            answer.append(call())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            failed.append(error)

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not answer:
        raise TimeoutError
    return answer[0]
