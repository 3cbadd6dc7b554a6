"""`adopt apply`: carry out a plan that a person has seen."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec.structs import replace
from typer import Exit

from adopt.cli.frame import App, Argument, Context, Option, given, screen
from adopt.cli.plans import hint_undo, outcome_code, show_outcomes, show_plan
from adopt.cli.session import client, settings
from adopt.errors import Invalid
from adopt.model import Plan
from adopt.settings import Settings
from adopt.wording.words import count

app = App()


@app.command(epilog="adopt apply plan.json\nadopt apply 3fa1c2d4e5f60718 -y")
def apply(
    ctx: Context,
    plan: Annotated[str, Argument(metavar="FILE|PLAN", help="A saved plan, - for stdin, or a plan's id.")],
    wait: Annotated[str | None, Option(metavar="TIME", help="Wait for another run to end, like 60s.")] = None,
) -> None:
    """Make the changes of a saved plan, unless the account moved on."""
    out = screen(ctx)
    found = _read(plan) if _is_file(plan) else client(ctx).find_plan(plan)
    door = client(ctx, of=_settings_for(ctx, found), wait=wait)
    if not found.changes:
        out.say(f"Plan {found.id} changes nothing.")
        raise Exit
    if out.asks and out.for_people and not given(ctx).yes:
        show_plan(out, found)
    out.confirm(f"Make {count(len(found.changes), 'change')} in {found.account}?")
    with out.waiting("applying"):
        outcomes = door.apply(found)
    show_outcomes(out, found, outcomes)
    hint_undo(out, found, outcomes)
    raise Exit(outcome_code(outcomes))


def _is_file(text: str) -> bool:
    return text == "-" or "/" in text or text.endswith(".json") or Path(text).is_file()


def _read(name: str) -> Plan:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return msgspec.json.decode(data, type=Plan)
    except OSError as error:
        raise Invalid(f"{name} cannot be read: {error.strerror}", try_next="adopt plan --out FILE") from error
    except msgspec.DecodeError as error:
        raise Invalid(f"{name} is no saved plan: {error}", try_next="adopt plan --out FILE") from error


def _settings_for(ctx: Context, plan: Plan) -> Settings:
    """The plan's own account where none was named; never another one than was named."""
    found = settings(ctx)
    if found.account not in (None, plan.account):
        raise Invalid(
            f"plan {plan.id} is for {plan.account}, and the account in use is {found.account}",
            try_next=f"the same command with -a {plan.account}",
        )
    return replace(found, account=plan.account)
