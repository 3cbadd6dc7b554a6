"""What the doctor mends: each invalid state planted, found, explained, mended and logged, so that nothing is left."""

import json
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_program import adopt
from flight import Flight, flight
from recorded import ACCOUNT, POLICY, World

from adopt.model import Channel, Connection, Finding
from adopt.operations.doctor import CHECKS, diagnose
from adopt.operations.doctor.mending import MENDS, mend
from adopt.operations.doctor.patient import Patient, examined, laid_out
from adopt.operations.presence import be_the_daemon
from adopt.settings import Settings, places
from adopt.store import activity, channels, connections, plans, queue
from adopt.store.database import open_store
from adopt.store.queue import Order
from adopt.store.vault import Vault, make_vault
from adopt.store.vault.keepers import KeyFile


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(open_store(tmp_path / "data" / "adopt.db"))


def patient(world: World, later: timedelta = timedelta(0)) -> Patient:
    snapshot, headers = laid_out(world.store, ACCOUNT.id, POLICY)
    home = world.store.path.parent.parent
    settings = Settings(places=places({"ADOPT_HOME": str(home)}), account=ACCOUNT.id)
    file = examined(world.store.path)
    return Patient(settings, world.now + later, POLICY, None, world.store, None, snapshot, headers, file)


def fixable(one: Patient) -> list[Finding]:
    return [finding for finding in diagnose(one) if finding.fix]


def vault(world: World) -> Vault:
    return make_vault(world.store, {"file": KeyFile(world.store.path.parent)}, ("file",), world.now)


def connection(world: World, name: str, *accounts: str) -> None:
    made = Connection(
        id=name, graph_url="http://127.0.0.1:1", kind="user", user_id="1", user_name="A person", app_id="2",
        scopes=(), accounts=accounts, made_at=world.now,
    )  # fmt: skip
    connections.keep(world.store, made)


def a_job_of_a_dead_worker(world: World) -> None:
    order = Order(key="k", kind="launch", lane="act_1", name="Summer", payload=b"{}")
    queue.enqueue(world.store, order, lambda: world.now)
    assert queue.claim(world.store, "deadbeef", ["launch"], lambda: world.now)


def a_file_of_a_dead_worker(world: World) -> None:
    folder = patient(world).settings.workers_path
    folder.mkdir(parents=True)
    (folder / "deadbeef.lock").touch()


def a_connection_without_its_token(world: World) -> None:
    connection(world, "c1", "act_1")


def a_connection_whose_accounts_another_took(world: World) -> None:
    for name in ("c1", "c2"):
        vault(world).put(name, "token", "EAAsomething0123")
        connection(world, name, "act_1")


def a_secret_of_nobody(world: World) -> None:
    vault(world).put("c9", "token", "EAAsomething0123")


def a_channel_without_its_url(world: World) -> None:
    channels.add(world.store, Channel(id="x1", service="Slack", shown="slack://***", concerns=("troubles",)))


def a_log_that_was_never_folded_in(world: World) -> None:
    world.store.run("PRAGMA wal_autocheckpoint = 0")
    world.store.run("CREATE TABLE heavy (body BLOB)")
    world.store.run("INSERT INTO heavy VALUES (zeroblob(70000000))")


def a_socket_of_a_dead_daemon(world: World) -> None:
    state = patient(world).settings.places.state
    state.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(state / "daemon.sock"))


STATES: dict[str, Callable[[World], None]] = {
    "jobs": a_job_of_a_dead_worker,
    "workers": a_file_of_a_dead_worker,
    "connections": a_connection_without_its_token,
    "connections ": a_connection_whose_accounts_another_took,
    "secrets": a_secret_of_nobody,
    "secrets ": a_channel_without_its_url,
    "disk": a_log_that_was_never_folded_in,
    "sockets": a_socket_of_a_dead_daemon,
}


@pytest.mark.parametrize("check", STATES)
def test_an_invalid_state_is_found_explained_mended_and_logged(world: World, check: str) -> None:
    STATES[check](world)
    [found] = fixable(patient(world))
    assert found.check == check.strip()
    assert found.why
    [said] = mend(patient(world))
    assert [row.text for row in activity.tail(world.store, ACCOUNT.id, kinds=("mend",))] == [said]
    assert fixable(patient(world)) == []
    assert mend(patient(world)) == ()


def test_an_approved_plan_that_is_too_old_is_closed(world: World) -> None:
    _, plan = world.decide()
    plans.save(world.store, plan)
    plans.mark(world.store, plan.id, "approved", "somebody", world.now)
    assert fixable(patient(world)) == []
    late = patient(world, timedelta(days=2))
    assert [finding.check for finding in fixable(late)] == ["plans"]
    assert mend(late) == (f"closed plan {plan.id}, which was approved, never applied, and is too old",)
    assert plans.header(world.store, plan.id).state == "superseded"
    assert fixable(late) == []


def test_a_job_put_back_goes_on_under_another_worker(world: World) -> None:
    a_job_of_a_dead_worker(world)
    mend(patient(world))
    assert queue.claim(world.store, "alive", ["launch"], lambda: world.now)


def test_a_connection_in_use_and_its_token_are_left_alone(world: World) -> None:
    a_connection_whose_accounts_another_took(world)
    mend(patient(world))
    assert [one.id for one in connections.listing(world.store)] == ["c2"]
    assert vault(world).get("c2", "token") == "EAAsomething0123"


def test_a_healthy_system_is_left_alone(world: World) -> None:
    before = list(world.store.connection.iterdump())
    assert fixable(patient(world)) == []
    assert mend(patient(world)) == ()
    assert list(world.store.connection.iterdump()) == before


def test_every_mend_belongs_to_a_check() -> None:
    assert set(MENDS) <= {check.__name__ for check in CHECKS}


def test_the_socket_of_a_living_daemon_is_left_alone(world: World) -> None:
    a_socket_of_a_dead_daemon(world)
    with be_the_daemon(patient(world).settings.daemon_lock, "0", world.now):
        assert fixable(patient(world)) == []
        assert mend(patient(world)) == ()
    assert len(mend(patient(world))) == 1


# -- against a simulated account --------------------------------------------------------------------


@pytest.fixture
def fly(tmp_path: Path) -> Iterator[Flight]:
    with flight(tmp_path, "--seed", "2", "--ad-sets", "4", "--days", "10", "--tier", "development") as flown:
        assert flown.adopt("init", "--no-input", *flown.targets()).code == 0
        assert flown.adopt("plan", "-q").code == 0
        yield flown


def findings(fly: Flight, check: str) -> list[dict[str, Any]]:
    ran = fly.adopt("doctor", "-o", "json")
    return [one for one in json.loads(ran.out) if one["check"] == check]


def mended(fly: Flight) -> list[str]:
    ran = fly.adopt("doctor", "--fix", "-y")
    assert ran.code in (0, 1), ran.err
    return [row["text"] for row in fly.json("log") if row["kind"] == "mend"]


def delete_campaign_of(fly: Flight, job: str) -> None:
    steps = fly.json("job", "get", job)["steps"]
    fly.delete(next(step["object"] for step in steps if step["name"] == "campaign"))


def test_what_others_changed_is_found_and_polled(fly: Flight) -> None:
    assert [one["level"] for one in findings(fly, "drift")] == ["ok"]
    first, second, third, _ = fly.json("adset", "list", "--all")
    fly.write(first["id"], status="PAUSED" if first["status"] == "ACTIVE" else "ACTIVE")
    fly.delete(second["id"])
    if budget := third.get("daily_budget"):
        fly.write(third["id"], daily_budget=int(budget) * 2)
    [found] = findings(fly, "drift")
    assert found["level"] == "note"
    assert f"{second['name']} is gone" in found["what"]
    assert f"{first['name']}: {first['status']} -> " in found["what"]
    if budget:
        assert f"${int(budget) / 100:,.2f} -> ${int(budget) / 50:,.2f} a day" in found["what"]
    before = fly.json("adset", "list", "--all", "--fields", "id,status,daily_budget")
    assert mended(fly) == ["polled the account, which others had changed"]
    assert fly.json("adset", "list", "--all", "--fields", "id,status,daily_budget") == before
    assert [one["level"] for one in findings(fly, "drift")] == ["ok"]
    assert len(mended(fly)) == 1


def test_what_adopt_itself_changed_is_no_drift(fly: Flight) -> None:
    one = next(row for row in fly.json("adset", "list", "--all") if row["status"] == "ACTIVE")
    assert fly.adopt("adset", "pause", one["id"], "-y").code == 0
    assert [found["level"] for found in findings(fly, "drift")] == ["ok"]


def test_the_review_of_a_launch_that_was_deleted_is_stopped(fly: Flight) -> None:
    fly.adopt("launch", "init", str(fly.home / "autumn"))
    job = fly.json("launch", str(fly.home / "autumn" / "launch.toml"))
    assert fly.adopt("job", "run").code == 0
    assert findings(fly, "launches") == []
    fly.delete(
        next(step["object"] for step in fly.json("job", "get", job["id"])["steps"] if step["name"] == "campaign")
    )
    [found] = findings(fly, "launches")
    assert job["id"] in found["what"]
    assert f"stopped watching launch {job['id']}, whose campaign is gone" in mended(fly)
    assert findings(fly, "launches") == []
    assert [one["state"] for one in fly.json("job", "list") if one["kind"] == "review"] == ["cancelled"]


def test_a_launch_cut_half_way_is_told_until_it_is_discarded(fly: Flight) -> None:
    fly.adopt("launch", "init", str(fly.home / "autumn"))
    fly.fault("error", method="POST", path="/ads", nth=1, code=100, status=400, message="Wrong copy")
    job = fly.json("launch", str(fly.home / "autumn" / "launch.toml"))
    assert fly.adopt("job", "run").code == 7
    fly.delete(
        next(step["object"] for step in fly.json("job", "get", job["id"])["steps"] if step["name"] == "campaign")
    )
    [found] = findings(fly, "launches")
    assert (found["level"], found["do"]) == ("warning", f"adopt launch discard {job['id']}")
    assert fly.adopt("launch", "discard", job["id"], "-y").code == 0
    assert findings(fly, "launches") == []


def test_limited_access_is_noted(fly: Flight) -> None:
    [found] = findings(fly, "tier")
    assert (found["level"], found["data"]) == ("note", {"tier": "development_access"})
    assert "limited access" in found["what"]


def test_a_person_is_asked_before_anything_is_mended(tmp_path: Path) -> None:
    with open_store(tmp_path / "data" / "adopt.db") as store:
        world = World(store)
        a_connection_without_its_token(world)
    ran = adopt(tmp_path, "doctor", "--fix", "-a", ACCOUNT.id)
    assert ran.code == 8
    assert "will forget c1" in ran.out
    ran = adopt(tmp_path, "doctor", "--fix", "-y", "-a", ACCOUNT.id)
    assert "forgot the connection c1, which has lost its token" in ran.out
    assert "--fix will" not in ran.out
