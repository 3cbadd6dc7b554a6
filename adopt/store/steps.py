"""The journal of a job's steps: an intent before each call, its result after; what is done is never done again.

The caller holds the job's lease inside the same transaction, see `adopt.store.queue.require`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from adopt.errors import AdoptError
from adopt.model import Fault, JobStep, Stage
from adopt.store.database import Row, Store, moment, stamp


class Begun(Struct, frozen=True, kw_only=True):
    """How a step stood when its job came to it."""

    is_done: bool = False
    result: Any = None
    in_doubt: bool = False  # an earlier call's answer was never kept: look before calling again
    begun_at: datetime  # of the call that may be in doubt


def begin(store: Store, job: int, name: str, stage: Stage, now: datetime) -> Begun:
    """The intent to make a step, unless its result is known or an earlier intent is in doubt."""
    found = store.row("SELECT state, result, begun_at FROM step WHERE job = ? AND name = ?", [job, name])
    if found is None:
        store.run(_INTEND, {"job": job, "name": name, "stage": stage, "now": stamp(now)})
        return Begun(begun_at=now)
    state, result, begun_at = found
    if state == "done":
        return Begun(is_done=True, result=msgspec.json.decode(result), begun_at=moment(begun_at))
    if state == "refused":
        again(store, job, name, now)
        return Begun(begun_at=now)
    return Begun(in_doubt=True, begun_at=moment(begun_at))


def again(store: Store, job: int, name: str, now: datetime) -> None:
    """A new intent for a step of which it is known that nothing was made."""
    store.run(
        "UPDATE step SET state = 'intended', attempts = attempts + 1, fraction = NULL, note = '', begun_at = :now, "
        "at = :now WHERE job = :job AND name = :name",
        {"job": job, "name": name, "now": stamp(now)},
    )


def finish(store: Store, job: int, name: str, result: Any, now: datetime) -> None:
    """The result of a step; an id, or what has one under `id`, is kept as the object that it made."""
    made = result.get("id") if isinstance(result, Mapping) else result
    store.run(
        "UPDATE step SET state = 'done', result = ?, object = ?, error = NULL, at = ? WHERE job = ? AND name = ?",
        [msgspec.json.encode(result).decode(), made if isinstance(made, str) else None, stamp(now), job, name],
    )


def refuse(store: Store, job: int, name: str, error: AdoptError, now: datetime) -> None:
    """A step that was certainly not made, and why."""
    values = [packed(error), stamp(now), job, name]
    store.run("UPDATE step SET state = 'refused', error = ?, at = ? WHERE job = ? AND name = ?", values)


def progress(store: Store, job: int, name: str, fraction: float | None, note: str, now: datetime) -> None:
    """How far a step has come, 0 to 1, and what is to be said of it."""
    values = [fraction, note, stamp(now), job, name]
    store.run("UPDATE step SET fraction = ?, note = ?, at = ? WHERE job = ? AND name = ?", values)


def packed(error: AdoptError | None) -> str | None:
    """An error as it is kept."""
    return None if error is None else msgspec.json.encode(error.as_json()["error"]).decode()


def unpacked(kept: str | None) -> Fault | None:
    """The error that was kept."""
    return msgspec.json.decode(kept, type=Fault) if kept else None


def of_jobs(store: Store, jobs: Sequence[int]) -> Mapping[int, tuple[JobStep, ...]]:
    """The steps of each job, in the order in which they were begun."""
    places = ", ".join("?" for _ in jobs)
    found = defaultdict[int, tuple[JobStep, ...]](tuple)
    for job, *row in store.rows(f"SELECT {_SHOWN} FROM step WHERE job IN ({places}) ORDER BY job, ordinal", jobs):
        found[job] += (_step(tuple(row)),)
    return found


_INTEND = """
INSERT INTO step (job, ordinal, name, state, stage, attempts, begun_at, at)
VALUES (:job, (SELECT count(*) + 1 FROM step WHERE job = :job), :name, 'intended', :stage, 1, :now, :now)
"""
_SHOWN = "job, name, state, stage, attempts, object, fraction, note, error, begun_at, at"


def _step(row: Row) -> JobStep:
    name, state, stage, attempts, made, fraction, note, error, begun_at, at = row
    return JobStep(
        name=name,
        state=state,
        stage=stage,
        attempts=attempts,
        object=made,
        fraction=fraction,
        note=note,
        error=unpacked(error),
        begun_at=moment(begun_at),
        at=moment(at),
    )
