"""`adopt account`: the ad accounts that the token sees."""

from typing import Annotated

from adopt.cli.frame import App, Argument, Context, Option
from adopt.cli.nouns import show_node, show_rows
from adopt.cli.session import settings
from adopt.settings import account_id

app = App("List and show the ad accounts the token sees.")


@app.command("list", epilog="adopt account list\nadopt account list -o json")
def list_(
    ctx: Context,
    *,
    fields: Annotated[str | None, Option(metavar="A,B", help="The fields to show, by Meta's names.")] = None,
    limit: Annotated[int | None, Option("-l", "--limit", metavar="N", help="At most N; 50 if not said.")] = None,
    everything: Annotated[bool, Option("--all", help="All of them.")] = False,
) -> None:
    """List the ad accounts that the token sees."""
    show_rows(ctx, "account", fields, limit=limit, everything=everything)


@app.command(epilog="adopt account get\nadopt account get act_1234567890 --fields name,balance")
def get(
    ctx: Context,
    account: Annotated[str | None, Argument(metavar="ID", help="The account; the one in use if not said.")] = None,
    fields: Annotated[str | None, Option(metavar="A,B", help="The fields to show, by Meta's names.")] = None,
) -> None:
    """Show one ad account."""
    show_node(ctx, "account", account_id(account) if account else settings(ctx).require_account(), fields)
