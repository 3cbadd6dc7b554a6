"""The ad account's calendar: hours counted from the first midnight, and the local day and hour each belongs to."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np

from adopt.mock.chance import Ints

HOUR = 3600
_CHUNK = 24 * 64


class Calendar:
    """Hours since the account's first local midnight, in its own time zone."""

    def __init__(self, timezone: str, first: dt.date) -> None:
        self.zone = ZoneInfo(timezone)
        self.first = first
        self.start = int(dt.datetime(first.year, first.month, first.day, tzinfo=self.zone).timestamp())
        self._days: list[int] = []
        self._hours: list[int] = []

    def hour_at(self, moment: float) -> int:
        """Give the hour a moment (Unix seconds) lies in."""
        return int((moment - self.start) // HOUR)

    def local(self, moment: float) -> dt.datetime:
        """Give a moment as local time."""
        return dt.datetime.fromtimestamp(moment, self.zone)

    def today(self, moment: float) -> int:
        """Give the day number a moment lies in."""
        return (self.local(moment).date() - self.first).days

    def date(self, day: int) -> dt.date:
        """Give the date of a day number."""
        return self.first + dt.timedelta(days=day)

    def number(self, when: dt.date) -> int:
        """Give the day number of a date."""
        return (when - self.first).days

    def end_of(self, day: int) -> int:
        """Give the Unix second at which a day is over."""
        after = self.date(day + 1)
        return int(dt.datetime(after.year, after.month, after.day, tzinfo=self.zone).timestamp())

    def hours_of(self, day: int) -> range:
        """Give the hours that begin on a day."""
        first = -((self.start - self.end_of(day - 1)) // HOUR)
        last = -((self.start - self.end_of(day)) // HOUR)
        return range(first, last)

    def days_at(self, hours: Ints) -> Ints:
        """Give the day numbers of many hours."""
        self._know(int(hours.max(initial=0)))
        return np.asarray(self._days, np.int64)[hours]

    def clock(self, hour: int) -> int:
        """Give the local hour of the day, 0 to 23, at which an hour begins."""
        self._know(hour)
        return self._hours[hour]

    def day_of(self, hour: int) -> int:
        """Give the day number of one hour."""
        self._know(hour)
        return self._days[hour]

    def _know(self, hour: int) -> None:
        while len(self._days) <= hour:
            begin = len(self._days)
            for k in range(begin, begin + _CHUNK):
                local = self.local(self.start + k * HOUR)
                self._days.append((local.date() - self.first).days)
                self._hours.append(local.hour)


def parse_moment(text: str) -> float:
    """Give the Unix seconds of an ISO 8601 time; without an offset it is UTC."""
    moment = dt.datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()
