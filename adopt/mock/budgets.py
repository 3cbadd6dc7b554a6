"""Budgets by Meta's rules: on one level, not too small, not too large, not changed too often."""

from typing import Any

from adopt.mock.account import CURRENCIES
from adopt.mock.errors import GraphError, invalid, refused, too_many_budgets
from adopt.mock.objects import GONE, Node
from adopt.mock.properties import minimum_budget
from adopt.mock.world import World

BUDGETS = ("daily_budget", "lifetime_budget")
BUDGET_WRITES, WINDOW = 4, 3600  # an ad set and hour
MOST_DOLLARS = 1_000_000
CAP_DOLLARS = 100
NO_CAP = 922337203685478  # what removes a campaign's spend cap
DAY = 86400
RARE = 5  # dollars at least for a new ad set whose goal is a rare event
_FREQUENT = frozenset(
    [
        "REACH", "IMPRESSIONS", "AD_RECALL_LIFT", "THRUPLAY", "TWO_SECOND_CONTINUOUS_VIDEO_VIEWS", "LINK_CLICKS",
        "LANDING_PAGE_VIEWS", "POST_ENGAGEMENT", "PAGE_LIKES", "PROFILE_VISIT", "VISIT_INSTAGRAM_PROFILE",
    ]
)  # fmt: skip


def is_shared(campaign: Node) -> bool:
    """Tell whether a campaign carries the budget of its ad sets."""
    return any(campaign.own.get(name) for name in BUDGETS)


def floor_of(goal: str | None, world: World) -> int:
    """Give the least daily budget of a new ad set with a goal, in minor units."""
    least = minimum_budget(world)
    return least if goal is None or goal in _FREQUENT else RARE * least


def check_amounts(values: dict[str, Any], world: World, least: int) -> None:
    """Refuse a budget that is too small or too large, and two at once."""
    if all(values.get(name) for name in BUDGETS):
        raise refused(
            1885621, "Only one budget", "Set either a daily or a lifetime budget, not both.", "lifetime_budget"
        )
    money = world.account.money
    for name in BUDGETS:
        amount = values.get(name)
        if amount is None or (amount == 0 and values.get(_other(name))):
            continue
        if amount < least:
            advice = f"Your budget must be at least {money.text(least)} {money.code} a day."
            raise refused(1885272, "Budget Is Too Low", advice, name)
        if amount > MOST_DOLLARS * CURRENCIES[money.code] * money.offset:
            raise refused(1885261, "Budget Is Too High", "Your budget is above the most an ad set may have.", name)


def check_cap(amount: int | None, world: World) -> None:
    """Refuse a campaign spend cap that is too low."""
    money, least = world.account.money, CAP_DOLLARS * minimum_budget(world)
    if amount is not None and amount < least:
        advice = f"The spending limit must be at least {money.text(least)} {money.code}."
        raise refused(1885272, "Spend Cap Is Too Low", advice, "spend_cap")


def check_flight(values: dict[str, Any], begins: int, ends: int | None, now: float) -> None:
    """Refuse an end in the past or before the start, and a flight too short for its budget."""
    if ends and "end_time" in values and ends <= now:
        raise refused(1487033, "End date in the past", "The end date must be in the future.", "end_time")
    if ends and ends <= begins:
        raise refused(None, "Invalid schedule", "The end date must be after the start date.", "end_time")
    lifetime = values.get("lifetime_budget")
    if lifetime and not ends:
        raise refused(1487094, "End time required", "A lifetime budget needs an end time.", "end_time")
    if ends and ends - begins < DAY:
        kind = "lifetime" if lifetime else "daily"
        advice = f"An ad set with a {kind} budget must run for at least 24 hours."
        raise refused(1487094, "Ad set schedule too short", advice, "end_time")


def check_level(campaign: Node, values: dict[str, Any]) -> None:
    """Refuse an ad set's budget under a campaign that carries one."""
    if is_shared(campaign) and any(values.get(name) is not None for name in BUDGETS):
        raise both_levels()


def check_new_shared(campaign: Node) -> None:
    """Refuse a campaign's budget above ad sets that carry their own."""
    if any(one.status not in GONE and is_shared(one) for one in campaign.below("ad set")):
        raise both_levels()


def both_levels() -> GraphError:
    """Give the error for a budget on both levels."""
    return refused(
        1885621,
        "Can't set both an ad set and a campaign budget",
        "You can set a budget for the campaign or for its ad sets, not for both.",
        "daily_budget",
    )


def check_rate(ad_set: Node, changes: dict[str, Any], moment: float) -> None:
    """Refuse a fifth budget change of an ad set within an hour."""
    if any(name in changes for name in BUDGETS) and len(recent_writes(ad_set, moment)) >= BUDGET_WRITES:
        raise too_many_budgets()


def recent_writes(ad_set: Node, moment: float) -> tuple[float, ...]:
    """Give when an ad set's budget was changed in the last hour."""
    return tuple(when for when in ad_set.own.get("budget_writes", ()) if when > moment - WINDOW)


def moved_down(campaign: Node, given: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Read `adset_budgets`: the budget each ad set of a campaign gets when the campaign gives up its own."""
    found: dict[str, dict[str, int]] = {}
    known = {one.id for one in campaign.below("ad set") if one.status not in GONE}
    for item in given:
        ident, amounts = str(item.get("adset_id", "")), {}
        for name in BUDGETS:
            if item.get(name) is not None:
                try:
                    amounts[name] = int(str(item[name]))
                except ValueError:
                    raise invalid(f"Param adset_budgets[{name}] must be an integer") from None
        if ident not in known or len(amounts) != 1:
            raise invalid("Param adset_budgets must give one budget for each ad set of this campaign")
        found[ident] = amounts
    if set(found) != known:
        raise invalid("Param adset_budgets must give a budget for every ad set of this campaign")
    return found


def _other(name: str) -> str:
    return BUDGETS[1 - BUDGETS.index(name)]
