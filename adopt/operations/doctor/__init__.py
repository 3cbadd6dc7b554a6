"""What may keep adopt from doing its work, found without changing anything.

A check is a function of the patient that yields findings; a new one is a line in the table.
"""

from collections.abc import Iterator

from adopt.errors import AdoptError
from adopt.model import Finding
from adopt.operations.doctor import account, affairs, drift, lessons, premises, remains
from adopt.operations.doctor.patient import Check, Patient, finding

CHECKS: tuple[Check, ...] = (
    premises.database,
    premises.disk,
    premises.policy,
    premises.rules,
    account.connection,
    account.token,
    account.permission,
    account.clock,
    drift.tier,
    drift.drift,
    drift.launches,
    lessons.polls,
    lessons.delay,
    lessons.dispersion,
    lessons.tracking,
    affairs.hold,
    affairs.autonomy,
    affairs.plans,
    affairs.doubts,
    remains.jobs,
    remains.workers,
    remains.sockets,
    remains.connections,
    remains.secrets,
)


def diagnose(patient: Patient) -> tuple[Finding, ...]:
    """The findings of every check, in the order of the table; a check that cannot be made is a finding itself."""
    return tuple(found for check in CHECKS for found in _tried(check, patient))


def _tried(check: Check, patient: Patient) -> Iterator[Finding]:
    try:
        yield from check(patient)
    except AdoptError as error:
        yield finding(check, "error", error.message, why="so this could not be looked at", do=error.try_next)
