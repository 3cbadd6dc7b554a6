"""All a decision may look at, at one moment, as columns over objects."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from adopt.engine.delay import DelayCurve
from adopt.model import Account, AdSet, Campaign, History, Ref, budget_of

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

UNDATED = 0  # the ordinal of a lifetime row: as mature as it will get


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
        return Days(*(getattr(self, name)[keep] for name in self.__struct_fields__))


class Spent(Struct, frozen=True):
    """When money was spent, one row a piece: as finely as the polls know, never later than it was."""

    object: Integers
    age_h: Floats  # hours ago, at least; infinite for undated rows
    amount: Floats  # minor units


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
    spent: Spent | None = None  # None: each day's spend at the end of its day
    priors: Mapping[str, tuple[float, float]] = {}  # of each object, frozen when it was first judged
    curve: DelayCurve | None = None  # the account's own, once it is known
    looked: datetime | None = None  # when a plan of this account was last allowed to act
    poll: int | None = None

    @property
    def has_looked_today(self) -> bool:
        """Whether a plan has already acted on this account day."""
        return self.looked is not None and self.looked.astimezone(self.now.tzinfo).date() == self.now.date()

    def is_ours(self, ad_set: AdSet) -> bool:
        """Whether adopt paused it and nobody has touched that since."""
        return ad_set.status == "PAUSED" and self.history(ad_set.id).paused_by == "adopt"

    def history(self, object_id: str) -> History:
        """What we remember of an object; nothing, for one never seen."""
        return self.histories.get(object_id, History())


def ages_h(ordinals: Integers | int, now: datetime) -> Floats:
    """Hours since the end of each account day; 0 for today, infinite for undated rows."""
    hours = (now.toordinal() - ordinals - 1) * 24.0 + now.hour + now.minute / 60
    return np.where(ordinals == UNDATED, np.inf, np.maximum(hours, 0.0))


def spent(days: Days, now: datetime) -> Spent:
    """The spend of daily rows, each at the end of its day."""
    return Spent(days.object, ages_h(days.date, now), days.spend)


def totals(refs: Sequence[Ref], days: Days, now: datetime, curve: DelayCurve) -> Totals:
    """Sums of the days over each object; clicks matured by the delay curve, negative corrections kept."""
    count = len(refs)

    def add(column: Floats) -> Floats:
        return summed(days.object, column, count)

    return Totals(
        refs=tuple(refs),
        since=first_days(days, count),
        until=last_days(days, count),
        spend=add(days.spend),
        impressions=add(days.impressions),
        clicks=add(days.clicks),
        matured_clicks=add(days.clicks * _reported(days.date, now, curve)),
        results=add(days.results),
        revenue=add(days.revenue),
    )


def summed(place: Integers, column: Floats, count: int) -> Floats:
    """The sum of a column over each object, (count,)."""
    return np.bincount(place, weights=column, minlength=count).astype(np.float64)


def last_days(days: Days, count: int) -> Integers:
    """The last ordinal day with a row of each object; UNDATED where there is none."""
    found = np.full(count, UNDATED, dtype=np.int64)
    np.maximum.at(found, days.object, days.date)
    return found


def first_days(days: Days, count: int) -> Integers:
    """The first ordinal day with a row of each object; UNDATED where there is none."""
    found = np.full(count, date.max.toordinal(), dtype=np.int64)
    dated = days.date != UNDATED
    np.minimum.at(found, days.object[dated], days.date[dated])
    return np.where(found == date.max.toordinal(), UNDATED, found)


def _reported(ordinals: Integers, now: datetime, curve: DelayCurve) -> Floats:
    """The share reported by now of each row's day, looked up day by day: an account has many rows of few days."""
    days, place = np.unique(ordinals, return_inverse=True)
    return curve.reported(ages_h(days, now))[place]


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
    return np.array([place.get(ad_set.campaign_id, -1) for ad_set in snapshot.ad_sets], dtype=np.int64)
