"""Launches: checked, queued, taken back."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from adopt.client.opening import utc_now
from adopt.client.queueing import Queueing
from adopt.errors import NeedsPerson, Temporary, Unreachable
from adopt.model import Job, JobStep

if TYPE_CHECKING:
    from adopt.launch.checking import Report
    from adopt.launch.known import Known
    from adopt.launch.tree import Launch
    from adopt.operations.launching import Room


class Launches(Queueing):
    """What is to be made, and what was."""

    def check_launch(self, path: Path) -> "tuple[Report, str]":
        """What is wrong with a spec and what it would make; and why the account could not be asked, if it could not."""
        from adopt.launch.checking import examine
        from adopt.launch.least import bids
        from adopt.launch.reading import read

        spec, problems = read(path)
        known, now, why = self._survey(spec.account.said.id, bids(spec))
        return examine(spec, problems, now, known), why

    def _survey(self, account: str | None, bids: Sequence[Decimal]) -> "tuple[Known | None, datetime, str]":
        """What is known of the account now, and why it is not known if it is not."""
        account = self.settings.account or account
        if account is None or not self.access.is_signed_in():
            return None, utc_now(), "no ad account is set" if account is None else "there is no token"
        from adopt.operations.surveying import survey

        try:
            with self._graph() as graph:
                return survey(graph, account, bids), graph.moment, ""
        except (Unreachable, Temporary, NeedsPerson) as error:
            return None, utc_now(), error.message

    def launch(self, launch: "Launch", *, again: str = "", due: datetime | None = None) -> tuple[Job, bool]:
        """A launch in the queue, and whether it is new there."""
        from adopt.operations import launching

        with self._store() as store:
            return launching.enqueue(store, self.settings, launch, utc_now, again=again, due=due)

    def zone_of(self, account_id: str) -> str:
        """The time zone of an ad account: as the last poll saw it, else as Meta tells it."""
        from adopt.graph import objects
        from adopt.store import polls

        with self._store() as store:
            if polls.newest(store, account_id):
                return polls.objects(store, account_id)[0].timezone
        with self._graph() as graph:
            return objects.account(graph, account_id).timezone

    def room_for(self, launch: "Launch") -> "Room":
        """What a launch could spend a day, beside what runs, of what the policy allows."""
        from adopt.operations import launching

        with self._store() as store:
            return launching.room_known(store, self.settings, launch)

    def ended_launch(self, name: str) -> tuple[Job, tuple[JobStep, ...]]:
        """A launch that has ended, and the steps of it that made something."""
        from adopt.operations import discarding

        with self._store() as store:
            job = discarding.require_ended(store, name)
            return job, discarding.made_by(job)

    def discard(self, name: str) -> Job:
        """What a launch has made, deleted; the job that did it."""
        from threading import Event

        from adopt.operations import discarding
        from adopt.operations.applying import require_no_hold
        from adopt.operations.working import Worker
        from adopt.store import queue

        with self._store() as store:
            require_no_hold(store)
            _, job = discarding.enqueue(store, name, utc_now)
            if job.state in ("failed", "cancelled"):
                queue.retry(store, job.id, utc_now)
            kinds = {"discard": self.kinds()["discard"]}
            Worker(self._opener(), self.settings.workers_path, kinds).run_due(Event())
            return self.job(job.id)
