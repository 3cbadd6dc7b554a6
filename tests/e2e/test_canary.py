"""A token through a simulated day: daemon, commands, a crash, a debugged crash; it is found nowhere in clear."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli_program import Ran, adopt, environment_of
from flight import Flight, flight
from webhook import Hook

CRASH = """
import os, sys, types
import adopt.__main__ as program
from adopt.access import Access
from adopt.cli.frame import App
from adopt.settings import load

def status():
    raise ZeroDivisionError(f"sent {Access(load(os.environ)).token().reveal()} to nobody")

module = types.ModuleType("adopt.cli.status")
module.app = App()
module.app.command()(status)
sys.modules["adopt.cli.status"] = module
sys.argv = ["adopt", "status"]
sys.exit(program.main())
"""


class Watched:
    """A person's machine, on which somebody reads every command line and keeps all that is printed."""

    def __init__(self, fly: Flight, home: Path) -> None:
        self.fly, self.home = fly, home
        self.token: str = fly.door["access_token"]
        self.environment = {"ADOPT_GRAPH_URL": fly.door["base_url"], "ADOPT_AD_ACCOUNT_ID": fly.account}
        self.said: list[str] = []
        self.lines: set[bytes] = set()

    def run(self, *argv: str, stdin: str = "", **environment: str) -> Ran:
        """A command, its output kept."""
        ran = adopt(self.home, *argv, stdin=stdin, **self.environment, **environment)
        self.said += [ran.out, ran.err]
        return ran

    def crash(self, **environment: str) -> str:
        """A command that fails with the token in its error; what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", CRASH],
            env=environment_of(self.home, **self.environment, **environment),
            capture_output=True,
            check=False,
            timeout=60,
        )
        self.said += [done.stdout.decode(), done.stderr.decode()]
        return self.said[-1]

    def look(self, end: threading.Event) -> None:
        """Every command line on this machine, again and again."""
        while not end.wait(0.05):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.lines.add(path.read_bytes())
                except OSError:
                    continue  # it has ended


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    with flight(folder / "meta", "--seed", "1", "--ad-sets", "8", "--days", "30") as fly:
        one, end = Watched(fly, folder / "home"), threading.Event()
        spy = threading.Thread(target=one.look, args=(end,))
        spy.start()
        try:
            yield one
        finally:
            one.run("daemon", "stop")
            end.set()
            spy.join()


def test_a_token_used_for_a_day_is_nowhere_in_clear(tmp_path: Path) -> None:
    with watched(tmp_path) as one, Hook() as hook:
        signed = one.run("auth", "login", "--token-stdin", "--keep-key-in", "file", stdin=f"{one.token}\n")
        assert signed.code == 0, signed.err
        assert one.run("init", "--no-input", *one.fly.targets()).code == 0
        assert one.run("notify", "add", hook.url, "--about", "all").code == 0
        assert one.run("daemon", "start").code == 0
        live_a_day(one)
        assert "ZeroDivisionError" in one.crash()
        assert "Traceback" in one.crash(ADOPT_DEBUG="1")
        one.run("adset", "get", one.token)
        kept = {path: path.read_bytes() for path in one.home.rglob("*") if path.is_file()}
        names = {path.name for path in kept}
    assert {"adopt.db", "adopt.db-wal", "daemon.jsonl"} <= names
    assert sum(path.parent.name == "reports" for path in kept) == 2
    secrets = (one.token.encode(), hook.url.rpartition("/")[2].encode())
    assert [path for path, body in kept.items() if any(secret in body for secret in secrets)] == []
    typed = one.token.encode()  # by hand, once, as an argument of the last command
    assert [line for line in one.lines if typed in line and b"\0get\0" not in line] == []
    assert [text for text in one.said if one.token in text] == []
    assert [text for text in hook.texts if one.token in text] == []


def live_a_day(one: Watched) -> None:
    """Six passes, a launch, and a daemon that is killed at noon."""
    one.run("launch", "init", str(one.home / "autumn"))
    assert one.run("launch", str(one.home / "autumn" / "launch.toml")).code == 0
    for hour in range(0, 24, 4):
        one.fly.advance("4h")
        assert one.run("optimize", "--wait", "60s", "-v").code in (0, 7)
        if hour == 12:
            number = int(one.run("daemon", "status", "-o", "json").out.partition('"pid": ')[2].partition(",")[0])
            os.kill(number, signal.SIGKILL)
            one.run("daemon", "start")
    for argv in (["doctor", "-o", "json"], ["auth", "status"], ["log", "-o", "json"], ["job", "list", "-o", "json"]):
        one.run(*argv)
    one.run("daemon", "logs", "-n", "1000")
    one.run("auth", "rotate-key")
