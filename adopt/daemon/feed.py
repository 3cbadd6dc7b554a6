"""What happens, told to everyone who listens: one thread looks into the database, each stream has a queue."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from threading import Event as Flag
from threading import Lock, Thread

import msgspec

from adopt.errors import AdoptError
from adopt.model import Event
from adopt.operations import following
from adopt.store.database import Store

HEARTBEAT_S = 15.0
_MOST_WAITING = 1000  # events for one listener; who is slower has to come back
_GLANCE_S = 0.1
_TROUBLE_S = 2.0
_RETRY = b"retry: 500\n\n"


class _Listener:
    """One open stream: its queue lives in the loop of its server."""

    def __init__(self, after: int | None) -> None:
        self.after = after
        self.cursor: int | None = None  # of the log, up to which it was told what had been before it came
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()

    def tell(self, events: "Sequence[Event | None]") -> None:
        """Events for it, from whatever thread; None ends it."""
        with suppress(RuntimeError):  # its server has stopped
            self._loop.call_soon_threadsafe(self._put, events)

    def _put(self, events: "Sequence[Event | None]") -> None:
        for event in events if self._queue.qsize() < _MOST_WAITING else (None,):
            self._queue.put_nowait(event)

    async def next(self) -> Event | None:
        """The next event; TimeoutError where nothing has happened for a while."""
        return await asyncio.wait_for(self._queue.get(), HEARTBEAT_S)


class Feed:
    """Follows the database while somebody listens."""

    def __init__(self, opener: Callable[[], Store], log: Callable[[str], None]) -> None:
        self._open, self._log = opener, log
        self._listeners: set[_Listener] = set()
        self._lock = Lock()
        self._wanted, self._over = Flag(), Flag()
        self._thread = Thread(target=self._keep_following, name="feed", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End every stream."""
        self._over.set()
        self._wanted.set()
        self._tell_all((None,))
        self._thread.join(1.0)

    @property
    def is_looking(self) -> bool:
        """Whether it looks into the database, since somebody listens."""
        return self._wanted.is_set()

    async def stream(self, account: str, after: int | None) -> AsyncIterator[bytes]:
        """The events of an account behind a cursor, or from now on, as a text/event-stream."""
        listener = _Listener(after)
        with self._lock:
            self._listeners.add(listener)
        self._wanted.set()
        try:
            yield _RETRY
            while not self._over.is_set():
                try:
                    event = await listener.next()
                except TimeoutError:
                    yield b":\n\n"
                    continue
                if event is None:
                    break
                if following.concerns(event, account):
                    yield encoded(event)
            yield _RETRY
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def _keep_following(self) -> None:
        while not self._over.is_set():
            self._wanted.wait()
            try:
                self._follow()
            except AdoptError as error:
                self._log(f"events could not be followed: {error.message}")
                self._over.wait(_TROUBLE_S)

    def _follow(self) -> None:
        """Look and tell until nobody listens."""
        with self._open() as store:
            told, version = following.start(store, None), -1
            while not self._over.is_set() and self._listeners:
                now = following.version_of(store)
                if now != version:
                    version = now
                    events, told = following.news(store, told)
                    self._tell_all(events)
                self._welcome(store)
                self._over.wait(_GLANCE_S)
        with self._lock:
            if not self._listeners:
                self._wanted.clear()

    def _welcome(self, store: Store) -> None:
        """Those who have just come, told what had been before; by this thread, so that nothing falls between."""
        with self._lock:
            new = [listener for listener in self._listeners if listener.cursor is None]
        for listener in new:
            events, told = following.news(store, following.start(store, listener.after))
            listener.cursor = told.cursor
            listener.tell(events)

    def _tell_all(self, events: "Sequence[Event | None]") -> None:
        with self._lock:
            known = tuple(self._listeners)
        for listener in known if events else ():
            listener.tell([event for event in events if event is None or not _is_known(event, listener)])


def _is_known(event: Event, listener: _Listener) -> bool:
    """Whether a listener was told already, or will be when it is welcomed."""
    return listener.cursor is None or (event.kind == "activity" and event.cursor <= listener.cursor)


def encoded(event: Event) -> bytes:
    """An event as its lines of a text/event-stream; only what is in the log has an id, to go on behind it."""
    cursor = f"id: {event.cursor}\n".encode() if event.kind == "activity" else b""
    return cursor + b"event: " + event.kind.encode() + b"\ndata: " + msgspec.json.encode(event) + b"\n\n"
