"""One SQLite file: opened and brought up to date, written in transactions, its errors told by what to do."""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from adopt.errors import AdoptError, Invalid, NeedsPerson, Temporary
from adopt.store import migrations

T = TypeVar("T")
Values: TypeAlias = Sequence[Any] | dict[str, Any]
Row: TypeAlias = tuple[Any, ...]

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_CLOSED = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class Store(Struct, frozen=True):
    """An open database: one connection, for one thread; it closes at the end of its `with`."""

    path: Path
    connection: sqlite3.Connection

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """All rows that a query gives."""
        with telling(self.path):
            return self.connection.execute(sql, values).fetchall()

    def pieces(self, sql: str, values: Values = (), *, size: int = 10_000) -> Iterator[list[Row]]:
        """The rows that a query gives, so many at a time."""
        with telling(self.path):
            cursor = self.connection.execute(sql, values)
            while rows := cursor.fetchmany(size):
                yield rows

    def row(self, sql: str, values: Values = ()) -> Row | None:
        """The first row that a query gives, if there is one."""
        return next(iter(self.rows(sql, values)), None)

    def value(self, sql: str, values: Values = ()) -> Any:
        """The first field of the first row, None without a row."""
        return (self.row(sql, values) or (None,))[0]

    def run(self, sql: str, values: Values = ()) -> int:
        """A statement carried out; how many rows it touched."""
        with telling(self.path):
            return self.connection.execute(sql, values).rowcount

    def run_many(self, sql: str, rows: Iterable[Values]) -> None:
        """A statement carried out once for each row of values."""
        with telling(self.path):
            self.connection.executemany(sql, rows)

    def close(self) -> None:
        """The connection closed; harmless when it is already."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(path: Path, *, wait_s: float = 10.0) -> Store:
    """The store in a file, made or brought up to date if need be; `wait_s` is the patience with other writers."""
    with telling(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(path.parent):
            _make(path)
            connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None, cached_statements=256)
            try:
                _prepare(connection, path)
            except BaseException:
                connection.close()
                raise
    return Store(path, connection)


@contextmanager
def transaction(store: Store) -> Iterator[Store]:
    """All or nothing, alone among the writers; one inside another joins it. Read the clock inside, not before."""
    if store.connection.in_transaction:
        yield store
        return
    store.run("BEGIN IMMEDIATE")
    try:
        yield store
        store.run("COMMIT")
    except BaseException:
        _roll_back(store)
        raise


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """What SQLite and the disk raise, turned into what a person can act on."""
    try:
        yield
    except sqlite3.Error as error:
        told = _told(error, path)
        if told is None:
            raise
        raise told from error
    except OSError as error:
        raise (_full if error.errno in _NO_ROOM else _closed)(path, error) from error


def stamp(at: datetime) -> str:
    """A moment as it is kept: RFC 3339 in UTC, microseconds, so that text sorts as time does."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """The aware moment that a kept text names."""
    return datetime.fromisoformat(text)


def decode(body: str | bytes, kind: type[T]) -> T:
    """The struct that was kept as JSON; Invalid when another version of adopt kept it in another shape."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Invalid(
            f"this was kept by another version of adopt and cannot be read: {error}",
            try_next="adopt plan polls the account anew and makes a new plan",
        ) from error


def _roll_back(store: Store) -> None:
    if store.connection.in_transaction:  # a full disk may have ended it already
        with suppress(sqlite3.Error):
            store.connection.execute("ROLLBACK")


def _told(error: sqlite3.Error, path: Path) -> AdoptError | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _BUSY:
        return Temporary(
            f"{path} is locked: another program keeps writing to it", try_next="try again", retry_after_s=5
        )
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return _full(path, error)
    if code in _DAMAGED:
        aside = path.parent / "damaged"
        return Invalid(
            f"{path} is damaged: {error}; nothing was overwritten",
            try_next=f"move it aside with the files beside it and run again: mkdir {aside} && mv {path}* {aside}",
        )
    return _closed(path, error) if code in _CLOSED else None


def _full(path: Path, error: Exception) -> Temporary:
    return Temporary(
        f"{path} could not be written, the disk is full or failing: {error}; nothing was lost",
        try_next=f"make room on the disk of {path.parent} and try again",
    )


def _closed(path: Path, error: Exception) -> NeedsPerson:
    return NeedsPerson(f"{path} cannot be opened for writing: {error}", try_next=f"ls -l {path.parent}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One opener at a time: SQLite's own busy wait does not cover the switch to WAL."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _make(path: Path) -> None:
    """An empty file for its owner only; SQLite gives the same mode to the files beside it."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    migrations.check(connection, path)
    with closing(connection.execute("PRAGMA journal_mode")) as cursor:
        if cursor.fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL").close()
    for setting in ("synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {setting}").close()
    migrations.migrate(connection)
