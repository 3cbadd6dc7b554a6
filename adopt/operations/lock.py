"""Locks that die with their holders: one run at a time on an ad account."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from adopt.errors import Temporary

_EVERY_S = 0.1


@contextmanager
def account_lock(path: Path, wait_s: float = 0.0, sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Hold the account's lock; Temporary names the holder when it is still taken after `wait_s`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not taken(descriptor):
            if wait_s <= 0:
                holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
                raise Temporary(
                    f"another run is at work on {path.stem} (process {holder or 'unknown'})",
                    try_next="wait for it, or give --wait 60s",
                )
            sleep(min(_EVERY_S, wait_s))
            wait_s -= _EVERY_S
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def taken(descriptor: int) -> bool:
    """Whether the lock of an open file was free and is this process's now; it waits for nobody."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
