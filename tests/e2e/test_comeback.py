"""An ad set that starts again starts with its smaller budget in the same write, and both are taken back together."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flight import Flight
from msgspec.structs import replace

from adopt.model import BudgetMove, Change, Plan, Ref, digest


def comeback(fly: Flight) -> tuple[Path, Change]:
    """A plan in a file that starts a paused ad set with a quarter of its budget."""
    path = fly.home / "p.json"
    fly.adopt("plan", *fly.targets(), "--out", str(path))
    rows = fly.json("adset", "list", "--all", "--fields", "id,name,status,daily_budget")
    row = next(row for row in rows if row["status"] == "PAUSED" and row.get("daily_budget"))
    held = int(row["daily_budget"])
    change = Change(
        object=Ref(level="adset", id=row["id"], name=row["name"]),
        field="status",
        before="PAUSED",
        after="ACTIVE",
        rule="bring back",
        sentence="It meets the target now.",
        budget=BudgetMove(field="daily_budget", before=held, after=held // 4),
    )
    made = msgspec.json.decode(path.read_bytes(), type=Plan)
    id_ = digest(made.account, made.made_at, made.expires_at, made.origin, (change,))
    path.write_bytes(msgspec.json.encode(replace(made, id=id_, changes=(change,), refusals=())))
    return path, change


def held(fly: Flight, change: Change) -> tuple[str, int]:
    """What the account really holds."""
    row: dict[str, Any] = fly.json("adset", "get", change.object.id, "--fields", "id,status,daily_budget")
    return row["status"], int(row["daily_budget"])


def test_both_are_set_by_one_call_and_taken_back_by_one(fly: Flight) -> None:
    path, change = comeback(fly)
    fly.forget_calls()
    ran = fly.adopt("apply", str(path), "-y", "-o", "json")
    assert (ran.code, json.loads(ran.out)["outcomes"][0]["state"]) == (0, "applied")
    assert fly.calls("POST").count(f"POST /{change.object.id}") == 1
    assert held(fly, change) == change.afters
    assert fly.adopt("undo", json.loads(ran.out)["plan"]["id"], "-y").code == 0
    assert held(fly, change) == change.befores


@pytest.mark.parametrize(("fault", "state"), [("drop_after", "applied"), ("drop", "failed")])
def test_a_lost_answer_is_looked_up_and_not_sent_again(fly: Flight, fault: str, state: str) -> None:
    path, change = comeback(fly)
    fly.forget_calls()
    fly.fault(fault, method="POST", path=change.object.id)
    fly.adopt("apply", str(path), "-y")
    fly.adopt("plan", *fly.targets())
    assert fly.json("why", change.object.id)["outcomes"][0]["state"] == state
    assert held(fly, change) == (change.afters if state == "applied" else change.befores)
    assert fly.calls("POST").count(f"POST /{change.object.id}") <= 1


def test_it_is_stale_if_only_its_budget_was_changed_meanwhile(fly: Flight) -> None:
    path, change = comeback(fly)
    assert fly.adopt("adset", "budget", change.object.id, "+5%", "-y").code == 0
    before = held(fly, change)
    ran = fly.adopt("apply", str(path), "-y", "-o", "json")
    (outcome,) = json.loads(ran.out)["outcomes"]
    assert (ran.code, outcome["state"]) == (8, "stale")
    assert "daily_budget is" in outcome["sentence"]
    assert held(fly, change) == before
