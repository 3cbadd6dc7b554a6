"""`adopt optimize`: one pass, as cron runs it."""

from collections.abc import Sequence
from typing import Annotated

from typer import Exit

from adopt.cli.frame import App, Context, Option, screen
from adopt.cli.plans import NOTHING, WAITING, hint_undo, outcome_code, show_outcomes, show_plan
from adopt.cli.session import client
from adopt.model import Outcome, Plan

app = App()


@app.command(
    epilog="adopt optimize --dry-run\n"
    "adopt optimize -q                    in a crontab: silent when nothing went wrong\n"
    "adopt optimize --target-cpa 30 --max-changes 5 -o json"
)
def optimize(
    ctx: Context,
    *,
    dry_run: Annotated[bool, Option("--dry-run", help="Show the plan and change nothing.")] = False,
    target_cpa: Annotated[str | None, Option(metavar="AMOUNT", help="A target CPA instead of the policy's.")] = None,
    target_roas: Annotated[str | None, Option(metavar="RATIO", help="A target ROAS instead of the policy's.")] = None,
    max_changes: Annotated[int | None, Option(metavar="N", help="Make at most so many changes.")] = None,
    wait: Annotated[str | None, Option(metavar="TIME", help="Wait for another run to end, like 60s.")] = None,
    local: Annotated[bool, Option("--local", help="Run in this process, without a daemon.")] = False,
    detailed_exitcode: Annotated[
        bool, Option("--detailed-exitcode", help="Exit with 6 when changes wait for a yes.")
    ] = False,
) -> None:
    """Poll, judge, plan and apply inside the guardrails: for cron."""
    door = client(ctx, wait=wait, local=local)
    with screen(ctx).waiting("polling and judging"):
        if dry_run:
            plan = door.plan(target_cpa, target_roas, max_changes)
            outcomes: Sequence[Outcome] = ()
        else:
            plan, outcomes = door.optimize(target_cpa, target_roas, max_changes)
    _show(ctx, plan, outcomes, dry_run=dry_run)
    raise Exit(_code(plan, outcomes, detailed=detailed_exitcode))


def _show(ctx: Context, plan: Plan, outcomes: Sequence[Outcome], *, dry_run: bool) -> None:
    out = screen(ctx)
    if outcomes or not (dry_run or out.for_people):
        show_outcomes(out, plan, outcomes)
        hint_undo(out, plan, outcomes)
        return
    shown = "adopt rule score" if plan.is_shadow else f"adopt apply {plan.id}"
    show_plan(out, plan, hint="adopt optimize" if dry_run else shown)


def _code(plan: Plan, outcomes: Sequence[Outcome], *, detailed: bool) -> int:
    """Guardrails that wait are a normal pass; one that stops the whole account is not."""
    if outcomes:
        return outcome_code(outcomes)
    if any(refusal.guardrail == "silent_tracking" for refusal in plan.refusals):
        return NOTHING
    return WAITING if detailed and plan.changes and not plan.is_shadow else 0
