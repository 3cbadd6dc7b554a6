"""A running simulation: the Graph API, its clock, its faults and calls, and the file that remembers it."""

import os
import time
from collections import deque
from collections.abc import Callable
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
from adopt.mock.parameters import PRESETS
from adopt.mock.truth import truth
from adopt.mock.usage import Usage
from adopt.mock.wishes import Wish

CALLS_KEPT = 100_000
LONGEST = 1100 * 86400  # seconds one advance may let pass: about what insights look back
MOST_AD_SETS, MOST_DAYS = 20_000, 1100


FASTEST = 86400  # a day a second
Progress = Callable[[int, int], None]


def untold(_done: int, _of: int) -> None:
    """Tell nobody how far a history is."""


class Saved(msgspec.Struct, frozen=True):
    """Everything a simulation needs to go on where it was."""

    options: Options
    beginning: Beginning
    offset: float = 0.0
    speed: float = 1.0
    left: float = 0.0  # the machine's time when this was saved; from then on until the next start time is real
    written: tuple[Written, ...] = ()


class Simulator:
    """One simulation; what is written or advanced is saved before it is answered."""

    def __init__(
        self,
        options: Options,
        now: float | None = None,
        state: Path | None = None,
        *,
        speed: float = 1.0,
        progress: Progress = untold,
    ) -> None:
        check(options, speed)
        self._now, self._state, self._speed, self._progress = now, state, speed, progress
        self.options = options
        self.faults, self.calls = Faults(), deque[dict[str, str]](maxlen=CALLS_KEPT)
        saved = _load(state) if state and state.exists() else self._fresh()
        self._begin(saved)

    def answer(self, call: Call) -> Answer:
        """Answer a Graph call; a write is on disk before its answer."""
        before = len(self.graph.written)
        answer = self.graph.answer(call)
        if len(self.graph.written) > before:
            self.save()
        return answer

    def advance(self, by: str) -> str:
        """Let simulated time pass, and give the new time."""
        seconds = seconds_of(by)
        if seconds > LONGEST:
            raise ValueError(f"{by} is too long: at most {LONGEST // 86400}d at once")
        self.clock.advance(seconds)
        self.graph.catch_up()
        self.graph.world.report()
        self.save()
        return self.time()

    def reset(self) -> str:
        """Begin again as at the first start, and give the time."""
        self.faults.clear()
        self.calls.clear()
        self._begin(self._fresh())
        self.save()
        return self.time()

    def truth(self) -> dict[str, Any]:
        """Give what only the simulator knows."""
        self.graph.catch_up()
        return truth(self.graph.world, self.graph.objects) | {"scenarios": self.graph.scenarios()}

    def start_scenario(self, wish: Wish) -> dict[str, Any]:
        """Begin a scenario, now or later."""
        started = self.graph.start_scenario(wish)
        self.save()
        return started

    def stop_scenarios(self, name: str) -> list[dict[str, Any]]:
        """End scenarios by name or number, or all."""
        stopped = self.graph.stop_scenarios(name)
        self.save()
        return stopped

    def time(self) -> str:
        """Give the simulated time."""
        return self.graph.world.calendar.local(self.clock.now()).isoformat(timespec="seconds")

    def _fresh(self) -> Saved:
        machine = time.time()
        beginning = Beginning(machine if self._now is None else self._now, machine)
        return Saved(self.options, beginning, left=machine)

    def _begin(self, saved: Saved) -> None:
        self.options = saved.options
        self.clock = Clock(saved.beginning, saved.offset, speed=saved.speed)
        self.clock.run_at(1.0, saved.left or time.time())
        self.clock.run_at(self._speed, time.time())
        self.graph = Graph(saved.options, self.clock, saved.written)
        self.usage = Usage(self.graph.world.account.id)
        self.graph.world.live(self._progress)
        self.graph.world.report()
        self.save()

    def save(self) -> None:
        """Remember everything, where there is a file for it."""
        if self._state is not None:
            clock, written = self.clock, tuple(self.graph.written)
            saved = Saved(self.options, clock.beginning, clock.offset, clock.speed, time.time(), written)
            write_atomically(self._state, msgspec.json.encode(saved))


def check(options: Options, speed: float = 1.0) -> None:
    """Refuse options no world can be drawn from."""
    if not 0 < speed <= FASTEST:
        raise ValueError(f"time cannot run {speed:g} times as fast: more than 0, at most {FASTEST}")
    if options.preset not in PRESETS:
        raise ValueError(f"preset {options.preset!r} is not one of {', '.join(PRESETS)}")
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
