"""What was left behind: jobs of dead workers, their files, connections and secrets that belong to nothing."""

from collections.abc import Iterator
from pathlib import Path

from adopt.model import Finding
from adopt.operations.connecting import TOKEN
from adopt.operations.doctor.patient import Patient, finding
from adopt.operations.presence import last, while_stopped
from adopt.operations.working import is_alive
from adopt.store import channels, queue
from adopt.store import connections as kept
from adopt.store.queue import Pulse
from adopt.store.vault import owners


def jobs(patient: Patient) -> Iterator[Finding]:
    """Whether a job is in the hands of a worker that is dead."""
    for pulse in abandoned(patient):
        yield finding(
            jobs,
            "warning",
            f"job {patient.store.value('SELECT id FROM job WHERE n = ?', [pulse.n])} is held by a worker that is dead",  # type: ignore[union-attr] # it was read there
            why="it waits until a worker takes it over",
            do="adopt job run",
            fix="put it back into the queue; what it has done stays done",
        )


def workers(patient: Patient) -> Iterator[Finding]:
    """Whether dead workers left their files."""
    dead = stale(patient)
    if dead:
        what = f"{len(dead)} file{'s' * (len(dead) != 1)} of workers that are dead in {patient.settings.workers_path}"
        yield finding(workers, "note", what, why="they do no harm", fix="remove them")


def sockets(patient: Patient) -> Iterator[Finding]:
    """Whether a daemon that is gone left its socket."""
    for path in dead_sockets(patient):
        what = f"{path} is the socket of a daemon that is gone"
        yield finding(sockets, "note", what, why="nobody answers there", fix="remove it")


def connections(patient: Patient) -> Iterator[Finding]:
    """Whether a connection has no token any more, or no ad account goes by it."""
    for name, reason in ghosts(patient).items():
        yield finding(
            connections,
            "warning",
            f"the connection {name} {reason}",
            why="nothing can be done by it",
            do="adopt auth login",
            fix=f"forget {name}",
        )


def secrets(patient: Patient) -> Iterator[Finding]:
    """Whether the vault keeps what belongs to nothing, or a channel has lost its URL."""
    for owner in orphans(patient):
        what = f"the vault keeps a secret of {owner}, which is gone"
        yield finding(secrets, "note", what, why="nothing needs it", fix="forget it")
    for name in voiceless(patient):
        what = f"the channel {name} has lost its URL"
        yield finding(secrets, "warning", what, why="nobody is told there", do="adopt notify add URL", fix="remove it")


def abandoned(patient: Patient) -> tuple[Pulse, ...]:
    """The running jobs whose worker no longer holds its lock."""
    if patient.store is None:
        return ()
    folder = patient.settings.workers_path
    return tuple(pulse for pulse in queue.running(patient.store) if not is_alive(folder, pulse.owner, tidy=False))


def stale(patient: Patient) -> tuple[str, ...]:
    """The workers whose files are left and whose locks are free."""
    folder = patient.settings.workers_path
    names = sorted(path.stem for path in folder.glob("*.lock"))
    return tuple(name for name in names if not is_alive(folder, name, tidy=False))


def dead_sockets(patient: Patient) -> tuple[Path, ...]:
    """The sockets that no daemon listens at."""
    gone = last(patient.settings.daemon_lock)
    found = {*patient.settings.places.state.glob("*.sock"), *([Path(gone.socket)] if gone and gone.socket else [])}
    if not (there := tuple(sorted(path for path in found if path.is_socket()))):
        return ()
    with while_stopped(patient.settings.daemon_lock) as is_stopped:
        return there if is_stopped else ()


def ghosts(patient: Patient) -> dict[str, str]:
    """The connections that are of no use, with why."""
    if patient.store is None:
        return {}
    known, used = owners(patient.store), kept.in_use(patient.store)
    return {
        one.id: "has lost its token"
        if (one.id, TOKEN) not in known
        else "has no ad account any more: another took them"
        for one in kept.listing(patient.store)
        if (one.id, TOKEN) not in known or one.id not in used
    }


def orphans(patient: Patient) -> tuple[str, ...]:
    """Whose secrets are kept though they are gone."""
    if patient.store is None:
        return ()
    living = {one.id for one in kept.listing(patient.store)}
    living |= {channels.secret_of(one.id) for one in channels.listing(patient.store)}
    return tuple(sorted({owner for owner, _ in owners(patient.store)} - living))


def voiceless(patient: Patient) -> tuple[str, ...]:
    """The channels whose URL is not in the vault."""
    if patient.store is None:
        return ()
    having = {owner for owner, _ in owners(patient.store)}
    return tuple(one.id for one in channels.listing(patient.store) if channels.secret_of(one.id) not in having)
