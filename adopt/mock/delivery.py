"""Delivery hour by hour: budgets paced, impressions bought, people clicking and buying. This is the truth."""

import numpy as np

from adopt.mock.account import Account, Newcomers
from adopt.mock.calendar import HOUR, Calendar
from adopt.mock.chance import Flags, Floats, Ints, Keys, binomial, key_of, keys_of, normals, poisson, uniforms
from adopt.mock.conditions import NORMAL, Conditions, Event, Places, Stage
from adopt.mock.equations import saturation, scarcity, share_within
from adopt.mock.market import CPM_BY_HOUR, Market, Moods, hour_shares
from adopt.mock.orders import Orders
from adopt.mock.pacing import Pacing, room, sums
from adopt.mock.purses import Purses
from adopt.mock.settings import ACCOUNT_CAP, EDITED, WAKE, Agenda, Change, Settings
from adopt.mock.surges import Surge, raised
from adopt.mock.traits import draw_traits

LEARNING_EVENTS, LEARNING_HOURS = 50, 168
OTHER_CLICKS = 0.3  # clicks that follow no link, a link click
COUNTS = ("impressions", "spend", "link_clicks", "other_clicks", "landed", "carts", "checkouts")


class Delivery:
    """An account's delivery, advanced hour by hour."""

    def __init__(self, account: Account, calendar: Calendar, conditions: Conditions = NORMAL) -> None:
        self.calendar, self.conditions, self.agenda = calendar, conditions, Agenda()
        p = self.parameters = account.parameters
        self.hour = 0
        self.days: list[dict[str, Ints]] = []  # by day: counts by ad, of the ads there were at its end
        self.unseen: dict[tuple[int, Event], Ints] = {}  # of a day's counts, what broken tracking lost
        self.surges: dict[str, Surge] = {}  # budgets raised for a while, by id
        self.before_cap = 0  # spent when the account's cap was set
        self.organic: list[int] = []  # by day: orders that no ad caused
        self._market, self._seed = Market(account), account.options.seed
        everything = Newcomers(account.campaigns, account.ad_sets, account.ads)
        self.traits, self.settings = draw_traits(account, everything), Settings(account)
        self.purses, self.pacing, self._moods = Purses(self._seed), Pacing(), Moods(p)
        self.orders = Orders(p, calendar.start)
        self.orders.grow(self.traits.order_keys, self.traits.aov[self.traits.set_of_ad])
        self.remembered: Floats = np.zeros(len(account.ads))  # impressions the audience still remembers
        self.spent: Ints = np.zeros(len(account.ads), np.int64)
        self._learned, self._edited = (np.zeros(len(account.ad_sets), np.int64) for _ in range(2))
        self._taught: Flags = np.ones(len(account.ad_sets), bool)  # learning as the day began, or since
        self._price_keys, self._ad_keys = self._join(everything, 0)
        self._organic = np.array([p.organic * _expected_orders(account)])
        self._account = account

    def run(self, until: int) -> None:
        """Let every hour before this one happen."""
        while self.hour < until:
            fresh = self.calendar.day_of(self.hour) == len(self.days)
            if fresh:
                self._begin_day(len(self.days))
            changes = self.agenda.due(self.hour)
            for change in changes:
                self._make(change)
            if fresh or changes:
                self._arrange()
            last = self.agenda.until(min(until, self._hours.stop))
            self._deliver(self.hour, last)
            self.hour = last

    def frequency(self) -> Floats:
        """Give how often people who remember an ad have seen it, at least 1."""
        t = self.traits
        total = np.bincount(t.set_of_ad, self.remembered, len(t.audience))[t.set_of_ad]
        seen = (self.remembered + self.parameters.similar * (total - self.remembered)) / t.audience[t.set_of_ad]
        return np.divide(seen, -np.expm1(-seen), out=np.ones_like(seen), where=seen > 0)

    def learning(self) -> Flags:
        """Tell which ad sets are still learning."""
        return (self._learned < LEARNING_EVENTS) & (self.hour - self._edited < LEARNING_HOURS)

    def purse_of_set(self) -> Ints:
        """Give the purse each ad set spends from."""
        return self.purses.of_sets(self.settings, self.traits.campaign_of_set)

    @property
    def places(self) -> Places:
        """Give where every ad hangs."""
        owner = self.traits.set_of_ad
        return Places(self.traits.campaign_of_set[owner], owner, np.arange(len(owner)))

    def budgets(self) -> Ints:
        """Give each purse's budget of today."""
        lifetimes = self.purses.filled(self.settings, "lifetime")
        own = self.purses.filled(self.settings, "budget")
        if not lifetimes.any():
            return own
        ends = self.purses.ends(self.settings, self.traits.campaign_of_set)
        return self.pacing.daily(own, lifetimes, ends, self._moment(self._hours.start))

    def _moment(self, hour: int) -> int:
        return self.calendar.start + hour * HOUR

    def _make(self, change: Change) -> None:
        """Make a change that is due."""
        if change.new is not None:
            self._grow(change.new)
        elif change.what == ACCOUNT_CAP:
            self.settings.of[ACCOUNT_CAP][0] = change.value
            self.before_cap = int(self.spent.sum()) if change.value else 0
        elif change.what == EDITED or (change.what != WAKE and self.settings.apply(change)):
            self._learn_again(np.array([change.index]))

    def _learn_again(self, ad_sets: Ints) -> None:
        self._learned[ad_sets], self._edited[ad_sets], self._taught[ad_sets] = 0, self.hour, True

    def _grow(self, new: Newcomers) -> None:
        """Let objects join, in the hour that begins."""
        self._account = self._account.grown(new)
        more = draw_traits(self._account, new)
        self.traits = self.traits.with_more(more)
        self.settings.grow(new)
        self.orders.grow(more.order_keys, self.traits.aov[more.set_of_ad])
        ads, sets = len(new.ads), len(new.ad_sets)
        self.remembered = np.concatenate([self.remembered, np.zeros(ads)])
        self.spent = np.concatenate([self.spent, np.zeros(ads, np.int64)])
        self._learned = np.concatenate([self._learned, np.zeros(sets, np.int64)])
        self._edited = np.concatenate([self._edited, np.full(sets, self.hour)])
        self._taught = np.concatenate([self._taught, np.ones(sets, bool)])
        price, ad = self._join(new, len(self.days) - 1)
        self._price_keys = np.concatenate([self._price_keys, price])
        self._ad_keys = np.concatenate([self._ad_keys, ad])
        nothing, today = np.zeros(ads, np.int64), len(self.days) - 1
        self.unseen |= {key: np.concatenate([lost, nothing]) for key, lost in self.unseen.items() if key[0] == today}
        self.days[-1] = {name: np.concatenate([column, nothing]) for name, column in self.days[-1].items()}
        self._learn_again(np.unique(more.set_of_ad))

    def _join(self, new: Newcomers, day: int) -> tuple[Keys, Keys]:
        """Give purses and moods their columns of objects that join on a day; give the keys of prices and of people."""
        sets, ads = [one.id for one in new.ad_sets], [one.id for one in new.ads]
        pace = self.purses.grow(new)
        self.pacing.grow(len(pace))
        keys = {"purse": pace, "ad set": keys_of(self._seed, sets, "day"), "ad": keys_of(self._seed, ads, "day")}
        self._moods.grow(keys, day)
        return keys_of(self._seed, sets, "hours"), keys_of(self._seed, ads, "hours")

    def _begin_day(self, number: int) -> None:
        if self.days:
            self.remembered = (1 - self.parameters.refill) * (self.remembered + self.days[-1]["impressions"])
            self._moods.step(number)
            budgets = self.budgets()
        else:
            budgets = np.zeros(len(self.purses), np.int64)
        self._hours = self.calendar.hours_of(number)
        self._day = self._market.day(number, self.calendar.date(number))
        key = np.array([key_of(self._seed, "organic")], np.uint64)
        self.organic += poisson(self._organic * self._day.organic, uniforms(key, number)[0]).tolist()
        self.pacing.begin_day(self.calendar, number, budgets)
        self._taught = self.learning()
        self.days.append({name: np.zeros(len(self.traits.ctr), np.int64) for name in COUNTS})

    def _arrange(self) -> None:
        """Work out what stands for the rest of the day: who spends from where, how fast, and the rates of people."""
        t, mood, p = self.traits, self._moods.of, self.parameters
        self._purse = self.purse_of_set()
        used = np.unique(self._purse)
        clock = tuple(map(self.calendar.clock, self._hours))
        self._shares = np.zeros((len(self._hours), len(self.purses)))
        self._shares[:, used] = hour_shares(self.purses.hour_keys[used], self._hours, clock, p.pace_hour_sd)
        noise = np.where(
            np.bincount(self._purse, self._taught, len(self.purses)) > 0, p.pace_noise_learning, p.pace_noise
        )
        self._pace = self._day.pace * np.exp(mood["pace"]) * np.exp(noise * mood["rough"])
        tired = self.frequency()
        self._click_rate = t.ctr * tired**-p.tired_clicks * np.exp(mood["pull"])
        taught = np.where(self._taught, np.exp(-p.learning_cost + p.learning_sd * mood["learning"]), 1.0)
        self._buy_rate = (t.cvr * taught)[t.set_of_ad] * tired**-p.tired_buyers * self._day.demand
        self._ad_set_price = self._day.price * np.exp(mood["price"] + mood["drift"])

    def _shares_of_ads(self, moment: int) -> tuple[Floats, Floats]:
        """Give each ad's share of its ad set, and each ad set's share of its purse."""
        t, mood, on = self.traits, self._moods.of, self.settings.ads_on()
        within = share_within(np.where(on, t.appeal * np.exp(mood["taste"]), 0.0), t.set_of_ad, len(t.quality))
        ready = self.settings.sets_on(t.campaign_of_set, moment)
        ready &= np.bincount(t.set_of_ad, on, len(t.quality)) > 0
        worth = np.where(ready, t.quality**self.parameters.gamma * np.exp(mood["ad_set_taste"]), 0.0)
        return within, share_within(worth, self._purse, len(self.purses))

    def _deliver(self, first: int, last: int) -> None:
        """Let a few hours of one day happen, all settings standing still."""
        t, p, hours = self.traits, self.parameters, np.arange(first, last)
        usual = self.budgets()
        budgets = raised(usual, tuple(self.surges.values()), self.purses, first)
        limits = self.pacing.limits(budgets, self.purses.filled(self.settings, "lifetime"))
        target = np.minimum(budgets * self._pace * self.pacing.made_good(budgets, p.pace_aim), limits)
        within, of_purse = self._shares_of_ads(self._moment(first))
        depth = target[self._purse] * of_purse / t.reference
        share = within * of_purse[t.set_of_ad]
        live = np.flatnonzero(share * target[self._purse[t.set_of_ad]] > 0)
        if not live.size:
            return
        sets = t.set_of_ad[live]
        shares = self._shares[first - self._hours.start : last - self._hours.start]
        here = self.places.take(live)
        if budgets is not usual:
            self.pacing.allow((budgets - usual) * shares.sum(axis=0))
        plan = (target * shares)[:, self._purse[sets]] * share[live] * self._factors("spend", hours, here)
        cpm = t.cpm[live] * self._prices(hours, depth)[:, sets] * self._factors("cpm", hours, here)
        many, tap, aside, glance = uniforms(self._ad_keys[live], hours[:, None])
        impressions, spend = self._within_limits(poisson(1000 * plan / cpm, many), cpm / 1000, live, limits)
        clicked = np.minimum(self._click_rate[live] * self._factors("ctr", hours, here), 0.5)
        clicks = binomial(impressions, clicked, tap)
        other = binomial(impressions - clicks, np.minimum(OTHER_CLICKS * clicked, 0.5), aside)
        rate = np.minimum(self._buy_rate[live] * saturation(p, depth)[sets] * self._factors("cvr", hours, here), 0.9)
        viewed = poisson(impressions * (clicked * p.landed * rate * p.views / (1 - p.views)), glance)
        landing = p.landed * np.where(t.on_meta[sets], 1.0, self._factors("landing", hours, here))
        landed, carts, checkouts, bought = self._after_click(clicks, live, hours, landing, rate)
        self._lose(hours, here, {"landed": landed, "carts": carts, "checkouts": checkouts})
        columns = (impressions, spend, clicks, other, landed, carts, checkouts)
        for name, column in zip(COUNTS, columns, strict=True):
            self.days[-1][name][live] += column.sum(axis=0)
        self.spent[live] += spend.sum(axis=0)
        self._learned += np.bincount(sets, (bought + viewed).sum(axis=0), len(t.quality)).astype(np.int64)
        value = np.broadcast_to(self._day.value * self._factors("value", hours, here), clicks.shape)
        for view, counts in enumerate((bought, viewed)):
            row, column = np.nonzero(counts)
            self.orders.add(hours[row], live[column], counts[row, column], view, value[row, column])

    def _factors(self, stage: Stage, hours: Ints, here: Places, event: Event = "") -> Floats:
        return self.conditions.factors(stage, hours, here, event)

    def _after_click(
        self, clicks: Ints, live: Ints, hours: Ints, landing: Floats, rate: Floats
    ) -> tuple[Ints, Ints, Ints, Ints]:
        """Give who landed, filled a cart and went to the checkout without buying, and who bought."""
        row, column = np.nonzero(clicks)
        land, buy, cart, pay = uniforms(self._ad_keys[live[column]], hours[row], 1)
        landed = binomial(clicks[row, column], np.broadcast_to(landing, clicks.shape)[row, column], land)
        bought = binomial(landed, np.broadcast_to(rate, clicks.shape)[row, column], buy)
        carts = binomial(landed - bought, self.parameters.carts, cart)
        found = []
        for counts in (landed, carts, binomial(carts, self.parameters.checkouts, pay), bought):
            grid = np.zeros_like(clicks)
            grid[row, column] = counts
            found.append(grid)
        return found[0], found[1], found[2], found[3]

    def _lose(self, hours: Ints, here: Places, counts: dict[Event, Ints]) -> None:
        """Note which events of people who do not buy reports will not see, where tracking is broken."""
        if not self.conditions.touches(("tracked",), hours):
            return
        for draw, (event, column) in enumerate(counts.items()):
            kept = np.broadcast_to(self._factors("tracked", hours, here, event), column.shape)
            lost = binomial(
                column, 1 - kept.clip(0, 1 - 1e-9), uniforms(self._ad_keys[here.ad], hours[:, None], 2)[draw]
            )
            day = self.unseen.setdefault((len(self.days) - 1, event), np.zeros(len(self.traits.ctr), np.int64))
            day[here.ad] += lost.sum(axis=0)

    def _prices(self, hours: Ints, depth: Floats) -> Floats:
        """Give the factor on CPM by hour and ad set."""
        noise = self.parameters.cpm_hour_sd * normals(self._price_keys, hours[:, None])[0]
        hourly = CPM_BY_HOUR[[self.calendar.clock(int(hour)) for hour in hours]]
        prices: Floats = np.exp(noise) * hourly[:, None] * (self._ad_set_price * scarcity(self.parameters, depth))
        return prices

    def _within_limits(self, impressions: Ints, price: Floats, live: Ints, limits: Ints) -> tuple[Ints, Ints]:
        """Cut what would pass a day's, a week's or a life's cap; give impressions and their spend."""
        t, of = self.traits, self.settings.of
        sets, spend = t.set_of_ad[live], np.rint(impressions * price).astype(np.int64)
        impressions, spend = _cut(impressions, spend, self._purse[sets], limits, self.pacing.today)
        for caps, owner in ((of["ad_set_cap"], t.set_of_ad), (of["campaign_cap"], self.places.campaign)):
            if caps.any():
                before = np.bincount(owner, self.spent, len(caps)).astype(np.int64)
                most = np.where(caps > 0, caps, np.iinfo(np.int64).max)
                impressions, spend = _cut(impressions, spend, owner[live], most, before)
        cap = of[ACCOUNT_CAP]
        if cap.any():
            group, before = np.zeros(len(live), np.int64), np.array([int(self.spent.sum()) - self.before_cap])
            impressions, spend = _cut(impressions, spend, group, cap, before)
        self.pacing.spend(np.bincount(self._purse[sets], spend.sum(axis=0), len(limits)).astype(np.int64))
        return impressions, spend


def _expected_orders(account: Account) -> float:
    """Give the orders a day that the account's ads would bring at its budgets and its ad sets' qualities."""
    shared = sum(campaign.budget for campaign in account.campaigns)
    own = sum(ad_set.budget * ad_set.quality for ad_set in account.ad_sets)
    return (own + shared) / account.target_cpa


def _cut(impressions: Ints, spend: Ints, group: Ints, limits: Ints, before: Ints) -> tuple[Ints, Ints]:
    """Cut each group's hours to what its limit leaves, so much being spent before."""
    share = room(sums(spend, group, len(limits)), limits, before)
    if not (share < 1).any():
        return impressions, spend
    share = share[:, group]
    cut = share < 1
    impressions = np.where(cut, np.floor(impressions * share), impressions).astype(np.int64)
    spend = np.where(cut, np.floor(spend * share), spend).astype(np.int64)
    return impressions, np.where(impressions > 0, spend, 0)
