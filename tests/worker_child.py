"""A worker in a process of its own, over an outside world of files: `python worker_child.py HOME SKEW_S`.

Every object of that world is a file; making one takes a moment before and after it exists, and lists show it only a
little later, as Meta's do. The world remembers each look-up.
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import token_hex
from threading import Event

from adopt.operations.working import Context, Kind, Worker
from adopt.store.database import Store, open_store

STEPS = 6
TAKES_S = 0.004
LAG_S = 0.05
SETTLE_S = 0.1


class Outside:
    """What exists out there."""

    def __init__(self, folder: Path) -> None:
        self.made, self.looked = folder / "made", folder / "looked"
        self.made.mkdir(parents=True, exist_ok=True)
        self.looked.mkdir(parents=True, exist_ok=True)

    def create(self, name: str) -> str:
        time.sleep(TAKES_S)
        id_ = f"{name}.{token_hex(4)}"
        (self.made / id_).touch()
        time.sleep(TAKES_S)
        return id_

    def find(self, name: str) -> str | None:
        (self.looked / f"{name}.{token_hex(4)}").touch()
        old = time.time() - LAG_S
        found = [path.name for path in self.made.glob(f"{name}.*") if path.stat().st_mtime <= old]
        return found[0] if found else None


def build(outside: Outside, context: Context, payload: bytes) -> None:
    for number in range(STEPS):
        name = f"{payload.decode()}.{number}"
        context.step(f"make {number}", partial(outside.create, name), find=partial(outside.find, name))


def opener(home: Path) -> Store:
    return open_store(home / "adopt.db")


def worker(home: Path, skew_s: float = 0.0) -> Worker:
    kinds = {"build": Kind(partial(build, Outside(home / "outside")))}
    skew = timedelta(seconds=skew_s)
    return Worker(
        partial(opener, home), home / "workers", kinds, settle_s=SETTLE_S, clock=lambda: datetime.now(UTC) + skew
    )


if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    worker(Path(sys.argv[1]), float(sys.argv[2])).run(Event())
