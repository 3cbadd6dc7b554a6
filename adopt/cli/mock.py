"""`adopt mock`: the flight simulator, and its clock, truth and faults."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from adopt.cli.frame import App, Argument, Context, Option, screen
from adopt.cli.table import Column
from adopt.errors import Invalid, Unreachable

app = App("Run the flight simulator: Meta's API over a simulated market.")

Control = Annotated[str | None, Option(metavar="URL", help="Its control port, if it is not the one started last.")]


@app.command(
    epilog="adopt mock serve                         one JSON line when it is ready: where, and with which tokens\n"
    "adopt mock serve --seed 3 --ad-sets 40 --days 60 --state world.json\n"
    "adopt mock serve --currency JPY --timezone Asia/Tokyo --now 2026-03-01T09:00:00+09:00"
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
    now: Annotated[
        str | None, Option(metavar="ISO", help="The simulated time at the start, if not the real one.")
    ] = None,
    state: Annotated[
        Path | None, Option(metavar="FILE", help="Remember edits and time here, and go on from it.")
    ] = None,
) -> None:
    """Serve a simulated ad account until stopped."""
    from adopt.mock.account import Options
    from adopt.mock.serve import serve as run

    options = Options(
        seed=seed, ad_sets=ad_sets, days=days, currency=currency.upper(), timezone=timezone, season=season
    )
    try:
        run(options, host=host, port=port, now=now, state=state)
    except ValueError as error:
        raise Invalid(str(error), try_next="adopt mock serve --help") from error
    except OSError as error:
        raise Unreachable(f"cannot listen on {host}:{port}: {error}", try_next="adopt mock serve --port 0") from error


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
    footer = f"{answer['now']}; break-even: {answer['target_cpa']} {answer['currency']} a purchase"
    out.listing(answer["ad_sets"], _TRUTH, footer=[footer])


@app.command(epilog="adopt mock reset")
def reset(ctx: Context, control: Control = None) -> None:
    """Begin again as at the first start."""
    from adopt.mock.control import reset as again

    answer = _ask(lambda: again(control))
    screen(ctx).single(answer, [("now", answer["now"])])


@app.command(
    epilog="adopt mock fault drop_after --method POST      the next write is made, its answer lost\n"
    "adopt mock fault error --code 80004 --subcode 2446079 --status 400 --path insights\n"
    "adopt mock fault clear"
)
def fault(  # noqa: PLR0913 # one option for each trait of a fault
    ctx: Context,
    kind: Annotated[
        Literal["error", "http", "drop", "drop_after", "hang", "truncate", "clear"],
        Argument(help="What goes wrong; clear lets nothing go wrong any more."),
    ],
    *,
    method: Annotated[str | None, Option(metavar="METHOD", help="Only in calls of this method.")] = None,
    path: Annotated[str, Option(metavar="TEXT", help="Only in calls whose path has this in it.")] = "",
    nth: Annotated[int, Option(metavar="N", help="The first such call to go wrong.")] = 1,
    times: Annotated[int, Option(metavar="N", help="How many go wrong.")] = 1,
    code: Annotated[int, Option(metavar="CODE", help="Meta's error code.")] = 1,
    subcode: Annotated[int | None, Option(metavar="CODE", help="And subcode.")] = None,
    status: Annotated[int, Option(metavar="STATUS", help="The HTTP status.")] = 500,
    seconds: Annotated[float, Option(metavar="S", help="How long a hanging call hangs.")] = 30.0,
    control: Control = None,
) -> None:
    """Let a coming call go wrong."""
    from adopt.mock import control as door

    if kind == "clear":
        _ask(lambda: door.forget_faults(control))
        return
    how = {"method": method, "path": path, "nth": nth, "times": times, "code": code, "subcode": subcode}
    answer = _ask(lambda: door.fault(control, kind, **how, status=status, seconds=seconds))
    screen(ctx).single(answer, answer["fault"].items())


_TRUTH = [
    Column("id", lambda one: one["id"]),
    Column("name", lambda one: one["name"], gives=True),
    Column("status", lambda one: one["effective_status"]),
    Column("expected_cpa", lambda one: f"{one['expected_cpa']:.2f}", align="right"),
    Column("good", lambda one: "yes" if one["good"] else "no"),
    Column("spend", lambda one: one["spend"], align="right"),
    Column("conversions", lambda one: one["conversions"], align="right"),
]


def _ask(call: Callable[[], Any]) -> Any:
    from adopt.mock.control import ControlError

    try:
        return call()
    except ControlError as error:
        raise Unreachable(str(error), try_next="adopt mock serve") from error
