"""The evidence behind a verdict as names and texts: what every face shows when it is asked why."""

from adopt.model import Currency, Evidence, Why
from adopt.wording.words import interval, money, when, why_trimmed


def evidence(known: Why) -> list[tuple[str, object]]:
    """All that is known of one object as names and values: its verdict, the figures, what was proposed and refused."""
    return [*_verdict(known), *_evidence(known), *_proposals(known), *_other_side(known)]


def _verdict(known: Why) -> list[tuple[str, object]]:
    verdict = known.verdict
    if verdict is None:
        return [("verdict", "none: no plan judged it")]
    currency = Currency(known.currency)
    return [
        ("verdict", verdict.kind),
        ("because", verdict.sentence),
        ("at stake", money(verdict.stake, currency)),
        ("status", f"{verdict.status}, as the shadow would have left it" if known.is_shadow else verdict.status),
        ("budget", money(verdict.budget, currency)),
    ]


def _evidence(known: Why) -> list[tuple[str, object]]:
    if known.verdict is None:
        return []
    seen, currency = known.verdict.evidence, Currency(known.currency)
    return [
        ("days", f"{seen.since} to {seen.until}" if seen.since else None),
        ("spent", f"{currency.show(seen.spend)} on {seen.impressions:,} impressions"),
        ("clicks", f"{seen.clicks:,}, of which {seen.matured_clicks:,} have had time to convert"),
        ("results", f"{seen.results:,}"),
        ("CPA", money(seen.cpa, currency)),
        ("ROAS", None if seen.roas is None else f"{seen.roas:.2f}"),
        (f"interval of {seen.metric.upper()}", interval(seen, currency)),
        *_proof(seen, currency),
        ("flags", ", ".join(seen.flags)),
    ]


def _proof(seen: Evidence, currency: Currency) -> list[tuple[str, object]]:
    """The evidence method's figures, as far as it was used."""
    if seen.e_value is None or seen.p_good is None or not seen.alpha:
        return []
    return [
        ("matured spend", money(seen.matured_spend, currency)),
        ("due by now", seen.due and f"{seen.due:,.1f} at the target"),
        ("e-value", f"{_short(seen.e_value)} against meeting the target; a pause at {1 / seen.alpha:,.0f}"),
        ("chance to meet it", f"{seen.p_good * 100:.0f} %{_throttle(seen)}"),
        ("horizon", seen.horizon and f"the first {seen.horizon:,} expected results; nothing is proven after them"),
        (
            "until proof",
            (seen.spend_to_pause or None) and f"{money(seen.spend_to_pause, currency)} without another result",
        ),
    ]


def _throttle(seen: Evidence) -> str:
    """Between which chances the budget is cut and given back; nothing for a verdict that did not keep them."""
    if seen.doubted is None or seen.restored is None:
        return ""
    return f"; the budget is cut below {seen.doubted * 100:.0f} % and given back above {seen.restored * 100:.0f} %"


def _short(value: float) -> str:
    return "above a million" if value > 1e6 else f"{value:,.2f}"  # noqa: PLR2004 # more of it says no more


def _other_side(known: Why) -> list[tuple[str, object]]:
    """Which guardrails let it pass or did not, and what to expect otherwise."""
    passed = [guard.name for guard in known.guards if guard.outcome == "passed"]
    trimmed = [guard.name for guard in known.guards if guard.outcome == "trimmed"]
    return [
        ("guards passed", ", ".join(passed)),
        ("made smaller by", ", ".join(trimmed)),
        ("instead", known.instead),
    ]


def _proposals(known: Why) -> list[tuple[str, object]]:
    currency = Currency(known.currency)
    plan = known.plan and f"{known.plan}{f' of {when(known.made_at, known.timezone)}' if known.made_at else ''}"
    proposed = known.proposed and f"{known.proposed.show(currency)} by rule {known.proposed.rule}"
    return [
        ("asked about", known.at and when(known.at, known.timezone)),
        ("shadow plan" if known.is_shadow else "plan", plan),
        ("proposed", known.proposed and f"{proposed}{why_trimmed(known.proposed)}"),
        *(
            ("refused", f"{refusal.change.show(currency)} by {refusal.guardrail}: {refusal.sentence}")
            for refusal in known.refusals
        ),
    ]
