"""A running simulation: the Graph API, its clock, its faults and calls, and the file that remembers it."""

import os
import time
from collections import deque
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from adopt.mock.account import CURRENCIES, Options
from adopt.mock.api import Written
from adopt.mock.call import Answer, Call
from adopt.mock.clock import Beginning, Clock, seconds_of
from adopt.mock.faults import Faults
from adopt.mock.graph import Graph
from adopt.mock.truth import truth
from adopt.mock.usage import Usage

CALLS_KEPT = 100_000
LONGEST = 1100 * 86400  # seconds one advance may let pass: about what insights look back
MOST_AD_SETS, MOST_DAYS = 20_000, 1100


class Saved(msgspec.Struct, frozen=True):
    """Everything a simulation needs to go on where it was."""

    options: Options
    beginning: Beginning
    offset: float = 0.0
    written: tuple[Written, ...] = ()


class Simulator:
    """One simulation; what is written or advanced is saved before it is answered."""

    def __init__(self, options: Options, now: float | None = None, state: Path | None = None) -> None:
        check(options)
        self._now, self._state = now, state
        self.options = options
        self.faults, self.calls = Faults(), deque[dict[str, str]](maxlen=CALLS_KEPT)
        saved = _load(state) if state and state.exists() else self._fresh()
        self._begin(saved)

    def answer(self, call: Call) -> Answer:
        """Answer a Graph call; a write is on disk before its answer."""
        before = len(self.graph.written)
        answer = self.graph.answer(call)
        if len(self.graph.written) > before:
            self._save()
        return answer

    def advance(self, by: str) -> str:
        """Let simulated time pass, and give the new time."""
        seconds = seconds_of(by)
        if seconds > LONGEST:
            raise ValueError(f"{by} is too long: at most {LONGEST // 86400}d at once")
        self.clock.advance(seconds)
        self.graph.world.report()
        self._save()
        return self.time()

    def reset(self) -> str:
        """Begin again as at the first start, and give the time."""
        self.faults.clear()
        self.calls.clear()
        self._begin(self._fresh())
        self._save()
        return self.time()

    def truth(self) -> dict[str, Any]:
        """Give what only the simulator knows."""
        return truth(self.graph.world, self.graph.objects)

    def time(self) -> str:
        """Give the simulated time."""
        return self.graph.world.calendar.local(self.clock.now()).isoformat(timespec="seconds")

    def _fresh(self) -> Saved:
        machine = time.time()
        return Saved(self.options, Beginning(machine if self._now is None else self._now, machine))

    def _begin(self, saved: Saved) -> None:
        self.options = saved.options
        self.clock = Clock(saved.beginning, saved.offset)
        self.graph = Graph(saved.options, self.clock, saved.written)
        self.usage = Usage(self.graph.world.account.id)
        self.graph.world.report()
        self._save()

    def _save(self) -> None:
        if self._state is not None:
            saved = Saved(self.options, self.clock.beginning, self.clock.offset, tuple(self.graph.written))
            write_atomically(self._state, msgspec.json.encode(saved))


def check(options: Options) -> None:
    """Refuse options no world can be drawn from."""
    if options.currency not in CURRENCIES:
        raise ValueError(f"currency {options.currency!r} is not one of {', '.join(sorted(CURRENCIES))}")
    try:
        ZoneInfo(options.timezone)
    except (KeyError, OSError, ValueError):
        raise ValueError(f"time zone {options.timezone!r} is not known; write for example Europe/Berlin") from None
    if not 1 <= options.ad_sets <= MOST_AD_SETS:
        raise ValueError(f"{options.ad_sets} ad sets cannot be simulated: from 1 to {MOST_AD_SETS}")
    if not 0 <= options.days <= MOST_DAYS:
        raise ValueError(f"{options.days} days of history cannot be simulated: from 0 to {MOST_DAYS}")


def _load(path: Path) -> Saved:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Saved)
    except msgspec.DecodeError as error:
        raise ValueError(f"{path} is no simulator state: {error}") from error


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file's content, so that a reader sees the old or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    fresh.replace(path)
