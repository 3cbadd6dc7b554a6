"""`adopt demo`: the main job on a simulated account, from the first poll to the second day's plan."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from adopt.cli.frame import App, Context, Option, screen
from adopt.cli.plans import draw_outcomes, show_outcomes, show_plan
from adopt.cli.render import Screen
from adopt.cli.why import show_why
from adopt.errors import Unreachable

if TYPE_CHECKING:
    from adopt.client import Client

app = App()

_INTRO = (
    "A simulated ad account with a month of history: no sign-in, no network, no money. It is served over "
    "HTTP as Meta's Graph API, so what you see here is what happens on a real account."
)


@app.command(epilog="adopt demo\nadopt demo --seed 7")
def demo(ctx: Context, seed: Annotated[int, Option(help="Another account; the same one each time.")] = 1) -> None:
    """See it work on a simulated ad account: no sign-in, no network."""
    paper = screen(ctx)
    with tempfile.TemporaryDirectory(prefix="adopt-demo-") as home, simulator(paper, home, "--seed", str(seed)) as door:
        _fly(paper, client_of(home, door)[0], door["control_url"])
    _say_next(paper)


def _fly(paper: Screen, client: "Client", control_url: str) -> None:
    from adopt.mock import control

    paper.say(_INTRO)
    _head(paper, "1  Poll, judge, plan")
    with paper.waiting("polling the account and judging each ad set"):
        plan = client.plan()
    show_plan(paper, plan)
    _head(paper, "2  Apply: look, compare, write, read back")
    with paper.waiting("applying"):
        outcomes = client.apply(plan)
    draw_outcomes(paper, plan, outcomes)
    with paper.waiting("a day goes by in the simulated account"):
        control.advance(control_url, "1d")
    _head(paper, "3  A day later: adopt optimize, as cron would call it")
    with paper.waiting("polling what changed"):
        later, made = client.optimize()
    show_outcomes(paper, later, made)
    _head(paper, "4  adopt why: the evidence for one of them")
    show_why(paper, client.why(plan.changes[0].object.id if plan.changes else plan.verdicts[0].object.id))


@contextmanager
def simulator(paper: Screen, home: str, *options: str) -> Iterator[dict[str, Any]]:
    """A simulator of its own in another process; what its ready line says."""
    command = [sys.executable, "-m", "adopt", "mock", "serve", "--port", "0", *options]
    complaints = Path(home, "simulator.log")
    with (
        complaints.open("w") as log,
        subprocess.Popen(  # noqa: S603 - our own program
            command, stdout=subprocess.PIPE, stderr=log, env={**os.environ, "ADOPT_HOME": home}
        ) as process,
    ):
        try:
            with paper.waiting("simulating an ad account with a month of history"):
                line = process.stdout.readline() if process.stdout else b""
            if not line:
                said = complaints.read_text().strip()
                raise Unreachable(f"the simulator did not start: {said}", try_next="adopt mock serve")
            yield json.loads(line)
        finally:
            process.terminate()


def client_of(home: str, door: dict[str, Any]) -> "tuple[Client, dict[str, str]]":
    """The operations over the simulated account, with a policy at its break-even target; and its environment."""
    from adopt.client import Client
    from adopt.policy import Target
    from adopt.settings import load

    environment = {
        "ADOPT_HOME": home,
        "ADOPT_GRAPH_URL": door["base_url"],
        "ADOPT_ACCESS_TOKEN": door["access_token"],
        "ADOPT_AD_ACCOUNT_ID": door["ad_account_id"],
    }
    client = Client(load(environment))
    client.init(Target(cpa=Decimal(door["target_cpa"])))
    return client, environment


def _head(paper: Screen, title: str) -> None:
    paper.say()
    paper.say(title, "bold")
    paper.say()


def _say_next(paper: Screen) -> None:
    """What to type now, as this program is called here."""
    here = Path(sys.executable).with_name("adopt")
    name = "adopt" if shutil.which("adopt") or not here.exists() else _short(here)
    paper.say()
    paper.say("Next", "bold")
    paper.terms(
        [
            (f"{name} audit FILE.csv --target-cpa 30", "a second opinion on an Ads Manager export, no account needed"),
            (f"{name} mock serve", "a simulated account to fly yourself; it says what to export"),
            (f"{name} init", "your own account, after adopt auth login"),
        ]
    )


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
