"""What the doctor finds, and that it changes nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flight import Flight
from msgspec.structs import replace
from recorded import ACCOUNT, POLICY, World

from adopt.errors import Invalid
from adopt.model import Change, Finding, Ref
from adopt.operations.doctor import CHECKS, affairs, diagnose, lessons, premises
from adopt.operations.doctor.patient import Patient, examined, laid_out
from adopt.policy import Policy, Rule
from adopt.settings import Settings, places
from adopt.store import changes, plans
from adopt.store import hold as button
from adopt.store.database import open_store


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_store(tmp_path / "data" / "adopt.db") as store:
        yield World(store)


def settings(home: Path) -> Settings:
    return Settings(places=places({"ADOPT_HOME": str(home)}), account=ACCOUNT.id)


def patient(world: World, policy: Policy | None = POLICY, now: datetime | None = None, **more: Any) -> Patient:
    """The world's account, without a connection."""
    snapshot, headers = laid_out(world.store, ACCOUNT.id, policy or POLICY)
    home = world.store.path.parent.parent
    file = examined(world.store.path)
    known = Patient(settings(home), now or world.now, policy, None, world.store, None, snapshot, headers, file)
    return known._replace(**more)


def found(one: Patient, check: str) -> list[Finding]:
    return [finding for finding in diagnose(one) if finding.check == check]


def usable(path: Path) -> bool:
    file = examined(path)
    return file is not None and file.is_usable


def levels(one: Patient, check: str) -> list[str]:
    return [finding.level for finding in found(one, check)]


def test_each_check_has_a_name_of_its_own() -> None:
    assert len({check.__name__ for check in CHECKS}) == len(CHECKS)


def test_a_healthy_account_gets_no_warning_but_that_nobody_is_signed_in(world: World) -> None:
    world.run(12, world.optimize)
    worse = [finding for finding in diagnose(patient(world)) if finding.level in ("warning", "error")]
    assert [(finding.check, finding.level) for finding in worse] == [("connection", "error")]


def test_a_doctor_leaves_everything_as_it_was(world: World) -> None:
    world.run(3, world.poll)  # nothing was judged yet, so no prior is frozen
    before = list(world.store.connection.iterdump())
    diagnose(patient(world))
    assert list(world.store.connection.iterdump()) == before


@pytest.mark.parametrize("what", ["garbage", "cut short"])
def test_a_damaged_database_is_an_error_and_stays_where_it_is(tmp_path: Path, what: str) -> None:
    path = tmp_path / "data" / "adopt.db"
    with open_store(path) as store:
        World(store).run(6, lambda: None).poll()
    whole = path.read_bytes()
    path.write_bytes(b"garbage" * 999 if what == "garbage" else whole[: len(whole) // 2])
    kept = path.read_bytes()
    (finding,) = premises.database(_empty(tmp_path))
    assert (finding.level, "is damaged" in finding.what, path.read_bytes() == kept) == ("error", True, True)
    assert not usable(path)


def test_a_database_of_a_newer_adopt_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "data" / "adopt.db"
    open_store(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    (finding,) = premises.database(_empty(tmp_path))
    assert (finding.level, finding.do) == ("error", "pip install --upgrade adopt")
    assert not usable(path)


def test_an_older_database_is_told_and_not_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "data" / "adopt.db"
    open_store(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")
    (finding,) = premises.database(_empty(tmp_path))
    assert (finding.level, "brings it up to date" in finding.what, usable(path)) == ("ok", True, False)
    assert (file := examined(path))
    assert file.schema == 2


def test_no_database_is_no_trouble(tmp_path: Path) -> None:
    (finding,) = premises.database(_empty(tmp_path))
    assert (finding.level, list(premises.disk(_empty(tmp_path))), (tmp_path / "data").exists()) == ("note", [], False)


def _empty(home: Path) -> Patient:
    file = examined(settings(home).database)
    return Patient(settings(home), datetime.now().astimezone(), None, None, None, None, None, (), file)


def test_a_policy_that_cannot_be_read_is_an_error_and_a_missing_one_a_warning(world: World) -> None:
    broken = patient(world, None, broken=Invalid("it is wrong", try_next="edit it"))
    assert levels(broken, "policy") == ["warning"]
    path = broken.settings.policy_path
    path.parent.mkdir(parents=True)
    path.write_text("nonsense")
    assert [(one.level, one.what, one.do) for one in found(broken, "policy")] == [("error", "it is wrong", "edit it")]


def test_doubtful_rules_are_warned_of(world: World) -> None:
    world.poll()
    policy = replace(POLICY, rule=(Rule(name="dear", when="cpa(3d) > target", do="pause"),))
    assert levels(patient(world, policy), "rules") == ["warning"]
    assert levels(patient(world), "rules") == []


def test_gaps_and_an_old_last_poll_are_told(world: World) -> None:
    world.run(4, world.poll)
    assert levels(patient(world), "polls") == ["ok"]
    world.wait(50).poll()
    world.run(3, world.poll)
    note, _ = found(patient(world), "polls")
    assert "1 gap between polls of the last 14 days, the longest 50 h" in note.what
    assert levels(patient(world, now=world.now + timedelta(days=3)), "polls")[0] == "warning"
    assert "3 days old" in found(patient(world, now=world.now + timedelta(days=3)), "polls")[0].what


def test_the_delay_curve_is_told_with_its_errors_or_what_is_missing(world: World) -> None:
    world.poll()
    (told,) = found(patient(world), "delay")
    assert told.data["hours"] == [1.0, 24.0, 72.0, 168.0]
    assert told.data["share"] == sorted(told.data["share"])
    young = patient(world)
    assert young.snapshot
    young = young._replace(snapshot=replace(young.snapshot, curve=None))
    (told,) = lessons.delay(young)
    assert (told.level, told.data["learned"], told.data["error"]) == ("note", False, [None] * 4)
    assert "a slow default is used: reported 46 % within 1 h, 65 % within 24 h" in told.what


def test_results_that_fall_silent_are_warned_of(world: World) -> None:
    world.poll()
    assert levels(patient(world), "tracking") == ["ok"]
    world.wait(60)
    late = world.now.date() - timedelta(days=3)
    world.cells = {key: (spend, 0 if key[1] > late else n) for key, (spend, n) in world.cells.items()}
    world.poll()
    (told,) = found(patient(world), "tracking")
    assert (told.level, "tracking looks down" in told.what) == ("warning", True)


def test_uneven_days_are_told_apart_from_chance(world: World) -> None:
    world.run(30, world.poll)
    even = found(patient(world), "dispersion")[0]
    world.cells = {key: (s, n * 6 if key[1].toordinal() % 8 == 0 else 0) for key, (s, n) in world.cells.items()}
    world.seen = 0  # all days are asked for again
    world.poll()
    uneven = found(patient(world), "dispersion")[0]
    assert (even.level, uneven.level) == ("ok", "note")
    assert even.data["over_chance"] < 2
    assert uneven.data["over_chance"] > 3
    assert f"{uneven.data['over_chance']:.1f} times as much as by chance alone" in uneven.what


def test_a_silence_that_could_not_be_seen_is_told_as_that(world: World) -> None:
    world.poll()
    (told,) = found(patient(world), "tracking")
    assert told.what.endswith(
        "; a silence of 54 h would be seen"
    )  # of the days before the first poll only ends are known
    few = patient(world)
    assert few.snapshot
    assert few.snapshot.pulse
    rare = replace(few.snapshot.pulse, results=few.snapshot.pulse.results / 10)
    (told,) = lessons.tracking(few._replace(snapshot=replace(few.snapshot, pulse=rare)))
    assert (told.level, told.data["can_tell"]) == ("note", [False] * 4)
    assert "too few results, or too uneven ones, to tell within 72 h" in told.what
    none = replace(few.snapshot.pulse, results=few.snapshot.pulse.results * 0)
    (told,) = lessons.tracking(few._replace(snapshot=replace(few.snapshot, pulse=none)))
    assert (told.level, told.data["hours"]) == ("note", [])


def test_an_approved_plan_that_was_never_applied_is_warned_of(world: World) -> None:
    _, plan = next(made for made in iter(lambda: world.wait(4).decide(), None) if made[1].changes)
    assert levels(patient(world), "plans") == ["note"]
    plans.mark(world.store, plan.id, "approved", "somebody", world.now)
    assert [(one.level, one.do) for one in found(patient(world), "plans")] == [("warning", f"adopt apply {plan.id}")]
    late = patient(world, now=world.now + timedelta(days=2))
    assert [one.do for one in found(late, "plans")] == ["adopt plan"]


def test_what_is_in_doubt_and_the_red_button_are_warned_of(world: World) -> None:
    _, plan = world.decide()
    change = Change(
        object=Ref(level="adset", id="1", name="1"), field="status", before="A", after="B", rule="", sentence=""
    )
    changes.intend(world.store, plan.id, 1, change, world.now)
    button.set_hold(world.store, True, "holiday", world.now)  # pressed
    (doubt,), (held,) = affairs.doubts(patient(world)), affairs.hold(patient(world))
    assert (doubt.level, f"{plan.id}.1" in doubt.what) == ("warning", True)
    assert (held.level, held.do, "holiday" in held.what) == ("warning", "adopt hold off", True)


@pytest.mark.parametrize(("autonomy", "level"), [("apply", "ok"), ("approve", "note"), ("shadow", "note")])
def test_autonomy_that_does_nothing_by_itself_is_noted(world: World, autonomy: Any, level: str) -> None:
    policy = replace(POLICY, decision=replace(POLICY.decision, autonomy=autonomy))
    assert levels(patient(world, policy), "autonomy") == [level]


def test_the_program_examines_a_connection_and_writes_nothing(fly: Flight) -> None:
    assert fly.adopt("init", "--no-input", *fly.targets()).code == 0
    fly.adopt("plan", "-q")
    seen = fly.json("adset", "list", "--fields", "id,name,status", "--all")
    ran = fly.adopt("doctor")
    assert (ran.code, ran.err) == (0, "")
    assert "Meta would take a write" in ran.out
    assert fly.json("adset", "list", "--fields", "id,name,status", "--all") == seen
    found_by = {one["check"]: one["level"] for one in fly.json("doctor")}
    assert (found_by["connection"], found_by["permission"], found_by["delay"]) == ("ok", "ok", "ok")
    expired = fly.adopt("doctor", ADOPT_ACCESS_TOKEN=fly.door["expired_token"])
    assert (expired.code, "has expired" in expired.out, "try: " in expired.out) == (1, True, True)


def test_a_week_in_shadow_writes_nothing_and_is_scored(fly: Flight) -> None:
    fly.adopt("init", "--no-input", *fly.targets())
    policy = fly.home / "config" / "policy" / f"{fly.account}.toml"
    policy.write_text(policy.read_text().replace('autonomy = "apply"', 'autonomy = "shadow"'))
    first = fly.adopt("optimize")
    assert (first.code, "Nothing was written to Meta" in first.out, "next: adopt rule score" in first.out) == (
        0,
        True,
        True,
    )
    for _ in range(2):
        fly.advance("1d")
        assert fly.adopt("optimize", "-q") == (0, "", "")
    assert fly.calls("POST") == []
    scored = fly.json("rule", "score")
    one = scored["changes"][0]
    assert (scored["kind"], scored["passes"]) == ("shadow", 3)
    assert fly.json("why", one["change"]["object"]["id"])["shadows"][0]["plan"] == one["plan"]
    assert fly.json("status")["shadow_changes"] == len(scored["changes"])
    assert fly.adopt("apply", one["plan"], "-y").code == 8
    tested = fly.json("rule", "backtest", "--every", "4h")
    assert tested["changes"] == scored["changes"]
    assert "Of " in (text := fly.adopt("rule", "backtest", "-l", "1").out) or "says nothing yet" in text
    at = fly.json("why", one["change"]["object"]["id"], "--at", "1d")
    assert (at["plan"] == one["plan"], at["at"].startswith("2026-03-11")) == (False, True)
