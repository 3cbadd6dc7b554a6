"""A running simulation: the Graph API, its clock, its faults and calls, and the file that remembers it."""

import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from adopt.mock.account import CURRENCIES, Options
from adopt.mock.api import Written
from adopt.mock.call import Answer, Call
from adopt.mock.clock import Beginning, Clock, seconds_of
from adopt.mock.faults import Fault, Faults
from adopt.mock.graph import Graph
from adopt.mock.limits import Limits
from adopt.mock.parameters import PRESETS
from adopt.mock.tokens import SCOPES, Token
from adopt.mock.truth import truth
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
    tokens: tuple[Token, ...] = ()


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token to be made: its permissions, all usual ones if none are named, and how long it lives."""

    scopes: tuple[str, ...] = SCOPES
    expires: str | None = None  # 90m, 60d; never, if not given
    kind: Literal["USER", "SYSTEM_USER"] = "SYSTEM_USER"


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
        limits: Limits | None = None,
    ) -> None:
        check(options, speed)
        self._now, self._state, self._speed, self._progress = now, state, speed, progress
        self._limits, self.served = limits, 0
        self.options = options
        self.faults, self.calls = Faults(), deque[dict[str, str]](maxlen=CALLS_KEPT)
        saved = _load(state) if state and state.exists() else self._fresh()
        self._begin(saved)

    def answer(self, call: Call) -> Answer:
        """Answer a Graph call; a write is on disk before its answer."""
        before = len(self.graph.written), self.graph.tokens.made
        answer = self.graph.answer(call)
        if (len(self.graph.written), self.graph.tokens.made) != before:
            self.save()
        return answer

    def note(self, call: Call, path: str) -> None:
        """Remember that a call came in."""
        self.served += 1
        self.calls.append({"method": call.method, "path": path, "version": call.version})

    def with_headers(self, call: Call, answer: Answer) -> Answer:
        """Give an answer made elsewhere the headers of ours."""
        return replace(answer, headers=self.graph.headers(call, answer) | answer.headers)

    def bend(self, call: Call, fault: Fault, answer: Callable[[Call], Answer]) -> Answer:
        """Answer a call; under `lag` a list tells what was so many seconds ago."""
        if fault.kind != "lag" or call.method != "GET" or len(call.path) < 2:  # noqa: PLR2004 - a node and an edge
            return answer(call)
        with self.graph.as_of(self.clock.now() - fault.seconds):
            return answer(call)

    def mint(self, wanted: Wanted) -> dict[str, Any]:
        """Make a token, and tell about it."""
        life = 0.0 if wanted.expires is None else seconds_of(wanted.expires)
        token = self.graph.tokens.mint(self.clock.now(), scopes=wanted.scopes, life=life, kind=wanted.kind)
        self.save()
        return self._told(token)

    def revoke(self, text: str | None) -> None:
        """Take a token back."""
        self.graph.tokens.revoke(text or "", self.clock.now())
        self.save()

    def tokens(self) -> list[dict[str, Any]]:
        """Tell about every token."""
        return [self._told(token) for token in self.graph.tokens.all()]

    def _told(self, token: Token) -> dict[str, Any]:
        problem = self.graph.tokens.problem(token.text, self.clock.now())
        state = "usable" if problem is None else "revoked" if token.revoked else "expired"
        return {
            "access_token": token.text,
            "kind": token.kind,
            "scopes": list(token.scopes),
            "expires": self._local(token.expires) if token.expires else None,
            "state": "limited" if token.limited else state,
        }

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
        return self._local(self.clock.now())

    def _local(self, moment: float) -> str:
        return self.graph.world.calendar.local(moment).isoformat(timespec="seconds")

    def _fresh(self) -> Saved:
        machine = time.time()
        beginning = Beginning(machine if self._now is None else self._now, machine)
        return Saved(self.options, beginning, left=machine)

    def _begin(self, saved: Saved) -> None:
        self.options = saved.options
        self.clock = Clock(saved.beginning, saved.offset, speed=saved.speed)
        self.clock.run_at(1.0, saved.left or time.time())
        self.clock.run_at(self._speed, time.time())
        self.graph = Graph(
            saved.options, self.clock, saved.written, made=saved.tokens, limits=self._limits, faults=self.faults
        )
        self.graph.world.live(self._progress)
        self.graph.world.report()
        self.save()

    def save(self) -> None:
        """Remember everything, where there is a file for it."""
        if self._state is not None:
            clock, written, made = self.clock, tuple(self.graph.written), self.graph.tokens.made
            saved = Saved(self.options, clock.beginning, clock.offset, clock.speed, time.time(), written, made)
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
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    fresh.replace(path)
