"""`adopt log`: what happened."""

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from adopt.cli.frame import App, Context, Option, given, screen
from adopt.cli.render import Screen
from adopt.cli.session import client, moment
from adopt.cli.table import Column
from adopt.errors import Invalid, Unreachable
from adopt.model import Activity
from adopt.wording.words import STYLES, when

if TYPE_CHECKING:
    from adopt.client import Client

app = App()
EVERY_S = 1.0
_MOST = 100_000


@app.command(epilog="adopt log -l 100\nadopt log --since 3d -o csv\nadopt log -f -o jsonl\nadopt log --id 42")
def log(
    ctx: Context,
    *,
    follow: Annotated[bool, Option("-f", "--follow", help="Go on showing what happens, until Ctrl-C.")] = False,
    since: Annotated[str | None, Option(metavar="TIME", help="Only what is newer: 2h, 3d, 2026-11-24.")] = None,
    entry: Annotated[int | None, Option("--id", metavar="N", help="Show one entry whole.")] = None,
    limit: Annotated[
        int | None, Option("-l", "--limit", metavar="N", help="The last N entries; 20 if not said.")
    ] = None,
) -> None:
    """Show what happened, newest last."""
    door = client(ctx)
    if entry is not None:
        _one(screen(ctx), door, entry)
        return
    start = moment("--since", since)
    found = door.log(limit=_MOST if start else limit or 20)
    kept = [one for one in found if start is None or one.at >= start]
    kept = kept[-limit:] if limit else kept
    zone = door.status().timezone
    if follow:
        _follow(ctx, door, kept, zone)
    else:
        screen(ctx).listing(kept, _columns(zone), [f"times in {zone}"] if zone and kept else [])


def _columns(zone: str | None) -> tuple[Column, ...]:
    return (
        Column("id", lambda entry: entry.id, "right"),
        Column("when", lambda entry: when(entry.at, zone)),
        Column("what", lambda entry: entry.kind, style=lambda entry: STYLES.get(entry.level, "")),
        Column("text", lambda entry: entry.text, gives=True, wraps=True),
    )


def _one(out: Screen, door: "Client", number: int) -> None:
    found = [entry for entry in door.log(cursor=number - 1 or -1, limit=1) if entry.id == number]
    if not found:
        raise Invalid(f"there is no log entry {number}", try_next="adopt log")
    entry = found[0]
    data = [(f"data {key}", value) for key, value in entry.data.items()]
    pairs = [
        ("id", entry.id),
        ("when", when(entry.at)),
        ("what", f"{entry.kind} ({entry.level})"),
        ("text", entry.text),
        ("object", entry.object and f"{entry.object.name} ({entry.object.level} {entry.object.id})"),
        *data,
    ]
    out.single(entry, pairs)


def _follow(ctx: Context, door: "Client", seen: Sequence[Activity], zone: str | None) -> None:
    """Print entries as they come; json is a line each, since an array would never end."""
    output = given(ctx).output
    out = Screen(given(ctx)._replace(output="jsonl" if output == "json" else output))
    for entry in _coming(ctx, door, seen):
        if out.for_people:
            out.say(f"{entry.id:>6}  {when(entry.at, zone)}  {entry.kind}: {entry.text}", STYLES.get(entry.level, ""))
        else:
            out.emit([entry], _columns(zone))
        sys.stdout.flush()


def _coming(ctx: Context, door: "Client", seen: Sequence[Activity]) -> Iterator[Activity]:
    """What was seen, then what happens; a daemon that goes away is waited for, or done without."""
    last = seen or door.log(limit=1)
    cursor = last[-1].id if last else 0
    yield from seen
    while True:
        try:
            for event in door.follow(cursor):
                if event and event.activity:
                    cursor = event.cursor
                    yield event.activity
        except Unreachable:
            time.sleep(EVERY_S)
            door = client(ctx)
