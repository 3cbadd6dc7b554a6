"""What to expect without a change, or until the next verdict: the other side of a decision, from its own figures."""

from adopt.model import Change, Currency, Evidence, Money, Verdict


def instead(verdict: Verdict, change: Change | None, currency: Currency) -> str:
    """What goes on without the change, as a sentence; without a change, what it would take for another verdict."""
    seen = verdict.evidence
    if change is None:
        return _until(verdict, seen, currency)
    if not change.is_budget and change.after != "PAUSED":
        return (
            f"Left as it is it would spend nothing, and bring none of the results that came {_price(seen, currency)}."
        )
    if not change.is_budget:
        return f"Without the pause it would go on spending {_pace(verdict, currency)} {_price(seen, currency)}."
    what = "cut" if int(change.after) < int(change.before) else "rise"
    span = "a day" if change.field == "daily_budget" else "in all"
    held = f"{currency.show(int(change.before))} {span}"
    return f"Without the {what} it would go on with a budget of {held} {_price(seen, currency)}."


def _until(verdict: Verdict, seen: Evidence, currency: Currency) -> str:
    """What an object that is left alone has to spend or bring before it is judged otherwise."""
    if verdict.status not in ("running", "unknown", ""):
        return ""
    if seen.clicks_needed or seen.spend_needed:
        money = f"another {currency.show(seen.spend_needed or 0)} of spend" if seen.spend_needed else ""
        clicks = f"another {seen.clicks_needed:,} clicks" if seen.clicks_needed else ""
        return f"It is judged after {' and '.join(part for part in (money, clicks) if part)}."
    if seen.spend_to_pause:
        return f"Another {currency.show(seen.spend_to_pause)} of matured spend without a result would prove a pause."
    return ""


def _pace(verdict: Verdict, currency: Currency) -> str:
    a_day = daily_spend(verdict.evidence)
    return f"about {currency.show(a_day)} a day" if a_day is not None else "its budget"


def daily_spend(seen: Evidence) -> Money | None:
    """What an object spent a day, on average over the days that were judged; None without a day."""
    if seen.since is None or seen.until is None:
        return None
    return round(seen.spend / ((seen.until - seen.since).days + 1))


def _price(seen: Evidence, currency: Currency) -> str:
    """At which CPA or ROAS an object brings results."""
    if seen.metric == "roas":
        return "at an unknown ROAS" if seen.roas is None else f"at a ROAS of about {seen.roas:.2f}"
    return "without a result so far" if seen.cpa is None else f"at about {currency.show(seen.cpa)} a result"
