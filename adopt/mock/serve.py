"""Serves a simulation until it is told to stop."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, ClassVar, cast

from starlette.requests import Request
from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from adopt.mock.account import Options
from adopt.mock.app import control_app, graph_app
from adopt.mock.authority import authority, server_context
from adopt.mock.calendar import parse_moment
from adopt.mock.control import address_file
from adopt.mock.limits import Limits
from adopt.mock.proxy import Proxy
from adopt.mock.simulator import Progress, Simulator, untold, write_atomically

log = logging.getLogger(__name__)

PORT = 8421
PATIENCE = 1  # seconds a call in flight may take when we stop


class Line(AutoHTTPProtocol):  # type: ignore[valid-type,misc] # httptools' parser where it is installed, else h11's
    """A connection that can be found, and dropped, by its client's address."""

    known: ClassVar[dict[tuple[str, int], asyncio.BaseTransport]] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Remember the connection."""
        super().connection_made(transport)
        self.known[transport.get_extra_info("peername")[:2]] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.known.pop(self.transport.get_extra_info("peername")[:2], None)
        super().connection_lost(exc)


class QuietServer(Server):
    """A server that leaves the process's signals to us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def drop(request: Request) -> None:
    """Close a request's connection without an answer."""
    line = Line.known.get((request.client.host, request.client.port)) if request.client else None
    if line is not None:
        cast("asyncio.Transport", line).abort()


def serve(  # noqa: PLR0913 # one argument for each option of the command
    options: Options | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = PORT,
    now: str | None = None,
    state: Path | None = None,
    speed: float = 1.0,
    progress: Progress = untold,
    proxy: bool = False,
    limits: Limits | None = None,
) -> None:
    """Run a simulation's servers: print one JSON line when they are ready, go on until SIGTERM or SIGINT."""
    begins = None if now is None else parse_moment(now)
    simulator = Simulator(options or Options(), begins, state, speed=speed, progress=progress, limits=limits)
    graph, control = _listen(host, port), _listen("127.0.0.1", 0)
    tls = _listen(host, port + 1 if port else 0) if proxy else None
    ready = ready_line(simulator, _url(graph), _url(control))
    if tls is not None:
        ready |= proxy_variables(_url(tls), authority(address_file().parent))
    asyncio.run(_run(simulator, ready, graph, control, tls))


def ready_line(simulator: Simulator, base: str, control: str) -> dict[str, Any]:
    """Give what a client needs to know."""
    account = simulator.graph.world.account
    good, expired, limited = account.tokens
    return {
        "base_url": base,
        "access_token": good,
        "expired_token": expired,
        "rate_limit_token": limited,
        "ad_account_id": f"act_{account.id}",
        "page_id": account.page,
        "target_cpa": account.money.text(account.target_cpa),
        "target_roas": account.target_roas,
        "result": account.trade.result,
        "control_url": control,
        "app_id": account.app,
        "app_secret": account.secret,
    }


def proxy_variables(proxy: str, bundle: Path) -> dict[str, str]:
    """Give the environment in which a client of Meta's own hosts reaches us."""
    return {"HTTPS_PROXY": proxy, "REQUESTS_CA_BUNDLE": str(bundle), "SSL_CERT_FILE": str(bundle)}


async def _run(
    simulator: Simulator,
    ready: dict[str, Any],
    graph: socket.socket,
    control: socket.socket,
    tls: socket.socket | None,
) -> None:
    servers = [_server(graph_app(simulator, drop)), _server(control_app(simulator, ready))]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, servers)
    running = [
        asyncio.create_task(server.serve(sockets=[line]))
        for server, line in zip(servers, (graph, control), strict=True)
    ]
    while not all(server.started for server in servers):  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.002)
    async with _proxying(tls, graph):
        _leave_address(ready)
        _announce(ready)
        await asyncio.gather(*running)
    simulator.save()
    _take_address()


@contextlib.asynccontextmanager
async def _proxying(tls: socket.socket | None, graph: socket.socket) -> AsyncIterator[None]:
    """Let clients in by TLS, if there is a socket for it."""
    if tls is None:
        yield
        return
    host, port = graph.getsockname()[:2]
    proxy = Proxy(server_context(address_file().parent), _loopback(host), port)
    async with await asyncio.start_server(proxy.serve, sock=tls) as server:
        await server.start_serving()
        yield
        server.close()
        proxy.close()


def _announce(ready: dict[str, Any]) -> None:
    """Say that we are ready, and to a person how to point other programs here."""
    if "HTTPS_PROXY" in ready:
        names = ("HTTPS_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
        log.warning("For any program that calls Meta:  export %s", " ".join(f"{name}={ready[name]}" for name in names))
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()


def _leave_address(ready: dict[str, Any]) -> None:
    """Write where we are; a home that cannot be written costs only the commands that look there."""
    try:
        write_atomically(address_file(), json.dumps({**ready, "pid": os.getpid()}).encode())
    except OSError as error:
        log.warning("warning: %s cannot be written: %s", address_file(), error)


def _take_address() -> None:
    """Remove our own address, not that of a simulator started since."""
    with contextlib.suppress(OSError, ValueError):
        if json.loads(address_file().read_bytes()).get("pid") == os.getpid():
            address_file().unlink()


def _server(app: ASGIApp) -> Server:
    return QuietServer(
        Config(
            app,
            http=Line,
            ws="none",
            lifespan="off",
            log_level="critical",
            access_log=False,
            date_header=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=PATIENCE,
            timeout_keep_alive=60,
        )
    )


def _stop(servers: list[Server]) -> None:
    for server in servers:
        server.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # named, so that asyncio knows it is TCP and sends short answers at once
    line = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    line.bind((host, port))
    return line


def _loopback(host: str) -> str:
    """Give where a server that listens everywhere is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - recognised, not bound


def _url(line: socket.socket) -> str:
    host, port = line.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
