"""What a person asks for of scenarios, understood: names without regard to case, times, and what would be allowed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from difflib import get_close_matches

import msgspec

from adopt.mock.api import Api
from adopt.mock.calendar import HOUR, Calendar
from adopt.mock.clock import seconds_of
from adopt.mock.conditions import Event, Level
from adopt.mock.injections import Injection, level_of
from adopt.mock.objects import Node
from adopt.mock.scenarios import BY_NAME, EVENTS, LONGEST, SCENARIOS, Scenario

NAMED = 5  # objects that an error names


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scenario as it is asked for; what is left out is as usual."""

    name: str
    at: str | None = None
    lasting: str | None = msgspec.field(default=None, name="for")
    strength: float | None = None
    campaign: str | None = None
    ad_set: str | None = None
    ad: str | None = None
    event: str | None = None


def understand(api: Api, wish: Wish, number: int) -> Injection:
    """Give the scenario a wish stands for, or say what cannot be."""
    scenario = scenario_named(wish.name)
    node = _object(api, scenario, wish)
    calendar, now = api.world.calendar, api.world.now()
    first = _hour(calendar, wish.at, now)
    length = scenario.hours if wish.lasting is None else max(1, round(seconds_of(wish.lasting) / HOUR))
    if length > LONGEST:
        raise ValueError(f"{wish.lasting} is too long: at most {LONGEST // 24}d")
    return Injection(
        number=number,
        name=scenario.name,
        level=level_of(node),
        id=node.id,
        first=first,
        last=first + length,
        strength=_strength(scenario, wish.strength),
        event=_event(scenario, wish.event),
    )


def scenario_named(name: str) -> Scenario:
    """Give a scenario by its name, in any case and with any punctuation; the only one that begins or ends so, too."""
    plain = {_plain(one): one for one in BY_NAME}
    asked = _plain(name)
    found = [plain[asked]] if asked in plain else [one for key, one in plain.items() if asked and asked in key]
    if len(found) == 1:
        return BY_NAME[found[0]]
    close = found or get_close_matches(asked, plain, n=1, cutoff=0.5)
    if close:
        raise ValueError(
            f"there is no scenario {name!r}; did you mean {_quoted(plain.get(one, one) for one in close)}?"
        )
    raise ValueError(f"there is no scenario {name!r}: one of {_quoted(one.name for one in SCENARIOS)}")


def _object(api: Api, scenario: Scenario, wish: Wish) -> Node:
    """Give the object a wish names, of a level its scenario can be on."""
    levels: tuple[tuple[Level, str | None], ...] = (
        ("campaign", wish.campaign),
        ("ad set", wish.ad_set),
        ("ad", wish.ad),
    )
    asked: list[tuple[Level, str]] = [(level, name) for level, name in levels if name is not None]
    if len(asked) > 1:
        raise ValueError(f"name one object, not {_listed(level for level, _ in asked)}")
    level, name = asked[0] if asked else ("account", "")
    if level not in scenario.levels:
        raise ValueError(_needs(api, scenario, level))
    node = named(api, level, name) if asked else api.objects.account
    if scenario.name == "budget typo" and not node.own.get("daily_budget"):
        other = "its campaign's" if node.kind == "ad set" else "its ad sets'"
        raise ValueError(f"{node.kind} {node.own['name']!r} has no daily budget of its own: mistype {other}")
    return node


def _needs(api: Api, scenario: Scenario, level: Level) -> str:
    allowed = _listed(
        f"--{one.replace(' ', '-')}" if one != "account" else "the whole account" for one in scenario.levels
    )
    lowest = scenario.levels[0] if scenario.levels[0] != "account" else None
    example = f"; for example {next(iter(_of_level(api, lowest))).own['name']!r}" if lowest else ""
    return f"{scenario.name!r} cannot be on the {level}: it is for {allowed}{example}"


def named(api: Api, level: Level, name: str) -> Node:
    """Give the object of an id or a name, in any case; a part of a name will do if only one has it."""
    objects = _of_level(api, level)
    asked = name.strip().casefold()
    for matches in (
        [one for one in objects if one.id == asked],
        [one for one in objects if one.own["name"].casefold() == asked],
        [one for one in objects if asked and asked in one.own["name"].casefold()],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            known = _listed(f"{one.own['name']!r} ({one.id})" for one in matches[:NAMED])
            raise ValueError(f"{name!r} is the name of {len(matches)} {level}s, say the id: {known}")
    names = {one.own["name"].casefold(): one.own["name"] for one in objects}
    close = get_close_matches(asked, names, n=1, cutoff=0.4)
    hint = f"the nearest is {names[close[0]]!r}" if close else f"there are {_quoted(list(names.values())[:NAMED])}"
    raise ValueError(f"there is no {level} {name!r}; {hint}")


def _of_level(api: Api, level: Level) -> Sequence[Node]:
    found: dict[Level, list[Node]] = {
        "campaign": api.objects.campaigns,
        "ad set": api.objects.ad_sets,
        "ad": api.objects.ads,
    }
    return found.get(level, [api.objects.account])


def _hour(calendar: Calendar, at: str | None, now: float) -> int:
    """Give the hour at which something begins: the next one, one so long from now, or that of a local time."""
    if at is None:
        return calendar.hour_at(now) + 1
    try:
        moment = now + seconds_of(at.removeprefix("+")) if at.startswith("+") else _local(calendar, at)
    except ValueError as error:
        raise ValueError(f"{at!r} is no time: write +2h or 2026-03-01T09:00") from error
    if moment < now:
        here = calendar.local(now).isoformat(timespec="minutes")
        raise ValueError(f"{at} is over: it is {here}, and the past of a world is not changed")
    return max(calendar.hour_at(now) + 1, calendar.hour_at(moment + HOUR - 1))


def _local(calendar: Calendar, text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=calendar.zone)).timestamp()


def _strength(scenario: Scenario, asked: float | None) -> float:
    strength = scenario.strength if asked is None else asked
    if not scenario.least <= strength <= scenario.most:
        if scenario.least == scenario.most:
            raise ValueError(f"{scenario.name!r} has no strength")
        raise ValueError(
            f"strength {strength:g} cannot be: of {scenario.name!r} it is the {scenario.meaning}, "
            f"from {scenario.least:g} to {scenario.most:g}"
        )
    return strength


def _event(scenario: Scenario, asked: str | None) -> Event:
    if asked is None:
        return ""
    found = next((one for one in EVENTS if one == asked.casefold()), None)
    if found is None or scenario.event not in EVENTS:
        raise ValueError(f"event {asked!r} cannot be: one of {_listed(EVENTS)}, with 'tracking break, one event'")
    return found


def _plain(name: str) -> str:
    return " ".join("".join(letter if letter.isalnum() else " " for letter in name.casefold()).split())


def _quoted(names: Iterable[str]) -> str:
    return _listed(repr(one) for one in names)


def _listed(words: Iterable[str]) -> str:
    *some, last = words
    return f"{', '.join(some)} or {last}" if some else last
