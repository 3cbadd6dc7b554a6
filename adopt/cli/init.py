"""`adopt init`: say what good means for an ad account."""

import re
from decimal import Decimal
from typing import Annotated, get_args

from msgspec import ValidationError, convert
from msgspec.structs import replace

from adopt.access import Access
from adopt.cli.choosing import choose
from adopt.cli.frame import App, Context, Option, screen
from adopt.cli.render import Screen
from adopt.cli.session import client, settings
from adopt.errors import Invalid
from adopt.policy import Target, Window

app = App()
_EXAMPLE = "adopt init --target-cpa 30, or --target-roas 2.5"
_WINDOWS = (*get_args(Window), "account")


@app.command(
    epilog="adopt init                                      asks what it needs\n"
    "adopt init -a 1234567890 --no-input --target-cpa 30\n"
    "adopt init --target-roas 2.5 --result purchase --attribution 7d_click"
)
def init(
    ctx: Context,
    *,
    target_cpa: Annotated[str | None, Option(metavar="AMOUNT", help="The most that one result may cost.")] = None,
    target_roas: Annotated[str | None, Option(metavar="RATIO", help="The least revenue for each unit spent.")] = None,
    result: Annotated[str, Option(metavar="NAME", help="The result that counts: purchase, lead, ...")] = "purchase",
    attribution: Annotated[
        str, Option(metavar="WINDOW", help="7d_click, 1d_click, ..., or account: each ad set's own.")
    ] = "7d_click",
    force: Annotated[bool, Option("--force", help="Write the policy anew where there is one.")] = False,
) -> None:
    """Write an ad account's policy: what good means, which rules act."""
    out, found = screen(ctx), settings(ctx)
    if found.account is None:
        found = replace(found, account=choose(out, client(ctx, of=found).accounts()))
    target = _target(out, target_cpa, target_roas, result, attribution)
    written = client(ctx, of=found).init(target, force=force)
    if not out.for_people:
        out.emit({"account": found.account, "config": written.config, "policy": written.policy}, ())
        return
    out.say(f"Wrote {written.config}: the account and the address")
    out.say(f"Wrote {written.policy}: the target, the guardrails and the rules that act")
    out.hint("adopt plan" if Access(found).is_signed_in() else "adopt auth login, then adopt plan")


def _target(out: Screen, cpa: str | None, roas: str | None, result: str, attribution: str) -> Target:
    if cpa is None and roas is None:
        cpa, roas = _ask_target(out, result)
    if not re.fullmatch(r"[\w.]+", result):
        raise Invalid(f"--result: {result!r} is no result; letters, digits, _ and . are allowed", try_next=_EXAMPLE)
    given = {"cpa": cpa, "roas": roas, "result": result, "attribution": attribution}
    try:
        target = convert({name: value for name, value in given.items() if value}, Target)
    except (ValidationError, ArithmeticError) as error:
        raise Invalid(f"the target: {error}; windows: {', '.join(_WINDOWS)}", try_next=_EXAMPLE) from error
    if not (target.cpa or target.roas or Decimal(0)).is_finite():
        raise Invalid(f"the target: {cpa or roas} is no amount", try_next=_EXAMPLE)
    return target


def _ask_target(out: Screen, result: str) -> tuple[str | None, str | None]:
    if out.said.no_input:
        raise Invalid("a target is needed", try_next=_EXAMPLE)
    kind = out.ask("What is good: a cost per result (cpa) or a return on ad spend (roas)?", "cpa").lower()
    if kind not in ("cpa", "roas"):
        raise Invalid(f"{kind!r} is no target; cpa and roas are", try_next="adopt init --target-cpa 30")
    if kind == "roas":
        return None, out.ask("The least revenue for each unit spent, like 2.5")
    return out.ask(f"The most that one {result} may cost, in the account's currency"), None
