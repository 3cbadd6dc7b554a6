"""Delivery hour by hour: budgets paced, impressions bought, people clicking and buying. This is the truth."""

import numpy as np

from adopt.mock.account import Account
from adopt.mock.calendar import Calendar
from adopt.mock.chance import Flags, Floats, Ints, binomial, keys_of, normals, poisson, uniforms
from adopt.mock.market import CPM_BY_HOUR, Market, hour_shares
from adopt.mock.orders import Orders
from adopt.mock.pacing import Pacing, sums
from adopt.mock.settings import Settings
from adopt.mock.traits import (
    CARTS,
    CHECKOUTS,
    GAMMA,
    LANDED,
    VIEWS,
    draw_traits,
    saturation,
    scarcity,
    share_within,
)

LEARNING_EVENTS, LEARNING_HOURS = 50, 168
FADE = 0.99  # an audience forgets, or refills, a hundredth a day
SIMILAR = 0.3  # how far an ad set's other creatives tire people of this one
TIRED_CLICKS, TIRED_BUYERS = -0.43, -0.10
OTHER_CLICKS = 0.3  # clicks that follow no link, a link click
COUNTS = ("impressions", "spend", "link_clicks", "other_clicks", "landed", "carts", "checkouts")


class Delivery:
    """An account's delivery, advanced hour by hour."""

    def __init__(self, account: Account, calendar: Calendar) -> None:
        self.calendar, self.traits = calendar, draw_traits(account)
        self.settings = Settings(account)
        self.orders = Orders(self.traits.order_keys, self.traits.aov[self.traits.set_of_ad], calendar.start)
        self.pacing = Pacing(len(self.traits.units))
        self.hour = 0
        self.days: list[dict[str, Ints]] = []  # by day: counts by ad
        self.remembered: Floats = np.zeros(len(account.ads))  # impressions the audience still remembers
        self._market = Market(account, self.traits.units)
        self._learned = np.zeros(len(account.ad_sets), np.int64)
        self._edited = np.zeros(len(account.ad_sets), np.int64)
        seed = account.options.seed
        self._pace_keys = keys_of(seed, self.traits.units, "hours")
        self._price_keys = keys_of(seed, (a.id for a in account.ad_sets), "hours")
        self._ad_keys = keys_of(seed, (a.id for a in account.ads), "hours")

    def run(self, until: int) -> None:
        """Let every hour before this one happen."""
        while self.hour < until:
            again = self.settings.catch_up(self.hour)
            self._learned[again], self._edited[again] = 0, self.hour
            if self.calendar.day_of(self.hour) == len(self.days):
                self._begin_day(len(self.days))
            last = self.settings.until(min(until, self._hours.stop))
            self._deliver(self.hour, last)
            self.hour = last

    def frequency(self) -> Floats:
        """Give how often people who remember an ad have seen it, at least 1."""
        t = self.traits
        total = np.bincount(t.set_of_ad, self.remembered, len(t.audience))[t.set_of_ad]
        seen = (self.remembered + SIMILAR * (total - self.remembered)) / t.audience[t.set_of_ad]
        return np.divide(seen, -np.expm1(-seen), out=np.ones_like(seen), where=seen > 0)

    def learning(self) -> Flags:
        """Tell which ad sets are still learning."""
        return (self._learned < LEARNING_EVENTS) & (self.hour - self._edited < LEARNING_HOURS)

    def _begin_day(self, number: int) -> None:
        t, learning = self.traits, self.learning()
        if self.days:
            self.remembered = FADE * (self.remembered + self.days[-1]["impressions"])
        self._hours = self.calendar.hours_of(number)
        self._day = self._market.day(number, self.calendar.date(number))
        self._shares = hour_shares(self._pace_keys, self._hours, tuple(map(self.calendar.clock, self._hours)))
        noise = np.where(np.bincount(t.unit_of_set, learning, len(t.units)) > 0, 0.10, 0.05)
        self._pace = self._day.pace * np.exp(noise * self._day.rough)
        tired = self.frequency()
        self._click_rate = t.ctr * tired**TIRED_CLICKS * self._day.pull
        taught = np.where(learning, self._day.learning, 1.0)
        self._buy_rate = (t.cvr * taught)[t.set_of_ad] * tired**TIRED_BUYERS * self._day.demand
        self.pacing.begin_day(self.calendar, number, self.settings.budgets(t))
        self.days.append({name: np.zeros(len(t.ctr), np.int64) for name in COUNTS})

    def _shares_of_ads(self) -> tuple[Floats, Floats]:
        """Give each ad's share of its ad set, and each ad set's share of its budget."""
        t, on = self.traits, self.settings.ad_on
        within = share_within(np.where(on, t.appeal * self._day.taste, 0.0), t.set_of_ad, len(t.quality))
        ready = self.settings.sets_on(t) & (np.bincount(t.set_of_ad, on, len(t.quality)) > 0)
        worth = np.where(ready, t.quality**GAMMA * self._day.ad_set_taste, 0.0)
        return within, share_within(worth, t.unit_of_set, len(t.units))

    def _deliver(self, first: int, last: int) -> None:
        """Let a few hours of one day happen, all settings standing still."""
        t, hours = self.traits, np.arange(first, last)
        budgets = self.settings.budgets(t)
        limits = self.pacing.limits(budgets)
        target = np.minimum(budgets * self._pace, limits)
        within, of_unit = self._shares_of_ads()
        depth = target[t.unit_of_set] * of_unit / t.reference
        live = np.flatnonzero((within * of_unit[t.set_of_ad] * target[t.unit_of_ad]) > 0)
        if not live.size:
            return
        sets, units = t.set_of_ad[live], t.unit_of_ad[live]
        shares = self._shares[first - self._hours.start : last - self._hours.start]
        plan = (target * shares)[:, units] * (within[live] * of_unit[sets])
        cpm = t.cpm[live] * self._prices(hours, depth)[:, sets]
        many, tap, aside, glance = uniforms(self._ad_keys[live], hours[:, None])
        impressions = poisson(1000 * plan / cpm, many)
        impressions, spend = self._within_limits(impressions, cpm / 1000, units, limits)
        clicked = self._click_rate[live]
        clicks = binomial(impressions, clicked, tap)
        other = binomial(impressions - clicks, np.minimum(OTHER_CLICKS * clicked, 0.5), aside)
        rate = np.minimum(self._buy_rate[live] * saturation(depth)[sets], 0.9)
        viewed = poisson(impressions * (clicked * LANDED * rate * VIEWS / (1 - VIEWS)), glance)
        landed, carts, checkouts, bought = self._after_click(clicks, live, hours, rate)
        columns = (impressions, spend, clicks, other, landed, carts, checkouts)
        for name, column in zip(COUNTS, columns, strict=True):
            self.days[-1][name][live] += column.sum(axis=0)
        self._learned += np.bincount(sets, (bought + viewed).sum(axis=0), len(t.quality)).astype(np.int64)
        for view, counts in enumerate((bought, viewed)):
            row, column = np.nonzero(counts)
            self.orders.add(hours[row], live[column], counts[row, column], view, self._day.value)

    def _after_click(self, clicks: Ints, live: Ints, hours: Ints, rate: Floats) -> tuple[Ints, Ints, Ints, Ints]:
        """Give who landed, filled a cart and went to the checkout without buying, and who bought."""
        row, column = np.nonzero(clicks)
        land, buy, cart, pay = uniforms(self._ad_keys[live[column]], hours[row], 1)
        landed = binomial(clicks[row, column], LANDED, land)
        bought = binomial(landed, rate[column], buy)
        carts = binomial(landed - bought, CARTS, cart)
        found = []
        for counts in (landed, carts, binomial(carts, CHECKOUTS, pay), bought):
            grid = np.zeros_like(clicks)
            grid[row, column] = counts
            found.append(grid)
        return found[0], found[1], found[2], found[3]

    def _prices(self, hours: Ints, depth: Floats) -> Floats:
        """Give the factor on CPM by hour and ad set."""
        noise = 0.17 * normals(self._price_keys, hours[:, None])[0]
        hourly = CPM_BY_HOUR[[self.calendar.clock(int(hour)) for hour in hours]]
        prices: Floats = np.exp(noise) * hourly[:, None] * (self._day.price * self._day.ad_set_price * scarcity(depth))
        return prices

    def _within_limits(self, impressions: Ints, price: Floats, units: Ints, limits: Ints) -> tuple[Ints, Ints]:
        """Cut what would pass a day's or a week's cap; give impressions and their spend."""
        spend = np.rint(impressions * price).astype(np.int64)
        total = sums(spend, units, len(limits))
        room = self.pacing.room(total, limits)
        if (room < 1).any():
            share = room[:, units]
            cut = share < 1
            impressions = np.where(cut, np.floor(impressions * share), impressions).astype(np.int64)
            spend = np.where(cut, np.floor(spend * share), spend).astype(np.int64)
            total = sums(spend, units, len(limits))
        self.pacing.today = self.pacing.today + total.sum(axis=0)
        return impressions, spend
