"""What happens to a realistic account unasked: about one scenario in 25 days, drawn by seed and day."""

from collections.abc import Iterator

import numpy as np

from adopt.mock.account import Account
from adopt.mock.calendar import Calendar
from adopt.mock.chance import key_of, uniforms
from adopt.mock.conditions import Level
from adopt.mock.injections import Injection
from adopt.mock.scenarios import SCENARIOS, Scenario

A_DAY = 0.04  # of which about one in 25
HORIZON = 2200  # days from the account's first
LEAST, MOST = 0.5, 1.5  # of a scenario's usual length
STAKE = 0.25  # how far a strength goes from the usual one to the ends of its range


def draw(account: Account, calendar: Calendar) -> Iterator[Injection]:
    """Give what happens, day by day, on objects the account began with."""
    days, key = np.arange(HORIZON), np.array([key_of(account.options.seed, account.id, "mishaps")], np.uint64)
    whether, which, when, length = (column.tolist() for column in uniforms(key, days))
    where, strength, *_ = (column.tolist() for column in uniforms(key, days, 1))
    shares = np.cumsum([one.rate for one in SCENARIOS]) / sum(one.rate for one in SCENARIOS)
    number = 0
    for day in np.flatnonzero(np.array(whether) < A_DAY).tolist():
        scenario = SCENARIOS[int(np.searchsorted(shares, which[day]))]
        found = _object(account, scenario, where[day])
        if found is None or (scenario.name == "budget typo" and day < account.options.days):
            continue  # of budgets in the history the owner has told everything
        number += 1
        first = calendar.hours_of(day).start + int(24 * when[day])
        hours = max(1, round(scenario.hours * (LEAST + (MOST - LEAST) * length[day])))
        how = _strength(scenario, strength[day])
        yield Injection(number, scenario.name, found[0], found[1], first, first + hours, how)


def _object(account: Account, scenario: Scenario, chance: float) -> tuple[Level, str] | None:
    """Give the object a scenario happens to by itself; of a mistyped budget, one that has a budget."""
    level = scenario.alone or scenario.levels[0]
    if level == "account":
        return level, f"act_{account.id}"
    fit = {
        "campaign": [one.id for one in account.campaigns],
        "ad set": [one.id for one in account.ad_sets if one.budget or scenario.name != "budget typo"],
        "ad": [one.id for one in account.ads],
    }[level]
    return (level, fit[int(chance * len(fit))]) if fit else None


def _strength(scenario: Scenario, chance: float) -> float:
    """Give a strength about the usual one, evenly on either side."""
    side = scenario.least if chance < 0.5 else scenario.most  # noqa: PLR2004 - half below, half above
    return round(scenario.strength + STAKE * abs(2 * chance - 1) * (side - scenario.strength), 3)
