"""`adopt why`: the evidence behind a verdict or a change."""

from typing import Annotated

from adopt.cli.frame import App, Argument, Context, screen
from adopt.cli.plans import outcome_columns
from adopt.cli.render import Screen
from adopt.cli.session import client
from adopt.cli.table import Column
from adopt.cli.words import footing, interval, money, when, why_trimmed
from adopt.model import Currency, Evidence, Why

app = App()


@app.command(epilog="adopt why 23851234567890\nadopt why 3fa1c2d4e5f60718.1 -o json")
def why(
    ctx: Context,
    name: Annotated[str, Argument(metavar="ADSET|CHANGE", help="The id of an ad set, a campaign or a change.")],
) -> None:
    """Show the evidence behind an ad set's verdict or a change."""
    show_why(screen(ctx), client(ctx).why(name))


def show_why(out: Screen, known: Why) -> None:
    """All that is known of one object: its verdict, the figures, and what was proposed, refused and done."""
    if not out.for_people:
        out.emit(known, ())
        return
    out.say(f"{known.object.name} ({known.object.level} {known.object.id})", "bold")
    out.single(known, [*_verdict(known), *_evidence(known), *_proposals(known)])
    if known.outcomes:
        out.say()
        out.say("What was done", "bold")
        out.table(known.outcomes, _columns(known), lambda outcome: outcome.change.sentence)
    out.say()
    out.foot(footing(known.currency, known.timezone, known.attribution, known.target))


def _columns(known: Why) -> tuple[Column, ...]:
    outcome, _, change, name = outcome_columns(Currency(known.currency))
    return (outcome, Column("when", lambda made: when(made.at, known.timezone)), change, name)


def _verdict(known: Why) -> list[tuple[str, object]]:
    verdict = known.verdict
    if verdict is None:
        return [("verdict", "none: no plan judged it")]
    currency = Currency(known.currency)
    return [
        ("verdict", verdict.kind),
        ("because", verdict.sentence),
        ("at stake", money(verdict.stake, currency)),
        ("status", verdict.status),
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
        ("chance to meet it", f"{seen.p_good * 100:.0f} %; the budget halves below 30 % and comes back above 40 %"),
        (
            "until proof",
            (seen.spend_to_pause or None) and f"{money(seen.spend_to_pause, currency)} without another result",
        ),
    ]


def _short(value: float) -> str:
    return "above a million" if value > 1e6 else f"{value:,.2f}"  # noqa: PLR2004 # more of it says no more


def _proposals(known: Why) -> list[tuple[str, object]]:
    currency = Currency(known.currency)
    plan = known.plan and f"{known.plan}{f' of {when(known.made_at, known.timezone)}' if known.made_at else ''}"
    proposed = known.proposed and f"{known.proposed.show(currency)} by rule {known.proposed.rule}"
    return [
        ("plan", plan),
        ("proposed", known.proposed and f"{proposed}{why_trimmed(known.proposed)}"),
        *(
            ("refused", f"{refusal.change.show(currency)} by {refusal.guardrail}: {refusal.sentence}")
            for refusal in known.refusals
        ),
    ]
