"""`adopt plan`: what would change."""

from pathlib import Path
from typing import Annotated

import msgspec
from typer import Exit

from adopt.cli.frame import App, Context, Option, screen
from adopt.cli.plans import WAITING, show_plan
from adopt.cli.session import client
from adopt.errors import Invalid
from adopt.model import Plan

app = App()


@app.command(
    epilog="adopt plan\nadopt plan --out plan.json && adopt apply plan.json\n"
    "adopt plan --target-roas 2.5 --detailed-exitcode"
)
def plan(
    ctx: Context,
    *,
    out: Annotated[Path | None, Option(metavar="FILE", help="Save the plan, for adopt apply FILE.")] = None,
    target_cpa: Annotated[str | None, Option(metavar="AMOUNT", help="A target CPA instead of the policy's.")] = None,
    target_roas: Annotated[str | None, Option(metavar="RATIO", help="A target ROAS instead of the policy's.")] = None,
    max_changes: Annotated[int | None, Option(metavar="N", help="Plan at most so many changes.")] = None,
    wait: Annotated[str | None, Option(metavar="TIME", help="Wait for another run to end, like 60s.")] = None,
    detailed_exitcode: Annotated[
        bool, Option("--detailed-exitcode", help="Exit with 6 when changes are waiting.")
    ] = False,
) -> None:
    """Show what would change, and change nothing."""
    with screen(ctx).waiting("polling and judging"):
        made = client(ctx, wait=wait).plan(target_cpa, target_roas, max_changes)
    if out:
        _save(made, out)
    show_plan(screen(ctx), made, hint=f"adopt apply {out or made.id}")
    raise Exit(WAITING if detailed_exitcode and made.changes else 0)


def _save(made: Plan, out: Path) -> None:
    try:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
    except OSError as error:
        raise Invalid(f"--out: {out} cannot be written: {error.strerror}", try_next="--out FILE") from error
