"""`adopt notify`: where people are told what happened."""

import re
import sys
from typing import Annotated, get_args

from adopt.access import Access
from adopt.channels import Channels
from adopt.cli.frame import App, Argument, Context, Option, screen
from adopt.cli.session import settings
from adopt.cli.table import Column
from adopt.errors import Invalid
from adopt.model import Channel, Concern
from adopt.wording.words import count

app = App("Tell people what happened: by Slack, Telegram, e-mail, webhooks and a hundred more.")
_CONCERNS = get_args(Concern)


@app.command(
    epilog="adopt notify add tgram://TOKEN/CHAT\n"
    "adopt notify add - --about troubles,approvals < url.txt\n"
    "adopt notify add mailto://me:password@example.com --quiet 22:00-07:00"
)
def add(
    ctx: Context,
    url: Annotated[str, Argument(metavar="URL", help="The channel's URL, as apprise has them; - reads it from stdin.")],
    *,
    about: Annotated[
        str, Option(metavar="KINDS", help=f"What to tell: {', '.join(_CONCERNS)}; or all.")
    ] = "changes,approvals,troubles,launches",
    quiet: Annotated[
        str | None, Option(metavar="HH:MM-HH:MM", help="Hours of the account's day when only troubles are told.")
    ] = None,
) -> None:
    """Add a channel; it hears of what happens from now on."""
    out = screen(ctx)
    text = sys.stdin.readline(10_000).strip() if url == "-" else url
    made = _channels(ctx).add(text, _about(about), _quiet(quiet) if quiet else None)
    if out.for_people:
        out.say(f"Added {made.service} as {made.id}: {made.shown}")
        out.foot("messages leave with `adopt job run`, which can follow `adopt optimize` in cron")
        out.hint(f"adopt notify test {made.id}")
    else:
        out.emit(made, _COLUMNS)


@app.command("list", epilog="adopt notify list\nadopt notify list -o json")
def list_(ctx: Context) -> None:
    """List the channels, without what is secret in their URLs."""
    screen(ctx).listing(_channels(ctx).listing(), _COLUMNS)


@app.command(epilog="adopt notify remove 3f2a1c")
def remove(ctx: Context, channel: Annotated[str, Argument(metavar="ID", help="The channel's id.")]) -> None:
    """Forget a channel and its URL."""
    out, gone = screen(ctx), _channels(ctx).remove(channel)
    if out.for_people:
        out.say(f"Removed {gone.service}: {gone.shown}")
    else:
        out.emit(gone, _COLUMNS)


@app.command("test", epilog="adopt notify test\nadopt notify test 3f2a1c")
def try_out(
    ctx: Context, channel: Annotated[str | None, Argument(metavar="ID", help="The channel; all without one.")] = None
) -> None:
    """Send a message now, and tell whether it was taken."""
    out = screen(ctx)
    with out.waiting("sending"):
        sent = _channels(ctx).test(channel)
    if not sent:
        raise Invalid("there is no channel yet", try_next="adopt notify add URL")
    if out.for_people:
        out.say(f"Sent to {', '.join(one.service for one in sent)}: {count(len(sent), 'channel')} took it.")
    else:
        out.emit(list(sent), _COLUMNS)


def _channels(ctx: Context) -> Channels:
    return Channels(Access(settings(ctx)))


def _about(text: str) -> tuple[Concern, ...]:
    words = _CONCERNS if text == "all" else [word.strip() for word in text.split(",") if word.strip()]
    known = tuple(concern for concern in _CONCERNS if concern in words)
    if not known or len(known) < len(set(words)):
        raise Invalid(f"--about: {text!r} is none of {', '.join(_CONCERNS)}", try_next="--about troubles,approvals")
    return known


def _quiet(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", text.strip())
    if not match:
        raise Invalid(f"--quiet: {text!r} is no stretch of a day", try_next="--quiet 22:00-07:00")
    since, since_minute, until, until_minute = (int(part) for part in match.groups())
    return since * 60 + since_minute, until * 60 + until_minute


def _hours(channel: Channel) -> str:
    if channel.quiet is None:
        return ""
    since, until = (f"{minute // 60:02}:{minute % 60:02}" for minute in channel.quiet)
    return f"{since}-{until}"


_COLUMNS = (
    Column("channel", lambda one: one.id),
    Column("service", lambda one: one.service),
    Column("address", lambda one: one.shown, gives=True),
    Column("about", lambda one: ", ".join(one.concerns), wraps=True),
    Column("quiet", _hours),
)
