"""`adopt status`: where things stand, from what is remembered."""

from adopt.cli.frame import App, Context, screen
from adopt.cli.session import client
from adopt.model import Currency, Status
from adopt.wording.words import count, when

app = App()


@app.command(epilog="adopt status\nadopt status -o json")
def status(ctx: Context) -> None:
    """Show the account, its policy, the last poll and what is waiting."""
    out = screen(ctx)
    now = client(ctx).status()
    out.single(now, _pairs(now))
    out.hint(_next(now))


def _pairs(now: Status) -> list[tuple[str, object]]:
    return [
        ("account", " ".join(part for part in (now.account, now.name) if part) or "none chosen"),
        ("signed in", "yes" if now.signed_in else "no"),
        ("asks", now.graph_url),
        ("target", now.target),
        ("last poll", now.last_poll and when(now.last_poll, now.timezone)),
        ("ad sets", now.last_poll and f"{now.running} running, {now.paused} paused"),
        *_figures(now),
        ("last plan", now.plan and f"{now.plan}: {count(now.plan_changes, 'change')}, {now.plan_state}"),
        ("autonomy", _autonomy(now)),
        ("in doubt", f"{count(now.in_doubt, 'change')} to look up at the next run" if now.in_doubt else None),
        ("hold", f"on since {when(now.hold.at, now.timezone)}: {now.hold.reason}" if now.hold else "off"),
        ("daemon", _daemon(now)),
        ("times in", now.timezone),
    ]


def _daemon(now: Status) -> str:
    there = now.daemon
    return f"process {there.pid} since {when(there.since, now.timezone)}" if there else "does not run"


def _autonomy(now: Status) -> str | None:
    if not now.shadow_changes and now.autonomy != "shadow":
        return now.autonomy
    since = f" since {when(now.shadow_since, now.timezone)}" if now.shadow_since else ""
    decided = f"{count(now.shadow_changes, 'change')} decided in shadow{since} and not made; adopt rule score"
    return f"{now.autonomy}: {decided}" if now.autonomy else decided


def _figures(now: Status) -> list[tuple[str, object]]:
    if now.currency is None or now.last_poll is None:
        return []
    show = Currency(now.currency).show
    return [
        ("budgets", f"{show(now.daily_budget)} a day"),
        ("that day", f"{show(now.spend_today)} spent, {now.results_today:,} results"),
    ]


def _next(now: Status) -> str:
    """What a person would type next."""
    if not now.signed_in:
        return "adopt auth login, or adopt demo"
    if now.account is None or (now.target is None and now.last_poll is None):
        return "adopt init"
    if now.hold:
        return "adopt hold off"
    if now.plan_state == "shadow":
        return "adopt rule score"
    return f"adopt apply {now.plan}" if now.plan_state == "waiting" and now.plan_changes else "adopt plan"
