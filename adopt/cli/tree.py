"""How a launch is shown before it is made: what is wrong with it, its tree, and what it could spend."""

from typing import TYPE_CHECKING, Any

from adopt.cli.render import Screen
from adopt.cli.table import Column
from adopt.wording.words import count

if TYPE_CHECKING:
    from adopt.launch.checking import Report
    from adopt.launch.tree import AdSet, Launch


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


def show_report(out: Screen, report: "Report", why: str) -> None:
    """What is wrong with a launch, and what it would make."""
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


COLUMNS = tuple(
    _column(name) for name in ("campaigns", "adsets", "ads", "daily_budget", "lifetime_budget", "currency", "status")
)
