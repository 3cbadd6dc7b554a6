"""`adopt why`: the evidence behind a verdict or a change."""

from typing import Annotated

from adopt.cli.frame import App, Argument, Context, Option, screen
from adopt.cli.hindsight import shadow_columns
from adopt.cli.plans import outcome_columns
from adopt.cli.render import Screen
from adopt.cli.session import client, moment
from adopt.cli.table import Column
from adopt.model import Currency, Why
from adopt.wording.evidence import evidence
from adopt.wording.words import footing, when

app = App()


@app.command(
    epilog="adopt why 23851234567890\n"
    "adopt why 23851234567890 --at 2026-11-20\n"
    'adopt why 23851234567890 --at "2026-11-20 14:00"\n'
    "adopt why 3fa1c2d4e5f60718.1 -o json"
)
def why(
    ctx: Context,
    name: Annotated[str, Argument(metavar="ADSET|CHANGE", help="The id of an ad set, a campaign or a change.")],
    at: Annotated[
        str | None, Option(metavar="TIME", help="As the last pass by then judged it: 3d, 2026-11-20 (its end).")
    ] = None,
) -> None:
    """Show the evidence behind an ad set's verdict or a change."""
    door = client(ctx)
    zone, now = door.clock() if at else (None, None)
    show_why(screen(ctx), door.why(name, moment("--at", at, zone=zone, now=now, ends=True)))


def show_why(out: Screen, known: Why) -> None:
    """All that is known of one object: its verdict, the figures, and what was proposed, refused and done."""
    if not out.for_people:
        out.emit(known, ())
        return
    out.say(f"{known.object.name} ({known.object.level} {known.object.id})", "bold")
    out.single(known, evidence(known))
    if known.outcomes:
        out.say()
        out.say("What was done", "bold")
        out.table(known.outcomes, _columns(known), lambda outcome: outcome.change.sentence)
    if known.shadows:
        out.say()
        out.say("What was decided in shadow, and not made", "bold")
        out.table(known.shadows, shadow_columns(known.currency, known.timezone, known.target))
    out.say()
    out.foot(footing(known.currency, known.timezone, known.attribution, known.target))


def _columns(known: Why) -> tuple[Column, ...]:
    outcome, _, change, name = outcome_columns(Currency(known.currency))
    return (outcome, Column("when", lambda made: when(made.at, known.timezone)), change, name)
