"""Whether a daemon bears it: command lines, streams, kills, deleted sockets and holds for as long as one likes.

    python -m bench.soak [--minutes 30] [--seed N]

A person is signed in to a simulated account whose time runs fast; every so often something of the table below
happens, drawn by the seed. Every command must end as it should, by whichever door. Printed a line a minute: what
was done, and the daemon's memory, threads and open files, which must not grow; at the end what went wrong.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from adopt.client import Client
from adopt.doors import door
from adopt.errors import AdoptError
from adopt.operations.presence import daemon
from adopt.settings import Settings, Token, load

SPEED = 300.0
PAUSE_S = 0.3
POLICY = '[target]\ncpa = "{cpa}"\n[schedule]\noptimize = "5m"\npoll = "5m"\n'


class Figures(NamedTuple):
    """What a process holds."""

    megabytes: float
    threads: int
    files: int


class Soak:
    """One signed-in home, its daemon, and what has happened to it."""

    def __init__(self, home: Path, door_: Mapping[str, Any], seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - which trouble comes next guards nothing
        self.environment = {
            "ADOPT_HOME": str(home),
            "ADOPT_GRAPH_URL": door_["base_url"],
            "ADOPT_AD_ACCOUNT_ID": door_["ad_account_id"],
        }
        self.settings: Settings = load(self.environment)
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []
        Client(self.settings).access.sign_in(Token(door_["access_token"]), "file")
        self.settings.policy_folder.mkdir(parents=True, exist_ok=True)
        self.settings.policy_path.write_text(POLICY.format(cpa=door_["target_cpa"]), encoding="utf-8")

    def adopt(self, *argv: str, allowed: tuple[int, ...] = (0,)) -> None:
        """A command line, which must end with one of these codes."""
        ran = subprocess.run(
            [sys.executable, "-m", "adopt", *argv],
            env={**os.environ, **self.environment},
            capture_output=True,
            timeout=120,
            check=False,
        )
        if ran.returncode not in allowed:
            self.wrong.append(f"adopt {' '.join(argv)} ended with {ran.returncode}: {ran.stderr.decode().strip()}")

    def read(self) -> None:
        """A command that only reads."""
        some = (
            ["status"],
            ["log"],
            ["job", "list"],
            ["adset", "list"],
            ["rule", "list"],
            ["hold"],
            ["campaign", "list"],
        )
        self.adopt(*self.rng.choice(some), "-o", "json")

    def optimize(self) -> None:
        """A pass by hand: held, or beside another run, it says so."""
        self.adopt("optimize", "-q", *self.rng.choice(([], ["--local"])), "--wait", "20s", allowed=(0, 7, 8, 75))

    def ask(self) -> None:
        """Calls over the socket, many at a time."""
        for _ in range(50):
            client = door(self.settings)
            client.overview()
            client.hold()

    def follow(self) -> None:
        """Some events, then away in the midst of a stream."""
        events = door(self.settings).follow(0)
        for _ in range(self.rng.randrange(1, 20)):
            next(events)

    def press(self) -> None:
        """The red button, pressed and released."""
        self.adopt("hold", "on", "--reason", "soak")
        self.adopt("hold", "off")

    def kill(self) -> None:
        """The daemon killed, and started."""
        if there := daemon(self.settings.daemon_lock):
            os.kill(there.pid, 9)
        self.adopt("daemon", "start")

    def restart(self) -> None:
        """The daemon stopped and started."""
        self.adopt("daemon", "restart")

    def unlink(self) -> None:
        """The socket deleted; commands go on meanwhile, and it comes back."""
        if there := daemon(self.settings.daemon_lock):
            Path(there.socket).unlink(missing_ok=True)
        self.read()
        time.sleep(1.5)
        if there and not Path(there.socket).exists():
            self.wrong.append("the socket did not come back")

    def step(self) -> None:
        """Something, more often what is usual."""
        usual: tuple[Callable[[], None], ...] = (self.read, self.read, self.read, self.ask, self.follow)
        rare = (self.optimize, self.press, self.kill, self.restart, self.unlink)
        what = self.rng.choice(usual * 3 + rare)
        self.done[what.__name__] += 1
        try:
            what()
        except AdoptError as error:
            self.wrong.append(f"{what.__name__}: {error.message}")

    def end(self) -> None:
        """The daemon stopped, and what must be true then."""
        self.adopt("hold", "off")
        deadline = time.monotonic() + 60
        client = Client(self.settings)
        while client.jobs(open_only=True) and time.monotonic() < deadline:
            time.sleep(0.2)
        self.wrong += [f"job {job.name} never ended" for job in client.jobs(open_only=True) if job.kind != "review"]
        self.wrong += [
            f"job {job.name} failed: {job.error}" for job in client.jobs(limit=100_000) if job.state == "failed"
        ]
        self.adopt("daemon", "stop")
        client.plan()
        if client.status().in_doubt:
            self.wrong.append("changes are in doubt")
        for path in self.settings.daemon_log.parent.glob("daemon.jsonl*"):
            lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
            self.wrong += [f"the daemon's log: {line['text']}" for line in lines if line["level"] == "error"]


def main() -> None:
    """Soak, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        wrong = soak(Path(home), asked.minutes * 60, asked.seed, print)
    print("\n".join(wrong) or "nothing went wrong")
    sys.exit(1 if wrong else 0)


def soak(home: Path, seconds: float, seed: int, tell: Callable[[str], object]) -> list[str]:
    """What went wrong in so many seconds."""
    options = ("--speed", str(SPEED), "--seed", str(seed), "--ad-sets", "12")
    with subprocess.Popen(
        [sys.executable, "-m", "adopt", "mock", "serve", "--port", "0", *options],
        env={**os.environ, "ADOPT_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as simulator:
        try:
            one = Soak(home, json.loads(simulator.stdout.readline() if simulator.stdout else b""), seed)
            _soak(one, seconds, tell)
            one.end()
        finally:
            if there := daemon(load({"ADOPT_HOME": str(home)}).daemon_lock):
                os.kill(there.pid, 15)
            simulator.terminate()
    return one.wrong


def _soak(one: Soak, seconds: float, tell: Callable[[str], object]) -> None:
    one.adopt("daemon", "start")
    began = told = time.monotonic()
    while time.monotonic() - began < seconds:
        one.step()
        time.sleep(PAUSE_S)
        if time.monotonic() - told > 60:
            told = time.monotonic()
            tell(f"{(told - began) / 60:5.1f} min  {_figures(one)}  {dict(one.done)}")
    tell(f"{(time.monotonic() - began) / 60:5.1f} min  {_figures(one)}  {dict(one.done)}")


def _figures(one: Soak) -> Figures | None:
    """What the daemon holds now, where this system tells it."""
    there = daemon(one.settings.daemon_lock)
    folder = Path(f"/proc/{there.pid}") if there else None
    if folder is None or not folder.exists():
        return None
    told = dict(line.split(":", 1) for line in (folder / "status").read_text(encoding="ascii").splitlines())
    files = len(list((folder / "fd").iterdir()))
    return Figures(round(int(told["VmRSS"].split()[0]) / 1024, 1), int(told["Threads"]), files)


if __name__ == "__main__":
    main()
