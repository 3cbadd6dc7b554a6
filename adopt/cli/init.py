"""`adopt init`: say what good means for an ad account."""

from decimal import Decimal
from typing import Annotated

from msgspec.structs import replace

from adopt.cli.frame import App, Context, Option, given, screen
from adopt.cli.render import Screen
from adopt.cli.session import client, settings
from adopt.errors import Invalid
from adopt.model import Account
from adopt.policy import Target
from adopt.settings import Settings

app = App()


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
        found = replace(found, account=_choose(out, client(ctx, of=found).accounts()))
    target = _target(out, target_cpa, target_roas, result, attribution)
    written = client(ctx, of=found).init(target, force=force)
    if not out.for_people:
        out.emit({"account": found.account, "config": written.config, "policy": written.policy}, ())
        return
    out.say(f"Wrote {written.config}: the account and the address")
    out.say(f"Wrote {written.policy}: the target, the guardrails and the rules that act")
    out.hint("adopt plan" if found.token or given(ctx).quiet else _sign_in(found))


def _sign_in(_found: Settings) -> str:
    return "export ADOPT_ACCESS_TOKEN=..., then adopt plan"


def _choose(out: Screen, accounts: tuple[Account, ...]) -> str:
    """The only account that the token sees, or the one a person picks."""
    if not accounts:
        raise Invalid("the token sees no ad account", try_next="a token of a person or system user with ad accounts")
    if len(accounts) == 1:
        return accounts[0].id
    known = ", ".join(f"{account.id} ({account.name})" for account in accounts)
    if out.said.no_input:
        raise Invalid(f"the token sees {len(accounts)} ad accounts: {known}", try_next=f"-a {accounts[0].id}")
    for number, account in enumerate(accounts, 1):
        out.say(f"{number}  {account.name} ({account.id}, {account.currency})")
    answer = out.ask("Which one? Its number", "1")
    if not answer.isdecimal() or not 1 <= int(answer) <= len(accounts):
        raise Invalid(f"{answer!r} is none of 1 to {len(accounts)}", try_next="adopt init")
    return accounts[int(answer) - 1].id


def _target(out: Screen, cpa: str | None, roas: str | None, result: str, attribution: str) -> Target:
    if cpa is None and roas is None:
        cpa, roas = _ask_target(out, result)
    try:
        return Target(
            cpa=Decimal(cpa) if cpa else None,
            roas=Decimal(roas) if roas else None,
            result=result,
            attribution=attribution,  # type: ignore[arg-type] # checked below
        )
    except (ValueError, ArithmeticError) as error:
        reason = "a number is allowed, like 30 or 2.5" if isinstance(error, ArithmeticError) else str(error)
        raise Invalid(f"the target: {reason}", try_next="--target-cpa 30, or --target-roas 2.5") from error


def _ask_target(out: Screen, result: str) -> tuple[str | None, str | None]:
    if out.said.no_input:
        raise Invalid("a target is needed", try_next="adopt init --target-cpa 30, or --target-roas 2.5")
    kind = out.ask("What is good: a cost per result (cpa) or a return on ad spend (roas)?", "cpa").lower()
    if kind not in ("cpa", "roas"):
        raise Invalid(f"{kind!r} is no target; cpa and roas are", try_next="adopt init --target-cpa 30")
    if kind == "roas":
        return None, out.ask("The least revenue for each unit spent, like 2.5")
    return out.ask(f"The most that one {result} may cost, in the account's currency"), None
