"""A simulated account whose person is signed in, so that a daemon may act for the command line."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli_program import Ran, adopt
from flight import Flight, flight

from adopt.policy import Schedule
from adopt.settings import Settings, load


class SignedIn(Flight):
    """A flight without a token in its environment; its daemon is stopped at the end."""

    @property
    def environment(self) -> dict[str, str]:
        """What a person would export: the simulator's address and account, no token."""
        return {"ADOPT_GRAPH_URL": self.door["base_url"], "ADOPT_AD_ACCOUNT_ID": self.account}

    @property
    def settings(self) -> Settings:
        """The settings of this home."""
        return load({"ADOPT_HOME": str(self.home), **self.environment})

    @property
    def there(self) -> dict[str, Any]:
        """The daemon that runs."""
        found: dict[str, Any] = self.json("daemon", "status")["daemon"]
        return found

    def sign_in(self) -> None:
        """Keep the token in the vault, and write a policy."""
        ran = adopt(
            self.home,
            *("auth", "login", "--token-stdin", "--no-input", "--keep-key-in", "file"),
            stdin=self.door["access_token"],
            **self.environment,
        )
        assert ran.code == 0, ran.err
        assert self.adopt("init", *self.targets()).code == 0

    def in_process(self, *argv: str) -> Ran:
        """A command line done in its own process while a daemon runs: its token is in the environment."""
        return self.adopt(*argv, ADOPT_ACCESS_TOKEN=self.door["access_token"])

    def kill_daemon(self) -> int:
        """Kill the daemon; its process."""
        number = int(self.there["pid"])
        os.kill(number, signal.SIGKILL)
        until(lambda: not self.json("daemon", "status")["running"])
        return number

    def completed(self) -> set[str]:
        """The kinds of jobs that were completed."""
        return {job["kind"] for job in self.json("job", "list") if job["state"] == "completed"}


@contextmanager
def signed_in(home: Path, *options: str) -> Iterator[SignedIn]:
    """A flight of somebody signed in, for the length of a block."""
    with flight(home, *options) as flown:
        found = SignedIn(home, flown.door)
        found.sign_in()
        try:
            yield found
        finally:
            found.adopt("daemon", "stop")


def until(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    """What comes true in the end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come true")


def quiet(fly: Flight) -> None:
    """A policy whose daemon does nothing by itself."""
    [policy] = (fly.home / "config" / "policy").glob("act_*.toml")
    text = policy.read_text()
    off = "".join(f'{kind} = "off"\n' for kind in Schedule().slots)
    policy.write_text(f"{text}\n[schedule]\n{off}")


def told(ran: Ran) -> Any:
    """The error that a run tells a program."""
    return json.loads(ran.err)["error"]
