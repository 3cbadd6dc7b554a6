"""The least that Meta lets ad sets spend, and what of a spec lies below it.

Source: docs/marketing-api/reference/minimum-budget (a least for each class of events, in the account's currency, and
another one under a bid) and Meta's help page on minimum budgets: the class is that of the event that is paid for; with
a cap the budget is five times the cap; a lifetime budget has the least for each of its days.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from adopt.launch import allowed, params, timing
from adopt.launch.known import Known, Setting
from adopt.launch.problems import Place, Problem, error, warning
from adopt.launch.spec import AdSet, Campaign, Entry, Spec
from adopt.model import Money

CAPS = 5  # in a day's budget


class _Floor(NamedTuple):
    """A day's least, and of what."""

    amount: Money
    what: str


def bids(spec: Spec) -> tuple[Decimal, ...]:
    """The bids of a spec: each may have a least of its own."""
    return tuple(sorted({one.said.bid_amount for one in spec.adsets if one.said.bid_amount is not None}))


def budget_problems(spec: Spec, setting: Setting, known: Known | None, now: datetime) -> Iterator[Problem]:
    """What is wrong with the amounts of a spec, and which budgets are too small or may be."""
    yield from _decimals(spec.campaign, setting)
    for adset in spec.adsets:
        yield from _decimals(adset, setting)
    if known is None:
        return
    rules = _Rules(spec, setting, known, now)
    if params.is_shared(spec.campaign.said):
        yield from rules.shared()
        return
    for adset in spec.adsets:
        yield from rules.own(adset)


def read(row: Mapping[str, Any]) -> dict[str, Money]:
    """The classes of a row of `minimum_budgets`: imp, high_freq, low_freq, video_views."""
    prefix = "min_daily_budget_"
    return {
        name.removeprefix(prefix): int(value)
        for name, value in row.items()
        if name.startswith(prefix) and str(value).isdecimal()
    }


def _decimals(entry: Entry[Any], setting: Setting) -> Iterator[Problem]:
    code, offset = setting.currency.code, setting.currency.offset
    for name in ("daily_budget", "lifetime_budget", "bid_amount", "spend_cap"):
        amount = getattr(entry.said, name, None)
        if amount is not None and _minor(amount, setting) is None:
            places = f"{code or 'money'} has {'no' if offset == 1 else 'two'} decimals"
            yield error(entry.at(name), f"{amount} has more decimals than there are", places)


def _minor(amount: Decimal | None, setting: Setting) -> Money | None:
    """An amount in minor units; None for none, and for one with more decimals than there are."""
    if amount is None or amount * setting.currency.offset % 1:
        return None
    return setting.currency.parse(amount)


class _Rules(NamedTuple):
    """The account's least, applied to the budgets of a spec."""

    spec: Spec
    setting: Setting
    known: Known
    now: datetime

    def own(self, entry: Entry[AdSet]) -> Iterator[Problem]:
        """Budgets of an ad set of its own."""
        floor = self._floor(entry.said)
        for name, spent in self._budgets(entry.said):
            days = self._days(entry.said) if name == "lifetime_budget" else 1
            place = entry.at(name)
            if spent < floor.amount * days:
                yield error(place, self._less(spent, floor.what, days), self._or_more(floor.amount * days))
            else:
                yield from self._doubts(entry.said, place, spent, days)

    def shared(self) -> Iterator[Problem]:
        """The budget of a campaign, against the least of the ad sets that share it."""
        floors = [self._floor(one.said) for one in self.spec.adsets]
        highest, together = max(floors), sum(one.amount for one in floors)
        for name, spent in self._budgets(self.spec.campaign.said):
            days = max(self._days(one.said) for one in self.spec.adsets) if name == "lifetime_budget" else 1
            place = self.spec.campaign.at(name)
            if spent < highest.amount * days:
                yield error(place, self._less(spent, highest.what, days), self._or_more(highest.amount * days))
            elif spent < together * days:
                what = f"{len(floors)} ad sets share it, and Meta may refuse less than the least of all of them"
                yield warning(place, what, self._or_more(together * days))

    def _doubts(self, said: AdSet, place: Place, spent: Money, days: int) -> Iterator[Problem]:
        """What Meta may refuse, or cannot spend well."""
        goal = said.goal or allowed.GOALS.get(self.spec.campaign.said.objective or "", ("",))[0]
        rare = self.known.least_of("high_freq") or 0
        if goal and goal not in allowed.FREQUENT and spent < rare * days:
            what = f"{goal.lower()} is a rare event, and Meta may refuse less than {self._show(rare)} a day for it"
            yield warning(place, what, self._or_more(rare * days))
        cap = _minor(said.bid_amount, self.setting) or 0
        if said.bid_strategy in allowed.CAPPED and spent < CAPS * cap * days:
            yield warning(place, "Meta asks for five times the cap a day", self._or_more(CAPS * cap * days))

    def _floor(self, said: AdSet) -> _Floor:
        """What Meta surely refuses to go below: by the event that is paid for, and by the bid."""
        billed = said.billing_event or "IMPRESSIONS"
        events, bid = allowed.CLASS_OF[billed], _minor(said.bid_amount, self.setting) or 0
        return max(
            _Floor(self.known.least or 0, "this ad account"),
            _Floor(self.known.least_of(events) or 0, f"an ad set billed by {billed.lower()}"),
            _Floor((bid and self.known.least_of(events, bid)) or 0, f"an ad set with a bid of {self._show(bid)}"),
            key=lambda one: one.amount,
        )

    def _budgets(self, said: AdSet | Campaign) -> Iterator[tuple[str, Money]]:
        for name in ("daily_budget", "lifetime_budget"):
            if (spent := _minor(getattr(said, name), self.setting)) is not None:
                yield name, spent

    def _days(self, said: AdSet) -> int:
        """The whole days of an ad set that ends; 1 where it does not."""
        runs = timing.length(said.start, said.end, self.now, self.setting.zone)
        return max(1, runs // timedelta(days=1)) if runs else 1

    def _less(self, spent: Money, whose: str, days: int) -> str:
        span = f" in {days} days" if days > 1 else ""
        return f"{self._show(spent)} is less than {whose} may spend{span}"

    def _or_more(self, amount: Money) -> str:
        return f"{self._show(amount)} or more"

    def _show(self, amount: Money) -> str:
        return self.setting.currency.show(amount)
