"""`adopt hold`: the red button."""

from typing import Annotated, Literal

from adopt.cli.frame import App, Argument, Context, Option, screen
from adopt.cli.render import Screen
from adopt.cli.session import client
from adopt.model import Hold
from adopt.wording.words import when

app = App()


@app.command(epilog='adopt hold on --reason "sale starts Friday"\nadopt hold off\nadopt hold')
def hold(
    ctx: Context,
    press: Annotated[Literal["on", "off", "status"], Argument(metavar="on|off|status", help="What to do.")] = "status",
    reason: Annotated[str, Option(metavar="TEXT", help="Why, for whoever meets the hold.")] = "",
) -> None:
    """Stop all changes, or let them go on: the red button."""
    door = client(ctx)
    match press:
        case "on":
            now = door.press_hold(True, reason or "by hand")
        case "off":
            now = door.press_hold(False, reason)
        case _:
            now = door.hold()
    _show(screen(ctx), now)


def _show(out: Screen, now: Hold | None) -> None:
    if not out.for_people:
        out.emit({"hold": now is not None, "at": now and now.at, "reason": now and now.reason}, ())
    elif now:
        out.say(f"On hold since {when(now.at)}: {now.reason}", "yellow")
        out.hint("adopt hold off")
    else:
        out.say("Not on hold: changes are made.")
