"""`adopt launch` as a person types it: queued once, carried out, stopped half-way, taken back, refused, watched."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import launch_child
import pytest
from cli_program import environment_of
from flight import Flight, flight
from webhook import Hook

from adopt.client import Client
from adopt.settings import load

COUNTS = {"campaign": 1, "adset": 2, "ad": 4, "creative": 2}


class Person:
    """Somebody at a terminal, with the launch that `adopt launch init` writes."""

    def __init__(self, fly: Flight) -> None:
        self.fly = fly
        fly.adopt("launch", "init", str(fly.home / "autumn"))
        self.spec = fly.home / "autumn" / "launch.toml"
        self.before = self.counts()
        fly.forget_calls()

    def counts(self) -> dict[str, int]:
        """How many objects there are."""
        door = Client(load(environment_of(self.fly.home, **self.fly.environment)))
        return {noun: len(list(door.rows(noun, limit=None))) for noun in COUNTS}

    def made(self) -> dict[str, int]:
        """How many objects came."""
        return {noun: now - self.before[noun] for noun, now in self.counts().items()}

    def launch(self, *more: str) -> Any:
        """The job that a launch became."""
        return self.fly.json("launch", str(self.spec), *more)

    def job(self, id_: str) -> Any:
        """A job as it is now."""
        return self.fly.json("job", "get", id_)


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    with flight(tmp_path, "--seed", "3", "--ad-sets", "3", "--days", "3") as fly:
        yield Person(fly)


def test_a_launch_given_twice_is_one_job_and_again_is_another(person: Person) -> None:
    first = person.launch()
    assert (first["state"], first["kind"]) == ("queued", "launch")
    assert person.launch()["id"] == first["id"]
    assert person.made() == dict.fromkeys(COUNTS, 0)
    assert person.fly.adopt("job", "run").code == 0
    assert person.made() == COUNTS
    assert person.launch()["state"] == "completed"
    other = person.launch("--again", "2")
    assert other["id"] != first["id"]
    assert person.launch("--again", "2")["id"] == other["id"]
    assert person.fly.adopt("job", "run").code == 0
    assert person.made() == {noun: 2 * count for noun, count in COUNTS.items()}


def test_a_person_is_told_what_is_made_what_it_costs_and_what_comes_next(person: Person) -> None:
    ran = person.fly.adopt("launch", str(person.spec))
    assert ran.code == 0, ran.err
    assert "1 campaign, 2 ad sets, 4 ads, 2 files, paused; it could spend $40.00 a day" in ran.out
    assert "No worker runs here" in ran.out
    assert ran.out.rstrip().endswith("next: adopt job run")
    watched = person.fly.adopt("launch", str(person.spec), "--watch")
    assert watched.code == 0, watched.err
    assert "Completed" in watched.out
    assert "was given before and is completed" in person.fly.adopt("launch", str(person.spec)).out


def test_a_launch_that_meta_stops_half_way_says_what_is_there_and_goes_on_from_it(person: Person) -> None:
    person.fly.fault("error", method="POST", path="/ads", nth=2 + 3, code=100, status=400, message="Wrong copy")
    job = person.launch()
    ran = person.fly.adopt("job", "run")
    assert ran.code == 7
    assert "Wrong copy" in ran.out
    assert f"adopt job retry {job['id']}" in ran.out
    assert f"adopt launch discard {job['id']}" in ran.out
    assert person.made() == {**COUNTS, "ad": 2}
    again = person.fly.adopt("launch", str(person.spec))
    assert again.code == 8
    assert f"adopt job retry {job['id']}" in again.err
    assert person.fly.adopt("job", "retry", job["id"]).code == 0
    assert person.fly.adopt("job", "run").code == 0
    assert person.made() == COUNTS


@pytest.mark.parametrize("kind", ["error", "drop_after"])
def test_what_a_launch_made_is_taken_back_also_what_nobody_knew_of(person: Person, kind: str) -> None:
    person.fly.fault("error", method="POST", path="/ads", nth=2 + 3, code=100, status=400)
    job = person.launch()
    assert person.fly.adopt("launch", "discard", job["id"]).code == 2  # it has not ended
    assert person.fly.adopt("job", "run").code == 7
    asked = person.fly.adopt("launch", "discard", job["id"])
    assert asked.code == 8
    assert "-y" in asked.err
    person.fly.fault(kind, method="DELETE", nth=1, code=2, status=500)
    done = person.fly.adopt("launch", "discard", job["id"], "-y")
    assert done.code == 0, done.err
    assert person.made() == dict.fromkeys(COUNTS, 0)
    assert person.fly.adopt("job", "retry", job["id"]).code == 0
    assert "was discarded" in person.fly.adopt("job", "run").out
    assert person.made() == dict.fromkeys(COUNTS, 0)


def test_an_upload_left_for_days_begins_anew_and_one_left_for_minutes_goes_on(person: Person) -> None:
    for left, sessions in (("5m", 1), ("2d", 2)):
        person.fly.fault("error", method="POST", path="advideos", nth=2, code=190, status=400)
        job = person.launch("--again", left)
        assert person.fly.adopt("job", "run").code == 7
        person.fly.advance(left)
        person.fly.adopt("job", "retry", job["id"])
        ran = person.fly.adopt("job", "run")
        assert ran.code == 0, ran.out
        names = [step["name"] for step in person.job(job["id"])["steps"]]
        assert sum(".session" in name for name in names) == sessions
        person.spec.with_name("clip.mp4").write_bytes(
            person.spec.with_name("clip.mp4").read_bytes() + b"\0\0\0\x08free"
        )


def test_a_file_that_was_changed_after_it_was_queued_is_not_launched(person: Person) -> None:
    person.launch()
    picture = person.spec.with_name("picture.png")
    picture.write_bytes(picture.read_bytes() + b"more")
    ran = person.fly.adopt("job", "run")
    assert ran.code == 7
    assert "is not the file that was queued" in ran.out
    assert person.made() == dict.fromkeys(COUNTS, 0)


def test_a_launch_for_later_waits(person: Person) -> None:
    job = person.launch("--at", "tomorrow 09:00")
    assert person.fly.adopt("job", "run").code == 0
    assert person.job(job["id"])["state"] == "queued"
    assert person.made() == dict.fromkeys(COUNTS, 0)
    zone = person.fly.json("account", "get", person.fly.account)["timezone_name"]
    assert zone == "America/New_York"
    assert job["due"][11:16] in ("13:00", "14:00")  # nine there, in UTC
    assert person.fly.adopt("launch", str(person.spec), "--again", "2", "--at", "yesterday").code == 2


def test_the_red_button_holds_a_launch_back(person: Person) -> None:
    person.fly.adopt("hold", "on")
    ran = person.fly.adopt("launch", str(person.spec))
    assert ran.code == 0
    assert "on hold" in ran.err
    assert person.fly.adopt("job", "run").code == 8
    assert person.made() == dict.fromkeys(COUNTS, 0)
    person.fly.adopt("hold", "off")
    assert person.fly.adopt("job", "run").code == 0
    assert person.made() == COUNTS


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('max_account_daily_budget = "39.99"', "could spend $40.00 a day"),
        ('max_daily_budget = "19.99"', "$20.00 a day is above max_daily_budget"),
    ],
)
def test_a_launch_beyond_the_policy_is_refused_before_it_is_queued(person: Person, line: str, said: str) -> None:
    person.fly.adopt("init", "--no-input", *person.fly.targets())
    path = person.fly.home / "config" / "policy" / f"{person.fly.account}.toml"
    path.write_text(path.read_text().replace("[guardrails]", f"[guardrails]\n{line}", 1))
    ran = person.fly.adopt("launch", str(person.spec))
    assert ran.code == 8
    assert said in ran.err
    assert person.fly.json("job", "list") == []


def test_what_is_wrong_is_told_all_at_once_and_nothing_is_queued(person: Person) -> None:
    text = person.spec.read_text()
    person.spec.write_text(text.replace("picture.png", "gone.png"))
    ran = person.fly.adopt("launch", str(person.spec))
    assert ran.code == 2
    assert "gone.png" in ran.out
    assert person.fly.json("job", "list") == []


def test_a_job_is_never_carried_out_at_another_address(person: Person) -> None:
    job = person.launch()
    elsewhere = {"ADOPT_GRAPH_URL": "http://127.0.0.1:9"}
    assert person.fly.adopt("job", "run", **elsewhere).code == 7
    failed = person.job(job["id"])
    assert failed["state"] == "failed"
    assert "this worker speaks to http://127.0.0.1:9" in failed["error"]["message"]


def worked_off(person: Person, job: str, ahead_s: int = 600) -> Any:
    """The job, once a worker whose clock runs ahead has ended it."""
    argv = [sys.executable, launch_child.__file__, "1", str(ahead_s), "0"]
    with Popen(argv, env=environment_of(person.fly.home, **person.fly.environment), stdout=PIPE) as process:
        end = time.monotonic() + 30
        while (found := person.job(job))["state"] != "completed" and time.monotonic() < end:
            time.sleep(0.2)
        process.kill()
    return found


def review_of(person: Person) -> Any:
    return next(job for job in person.fly.json("job", "list") if job["kind"] == "review")


def test_the_review_of_a_launch_is_watched_until_it_is_shown(person: Person) -> None:
    person.spec.write_text(person.spec.read_text().replace('# status = "active"', 'status = "active"'))
    person.launch()
    assert person.fly.adopt("job", "run").code == 0
    review = review_of(person)
    assert review["state"] == "queued"
    person.fly.advance("3d")
    assert worked_off(person, review["id"])["state"] == "completed"
    said = [entry["text"] for entry in person.fly.json("log")]
    assert sum("Meta has" in text for text in said) == COUNTS["ad"], json.dumps(said)
    assert any(text.endswith("is being shown") for text in said)


def test_an_ad_that_meta_disapproves_is_logged_told_and_shown_with_its_launch(person: Person) -> None:
    with Hook() as hook:
        assert person.fly.adopt("notify", "add", hook.url).code == 0
        job = person.launch()
        assert person.fly.adopt("job", "run").code == 0
        assert "nothing is known yet" in person.fly.adopt("job", "get", job["id"]).out
        person.fly.advance("2d")
        ads = [step["object"] for step in person.job(job["id"])["steps"] if step["name"].startswith("ad.")]
        person.fly.scenario("ad rejected", ad=ads[0])
        person.fly.advance("1h")
        review = worked_off(person, review_of(person)["id"])
        sentence = "Meta has disapproved it: Unacceptable Business Practices"
        [logged] = [entry for entry in person.fly.json("log") if "disapproved" in entry["text"]]
        assert (logged["level"], logged["object"]["id"], logged["kind"]) == ("warning", ads[0], "launch")
        assert sentence in logged["text"]
        [told] = [step for step in review["steps"] if sentence in step["note"]]
        assert told["object"] == ads[0]
        shown = person.fly.adopt("job", "get", job["id"]).out
        assert sentence in " ".join(shown.split())
        assert person.fly.adopt("job", "run").code == 0
        assert sum(sentence in text for text in hook.texts) == 1
        assert person.fly.adopt("job", "run").code == 0
        assert sum(sentence in text for text in hook.texts) == 1
