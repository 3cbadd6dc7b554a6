"""`adopt campaign`: list, show, pause, start and budget campaigns."""

from typing import Annotated

from adopt.cli.frame import App, Argument, Context, Option
from adopt.cli.nouns import change_by_hand, show_node, show_rows

app = App("List, show, pause, start and budget campaigns.")


@app.command("list", epilog="adopt campaign list --status ACTIVE\nadopt campaign list --all -o csv")
def list_(
    ctx: Context,
    *,
    status: Annotated[
        str | None, Option(metavar="A,B", help="Only these effective statuses, like ACTIVE,PAUSED.")
    ] = None,
    fields: Annotated[str | None, Option(metavar="A,B", help="The fields to show, by Meta's names.")] = None,
    limit: Annotated[int | None, Option("-l", "--limit", metavar="N", help="At most N; 50 if not said.")] = None,
    everything: Annotated[bool, Option("--all", help="All of them.")] = False,
) -> None:
    """List campaigns."""
    show_rows(ctx, "campaign", fields, limit=limit, everything=everything, statuses=status)


@app.command(epilog="adopt campaign get 23851234567890\nadopt campaign get 23851234567890 --fields name,status -o json")
def get(
    ctx: Context,
    object_id: Annotated[str, Argument(metavar="ID", help="The campaign.")],
    fields: Annotated[str | None, Option(metavar="A,B", help="The fields to show, by Meta's names.")] = None,
) -> None:
    """Show one campaign."""
    show_node(ctx, "campaign", object_id, fields)


@app.command(epilog="adopt campaign pause 23851234567890")
def pause(ctx: Context, object_id: Annotated[str, Argument(metavar="ID", help="The campaign.")]) -> None:
    """Pause a campaign; it stays paused until you start it."""
    change_by_hand(ctx, "campaign", object_id, "status", "PAUSED")


@app.command(epilog="adopt campaign start 23851234567890")
def start(ctx: Context, object_id: Annotated[str, Argument(metavar="ID", help="The campaign.")]) -> None:
    """Start a campaign that is paused."""
    change_by_hand(ctx, "campaign", object_id, "status", "ACTIVE")


@app.command(
    context_settings={"ignore_unknown_options": True},  # -20% is an amount
    epilog="adopt campaign budget 23851234567890 50       in the account's currency\n"
    "adopt campaign budget 23851234567890 +20%\nadopt campaign budget 23851234567890 -5.00",
)
def budget(
    ctx: Context,
    object_id: Annotated[str, Argument(metavar="ID", help="The campaign.")],
    amount: Annotated[str, Argument(metavar="AMOUNT", help="The new budget, or a step: 50, +20%, -20%, +5.00.")],
) -> None:
    """Set or move the budget of a campaign, inside the guardrails."""
    change_by_hand(ctx, "campaign", object_id, "budget", amount)
