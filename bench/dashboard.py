"""The dashboard's cost: to the first picture, in memory, and a second of living rows, beside an empty Textual app.

    python -m bench.dashboard 200 2000 10000

Each size runs in a process of its own without a terminal (120 by 40), over a made-up account of which
twenty ad sets change each second. CPU is of one core, over ten seconds after the first picture.
"""

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from msgspec.structs import replace

SECONDS = 10
SIZE = (120, 40)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Made:
    """An account of so many ad sets, as a door to the dashboard."""

    def __init__(self, number: int) -> None:
        from adopt.model import AdSetRow, Goal, Measured, Rate

        rate = Rate(value=3_100, low=2_400, high=4_000)
        week = Measured(spend=62_000, results=20, revenue=150_000, cpa=rate)
        self.goal = Goal(metric="cpa", value=3_000, result="purchase", attribution="7d_click")
        self.rows = [
            AdSetRow(
                id=f"{n}", name=f"Broad {n} | US | Feeds", campaign_id="1", campaign="Prospecting", status="ACTIVE",
                effective_status="ACTIVE", learning=None, budget=10_000, budget_field="daily_budget",
                budget_of="adset", week=week, verdict="hold", reason="open", next="wait and see",
            )
            for n in range(number)
        ]  # fmt: skip
        self.turn = 0

    def follow(self, after: int | None) -> Iterator[Any]:
        """An entry a second."""
        from adopt.model import Activity, Event

        del after
        while True:
            time.sleep(1.0)
            self.turn += 1
            entry = Activity(id=self.turn, at=NOW, account="act_1", kind="poll", level="info", text="polled")
            yield Event(cursor=self.turn, kind="activity", activity=entry)
            yield None

    def overview(self) -> Any:
        """The account, twenty rows of it other than before."""
        from adopt.model import Overview

        for n in range(20):
            row = self.rows[n]
            self.rows[n] = replace(row, week=replace(row.week, spend=row.week.spend + 100))
        week = self.rows[0].week
        return Overview(
            account="act_1", name="Made up", currency="USD", timezone="UTC", as_of=NOW, goal=self.goal, spend_today=1,
            daily_budget=2, week=week, week_before=week, confidence=0.9, plan=None, plan_state=None, plan_changes=0,
            hold=None, rows=tuple(self.rows),
        )  # fmt: skip

    def series(self, days: int, span: int) -> Any:
        """Ninety days of the same."""
        from adopt.model import Day, Series

        found = [Day(date=date(2026, 8, 27) + timedelta(days=n), figures=self.rows[0].week) for n in range(days)]
        return Series(
            currency="USD", timezone="UTC", goal=self.goal, confidence=0.9, span=span, days=tuple(found), marks=()
        )

    def log(self, cursor: int = 0, limit: int = 0) -> tuple[()]:
        """Nothing yet; nor jobs, campaigns, rules."""
        del cursor, limit
        return ()

    jobs = log

    def tree(self) -> tuple[()]:
        """None."""
        return ()

    rule_counts = tree

    def daemon(self) -> None:
        """None runs."""


async def _empty() -> tuple[float, float]:
    from textual.app import App

    started = time.perf_counter()
    async with App[None]().run_test(size=SIZE) as pilot:
        await pilot.pause()
        return time.perf_counter() - started, await _second(pilot)


async def _dashboard(number: int) -> tuple[float, float]:
    from adopt.client import Client
    from adopt.tui.app import Dashboard, Doors

    door = Made(number)
    doors = Doors(account="act_1", of=lambda _: cast("Client", door), ways={}, environment={}, commands=())
    started = time.perf_counter()
    app = Dashboard(doors)
    async with app.run_test(size=SIZE) as pilot:
        while f"Ad sets {number:,}" not in str(app.query_one("#adsets").border_title):
            await pilot.pause(0.01)
        return time.perf_counter() - started, await _second(pilot)


async def _second(pilot: Any) -> float:
    """CPU seconds a second, from here on."""
    before = time.process_time()
    await pilot.pause(SECONDS)
    return (time.process_time() - before) / SECONDS


def _measure(number: int) -> None:
    first, cpu = asyncio.run(_dashboard(number) if number else _empty())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"first": first, "cpu": cpu, "peak": peak}))


def main() -> None:
    """Print a line a size, the empty app first."""
    sizes = [0, *(int(text) for text in sys.argv[1:] or ("200", "2000", "10000"))]
    print(f"{'ad sets':>8}  {'first picture':>13}  {'of empty':>8}  {'CPU live':>8}  {'peak MB':>7}")
    base = 0.0
    for size in sizes:
        done = subprocess.run(
            [sys.executable, "-m", "bench.dashboard", "--one", str(size)],
            capture_output=True, check=True, cwd=Path(__file__).parent.parent,
        )  # fmt: skip
        got = json.loads(done.stdout)
        base = base or got["first"]
        name = f"{size:,}" if size else "empty"
        first = f"{got['first'] * 1000:>10.0f} ms  {got['first'] / base:>7.1f}x"
        print(f"{name:>8}  {first}  {got['cpu']:>8.1%}  {got['peak']:>7.0f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _measure(int(sys.argv[2]))
    else:
        main()
