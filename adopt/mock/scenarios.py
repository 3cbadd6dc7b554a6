"""Scenarios by name: what goes wrong with ad accounts, how strongly, for how long, and what it does to delivery."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adopt.mock.conditions import Effect, Event, Level, Stage

DAY = 24
LONGEST = 400 * DAY
EVENTS: tuple[Event, ...] = ("landed", "carts", "checkouts")
Part = tuple[Stage, float]
Parts = Callable[[float], tuple[Part, ...]]  # the factors of a strength
ALL: tuple[Level, ...] = ("account", "campaign", "ad set", "ad")


@dataclass(frozen=True)
class Scenario:
    """One scenario: where it can happen, its usual length in hours, and its strength with its range."""

    name: str
    signature: str
    levels: tuple[Level, ...]
    hours: int
    strength: float
    least: float
    most: float
    meaning: str  # of its strength
    parts: Parts
    rate: float = 1.0  # how often it happens, beside the others
    ramp: int = 0  # hours over which it comes little by little
    event: Event = ""
    alone: Level | None = None  # where it happens unasked, if not at the first of its levels

    def effects(self, first: int, last: int, level: Level, index: int, strength: float, event: Event) -> list[Effect]:
        """Give what it does to an object from an hour up to another."""
        ramp = min(self.ramp, last - first)
        return [
            Effect(stage, factor, first, last, level, index, event or self.event if stage == "tracked" else "", ramp)
            for stage, factor in self.parts(strength)
        ]


def _only(stage: Stage) -> Parts:
    return lambda strength: ((stage, strength),)


def _nothing(_: float) -> tuple[Part, ...]:
    return ()


def _stopped(_: float) -> tuple[Part, ...]:
    return (("spend", 0.0),)


def _junk(price: float) -> tuple[Part, ...]:
    """A fifth of the price, clicks enough for 0.8 of the cost of a purchase, which a tenth as many clicks end in."""
    return ("cpm", price), ("ctr", price / (0.8 * 0.25 * 0.4)), ("landing", 0.25), ("cvr", 0.4)


def _tired(cost: float) -> tuple[Part, ...]:
    """Three quarters of the rise in cost by fewer clicks, a quarter by dearer impressions."""
    return ("ctr", cost**-0.75), ("cpm", cost**0.25)


def _holiday(price: float) -> tuple[Part, ...]:
    return ("cpm", price), ("cvr", 1.3 + 0.3 * (price - 1.4) / 0.7)


def _bug(price: float) -> tuple[Part, ...]:
    """Budgets gone within hours, for no more impressions than usual."""
    return ("cpm", price), ("spend", price)


def _down(arrive: float) -> tuple[Part, ...]:
    return ("landing", arrive), ("shop", arrive)


def _halt(name: str, signature: str, hours: int, rate: float) -> Scenario:
    """Give a scenario that stops the whole account; there is no more or less of it."""
    return Scenario(name, signature, ("account",), hours, 1.0, 1.0, 1.0, "none", _stopped, rate=rate)


SCENARIOS = (
    Scenario(
        "tracking break, one event",
        "an event is hardly seen, though what follows from it is",
        ALL,
        3 * DAY,
        0.2,
        0.0,
        0.9,
        "share of the event still seen",
        _only("tracked"),
        event="checkouts",
    ),
    Scenario(
        "tracking break, purchases",
        "purchases vanish from reports, not from the shop",
        ALL,
        3 * DAY,
        0.1,
        0.0,
        0.9,
        "share of purchases still seen",
        _only("tracked"),
        event="purchases",
    ),
    Scenario(
        "duplicate events",
        "each purchase is reported more than once, so that a purchase is worth less",
        ALL,
        3 * DAY,
        2.0,
        1.1,
        5.0,
        "reported purchases for each real one",
        lambda times: (("copies", times - 1),),
    ),
    Scenario(
        "junk traffic",
        "cheap impressions and many clicks, of which few arrive and fewer buy",
        ALL,
        4 * DAY,
        0.22,
        0.1,
        0.5,
        "factor on CPM",
        _junk,
        alone="ad set",
    ),
    Scenario(
        "creative fatigue",
        "clicks fade and prices drift up, day by day; fresh ads are spared",
        ("campaign", "ad set", "ad"),
        60 * DAY,
        2.2,
        1.1,
        5.0,
        "cost per purchase in the end, over the usual one",
        _tired,
        ramp=14 * DAY,
    ),
    Scenario(
        "cpm spike, market",
        "everybody bids for more buyers: dear impressions, better conversion",
        ("account",),
        7 * DAY,
        1.7,
        1.2,
        2.5,
        "factor on CPM",
        _holiday,
    ),
    Scenario(
        "cpm spike, platform bug",
        "budgets are gone within hours, for no more results",
        ("account", "campaign"),
        12,
        4.5,
        2.0,
        8.0,
        "factor on CPM",
        _bug,
        rate=0.3,
    ),
    Scenario(
        "landing page down",
        "people click and do not arrive; purchases stop within the hour",
        ALL,
        6,
        0.05,
        0.0,
        0.9,
        "share that still arrives",
        _down,
    ),
    Scenario(
        "offer or stock problem",
        "people arrive as ever and do not buy",
        ALL,
        4 * DAY,
        0.4,
        0.0,
        0.9,
        "factor on conversions",
        _only("cvr"),
    ),
    Scenario(
        "bad performance",
        "an ad set that used to sell sells no more",
        ("ad set", "campaign", "ad"),
        60 * DAY,
        0.35,
        0.0,
        0.95,
        "factor on conversions",
        _only("cvr"),
        rate=0.5,
    ),
    Scenario(
        "ad rejected", "one ad stops at once, until it is reviewed again", ("ad",), 18, 1.0, 1.0, 1.0, "none", _nothing
    ),
    _halt("account disabled", "all delivery stops within the hour; late purchases keep coming", 2 * DAY, 0.2),
    _halt("card declined", "all delivery stops within the hour, until the bill is paid", DAY, 0.5),
    _halt("balance empty", "all delivery stops within the hour, until the account is topped up", DAY, 0.3),
    Scenario(
        "delivery stall",
        "much less is spent than the budget allows",
        ALL,
        DAY,
        0.3,
        0.0,
        0.5,
        "factor on spend",
        _only("spend"),
        rate=2.0,
        alone="ad set",
    ),
    Scenario(
        "budget typo",
        "a budget is typed with a digit too many, and spend follows within the hour",
        ("ad set", "campaign"),
        DAY,
        10.0,
        1.5,
        100.0,
        "factor on the budget",
        _nothing,
        rate=0.3,
    ),
    Scenario(
        "reporting lag",
        "reports stand still and then run behind, while delivery goes on",
        ("account",),
        DAY,
        12.0,
        3.0,
        48.0,
        "hours that reports run behind",
        _only("lag"),
        rate=2.0,
    ),
)
BY_NAME = {one.name: one for one in SCENARIOS}


def known() -> list[dict[str, Any]]:
    """Give every scenario as a record: what it looks like, where it can be, how long and how strong it usually is."""
    return [
        {
            "name": one.name,
            "levels": list(one.levels),
            "hours": one.hours,
            "strength": one.strength,
            "least": one.least,
            "most": one.most,
            "meaning": one.meaning,
            "signature": one.signature,
        }
        for one in SCENARIOS
    ]
