"""A simulated account in this process: its Graph API, asked and stepped without HTTP."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from adopt.mock.account import Options
from adopt.mock.call import Call
from adopt.mock.clock import Beginning, Clock
from adopt.mock.graph import Graph

HOUR, DAY = 3600, 86400
PAGE = "5000"


class Flight:
    """One simulated account, and a clock that stands still unless it is told to go on."""

    def __init__(self, options: Options, begins: datetime) -> None:
        moment = begins.replace(tzinfo=ZoneInfo(options.timezone)).timestamp()
        self.clock = Clock(Beginning(moment, 0.0), machine=lambda: 0.0)
        self.graph = Graph(options, self.clock)
        self.account = f"act_{self.graph.world.account.id}"

    def advance(self, hours: float) -> None:
        """Let time pass."""
        self.clock.advance(hours * HOUR)

    def ask(self, path: str, **params: str) -> list[dict[str, Any]]:
        """Give every row of an edge."""
        found: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            body = self._call("GET", path, {"limit": PAGE, **params, **after})
            found += body["data"]
            if "next" not in body.get("paging", {}):
                return found
            after = {"after": body["paging"]["cursors"]["after"]}

    def insights(self, level: str, fields: str, **params: str) -> list[dict[str, Any]]:
        """Give every day of every object of a level."""
        whole = {"since": self.graph.world.calendar.first.isoformat(), "until": self.today()}
        period = {"time_increment": "1", "time_range": json.dumps(whole)}
        return self.ask(f"{self.account}/insights", level=level, fields=fields, **period, **params)

    def write(self, ident: str, **fields: str) -> None:
        """Change an object."""
        self._call("POST", ident, fields)

    def today(self) -> str:
        """Give the date it is."""
        return self.graph.world.calendar.local(self.clock.now()).date().isoformat()

    def _call(self, method: str, path: str, params: dict[str, str]) -> dict[str, Any]:
        token = self.graph.world.account.tokens[0]
        answer = self.graph.answer(Call(method, tuple(path.split("/")), dict(params), token, base="http://simulated"))
        if answer.status != 200:
            raise ValueError(f"{method} {path}: {answer.body}")
        body: dict[str, Any] = answer.body
        return body
