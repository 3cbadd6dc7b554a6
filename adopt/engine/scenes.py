"""A snapshot as the scene of its rules: the ad sets, or the campaigns that hold a budget themselves."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from math import nan

import numpy as np
from msgspec.structs import replace

from adopt.engine import delay
from adopt.engine.columns import NEVER, Scene, Texts, reported_by
from adopt.engine.snapshot import Floats, Integers, Snapshot, budgeted, owners
from adopt.model import AdSet, Campaign, Money, budget_of
from adopt.policy import Policy

_ATTRIBUTED_D = {"1d_click": 1, "1d_view": 1, "1d_ev": 1, "7d_click": 7, "28d_click": 28, "default": 7}
_DAY = timedelta(days=1)


def ad_sets(snapshot: Snapshot, policy: Policy) -> Scene:
    """One row an ad set, in the snapshot's order."""
    seen, now = snapshot.ad_sets, snapshot.now
    ages = (nan if one.created is None else (now - one.created) / _DAY for one in seen)
    return replace(
        _scene(snapshot, policy, seen),
        parent=_parents(snapshot),
        age_d=_column(ages, len(seen)),
        learning=np.fromiter((one.learning == "LEARNING" for one in seen), dtype=np.bool_, count=len(seen)),
    )


def campaigns(snapshot: Snapshot, policy: Policy) -> Scene:
    """One row a campaign that holds a budget itself, over the days of its ad sets."""
    held = budgeted(snapshot)
    index = owners(snapshot)[snapshot.days.object]
    days = replace(snapshot.days.only(index >= 0), object=index[index >= 0])
    return replace(_scene(snapshot, policy, held), days=days)


def _scene(snapshot: Snapshot, policy: Policy, seen: Sequence[AdSet | Campaign]) -> Scene:
    count, target = len(seen), policy.target
    offset = snapshot.account.money.offset
    past = [snapshot.history(one.id) for one in seen]
    budgets = _column((_or_nan(budget_of(one)) for one in seen), count)
    base = _column((_or_nan(history.base) for history in past), count)
    zone = snapshot.now.tzinfo
    touched = (NEVER if h.touched is None else h.touched.astimezone(zone).toordinal() for h in past)
    return Scene(
        today=snapshot.now.toordinal(),
        days=snapshot.days,
        reported=reported_by(snapshot.now, snapshot.curve or delay.slow(target.window)),
        target=float(target.roas or 0) if target.cpa is None else float(target.cpa * offset),
        offset=offset,
        judged_d=policy.decision.window.days,
        skipped_d=_ATTRIBUTED_D[target.window],
        confidence=policy.decision.confidence,
        parent=np.arange(count, dtype=np.int64),
        budget=budgets,
        base=np.where(np.isnan(base), budgets, base),
        age_d=np.full(count, nan),
        learning=np.zeros(count, dtype=np.bool_),
        touched=np.fromiter(touched, dtype=np.int64, count=count),
        texts=_texts(snapshot, seen),
    )


def _texts(snapshot: Snapshot, seen: Sequence[AdSet | Campaign]) -> Callable[[str], Texts]:
    names = {campaign.id: campaign.name for campaign in snapshot.campaigns}

    def parent(one: AdSet | Campaign) -> tuple[str, ...]:
        id_ = one.campaign_id if isinstance(one, AdSet) else one.id
        return (id_, names[id_]) if id_ in names else (id_,)

    def texts(name: str) -> Texts:
        return [parent(one) if name == "campaign" else (getattr(one, name),) for one in seen]

    return texts


def _parents(snapshot: Snapshot) -> Integers:
    place: dict[str, int] = {}
    owners = (place.setdefault(one.campaign_id, len(place)) for one in snapshot.ad_sets)
    return np.fromiter(owners, dtype=np.int64, count=len(snapshot.ad_sets))


def _column(values: Iterable[float], count: int) -> Floats:
    return np.fromiter(values, dtype=np.float64, count=count)


def _or_nan(amount: Money | None) -> float:
    return nan if amount is None else float(amount)
