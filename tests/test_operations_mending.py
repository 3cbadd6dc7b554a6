"""What the doctor mends: each invalid state planted, found, explained, mended and logged, so that nothing is left."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cli_program import adopt
from recorded import ACCOUNT, POLICY, World

from adopt.model import Channel, Connection, Finding
from adopt.operations.doctor import CHECKS, diagnose
from adopt.operations.doctor.mending import MENDS, mend
from adopt.operations.doctor.patient import Patient, examined, laid_out
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


STATES: dict[str, Callable[[World], None]] = {
    "jobs": a_job_of_a_dead_worker,
    "workers": a_file_of_a_dead_worker,
    "connections": a_connection_without_its_token,
    "connections ": a_connection_whose_accounts_another_took,
    "secrets": a_secret_of_nobody,
    "secrets ": a_channel_without_its_url,
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
