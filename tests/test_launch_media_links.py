"""Links, asked of a server of our own over real sockets."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from adopt.launch.media.links import check_links


class Pages(BaseHTTPRequestHandler):
    """A page, a missing one, redirects, one that knows no HEAD, and what was asked with which headers."""

    asked: ClassVar[list[tuple[str, str, bool]]] = []

    def do_HEAD(self) -> None:
        self.asked.append(
            (self.command, self.path, bool({"authorization", "cookie"} & {*map(str.lower, self.headers)}))
        )
        if self.path == "/slow":
            threading.Event().wait(5)
        status = {"/gone": 404, "/there": 302, "/loop": 302}.get(self.path, 200)
        if self.path == "/get" and self.command == "HEAD":
            status = 405
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/loop" if self.path == "/loop" else "/page")
        self.send_header("Set-Cookie", "a=b")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815 # the server's own names

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    Pages.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def whats(url: str, seconds: float = 10) -> list[tuple[str, str]]:
    return [(problem.level, problem.what.replace(url, "URL")) for problem in check_links([url], seconds=seconds)[url]]


def test_a_page_that_answers_is_only_asked_for_https(site: str) -> None:
    assert whats(f"{site}/page") == [("warning", "URL is http, not https")]
    assert whats(f"{site}/there") == [("warning", "URL ends at http, not https")]
    assert whats(f"{site}/get") == [("warning", "URL is http, not https")]


def test_a_link_that_leads_nowhere_is_an_error(site: str) -> None:
    assert whats(f"{site}/gone") == [("error", "URL answers 404 Not Found")]
    assert whats(f"{site}/loop") == [("error", "URL redirects more than 5 times")]
    assert whats(f"{site}/slow", seconds=0.3) == [("error", "URL does not answer within 0.3 s")]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert whats(f"http://127.0.0.1:{free.getsockname()[1]}/")[0][1].startswith("URL cannot be reached: ")


def test_neither_cookies_nor_credentials_are_sent(site: str) -> None:
    check_links([f"{site}/page", f"{site}/get"])
    check_links([f"{site}/page?again"])
    assert {has_secret for _, _, has_secret in Pages.asked} == {False}
    assert ("GET", "/get", False) in Pages.asked


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("ftp://example.com/", "'URL' is no web address"),
        ("example.com", "'URL' is no web address"),
        ("https://", "'URL' is no web address"),
        ("http://[::1/", "'URL' is no address"),
        ("https://me:secret@example.com/", "a link to example.com holds a user name or password"),
    ],
)
def test_what_is_no_link_is_not_asked(url: str, what: str) -> None:
    assert whats(url) == [("error", what)]
