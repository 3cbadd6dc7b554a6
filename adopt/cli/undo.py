"""`adopt undo`: put a change, or all changes of a plan, back."""

from typing import Annotated

from typer import Exit

from adopt.cli.frame import App, Argument, Context, Option, given, screen
from adopt.cli.plans import PARTLY, outcome_code, show_outcomes, show_plan
from adopt.cli.session import client
from adopt.errors import Refused
from adopt.model import Currency
from adopt.wording.words import count, refused

app = App()


@app.command(
    epilog="adopt undo 3fa1c2d4e5f60718.1        one change\nadopt undo 3fa1c2d4e5f60718 -y       all of a plan"
)
def undo(
    ctx: Context,
    change: Annotated[str, Argument(metavar="CHANGE|PLAN", help="The id of a change or of a plan; adopt log has it.")],
    wait: Annotated[str | None, Option(metavar="TIME", help="Wait for another run to end, like 60s.")] = None,
) -> None:
    """Put a change, or all changes of a plan, back."""
    out = screen(ctx)
    door = client(ctx, wait=wait)
    with out.waiting("looking"):
        plan = door.undo_plan(change)
    refusals = [refused(refusal, Currency(plan.currency)) for refusal in plan.refusals]
    if not plan.changes:
        raise Refused("; ".join(refusals), try_next=f"edit {door.settings.policy_path}")
    if out.asks and out.for_people and not given(ctx).yes:
        show_plan(out, plan)
    out.confirm(f"Put {count(len(plan.changes), 'change')} back?")
    with out.waiting("applying"):
        outcomes = door.apply(plan)
    show_outcomes(out, plan, outcomes)
    if not out.for_people and out.said.output != "json":
        for sentence in refusals:
            out.warn(sentence)
    raise Exit(outcome_code(outcomes) or (PARTLY if refusals else 0))
