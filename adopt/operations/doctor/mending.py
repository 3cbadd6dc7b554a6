"""`adopt doctor --fix`: what the doctor can mend by itself, each mend told in the activity log.

Nothing here writes to Meta, and nothing is thrown away that could still be used.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from adopt.errors import AdoptError
from adopt.operations import watching
from adopt.operations.applying import settle_doubts
from adopt.operations.doctor import affairs, drift, premises, remains
from adopt.operations.doctor.patient import Patient
from adopt.operations.lock import account_lock
from adopt.operations.presence import while_stopped
from adopt.store import activity, changes, channels, connections, queue
from adopt.store import plans as kept
from adopt.store.vault import forget

_PATIENCE_S = 5.0  # with another run on the account
Mend: TypeAlias = Callable[[Patient], Iterator[str]]


def mend(patient: Patient) -> tuple[str, ...]:
    """Everything that can be mended, mended; a sentence for each, as it stands in the log. One that fails is told."""
    said = tuple(sentence for mending in MENDS.values() for sentence in _tried(mending, patient))
    if patient.store:
        for sentence in said:
            activity.append(patient.store, patient.now, patient.settings.account or "", "mend", "info", sentence)
    return said


def _tried(mending: Mend, patient: Patient) -> Iterator[str]:
    try:
        yield from mending(patient)
    except AdoptError as error:
        yield f"not mended: {error.message}"


def _disk(patient: Patient) -> Iterator[str]:
    if patient.store and (before := premises.large_wal(patient)):
        patient.store.row("PRAGMA wal_checkpoint(TRUNCATE)")
        left = premises.large_wal(patient)
        yield "not mended: a program is reading the database" if left else f"folded in a log of {before:,} bytes"


def _drift(patient: Patient) -> Iterator[str]:
    if patient.store and patient.graph and patient.policy and drift.moved_since(patient):
        with account_lock(patient.settings.lock_path, _PATIENCE_S):
            account = patient.settings.require_account()
            watching.poll(patient.store, patient.graph, account, patient.policy.target)
        yield "polled the account, which others had changed"


def _launches(patient: Patient) -> Iterator[str]:
    for launch, _, review in drift.cut_launches(patient):
        if patient.store and review:
            queue.cancel(patient.store, review.id, lambda: datetime.now(UTC))
            yield f"stopped watching launch {launch.id}, whose campaign is gone"


def _jobs(patient: Patient) -> Iterator[str]:
    for pulse in remains.abandoned(patient):
        if patient.store and queue.take_back(patient.store, pulse, lambda: datetime.now(UTC)):
            yield f"job {patient.store.value('SELECT id FROM job WHERE n = ?', [pulse.n])} is back in the queue"


def _workers(patient: Patient) -> Iterator[str]:
    dead = remains.stale(patient)
    for name in dead:
        (patient.settings.workers_path / f"{name}.lock").unlink(missing_ok=True)
    if dead:
        yield f"removed {len(dead)} file{'s' * (len(dead) != 1)} of dead workers"


def _sockets(patient: Patient) -> Iterator[str]:
    dead = remains.dead_sockets(patient)
    if not dead:
        return
    with while_stopped(patient.settings.daemon_lock) as is_stopped:
        for path in dead if is_stopped else ():
            path.unlink(missing_ok=True)
            yield f"removed {path}, the socket of a daemon that is gone"


def _plans(patient: Patient) -> Iterator[str]:
    if patient.store is None or patient.settings.account is None:
        return
    for plan in kept.recent(patient.store, patient.settings.account, limit=-1, state="approved"):
        if plan.expires_at < patient.now:
            kept.mark(patient.store, plan.id, "superseded", "adopt doctor", patient.now)
            yield f"closed plan {plan.id}, which was approved, never applied, and is too old"


def _doubts(patient: Patient) -> Iterator[str]:
    account = patient.settings.account
    if patient.store and patient.graph and account and changes.in_doubt(patient.store, account):
        settled = settle_doubts(patient.store, patient.graph, account)
        yield f"looked up {len(settled)} change{'s' * (len(settled) != 1)} in doubt"


def _connections(patient: Patient) -> Iterator[str]:
    for name, reason in remains.ghosts(patient).items():
        if patient.store:
            connections.drop(patient.store, name)
            yield f"forgot the connection {name}, which {reason}"


def _secrets(patient: Patient) -> Iterator[str]:
    if patient.store is None:
        return
    for owner in remains.orphans(patient):
        forget(patient.store, owner)
        yield f"forgot a secret of {owner}, which was gone"
    for name in remains.voiceless(patient):
        channels.drop(patient.store, name)
        yield f"removed the channel {name}, which had lost its URL"


MENDS: Mapping[str, Mend] = {
    premises.disk.__name__: _disk,
    drift.drift.__name__: _drift,
    drift.launches.__name__: _launches,
    affairs.plans.__name__: _plans,
    affairs.doubts.__name__: _doubts,
    remains.jobs.__name__: _jobs,
    remains.workers.__name__: _workers,
    remains.sockets.__name__: _sockets,
    remains.connections.__name__: _connections,
    remains.secrets.__name__: _secrets,
}
