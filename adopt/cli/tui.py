"""`adopt tui`: the dashboard in the terminal."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated

from msgspec.structs import replace

from adopt.cli.frame import COMMANDS, App, Context, Option, screen
from adopt.cli.session import settings
from adopt.errors import AdoptError, Invalid
from adopt.settings import load

if TYPE_CHECKING:
    from adopt.client import Client
    from adopt.tui.app import Doors

app = App()

_SPEED = 1440  # of the demo: a day a minute
_PASS_S = 10.0  # so that a pass is made every four hours of it


@app.command(epilog="adopt tui\nadopt tui --demo")
def tui(
    ctx: Context,
    *,
    demo: Annotated[
        bool, Option("--demo", help="On a simulated account of its own, a day a minute, gone afterwards.")
    ] = False,
) -> None:
    """Watch and steer an ad account on a dashboard in the terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Invalid("the dashboard needs a terminal", try_next="adopt status, or adopt log -f")
    with ExitStack() as opened:
        doors = _demo(ctx, opened) if demo else _own(ctx, opened)
        from adopt.tui.app import Dashboard

        Dashboard(doors).run()


def _own(ctx: Context, opened: ExitStack) -> "Doors":
    """The account of this run's settings, with the daemon that keeps it; the dashboard says so where none runs."""
    from adopt.cli.daemon import ensure

    found = settings(ctx)
    if found.account and found.policy_path.exists():
        with suppress(AdoptError):
            ensure(ctx)
    return _doors(ctx, opened)


def _doors(ctx: Context, opened: ExitStack) -> "Doors":
    """The account of this run's settings; the ways to one where there is none."""
    from adopt.doors import door
    from adopt.tui.app import Doors, Way

    found = settings(ctx)
    ways = {
        "simulator": Way("See it on a simulated account: no sign-in, no money", lambda: _demo(ctx, opened)),
        "connect": Way("Connect your own: adopt auth login, then adopt init", lambda: _connected(ctx, opened)),
    }
    return Doors(
        account=found.account,
        of=lambda account: door(replace(found, account=account)),
        ways=ways,
        environment={},
        commands=tuple(COMMANDS),
    )


def _connected(ctx: Context, opened: ExitStack) -> "Doors | None":
    """The account that a person signs in to and writes a policy for, in this terminal."""
    for words in (["auth", "login"], ["init"]):
        if subprocess.run([sys.executable, "-m", "adopt", *words], check=False).returncode:  # noqa: S603 - our own program
            input("Enter goes back to the dashboard. ")
            return None
    return _own(ctx, opened)


def _demo(ctx: Context, opened: ExitStack) -> "Doors":
    """A simulator and a daemon of their own in a home that is deleted afterwards."""
    from adopt.cli.demo import client_of, simulator
    from adopt.client import Client
    from adopt.tui.app import Doors

    paper = screen(ctx)
    home = opened.enter_context(tempfile.TemporaryDirectory(prefix="adopt-tui-", ignore_cleanup_errors=True))
    said = opened.enter_context(simulator(paper, home, "--speed", str(_SPEED), "--ad-sets", "24", "--days", "60"))
    client, environment = client_of(home, said)
    with paper.waiting("the first pass over the simulated account"):
        client.optimize()
    opened.enter_context(_daemon(home, environment))
    opened.enter_context(_passes(client))
    return Doors(
        account=client.settings.account,
        of=lambda account: Client(replace(load(environment), account=account)),
        ways={},
        environment=environment,
        commands=tuple(COMMANDS),
    )


@contextmanager
def _daemon(home: str, environment: Mapping[str, str]) -> Iterator[None]:
    """A daemon on that home, stopped on leaving."""
    with Path(home, "daemon.err").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "adopt", "daemon", "run"],
            env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=10)


@contextmanager
def _passes(client: "Client") -> Iterator[None]:
    """Passes as often as the fast time wants them: the daemon's own timetable goes by the machine's clock."""
    over = Event()
    account = client.settings.require_account()

    def enqueue() -> None:
        while not over.wait(_PASS_S):
            try:
                client.enqueue_pass("optimize", account, datetime.now(UTC))
            except AdoptError:
                continue  # a busy database: the next one will do

    thread = Thread(target=enqueue, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
