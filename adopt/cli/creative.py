"""`adopt creative`: list and show creatives."""

from typing import Annotated

from adopt.cli.frame import App, Argument, Context, Option
from adopt.cli.nouns import show_node, show_rows

app = App("List and show creatives.")


@app.command("list", epilog="adopt creative list -l 10")
def list_(
    ctx: Context,
    *,
    fields: Annotated[str | None, Option(metavar="A,B", help="The fields to show, by Meta's names.")] = None,
    limit: Annotated[int | None, Option("-l", "--limit", metavar="N", help="At most N; 50 if not said.")] = None,
    everything: Annotated[bool, Option("--all", help="All of them.")] = False,
) -> None:
    """List creatives."""
    show_rows(ctx, "creative", fields, limit=limit, everything=everything)


@app.command(epilog="adopt creative get 23851234567890")
def get(
    ctx: Context,
    object_id: Annotated[str, Argument(metavar="ID", help="The creative.")],
    fields: Annotated[str | None, Option(metavar="A,B", help="The fields to show, by Meta's names.")] = None,
) -> None:
    """Show one creative."""
    show_node(ctx, "creative", object_id, fields)
