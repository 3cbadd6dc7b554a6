"""What the default policy does when things go wrong: a pass every four hours through each scenario.

    python -m bench.scenarios [--seeds 2] [--ad-sets 12] [NAME ...]

Each scenario is flown in this process on a small account, stepped from pass to pass: two quiet days, the scenario (at
most four days of it), two days after. `usual` is the same account without any scenario. Changes are counted before,
during and after; a pause is wrong if the ad set is good for all the simulator knows and the scenario does not say
otherwise. `guard` counts passes at which the tracking guard held everything back; `held` passes that were refused.
`it got` is the daily budget in force on what the scenario hit - an ad set, else the account - as it begins and as it
ends, in dollars and over all seeds; of `usual`, the account's over the same days.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from email.utils import formatdate
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx
import msgspec

from adopt.errors import AdoptError
from adopt.graph.client import Graph
from adopt.mock.account import Options
from adopt.mock.call import Call, read_path
from adopt.mock.objects import effective_status
from adopt.mock.scenarios import SCENARIOS, Scenario
from adopt.mock.truth import truth
from adopt.mock.wishes import Wish
from adopt.model import Plan
from adopt.operations import applying, deciding
from adopt.policy import Policy, Target
from adopt.store.database import open_store
from bench.realism.flight import Flight

BEGINS: Final = datetime(2026, 9, 1)  # noqa: DTZ001 - midnight where the account is
HISTORY, QUIET, LONGEST, AFTER = 30, 2, 4, 2  # days
STEP: Final = 4  # hours between passes
PHASES: Final = ("before", "during", "after")
BUYER: Final = {
    "usual": "pause losers, move money to winners",
    "tracking break, one event": "nothing: purchases are whole; tell who keeps the pixel",
    "tracking break, purchases": "change nothing, mend the pixel, go on when events are back",
    "duplicate events": "change nothing, mend the pixel; raise no budget on doubled purchases",
    "junk traffic": "look at placements; judge by purchases, which pay for it",
    "creative fatigue": "new creatives; cut the ad set as its cost rises",
    "cpm spike, market": "keep budgets: better conversion pays for it",
    "cpm spike, platform bug": "stop or cap for the day, ask for a refund; judge nobody by it",
    "landing page down": "stop traffic within the hour, mend the page, judge nobody by it",
    "offer or stock problem": "cut budgets, mend the offer, then judge again",
    "bad performance": "cut, then pause that one ad set",
    "ad rejected": "appeal; the ad set's other ads go on",
    "account disabled": "appeal; change nothing",
    "card declined": "pay; change nothing",
    "balance empty": "top up; change nothing",
    "delivery stall": "wait; change nothing",
    "budget typo": "put the budget back at once",
    "reporting lag": "change nothing on stale figures",
}
HEAD: Final = (
    f"{'scenario':<26} {'changes b/d/a':>13} {'pauses':>7} {'wrong':>6} {'cuts':>5} {'raises':>7} "
    f"{'guard':>6} {'held':>5} {'hit':<7} {'it got':>14}  a good buyer"
)


@dataclass
class Course:
    """What happened in one flight."""

    changes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PHASES, 0))
    pauses: int = 0
    wrong: int = 0
    cuts: int = 0
    raises: int = 0
    guard: int = 0
    held: int = 0
    hit: str = "account"
    got: list[float] = field(default_factory=lambda: [0.0, 0.0])  # dollars a day, as the scenario begins and ends
    said: set[str] = field(default_factory=set)

    def add(self, other: "Course") -> None:
        """Take in another flight."""
        for phase in PHASES:
            self.changes[phase] += other.changes[phase]
        for name in ("pauses", "wrong", "cuts", "raises", "guard", "held"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.hit = other.hit
        self.got = [mine + its for mine, its in zip(self.got, other.got, strict=True)]
        self.said |= other.said


class Inside(httpx.BaseTransport):
    """The simulator's Graph API without a network."""

    def __init__(self, flight: Flight) -> None:
        self._flight = flight

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        version, path = read_path(request.url.path)
        params: dict[str, Any] = dict(request.url.params) | _body(request)
        token = request.headers["authorization"].removeprefix("Bearer ")
        answer = self._flight.graph.answer(Call(request.method, path, params, token, version, "http://simulated"))
        headers = {"Date": formatdate(self._flight.clock.now(), usegmt=True), **answer.headers}
        return httpx.Response(answer.status, headers=headers, content=msgspec.json.encode(answer.body))


def fly(job: tuple[str, int, int]) -> tuple[str, Course]:
    """Fly one scenario on one seed."""
    name, seed, ad_sets = job
    flight = Flight(Options(seed=seed, ad_sets=ad_sets, days=HISTORY), BEGINS)
    scenario = next((one for one in SCENARIOS if one.name == name), None)
    hit, hours = "", LONGEST * 24
    if scenario:
        hours = min(scenario.hours, LONGEST * 24)
        hit = flight.graph.start_scenario(_wish(flight, scenario, hours))["id"]
    course = Course(hit=_kind(flight, hit))
    with tempfile.TemporaryDirectory() as home:
        for hour in range(0, QUIET * 24 + hours + AFTER * 24, STEP):
            phase = PHASES[(hour >= QUIET * 24) + (hour >= QUIET * 24 + hours)]
            for place, moment in enumerate((QUIET * 24, QUIET * 24 + hours)):
                if moment <= hour < moment + STEP:
                    course.got[place] = _budget(flight, hit)
            _pass(flight, Path(home, "adopt.db"), course, phase, hit)
            flight.advance(STEP)
    return name, course


def _wish(flight: Flight, scenario: Scenario, hours: int) -> Wish:
    """Give the scenario on the account, or else on the best ad set with a budget of its own, or an ad of it."""
    at, lasting = f"+{QUIET * 24}h", f"{hours}h"
    if "account" in scenario.levels and scenario.alone is None:
        return Wish(scenario.name, at=at, lasting=lasting)
    known = truth(flight.graph.world, flight.graph.objects)["ad_sets"]
    own = {one.id for one in flight.graph.objects.ad_sets if one.own.get("daily_budget")}
    running = (one for one in known if one["id"] in own and one["effective_status"] == "ACTIVE")
    best = max(running, key=lambda one: one["quality"])
    if "ad set" in scenario.levels:
        return Wish(scenario.name, at=at, lasting=lasting, ad_set=best["id"])
    node = next(one for one in flight.graph.objects.ad_sets if one.id == best["id"])
    return Wish(scenario.name, at=at, lasting=lasting, ad=next(iter(node.below("ad"))).id)


def _kind(flight: Flight, hit: str) -> str:
    return flight.graph.objects.find(hit).kind if hit else "account"  # type: ignore[union-attr] # it was just hit


def _budget(flight: Flight, hit: str) -> float:
    """Give the dollars a day in force on what was hit: of an ad its ad set's, of the account all that are on."""
    objects, world = flight.graph.objects, flight.graph.world
    node = objects.find(hit) or objects.account
    within = [node.above("ad set")] if node.kind in ("ad", "ad set") else [*objects.campaigns, *objects.ad_sets]
    on = [one for one in within if effective_status(one, world) == "ACTIVE"]
    return float(sum(one.own.get("daily_budget") or 0 for one in on)) / world.account.money.offset


def _pass(flight: Flight, path: Path, course: Course, phase: str, hit: str) -> None:
    world = flight.graph.world
    target = Target(cpa=Decimal(world.account.money.text(world.account.target_cpa)))
    good = {one["id"] for one in truth(world, flight.graph.objects)["ad_sets"] if one["good"]} - {hit}
    token = world.account.tokens[0]
    with open_store(path) as store, Graph("http://simulated", token, transport=Inside(flight)) as graph:
        try:
            plan = deciding.decide(store, graph, flight.account, Policy(target=target))
            if plan.changes:
                applying.apply(store, graph, plan)
        except AdoptError as error:
            course.held += 1
            course.said.add(str(error))
            return
    _count(plan, course, phase, good)


def _count(plan: Plan, course: Course, phase: str, good: set[str]) -> None:
    course.changes[phase] += len(plan.changes)
    course.guard += any("tracking" in note for note in plan.notes)
    for change in plan.changes:
        if change.is_budget:
            course.raises += int(change.after) > int(change.before)
            course.cuts += int(change.after) < int(change.before)
        elif change.after == "PAUSED":
            course.pauses += 1
            course.wrong += change.object.id in good


def _body(request: httpx.Request) -> dict[str, Any]:
    content = request.read()
    if request.headers.get("content-type", "").startswith("application/json"):
        found: dict[str, Any] = msgspec.json.decode(content)
        return found
    return dict(parse_qsl(content.decode(), keep_blank_values=True))


def _rows(found: Mapping[str, Course]) -> Iterator[str]:
    for name, course in found.items():
        spread = "/".join(str(course.changes[phase]) for phase in PHASES)
        yield (
            f"{name:<26} {spread:>13} {course.pauses:>7} {course.wrong:>6} {course.cuts:>5} {course.raises:>7} "
            f"{course.guard:>6} {course.held:>5} {course.hit:<7} {_span(course):>14}  {BUYER[name]}"
        )
        yield from (f"{'':<26} refused: {said}" for said in sorted(course.said))


def _span(course: Course) -> str:
    return " -> ".join(f"{dollars:.0f}" for dollars in course.got)


def main() -> None:
    """Fly every scenario and print a row each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="which scenarios; all, and none, unless said")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--ad-sets", type=int, default=12)
    parser.add_argument("--workers", type=int, default=2)
    said = parser.parse_args()
    names = said.names or list(BUYER)
    jobs = [(name, seed, said.ad_sets) for name in names for seed in range(1, said.seeds + 1)]
    found = {name: Course() for name in names}
    with get_context("spawn").Pool(said.workers) as pool:
        for number, (name, course) in enumerate(pool.imap(fly, jobs), 1):
            found[name].add(course)
            if sys.stderr.isatty():
                print(f"\r{number}/{len(jobs)}", end="", file=sys.stderr)
    print("\n".join([HEAD, *_rows(found)]))


if __name__ == "__main__":
    main()
