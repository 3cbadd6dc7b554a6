"""The queue of jobs: kept before it is promised, claimed by one worker, each key used once, ever.

A job runs under a lease: its owner, and a fence that grows with each claim. Every
write of the owner names both, so that one who lost the job can spoil nothing. Whether
an owner lives is told by its lock and its heartbeat (`adopt.operations.working`);
no decision compares the clocks of two processes.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from adopt.errors import AdoptError, Invalid
from adopt.model import Job, JobState, JobStep, Stage
from adopt.store import steps
from adopt.store.database import Row, Store, Values, moment, stamp, transaction

Clock: TypeAlias = Callable[[], datetime]


class Order(Struct, frozen=True, kw_only=True):
    """A job to be kept: what kind, on whose lane, with what; `key` says which submissions are the same one."""

    key: str
    kind: str
    lane: str
    name: str
    payload: bytes
    due: datetime | None = None  # at once if not said
    priority: int = 0  # the highest goes first


class Lease(NamedTuple):
    """A claimed job in its owner's hands."""

    n: int
    id: str
    kind: str
    lane: str
    payload: bytes
    failures: int  # in a row, without a step done between them
    owner: str
    fence: int


class Pulse(NamedTuple):
    """The heartbeat of a running job, as one look saw it."""

    n: int
    owner: str
    fence: int
    beat: int


class Lost(Exception):
    """The lease went to another worker, which has gone on from the last step that was kept."""


def enqueue(store: Store, order: Order, clock: Clock) -> tuple[Job, bool]:
    """The job under the order's key, and whether it is new: it is on disk when this returns."""
    with transaction(store):
        now = stamp(clock())
        due = stamp(order.due) if order.due else now
        values = [secrets.token_hex(4), order.key, order.kind, order.lane, order.name, order.payload]
        new = store.run(_ENQUEUE, [*values, order.priority, due, now, now])
        return _jobs(store, "key = ?", [order.key])[0], new == 1


def claim(store: Store, owner: str, kinds: Sequence[str], clock: Clock) -> Lease | None:
    """The first due job whose lane is free, now the owner's; None if there is none."""
    with transaction(store):
        now = stamp(clock())
        places = ", ".join("?" for _ in kinds)
        found = store.row(_CLAIM.format(kinds=places), [owner, now, now, *kinds])
        return None if found is None else Lease(*found)


def require(store: Store, lease: Lease) -> None:
    """Nothing while the lease holds, and a sign of life; Lost otherwise. In a transaction it fences what follows."""
    _fenced(store, lease, "beat = beat + 1", [])


def beat(store: Store, lease: Lease) -> bool:
    """A sign of life; whether the job was cancelled meanwhile. Raises Lost."""
    require(store, lease)
    return is_cancelled(store, lease)


def is_cancelled(store: Store, lease: Lease) -> bool:
    """Whether a person wants this job to end at its next step."""
    return bool(store.value("SELECT cancel FROM job WHERE n = ?", [lease.n]))


def note(store: Store, lease: Lease, stage: Stage) -> None:
    """What the job is doing now."""
    _fenced(store, lease, "stage = ?", [stage])


def encourage(store: Store, lease: Lease) -> None:
    """A step was done: failures are counted anew."""
    _fenced(store, lease, "failures = 0, error = NULL", [])


def complete(store: Store, lease: Lease, clock: Clock) -> None:
    """The job done."""
    _end(store, lease, "completed", None, clock)


def fail(store: Store, lease: Lease, error: AdoptError, clock: Clock) -> None:
    """The job stopped by an error that waiting does not mend."""
    _end(store, lease, "failed", error, clock)


def give_up(store: Store, lease: Lease, clock: Clock) -> None:
    """The job ended by a person's wish."""
    _end(store, lease, "cancelled", None, clock)


def postpone(store: Store, lease: Lease, due: datetime, error: AdoptError | None, clock: Clock) -> None:
    """The job back in the queue until a moment: asleep, or after an error that may pass."""
    more = "failures = failures + 1, error = ?" if error else "error = ?"
    with transaction(store):
        _fenced(
            store,
            lease,
            f"state = CASE WHEN cancel THEN 'cancelled' ELSE 'queued' END, owner = NULL, due = ?, at = ?, {more}",
            [stamp(due), stamp(clock()), steps.packed(error)],
        )


def is_open(store: Store, kind: str, lane: str) -> bool:
    """Whether a job of this kind waits or runs on a lane."""
    found = store.value(
        "SELECT count(*) FROM job WHERE kind = ? AND lane = ? AND state IN ('queued', 'running')", [kind, lane]
    )
    return bool(found)


def sweep(store: Store, kind: str, before: datetime, *, states: Sequence[JobState] = ("completed",)) -> int:
    """The jobs of a kind that ended so before a moment, gone; for kinds whose keys name what is over. How many."""
    over = f"SELECT n FROM job WHERE kind = ? AND at < ? AND state IN ({', '.join('?' for _ in states)})"
    values = [kind, stamp(before), *states]
    store.run(f"DELETE FROM step WHERE job IN ({over})", values)
    return store.run(f"DELETE FROM job WHERE n IN ({over})", values)


def running(store: Store) -> tuple[Pulse, ...]:
    """The heartbeat of every running job."""
    return tuple(Pulse(*row) for row in store.rows("SELECT n, owner, fence, beat FROM job WHERE state = 'running'"))


def take_back(store: Store, pulse: Pulse, clock: Clock) -> bool:
    """A dead owner's job back in the queue, due at once: a crash is no failure of the job."""
    with transaction(store):
        values = [stamp(clock()), pulse.n, pulse.owner, pulse.fence, pulse.beat]
        return store.run(_TAKE_BACK, values) == 1


def cancel(store: Store, id_: str, clock: Clock) -> Job:
    """The job cancelled if it waits, told to stop at its next step if it runs; Invalid if it has ended."""
    with transaction(store):
        job = find(store, id_)
        if job.state not in ("queued", "running"):
            raise Invalid(f"job {job.id} has ended: {job.state}", try_next=f"adopt job get {job.id}")
        store.run(
            "UPDATE job SET cancel = 1, at = ?, state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END "
            "WHERE id = ? AND state IN ('queued', 'running')",
            [stamp(clock()), job.id],
        )
        return find(store, job.id)


def retry(store: Store, id_: str, clock: Clock) -> Job:
    """A failed or cancelled job back in the queue, to go on from its last kept step; Invalid for any other."""
    with transaction(store):
        job = find(store, id_)
        if job.state not in ("failed", "cancelled"):
            raise Invalid(f"job {job.id} is {job.state}: only what failed or was cancelled is tried again")
        store.run(
            "UPDATE job SET state = 'queued', cancel = 0, failures = 0, error = NULL, due = :now, at = :now "
            "WHERE id = :id AND state IN ('failed', 'cancelled')",
            {"now": stamp(clock()), "id": job.id},
        )
        return find(store, job.id)


def find(store: Store, prefix: str) -> Job:
    """The job with an id, or the only one whose id begins so; Invalid otherwise."""
    found = _jobs(store, "substr(id, 1, ?) = ? ORDER BY n DESC LIMIT 6", [len(prefix), prefix]) if prefix else ()
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(job.id for job in found)
        raise Invalid(f"{prefix!r} fits several jobs: {several}", try_next="give more of the id")
    raise Invalid(f"there is no job {prefix}", try_next="adopt job list")


def under(store: Store, key: str) -> Job | None:
    """The job that was enqueued under a key."""
    return next(iter(_jobs(store, "key = ?", [key])), None)


def payload(store: Store, job: Job) -> bytes:
    """What a job was enqueued with."""
    return bytes(store.value("SELECT payload FROM job WHERE id = ?", [job.id]))


def named(store: Store, ids: Sequence[str]) -> tuple[Job, ...]:
    """The jobs with these ids, in their order."""
    known = {job.id: job for job in listed(store, ids)}
    return tuple(known[id_] for id_ in ids)


def listed(store: Store, ids: Sequence[str]) -> tuple[Job, ...]:
    """Those of these jobs that are still kept."""
    return _jobs(store, f"id IN ({', '.join('?' for _ in ids)})", ids) if ids else ()


def listing(store: Store, *, lane: str | None = None, open_only: bool = False, limit: int = 50) -> tuple[Job, ...]:
    """The latest jobs, newest first."""
    wanted = "(? IS NULL OR lane = ?)" + (" AND state IN ('queued', 'running')" if open_only else "")
    return _jobs(store, f"{wanted} ORDER BY n DESC LIMIT ?", [lane, lane, limit])


def next_due(store: Store, kinds: Sequence[str]) -> datetime | None:
    """When the next waiting job of these kinds is due; None if none waits."""
    places = ", ".join("?" for _ in kinds)
    found = store.value(f"SELECT min(due) FROM job WHERE state = 'queued' AND kind IN ({places})", kinds)
    return moment(found) if found else None


_ENQUEUE = """
INSERT INTO job (id, key, kind, lane, name, payload, priority, due, created_at, at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING
"""
_CLAIM = """
UPDATE job SET state = 'running', owner = ?, fence = fence + 1, beat = 0, at = ? WHERE n = (
  SELECT n FROM job AS waiting WHERE state = 'queued' AND due <= ? AND kind IN ({kinds})
  AND NOT EXISTS (SELECT 1 FROM job AS other WHERE other.state = 'running' AND other.lane = waiting.lane)
  ORDER BY priority DESC, n LIMIT 1
) RETURNING n, id, kind, lane, payload, failures, owner, fence
"""
_TAKE_BACK = """
UPDATE job SET state = CASE WHEN cancel THEN 'cancelled' ELSE 'queued' END, owner = NULL, at = ?
WHERE n = ? AND owner = ? AND fence = ? AND beat = ? AND state = 'running'
"""
_SHOWN = "n, id, key, kind, lane, name, state, stage, due, failures, error, created_at, at"


def _end(store: Store, lease: Lease, state: str, error: AdoptError | None, clock: Clock) -> None:
    with transaction(store):
        values = [state, steps.packed(error), stamp(clock())]
        _fenced(store, lease, "state = ?, owner = NULL, error = ?, at = ?", values)


def _fenced(store: Store, lease: Lease, change: str, values: Values) -> None:
    where = "n = ? AND owner = ? AND fence = ? AND state = 'running'"
    if store.run(f"UPDATE job SET {change} WHERE {where}", [*values, lease.n, lease.owner, lease.fence]) != 1:
        raise Lost(lease.id)


def _jobs(store: Store, where: str, values: Values) -> tuple[Job, ...]:
    rows = store.rows(f"SELECT {_SHOWN} FROM job WHERE {where}", values)
    known = steps.of_jobs(store, [row[0] for row in rows])
    return tuple(_job(row[1:], known[row[0]]) for row in rows)


def _job(row: Row, made: tuple[JobStep, ...]) -> Job:
    id_, key, kind, lane, name, state, stage, due, failures, error, created_at, at = row
    return Job(
        id=id_,
        key=key,
        kind=kind,
        lane=lane,
        name=name,
        state=state,
        stage=stage,
        due=moment(due),
        failures=failures,
        error=steps.unpacked(error),
        created_at=moment(created_at),
        at=moment(at),
        steps=made,
    )
