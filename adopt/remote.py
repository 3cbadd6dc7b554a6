"""The other door: what `Client` does, asked of a running daemon over its socket, by the table of routes.

A call is one HTTP/1.0 request on a connection of its own, which ends with the answer, so nothing is needed
here that takes long to load. What is not in the table is done in process, and so is everything where the daemon
is not the right one to ask.
"""

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from adopt import __version__, errors
from adopt.errors import AdoptError, Unreachable
from adopt.model import Event, Presence
from adopt.routes import (
    ACCOUNT_HEADER,
    API,
    API_HEADER,
    EVENTS,
    GRAPH_HEADER,
    PREFIX,
    ROUTES,
    VERSION_HEADER,
    WAIT_HEADER,
    Failure,
    Route,
)
from adopt.settings import Settings

if TYPE_CHECKING:
    from adopt.client import Client

_CONNECT_S = 2.0
_READ_S = 120.0  # for what only reads; what changes something takes as long as it takes
_QUIET_S = 1.0  # after which it is told that nothing happens
_DEAD_S = 45.0  # without even a heartbeat
_PIECE = 1 << 16
_ROUTES = {route.method: route for route in ROUTES}


def _here(settings: Settings, wait_s: float) -> "Client":
    from adopt.client import Client

    return Client(settings, wait_s=wait_s)


class Remote:
    """A `Client` whose routes are asked of the daemon; typed as one, since it has its every method."""

    def __init__(self, settings: Settings, there: Presence, *, wait_s: float, tell: Callable[[str], None]) -> None:
        self.settings = settings
        self.there, self.wait_s, self._tell = there, wait_s, tell

    def __getattr__(self, name: str) -> Any:
        route = _ROUTES.get(name)
        if route is None:
            return getattr(_here(self.settings, self.wait_s), name)
        return lambda *args, **named: self._ask(route, _named(route, args, named))

    def follow(self, after: int | None = None) -> Iterator[Event | None]:
        """As `Client.follow`; Unreachable when the daemon goes away: go on behind the last event's cursor."""
        query = "" if after is None else f"?after={after}"
        try:
            line = self._sent("GET", EVENTS + query)
        except OSError as error:
            raise _stopped() from error
        with line:
            pieces = _pieces(line)
            begun = b""
            while b"\r\n\r\n" not in begun:
                begun += next(pieces)
            head, rest = _head(begun)
            if head["status"] != "200":
                _raise_for(head, rest + b"".join(_until_gone(pieces)))
            yield from _events(rest, pieces)

    def _ask(self, route: Route, given: Mapping[str, Any]) -> Any:
        inside = {name: quote(str(value), safe="") for name, value in given.items() if f"{{{name}}}" in route.path}
        outside = {name: value for name, value in given.items() if name not in inside}
        path, body = PREFIX + route.path.format(**inside), b""
        if route.verb == "POST":
            body = msgspec.json.encode(outside)
        elif outside:
            path += "?" + urlencode({name: _query(value) for name, value in outside.items()}, doseq=True)
        try:
            line = self._sent(route.verb, path, body)
        except OSError as error:  # nobody was there: nothing was asked
            self._tell(f"done in this process: the daemon does not answer ({error.strerror or error})")
            return getattr(_here(self.settings, self.wait_s), route.method)(**given)
        with line:
            try:
                return _answer(line, route, _READ_S if route.verb == "GET" else None)
            except KeyboardInterrupt:
                if route.verb == "POST":
                    self._tell("the daemon goes on with it: adopt log tells what comes of it")
                raise

    def _sent(self, verb: str, path: str, body: bytes = b"") -> socket.socket:
        """A connection on which a request was sent; OSError where nobody took it."""
        headers = {
            API_HEADER: str(API),
            VERSION_HEADER: __version__,
            GRAPH_HEADER: self.settings.graph_url,
            WAIT_HEADER: str(self.wait_s),
            **({ACCOUNT_HEADER: self.settings.account} if self.settings.account else {}),
            **({"content-type": "application/json", "content-length": str(len(body))} if body else {}),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(_CONNECT_S)
            line.connect(self.there.socket)
            line.sendall(f"{verb} {path} HTTP/1.0\r\nhost: adopt\r\n{lines}\r\n".encode() + body)
        except BaseException:
            line.close()
            raise
        return line


def _named(route: Route, args: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by their names; those that were not given stay away."""
    return {**dict(zip(route.params, args, strict=False)), **named}


def _query(value: Any) -> Any:
    """A value as the words of a query; none for None."""
    plain = msgspec.to_builtins(value)
    if isinstance(plain, list | tuple):
        return plain
    return "" if plain is None else str(plain).lower() if isinstance(plain, bool) else str(plain)


def _answer(line: socket.socket, route: Route, wait_s: float | None) -> Any:
    """What a call gave, or raises what it raised."""
    line.settimeout(wait_s)
    head, body = _read(line)
    _raise_for(head, body)
    return None if route.result is None else msgspec.json.decode(body, type=route.result)


def _read(line: socket.socket) -> tuple[Mapping[str, str], bytes]:
    """Head and body of a whole answer."""
    try:
        answered = b"".join(iter(lambda: line.recv(_PIECE), b""))
    except TimeoutError as error:
        raise Unreachable("the daemon does not answer", try_next="adopt daemon restart") from error
    except OSError as error:
        raise _gone() from error
    head, body = _head(answered)
    if len(body) != int(head.get("content-length", -1)):
        raise _gone()
    return head, body


def _head(answered: bytes) -> tuple[Mapping[str, str], bytes]:
    """The head of an answer as its fields, with its status, and what has come of its body."""
    head, ended, body = answered.partition(b"\r\n\r\n")
    if not ended:
        raise _gone()
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (one.partition(":") for one in lines)
    return {"status": first.split(" ")[1], **{name.lower(): value.strip() for name, _, value in pairs}}, body


def _gone() -> Unreachable:
    return Unreachable(
        "the daemon went away before it had answered; what it had begun is looked up by the next run",
        try_next="adopt daemon start, then adopt log",
    )


def _raise_for(head: Mapping[str, str], body: bytes) -> None:
    """The error that an answer is, raised as what it was in the daemon."""
    if head["status"] == "200":
        return
    told = msgspec.json.decode(body, type=Failure).error
    kinds = {kind.__name__: kind for kind in vars(errors).values() if isinstance(kind, type)}
    kind = kinds.get(told.kind, AdoptError)
    raise kind(
        told.message,
        try_next=told.next,
        code=told.code,
        subcode=told.subcode,
        fbtrace_id=told.fbtrace_id,
        retry_after_s=told.retry_after_s,
    )


def _pieces(line: socket.socket) -> Iterator[bytes]:
    """What comes in, as it comes; nothing, as b"", now and then; Unreachable when it ends."""
    line.settimeout(_QUIET_S)
    heard = time.monotonic()
    while True:
        try:
            piece = line.recv(_PIECE)
        except TimeoutError:
            if time.monotonic() - heard > _DEAD_S:
                raise _stopped() from None
            yield b""
            continue
        except OSError as error:
            raise _stopped() from error
        if not piece:
            raise _stopped()
        heard = time.monotonic()
        yield piece


def _until_gone(pieces: Iterator[bytes]) -> Iterator[bytes]:
    with suppress(Unreachable):
        yield from pieces


def _stopped() -> Unreachable:
    return Unreachable("the daemon went away", try_next="adopt daemon start")


def _events(rest: bytes, pieces: Iterator[bytes]) -> Iterator[Event | None]:
    """The events of a stream; None where nothing happens."""
    while True:
        *whole, rest = rest.split(b"\n\n")
        for lines in whole:
            data = [one[6:] for one in lines.split(b"\n") if one.startswith(b"data: ")]
            if data:
                yield msgspec.json.decode(data[0], type=Event)
        piece = next(pieces)
        if not piece:
            yield None
        rest += piece
