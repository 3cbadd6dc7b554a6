"""`adopt auth`: sign in at Meta, see how long it lasts, sign out, and keep the keys."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from msgspec.structs import replace
from typer import Exit

from adopt.access import Access, Standing
from adopt.cli.choosing import choose
from adopt.cli.frame import App, Argument, Context, Option, screen
from adopt.cli.render import Screen
from adopt.cli.session import client, settings
from adopt.cli.table import Column
from adopt.errors import Invalid, NeedsPerson
from adopt.model import Connection
from adopt.settings import Settings, Token, save_config
from adopt.wording.words import count

app = App("Sign in at Meta, see how long it lasts, sign out, and keep the keys.")
SOON = 14  # days
_KEEPERS = {
    "environment": "the variable ADOPT_MASTER_KEY, which other programs of this user can read",
    "credential": "a file that the system hands over",
    "keyring": "the system's keyring",
    "file": "a file beside the database: it protects copies of the database, not against who reads this folder",
}


@app.command(
    epilog="adopt auth login                            asks for a token, which is not shown\n"
    "adopt auth login --token-stdin < token.txt\n"
    "adopt auth login --app-id 1234567890        in the browser, with your own app at Meta"
)
def login(
    ctx: Context,
    *,
    token_stdin: Annotated[bool, Option("--token-stdin", help="Read an access token from standard input.")] = False,
    app_id: Annotated[str | None, Option(metavar="ID", help="Sign in in the browser, with your own app.")] = None,
    port: Annotated[int | None, Option(metavar="PORT", help="The port to come back to, if not 18400.")] = None,
    paste: Annotated[bool, Option("--paste", help="Paste the address that the browser ended at.")] = False,
    no_browser: Annotated[bool, Option("--no-browser", help="Print the address; open no browser.")] = False,
    keep_key_in: Annotated[
        Literal["keyring", "file", "credential", "environment"] | None, Option(help="Who keeps the vault's key.")
    ] = None,
) -> None:
    """Sign in at Meta: a token that is checked, then kept sealed."""
    out, found = screen(ctx), settings(ctx)
    if token_stdin and app_id:
        raise Invalid("--token-stdin and --app-id are two ways to sign in", try_next="give one of them")
    access = Access(found)
    if app_id:
        token = _in_browser(out, access, app_id, port, paste=paste, opens=not no_browser)
    else:
        token = _given(out, from_stdin=token_stdin)
    with out.waiting("asking Meta"):
        connection = access.sign_in(token, keep_key_in)
    account = _account(ctx, out, replace(found, token=token), connection)
    _tell(out, access, connection, account)
    if found.token is not None:
        out.warn("ADOPT_ACCESS_TOKEN is set: it goes before the token that was kept now")


@app.command(epilog="adopt auth status\nadopt auth status -o json")
def status(ctx: Context) -> None:
    """Ask Meta about every token there is: whose, how long, and whether it may do what adopt does."""
    out, access = screen(ctx), Access(settings(ctx))
    with out.waiting("asking Meta"):
        found = access.standings()
    if not found:
        raise NeedsPerson("nobody is signed in", try_next="adopt auth login")
    if out.for_people:
        out.table(found, _COLUMNS, _advice)
        out.foot(_kept_by(access))
    else:
        out.emit([_record(one) for one in found], _COLUMNS)
    raise Exit(NeedsPerson.exit_code if any(one.error for one in found) else 0)


@app.command(epilog="adopt auth logout\nadopt auth logout 3f2a...")
def logout(
    ctx: Context, connection: Annotated[str | None, Argument(metavar="ID", help="Which one, if several.")] = None
) -> None:
    """Forget a token; Meta is not told, so revoke it there if others may have it."""
    out = screen(ctx)
    gone = Access(settings(ctx)).sign_out(connection)
    if out.for_people:
        out.say(f"Signed out: the token of {gone.user_name} is forgotten here.")
    else:
        out.emit({"id": gone.id, "user_name": gone.user_name}, ())


@app.command("rotate-key", epilog="adopt auth rotate-key\nadopt auth rotate-key --master")
def rotate_key(
    ctx: Context, *, master: Annotated[bool, Option("--master", help="Make a new master key instead.")] = False
) -> None:
    """Seal every secret anew with a new key; what is cut short is ended by the next run."""
    out, access = screen(ctx), Access(settings(ctx))
    if master:
        _moved(out, *access.move())
        return
    resealed = access.rotate()
    if out.for_people:
        out.say(f"Sealed {count(resealed, 'secret')} with a new key; the old one is gone.")
    else:
        out.emit({"resealed": resealed}, ())


@app.command(epilog="adopt auth move --to keyring")
def move(
    ctx: Context, *, to: Annotated[Literal["keyring", "file", "credential", "environment"], Option(help="The keeper.")]
) -> None:
    """Let another keeper have the master key; the secrets stay as they are."""
    _moved(screen(ctx), *Access(settings(ctx)).move(to))


@app.command(epilog="adopt auth reset")
def reset(ctx: Context) -> None:
    """Give up a vault whose master key is lost: every token in it is gone, then sign in again."""
    out = screen(ctx)
    out.confirm("Forget every token that is kept here?")
    gone = Access(settings(ctx)).reset()
    if out.for_people:
        out.say(f"Forgot {count(gone, 'secret')}.")
        out.hint("adopt auth login")
    else:
        out.emit({"forgotten": gone}, ())


def _given(out: Screen, *, from_stdin: bool) -> Token:
    if from_stdin:
        text = sys.stdin.readline(10_000).strip()
    else:
        out.say("Paste an access token with ads_read and ads_management: that of a system user lasts longest.")
        text = out.ask_secret("Access token")
    if not text:
        raise Invalid("no token was given", try_next="adopt auth login --token-stdin < FILE")
    return Token(text)


def _secret(out: Screen, app_id: str) -> Token:
    if not app_id.isdecimal():
        raise Invalid(f"--app-id: {app_id!r} is no app's id, which is a number", try_next="see your app's dashboard")
    secret = os.environ.get("ADOPT_APP_SECRET") or out.ask_secret("App secret")
    if not secret:
        raise Invalid("no app secret was given", try_next="export ADOPT_APP_SECRET=..., or type it")
    return Token(secret)


def _in_browser(out: Screen, access: Access, app_id: str, port: int | None, *, paste: bool, opens: bool) -> Token:
    secret = _secret(out, app_id)
    with access.signing_in(port) as callback:
        address = access.dialog(app_id, callback)
        out.note(f"Agree in the browser: {address}")
        if paste:
            page = callback.take(out.ask("The address that it ended at"))
            if page.status != 200:  # noqa: PLR2004 - HTTP's
                raise Invalid(f"{page.title}: {page.text}", try_next="adopt auth login --paste")
        else:
            out.note(f"From another machine: ssh -L {callback.port}:localhost:{callback.port} HOST, or --paste")
            if opens:
                _open(address)
        with out.waiting("waiting for the browser, 10 minutes at most"):
            code = callback.wait()
        return access.fetch(app_id, secret, code, callback)


def _open(address: str) -> None:
    import webbrowser

    webbrowser.open(address)


def _account(ctx: Context, out: Screen, found: Settings, connection: Connection) -> str | None:
    """The account that is the default from now on; an earlier one stays if this token sees it."""
    chosen = found.account if found.account in connection.accounts else None
    if chosen is None and (out.asks or len(connection.accounts) == 1):
        chosen = choose(out, client(ctx, of=found).accounts())
    if chosen:
        save_config(replace(found, account=chosen))
    return chosen


def _tell(out: Screen, access: Access, connection: Connection, account: str | None) -> None:
    if not out.for_people:
        out.emit({**_record(Standing(connection, is_kept=True)), "account": account}, ())
        return
    out.say(f"Signed in as {connection.user_name}: {_lasts(connection)}; it sees {_accounts(connection.accounts)}.")
    out.foot(_kept_by(access))
    if account is None:
        out.hint(f"adopt init -a {connection.accounts[0]}, or another of {', '.join(connection.accounts)}")
    else:
        out.hint(f"adopt init -a {account}")


def _lasts(connection: Connection) -> str:
    return f"the token {connection.ending(connection.made_at.astimezone())}"


def _accounts(accounts: Sequence[str]) -> str:
    return accounts[0] if len(accounts) == 1 else count(len(accounts), "ad account")


def _kept_by(access: Access) -> str:
    vault = access.vault()
    return f"the vault's key is kept by {_KEEPERS[vault.keeper]}" if vault else "no token is kept here"


def _moved(out: Screen, before: Any, after: Any) -> None:
    if out.for_people:
        out.say(f"The master key is {after.master} now, kept by {_KEEPERS[after.keeper]}.")
        if before.keeper in ("environment", "credential") and before.master != after.master:
            out.say(f"The old one, {before.master}, is yours to remove.")
    else:
        out.emit({"keeper": after.keeper, "master": after.master}, ())


def _record(one: Standing) -> dict[str, Any]:
    found = one.connection
    return {
        "id": found.id if one.is_kept else None,
        "user_id": found.user_id,
        "user_name": found.user_name,
        "kind": found.kind,
        "app_id": found.app_id,
        "graph_url": found.graph_url,
        "accounts": found.accounts,
        "scopes": found.scopes,
        "expires_at": found.expires_at,
        "days_left": found.days_left,
        "error": one.error and one.error.as_json()["error"],
    }


def _left(one: Standing) -> str:
    return one.connection.ending(one.connection.made_at.astimezone())


def _advice(one: Standing) -> str:
    if one.error:
        return f"{one.error.message}; try: {one.error.try_next}"
    days = one.connection.days_left
    return "make a new one in time: adopt auth login" if days is not None and days <= SOON else ""


_COLUMNS = (
    Column("token", lambda one: one.connection.id if one.is_kept else "environment"),
    Column("who", lambda one: one.connection.user_name, gives=True),
    Column("sees", lambda one: _accounts(one.connection.accounts)),
    Column(
        "lasts", lambda one: "refused" if one.error else _left(one), style=lambda one: "red" if one.error else "green"
    ),
)
