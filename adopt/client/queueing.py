"""The jobs of the queue, and who carries them out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from adopt.access import Access
from adopt.client.opening import Opens, utc_now
from adopt.model import Job
from adopt.store.database import Store, open_store

if TYPE_CHECKING:
    from adopt.operations.working import Kind, Worker
    from adopt.store.upkeep import Kept


class Queueing(Opens):
    """Jobs seen, retried, cancelled and worked off."""

    def jobs(self, *, open_only: bool = False, limit: int = 50) -> tuple[Job, ...]:
        """The latest jobs, newest first."""
        from adopt.store import queue

        with self._store() as store:
            return queue.listing(store, open_only=open_only, limit=limit)

    def job(self, name: str) -> Job:
        """A job by its id or the beginning of it."""
        from adopt.store import queue

        with self._store() as store:
            return queue.find(store, name)

    def review_of(self, launch: Job) -> Job | None:
        """The job that watches over a launch while Meta reviews its ads."""
        from adopt.operations.reviewing import key_of
        from adopt.store import queue

        with self._store() as store:
            return queue.under(store, key_of(launch.id))

    def jobs_named(self, ids: Sequence[str]) -> tuple[Job, ...]:
        """The jobs with these ids, as they are now, in their order."""
        from adopt.store import queue

        with self._store() as store:
            return queue.named(store, ids)

    def retry_job(self, name: str) -> Job:
        """A failed or cancelled job back in the queue."""
        from adopt.store import queue

        with self._store() as store:
            return queue.retry(store, name, utc_now)

    def cancel_job(self, name: str) -> Job:
        """A job cancelled, at once or before its next step."""
        from adopt.store import queue

        with self._store() as store:
            return queue.cancel(store, name, utc_now)

    @contextmanager
    def working_off(self) -> Iterator[Callable[[], bool]]:
        """Due jobs carried out meanwhile; gives whether that is over. Leaving early lets the running step finish."""
        from threading import Event

        from adopt.operations.applying import require_no_hold
        from adopt.operations.working import beside

        self.gather_messages()
        with beside(self.worker().run_due, Event()) as is_over:
            yield is_over
        with self._store() as store:
            require_no_hold(store)

    def gather_messages(self) -> int:
        """What people are to be told, as jobs; how many."""
        from adopt.channels import Channels

        return Channels(self.access).gather()

    def worker(self) -> "Worker":
        """A worker for every kind of job."""
        from adopt.operations.working import Worker

        return Worker(self._opener(), self.settings.workers_path, self.kinds())

    def enqueue_pass(self, kind: str, account: str, due: datetime) -> bool:
        """A pass of an account in the queue, unless one waits there already; whether it is new."""
        from adopt.operations import passing

        with self._store() as store:
            return passing.enqueue(store, kind, account, self.settings.graph_url, due, utc_now)

    def keep_small(self) -> "Kept":
        """The database kept small: jobs that are long over, and the log beside it."""
        from adopt.operations.telling import KIND
        from adopt.store import upkeep

        with self._store() as store:
            return upkeep.keep(store, utc_now(), (*self._passes(), KIND))

    def poll(self) -> None:
        """Ask Meta for what may have changed, and keep it; nothing is judged or changed."""
        from adopt.operations import watching

        with self._telling("poll"), self._at_work() as (store, graph):
            watching.poll(store, graph, self.settings.require_account(), self.policy().target)

    def digest(self) -> bool:
        """The account's last whole day told in the log, once; whether it was new."""
        from adopt.operations import digesting

        with self._store() as store:
            return digesting.tell(store, self.settings.require_account(), self.policy(), self.clock()[1])

    def _passes(self) -> "dict[str, Kind]":
        """How the passes of the timetable are made: each by a client of its account."""
        from adopt.client import Client
        from adopt.operations import passing

        def of(account: str) -> Client:
            return Client(replace(self.settings, account=account), wait_s=passing.PATIENCE_S)

        return {
            "optimize": passing.kind(self.settings.graph_url, lambda account: of(account).optimize()),
            "poll": passing.kind(self.settings.graph_url, lambda account: of(account).poll()),
            "check": passing.kind(self.settings.graph_url, lambda account: of(account).make_rounds()),
            "digest": passing.kind(self.settings.graph_url, lambda account: of(account).digest(), holds=False),
        }

    def is_anyone_at_work(self) -> bool:
        """Whether a worker lives that begins what is queued."""
        from adopt.operations.working import is_anyone_at_work

        return is_anyone_at_work(self.settings.workers_path)

    def _opener(self) -> Callable[[], Store]:
        return partial(open_store, self.settings.database)

    def kinds(self) -> "dict[str, Kind]":
        """What each kind of job is carried out by."""
        from adopt.channels import Channels
        from adopt.operations import discarding, launching, reviewing, telling
        from adopt.operations.reaching import Reach
        from adopt.operations.working import Kind

        reach = Reach(self.settings, lambda settings: Access(settings).token())
        return {
            "launch": Kind(partial(launching.run, reach)),
            "discard": Kind(partial(discarding.run, reach)),
            "review": Kind(partial(reviewing.run, reach), lingers=True),
            telling.KIND: Channels(self.access).kind(),
            **self._passes(),
        }
