"""The loopback port that a sign-in comes back to: open for one sign-in, and authorised by its state alone."""

import hmac
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from adopt.errors import AdoptError, Invalid, NeedsPerson, mask
from adopt.graph.oauth import CALLBACK

PORT = 18400  # fixed, so that it can be registered with the app
LIFE_S = 600.0
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>adopt</title>
<style>body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 30rem; margin: 10vh auto; padding: 0 1rem }}</style>
<h1>{title}</h1><p>{text}</p></html>"""
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


class Page(NamedTuple):
    """What the browser is told."""

    status: int
    title: str
    text: str


class Callback:
    """One sign-in that was begun: its state is used once, by the first answer that bears it."""

    def __init__(self, port: int) -> None:
        self.state = secrets.token_urlsafe(32)
        self.port = port
        self._answers: Queue[str | AdoptError] = Queue()
        self._used = False

    @property
    def redirect(self) -> str:
        """Where Meta sends the browser back to; the name, as it is registered, not the number."""
        return f"http://localhost:{self.port}{CALLBACK}"

    def wait(self, seconds: float = LIFE_S) -> str:
        """The code that came back; NeedsPerson where a person declined, or nobody came in time."""
        try:
            answer = self._answers.get(timeout=seconds)
        except Empty:
            self._used = True
            raise NeedsPerson(f"nobody agreed within {seconds / 60:.0f} minutes", try_next="adopt auth login") from None
        if isinstance(answer, AdoptError):
            raise answer
        return answer

    def take(self, address: str) -> Page:
        """An address that a browser came back to: taken if it bears the state, the first time."""
        parts = urlsplit(address)
        said = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if parts.path != CALLBACK:
            return Page(404, "There is nothing here", "adopt waits for Meta's answer at another address.")
        if not hmac.compare_digest(said.get("state", "").encode(), self.state.encode()):
            return Page(
                400, "This is not the sign-in that was begun", "Nothing was changed. Start again in the terminal."
            )
        if self._used:
            return Page(410, "This sign-in is over", "It can be used once. Start again in the terminal.")
        return self._accept(said)

    def _accept(self, said: dict[str, str]) -> Page:
        if not said.get("code") and not said.get("error"):
            return Page(400, "Meta's answer is incomplete", "It has neither a code nor an error. Start again.")
        self._used = True
        if said.get("error"):
            reason = mask(said.get("error_description") or said["error"])[:200]
            self._answers.put(
                NeedsPerson(f"the permission was not given: {reason}", try_next="adopt auth login, and Continue")
            )
            return Page(200, "Not connected", "The permission was not given. Nothing was changed.")
        self._answers.put(said["code"])
        return Page(200, "Thank you", "adopt goes on in the terminal. This page can be closed.")


@contextmanager
def listening(port: int = PORT) -> Iterator[Callback]:
    """A callback, its port open on this machine alone for as long as it is waited for; port 0 takes a free one."""
    callback = Callback(port)
    servers = _servers(callback)
    callback.port = servers[0].server_address[1]
    for server in servers:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield callback
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True


class _Server6(_Server):
    address_family = socket.AF_INET6


def _servers(callback: Callback) -> list[_Server]:
    """The port on both loopback addresses, since `localhost` may mean either; IPv4 alone where there is no IPv6."""
    handler = _handler(callback)
    try:
        first = _Server(("127.0.0.1", callback.port), handler)
    except OSError as error:
        raise Invalid(
            f"--port {callback.port} cannot be listened on: {error.strerror}",
            try_next="another port that is registered with your app, or --paste",
        ) from error
    servers = [first]
    with suppress(OSError):
        servers.append(_Server6(("::1", first.server_address[1]), handler))
    return servers


def _handler(callback: Callback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # of a browser that connects and says nothing
        server_version, sys_version = "adopt", ""

        def do_GET(self) -> None:
            host = self.headers.get("Host", "")
            ours = host in (f"localhost:{callback.port}", f"127.0.0.1:{callback.port}", f"[::1]:{callback.port}")
            page = callback.take(self.path) if ours else Page(400, "This is another host", "Nothing was changed.")
            body = _PAGE.format(title=page.title, text=page.text).encode()
            self.send_response(page.status)
            for name, value in {**_HEADERS, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing: the address holds the code."""

    return Handler
