"""`adopt ad`: list and show ads."""

from typing import Annotated

from adopt.cli.frame import App, Argument, Context, Option
from adopt.cli.nouns import show_node, show_rows

app = App("List and show ads.")


@app.command("list", epilog="adopt ad list --adset 23851234567890\nadopt ad list --all -o csv")
def list_(
    ctx: Context,
    *,
    campaign: Annotated[str | None, Option(metavar="ID", help="Only those of one campaign.")] = None,
    adset: Annotated[str | None, Option(metavar="ID", help="Only those of one ad set.")] = None,
    status: Annotated[str | None, Option(metavar="A,B", help="Only these effective statuses, like ACTIVE.")] = None,
    fields: Annotated[str | None, Option(metavar="A,B", help="The fields to show, by Meta's names.")] = None,
    limit: Annotated[int | None, Option("-l", "--limit", metavar="N", help="At most N; 50 if not said.")] = None,
    everything: Annotated[bool, Option("--all", help="All of them.")] = False,
) -> None:
    """List ads."""
    parent = adset or campaign
    show_rows(ctx, "ad", fields, limit=limit, everything=everything, parent=parent, statuses=status)


@app.command(epilog="adopt ad get 23851234567890")
def get(
    ctx: Context,
    object_id: Annotated[str, Argument(metavar="ID", help="The ad.")],
    fields: Annotated[str | None, Option(metavar="A,B", help="The fields to show, by Meta's names.")] = None,
) -> None:
    """Show one ad."""
    show_node(ctx, "ad", object_id, fields)
