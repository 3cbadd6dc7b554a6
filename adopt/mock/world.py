"""The world behind the Graph API: one account, its delivery, its reports and its clock."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from adopt.mock.account import Account, Options, draw_account
from adopt.mock.calendar import Calendar
from adopt.mock.clock import Clock
from adopt.mock.delivery import Delivery
from adopt.mock.reporting import Reporting, Table

PAUSED_HOUR = 10  # of the day on which the owner paused an ad set


class World:
    """One simulated ad account."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self.clock = clock
        self.account: Account = draw_account(options)
        self.calendar = Calendar(options.timezone, _first_day(options, clock))
        self.delivery = Delivery(self.account, self.calendar)
        self.reporting = Reporting(self.delivery, options.seed)
        self._replay_owner()

    def now(self) -> float:
        """Give the simulated moment."""
        return self.clock.now()

    def report(self) -> Table:
        """Give what reports know now."""
        return self.reporting.table(self.now())

    def change(self, moment: float, what: str, index: int, value: int) -> None:
        """Let delivery obey a setting from the hour after a moment."""
        self.delivery.settings.schedule(self.calendar.hour_at(moment) + 1, what, index, value)

    def moment_of(self, day: int, hour: int) -> int:
        """Give the moment of a local hour on a day, as the owner's past is told."""
        return self.calendar.end_of(day - 1) + hour * 3600

    def _replay_owner(self) -> None:
        """Schedule what the owner did in the history: late starts, and pauses by hand."""
        for index, ad_set in enumerate(self.account.ad_sets):
            if ad_set.starts:
                self.change(self.moment_of(ad_set.starts, 0) - 1, "ad_set_on", index, 1)
            if ad_set.paused is not None:
                self.change(self.moment_of(ad_set.paused, PAUSED_HOUR), "ad_set_on", index, 0)


def _first_day(options: Options, clock: Clock) -> date:
    today = datetime.fromtimestamp(clock.beginning.simulated, ZoneInfo(options.timezone)).date()
    return today - timedelta(days=options.days)
