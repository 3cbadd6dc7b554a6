"""What lies on this machine: the database, the room for it, the policy."""

import shutil
from collections.abc import Iterator
from typing import Literal

from adopt.model import Finding
from adopt.operations import ruling
from adopt.operations.doctor.patient import Patient, finding
from adopt.store import migrations

_LITTLE = 200 * 2**20  # bytes of room; a tenth of it is none
_LARGE_WAL = 64 * 2**20  # SQLite folds it in at 4 MB


def database(patient: Patient) -> Iterator[Finding]:
    """Whether the database is whole, and of which version."""
    path, known, found = patient.settings.database, len(migrations.STEPS), patient.file
    if found is None:
        yield finding(database, "note", f"nothing is remembered yet: there is no {path}", do="adopt plan")
        return
    aside = path.parent / "damaged"
    if found.damage:
        yield finding(
            database,
            "error",
            f"{path} is damaged: {found.damage}",
            why="nothing that was learned or done can be relied upon",
            do=f"move it aside, with the files beside it: mkdir {aside} && mv {path}* {aside}",
        )
    elif found.schema > known:
        said = f"{path} was made by a newer adopt (schema {found.schema}, this one knows {known})"
        yield finding(database, "error", said, why="this one cannot read it", do="pip install --upgrade adopt")
    else:
        size = sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))
        older = "; the next run brings it up to date, until then it is not looked into" if found.schema < known else ""
        said = f"whole, schema {found.schema} of {known}, {_bytes(size)}{older}"
        yield finding(database, "ok", said, data={"bytes": size, "schema": found.schema})


def disk(patient: Patient) -> Iterator[Finding]:
    """Whether there is room to keep what comes."""
    folder = patient.settings.places.data
    if not folder.exists():
        return
    free = shutil.disk_usage(folder).free
    level = _room(free)
    yield finding(
        disk,
        level,
        f"{_bytes(free)} free at {folder}",
        why="" if level == "ok" else "a pass whose poll cannot be kept stops, and changes nothing",
        do="" if level == "ok" else f"make room on the disk of {folder}",
        data={"free_bytes": free},
    )
    if size := large_wal(patient):
        yield finding(
            disk,
            "warning",
            f"the database's write-ahead log has grown to {_bytes(size)}",
            why="a program that kept the database open kept it from being folded in",
            do=f"close what reads {patient.settings.database}",
            fix="fold it in" if patient.store else "",
            data={"wal_bytes": size},
        )


def large_wal(patient: Patient) -> int:
    """The bytes of the write-ahead log; 0 while it is of no account."""
    path = patient.settings.database
    wal = path.with_name(f"{path.name}-wal")
    size = wal.stat().st_size if wal.exists() else 0
    return size if size > _LARGE_WAL else 0


def policy(patient: Patient) -> Iterator[Finding]:
    """Whether the policy can be read."""
    if patient.broken:
        why = "without it nothing is judged, unless a target is given by flag"
        level: Literal["warning", "error"] = "error" if patient.settings.policy_path.exists() else "warning"
        yield finding(policy, level, patient.broken.message, why=why, do=patient.broken.try_next)
    elif patient.policy is None:
        yield finding(policy, "note", "no ad account is chosen, so there is no policy to read", do="adopt init")
    else:
        goal = patient.policy.target
        target = f"CPA {goal.cpa}" if goal.cpa is not None else f"ROAS {goal.roas}"
        rules = len(patient.policy.rule)
        said = f"target {target}, {rules} rule{'s' * (rules != 1)}, method {patient.policy.decision.method}"
        yield finding(policy, "ok", said)


def rules(patient: Patient) -> Iterator[Finding]:
    """What is doubtful about the written rules."""
    if patient.policy is None:
        return
    for doubt in ruling.lint(patient.policy, patient.snapshot):
        said = f"{doubt.rule}: {doubt.sentence}"
        yield finding(rules, "warning", said, why="it may do more than it says", do="adopt rule check")


def _room(free: int) -> Literal["ok", "warning", "error"]:
    if free < _LITTLE // 10:
        return "error"
    return "warning" if free < _LITTLE else "ok"


def _bytes(size: int) -> str:
    """`312 kB`, `4.1 GB`."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{round(size / 1000)} kB"
