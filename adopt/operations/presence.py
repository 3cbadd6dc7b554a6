"""Whether the daemon is there: it holds one lock for life, in a file that says who it is."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from adopt.errors import Unreachable
from adopt.model import Presence
from adopt.operations.lock import taken


def daemon(path: Path) -> Presence | None:
    """The daemon that holds the lock of this file; None where none does."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        if taken(descriptor):
            return None
        with suppress(msgspec.DecodeError):  # it has just begun, and not yet written who it is
            return msgspec.json.decode(os.pread(descriptor, 4096, 0), type=Presence)
        return None
    finally:
        os.close(descriptor)


def last(path: Path) -> Presence | None:
    """The daemon that wrote this file last, whether or not it runs; None where none did."""
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(path.read_bytes(), type=Presence)
    return None


@contextmanager
def while_stopped(path: Path) -> Iterator[bool]:
    """Whether no daemon runs; none can start meanwhile."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield taken(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def be_the_daemon(path: Path, version: str, now: datetime) -> Iterator[Callable[[Presence], None]]:
    """Hold the lock, and give what tells the others more of it; Unreachable names the daemon that holds it already."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not taken(descriptor):
            other = daemon(path)
            raise Unreachable(
                f"a daemon runs already{f' (process {other.pid})' if other else ''}", try_next="adopt daemon status"
            )
        _write(descriptor, Presence(pid=os.getpid(), version=version, since=now))
        yield partial(_write, descriptor)
    finally:
        os.close(descriptor)


def _write(descriptor: int, there: Presence) -> None:
    """Who it is, in one write: longer than what was there before, or padded to it."""
    text = msgspec.json.encode(there)
    os.pwrite(descriptor, text.ljust(os.fstat(descriptor).st_size), 0)
