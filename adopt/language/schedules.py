"""When a rule is at work: days of the week and hours of the account's wall clock."""

import re
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, Self

from adopt.language.syntax import Unreadable

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_ALLOWED = "write for example mon-fri 06:00-20:00, sat,sun 10:00-14:00, 22:00-06:00; join two by a semicolon"
_SPAN = re.compile(r"(?:([a-z,\- ]+?)\s+)?(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)", re.ASCII)
_MIDNIGHT = 24 * 60
_HOUR = 60


class Hours(NamedTuple):
    """Some hours of some days, in minutes since midnight; hours that pass midnight belong to the day they begin in."""

    days: frozenset[int]
    start: int
    end: int

    def holds(self, now: datetime) -> bool:
        """Whether the wall clock stands in these hours."""
        minute, today = now.hour * _HOUR + now.minute, now.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= minute < self.end
        late = today in self.days and minute >= self.start
        return late or ((today - 1) % len(DAYS) in self.days and minute < self.end)


class Schedule(tuple[Hours, ...]):
    """Hours that a rule is at work in; wall-clock times, so a change to summer time moves nothing."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The hours that a text names; Unreadable with the column and what would be allowed."""
        return cls(_hours(text))

    def holds(self, now: datetime) -> bool:
        """Whether the rule is at work at a moment, given in the account's time zone."""
        return any(hours.holds(now) for hours in self)


@lru_cache(maxsize=256)
def _hours(text: str) -> tuple[Hours, ...]:
    found, at = [], 0
    for part in text.split(";"):
        column = min(at + len(part) - len(part.lstrip()) + 1, max(len(text), 1))
        match = _SPAN.fullmatch(part.strip().lower())
        if not match:
            raise Unreadable(f"{part.strip()[:40] or 'the end'} is no time of a week; {_ALLOWED}", column)
        found.append(
            Hours(_days(match[1], column), _minute(match[2], match[3], column), _minute(match[4], match[5], column))
        )
        at += len(part) + 1
    return tuple(found)


def _days(text: str | None, column: int) -> frozenset[int]:
    if text is None:
        return frozenset(range(len(DAYS)))
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = (word.strip() for word in part.partition("-"))
        ends = [first, last or first]
        if not set(ends) <= set(DAYS) or (part.strip().endswith("-")):
            raise Unreadable(f"{part.strip()} is no day; allowed: {', '.join(DAYS)}, mon-fri", column)
        start, end = map(DAYS.index, ends)
        found.update((start + n) % len(DAYS) for n in range((end - start) % len(DAYS) + 1))
    return frozenset(found)


def _minute(hour: str, minute: str, column: int) -> int:
    found = int(hour) * _HOUR + int(minute)
    if int(minute) >= _HOUR or found > _MIDNIGHT:
        raise Unreadable(f"{hour}:{minute} is no time of day; allowed: 00:00 to 24:00", column)
    return found
