"""Where an account stands, from what is remembered; asks Meta nothing."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from adopt import __version__
from adopt.model import Account, AdSet, Campaign, Money, Status
from adopt.policy import Policy
from adopt.store import changes, plans, polls
from adopt.store import hold as button
from adopt.store.database import Store


def status(store: Store, graph_url: str, account_id: str | None, policy: Policy | None, *, signed_in: bool) -> Status:
    """Where an account stands; all blank for one that was never polled."""
    known = _known(store, account_id)
    account, campaigns, ad_sets, last_poll = known or (None, (), (), None)
    plan = next(iter(plans.recent(store, account_id or "", limit=1)), None)
    today = last_poll.astimezone(ZoneInfo(account.timezone)).date() if account and last_poll else None
    spend, results = _today(store, account, policy, today) if account and policy and today else (0, 0)
    shadowed, since = plans.shadowed(store, account_id or "")
    running = [ad_set for ad_set in ad_sets if ad_set.effective_status == "ACTIVE"]
    return Status(
        account=account_id,
        name=account.name if account else None,
        graph_url=graph_url,
        signed_in=signed_in,
        currency=account.currency if account else None,
        timezone=account.timezone if account else None,
        target=policy.target.show(account.money) if policy and account else None,
        last_poll=last_poll,
        running=len(running),
        paused=sum(ad_set.status == "PAUSED" for ad_set in ad_sets),
        daily_budget=running_budget(campaigns, ad_sets),
        spend_today=spend,
        results_today=results,
        plan=plan.id if plan else None,
        plan_state=plan.state if plan else None,
        plan_changes=plan.changes if plan else 0,
        in_doubt=len(changes.in_doubt(store, account_id)) if account_id else 0,
        hold=button.hold(store),
        version=__version__,
        autonomy=policy.decision.autonomy if policy else None,
        shadow_changes=shadowed,
        shadow_since=since,
    )


_Known: TypeAlias = tuple[Account, tuple[Campaign, ...], tuple[AdSet, ...], datetime]


def _known(store: Store, account_id: str | None) -> _Known | None:
    last = polls.newest(store, account_id) if account_id else None
    if account_id is None or last is None:
        return None
    return (*polls.objects(store, account_id), last.as_of)


def running_budget(campaigns: Iterable[Campaign], ad_sets: Iterable[AdSet]) -> Money:
    """The daily budgets that run: the ad sets' own, and those of campaigns under which any runs."""
    running = [ad_set for ad_set in ad_sets if ad_set.effective_status == "ACTIVE"]
    above = {ad_set.campaign_id for ad_set in running}
    held = sum(one.daily_budget or 0 for one in campaigns if one.effective_status == "ACTIVE" and one.id in above)
    return held + sum(ad_set.daily_budget or 0 for ad_set in running)


def _today(store: Store, account: Account, policy: Policy, today: date) -> tuple[int, int | float]:
    kept = polls.days(store, account.id, policy.target.result, policy.target.window, today)
    results = sum(kept.results)
    return sum(kept.spend), int(results) if float(results).is_integer() else results
