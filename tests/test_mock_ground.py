"""A simulator for the tests of the simulator: in a process of its own, or without a server."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from adopt.mock import control
from adopt.mock.account import Options
from adopt.mock.call import Call
from adopt.mock.clock import Beginning, Clock
from adopt.mock.graph import Graph

NOON = 1_794_934_800.0  # 2026-11-17 12:00 in New York


class Flight:
    """A running simulator and a client of it."""

    def __init__(self, process: subprocess.Popen[bytes], ready: dict[str, Any]) -> None:
        self.process, self.ready = process, ready
        self.account, self.control_url = ready["ad_account_id"], ready["control_url"]
        headers = {"Authorization": f"Bearer {ready['access_token']}"}
        self.client = httpx.Client(base_url=ready["base_url"], headers=headers, trust_env=False, timeout=20)

    def get(self, path: str, **params: Any) -> Any:
        return self.client.get(path, params=params).json()

    def post(self, path: str, **data: Any) -> Any:
        return self.client.post(path, data=data).json()

    def advance(self, by: str) -> None:
        control.advance(self.control_url, by)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.client.close()
        self.process.send_signal(number)
        return self.process.wait(10)


@contextmanager
def flying(home: Path, *options: str) -> Iterator[Flight]:
    command = [sys.executable, "-m", "adopt", "mock", "serve", "--port", "0", *options]
    environment = {**os.environ, "ADOPT_HOME": str(home)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    flight = None
    try:
        flight = Flight(process, json.loads(process.stdout.readline()))
        yield flight
    finally:
        if flight is not None:
            flight.client.close()
        process.kill()
        process.wait(10)
        process.stdout.close()


class Ground:
    """The Graph API without a server, its machine's clock standing still."""

    def __init__(self, *, now: float = NOON, written: tuple[Any, ...] = (), **options: Any) -> None:
        self.clock = Clock(Beginning(now, 0.0), machine=lambda: 0.0)
        self.graph = Graph(Options(**options), self.clock, written)
        self.account = f"act_{self.graph.world.account.id}"
        self.token = self.graph.world.account.tokens[0]

    def call(self, method: str, path: str, **params: Any) -> tuple[int, Any]:
        parts = tuple(part for part in path.split("/") if part)
        answer = self.graph.answer(Call(method, parts, params, self.token))
        return answer.status, answer.body

    def get(self, path: str, **params: Any) -> Any:
        return self.call("GET", path, **params)[1]

    def post(self, path: str, **params: Any) -> Any:
        return self.call("POST", path, **params)[1]

    def error(self, method: str, path: str, **params: Any) -> tuple[int, int, int | None]:
        status, body = self.call(method, path, **params)
        return status, body["error"]["code"], body["error"].get("error_subcode")

    def advance(self, hours: float) -> None:
        self.clock.advance(hours * 3600)

    def rows(self, level: str = "adset", **params: Any) -> list[dict[str, Any]]:
        return self.get(f"{self.account}/insights", **{"level": level, "limit": "5000", **params})["data"]

    def ad_sets(self) -> list[dict[str, Any]]:
        fields = "name,daily_budget,effective_status,campaign_id"
        return self.get(f"{self.account}/adsets", fields=fields, limit="5000")["data"]


def purchases(row: dict[str, Any], key: str = "value", kind: str = "purchase", field: str = "actions") -> float:
    return sum(float(one.get(key, 0)) for one in row.get(field, ()) if one["action_type"] == kind)
