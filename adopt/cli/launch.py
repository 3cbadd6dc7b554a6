"""`adopt launch`: check a launch, queue it, take it back; write one to start from."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Exit

from adopt.cli import job as jobs
from adopt.cli.coming import coming
from adopt.cli.frame import App, Argument, Context, Option, screen
from adopt.cli.render import Screen
from adopt.cli.session import client
from adopt.cli.table import Column
from adopt.cli.tree import COLUMNS, show_report, summary
from adopt.errors import Invalid, Refused, Unknown
from adopt.model import Currency, Job
from adopt.wording.words import count, when

if TYPE_CHECKING:
    from adopt.client import Client
    from adopt.launch.tree import Launch

app = App("Launch campaigns: check a spec, queue it, take a launch back; write a spec to start from.", usual="run")
_MADE = (
    Column("made as", lambda step: step.name),
    Column("id", lambda step: step.object, gives=True),
)


@app.command(
    epilog="adopt launch autumn.toml\nadopt launch autumn.toml --watch\n"
    'adopt launch autumn.toml --at "tomorrow 09:00"\n'
    "adopt launch autumn.toml --again 2       the same once more, on purpose"
)
def run(
    ctx: Context,
    spec: Annotated[Path, Argument(metavar="SPEC", help="The launch, as TOML or JSON.")],
    *,
    watch: Annotated[bool, Option("--watch", help="Stay and show how it comes on.")] = False,
    at: Annotated[str | None, Option(metavar="WHEN", help="Begin then, in the account's time zone.")] = None,
    again: Annotated[
        str, Option(metavar="NAME", help="Launch the same once more; under the same name it is the same launch.")
    ] = "",
) -> None:
    """Check a launch, queue it, and return: the same launch twice is one job."""
    out, door = screen(ctx), client(ctx)
    report, why = door.check_launch(spec)
    if out.for_people:
        show_report(out, report, why)
    elif report.launch is None:
        out.emit(summary(report), COLUMNS)
    if report.launch is None:
        raise Exit(2)
    if not report.launch.account:
        door.settings.require_account()
    if not report.launch.currency:
        raise Invalid(f"the ad account could not be asked for its currency: {why}", try_next="adopt doctor")
    zone = door.zone_of(report.launch.account) if at else None
    due = coming("--at", at, zone, datetime.now(UTC)) if at else None
    job, is_new = door.launch(report.launch, again=again, due=due)
    _tell_money(out, door, report.launch)
    _tell(out, job, is_new, zone)
    if held := door.hold():
        out.warn(f"adopt is on hold ({held.reason}): it begins after adopt hold off")
    if watch:
        _watch(out, door, job)
        return
    if not out.for_people:
        out.emit(job, ())
    _tell_next(out, door, job)


@app.command(epilog="adopt launch check launch.toml\nadopt launch check launch.toml -o json")
def check(
    ctx: Context,
    spec: Annotated[Path, Argument(metavar="SPEC", help="The launch, as TOML or JSON.")],
) -> None:
    """Check a launch: all that is wrong with it, what it would make, what it could spend; nothing is made."""
    out = screen(ctx)
    report, why = client(ctx).check_launch(spec)
    if out.for_people:
        show_report(out, report, why)
    else:
        out.emit(summary(report), COLUMNS)
    raise Exit(0 if report.launch else 2)


@app.command(epilog="adopt launch init autumn\nadopt launch check autumn/launch.toml")
def init(
    ctx: Context,
    folder: Annotated[Path, Argument(metavar="DIR", help="A folder, made where it is missing.")],
) -> None:
    """Write a launch to start from: launch.toml, a picture and a clip. Nothing is overwritten."""
    from adopt.client.files import start_launch

    out = screen(ctx)
    written = start_launch(folder)
    if not out.for_people:
        out.emit([{"path": str(path)} for path in written], (Column("path", lambda one: one["path"]),))
        return
    for path in written:
        out.say(f"Wrote {path}")
    out.hint(f"adopt launch check {written[0]}")


@app.command(epilog="adopt launch discard 3fa1c2d4")
def discard(
    ctx: Context, name: Annotated[str, Argument(metavar="JOB", help="The launch's job, or the beginning of its id.")]
) -> None:
    """Delete what a launch has made; its pictures and videos stay in the library."""
    out, door = screen(ctx), client(ctx)
    job, made = door.ended_launch(name)
    out.table(made, _MADE)
    out.confirm(f"Delete what {job.name} ({job.id}, {job.shown.lower()}) has made, {count(len(made), 'object')}?")
    done = door.discard(job.id)
    if done.state != "completed":
        raise Unknown(
            f"not everything is deleted yet: {done.error.message if done.error else done.shown}",
            try_next=f"adopt launch discard {job.id}",
        )
    if not out.for_people:
        out.emit(done, ())
    out.say(f"{job.name}: deleted with all that its launch had made.")


def _tell_money(out: Screen, door: "Client", launch: "Launch") -> None:
    room, show = door.room_for(launch), Currency(launch.currency).show
    if room.ceiling is not None:
        runs = f", {show(room.running)} run already" if room.running else ""
        out.foot(f"the policy lets the account spend {show(room.ceiling)} a day{runs}")


def _tell(out: Screen, job: Job, is_new: bool, zone: str | None) -> None:  # noqa: FBT001 # of the job
    if not is_new and job.state in ("failed", "cancelled"):
        raise Refused(
            f"this launch is job {job.id} already, {job.state}: {job.error.message if job.error else 'by your wish'}",
            try_next=f"adopt job retry {job.id} to go on, or --again 2 for another one",
        )
    known = f"This launch was given before and is {job.shown.lower()}: nothing was queued anew,"
    said = "Queued as" if is_new else known
    starts = f"; it begins {when(job.due, zone)}" if job.state == "queued" and job.due > datetime.now(UTC) else ""
    out.say(f"{said} job {job.id}{starts}.")


def _tell_next(out: Screen, door: "Client", job: Job) -> None:
    if job.has_ended:
        out.hint(f"--again {_next_name(job)} launches it once more")
    elif door.is_anyone_at_work():
        out.hint(f"adopt job watch {job.id}")
    else:
        out.say("No worker runs here; what is due is carried out by:")
        out.hint("adopt job run")


def _next_name(job: Job) -> int:
    last = job.key.rpartition(" ")[2]
    return int(last) + 1 if last.isdecimal() else 2


def _watch(out: Screen, door: "Client", job: Job) -> None:
    """Follow a launch to its end; where no worker runs, be the worker."""
    if door.is_anyone_at_work() or job.has_ended:
        jobs.follow(out, door, (job,))
    else:
        out.say("No worker runs here, so this command carries out what is due.")
        with door.working_off() as is_over:
            jobs.follow(out, door, (job,), is_over)
    jobs.report(out, door, (job,))
