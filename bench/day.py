"""A day of the loop in simulated time, with the daemon killed every hour of it, and what became of it.

    python -m bench.day [--hours N] [--speed X] [--ad-sets N] [--seed N]

The simulator's clock runs X times as fast as this machine's, a slot is queued for every hour (a poll, and every
fourth an optimization), and in each hour the daemon is killed in the midst of it and started again. Then the
journal is held against what Meta has: every slot carried out, nothing lost, nothing written twice.
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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from adopt.client import Client
from adopt.mock import control
from adopt.model import Activity, Outcome
from adopt.policy import Schedule
from adopt.settings import Settings, Token, load
from adopt.store import activity, changes, plans, queue
from adopt.store.database import open_store

BEGIN = datetime(2026, 3, 10, 4, tzinfo=UTC)  # midnight in New York
PATIENCE_S = 60.0
PASS_S = 1.2  # of this machine's time: a pass lies within it, so that most kills hit one


class Day(NamedTuple):
    """What became of it."""

    kills: int
    queued: Counter[str]  # slots by kind
    completed: Counter[str]
    open: int  # jobs that never ended
    outcomes: tuple[Outcome, ...]
    writes: Counter[str]  # that Meta took, by object
    wrong: tuple[str, ...]  # objects that are not as the journal says
    diary: tuple[Activity, ...]
    errors: tuple[str, ...]  # of the daemon's own log

    @property
    def complaints(self) -> list[str]:
        """What should not have been."""
        made = Counter(one.change.object.id for one in self.outcomes if one.state == "applied")
        doubts = [one.id for one in self.outcomes if one.state in ("intended", "unknown")]
        told = Counter(one.data.get("change") for one in self.diary if one.kind == "change")
        return [
            *(f"{kind}: {n} slots, {self.completed[kind]} done" for kind, n in self.queued.items() if self.lost(kind)),
            *([f"{self.open} jobs never ended"] if self.open else []),
            *(f"{id_} is in doubt" for id_ in doubts),
            *(f"{id_}: {self.writes[id_]} writes, {made[id_]} changes" for id_ in made | self.writes if self.odd(id_)),
            *(f"{key} was told {n} times" for key, n in told.items() if n != 1),
            *(f"{id_} is not as the journal says" for id_ in self.wrong),
            *self.errors,
        ]

    def lost(self, kind: str) -> bool:
        """Whether a slot was not carried out, or more than there were."""
        return self.completed[kind] != self.queued[kind]

    def odd(self, id_: str) -> bool:
        """Whether Meta took another number of writes of an object than there were changes."""
        return self.writes[id_] != sum(one.state == "applied" and one.change.object.id == id_ for one in self.outcomes)


def main() -> None:
    """Live a day and print its diary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--speed", type=float, default=1000.0)
    parser.add_argument("--ad-sets", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        lived = live(Path(home), asked.hours, asked.speed, asked.ad_sets, asked.seed)
    for one in lived.diary:
        print(f"{one.at:%a %H:%M}  {one.level:7} {one.kind:7} {one.text}")
    states = Counter(one.state for one in lived.outcomes)
    print(
        f"\n{asked.hours} hours at {asked.speed:g}x, {lived.kills} kills: {dict(lived.completed)} jobs, {dict(states)}"
    )
    print("\n".join(lived.complaints) or "nothing lost, nothing twice, nothing in doubt")
    sys.exit(1 if lived.complaints else 0)


def live(home: Path, hours: int, speed: float, ad_sets: int, seed: int) -> Day:
    """So many hours, with a kill in each."""
    rng, kills, queued = random.Random(seed), 0, Counter[str]()  # noqa: S311 - when to kill guards nothing
    with _flying(home, speed, ad_sets, seed) as (client, address):
        process, began = _start(client.settings), time.monotonic()
        for hour in range(hours):
            for kind in ("poll", *(["optimize"] if hour % 4 == 0 else [])):
                queued[kind] += client.enqueue_pass(kind, _account(client), BEGIN + timedelta(hours=hour))
            time.sleep(rng.random() * PASS_S)
            process.kill()
            process.wait()
            kills += 1
            process = _start(client.settings)
            time.sleep(max(0.0, began + (hour + 1) * 3600 / speed - time.monotonic()))
        return _end(client, address, process, kills, queued)


@contextmanager
def _flying(home: Path, speed: float, ad_sets: int, seed: int) -> Iterator[tuple[Client, str]]:
    """An account whose time runs fast, and a policy for it."""
    options = ("--speed", str(speed), "--ad-sets", str(ad_sets), "--seed", str(seed), "--now", BEGIN.isoformat())
    with subprocess.Popen(
        [sys.executable, "-m", "adopt", "mock", "serve", "--port", "0", *options],
        env={**os.environ, "ADOPT_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as simulator:
        try:
            line = simulator.stdout.readline() if simulator.stdout else b""
            door: Mapping[str, Any] = json.loads(line)
            yield _settled(home, door), door["control_url"]
        finally:
            simulator.terminate()


def _settled(home: Path, door: Mapping[str, Any]) -> Client:
    """A client whose policy leaves the timetable to us."""
    settings = load(
        {
            "ADOPT_HOME": str(home),
            "ADOPT_GRAPH_URL": door["base_url"],
            "ADOPT_AD_ACCOUNT_ID": door["ad_account_id"],
            "ADOPT_ACCESS_TOKEN": door["access_token"],
        }
    )
    settings.policy_folder.mkdir(parents=True, exist_ok=True)
    off = "".join(f'{kind} = "off"\n' for kind in Schedule().slots)
    settings.policy_path.write_text(f'[target]\ncpa = "{door["target_cpa"]}"\n[schedule]\n{off}', encoding="utf-8")
    return Client(settings)


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "adopt", "daemon", "run"],
        env={
            **os.environ,
            "ADOPT_HOME": str(settings.places.state.parent),
            "ADOPT_GRAPH_URL": settings.graph_url,
            "ADOPT_AD_ACCOUNT_ID": settings.require_account(),
            "ADOPT_ACCESS_TOKEN": (settings.token or Token("")).reveal(),
        },
    )


def _end(client: Client, address: str, process: "subprocess.Popen[bytes]", kills: int, queued: Counter[str]) -> Day:
    """The rest worked off by the last daemon, and everything looked at."""
    deadline = time.monotonic() + PATIENCE_S
    while client.jobs(open_only=True) and time.monotonic() < deadline:
        time.sleep(0.1)
    process.terminate()
    process.wait()
    client.plan()  # what is in doubt is looked up
    calls = (call for call in control.calls(address) if call["method"] == "POST" and call["path"].strip("/"))
    with open_store(client.settings.database) as store:
        account = _account(client)
        outcomes = tuple(
            one for plan in plans.recent(store, account, limit=-1) for one in changes.of_plan(store, plan.id)
        )
        jobs = queue.listing(store, limit=10_000)
        diary = activity.tail(store, account, limit=10_000)
    return Day(
        kills=kills,
        queued=queued,
        completed=Counter(job.kind for job in jobs if job.state == "completed"),
        open=sum(not job.has_ended for job in jobs),
        outcomes=outcomes,
        writes=Counter(call["path"].rsplit("/", 1)[-1] for call in calls),
        wrong=tuple(_wrong(client, outcomes)),
        diary=diary,
        errors=tuple(_complaints(client.settings.daemon_log)),
    )


def _wrong(client: Client, outcomes: tuple[Outcome, ...]) -> Iterator[str]:
    """The objects that Meta has otherwise than as the last change left them."""
    last = {
        (one.change.object.id, field): (one, after)
        for one in sorted(outcomes, key=lambda one: one.at)
        if one.state == "applied"
        for field, after in zip(one.change.fields, one.change.afters, strict=True)
    }
    for (id_, field), (one, after) in last.items():
        if str(client.node(one.change.object.level, id_, (field,)).get(field)) != str(after):
            yield id_


def _complaints(log: Path) -> list[str]:
    """What the daemons themselves called an error."""
    lines = (json.loads(line) for line in log.read_text(encoding="utf-8").splitlines())
    return [line["text"] for line in lines if line["level"] == "error"]


def _account(client: Client) -> str:
    return client.settings.require_account()


if __name__ == "__main__":
    main()
