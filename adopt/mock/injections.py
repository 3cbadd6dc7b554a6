"""The scenarios of one world: started, stopped, turned over at their hour, and told exactly."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from adopt.mock.api import Api, Makers, key_of_route
from adopt.mock.calendar import HOUR
from adopt.mock.conditions import Effect, Event, Level
from adopt.mock.happenings import TURNS
from adopt.mock.objects import Node
from adopt.mock.scenarios import BY_NAME, Scenario

START, STOP = "scenario_starts", "scenario_ends"  # as the journal of writes calls them


class Injection(msgspec.Struct, frozen=True):
    """One scenario on one object, from an hour of the world's calendar up to another."""

    number: int
    name: str
    level: Level
    id: str
    first: int
    last: int
    strength: float
    event: Event = ""


class Injections:
    """Every scenario of a world, past and to come."""

    def __init__(self) -> None:
        self.all: list[Injection] = []
        self._drawn = 0  # of them: those nobody asked for, told only once they have begun
        self._turned: list[tuple[bool, bool]] = []  # of each: whether what it does to objects has begun, has ended

    @property
    def makers(self) -> Makers:
        """Give what the journal of writes needs to start and stop scenarios again."""
        return {key_of_route("POST", "account", START): self._start, key_of_route("POST", "account", STOP): self._stop}

    def happen(self, api: Api, drawn: Iterable[Injection]) -> None:
        """Let happen what nobody asked for; before anything else does."""
        for one in drawn:
            self._begin(api, one)
        self._drawn = len(self.all)

    def wished(self, api: Api, one: Injection) -> dict[str, Any]:
        """Begin a scenario, and write it into the journal."""
        api.write(api.objects.account, START, msgspec.to_builtins(one))
        return told(api, one)

    def ended(self, api: Api, name: str, understood: Callable[[str], Scenario]) -> list[dict[str, Any]]:
        """End what has not ended of a name or a number, or all there is, from the next hour on."""
        hour = api.world.calendar.hour_at(api.world.now()) + 1
        running = [one for one in self._known(hour) if one.last > max(hour, one.first)]
        if name.isdecimal():
            chosen = [one for one in running if one.number == int(name)]
        else:
            wanted = None if name.casefold() == "all" else understood(name).name
            chosen = [one for one in running if wanted in (None, one.name)]
        if not chosen:
            known = ", ".join(f"{one.number} {one.name}" for one in running) or "none"
            raise ValueError(f"no scenario {name!r} is running or to come; there are: {known}")
        for one in chosen:
            api.write(api.objects.account, STOP, {"number": one.number, "hour": hour})
        return [told(api, self.all[one.number - 1]) for one in chosen]

    def told(self, api: Api) -> list[dict[str, Any]]:
        """Give every scenario as the truth log has it."""
        return [told(api, one) for one in self._known(api.world.calendar.hour_at(api.world.now()))]

    def _start(self, api: Api, account: Node, fields: dict[str, Any], _moment: float) -> Node:
        """Begin a scenario, as the journal tells it."""
        self._begin(api, msgspec.convert(fields, Injection))
        return account

    def _begin(self, api: Api, one: Injection) -> None:
        api.world.impose(effects_of(api, one))
        self.all.append(one)
        self._turned.append((False, False))

    def _known(self, hour: int) -> list[Injection]:
        return [one for one in self.all if one.number > self._drawn or one.first <= hour]

    def _stop(self, api: Api, account: Node, fields: dict[str, Any], _moment: float) -> Node:
        """End a scenario at an hour, as the journal tells it."""
        place, hour = int(fields["number"]) - 1, int(fields["hour"])
        one = self.all[place]
        api.world.lift(effects_of(api, one), hour)
        self.all[place] = msgspec.structs.replace(one, last=max(one.first, min(one.last, hour)))
        return account

    def catch_up(self, api: Api, moment: float) -> None:
        """Let happen, in order, what scenarios do to objects up to a moment."""
        start = api.world.calendar.start
        due = [
            (start + HOUR * hour, place, side)
            for place, one in enumerate(self.all)
            if one.name in TURNS and one.last > one.first
            for side, hour in enumerate((one.first, one.last))
            if not self._turned[place][side] and start + HOUR * hour <= moment
        ]
        for when, place, side in sorted(due):
            one, (begun, _) = self.all[place], self._turned[place]
            TURNS[one.name][side](api, api.node("POST", one.id), one.strength, when)
            self._turned[place] = (True, side == 1) if side == 0 else (begun, True)
        if due:
            api.insights.forget()


def effects_of(api: Api, one: Injection) -> tuple[Effect, ...]:
    """Give what a scenario does to delivery and reports; creatives tire one by one, so that later ones are fresh."""
    scenario, node = BY_NAME[one.name], api.node("POST", one.id)
    targets = [node] if not scenario.ramp or node.kind == "ad" else list(node.below("ad"))
    return tuple(
        effect
        for target in targets
        for effect in scenario.effects(one.first, one.last, level_of(target), target.index, one.strength, one.event)
    )


def told(api: Api, one: Injection) -> dict[str, Any]:
    """Give a scenario as the truth log has it: what, on what, from when until when, how strong."""
    world, node = api.world, api.node("GET", one.id)
    hour = world.calendar.hour_at(world.now())
    state = "coming" if hour < one.first else "running" if hour < one.last else "over"
    start, end = (
        world.calendar.local(world.calendar.start + HOUR * when).isoformat(timespec="seconds")
        for when in (one.first, one.last)
    )
    return {
        "number": one.number,
        "scenario": one.name,
        "level": one.level,
        "id": one.id,
        "name": node.own["name"],
        "start": start,
        "end": end,
        "strength": one.strength,
        "event": one.event or BY_NAME[one.name].event or None,
        "state": "called off" if one.last <= one.first else state,
    }


def level_of(node: Node) -> Level:
    """Give a node's kind as the level of an effect."""
    found: dict[str, Level] = {"account": "account", "campaign": "campaign", "ad set": "ad set", "ad": "ad"}
    return found[node.kind]
