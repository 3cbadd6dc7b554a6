"""The daily digest: what an account spent and brought, what adopt changed, and what waits; in the log, once a day."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from adopt.model import Account, Money
from adopt.policy import Policy, Target
from adopt.store import activity, changes, plans, polls, queue
from adopt.store import hold as button
from adopt.store.changes import Made
from adopt.store.database import Store, transaction

KIND = "digest"
_WEEK = 7
_JOBS = 200  # the latest of the account


class WholeDay(NamedTuple):
    """A day of an account, from midnight to midnight."""

    day: date
    since: datetime
    until: datetime


def tell(store: Store, account_id: str, policy: Policy, now: datetime) -> bool:
    """The digest of the account's last whole day into the log; False if it is there already, or nothing was polled."""
    last = polls.newest(store, account_id)
    if last is None:
        return False
    account, _, _ = polls.objects(store, account_id)
    over = last_day(account, now)
    sentences = [
        *_figures(store, account, policy.target, over.day),
        *_deeds(store, account, policy.target, over),
        *_waiting(store, account, now),
    ]
    with transaction(store):
        told = activity.tail(store, account_id, limit=1, kinds=(KIND,))
        if told and told[0].data.get("day") == str(over.day):
            return False
        text = f"{over.day:%a %Y-%m-%d}: {' '.join(sentences)}"
        activity.append(store, now, account_id, KIND, "info", text, data={"day": str(over.day)})
    return True


def last_day(account: Account, now: datetime) -> WholeDay:
    """The last day of the account that is over."""
    zone = ZoneInfo(account.timezone)
    today = now.astimezone(zone).date()
    day = today - timedelta(days=1)
    return WholeDay(day, *(datetime.combine(one, datetime.min.time(), zone) for one in (day, today)))


def _figures(store: Store, account: Account, target: Target, day: date) -> Iterator[str]:
    """What was spent, and what that brought so far: results still arrive."""
    kept = polls.days(store, account.id, target.result, target.window, day)
    there = np.asarray(kept.day) == day.toordinal()
    spend, revenue = (int(np.asarray(one)[there].sum()) for one in (kept.spend, kept.revenue))
    results, show = float(np.asarray(kept.results)[there].sum()), account.money.show
    if not spend:
        yield "Nothing was spent."
        return
    if target.cpa is None:
        came = f"{show(revenue)} of revenue so far, ROAS {revenue / spend:.2f}"
    else:
        came = f"{results:g} results so far" + (f", CPA {show(round(spend / results))}" if results else "")
    yield f"Spent {show(spend)} for {came} (target {target.show(account.money)})."


def _deeds(store: Store, account: Account, target: Target, over: WholeDay) -> Iterator[str]:
    """What was changed on that day, and what is not spent since."""
    made = [one for one in changes.made_since(store, account.id, over.since) if one.at < over.until]
    said = _counted([one for one in made if one.by == "engine"])
    yield f"adopt made {said}." if said else "adopt changed nothing."
    by_person = _counted([one for one in made if one.by != "engine"])
    if by_person:
        yield f"By your word: {by_person}."
    paused = _paused(store, account, over)
    spared = sum(_daily(store, account, target, one) for one in paused)
    if spared:
        many = f"{len(paused)} ad set{'s' * (len(paused) != 1)}"
        yield f"About {account.money.show(spared)} was not spent on {many} that adopt has paused, by the week before."


def _counted(made: Sequence[Made]) -> str:
    """`2 pauses, 1 budget`."""
    kinds = Counter("budget" if one.change.is_budget else str(one.change.after) for one in made)
    names = {"PAUSED": "pause", "ACTIVE": "start", "budget": "budget"}
    return ", ".join(f"{kinds[kind]} {name}{'s' * (kinds[kind] != 1)}" for kind, name in names.items() if kinds[kind])


def _paused(store: Store, account: Account, over: WholeDay) -> list[Made]:
    """The pauses by adopt of ad sets that are still paused, made before the day was over."""
    still = {one.id for one in polls.objects(store, account.id)[2] if one.status == "PAUSED"}
    last = changes.last_made(store, account.id)
    return [
        one
        for id_, one in last.items()
        if id_ in still and one.by == "engine" and one.change.after == "PAUSED" and one.at < over.until
    ]


def _daily(store: Store, account: Account, target: Target, pause: Made) -> Money:
    """What an ad set spent on a day of the week before it was paused."""
    day = pause.at.astimezone(ZoneInfo(account.timezone)).date()
    kept = polls.days(store, account.id, target.result, target.window, day - timedelta(days=_WEEK))
    if pause.change.object.id not in kept.ad_sets:
        return 0
    own = np.asarray(kept.ad_set) == kept.ad_sets.index(pause.change.object.id)
    before = np.asarray(kept.day) < day.toordinal()
    return round(int(np.asarray(kept.spend)[own & before].sum()) / _WEEK)


def _waiting(store: Store, account: Account, now: datetime) -> Iterator[str]:
    """What waits for a person."""
    for plan in plans.recent(store, account.id, limit=1, state="waiting"):
        if plan.changes and plan.expires_at > now:
            yield f"Plan {plan.id} waits for a yes, with {plan.changes} change{'s' * (plan.changes != 1)}."
    if held := button.hold(store):
        yield f"Everything is on hold: {held.reason}." if held.reason else "Everything is on hold."
    if doubts := len(changes.in_doubt(store, account.id)):
        yield f"{doubts} change{'s are' if doubts != 1 else ' is'} in doubt, and will be looked up."
    failed = sum(one.state == "failed" for one in queue.listing(store, lane=account.id, limit=_JOBS))
    if failed:
        yield f"{failed} job{'s' * (failed != 1)} failed: adopt job list."
