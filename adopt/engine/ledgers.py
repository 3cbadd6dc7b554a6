"""What of a snapshot a method may count: the ad sets, and the campaigns that hold a budget with theirs pooled."""

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from adopt.engine.judgement import Ledger
from adopt.engine.snapshot import (
    UNDATED,
    Aged,
    Days,
    Floats,
    Integers,
    Rows,
    Snapshot,
    ad_set_refs,
    aged,
    ages_h,
    budgeted,
    campaign_refs,
    owners,
)
from adopt.model import History, Ref
from adopt.policy import Policy

START = (3.0, 3.0)  # the prior of an account that nothing is known of


def ledgers(snapshot: Snapshot, policy: Policy) -> tuple[Ledger, Ledger]:
    """The ad sets' ledger and that of the campaigns that hold a budget."""
    past, held = snapshot.past(snapshot.ad_sets), snapshot.past(budgeted(snapshot))
    counted, paid = _counted(snapshot, policy, past)
    return (
        _ledger(ad_set_refs(snapshot), past, counted, paid, snapshot),
        _ledger(campaign_refs(snapshot), held, *_pooled(counted, paid, owners(snapshot)), snapshot),
    )


def _counted(snapshot: Snapshot, policy: Policy, past: Sequence[History]) -> tuple[Days, Aged]:
    """Each ad set's days and spend from its first day on: of the window, or of its epoch."""
    window = policy.decision.window.days
    first = _lasts(snapshot) - window + 1 if policy.decision.compares_totals else _epochs(past, snapshot)
    paid = aged(snapshot)
    if not np.any(first > 1):
        return snapshot.days, paid
    began, age_h = ages_h(first - 1, snapshot.now)[paid.object], paid.ages_h[paid.age]
    return snapshot.days.since(first), paid.only((age_h <= began) | np.isinf(age_h))


def _pooled(days: Days, paid: Aged, owner: Integers) -> tuple[Days, Aged]:
    place, payer = owner[days.object], owner[paid.object]
    kept = days.only(place >= 0)
    return replace(kept, object=place[place >= 0]), paid.only(payer >= 0, payer)


def _ledger(refs: Sequence[Ref], past: Sequence[History], days: Days, paid: Aged, snapshot: Snapshot) -> Ledger:
    priors: Floats = np.full((len(refs), 2), START)
    if snapshot.priors:
        priors = np.array([snapshot.priors.get(ref.id, START) for ref in refs], dtype=np.float64).reshape(-1, 2)
    return Ledger(
        refs=tuple(refs),
        days=days,
        spent=paid,
        prior_a=priors[:, 0],
        prior_b=priors[:, 1],
        epoch=np.array([history.epoch for history in past], dtype=np.int64),
    )


def _lasts(snapshot: Snapshot) -> Integers:
    """The last day that is judged of each ad set: what we paused is not better because its bad days grow old."""
    days, count = snapshot.days, len(snapshot.ad_sets)
    paid = days.only(days.spend > 0)
    last = Rows(paid.object, count).last(paid.date)
    ours = np.fromiter(map(snapshot.is_ours, snapshot.ad_sets), dtype=np.bool_, count=count)
    return np.where(ours & (last != UNDATED), last, snapshot.now.toordinal())


def _epochs(past: Sequence[History], snapshot: Snapshot) -> Integers:
    """The first day of each ad set's epoch; 1 for the first epoch, which begins with the first row."""
    zone = snapshot.now.tzinfo
    begun = (history.epoch_since for history in past)
    first = [1 if since is None else since.astimezone(zone).toordinal() for since in begun]
    return np.array(first, dtype=np.int64)
