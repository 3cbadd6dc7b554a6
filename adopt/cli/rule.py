"""`adopt rule`: what the rules say, what they see, what is doubtful about them, and what they would have done."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from adopt.cli.frame import App, Argument, Context, Option, screen
from adopt.cli.hindsight import show_hindsight
from adopt.cli.render import Screen
from adopt.cli.session import client, moment, seconds
from adopt.cli.table import Column
from adopt.errors import Invalid
from adopt.model import Chance, Heard, RuleReport, Span
from adopt.wording.words import count

app = App("List, show, check, test, backtest and score rules; list the published recipes.")

_MOST = 100_000
_AUTONOMY = {
    "apply": "autonomy apply: adopt optimize makes their changes",
    "approve": "autonomy approve: their changes wait for adopt apply",
    "shadow": "autonomy shadow: their changes are decided, not made; adopt rule score tells how they would have done",
}
_KINDS = {"guard": "no data guard", "overlap": "overlap", "windows": "other windows"}


@app.command("list", epilog="adopt rule list\nadopt rule list -o json")
def list_(ctx: Context) -> None:
    """List the rules of the policy; only these act."""
    policy = client(ctx).policy()
    screen(ctx).listing(
        policy.rule,
        (
            Column("rule", lambda rule: rule.name, gives=True),
            Column("does", lambda rule: rule.do or f"use {rule.use}"),
            Column("every", lambda rule: rule.every, spare=True),
            Column("schedule", lambda rule: rule.schedule, spare=True),
            Column("when", lambda rule: rule.when, gives=True, wraps=True),
        ),
        [_AUTONOMY[policy.decision.autonomy]],
    )


@app.command(epilog='adopt rule show "scale winners"')
def show(ctx: Context, name: Annotated[str, Argument(metavar="RULE", help="The rule's name.")]) -> None:
    """Show one rule as it is read, a recipe with its source."""
    from adopt.client.files import presets

    rule, when, does = client(ctx).find_rule(name)
    known = {preset.name: preset for preset in presets()}.get(rule.use or "")
    pairs = [
        ("rule", rule.name),
        ("use", rule.use),
        ("is", known and known.line),
        ("from", known and known.source),
        ("when", when),
        ("do", does),
        ("every", rule.pace),
        ("schedule", rule.schedule),
    ]
    screen(ctx).single(dict(pairs), pairs)


@app.command(epilog="adopt rule check\nadopt rule check policy.toml\nadopt rule check --runs 4000")
def check(
    ctx: Context,
    *,
    file: Annotated[Path | None, Argument(metavar="FILE", help="A policy file; the account's own if not said.")] = None,
    runs: Annotated[int, Option(metavar="N", help="How many ad sets to simulate a figure.")] = 1000,
) -> None:
    """Check rules: what cannot be read, what is doubtful, and how often they pause what is on target."""
    if not 1 <= runs <= _MOST:
        raise Invalid(f"--runs {runs}: from 1 to {_MOST:,} is allowed", try_next="--runs 4000")
    with screen(ctx).waiting("simulating"):
        report = client(ctx).check_rules(file, runs)
    _show_report(screen(ctx), report)


@app.command(epilog='adopt rule test "scale winners"\nadopt rule test fatigue -o csv')
def test(ctx: Context, name: Annotated[str, Argument(metavar="RULE", help="The rule's name.")]) -> None:
    """Show what a rule sees of each ad set of the last poll, and why it holds or not."""
    heard, rests = client(ctx).test_rule(name)
    holds = sum(one.holds for one in heard)
    said = f"holds for {holds} of {count(len(heard), 'object')}"
    screen(ctx).listing(
        sorted(heard, key=lambda one: not one.holds),
        (
            Column("object", lambda one: one.object.name, gives=True),
            Column(
                "holds", lambda one: one.does if one.holds else "no", style=lambda one: "yellow" if one.holds else ""
            ),
            Column("saw", lambda one: one.saw, gives=True, wraps=True),
        ),
        [f"{said}; {rests}" if rests else said],
    )


@app.command(
    epilog="adopt rule backtest --since 28d\n"
    'adopt rule backtest "stop losers" --every 1d -o csv\n'
    "adopt rule backtest --policy bolder.toml --since 2026-10-01 --until 2026-10-31"
)
def backtest(
    ctx: Context,
    *,
    name: Annotated[str | None, Argument(metavar="RULE", help="One rule alone; all of them if not said.")] = None,
    policy: Annotated[Path | None, Option(metavar="FILE", help="A policy instead of the account's own.")] = None,
    since: Annotated[str | None, Option(metavar="TIME", help="From when on: 28d, 2026-10-01.")] = None,
    until: Annotated[str | None, Option(metavar="TIME", help="Until when; a day is included.")] = None,
    every: Annotated[str, Option(metavar="TIME", help="How far passes lie apart.")] = "4h",
    backfilled: Annotated[
        bool, Option("--backfilled", help="Also the days before the first poll, seen with hindsight.")
    ] = False,
    limit: Annotated[int, Option("-l", "--limit", metavar="N", help="Show the first N changes.")] = 20,
) -> None:
    """Replay rules over the recorded polls: what they would have done, and what really came after."""
    door, done = client(ctx), [0, 0]
    zone, now = door.clock()
    span = Span(
        moment("--since", since, zone=zone, now=now),
        moment("--until", until, zone=zone, now=now, ends=True),
        timedelta(seconds=seconds("--every", every)),
        backfilled,
    )

    def tell(passes: int, total: int) -> None:
        done[:] = passes, total

    with screen(ctx).waiting(lambda: f"replaying pass {done[0]:,} of {done[1]:,}" if done[1] else "reading the polls"):
        found = door.backtest(door.policy_of(policy, name), span, tell)
    show_hindsight(screen(ctx), found, max(limit, 0))


@app.command(epilog="adopt rule score\nadopt rule score -o json")
def score(
    ctx: Context,
    limit: Annotated[int, Option("-l", "--limit", metavar="N", help="Show the first N changes.")] = 20,
) -> None:
    """Score what was decided in shadow: what came after, and whether a person did the same."""
    with screen(ctx).waiting("looking at what came after"):
        found = client(ctx).score()
    show_hindsight(screen(ctx), found, max(limit, 0))


@app.command(epilog="adopt rule preset\nadopt rule preset classic-2x")
def preset(
    ctx: Context,
    name: Annotated[str | None, Argument(metavar="NAME", help="One of them, whole.")] = None,
) -> None:
    """List what `use` may name: presets, published recipes, and those that are not available."""
    from adopt.client.files import presets

    found = presets()
    if name is None:
        screen(ctx).listing(
            found,
            (
                Column("use", lambda one: one.name, style=lambda one: "" if one.is_available else "dim"),
                Column("does", lambda one: one.do),
                Column("is", lambda one: one.line, gives=True),
                Column("from", lambda one: one.source, spare=True),
            ),
        )
        return
    one = next((one for one in found if one.name == name), None)
    if one is None:
        raise Invalid(f"there is no preset or recipe {name}", try_next="adopt rule preset")
    pairs = [(what, getattr(one, of)) for what, of in _PAIRS]
    screen(ctx).single(one, pairs)


def _mark(one: Heard) -> str:
    return "yellow" if one.holds else ""


_PAIRS = (("use", "name"), ("is", "line"), ("when", "when"), ("do", "do"), ("from", "source"))


def _show_report(out: Screen, report: RuleReport) -> None:
    if out.said.output == "json":
        out.emit(report, ())
        return
    if not out.for_people:
        out.emit(report.chances, _chance_columns())
        return
    out.say(f"{count(report.rules, 'rule')} read, {count(len(report.doubts), 'doubt')}", "bold")
    for doubt in report.doubts:
        out.say(f"{doubt.rule}: {_KINDS[doubt.kind]}: {doubt.sentence}", "yellow", indent="    ")
    if report.chances:
        out.say()
        out.say("How often each pause rule ever pauses, in 14 days of a look an hour", "bold")
        out.table(report.chances, _chance_columns())
        out.foot(
            f"{report.runs:,} simulated ad sets a figure, Poisson results, about "
            f"±{100 / report.runs**0.5:.1f} points; late: 40 % of results are reported 1.5 days later on average",
        )


def _chance_columns() -> tuple[Column, ...]:
    return (
        Column("rule", lambda chance: chance.rule, gives=True),
        Column("spends a day", _spends, "right"),
        Column("on target", lambda chance: f"{chance.on_target:.1%}", "right", style=_alarm),
        Column("and late", lambda chance: f"{chance.on_target_late:.1%}", "right"),
        Column("twice the target", lambda chance: f"{chance.twice:.1%}", "right"),
    )


def _spends(chance: Chance) -> str:
    return f"{chance.spends:g} targets{' (yours)' if chance.is_own else ''}"


def _alarm(chance: Chance) -> str:
    return "red" if chance.on_target_late > 0.05 else ""  # noqa: PLR2004 # the error rate that a policy promises by default
