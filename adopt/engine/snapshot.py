"""All a decision may look at, at one moment, as columns over objects."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import repeat

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from adopt.engine.delay import DelayCurve
from adopt.model import Account, AdSet, Campaign, History, Ref, budget_of

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_NEVER_SEEN = History()
UNDATED = 0  # the ordinal of a lifetime row: as mature as it will get
_DAY_H = 24.0


class Days(Struct, frozen=True):
    """Insights as columns, one row an object and account day; `object` indexes the snapshot's ad sets."""

    object: Integers
    date: Integers  # proleptic ordinals; UNDATED for lifetime rows
    spend: Floats  # minor units, as are all money columns
    impressions: Floats
    clicks: Floats
    results: Floats
    revenue: Floats  # NaN where it is not known

    def since(self, first: Integers) -> "Days":
        """The rows of each object's first day, an ordinal, and later, and the undated ones."""
        keep = (self.date >= first[self.object]) | (self.date == UNDATED)
        return self.only(keep)

    def only(self, keep: npt.NDArray[np.bool_]) -> "Days":
        """The rows that are to be kept."""
        return self if keep.all() else Days(*(getattr(self, name)[keep] for name in self.__struct_fields__))


class Aged(Struct, frozen=True):
    """When money was spent, one row a piece: as finely as the polls know, never later than it was.

    All of it has few ages: a curve is read once an age, not once a row.
    """

    object: Integers
    age: Integers  # the place in ages_h
    amount: Floats  # minor units
    ages_h: Floats  # hours ago, at least, ascending; infinite for undated rows

    @classmethod
    def of(cls, place: Integers, age_h: Floats, amount: Floats) -> "Aged":
        """The rows (r,) of objects by their ages."""
        ages, age = np.unique(age_h, return_inverse=True)
        return cls(place, age, amount, ages)

    def only(self, keep: npt.NDArray[np.bool_], owner: Integers | None = None) -> "Aged":
        """The rows that are to be kept, all of them under other objects where an owner (r,) is given."""
        place = self.object if owner is None else owner
        if keep.all():
            return Aged(place, self.age, self.amount, self.ages_h)
        return Aged(place[keep], self.age[keep], self.amount[keep], self.ages_h)

    def until(self, hours: float) -> "Aged":
        """The rows as they were so many hours ago."""
        first = int(np.searchsorted(self.ages_h, hours))
        keep = self.age >= first
        return Aged(self.object[keep], self.age[keep] - first, self.amount[keep], self.ages_h[first:] - hours)

    def pulse(self, results: Floats) -> "Pulse":
        """The account's pulse, by the results (r,) that were reported with each row; what has no date beats nowhere."""
        count = self.ages_h.size
        beats = np.isfinite(self.ages_h) & (np.bincount(self.age, minlength=count) > 0)
        columns = (self.amount, np.maximum(results, 0.0))
        return Pulse(self.ages_h[beats], *(summed(self.age, column, count)[beats] for column in columns))

    def shares(self, at_ages: Floats) -> Floats:
        """Each row's amount (r,) times a share by its age."""
        return np.asarray(self.amount * at_ages.take(self.age))


class Pulse(Struct, frozen=True):
    """What an account spent and what was reported of results, from moment to moment, the newest first."""

    age_h: Floats  # hours ago, ascending: by when it had been spent, and was reported
    spend: Floats  # minor units
    results: Floats  # new ones; corrections do not take from them

    @property
    def began_h(self) -> Floats:
        """How long ago each piece began to be spent: at the moment before, and within a day."""
        return np.asarray(np.minimum(np.append(self.age_h[1:], np.inf), self.age_h + _DAY_H))

    def until(self, hours: float) -> "Pulse":
        """The pulse as it was so many hours ago."""
        keep = self.age_h >= hours
        return Pulse(self.age_h[keep] - hours, self.spend[keep], self.results[keep])


class Totals(Struct, frozen=True):
    """Sums over a window, one row an object."""

    refs: tuple[Ref, ...]
    since: Integers  # the first and last day with a row, UNDATED where there is none
    until: Integers
    spend: Floats
    impressions: Floats
    clicks: Floats
    matured_clicks: Floats  # clicks weighted by the share of their conversions that has been reported
    results: Floats
    revenue: Floats


class Snapshot(Struct, frozen=True, kw_only=True):
    """One account at one moment: objects, what we remember of them, and their insights as known then."""

    account: Account
    now: datetime  # in the account's time zone
    campaigns: tuple[Campaign, ...]
    ad_sets: tuple[AdSet, ...]
    histories: Mapping[str, History]
    days: Days
    spent: Aged | None = None  # None: each day's spend at the end of its day
    pulse: Pulse | None = None  # None: at the end of each day
    priors: Mapping[str, tuple[float, float]] = {}  # of each object, frozen when it was first judged
    curve: DelayCurve | None = None  # the account's own, once it is known
    looked: datetime | None = None  # when a plan of this account was last allowed to act
    poll: int | None = None
    without_ads: frozenset[str] = frozenset()  # of the ad sets that may be tried again, those that have nothing to show

    @property
    def has_looked_today(self) -> bool:
        """Whether a plan has already acted on this account day."""
        return self.looked is not None and self.looked.astimezone(self.now.tzinfo).date() == self.now.date()

    def is_ours(self, ad_set: AdSet) -> bool:
        """Whether adopt paused it and nobody has touched that since."""
        return ad_set.status == "PAUSED" and self.history(ad_set.id).paused_by == "adopt"

    def history(self, object_id: str) -> History:
        """What we remember of an object; nothing, for one never seen."""
        return self.histories.get(object_id, _NEVER_SEEN)

    def past(self, objects: Iterable[AdSet | Campaign]) -> list[History]:
        """What we remember of each of some objects."""
        return [*map(self.histories.get, [one.id for one in objects], repeat(_NEVER_SEEN))]


def ages_h(ordinals: Integers | int, now: datetime) -> Floats:
    """Hours since the end of each account day; 0 for today, infinite for undated rows."""
    hours = (now.toordinal() - ordinals - 1) * 24.0 + now.hour + now.minute / 60
    return np.where(ordinals == UNDATED, np.inf, np.maximum(hours, 0.0))


def pulse_of(snapshot: Snapshot) -> Pulse:
    """The account's pulse: by the polls, or at the end of each day where they say nothing."""
    return snapshot.pulse or _by_days(snapshot).pulse(snapshot.days.results)


def aged(snapshot: Snapshot) -> Aged:
    """What was spent and how long ago: by the polls, or each day's at the end of its day where they say nothing."""
    return snapshot.spent or _by_days(snapshot)


def _by_days(snapshot: Snapshot) -> Aged:
    ordinals, place = by_day(snapshot.days.date)
    ages_of = ages_h(ordinals, snapshot.now)[::-1]
    return Aged(snapshot.days.object, ordinals.size - 1 - place, snapshot.days.spend, ages_of)


def by_day(dates: Integers) -> tuple[Integers, Integers]:
    """Every day from the first to the last of dates (r,), after UNDATED, and the place (r,) of each row's among them.

    An account has many rows of few days: what depends on the day alone is reckoned once a day.
    """
    last, first = int(dates.max(initial=UNDATED)), int(dates.min(initial=date.max.toordinal()))
    undated = first == UNDATED
    if undated:
        first = int(dates.min(initial=max(last, 1), where=dates != UNDATED))
    place = dates - (first - 1)
    return np.append(UNDATED, np.arange(first, last + 1)), np.maximum(place, 0) if undated else place


def totals(refs: Sequence[Ref], days: Days, now: datetime, curve: DelayCurve) -> Totals:
    """Sums of the days over each object; clicks matured by the delay curve, negative corrections kept."""
    count = len(refs)
    ordinals, place = by_day(days.date)
    reported = curve.reported(ages_h(ordinals, now)).take(place)

    rows = Rows(days.object, count)
    add = rows.sum
    return Totals(
        refs=tuple(refs),
        since=rows.first(days.date),
        until=rows.last(days.date),
        spend=add(days.spend),
        impressions=add(days.impressions),
        clicks=add(days.clicks),
        matured_clicks=add(days.clicks * reported),
        results=add(days.results),
        revenue=add(days.revenue),
    )


def summed(place: Integers, column: Floats, count: int) -> Floats:
    """The sum of a column over each object, (count,)."""
    return np.bincount(place, weights=column, minlength=count).astype(np.float64)


class Rows:
    """Rows by their objects: sums, and first and last days. Runs of rows are taken whole where they are in order."""

    def __init__(self, place: Integers, count: int) -> None:
        self.place, self.count = place, count
        self.opens = None if np.any(place[1:] < place[:-1]) else np.flatnonzero(_changes(place))

    def sum(self, column: Floats) -> Floats:
        """The sum of a column over each object, (count,)."""
        if self.opens is None:
            return summed(self.place, column, self.count)
        found = np.zeros(self.count)
        found[self.place[self.opens]] = np.add.reduceat(column, self.opens) if self.opens.size else 0.0
        return found

    def last(self, dates: Integers) -> Integers:
        """The last ordinal day with a row of each object; UNDATED where there is none."""
        return self._extreme(np.maximum, dates, UNDATED)

    def first(self, dates: Integers) -> Integers:
        """The first ordinal day with a row of each object; UNDATED where there is none."""
        never = date.max.toordinal()
        dated = dates if dates.min(initial=never) != UNDATED else np.where(dates == UNDATED, never, dates)
        found = self._extreme(np.minimum, dated, never)
        return np.where(found == never, UNDATED, found)

    def _extreme(self, of: np.ufunc, dates: Integers, none: int) -> Integers:
        found = np.full(self.count, none, dtype=np.int64)
        if self.opens is None:
            of.at(found, self.place, dates)
        elif self.opens.size:
            found[self.place[self.opens]] = of.reduceat(dates, self.opens)
        return found


def _changes(place: Integers) -> npt.NDArray[np.bool_]:
    """Whether each row is of another object than the one before."""
    return np.append(np.ones(min(place.size, 1), dtype=np.bool_), place[1:] != place[:-1])


def ad_set_refs(snapshot: Snapshot) -> tuple[Ref, ...]:
    """The ad sets as references, in the snapshot's order."""
    return tuple(Ref(level="adset", id=a.id, name=a.name) for a in snapshot.ad_sets)


def budgeted(snapshot: Snapshot) -> tuple[Campaign, ...]:
    """The campaigns that hold a budget themselves (CBO)."""
    return tuple(campaign for campaign in snapshot.campaigns if budget_of(campaign) is not None)


def campaign_refs(snapshot: Snapshot) -> tuple[Ref, ...]:
    """Those campaigns as references."""
    return tuple(Ref(level="campaign", id=c.id, name=c.name) for c in budgeted(snapshot))


def owners(snapshot: Snapshot) -> Integers:
    """Of each ad set, the place of the campaign that holds its budget; -1 where it holds its own."""
    place = {campaign.id: i for i, campaign in enumerate(budgeted(snapshot))}
    parents = [ad_set.campaign_id for ad_set in snapshot.ad_sets]
    return np.fromiter(map(place.get, parents, repeat(-1)), dtype=np.int64, count=len(parents))
