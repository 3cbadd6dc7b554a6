"""`adopt doctor`: what may keep adopt from doing its work, and what to do about it."""

from typing import Annotated

from typer import Exit

from adopt.cli.frame import App, Context, Option, screen
from adopt.cli.session import client
from adopt.cli.table import Column
from adopt.model import Finding
from adopt.wording.words import STYLES, count

app = App()
SICK = 1
_STYLES = {**STYLES, "ok": "green", "note": "dim"}


@app.command(epilog="adopt doctor\nadopt doctor --fix\nadopt doctor -o json")
def doctor(
    ctx: Context,
    *,
    fix: Annotated[bool, Option("--fix", help="Mend what can be mended here; Meta is only read.")] = False,
) -> None:
    """Examine database, policy, connection, what was learned, and what is left undone."""
    out, door = screen(ctx), client(ctx)
    with out.waiting("examining"):
        found = door.doctor()
    fixes = [one.fix for one in found if one.fix]
    if fix and fixes:
        for line in fixes:
            out.say(f"will {line}")
        out.confirm("Mend this?")
        with out.waiting("mending"):
            for sentence in door.mend():
                out.say(sentence)
            found = door.doctor()
    if out.for_people:
        out.table(found, _COLUMNS, _advice)
        out.foot(_summary(found))
    else:
        out.emit(found, _COLUMNS)
    raise Exit(SICK if any(one.level == "error" for one in found) else 0)


_COLUMNS = (
    Column("level", lambda one: one.level, style=lambda one: _STYLES[one.level]),
    Column("check", lambda one: one.check),
    Column("finding", lambda one: one.what, gives=True, wraps=True),
)


def _advice(one: Finding) -> str:
    """Why it matters, and what to do."""
    fix = one.fix and f"adopt doctor --fix will {one.fix}"
    return "; ".join(part for part in (one.why, one.do and f"try: {one.do}", fix) if part)


def _summary(found: tuple[Finding, ...]) -> str:
    levels = [one.level for one in found]
    worse = [count(levels.count(level), level) for level in ("error", "warning", "note") if level in levels]
    return f"{', '.join(worse)}; the rest is well" if worse else "all is well"
