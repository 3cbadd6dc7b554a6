"""What of a snapshot a method may count: the ad sets, and the campaigns that hold a budget with theirs pooled."""

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from adopt.engine.judgement import Ledger
from adopt.engine.snapshot import (
    UNDATED,
    Days,
    Floats,
    Integers,
    Snapshot,
    Spent,
    ad_set_refs,
    ages_h,
    campaign_refs,
    last_days,
    owners,
    spent,
)
from adopt.model import Ref
from adopt.policy import Policy

START = (3.0, 3.0)  # the prior of an account that nothing is known of


def ledgers(snapshot: Snapshot, policy: Policy) -> tuple[Ledger, Ledger]:
    """The ad sets' ledger and that of the campaigns that hold a budget."""
    counted, paid = _counted(snapshot, policy)
    return (
        _ledger(ad_set_refs(snapshot), counted, paid, snapshot),
        _ledger(campaign_refs(snapshot), *_pooled(counted, paid, owners(snapshot)), snapshot),
    )


def _counted(snapshot: Snapshot, policy: Policy) -> tuple[Days, Spent]:
    """Each ad set's days and spend from its first day on: of the window, or of its epoch."""
    window = policy.decision.window.days
    first = _lasts(snapshot) - window + 1 if policy.decision.method == "wilson" else _epochs(snapshot)
    paid = snapshot.spent or spent(snapshot.days, snapshot.now)
    began = ages_h(first - 1, snapshot.now)[paid.object]
    keep = (paid.age_h <= began) | np.isinf(paid.age_h)
    return snapshot.days.since(first), Spent(paid.object[keep], paid.age_h[keep], paid.amount[keep])


def _pooled(days: Days, paid: Spent, owner: Integers) -> tuple[Days, Spent]:
    place, payer = owner[days.object], owner[paid.object]
    kept = days.only(place >= 0)
    return replace(kept, object=place[place >= 0]), Spent(
        payer[payer >= 0], paid.age_h[payer >= 0], paid.amount[payer >= 0]
    )


def _ledger(refs: Sequence[Ref], days: Days, paid: Spent, snapshot: Snapshot) -> Ledger:
    priors: Floats = np.array([snapshot.priors.get(ref.id, START) for ref in refs], dtype=np.float64).reshape(-1, 2)
    epochs = np.array([snapshot.history(ref.id).epoch for ref in refs], dtype=np.int64)
    return Ledger(refs=tuple(refs), days=days, spent=paid, prior_a=priors[:, 0], prior_b=priors[:, 1], epoch=epochs)


def _lasts(snapshot: Snapshot) -> Integers:
    """The last day that is judged of each ad set: what we paused is not better because its bad days grow old."""
    days, count = snapshot.days, len(snapshot.ad_sets)
    last = last_days(days.only(days.spend > 0), count)
    ours = np.fromiter(map(snapshot.is_ours, snapshot.ad_sets), dtype=np.bool_, count=count)
    return np.where(ours & (last != UNDATED), last, snapshot.now.toordinal())


def _epochs(snapshot: Snapshot) -> Integers:
    """The first day of each ad set's epoch; 1 for the first epoch, which begins with the first row."""
    since = (snapshot.history(ad_set.id).epoch_since for ad_set in snapshot.ad_sets)
    zone = snapshot.now.tzinfo
    return np.array([moment.astimezone(zone).toordinal() if moment else 1 for moment in since], dtype=np.int64)
