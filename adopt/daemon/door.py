"""The daemon's door: a unix socket that only its owner can open, and the server behind it, in a thread of its own."""

import asyncio
import os
import socket
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR
from threading import Thread

from starlette.types import ASGIApp
from uvicorn import Config, Server

from adopt.errors import NeedsPerson, Unreachable

_LONGEST = 103  # bytes of a socket's path that every system takes: sun_path has 104 on macOS
_PATIENCE_S = 5.0
_DRAIN_S = 1  # for an answer that is being written when the door closes


class Door:
    """The open door; it can be closed and opened again."""

    def __init__(self, app: ASGIApp, path: Path) -> None:
        self.path = path
        self._app = app
        self._mark: tuple[int, int] | None = None
        self._server: Server | None = None

    @property
    def is_there(self) -> bool:
        """Whether the socket that others find is the one that is listened to."""
        return self._mark is not None and _mark(self.path) == self._mark

    def open(self) -> None:
        """Listen, and answer; it is open when this returns. Only who holds the daemon's lock may do so."""
        line = _listen(self.path)
        self._mark = _mark(self.path)
        self._server = server = Server(_config(self._app))
        thread = Thread(target=_serve, args=[server, line], name="door", daemon=True)
        thread.start()
        deadline = time.monotonic() + _PATIENCE_S
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise Unreachable("the daemon cannot answer at its socket", try_next="adopt daemon logs")
            time.sleep(0.002)

    def close(self) -> None:
        """Nobody is let in any more; what is being answered has a second. Its thread ends by itself."""
        if self.is_there:
            self.path.unlink(missing_ok=True)
        self._mark = None
        if self._server:
            self._server.should_exit = True
            deadline = time.monotonic() + _DRAIN_S
            while self._server.server_state.tasks and time.monotonic() < deadline:
                time.sleep(0.005)


def socket_path(folder: Path) -> Path:
    """Where the socket lies: in a folder, or where that is too deep for a socket, in a private temporary one."""
    path = folder / "daemon.sock"
    if len(os.fsencode(path)) <= _LONGEST:
        return path
    private = Path(tempfile.gettempdir()) / f"adopt-{os.getuid()}"
    return private / f"{sha256(os.fsencode(folder)).hexdigest()[:16]}.sock"


def _make_private(folder: Path) -> None:
    """The folder for its owner alone; NeedsPerson where it is another's, who could stand in for us."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.lstat()
    if state.st_uid != os.getuid() or not S_ISDIR(state.st_mode):
        raise NeedsPerson(f"{folder} is no folder of this user", try_next=f"ls -ld {folder}")
    if state.st_mode & 0o077:
        folder.chmod(0o700)


def _listen(path: Path) -> socket.socket:
    _make_private(path.parent)
    path.unlink(missing_ok=True)  # of one that was killed: its lock is ours
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.bind(str(path))
    path.chmod(0o600)
    return line


def _serve(server: Server, line: socket.socket) -> None:
    asyncio.run(server.serve(sockets=[line]))


def _mark(path: Path) -> tuple[int, int] | None:
    """What tells one file from another."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino


def _config(app: ASGIApp) -> Config:
    return Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN_S,
    )
