"""The world behind the Graph API: one account, its delivery, its reports and its clock."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from adopt.mock.account import Account, Ad, AdSet, Campaign, Edit, Newcomers, Options
from adopt.mock.calendar import HOUR, Calendar
from adopt.mock.clock import Clock
from adopt.mock.conditions import Conditions, Effect
from adopt.mock.delivery import Delivery
from adopt.mock.drawing import draw_account
from adopt.mock.newcomers import Review, review_of
from adopt.mock.reporting import REFRESH, Reporting, ReportTime, Table
from adopt.mock.settings import EDITED, GROW, WAKE
from adopt.mock.surges import Surge

PAUSED_HOUR = 10  # of the day on which the owner paused an ad set


class World:
    """One simulated ad account."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self.clock = clock
        self.account: Account = draw_account(options)
        self.calendar = Calendar(options.timezone, _first_day(options, clock))
        self.delivery = Delivery(self.account, self.calendar)
        self.reporting = Reporting(self.delivery, options.seed)
        self.reviews: dict[int, Review] = {}  # by ad: its last one; ads of the history have passed theirs
        self._replay_owner()

    def live(self, told: Callable[[int, int], None]) -> None:
        """Let everything up to now happen, and tell after each day how many of all days are done."""
        last, days = self.calendar.hour_at(self.now() - REFRESH), self.calendar.today(self.now())
        for day in range(days):
            self.delivery.run(min(self.calendar.hours_of(day).stop, last))
            told(day + 1, days)

    def now(self) -> float:
        """Give the simulated moment."""
        return self.clock.now()

    def report(self, by: ReportTime = "mixed") -> Table:
        """Give what reports know now, purchases dated by report time."""
        return self.reporting.table(self.now(), by)

    def impose(self, effects: tuple[Effect, ...]) -> None:
        """Let more be out of the ordinary; only hours that are still to come can be."""
        late = [one for one in effects if one.first < self.delivery.hour]
        if late:
            raise ValueError(f"hour {late[0].first} is over: effects begin at hour {self.delivery.hour} or later")
        self.delivery.conditions = Conditions(self.delivery.conditions.effects + effects)
        self.reporting.forget()

    def lift(self, effects: tuple[Effect, ...], hour: int) -> None:
        """End some of what is out of the ordinary at an hour that is still to come."""
        if hour < self.delivery.hour:
            raise ValueError(f"hour {hour} is over: effects end at hour {self.delivery.hour} or later")
        kept = (
            replace(one, last=min(one.last, hour)) if one in effects else one
            for one in self.delivery.conditions.effects
        )
        self.delivery.conditions = Conditions(tuple(kept))
        self.reporting.forget()

    def change(self, moment: float, what: str, index: int, value: int) -> int:
        """Let delivery obey a setting from the hour after a moment, and give that hour."""
        hour = self._next_hour(moment)
        self.delivery.agenda.add(hour, what, index, value)
        if what in ("ad_set_begins", "ad_set_ends") and value:
            self._wake(moment, value)
        return hour

    def grow(
        self,
        moment: float,
        campaigns: tuple[Campaign, ...] = (),
        ad_sets: tuple[AdSet, ...] = (),
        ads: tuple[Ad, ...] = (),
    ) -> None:
        """Let objects join at a moment; they deliver from the next hour, once on, due, and their ads reviewed."""
        new, first = Newcomers(campaigns, ad_sets, ads), len(self.account.ads)
        self.account = self.account.grown(new)
        self.reporting.grow(len(ads), len(ad_sets))
        self.delivery.agenda.add(self._next_hour(moment), GROW, new=new)
        for ad_set in ad_sets:
            for when in (ad_set.begins, ad_set.ends):
                self._wake(moment, when)
        for index in range(first, len(self.account.ads)):
            self.submit(moment, index)

    def submit(self, moment: float, index: int) -> Review:
        """Hand an ad in for review: it is not shown until it has passed, if it does."""
        review = review_of(self.account.options.seed, self.account.ads[index].id, moment)
        self.reviews[index] = review
        self.change(moment, "ad_passed", index, 0)
        if review.approved:
            self.change(max(review.over, moment), "ad_passed", index, 1)
        return review

    def moment_of(self, day: int, hour: int) -> int:
        """Give the moment of a local hour on a day, as the owner's past is told."""
        return self.calendar.end_of(day - 1) + hour * 3600

    def raise_budget(self, moment: float, ident: str, surge: Surge, begins: int, ends: int) -> None:
        """Let a purse spend more for a while, as announced under an id; an end before the next hour takes that back."""
        now, surges = self._next_hour(moment), self.delivery.surges
        before = surges.pop(ident, None)
        if before and before.first < now:
            surges[f"{ident} until {now}"] = replace(before, last=min(before.last, now))
        first, last = (max(now, -((self.calendar.start - when) // HOUR)) for when in (begins, ends))
        surges[ident] = replace(surge, first=first, last=last)
        for hour in (now, first, last):
            self.delivery.agenda.add(hour, WAKE)

    def _next_hour(self, moment: float) -> int:
        return self.calendar.hour_at(moment) + 1

    def _wake(self, moment: float, when: int) -> None:
        """Let delivery look again at who may deliver, from the hour a schedule turns."""
        hour = -((self.calendar.start - when) // HOUR)
        if when and hour > self._next_hour(moment):
            self.delivery.agenda.add(hour, WAKE)

    def _replay_owner(self) -> None:
        """Schedule what the owner did in the history: late starts, pauses by hand, budgets edited."""
        for index, campaign in enumerate(self.account.campaigns):
            self._edit("campaign_budget", index, campaign.edits)
        for index, ad_set in enumerate(self.account.ad_sets):
            if ad_set.starts:
                self.change(self.moment_of(ad_set.starts, 0) - 1, "ad_set_on", index, 1)
            if ad_set.paused is not None:
                self.change(self.moment_of(ad_set.paused, PAUSED_HOUR), "ad_set_on", index, 0)
            for first, last in ad_set.rests:
                self.change(self.moment_of(first, PAUSED_HOUR), "ad_set_on", index, 0)
                self.change(self.moment_of(last, PAUSED_HOUR), "ad_set_on", index, 1)
            self._edit("ad_set_budget", index, ad_set.edits)
        for index, ad in enumerate(self.account.ads):
            if ad.starts:
                self.change(self.moment_of(ad.starts, 0) - 1, "ad_on", index, 1)
                self.change(self.moment_of(ad.starts, 0) - 1, EDITED, ad.ad_set, 1)

    def _edit(self, what: str, index: int, edits: tuple[Edit, ...]) -> None:
        for edit in edits:
            self.change(self.moment_of(edit.day, edit.hour), what, index, edit.after)


def _first_day(options: Options, clock: Clock) -> date:
    today = datetime.fromtimestamp(clock.beginning.simulated, ZoneInfo(options.timezone)).date()
    return today - timedelta(days=options.days)
