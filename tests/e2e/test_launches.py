"""Launches by real workers that are really killed, over a simulated account that breaks: nothing lost, nothing twice.

`script/kill-launches 200` kills more often than there is time for here.
"""

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from subprocess import PIPE, Popen
from typing import Any

import httpx
import launch_child
import pytest
from cli_program import environment_of
from flight import Flight, flight
from launches import drawn, filmed, launch

from adopt.client import Client
from adopt.launch.tree import Launch
from adopt.model import Job
from adopt.settings import load
from adopt.store.database import open_store

KILLS = int(os.environ.get("KILLS", "10"))
EDGES = ("campaigns", "adsets", "ads", "adcreatives", "adlabels", "adimages", "advideos")
AD_SETS = 3  # whose path begins as that of ads does


class Ground:
    """A simulated account, the queue in front of it, and workers that carry launches out."""

    def __init__(self, fly: Flight) -> None:
        self.fly = fly
        self.environment = environment_of(fly.home, **fly.environment)
        self.settings = load(self.environment)
        self.door = Client(self.settings)
        self.before = self.objects()
        self.labels: list[str] = []

    def launches(self, count: int = 1, **how: Any) -> list[Launch]:
        """Launches of 3 ad sets, 6 ads, 2 pictures and a video, queued."""
        folder = self.fly.home / "files"
        shown = (drawn(folder, "blue.png"), drawn(folder, "red.png", 80), filmed(folder, size=2 << 20))
        made = [launch(self.fly.account, shown, name=f"Launch {n}", **how) for n in range(count)]
        for one in made:
            assert self.door.launch(one)[1]
        return made

    @contextmanager
    def worker(self, skew_s: float = 0, largest: int = 0, settle_s: float = 0.4) -> Iterator[Popen[bytes]]:
        """A worker at work, killed at the end."""
        argv = [sys.executable, launch_child.__file__, str(settle_s), str(skew_s), str(largest)]
        with Popen(argv, env=self.environment, stdout=PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            try:
                yield process
            finally:
                process.send_signal(signal.SIGKILL)

    def slow_down(self) -> None:
        """Let every create take a while to answer, so that a kill meets it half-way."""
        self.fly.fault("slow", method="POST", path="/act_", seconds=0.06, times=0)

    def jobs(self) -> tuple[Job, ...]:
        """The launches in the queue."""
        return tuple(job for job in self.door.jobs(limit=10_000) if job.kind == "launch")

    def wait(self, limit_s: float = 90) -> tuple[Job, ...]:
        """The launches once all are completed."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            jobs = self.jobs()
            if all(job.state == "completed" for job in jobs):
                return jobs
            time.sleep(0.05)
        raise AssertionError([(job.name, job.shown, job.error, job.steps[-1:]) for job in jobs])

    def are_done(self) -> bool:
        """Whether every launch has ended."""
        return all(job.has_ended for job in self.jobs())

    def objects(self) -> dict[str, list[dict[str, Any]]]:
        """All that the account has, by edge; videos only once they have all their bytes."""
        token = {"Authorization": f"Bearer {self.fly.door['access_token']}"}
        found = {}
        for edge in EDGES:
            fields = {"adimages": "hash", "advideos": "id,status"}.get(edge, "id,name,status,adlabels")
            fields = "id,name" if edge == "adlabels" else fields
            url = f"{self.fly.door['base_url']}/v26.0/{self.fly.account}/{edge}"
            rows: list[dict[str, Any]] = []
            while url:
                answer = httpx.get(url, params=None if rows else {"fields": fields, "limit": 500}, headers=token).json()
                rows += answer["data"]
                url = answer.get("paging", {}).get("next")
            found[edge] = [one for one in rows if edge != "advideos" or one["status"]["video_status"] == "ready"]
        return found

    def made(self) -> dict[str, int]:
        """How many objects came, by edge."""
        return {edge: len(rows) - len(self.before[edge]) for edge, rows in self.objects().items()}

    def everything_is_there_once(self, launches: int, jobs: tuple[Job, ...]) -> None:
        """Nothing lost and nothing twice, and the journal names what is there."""
        assert self.made() == {
            "campaigns": launches,
            "adsets": 3 * launches,
            "ads": 6 * launches,
            "adcreatives": 3 * launches,
            "adlabels": launches,
            "adimages": 2,
            "advideos": 1,
        }
        there = {row.get("id") for rows in self.objects().values() for row in rows}
        made = [
            step.object for job in jobs for step in job.steps if step.name.startswith(("ad.", "adset.", "campaign"))
        ]
        assert len(jobs) == launches
        assert set(made) <= there
        assert Counter(job.state for job in jobs) == {"completed": launches}

    def looks(self) -> int:
        """How often it was looked for what an unanswered create had made."""
        return sum("bylabels" in call for call in self.fly.calls("GET"))

    def tell(self, kills: int, launches: int, jobs: tuple[Job, ...]) -> None:
        """The figures of a run, for who wants to see them: `-rP`."""
        figures = {"kills": kills, "launches": launches, "looks": self.looks(), "made again": self.doubts(jobs)}
        sys.stdout.write(f"{figures}\n")

    def doubts(self, jobs: tuple[Job, ...]) -> int:
        """The creates that were made again, since nothing was found of them."""
        kinds = ("ad.", "adset.", "campaign", "creative.")
        steps = [step for job in jobs for step in job.steps if step.name.startswith(kinds)]
        return sum(step.attempts - 1 for step in steps if not step.name.endswith(".active"))


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    with flight(tmp_path, "--seed", "1", "--ad-sets", "2", "--days", "2") as fly:
        made = Ground(fly)
        fly.forget_calls()
        yield made


def test_a_worker_killed_again_and_again_launches_everything_once(ground: Ground) -> None:
    ground.slow_down()
    chance, kills, launches = Random(1), 0, 0  # noqa: S311 - when to kill
    while kills < KILLS:
        if ground.are_done():
            folder = ground.fly.home / "files"
            shown = (drawn(folder, "blue.png"), drawn(folder, "red.png", 80), filmed(folder, size=2 << 20))
            ground.door.launch(launch(ground.fly.account, shown, name=f"Launch {launches}"))
            launches += 1
        with ground.worker():
            time.sleep(chance.uniform(0.0, 1.2))
        kills += 1
    with ground.worker():
        jobs = ground.wait()
    ground.tell(kills, launches, jobs)
    ground.everything_is_there_once(launches, jobs)
    assert ground.doubts(jobs) <= ground.looks() <= 3 * kills
    assert ground.looks() > 0
    assert all(job.failures == 0 and job.error is None for job in jobs)


def test_two_workers_whose_clocks_differ_by_a_minute_launch_everything_once_though_one_is_always_killed(
    ground: Ground,
) -> None:
    ground.slow_down()
    chance, kills, launches = Random(2), 0, 0  # noqa: S311 - when to kill
    skews = (0.0, 60.0)
    while kills < KILLS:
        if ground.are_done():
            launches += len(ground.launches(1, budget=2000 + launches))
        with ground.worker(skews[kills % 2]), ground.worker(skews[1 - kills % 2]) as other:
            time.sleep(chance.uniform(0.0, 0.3))
            other.send_signal(signal.SIGKILL)
            time.sleep(chance.uniform(0.0, 0.3))
        kills += 1
    with ground.worker(), ground.worker(60.0):
        jobs = ground.wait()
    ground.tell(kills, launches, jobs)
    ground.everything_is_there_once(launches, jobs)
    assert ground.looks() <= 6 * kills


def test_ten_launches_at_once_are_made_once_each_by_workers_that_are_killed(ground: Ground) -> None:
    ground.slow_down()
    chance, kills, launches = Random(3), 0, 0  # noqa: S311 - when to kill
    while kills < KILLS:
        if ground.are_done():
            launches += len(ground.launches(10, budget=2000 + launches))
        with ground.worker():
            time.sleep(chance.uniform(0.0, 0.8))
        kills += 1
    with ground.worker():
        jobs = ground.wait()
    ground.tell(kills, launches, jobs)
    ground.everything_is_there_once(launches, jobs)
    assert ground.doubts(jobs) <= ground.looks() <= 3 * kills


def test_what_was_created_before_the_connection_dropped_is_found_by_one_look_each(ground: Ground) -> None:
    ground.launches()
    for edge, nth in (("adlabels", 1), ("adcreatives", 1), ("campaigns", 1), ("adsets", 1), ("ads", AD_SETS + 1)):
        ground.fly.fault("drop_after", method="POST", path=f"/{edge}", nth=nth)
    with ground.worker():
        jobs = ground.wait()
    ground.everything_is_there_once(1, jobs)
    assert ground.looks() == 4
    assert ground.doubts(jobs) == 0


def test_what_never_arrived_is_looked_for_three_times_and_then_created(ground: Ground) -> None:
    ground.launches()
    ground.fly.fault("drop", method="POST", path="campaigns")
    ground.fly.fault("drop", method="POST", path="adsets", nth=2)
    with ground.worker():
        jobs = ground.wait()
    ground.everything_is_there_once(1, jobs)
    assert (ground.looks(), ground.doubts(jobs)) == (6, 2)


def test_lists_that_lag_by_ten_seconds_hide_nothing(ground: Ground) -> None:
    ground.launches()
    ground.fly.fault("lag", path="bylabels", seconds=10, times=0)
    ground.fly.fault("drop_after", method="POST", path="campaigns")
    assert ground.fly.adopt("job", "run", "-o", "json").code == 0  # the program's own patience with lists
    jobs = ground.wait(1)
    ground.everything_is_there_once(1, jobs)
    assert (ground.looks(), ground.doubts(jobs)) == (2, 0)


def test_a_rate_limit_half_way_is_waited_for_without_a_worker_and_without_a_look(ground: Ground) -> None:
    ground.launches()
    ground.fly.fault("error", method="POST", path="/ads", nth=AD_SETS + 3, code=80004, subcode=2446079, status=400)
    with ground.worker():
        end = time.monotonic() + 30
        while not (job := ground.jobs()[0]).failures and time.monotonic() < end:
            time.sleep(0.05)
    assert (job.state, job.error and job.error.kind) == ("queued", "Temporary")
    assert (job.due - job.at).total_seconds() >= 60
    with ground.worker(skew_s=3600):
        jobs = ground.wait()
    ground.everything_is_there_once(1, jobs)
    assert (ground.looks(), ground.doubts(jobs)) == (0, 1)


@pytest.mark.parametrize("room", [20_000, 60_000, 120_000])
def test_a_full_disk_stops_a_launch_and_room_on_it_lets_it_go_on(ground: Ground, room: int) -> None:
    ground.launches()
    with open_store(ground.settings.database) as store:
        store.run("PRAGMA wal_checkpoint(TRUNCATE)")
    with ground.worker(largest=ground.settings.database.stat().st_size + room):
        time.sleep(2)
    assert ground.jobs()[0].state != "failed"
    with ground.worker():
        jobs = ground.wait()
    ground.everything_is_there_once(1, jobs)


def test_many_small_launches_are_all_made_once(ground: Ground) -> None:
    count = int(os.environ.get("LAUNCHES", "40"))
    shown = (drawn(ground.fly.home / "files"),)
    for n in range(count):
        ground.door.launch(launch(ground.fly.account, shown, name=f"Small {n}", ad_sets=1, ads=1))
    with ground.worker(), ground.worker():
        jobs = ground.wait(1200)
    names = Counter(one["name"] for one in ground.objects()["campaigns"])
    assert all(names[f"Small {n}"] == 1 for n in range(count))
    made = ground.made()
    assert made.pop("adimages") == 1
    assert made.pop("advideos") == 0
    assert set(made.values()) == {count}
    assert len(jobs) == count
    assert ground.looks() == 0
