"""`adopt audit`: a second opinion on a CSV file of figures."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from adopt.cli.frame import App, Argument, Context, Option, screen
from adopt.cli.render import Screen
from adopt.cli.table import Column
from adopt.errors import Invalid
from adopt.model import Currency, Money, Verdict
from adopt.policy import Target, with_target
from adopt.wording.words import STYLES

if TYPE_CHECKING:
    from adopt.audit.reading import Export

app = App()


@app.command(
    epilog="adopt audit export.csv --target-cpa 30\n"
    "adopt audit export.csv --target-roas 2 --level campaign -o json\n"
    "adopt audit ads.csv --target-cpa 50 --column results=Approved_Conversion --currency EUR"
)
def audit(  # noqa: PLR0913 # one option for each thing that a file may leave open
    ctx: Context,
    file: Annotated[Path, Argument(metavar="FILE.csv", help="An export of Ads Manager, or a CSV file like it.")],
    *,
    target_cpa: Annotated[str | None, Option(metavar="AMOUNT", help="What a result may cost.")] = None,
    target_roas: Annotated[str | None, Option(metavar="RATIO", help="Or: what a unit of spend must bring.")] = None,
    level: Annotated[
        Literal["campaign", "adset", "ad"] | None, Option(help="What to judge; ad sets, if the file names them.")
    ] = None,
    column: Annotated[
        list[str] | None, Option(metavar="NAME=HEADER", help="Which column is which: results=Leads, spend=#4.")
    ] = None,
    result: Annotated[str | None, Option(metavar="TYPE", help="The result that counts, if there are several.")] = None,
    currency: Annotated[str | None, Option(metavar="CODE", help="The currency, if the file does not say it.")] = None,
    decimal: Annotated[Literal[".", ","] | None, Option(help="What stands before the decimals.")] = None,
    dates: Annotated[Literal["dmy", "mdy"] | None, Option(help="How 03/04/2024 is meant.")] = None,
) -> None:
    """Judge an export of Ads Manager, without a token."""
    from adopt.audit.choices import Choices
    from adopt.client.files import audit as judge

    out = screen(ctx)
    target = _target(target_cpa, target_roas)
    choices = Choices(
        goal="cpa" if target.cpa is not None else "roas",
        level=level,
        columns=dict(_pair(text) for text in column or ()),
        result=result,
        currency=currency,
        decimal=decimal,
        dates=dates,
    )
    with out.waiting(f"reading {file}"):
        export, verdicts = judge(file, target, choices)
    for warning in export.warnings:
        out.warn(warning)
    for note in export.notes:
        out.note(note)
    _show(out, verdicts, export, target)


def _target(cpa: str | None, roas: str | None) -> Target:
    policy = with_target(None, cpa=cpa, roas=roas)
    if policy is None:
        raise Invalid("no target: say what a result may cost", try_next="--target-cpa 30, or --target-roas 2")
    return policy.target


def _pair(text: str) -> tuple[str, str]:
    name, equals, header = text.partition("=")
    if not equals or not header:
        raise Invalid(f"--column: {text!r} is no NAME=HEADER", try_next="--column results=Leads")
    return name.strip(), header


def _show(out: Screen, verdicts: Sequence[Verdict], export: "Export", target: Target) -> None:
    """The verdicts in the format asked for; for a person with a sentence each, and what the figures are."""
    columns = _columns(export.currency, target)
    if not out.for_people:
        out.emit(list(verdicts), (*columns, Column("why", lambda verdict: verdict.sentence)))
        return
    out.table(verdicts, columns, lambda verdict: verdict.sentence)
    kinds = Counter(verdict.kind for verdict in verdicts)
    said = ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common())
    figures = f"{export.currency.code or 'no currency'}, attribution and days as exported"
    out.foot(f"{said}; target {target.show(export.currency)}, {figures}")


def _columns(currency: Currency, target: Target) -> tuple[Column, ...]:
    def money(amount: Money | None) -> str | None:
        return None if amount is None else currency.show(amount)

    def metric(verdict: Verdict) -> str | None:
        found = verdict.evidence
        if target.cpa is not None:
            return money(found.cpa)
        return None if found.roas is None else f"{found.roas:.2f}"

    return (
        Column("verdict", lambda verdict: verdict.kind, style=lambda verdict: STYLES.get(verdict.kind, "")),
        Column("object", lambda verdict: verdict.object.name, gives=True),
        Column("at stake", lambda verdict: money(verdict.stake), "right"),
        Column("spend", lambda verdict: money(verdict.evidence.spend), "right"),
        Column("results", lambda verdict: f"{verdict.evidence.results:,}", "right"),
        Column("CPA" if target.cpa is not None else "ROAS", metric, "right"),
    )
