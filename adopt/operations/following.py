"""What happens, as it happens: new entries of the log, and how jobs and the red button come to stand."""

import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from adopt.model import Event, Hold, Job
from adopt.store import activity, hold, queue
from adopt.store.database import Store

GLANCE_S = 0.2  # between two looks whether another connection has written
QUIET_S = 1.0  # after which it is told that nothing happens
_PIECE = 1000  # entries of the log that are read at once
_MOST_JOBS = 500


class Told(NamedTuple):
    """How far somebody has been told: up to which entry of the log, and how hold and open jobs stood then."""

    cursor: int
    held: Hold | None = None
    jobs: Mapping[str, Job] | None = None  # None before anything was told


def start(store: Store, after: int | None) -> Told:
    """Where to begin: behind a cursor, or with what happens from now on."""
    return Told(activity.newest(store) if after is None else after)


def news(store: Store, told: Told) -> tuple[list[Event], Told]:
    """What is new since then, of every account, and how far that is told; all that is open at the first look."""
    found: list[Event] = []
    cursor = told.cursor
    while rows := activity.everyones(store, cursor, limit=_PIECE):
        cursor = rows[-1].id
        found += [Event(cursor=row.id, kind="activity", activity=row) for row in rows]
    held, jobs = hold.hold(store), _jobs(store, told.jobs or {})
    if told.jobs is None or held != told.held:
        found.append(Event(cursor=cursor, kind="hold", hold=held))
    changed = (job for job in jobs.values() if told.jobs is None or told.jobs.get(job.id) != job)
    found += [Event(cursor=cursor, kind="job", job=job) for job in changed]
    return found, Told(cursor, held, {id_: job for id_, job in jobs.items() if not job.has_ended})


def concerns(event: Event, account: str) -> bool:
    """Whether an event is this account's, or every account's."""
    return event.activity is None or event.activity.account in ("", account)


def follow(store: Store, account: str, after: int | None) -> Iterator[Event | None]:
    """The events of an account for ever; None when nothing has happened for a while."""
    told, version, quiet = start(store, after), -1, 0.0
    while True:
        now = version_of(store)
        if now != version:
            version = now
            events, told = news(store, told)
            for event in events:
                if concerns(event, account):
                    quiet = 0.0
                    yield event
        if quiet >= QUIET_S:
            quiet = 0.0
            yield None
        time.sleep(GLANCE_S)
        quiet += GLANCE_S


def version_of(store: Store) -> int:
    """A number that changes whenever another connection has written."""
    return int(store.value("PRAGMA data_version"))


def _jobs(store: Store, before: Mapping[str, Job]) -> dict[str, Job]:
    """The open jobs, and those that were open before."""
    found = {job.id: job for job in queue.listing(store, open_only=True, limit=_MOST_JOBS)}
    gone = [id_ for id_ in before if id_ not in found]
    return {**found, **{job.id: job for job in queue.listed(store, gone)}}
