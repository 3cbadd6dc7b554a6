"""`adopt adset`: list, show, pause, start and budget ad sets."""

from typing import Annotated

from adopt.cli.frame import App, Argument, Context, Option
from adopt.cli.nouns import change_by_hand, show_node, show_rows

app = App("List, show, pause, start and budget ad sets.")


@app.command("list", epilog="adopt adset list --status ACTIVE\nadopt adset list --all -o csv")
def list_(
    ctx: Context,
    *,
    campaign: Annotated[str | None, Option(metavar="ID", help="Only those of one campaign.")] = None,
    status: Annotated[
        str | None, Option(metavar="A,B", help="Only these effective statuses, like ACTIVE,PAUSED.")
    ] = None,
    fields: Annotated[str | None, Option(metavar="A,B", help="The fields to show, by Meta's names.")] = None,
    limit: Annotated[int | None, Option("-l", "--limit", metavar="N", help="At most N; 50 if not said.")] = None,
    everything: Annotated[bool, Option("--all", help="All of them.")] = False,
) -> None:
    """List ad sets."""
    show_rows(ctx, "adset", fields, limit=limit, everything=everything, parent=campaign, statuses=status)


@app.command(epilog="adopt adset get 23851234567890\nadopt adset get 23851234567890 --fields name,status -o json")
def get(
    ctx: Context,
    object_id: Annotated[str, Argument(metavar="ID", help="The ad set.")],
    fields: Annotated[str | None, Option(metavar="A,B", help="The fields to show, by Meta's names.")] = None,
) -> None:
    """Show one ad set."""
    show_node(ctx, "adset", object_id, fields)


@app.command(epilog="adopt adset pause 23851234567890")
def pause(ctx: Context, object_id: Annotated[str, Argument(metavar="ID", help="The ad set.")]) -> None:
    """Pause an ad set; it stays paused until you start it."""
    change_by_hand(ctx, "adset", object_id, "status", "PAUSED")


@app.command(epilog="adopt adset start 23851234567890")
def start(ctx: Context, object_id: Annotated[str, Argument(metavar="ID", help="The ad set.")]) -> None:
    """Start an ad set that is paused."""
    change_by_hand(ctx, "adset", object_id, "status", "ACTIVE")


@app.command(
    context_settings={"ignore_unknown_options": True},  # -20% is an amount
    epilog="adopt adset budget 23851234567890 50       in the account's currency\n"
    "adopt adset budget 23851234567890 +20%\nadopt adset budget 23851234567890 -5.00",
)
def budget(
    ctx: Context,
    object_id: Annotated[str, Argument(metavar="ID", help="The ad set.")],
    amount: Annotated[str, Argument(metavar="AMOUNT", help="The new budget, or a step: 50, +20%, -20%, +5.00.")],
) -> None:
    """Set or move the budget of an ad set, inside the guardrails."""
    change_by_hand(ctx, "adset", object_id, "budget", amount)
