"""`adopt mock`: the flight simulator, and its clock, truth and faults."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from adopt.cli.frame import App, Argument, Context, Option, screen
from adopt.cli.table import Column
from adopt.errors import Invalid, Unreachable
from adopt.mock.faults import KINDS, Kind

app = App("Run the flight simulator: Meta's API over a simulated market.")

Control = Annotated[str | None, Option(metavar="URL", help="Its control port, if it is not the one started last.")]


@app.command(
    epilog="adopt mock serve                         one JSON line when it is ready: where, and with which tokens\n"
    "adopt mock serve --seed 3 --ad-sets 40 --days 60 --state world.json\n"
    "adopt mock serve --currency JPY --timezone Asia/Tokyo --now 2026-03-01T09:00:00+09:00\n"
    "adopt mock serve --proxy                 for Meta's SDK, its command line, and whatever else calls Meta itself"
)
def serve(  # noqa: PLR0913 # one option for each trait of a world
    *,
    port: Annotated[int, Option(metavar="PORT", help="The port to listen on; 0 picks a free one.")] = 8421,
    host: Annotated[
        str, Option(metavar="ADDRESS", help="The address to listen on; others than you reach it.")
    ] = "127.0.0.1",
    seed: Annotated[int, Option(metavar="N", help="Which world: the same seed tells the same story.")] = 7,
    ad_sets: Annotated[int, Option(metavar="N", help="How many ad sets.")] = 12,
    days: Annotated[int, Option(metavar="N", help="How many days of history, before today.")] = 30,
    currency: Annotated[str, Option(metavar="CODE", help="The ad account's currency.")] = "USD",
    timezone: Annotated[str, Option(metavar="ZONE", help="Its time zone.")] = "America/New_York",
    season: Annotated[bool, Option("--season", help="Let months and Black Friday move prices.")] = False,
    preset: Annotated[
        str, Option(metavar="NAME", help="Which kind of business: see adopt mock preset list.")
    ] = "ecommerce",
    realistic: Annotated[
        bool, Option("--realistic", help="An account among others with a busy owner, not a story.")
    ] = False,
    speed: Annotated[float, Option(metavar="X", help="How fast time runs: at 3600 an hour takes a second.")] = 1,
    strict_v26: Annotated[
        bool, Option("--strict-v26", help="Refuse ?ids= at the root and ETags, as Meta does since 2026-10-27.")
    ] = False,
    now: Annotated[
        str | None, Option(metavar="ISO", help="The simulated time at the start, if not the real one.")
    ] = None,
    state: Annotated[
        Path | None, Option(metavar="FILE", help="Remember edits and time here, and go on from it.")
    ] = None,
    proxy: Annotated[
        bool, Option("--proxy", help="Also stand in for Meta's own hosts, by TLS, for programs that call only these.")
    ] = False,
    strict_limits: Annotated[
        bool, Option("--strict-limits", help="Enforce Meta's rate limits, in simulated time.")
    ] = False,
    tier: Annotated[
        Literal["standard", "development"], Option(help="The app's access tier, which sets the limits.")
    ] = "standard",
) -> None:
    """Serve a simulated ad account until stopped."""
    from adopt.mock.account import Options
    from adopt.mock.limits import Limits
    from adopt.mock.serve import serve as run

    options = Options(
        seed=seed,
        ad_sets=ad_sets,
        days=days,
        currency=currency.upper(),
        timezone=timezone,
        season=season,
        preset=preset,
        realistic=realistic,
        strict_v26=strict_v26,
    )
    try:
        with _history_shown(ad_sets * days) as progress:
            run(
                options,
                host=host,
                port=port,
                now=now,
                state=state,
                speed=speed,
                progress=progress,
                proxy=proxy,
                limits=Limits(strict=strict_limits, tier=tier),
            )
    except ValueError as error:
        raise Invalid(str(error), try_next="adopt mock serve --help") from error
    except OSError as error:
        raise Unreachable(f"cannot listen on {host}:{port}: {error}", try_next="adopt mock serve --port 0") from error


@app.command(epilog="adopt mock preset list\nadopt mock preset list -o json")
def preset(
    ctx: Context,
    _: Annotated[Literal["list"], Argument(metavar="list", help="What to do.")] = "list",
) -> None:
    """List the kinds of business, and the levels that tell them apart."""
    from adopt.mock.businesses import described
    from adopt.mock.parameters import MEANING, PRESETS

    usual = PRESETS["ecommerce"]
    names = [name for name in MEANING if any(getattr(one, name) != getattr(usual, name) for one in PRESETS.values())]
    rows = [
        {
            "parameter": name,
            **{kind: getattr(one, name) for kind, one in PRESETS.items()},
            "least": MEANING[name][2][0],
            "most": MEANING[name][2][1],
            "unit": MEANING[name][1],
            "meaning": MEANING[name][0],
        }
        for name in names
    ]
    screen(ctx).listing(rows, _PRESETS, footer=described())


@app.command(epilog="adopt mock advance 1d\nadopt mock advance 36h")
def advance(
    ctx: Context,
    by: Annotated[str, Argument(metavar="DURATION", help="How much: 90m, 36h, 1d, 2w.")],
    control: Control = None,
) -> None:
    """Let simulated time pass."""
    from adopt.mock.control import advance as pass_time

    answer = _ask(lambda: pass_time(control, by))
    screen(ctx).single(answer, [("now", answer["now"])])


@app.command(epilog="adopt mock truth\nadopt mock truth -o json")
def truth(ctx: Context, control: Control = None) -> None:
    """Show what only the simulator knows: which ad sets are good."""
    from adopt.mock.control import truth as tell

    out, answer = screen(ctx), _ask(lambda: tell(control))
    if not out.for_people:
        out.emit(answer if out.said.output == "json" else answer["ad_sets"], _TRUTH)
        return
    result = answer["result"].replace("_", " ")
    footer = f"{answer['now']}; break-even: {answer['target_cpa']} {answer['currency']} for each {result}"
    out.listing(answer["ad_sets"], _TRUTH, footer=[footer, *map(_scenario_line, answer["scenarios"])])


@app.command(epilog="adopt mock reset")
def reset(ctx: Context, control: Control = None) -> None:
    """Begin again as at the first start."""
    from adopt.mock.control import reset as again

    answer = _ask(lambda: again(control))
    screen(ctx).single(answer, [("now", answer["now"])])


@app.command(
    epilog="adopt mock fault drop_after --method POST      the next write is made, its answer lost\n"
    "adopt mock fault error --code 80004 --subcode 2446079 --status 400 --path insights\n"
    "adopt mock fault lag --path /adsets --seconds 60 --times 0\n"
    "adopt mock fault list\n"
    "adopt mock fault clear"
)
def fault(  # noqa: PLR0913 # one option for each trait of a fault
    ctx: Context,
    kind: Annotated[
        Literal[Kind, "list", "clear"],
        Argument(metavar="KIND", help=f"What goes wrong: {', '.join(KINDS)}; or list what waits, or clear it."),
    ],
    *,
    method: Annotated[str | None, Option(metavar="METHOD", help="Only in calls of this method.")] = None,
    path: Annotated[str, Option(metavar="TEXT", help="Only in calls whose path has this in it.")] = "",
    nth: Annotated[int, Option(metavar="N", help="The first such call to go wrong.")] = 1,
    times: Annotated[int, Option(metavar="N", help="How many go wrong; 0: all from then on.")] = 1,
    code: Annotated[int, Option(metavar="CODE", help="Meta's error code.")] = 1,
    subcode: Annotated[int | None, Option(metavar="CODE", help="And subcode.")] = None,
    status: Annotated[int, Option(metavar="STATUS", help="The HTTP status.")] = 500,
    seconds: Annotated[float, Option(metavar="S", help="How long a call hangs, is slow, or lists lag.")] = 30.0,
    control: Control = None,
) -> None:
    """Let a coming call go wrong."""
    from adopt.mock import control as door

    if kind == "clear":
        _ask(lambda: door.forget_faults(control))
        return
    if kind == "list":
        screen(ctx).listing(_ask(lambda: door.faults(control)), _FAULTS)
        return
    how = {"method": method, "path": path, "nth": nth, "times": times, "code": code, "subcode": subcode}
    answer = _ask(lambda: door.fault(control, kind, **how, status=status, seconds=seconds))
    screen(ctx).single(answer, answer["fault"].items())


@app.command(
    epilog="adopt mock scenario list\n"
    'adopt mock scenario start "landing page down" --at +2h --for 6h --ad-set NAME --strength 0.05\n'
    'adopt mock scenario start "bad performance" --ad-set NAME\n'
    'adopt mock scenario stop "bad performance"         or a number, or all'
)
def scenario(  # noqa: PLR0913 # one option for each trait of a scenario
    ctx: Context,
    what: Annotated[Literal["list", "start", "stop"], Argument(help="What to do.")],
    name: Annotated[str | None, Argument(metavar="NAME", help="Which scenario, in any case.")] = None,
    *,
    at: Annotated[str | None, Option(metavar="TIME", help="When it begins: +2h, or a local time; now.")] = None,
    length: Annotated[str | None, Option("--for", metavar="DURATION", help="How long, if not as usual.")] = None,
    strength: Annotated[float | None, Option(metavar="X", help="How strong, if not as usual.")] = None,
    campaign: Annotated[str | None, Option(metavar="NAME", help="On a campaign: name or id.")] = None,
    ad_set: Annotated[str | None, Option(metavar="NAME", help="On an ad set: name or id.")] = None,
    ad: Annotated[str | None, Option(metavar="NAME", help="On an ad: name or id.")] = None,
    event: Annotated[str | None, Option(metavar="EVENT", help="Which event breaks: landed, carts, checkouts.")] = None,
    control: Control = None,
) -> None:
    """Let something go wrong in the account: tracking, traffic, prices, a shop, an ad set, a bill."""
    from adopt.mock import control as door

    out = screen(ctx)
    if what == "list":
        answer = _ask(lambda: door.scenarios(control))
        out.emit(answer, ()) if out.said.output == "json" else out.listing(answer["scenarios"], _SCENARIOS)
        return
    if name is None:
        raise Invalid(f"say which scenario to {what}", try_next="adopt mock scenario list")
    if what == "stop":
        out.listing(_ask(lambda: door.stop_scenarios(control, name))["stopped"], _INJECTED)
        return
    how = {"at": at, "for": length, "strength": strength, "event": event}
    wish = {**how, "campaign": campaign, "ad_set": ad_set, "ad": ad}
    answer = _ask(lambda: door.start_scenario(control, name, **wish))
    out.single(answer["started"], answer["started"].items())


_SCENARIOS = [
    Column("scenario", lambda one: one["name"]),
    Column("on", lambda one: ", ".join(one["levels"])),
    Column(
        "for", lambda one: f"{one['hours'] // 24}d" if one["hours"] % 24 == 0 else f"{one['hours']}h", align="right"
    ),
    Column("strength", lambda one: f"{one['strength']:g}" if one["least"] < one["most"] else "", align="right"),
    Column(
        "from, to",
        lambda one: f"{one['least']:g}, {one['most']:g}" if one["least"] < one["most"] else "",
        align="right",
    ),
    Column("what strength is", lambda one: one["meaning"], gives=True),
]
_INJECTED = [
    Column("number", lambda one: one["number"], align="right"),
    Column("scenario", lambda one: one["scenario"]),
    Column("on", lambda one: f"{one['level']} {one['name']}", gives=True),
    Column("start", lambda one: one["start"]),
    Column("end", lambda one: one["end"]),
    Column("strength", lambda one: f"{one['strength']:g}", align="right"),
    Column("state", lambda one: one["state"]),
]


tokens = App("Make, list and take back access tokens of the simulated app.")
app.add_typer(tokens, name="token")


@tokens.command(
    "new",
    epilog="adopt mock token new --scopes ads_read                  it may look and change nothing\n"
    "adopt mock token new --expires 90m --kind USER",
)
def new_token(
    ctx: Context,
    *,
    scopes: Annotated[
        str | None, Option(metavar="LIST", help="Its permissions, with commas; all that ads need, if not given.")
    ] = None,
    expires: Annotated[
        str | None, Option(metavar="DURATION", help="How long it lives in simulated time: 90m, 60d; else for ever.")
    ] = None,
    kind: Annotated[Literal["SYSTEM_USER", "USER"], Option(help="Whose token it is.")] = "SYSTEM_USER",
    control: Control = None,
) -> None:
    """Make an access token."""
    from adopt.mock import control as door

    how: dict[str, Any] = {"expires": expires, "kind": kind}
    if scopes is not None:
        how["scopes"] = [part.strip() for part in scopes.split(",") if part.strip()]
    answer = _ask(lambda: door.new_token(control, **how))
    screen(ctx).single(answer, [(one.title, one.cell(answer)) for one in _TOKENS])


@tokens.command("list", epilog="adopt mock token list -o json")
def list_tokens(ctx: Context, control: Control = None) -> None:
    """List the access tokens there are."""
    from adopt.mock import control as door

    screen(ctx).listing(_ask(lambda: door.tokens(control)), _TOKENS)


@tokens.command("revoke", epilog="adopt mock token revoke EAAG...")
def revoke_token(token: Annotated[str, Argument(metavar="TOKEN", help="The token.")], control: Control = None) -> None:
    """Take an access token back: calls with it fail with 190/460 from here on."""
    from adopt.mock import control as door

    _ask(lambda: door.revoke_token(control, token))


_FAULTS = [
    Column("kind", lambda one: one["kind"]),
    Column("method", lambda one: one["method"] or "any"),
    Column("path", lambda one: one["path"], gives=True),
    Column("nth", lambda one: one["nth"], align="right"),
    Column("times", lambda one: one["times"] or "all", align="right"),
    Column("seen", lambda one: one["seen"], align="right"),
]
_TOKENS = [
    Column("access_token", lambda one: one["access_token"]),
    Column("kind", lambda one: one["kind"]),
    Column("state", lambda one: one["state"]),
    Column("expires", lambda one: one["expires"] or "never"),
    Column("scopes", lambda one: ", ".join(one["scopes"]), gives=True),
]
_TRUTH = [
    Column("id", lambda one: one["id"]),
    Column("name", lambda one: one["name"], gives=True),
    Column("status", lambda one: one["effective_status"]),
    Column("expected_cpa", lambda one: f"{one['expected_cpa']:.2f}", align="right"),
    Column("good", lambda one: "yes" if one["good"] else "no"),
    Column("spend", lambda one: one["spend"], align="right"),
    Column("conversions", lambda one: one["conversions"], align="right"),
    Column("reported", lambda one: one["reported"]["conversions"], align="right"),
    Column("reported_cpa", lambda one: _money(one["reported"]["cpa"]), align="right"),
]
_PRESETS = [
    Column("parameter", lambda one: one["parameter"]),
    Column("meaning", lambda one: one["meaning"], gives=True),
    Column("unit", lambda one: one["unit"]),
    Column("ecommerce", lambda one: f"{one['ecommerce']:g}", align="right"),
    Column("leads", lambda one: f"{one['leads']:g}", align="right"),
    Column("app", lambda one: f"{one['app']:g}", align="right"),
    Column("high_ticket", lambda one: f"{one['high-ticket']:g}", align="right"),
]
LONG = 20_000  # ad-set-days of history from which on a terminal is shown how far it is


def _money(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


@contextmanager
def _history_shown(size: int) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how far a long history is."""
    if size < LONG or not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("The account's history")

        def tell(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)
            if done == of:
                bar.stop()

        yield tell


def _scenario_line(one: dict[str, Any]) -> str:
    on = "the account" if one["level"] == "account" else f"{one['level']} {one['name']!r}"
    return f"{one['state']}: {one['scenario']} on {on}, {one['start']} to {one['end']}, strength {one['strength']:g}"


def _ask(call: Callable[[], Any]) -> Any:
    from adopt.mock.control import ControlError, ControlRefused

    try:
        return call()
    except ControlRefused as error:
        raise Invalid(str(error)) from error
    except ControlError as error:
        raise Unreachable(str(error), try_next="adopt mock serve") from error
