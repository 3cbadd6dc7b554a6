"""Poll an account, and lay out what is known of it as a snapshot."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo

import numpy as np
from msgspec.structs import replace

from adopt.engine.learning import first_priors, learn_curve
from adopt.engine.probing import probes
from adopt.engine.snapshot import Aged, Days, Integers, Pulse, Snapshot
from adopt.errors import NeedsPerson
from adopt.graph import insights, objects
from adopt.graph.client import Graph
from adopt.model import Account, History, Poll
from adopt.policy import Policy, Target
from adopt.store import activity, history, looks, polls, priors
from adopt.store.database import Store

RECENT_D = 3  # today and two days back, at every poll
FULL_D = 28  # once a day: as long as Meta restates a day
FIRST_D = 90  # on first sight of an account or of a result type


class _Remembering(TypedDict):
    """The arguments of a history that follow from a policy."""

    hypothesis: history.Hypothesis
    throttles: frozenset[str]


_STANDING = {
    2: "disabled",
    3: "unsettled: a payment failed",
    7: "pending a risk review",
    8: "pending settlement",
    100: "being closed",
    101: "closed",
}


def poll(store: Store, graph: Graph, account_id: str, target: Target) -> Poll:
    """Ask Meta for what may have changed since the last poll; record every value with its as-of time."""
    account = objects.account(graph, account_id)
    today = _today(account, graph.moment)
    since = today - timedelta(days=days_due(store, account, target.result, today) - 1)
    campaigns, ad_sets = objects.structure(graph, account)
    answer = Poll(
        account=account,
        as_of=graph.moment,
        since=since,
        until=today,
        result=target.result,
        campaigns=campaigns,
        ad_sets=ad_sets,
        insights=insights.daily(graph, account, since, today, target.result),
        backfilled=(today - since).days + 1 == FIRST_D,
    )
    answer = replace(answer, id=polls.record(store, answer))
    said = f"{len(ad_sets)} ad sets, {len(answer.insights)} rows from {since} to {today}, in {graph.calls} calls"
    activity.append(store, answer.as_of, account.id, "poll", "info", f"polled {said}")
    require_active(account)
    return answer


def days_due(store: Store, account: Account, result: str, today: date) -> int:
    """How many days the next poll asks for: all on first sight, the restated ones once a day, else the last few."""
    last = polls.latest(store, account.id, result)
    if last is None:
        return FIRST_D
    full = polls.latest(store, account.id, result, covering_days=FULL_D)
    gap = (today - last.until).days + RECENT_D
    if full is None or _today(account, full.as_of) < today:
        return min(max(FULL_D, gap), FIRST_D)
    return RECENT_D


def snapshot(store: Store, poll: Poll, policy: Policy) -> Snapshot:
    """All that a decision may look at after this poll, with what the account has taught about itself."""
    histories = history.histories(store, poll.account.id, poll.as_of, **_remembering(poll.account, policy))
    seen = _seen(store, poll, policy.target, histories)
    taught = replace(seen, looked=looks.looked(store, poll.account.id), curve=learn_curve(seen, policy.target.window))
    return _with_memory(store, taught, policy)


def with_ads(graph: Graph, snapshot: Snapshot, policy: Policy) -> Snapshot:
    """The snapshot that knows which of the ad sets that are due to be tried again have no ads left."""
    due = sorted(probes(snapshot, policy))
    return replace(snapshot, without_ads=objects.without_ads(graph, due)) if due else snapshot


def snapshot_then(store: Store, header: polls.PollHeader, policy: Policy) -> Snapshot:
    """All that a decision could look at when a poll had come in, of that and what was there before; nothing is kept.

    Priors are those that had been frozen by then, and the curve and looks are left to whoever replays.
    """
    poll = recorded(store, header)
    histories = history.histories(
        store, header.account, header.as_of, as_of_poll=header.id, **_remembering(poll.account, policy)
    )
    known = priors.frozen(store, *_about(poll.account, policy.target), header.id)
    return replace(_seen(store, poll, policy.target, histories), priors=known)


def taught_then(store: Store, header: polls.PollHeader, policy: Policy) -> Snapshot:
    """The same, with the curve that it teaches."""
    seen = snapshot_then(store, header, policy)
    return replace(seen, curve=learn_curve(seen, policy.target.window))


def recorded(store: Store, header: polls.PollHeader) -> Poll:
    """A poll as it was recorded, without its insights."""
    account, campaigns, ad_sets = polls.objects(store, header.account, header.id)
    return Poll(
        account=account,
        as_of=header.as_of,
        since=header.since,
        until=header.until,
        result=header.result,
        campaigns=campaigns,
        ad_sets=ad_sets,
        insights=(),
        backfilled=header.backfilled,
        id=header.id,
    )


def _seen(store: Store, poll: Poll, target: Target, histories: Mapping[str, History]) -> Snapshot:
    """What a poll and those before it showed."""
    ad_sets = tuple(sorted(poll.ad_sets, key=lambda ad_set: ad_set.id))
    place = {ad_set.id: i for i, ad_set in enumerate(ad_sets)}
    spent, beats = _spent(store, poll, target, place)
    return Snapshot(
        account=poll.account,
        now=poll.as_of.astimezone(ZoneInfo(poll.account.timezone)),
        campaigns=tuple(sorted(poll.campaigns, key=lambda campaign: campaign.id)),
        ad_sets=ad_sets,
        histories=histories,
        days=_days(store, poll, target, place),
        spent=spent,
        pulse=beats,
        poll=poll.id,
    )


def _remembering(account: Account, policy: Policy) -> _Remembering:
    """What is asked of each object's history under a policy."""
    target = policy.target
    return {
        "hypothesis": history.Hypothesis(target.show(account.money), target.attribution, target.result),
        "throttles": policy.rules_using("throttle", "allocate"),
    }


def _about(account: Account, target: Target) -> tuple[str, str, str]:
    """What a prior is about: the account, the result and what good means."""
    return account.id, target.result, f"{target.show(account.money)} {target.attribution}"


def _with_memory(store: Store, snapshot: Snapshot, policy: Policy) -> Snapshot:
    """The snapshot with each object's prior, as it was frozen when the object was first judged."""
    about = _about(snapshot.account, policy.target)
    known = replace(snapshot, priors=priors.frozen(store, *about))
    if fresh := first_priors(known, policy):
        priors.freeze(store, *about, fresh, snapshot.poll)
        return replace(known, priors=priors.frozen(store, *about))
    return known


def glance(store: Store, graph: Graph, account_id: str) -> Snapshot:
    """The objects of an account as they are now, without insights: enough for a person's own change."""
    account = objects.account(graph, account_id)
    campaigns, ad_sets = objects.structure(graph, account)
    return Snapshot(
        account=account,
        now=graph.moment.astimezone(ZoneInfo(account.timezone)),
        campaigns=campaigns,
        ad_sets=ad_sets,
        histories=history.histories(store, account.id, graph.moment),
        days=Days(*(np.zeros(0, dtype=np.int64),) * 2, *(np.zeros(0),) * 5),
    )


def require_active(account: Account) -> None:
    """NeedsPerson for an account that Meta has closed, disabled or put on hold."""
    if account.status in _STANDING:
        raise NeedsPerson(
            f"{account.name} ({account.id}) is {_STANDING[account.status]}, so nothing was changed",
            try_next="open Ads Manager, Account quality and Billing",
        )


def _spent(store: Store, poll: Poll, target: Target, place: dict[str, int]) -> tuple[Aged, Pulse]:
    """When money was spent, and when results were reported, as finely as the polls know."""
    kept = polls.exposures(store, poll.account.id, target.result, target.window, date.min, poll.id)
    owner = _owners(kept, place)
    age_h = np.maximum(poll.as_of.timestamp() - np.asarray(kept.at, dtype=np.float64), 0.0) / 3600
    known = owner >= 0
    spend, results = (np.asarray(column, dtype=np.float64)[known] for column in (kept.spend, kept.results))
    paid = Aged.of(owner[known], age_h[known], spend)
    return paid, paid.pulse(results)


def _days(store: Store, poll: Poll, target: Target, place: dict[str, int]) -> Days:
    kept = polls.days(store, poll.account.id, target.result, target.window, date.min, poll.id)
    owner = _owners(kept, place)
    known = owner >= 0

    def column(name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        values: np.ndarray[tuple[int], np.dtype[np.float64]] = np.asarray(getattr(kept, name), dtype=np.float64)[known]
        return values

    return Days(
        owner[known],
        np.asarray(kept.day, dtype=np.int64)[known],
        *(column(name) for name in ("spend", "impressions", "clicks", "results", "revenue")),
    )


def _owners(kept: polls.Days | polls.Exposures, place: dict[str, int]) -> Integers:
    """Of each kept row, the place of its ad set in the snapshot; -1 where Meta lists it no longer."""
    index = np.array([place.get(ad_set, -1) for ad_set in kept.ad_sets], dtype=np.int64)
    return index[np.asarray(kept.ad_set, dtype=np.int64)]


def _today(account: Account, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(account.timezone)).date()
