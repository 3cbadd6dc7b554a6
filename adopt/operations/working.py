"""A worker: it claims jobs, carries them through step by step, and takes over from workers that died.

A worker lives as long as it holds the lock of its own file, so one that was
killed is known at once. One that holds it and has not beaten for a lease, by the
looker's own steady clock, is taken for dead as well; no two clocks are compared.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import random
from threading import Event, Thread
from typing import Any, NamedTuple, NoReturn, Self, TypeAlias

from adopt.errors import AdoptError, Temporary, Unknown, Unreachable
from adopt.model import Stage
from adopt.operations.lock import taken
from adopt.store import hold, queue, steps
from adopt.store.database import Store, transaction
from adopt.store.queue import Clock, Lease, Lost, Pulse

LEASE_S = 60.0  # longer than any HTTP time-out
# So long after a first look absence is believed: lists at Meta lag behind writes by seconds, and a call whose
# worker was killed may be at work there until its time-out.
SETTLE_S = LEASE_S + 5.0
_LOOKS = (3 / 13, 10 / 13)  # of that time lie between the looks: 15 s for what lags, then the rest
FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 2.0, 600.0
MOST_FAILURES = 100  # in a row: eight hours of them
GLANCE_S = 0.04  # between two looks whether another connection has written: under 1 % of a core
HORIZON_S = 600.0  # what `run_due` waits for
MENDS_ITSELF = (Temporary, Unreachable, Unknown)

OpenStore: TypeAlias = Callable[[], Store]


class Later(Exception):
    """The job has to wait so many seconds; it holds no worker meanwhile."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Cancelled(Exception):
    """A person wants the job to end."""


class Held(Exception):
    """The red button is pressed."""


class Context:
    """What a job's code sees of its job."""

    def __init__(
        self, store: Store, lease: Lease, heart: "Heart", stop: Event, settle_s: float, clock: Clock, *, holds: bool
    ) -> None:
        self.store, self.lease, self._holds = store, lease, holds
        self._heart, self._stop, self._settle_s, self._clock = heart, stop, settle_s, clock
        self._step = ""
        self._told = 0.0

    @property
    def job(self) -> str:
        """The job's id."""
        return self.lease.id

    def step(
        self, name: str, call: Callable[[], Any], *, find: Callable[[], Any] | None = None, stage: Stage = "creating"
    ) -> Any:
        """The result of a step, called once, ever, if `find` can tell what an unanswered call has made.

        A step without `find` may be called again, so it must do no harm twice. Results are JSON.
        """
        begun = self._begin(name, stage)
        if begun.is_done:
            return begun.result
        if begun.in_doubt:
            made = self._look(find) if find else None
            if made is not None:
                return self._finish(name, made)
            with self._fenced():
                steps.again(self.store, self.lease.n, name, self._clock())
        return self._finish(name, self._call(name, call))

    def sleep(self, name: str, seconds: float) -> None:
        """Go on so many seconds after this was first reached, holding no worker until then."""
        begun = self._begin(name, "processing")
        if begun.is_done:
            return
        rest = seconds - (self._clock() - begun.begun_at).total_seconds() if begun.in_doubt else seconds
        if rest > 0:
            self.later(rest)
        self._finish(name, None)

    def later(self, seconds: float) -> NoReturn:
        """Give the worker back; the job's code begins anew in so many seconds, and what is done stays done."""
        raise Later(seconds)

    def progress(self, fraction: float | None, note: str = "") -> None:
        """How far the open step has come, 0 to 1; kept four times a second at most."""
        if (now := time.monotonic()) - self._told >= 0.25 or fraction == 1:  # noqa: PLR2004 - a quarter of a second
            self._told = now
            with self._fenced():
                steps.progress(self.store, self.lease.n, self._step, fraction, note, self._clock())

    def require_live(self) -> None:
        """Nothing while the job may go on; else Lost, Cancelled or Held."""
        with self._fenced():
            if queue.is_cancelled(self.store, self.lease):
                raise Cancelled(self.job)
            if self._holds and hold.hold(self.store):
                raise Held(self.job)

    def _begin(self, name: str, stage: Stage) -> steps.Begun:
        if self._stop.is_set():
            self.later(0.0)
        self._step = name
        with transaction(self.store):
            self.require_live()
            begun = steps.begin(self.store, self.lease.n, name, stage, self._clock())
            if not begun.is_done:
                queue.note(self.store, self.lease, stage)
        return begun

    def _call(self, name: str, call: Callable[[], Any]) -> Any:
        self._heart.require_steady()
        try:
            return call()
        except Unknown:
            raise  # nobody knows: the intent stays, and is looked up
        except AdoptError as error:
            with self._fenced():
                steps.refuse(self.store, self.lease.n, name, error, self._clock())
            raise

    def _look(self, find: Callable[[], Any]) -> Any:
        """What an unanswered call has made, if anything; its absence is believed after several looks only."""
        made = find()
        for share in _LOOKS:
            if made is not None:
                break
            if self._stop.wait(self._settle_s * share):
                self.later(0.0)
            self.require_live()
            made = find()
        return made

    def _finish(self, name: str, result: Any) -> Any:
        with self._fenced():
            steps.finish(self.store, self.lease.n, name, result, self._clock())
            queue.encourage(self.store, self.lease)
        return result

    @contextmanager
    def _fenced(self) -> Iterator[None]:
        with transaction(self.store):
            queue.require(self.store, self.lease)
            yield
        self._heart.beaten()


class Kind(NamedTuple):
    """How jobs of a kind are carried out: all of it, from the payload, asking the context for each step."""

    run: Callable[[Context, bytes], None]
    lingers: bool = False  # it waits for others, for days: a run in the foreground leaves it
    holds: bool = True  # while the red button is pressed; what writes nothing to Meta goes on


class Heart:
    """Beats for a job while its worker is inside a long call."""

    def __init__(self, open_store: OpenStore, lease: Lease) -> None:
        self._open, self._lease = open_store, lease
        self._ended = Event()
        self._beaten = time.monotonic()
        self._thread = Thread(target=self._beat, name=f"heart of {lease.id}", daemon=True)

    def beaten(self) -> None:
        """The lease was renewed just now."""
        self._beaten = time.monotonic()

    def require_steady(self) -> None:
        """Lost for a process that stood still so long that another may have taken over."""
        if time.monotonic() - self._beaten > LEASE_S / 2:
            raise Lost(self._lease.id)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        store: Store | None = None
        while not self._ended.wait(LEASE_S / 3):
            with suppress(AdoptError):  # a locked or full disk now is none for ever
                store = store or self._open()
                try:
                    queue.beat(store, self._lease)
                except Lost:
                    break
                self.beaten()
        if store:
            store.close()


class Worker:
    """One worker, for one thread."""

    def __init__(
        self,
        open_store: OpenStore,
        folder: Path,
        kinds: Mapping[str, Kind],
        *,
        settle_s: float = SETTLE_S,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._open, self._folder, self._kinds = open_store, folder, kinds
        self._settle_s, self._clock = settle_s, clock
        self._owner = secrets.token_hex(8)
        self._seen: dict[Pulse, float] = {}

    def run(self, stop: Event) -> None:
        """Work until told to stop; the step that runs then is finished first."""
        kinds = tuple(self._kinds)
        with self._at_work() as store:
            while not stop.is_set():
                try:
                    if not self._work(store, kinds, stop):
                        self._wait(store, stop, self._until(store, kinds))
                except Temporary:  # the disk is full, or another program keeps the database locked
                    stop.wait(1.0)

    def run_due(self, stop: Event) -> None:
        """Work off what is due within ten minutes, other workers' jobs waited for, and end."""
        kinds = tuple(name for name, kind in self._kinds.items() if not kind.lingers)
        with self._at_work() as store:
            while not stop.is_set():
                if self._work(store, kinds, stop):
                    continue
                until = self._until(store, self._free(store, kinds))
                if until > HORIZON_S and not queue.running(store):
                    return
                self._wait(store, stop, until)

    def _work(self, store: Store, kinds: Sequence[str], stop: Event) -> bool:
        """Whether there was a job to work on."""
        self._take_over(store)
        lease = queue.claim(store, self._owner, self._free(store, kinds), self._clock)
        if lease is None:
            return False
        holds = self._kinds[lease.kind].holds
        with suppress(Lost), Heart(self._open, lease) as heart:
            self._carry_out(Context(store, lease, heart, stop, self._settle_s, self._clock, holds=holds))
        return True

    def _free(self, store: Store, kinds: Sequence[str]) -> Sequence[str]:
        """The kinds that may be worked on now: all, or those that go on while everything is held."""
        return tuple(name for name in kinds if not self._kinds[name].holds) if hold.hold(store) else kinds

    def _carry_out(self, context: Context) -> None:
        store, lease = context.store, context.lease
        try:
            self._kinds[lease.kind].run(context, lease.payload)
            queue.complete(store, lease, self._clock)
        except Later as wait:
            queue.postpone(store, lease, self._clock() + timedelta(seconds=wait.seconds), None, self._clock)
        except Held:
            queue.postpone(store, lease, self._clock(), None, self._clock)
        except Cancelled:
            queue.give_up(store, lease, self._clock)
        except Lost:
            raise
        except AdoptError as error:
            self._after(store, lease, error)
        except Exception as error:  # noqa: BLE001 - a defect of one job must not stop the others
            queue.fail(store, lease, AdoptError(f"adopt itself failed: {type(error).__name__}: {error}"), self._clock)

    def _after(self, store: Store, lease: Lease, error: AdoptError) -> None:
        if not isinstance(error, MENDS_ITSELF) or lease.failures + 1 >= MOST_FAILURES:
            queue.fail(store, lease, error, self._clock)
        else:
            due = self._clock() + timedelta(seconds=backoff(error, lease.failures))
            queue.postpone(store, lease, due, error, self._clock)

    def _take_over(self, store: Store) -> None:
        """The jobs of dead workers back into the queue, and one that a full disk took out of this one's hands."""
        now = time.monotonic()
        self._seen = {pulse: self._seen.get(pulse, now) for pulse in queue.running(store)}
        for pulse, since in self._seen.items():
            if pulse.owner == self._owner or now - since > LEASE_S or not is_alive(self._folder, pulse.owner):
                queue.take_back(store, pulse, self._clock)

    def _until(self, store: Store, kinds: Sequence[str]) -> float:
        """Seconds until the next job is due."""
        due = queue.next_due(store, kinds)
        return float("inf") if due is None else (due - self._clock()).total_seconds()

    def _wait(self, store: Store, stop: Event, seconds: float) -> None:
        """Until another connection writes, a job is due, a second is over, or the end comes."""
        version = _version(store)
        end = time.monotonic() + (min(seconds, 1.0) if seconds > 0 else 0.25)  # due, but its lane is not free
        while time.monotonic() < end and not stop.wait(GLANCE_S):
            if _version(store) != version:
                return

    @contextmanager
    def _at_work(self) -> Iterator[Store]:
        with _alive(self._folder, self._owner), self._open() as store:
            yield store


@contextmanager
def beside(work: Callable[[Event], None], stop: Event) -> Iterator[Callable[[], bool]]:
    """Work in a thread beside this one; gives whether it is over. What it raised is raised here at the end."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work(stop)
        except BaseException as error:  # noqa: BLE001 - handed to the other thread
            raised.append(error)

    thread = Thread(target=run, name="worker")
    thread.start()
    try:
        yield lambda: not thread.is_alive()
    except BaseException:
        stop.set()
        raise
    finally:
        thread.join()
    if raised:
        raise raised[0]


def backoff(error: AdoptError, failures: int) -> float:
    """Seconds until the next try: what the server says and up to one more, else full jitter over powers of two."""
    if error.retry_after_s is not None:
        return error.retry_after_s + random()  # noqa: S311 - spreads workers, guards nothing
    return random() * min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * float(2**failures))  # noqa: S311 - likewise


def is_alive(folder: Path, owner: str, *, tidy: bool = True) -> bool:
    """Whether a worker still holds the lock of its file; that of a dead one is removed, where one may tidy."""
    try:
        descriptor = os.open(folder / f"{owner}.lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        if not taken(descriptor):
            return True
        if tidy:
            (folder / f"{owner}.lock").unlink(missing_ok=True)  # nobody takes this name again
        return False
    finally:
        os.close(descriptor)


def is_anyone_at_work(folder: Path) -> bool:
    """Whether some worker lives, so that what is queued begins by itself."""
    return any(is_alive(folder, path.stem) for path in folder.glob("*.lock"))


@contextmanager
def _alive(folder: Path, owner: str) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{owner}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _version(store: Store) -> int:
    return int(store.value("PRAGMA data_version"))
