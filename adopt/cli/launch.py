"""`adopt launch`: check the spec of a launch, and write one to start from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Exit

from adopt.cli.frame import App, Argument, Context, screen
from adopt.cli.render import Screen
from adopt.cli.session import client
from adopt.cli.table import Column
from adopt.cli.words import count

if TYPE_CHECKING:
    from adopt.launch.checking import Report
    from adopt.launch.tree import AdSet, Launch

app = App("Check a launch and what it would make; write one to start from.")


@app.command(epilog="adopt launch check launch.toml\nadopt launch check launch.toml -o json")
def check(
    ctx: Context,
    spec: Annotated[Path, Argument(metavar="SPEC", help="The launch, as TOML or JSON.")],
) -> None:
    """Check a launch: all that is wrong with it, what it would make, what it could spend; nothing is made."""
    out = screen(ctx)
    report, why = client(ctx).check_launch(spec)
    if out.for_people:
        _show(out, report, why)
    else:
        out.emit(summary(report), _COLUMNS)
    raise Exit(0 if report.launch else 2)


@app.command(epilog="adopt launch init autumn\nadopt launch check autumn/launch.toml")
def init(
    ctx: Context,
    folder: Annotated[Path, Argument(metavar="DIR", help="A folder, made where it is missing.")],
) -> None:
    """Write a launch to start from: launch.toml, a picture and a clip. Nothing is overwritten."""
    from adopt.client import start_launch

    out = screen(ctx)
    written = start_launch(folder)
    if not out.for_people:
        out.emit([{"path": str(path)} for path in written], (Column("path", lambda one: one["path"]),))
        return
    for path in written:
        out.say(f"Wrote {path}")
    out.hint(f"adopt launch check {written[0]}")


def summary(report: "Report") -> dict[str, Any]:
    """What a program gets: how much it would make and spend, what is wrong, and the whole tree."""
    launch = report.launch
    return {
        "campaigns": 1 if launch else 0,
        "adsets": len(launch.campaign.adsets) if launch else 0,
        "ads": len(launch.ads) if launch else 0,
        "daily_budget": launch.daily_budget if launch else None,
        "lifetime_budget": launch.lifetime_budget if launch else None,
        "currency": (launch.currency or None) if launch else None,
        "status": ("ACTIVE" if launch.active else "PAUSED") if launch else None,
        "problems": report.problems,
        "unchecked": report.unchecked,
        "launch": launch,
    }


def money(launch: "Launch") -> str:
    """What a launch could spend: `$40.00 a day`."""
    from adopt.model import Currency

    show = Currency(launch.currency).show
    parts = [f"{show(launch.daily_budget)} a day"] if launch.daily_budget else []
    parts += [f"{show(launch.lifetime_budget)} in all"] if launch.lifetime_budget else []
    return " and ".join(parts)


def _show(out: Screen, report: "Report", why: str) -> None:
    for one in report.problems:
        if one.level == "warning" or out.said.quiet:
            out.warn(str(one))
        else:
            out.say(f"error: {one}")
    if report.launch is None:
        wrong = sum(one.level == "error" for one in report.problems)
        out.foot(f"{count(wrong, 'error')}; nothing would be launched")
        return
    show_tree(out, report.launch)
    if report.unchecked:
        out.say(f"Only the ad account could tell ({why}): {', '.join(report.unchecked)}")


def show_tree(out: Screen, launch: "Launch") -> None:
    """What a launch makes, and what it could spend."""
    out.say(f"campaign  {launch.campaign.name}")
    for adset in launch.campaign.adsets:
        out.say(f"  ad set  {adset.name}{_budget(adset, launch)}")
        for ad in adset.ads:
            out.say(f"    ad    {ad.name}")
    many = len(launch.campaign.adsets)
    made = f"1 campaign, {count(many, 'ad set')}, {count(len(launch.ads), 'ad')}, {count(len(launch.media), 'file')}"
    status = "running at once" if launch.active else "paused"
    out.foot(f"{made}, {status}; it could spend {money(launch)}")


def _budget(adset: "AdSet", launch: "Launch") -> str:
    from adopt.model import Currency

    daily, lifetime = adset.params.get("daily_budget"), adset.params.get("lifetime_budget")
    amount, per = (daily, "a day") if daily else (lifetime, "in all")
    return f"  {Currency(launch.currency).show(amount)} {per}" if amount else ""


def _column(name: str) -> Column:
    return Column(name, lambda one: one[name])


_COLUMNS = tuple(
    _column(name) for name in ("campaigns", "adsets", "ads", "daily_budget", "lifetime_budget", "currency", "status")
)
