"""A small HTTP server that answers from a list: bodies, errors, and every way in which a connection breaks."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adopt.graph.client import Graph

TOKEN = "EAAmadeupmadeupmadeup"
DATE = "Sun, 22 Nov 2026 09:30:00 GMT"


@dataclass(frozen=True)
class Reply:
    """One answer of the script; `then` is what happens to the connection."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    then: str = "answer"  # answer, drop (without a byte), cut (in the middle of the body), hang

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Request:
    """What the client sent."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]
    line: str


class Scripted:
    """A running server: its `url`, the `requests` it got, and replies that are given once each, the last for ever."""

    def __init__(self, replies: list[Reply] | Callable[[Request], Reply]) -> None:
        self.requests: list[Request] = []
        self.over = threading.Event()
        self._replies = replies
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def reply(self, request: Request) -> Reply:
        self.requests.append(request)
        if callable(self._replies):
            return self._replies(request)
        return self._replies[min(len(self.requests), len(self._replies)) - 1]

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def scripted(*replies: Reply | Any) -> Iterator[Scripted]:
    """A server for the length of a block; what is no Reply is a body of status 200, a function answers by itself."""
    if len(replies) == 1 and callable(replies[0]):
        server = Scripted(replies[0])
    else:
        server = Scripted([reply if isinstance(reply, Reply) else Reply(reply) for reply in replies])
    try:
        yield server
    finally:
        server.close()


class Desk:
    """Graphs under test, and the seconds they would have slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._open: list[Graph] = []

    def graph(self, server: Scripted | str, **options: Any) -> Graph:
        url = server if isinstance(server, str) else server.url
        made = Graph(url, TOKEN, sleep=self.slept.append, **{"random": lambda: 1.0, **options})
        self._open.append(made)
        return made

    def close(self) -> None:
        for graph in self._open:
            graph.close()


def free_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def error(code: int, subcode: int | None = None, message: str = "no", **more: Any) -> dict[str, Any]:
    """Meta's error envelope."""
    inner = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbC", **more}
    return {"error": inner if subcode is None else {**inner, "error_subcode": subcode}}


def _handler(owner: Scripted) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            reply = owner.reply(_request(self))
            with suppress(ConnectionError):
                _give(self, reply, owner.over)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def _request(handler: BaseHTTPRequestHandler) -> Request:
    length = int(handler.headers.get("Content-Length") or 0)
    form = handler.rfile.read(length).decode()
    parts = urlsplit(handler.path)
    return Request(
        method=handler.command,
        path=parts.path,
        query=dict(parse_qsl(parts.query)),
        form=dict(parse_qsl(form)),
        headers={name.lower(): value for name, value in handler.headers.items()},
        line=handler.requestline,
    )


def _give(handler: BaseHTTPRequestHandler, reply: Reply, over: threading.Event) -> None:
    if reply.then == "hang":
        over.wait(30)
    if reply.then in ("drop", "hang"):
        handler.close_connection = True
        return
    content = reply.content
    handler.send_response_only(reply.status)
    for name, value in {"Date": DATE, "Content-Length": str(len(content)), **reply.headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2] if reply.then == "cut" else content)
    handler.close_connection = reply.then == "cut"
