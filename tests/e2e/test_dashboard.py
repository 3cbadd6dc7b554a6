"""The dashboard over a simulated account: every view, every key, and what must never break it."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from flight import Flight, flight
from msgspec.structs import replace
from screens import drive, sees, shown, until
from textual.pilot import Pilot

from adopt.client import Client
from adopt.policy import Target
from adopt.settings import load
from adopt.tui.app import Dashboard, Doors, Way
from adopt.tui.views import CampaignsView, PlanView


@pytest.fixture(scope="module")
def flown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    with flight(tmp_path_factory.mktemp("home"), "--seed", "5") as made:
        yield made


def client_of(flown: Flight) -> Client:
    return Client(load({"ADOPT_HOME": str(flown.home), **flown.environment}))


@pytest.fixture(scope="module")
def door(flown: Flight) -> Client:
    """The account with a policy, and a plan that waits."""
    client = client_of(flown)
    client.init(Target(cpa=Decimal(flown.door["target_cpa"])))
    client.plan()
    return client


def doors(flown: Flight, account: str | None, **ways: Way) -> Doors:
    def of(account: str) -> Client:
        return Client(replace(client_of(flown).settings, account=account))

    environment = {"ADOPT_HOME": str(flown.home), **flown.environment}
    return Doors(account=account, of=of, ways=ways, environment=environment, commands=("status", "why"))


def dashboard(door: Client, flown: Flight) -> Dashboard:
    return Dashboard(doors(flown, door.settings.account))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (60, 16)])
def test_the_first_view_shows_the_account_the_chart_and_the_ad_sets(
    door: Client, flown: Flight, size: tuple[int, int]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await sees(pilot, "Ad sets 12", "CPA 7d", "● on")
        assert len(screen.split("\n")) == size[1]
        assert max(map(len, screen.split("\n"))) <= size[0]
        if size[0] > 100:
            assert "target" in screen
            assert "░" in screen
        await pilot.press("t")
        await sees(pilot, "ROAS, 90 days")
        await pilot.press("m")
        await sees(pilot, "each point a month")

    drive(dashboard(door, flown), story, size)


def test_every_view_opens_by_its_number(door: Client, flown: Flight) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await sees(pilot, "Ad sets 12")
        for key, said in {
            "2": "changes chosen",
            "3": "Jobs",
            "4": "following",
            "5": "Campaigns",
            "6": "stop losers",
        }.items():
            await pilot.press(key)
            await sees(pilot, said)
        await pilot.press("7")
        await sees(pilot, "database", "connection")
        await pilot.press("1")
        await sees(pilot, "Ad sets 12")

    drive(dashboard(door, flown), story)


def test_enter_opens_the_evidence_that_adopt_why_prints(
    door: Client, flown: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(flown.home)

    async def story(pilot: Pilot[None]) -> None:
        await sees(pilot, "Ad sets 12")
        await pilot.press("enter")
        screen = await sees(pilot, "verdict", "because", "interval of CPA")
        said = flown.adopt("why", door.overview().rows[0].id).out
        names = [line.split("  ")[0] for line in said.splitlines()[1:6]]
        assert all(name in screen for name in names)
        await pilot.press("e")
        await until(pilot, lambda: list(Path(flown.home).glob("why-*.json")))
        await pilot.press("right")
        await sees(pilot, f"adset {door.overview().rows[1].id}")
        await pilot.press("escape")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 1)

    drive(dashboard(door, flown), story)


def test_a_pause_by_hand_is_asked_made_and_undone(door: Client, flown: Flight) -> None:
    row = next(row for row in door.overview().rows if row.status == "ACTIVE")

    async def story(pilot: Pilot[None]) -> None:
        await sees(pilot, "Ad sets 12")
        await pilot.press("slash", *row.id, "enter")
        await sees(pilot, f"filter: {row.id}")
        await pilot.press("p")
        await sees(pilot, "Make 1 change?", "ACTIVE -> PAUSED")
        await pilot.press("n")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 1)
        assert flown.json("adset", "get", row.id)["status"] == "ACTIVE"
        await pilot.press("p")
        await sees(pilot, "Make 1 change?")
        await pilot.press("y")
        await sees(pilot, "◼ paused")
        assert flown.json("adset", "get", row.id)["status"] == "PAUSED"
        await pilot.press("u")
        await sees(pilot, "PAUSED -> ACTIVE")
        await pilot.press("y")
        await until(pilot, lambda: "● on" in shown(pilot.app) or "◐" in shown(pilot.app))
        assert flown.json("adset", "get", row.id)["status"] == "ACTIVE"

    drive(dashboard(door, flown), story)


def test_a_budget_by_hand_names_the_money_and_bad_input_is_told(door: Client, flown: Flight) -> None:
    row = next(row for row in door.overview().rows if row.status == "ACTIVE" and row.budget_of == "adset")

    async def story(pilot: Pilot[None]) -> None:
        await sees(pilot, "Ad sets 12")
        await pilot.press("slash", *row.id, "enter")
        await sees(pilot, f"filter: {row.id}")
        await pilot.press("b")
        await sees(pilot, "Budget of adset")
        await pilot.press(*"much", "enter")
        await sees(pilot, "Error", "much")
        await pilot.press("b")
        await sees(pilot, "Budget of adset")
        await pilot.press("+", "1", "0", "%", "enter")
        await sees(pilot, "Make 1 change?", "a day")
        await pilot.press("escape")

    drive(dashboard(door, flown), story)


def test_hold_is_unmistakable_and_stops_a_change(door: Client, flown: Flight) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await sees(pilot, "Ad sets 12")
        await pilot.press("h")
        await sees(pilot, "HOLD: stop every change")
        await pilot.press(*"sale", "enter")
        await sees(pilot, "HOLD since", "sale")
        assert door.hold() is not None
        await pilot.press("h")
        await sees(pilot, "Let changes go on?")
        await pilot.press("y")
        await until(pilot, lambda: "HOLD since" not in shown(pilot.app))
        assert door.hold() is None

    drive(dashboard(door, flown), story)


def test_a_part_of_a_plan_is_approved_and_the_rest_is_not_made(door: Client, flown: Flight) -> None:
    plan = door.plan()
    assert len(plan.changes) > 1

    async def story(pilot: Pilot[None]) -> None:
        await sees(pilot, "plan waits")
        await pilot.press("2")
        await sees(pilot, f"{len(plan.changes)} of {len(plan.changes)} changes chosen")
        await pilot.press("space")
        await sees(pilot, f"{len(plan.changes) - 1} of {len(plan.changes)} changes chosen")
        for _ in range(2, len(plan.changes)):
            await pilot.press("down", "space")
        await sees(pilot, "1 of")
        await pilot.press("y")
        await sees(pilot, "Make 1 change?")
        await pilot.press("y")
        await until(pilot, lambda: pilot.app.query_one(PlanView).plan is None)
        last = plan.changes[-1]
        assert (
            flown.value({"object": {"level": last.object.level, "id": last.object.id}, "field": last.field})
            == last.after
        )
        first = plan.changes[0]
        assert (
            flown.value({"object": {"level": first.object.level, "id": first.object.id}, "field": first.field})
            == first.before
        )

    drive(dashboard(door, flown), story)


def test_a_plan_is_refused_with_a_reason_that_the_log_keeps(door: Client, flown: Flight) -> None:
    plan = door.plan()
    assert plan.changes

    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await sees(pilot, plan.id)
        await pilot.press("n", *"Not now", "enter")
        await sees(pilot, "no plan waits")
        await pilot.press("4")
        await sees(pilot, "was refused: Not now")

    drive(dashboard(door, flown), story)


def test_campaigns_are_drilled_down_to_ads_and_back_to_the_place(door: Client, flown: Flight) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("5")
        await sees(pilot, "Campaigns 3")
        await pilot.press("down", "enter")
        await sees(pilot, "Campaigns > ")
        await pilot.press("enter")
        await until(pilot, lambda: shown(pilot.app).count(" > ") == 2)
        await pilot.press("escape", "escape")
        await sees(pilot, "Campaigns 3")
        assert pilot.app.query_one(CampaignsView).cursor == 1

    drive(dashboard(door, flown), story)


def test_a_command_of_the_shell_shows_what_it_prints(door: Client, flown: Flight) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await sees(pilot, "Ad sets 12")
        await pilot.press("colon", *"status", "enter")
        await sees(pilot, "signed in", flown.account)
        await pilot.press("escape", "colon", *"nonsense", "enter")
        await sees(pilot, "there is no command adopt nonsense", "exit 2")

    drive(dashboard(door, flown), story)


def test_the_keys_that_work_now_are_shown(door: Client, flown: Flight) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await sees(pilot, "Ad sets 12")
        await pilot.press("question_mark")
        await sees(pilot, "Pause/start", "Hold", "Campaigns")

    drive(dashboard(door, flown), story)


def test_another_account_and_an_account_never_polled_are_shown_as_they_are(door: Client, flown: Flight) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await sees(pilot, "Ad sets 12")
        await pilot.press("a")
        await sees(pilot, "polled 20")
        await pilot.press("enter")
        await sees(pilot, "Ad sets 12")

    drive(dashboard(door, flown), story)
    empty = Client(replace(door.settings, account="act_1"))

    async def nothing(pilot: Pilot[None]) -> None:
        await sees(pilot, "no poll of this account yet")
        await pilot.press("2", "3", "4", "5", "6", "1")
        await sees(pilot, "no poll yet")

    drive(dashboard(empty, flown), nothing)


def test_without_an_account_it_leads_to_one(door: Client, flown: Flight) -> None:
    assert door.overview().rows
    way = Way("See it on a simulated account", lambda: doors(flown, flown.account))
    app = Dashboard(doors(flown, None, simulator=way))

    async def story(pilot: Pilot[None]) -> None:
        await sees(pilot, "No ad account is set up yet", "See it on a simulated account")

    drive(app, story)
