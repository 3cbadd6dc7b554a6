"""The daemon's composition root: one process that holds the lock, a timetable, workers, and a diary."""

import os
import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread

from msgspec.structs import replace

from adopt import __version__
from adopt.client import Client
from adopt.daemon.api import Rooms, app
from adopt.daemon.diary import open_log
from adopt.daemon.door import Door, socket_path
from adopt.daemon.feed import Feed
from adopt.daemon.schedule import Slot, Timetable, trigger_of
from adopt.errors import AdoptError
from adopt.model import Presence
from adopt.operations.presence import be_the_daemon
from adopt.routes import API
from adopt.settings import Settings
from adopt.store import activity
from adopt.store.database import open_store

WORKERS = 2
_LOOK_S = 30.0  # between two looks at the policies
_TELL_S = 20.0
_TIDY_S = 3600.0
_DRAIN_S = 1.0  # a step that takes longer stays in doubt, and is looked up by the next start


def run(settings: Settings) -> None:
    """Be the daemon until told to stop."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings.places.prepare()
    since = datetime.now(UTC)
    with be_the_daemon(settings.daemon_lock, __version__, since) as announce:
        daemon = Daemon(settings, stop)
        daemon.open()
        announce(
            Presence(
                pid=os.getpid(),
                version=__version__,
                since=since,
                api=API,
                socket=str(daemon.door.path),
                graph_url=settings.graph_url,
                has_own_token=settings.token is not None,
            )
        )
        daemon.run()


class Daemon:
    """The running daemon."""

    def __init__(self, settings: Settings, stop: Event) -> None:
        self._settings, self._stop = settings, stop
        self._client = Client(settings)
        self._log = open_log(settings.daemon_log)
        self._timetable = Timetable(self._enqueue)
        self._feed = Feed(partial(open_store, settings.database), self._log.warning)
        self.door = Door(app(self._rooms()), socket_path(settings.places.state))
        self._cursor = 0
        self._written: tuple[tuple[int, int], ...] = ()  # how the database's files looked when last read

    def open(self) -> None:
        """Answer from now on."""
        with open_store(self._settings.database) as store:
            self._cursor = activity.newest(store)
        self._feed.start()
        self.door.open()

    def run(self) -> None:
        """Keep time and work until told to stop."""
        self._log.info("the daemon starts", extra={"more": {"pid": os.getpid(), "version": __version__}})
        self._timetable.keep(self._slots())
        self._timetable.every(_LOOK_S, self._look, "look")
        self._timetable.every(_TELL_S, self._tell, "tell")
        self._timetable.every(_TIDY_S, self._tidy, "tidy")
        self._timetable.start()
        workers = [Thread(target=self._work, name=f"worker {n}", daemon=True) for n in range(WORKERS)]
        for worker in workers:
            worker.start()
        while not self._stop.wait(1.0):
            self._write_up()
            self._keep_open()
            if back := self._timetable.heed(datetime.now(UTC), time.monotonic()):
                self._log.warning("the clock was set back by %.0f s: what is due is reckoned anew", back)
        self._timetable.stop()
        self._feed.stop()
        self.door.close()
        deadline = time.monotonic() + _DRAIN_S
        for worker in workers:
            worker.join(max(0.0, deadline - time.monotonic()))
        self._write_up()
        self._log.info("the daemon stops")

    def _rooms(self) -> Rooms:
        """What the API stands on."""
        settings = self._settings

        def client(account: str | None, wait_s: float) -> Client:
            return Client(replace(settings, account=account), wait_s=wait_s)

        return Rooms(settings.graph_url, settings.account, client, self._feed, self._log.error)

    def _keep_open(self) -> None:
        """The door, opened anew where somebody has deleted its socket."""
        if self.door.is_there:
            return
        try:
            self.door.close()
            self.door.open()
            self._log.warning("the socket was gone, and is there again")
        except (AdoptError, OSError) as error:
            self._log.error("the socket is gone: %s", error)  # the next second tries again

    def _work(self) -> None:
        """One worker; a defect of ours or of the disk ends a round, not the worker."""
        while not self._stop.is_set():
            try:
                self._client.worker().run(self._stop)
            except Exception:  # noqa: BLE001 - whatever it is, the other jobs must go on
                self._log.exception("a worker failed and begins anew")
                self._stop.wait(5.0)

    def _enqueue(self, slot: Slot, due: datetime) -> None:
        try:
            self._client.enqueue_pass(slot.kind, slot.account, due)
        except AdoptError as error:
            self._log.warning("%s of %s was not queued: %s", slot.kind, slot.account, error.message)

    def _look(self) -> None:
        """The timetable as the policies have it now."""
        self._timetable.keep(self._slots())

    def _tell(self) -> None:
        try:
            self._client.gather_messages()
        except AdoptError as error:
            self._log.warning("messages were not gathered: %s", error.message)

    def _tidy(self) -> None:
        try:
            kept = self._client.keep_small()
        except AdoptError as error:
            self._log.warning("the database was not tidied: %s", error.message)
        else:
            self._log.info("tidied", extra={"more": {"jobs": kept.jobs, "wal_bytes": kept.wal}})

    def _slots(self) -> Sequence[Slot]:
        """What is due when, of every account that has a policy; one that cannot be read is told and left out."""
        found = []
        for path in sorted(self._settings.policy_folder.glob("act_*.toml")):
            client = Client(replace(self._settings, account=path.stem))
            try:
                schedule, zone = client.policy().schedule, client.clock()[0] or "UTC"
                slots = [Slot(kind, path.stem, text, zone) for kind, text in schedule.slots.items()]
                for slot in slots:
                    trigger_of(slot)
                found += slots
            except AdoptError as error:
                self._log.warning("%s is left out: %s", path.stem, error.message)
        return found

    def _write_up(self) -> None:
        """What happened since the last look, into the diary; nothing is opened where nobody has written."""
        marks = self._marks()
        if marks == self._written:
            return
        self._written = marks
        try:
            with open_store(self._settings.database) as store:
                for row in activity.everyones(store, self._cursor):
                    level = {"info": 20, "warning": 30, "error": 40}[row.level]
                    more = {"account": row.account, "what": row.kind, "as_of": row.at}
                    self._log.log(level, "%s", row.text, extra={"more": more})
                    self._cursor = row.id
        except AdoptError as error:
            self._written = ()
            self._log.warning("the log could not be followed: %s", error.message)

    def _marks(self) -> tuple[tuple[int, int], ...]:
        """Size and time of the database and its write-ahead log: any write changes one of them."""
        database = self._settings.database
        files = (database, database.with_name(f"{database.name}-wal"))
        return tuple(map(_mark, files))


def _mark(path: Path) -> tuple[int, int]:
    """Size and time of a file; zeroes where there is none."""
    try:
        state = path.stat()
    except OSError:
        return 0, 0
    return state.st_size, state.st_mtime_ns
