"""Probes: what we paused is tried again with little money, since an ad set may change while it stands still.

Each probe begins an epoch (statistics 2.8), which spends its own part of alpha: the promise is kept over all of them.
"""

from datetime import timedelta
from typing import Final

from adopt.engine.snapshot import Snapshot
from adopt.model import AdSet
from adopt.policy import Policy

WAITS: Final = (timedelta(days=14), timedelta(days=28), timedelta(days=56))  # after the first pause, the second, ...
LEAST_DUE: Final = 1.0  # results due at the target before a probe may be given more than the floor


def probes(snapshot: Snapshot, policy: Policy) -> frozenset[str]:
    """The ids of the ad sets that have stood paused by us for so long that a probe is due.

    Only by evidence, which begins anew with an epoch, and only with a daily budget of its own, which can be made small.
    """
    if policy.decision.compares_totals or not any(rule.use == "revive" and rule.probe for rule in policy.rule):
        return frozenset()
    ours = (ad_set for ad_set in snapshot.ad_sets if ad_set.status == "PAUSED" and snapshot.is_ours(ad_set))
    return frozenset(one.id for one in ours if one.id not in snapshot.without_ads and _is_due(one, snapshot))


def _is_due(ad_set: AdSet, snapshot: Snapshot) -> bool:
    history = snapshot.history(ad_set.id)
    if ad_set.daily_budget is None or history.paused_at is None or not 0 < history.paused_count <= len(WAITS):
        return False
    return snapshot.now - history.paused_at >= WAITS[history.paused_count - 1]
