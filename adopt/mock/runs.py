"""How far a report run is: worked out from when it was asked for, and what a fault did to it."""

from typing import Any

from adopt.mock.chance import key_of
from adopt.mock.objects import Node
from adopt.mock.world import World

FATES = ("late", "job_failed", "job_skipped", "job_stuck")
LIFE = 30 * 86400  # seconds a run can be read
_WAITS, _STARTS = 0.1, 0.2  # seconds until a run has started, and until it is under way
_SHORTEST, _JITTER = 0.5, 0.5  # seconds a run takes at least, and may take more
_ALMOST = 0.9  # of its time, from which on it reads 100 per cent, and is still running
_WORDS = "Job Not Started", "Job Started", "Job Running", "Job Completed", "Job Failed", "Job Skipped"
NOT_STARTED, STARTED, RUNNING, COMPLETED, FAILED, SKIPPED = _WORDS
_ERROR = {
    "error_code": 2601,
    "error_subcode": 1815107,
    "error_message": "(#2601) Error accessing adreport job.",
    "error_user_title": "Loading Async Session Failed",
    "error_user_msg": "Sorry, the report run failed. Please ask for the report again.",
}
FIRST_FIELDS = ("id", "account_id", "time_ref", "time_completed", "async_status", "async_percent_completion")


def takes(run: Node) -> float:
    """Give how many seconds a run takes."""
    return _SHORTEST + _JITTER * (key_of(run.id, "takes") % 1000) / 1000


def is_known(run: Node, now: float) -> bool:
    """Tell whether a run can be read: not yet if it is late, and no longer after thirty days."""
    return bool(run.own.get("known_from", 0.0) <= now <= run.own["created_time"] + LIFE)


def status(run: Node, now: float) -> str:
    """Give a run's state in Meta's words."""
    age, fate = now - run.own["created_time"], run.own.get("fate")
    if age < _STARTS:
        return NOT_STARTED if age < _WAITS else STARTED
    if age < takes(run) or fate == "job_stuck":
        return RUNNING
    return {"job_failed": FAILED, "job_skipped": SKIPPED}.get(str(fate), COMPLETED)


def percent(run: Node, now: float) -> int:
    """Give how much of a run is done; for a moment it is 100 while the run still works, as it is at Meta."""
    part = (now - run.own["created_time"]) / takes(run)
    if status(run, now) in (NOT_STARTED, STARTED):
        return 0
    if run.own.get("fate") == "job_stuck":
        return 60
    return 100 if part > _ALMOST else int(100 * part)


def field(name: str, run: Node, world: World) -> Any:
    """Give one field of a run, None where it has none."""
    now = world.now()
    word = status(run, now)
    values: dict[str, Any] = {
        "id": run.id,
        "account_id": world.account.id,
        "async_status": word,
        "async_percent_completion": percent(run, now),
        "is_running": word in (NOT_STARTED, STARTED, RUNNING),
        "is_bookmarked": False,
        "is_async_export": 0,
        "time_ref": int(run.own["created_time"]),
        "time_completed": int(run.own["created_time"] + takes(run)) if word in (COMPLETED, FAILED, SKIPPED) else None,
        **(_ERROR if word == FAILED else {}),
    }
    return values.get(name, run.own["params"].get(name))


def first_fields(run: Node, world: World) -> tuple[str, ...]:
    """Give the fields a run is answered with unless some are asked for; one that failed says why."""
    return (*FIRST_FIELDS, *_ERROR) if status(run, world.now()) == FAILED else FIRST_FIELDS
