"""The real program flown against a simulated account: both in processes of their own, in one home."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from cli_program import Ran, adopt, environment_of

from adopt.mock import control


class Flight:
    """A simulated account, and the program signed in to it."""

    def __init__(self, home: Path, door: dict[str, Any]) -> None:
        self.home, self.door = home, door
        self.account: str = door["ad_account_id"]
        self.control: str = door["control_url"]

    @property
    def environment(self) -> dict[str, str]:
        """What a person would export."""
        return {
            "ADOPT_GRAPH_URL": self.door["base_url"],
            "ADOPT_ACCESS_TOKEN": self.door["access_token"],
            "ADOPT_AD_ACCOUNT_ID": self.account,
        }

    def adopt(self, *argv: str, **environment: str) -> Ran:
        """Run a command line to its end."""
        return adopt(self.home, *argv, **{**self.environment, **environment})

    def json(self, *argv: str) -> Any:
        """Run a command line that must succeed; what it prints for a program."""
        ran = self.adopt(*argv, "-o", "json")
        assert ran.code == 0, ran.err
        return json.loads(ran.out)

    def start(self, *argv: str) -> subprocess.Popen[bytes]:
        """Start a command line and do not wait for it."""
        return subprocess.Popen(
            [sys.executable, "-m", "adopt", *argv],
            env=environment_of(self.home, **self.environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def targets(self) -> tuple[str, str]:
        """The target at which this account breaks even, as flags."""
        return "--target-cpa", self.door["target_cpa"]

    def advance(self, by: str) -> None:
        """Let simulated time pass."""
        control.advance(self.control, by)

    def fault(self, kind: str, **how: Any) -> None:
        """Let a coming call go wrong."""
        control.fault(self.control, kind, **how)

    def heal(self) -> None:
        """Let no fault wait any longer."""
        control.forget_faults(self.control)

    def scenario(self, name: str, **how: Any) -> None:
        """Let something happen to the account."""
        control.start_scenario(self.control, name, **how)

    def calls(self, method: str = "") -> list[str]:
        """The Graph calls served since they were last forgotten, of one method or all."""
        return [f"{c['method']} {c['path']}" for c in control.calls(self.control) if c["method"].startswith(method)]

    def forget_calls(self) -> None:
        """Count from here on."""
        control.forget_calls(self.control)

    def write(self, object_id: str, **fields: Any) -> None:
        """Change an object as a person in Ads Manager would."""
        token = {"Authorization": f"Bearer {self.door['access_token']}"}
        httpx.post(f"{self.door['base_url']}/v26.0/{object_id}", headers=token, data=fields).raise_for_status()

    def delete(self, object_id: str) -> None:
        """Delete an object as a person in Ads Manager would."""
        token = {"Authorization": f"Bearer {self.door['access_token']}"}
        httpx.delete(f"{self.door['base_url']}/v26.0/{object_id}", headers=token).raise_for_status()

    def value(self, change: dict[str, Any]) -> Any:
        """What Meta shows now in the field that a change is about."""
        level, field = change["object"]["level"], change["field"]
        shown = self.json(level, "get", change["object"]["id"], "--fields", f"id,{field}")[field]
        return shown if field == "status" else int(shown)


@contextmanager
def flight(home: Path, *options: str) -> Iterator[Flight]:
    """A simulated account for the length of a block."""
    with subprocess.Popen(
        [sys.executable, "-m", "adopt", "mock", "serve", "--port", "0", *options],
        env=environment_of(home),
        stdout=subprocess.PIPE,
    ) as process:
        try:
            assert process.stdout
            yield Flight(home, json.loads(process.stdout.readline()))
        finally:
            process.terminate()
