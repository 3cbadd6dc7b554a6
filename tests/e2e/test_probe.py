"""What adopt paused is tried again after a fortnight, by evidence of its own, with its base kept: the program flown."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flight import Flight, flight

DAY = "24h"


@pytest.fixture
def paused(tmp_path: Path) -> Iterator[tuple[Flight, dict[str, Any]]]:
    """A flight on which an ad set with a budget of its own was paused on proof."""
    options = ("--seed", "1", "--ad-sets", "6", "--days", "60", "--now", "2026-03-10T12:00:00-04:00")
    with flight(tmp_path, *options) as fly:
        fly.adopt("init", "--no-input", *fly.targets())
        for _ in range(12):
            done = fly.json("optimize")
            stops = [
                o["change"] for o in done["outcomes"] if o["state"] == "applied" and o["change"]["after"] == "PAUSED"
            ]
            held = {v["object"]["id"]: v["budget"] for v in done["plan"]["verdicts"]}
            if found := next((stop for stop in stops if held[stop["object"]["id"]]), None):
                yield fly, found
                return
            fly.advance(DAY)
        pytest.fail("nothing was paused")


def look(fly: Flight, after: str) -> Any:
    """The plan of a pass so much later."""
    fly.advance(after)
    return fly.json("optimize")["plan"]


def verdict(plan: Any, subject: str) -> Any:
    return next(v for v in plan["verdicts"] if v["object"]["id"] == subject)


def changes(plan: Any, subject: str) -> list[Any]:
    return [change for change in plan["changes"] if change["object"]["id"] == subject]


def test_it_is_tried_again_after_a_fortnight_judged_anew_and_paused_again(
    paused: tuple[Flight, dict[str, Any]],
) -> None:
    fly, stop = paused
    subject, base = stop["object"]["id"], int(fly.json("adset", "get", stop["object"]["id"])["daily_budget"])
    assert changes(look(fly, "330h"), subject) == []
    plans = (look(fly, "24h") for _ in range(9))  # it has the least at stake, so others may go first
    tried = next(plan for plan in plans if changes(plan, subject))
    (probe,) = changes(tried, subject)
    assert (probe["after"], probe["is_probe"]) == ("ACTIVE", True)
    assert probe["budget"] == {"field": "daily_budget", "before": base, "after": base // 20}
    assert fly.value(probe) == "ACTIVE"
    assert (verdict(tried, subject)["kind"], verdict(tried, subject)["reason"]) == ("revive", "probe")
    assert "tried again with little money" in fly.adopt("why", subject).out

    anew = verdict(look(fly, "72h"), subject)
    assert anew["evidence"]["since"] >= tried["made_at"][:10]
    assert anew["evidence"]["alpha"] == pytest.approx(verdict(tried, subject)["evidence"]["alpha"] / 4)
    assert anew["evidence"]["spend"] < base
    for _ in range(12):
        plan = look(fly, "360h")
        if again := [change for change in changes(plan, subject) if change["after"] == "PAUSED"]:
            break
    assert len(again) == 1
    assert changes(look(fly, "360h"), subject) == []  # the second wait is of 28 days


def test_it_is_left_alone_when_its_ads_are_gone(paused: tuple[Flight, dict[str, Any]]) -> None:
    fly, stop = paused
    subject = stop["object"]["id"]
    for ad in fly.json("ad", "list", "--all", "--fields", "id,adset_id"):
        if ad["adset_id"] == subject:
            fly.delete(ad["id"])
    found = verdict(look(fly, "360h"), subject)
    assert (found["kind"], found["reason"]) == ("hold", "stays_paused")
