"""The words and figures that several screens share."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from adopt.model import Change, Currency, Evidence, Money, Plan, Refusal

STYLES: Mapping[str, str] = {
    "pause": "red",
    "throttle": "yellow",
    "scale": "green",
    "revive": "green",
    "PAUSED": "red",
    "ACTIVE": "green",
    "applied": "green",
    "already": "green",
    "stale": "yellow",
    "intended": "yellow",
    "unknown": "yellow",
    "failed": "red",
    "refused": "red",
    "completed": "green",
    "done": "green",
    "cancelled": "yellow",
    "warning": "yellow",
    "error": "red",
}
REASONS = {
    "unsure": "may be good or bad: the interval contains the target",
    "between": "between the thresholds of good and bad",
    "open": "may be good or bad: neither doubted nor proven",
    "unripe": "their spend has not had time to bring results",
    "too_little": "too little spend or clicks to judge",
    "no_spend": "spent nothing",
    "no_clicks": "no link clicks",
    "unpriced": "no revenue to form a ROAS with",
    "overcounted": "more results than link clicks",
    "stays_paused": "paused, and below the target",
    "on_trial": "tried again after a pause, with a small budget for now",
    "parent_paused": "their campaign is paused",
    "bad_campaign": "a campaign below the target; its ad sets are judged one by one",
    "good_in_campaign": "good; the budget is the campaign's",
}


def count(number: int, one: str, many: str = "") -> str:
    """`1 change`, `3 changes`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def why(change: Change) -> str:
    """Why a change is proposed, and which guardrails made it smaller."""
    return f"{change.sentence}{why_trimmed(change)}"


def why_trimmed(change: Change) -> str:
    """Which guardrails made a change smaller, if any did."""
    return f" Made smaller by {', '.join(change.trims)}." if change.trims else ""


def style_of(change: Change) -> str:
    """Red for less, green for more."""
    if not change.is_budget:
        return STYLES.get(str(change.after), "")
    return "green" if int(change.after) > int(change.before) else "yellow"


def refused(refusal: Refusal, currency: Currency) -> str:
    """What was proposed, why it was refused, and by which guardrail."""
    said = f"{refusal.change.object.name}: {refusal.change.show(currency)}"
    return f"{said}: {refusal.sentence} ({refusal.guardrail})"


def when(moment: datetime, zone: str | None = None) -> str:
    """A moment to the minute, in the account's time zone; in this machine's, which is then named."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if zone else f"{moment.astimezone():%Y-%m-%d %H:%M %Z}"


def footing(currency: str, zone: str, attribution: str, target: str = "") -> str:
    """The last line of a table: what its figures are."""
    setting = "each ad set's own attribution setting" if attribution == "account" else f"attribution {attribution}"
    return ", ".join(part for part in (target and f"target {target}", setting, f"{currency}, times in {zone}") if part)


def plan_footing(plan: Plan) -> str:
    """The last line of a plan's screen."""
    return footing(plan.currency, plan.timezone, plan.attribution, plan.target)


def money(amount: Money | None, currency: Currency) -> str | None:
    """An amount for a person; None stays None."""
    return None if amount is None else currency.show(amount)


def interval(evidence: Evidence, currency: Currency) -> str | None:
    """The interval of CPA or ROAS at its confidence."""
    if evidence.method == "threshold" or (evidence.low is None and evidence.high is None):
        return None

    def end(value: float | None) -> str:
        if value is None:
            return "no limit"
        return f"{value:.2f}" if evidence.metric == "roas" else currency.show(round(value))

    looks = "one look a day" if evidence.p_good is None else "however often one looks"
    return f"{end(evidence.low)} to {end(evidence.high)} ({evidence.confidence * 100:g} %, {looks})"
