"""`adopt job`: what is queued, at work, done or stuck."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

from adopt.cli.frame import App, Argument, Context, Option, screen
from adopt.cli.render import Screen
from adopt.cli.session import client
from adopt.cli.table import Column
from adopt.errors import Unknown
from adopt.model import Job, JobStep
from adopt.wording.words import STYLES, count, when

if TYPE_CHECKING:
    from adopt.client import Client

app = App("List, show, watch, retry, cancel and run the jobs of the queue.")
EVERY_S = 0.25
_MOST = 1000
_Name = Annotated[str, Argument(metavar="JOB", help="The job's id, or the beginning of it.")]


def _count(job: Job) -> str:
    """`3 of 5`: the steps done, of those begun."""
    done = sum(step.state == "done" for step in job.steps)
    return f"{done} of {len(job.steps)}" if job.steps else ""


def _step_state(job: JobStep) -> str:
    return "asked" if job.state == "intended" else job.state


_COLUMNS = (
    Column("job", lambda job: job.id, gives=True),
    Column("kind", lambda job: job.kind),
    Column("name", lambda job: job.name, wraps=True),
    Column("state", lambda job: job.shown, style=lambda job: STYLES.get(job.state, "")),
    Column("steps", _count),
    Column("since", lambda job: when(job.at)),
    Column("error", lambda job: job.error.message if job.error else "", wraps=True),
)
_STEPS = (
    Column("step", lambda step: step.name, gives=True),
    Column("state", _step_state, style=lambda step: STYLES.get(step.state, "")),
    Column("object", lambda step: step.object or ""),
    Column("tries", lambda step: step.attempts, "right"),
    Column("since", lambda step: when(step.at)),
    Column("note", lambda step: step.error.message if step.error else step.note, wraps=True),
)
_REVIEW = (
    Column("reviewed", lambda step: step.object or ""),
    Column("since", lambda step: when(step.at)),
    Column("said", lambda step: step.note, gives=True, wraps=True),
)


@app.command("list", epilog="adopt job list\nadopt job list --open -o json")
def list_(
    ctx: Context,
    *,
    only_open: Annotated[bool, Option("--open", help="Only what waits or runs.")] = False,
    limit: Annotated[int, Option("-l", "--limit", metavar="N", help="The latest N jobs.")] = 25,
) -> None:
    """List the jobs, newest first."""
    screen(ctx).listing(client(ctx).jobs(open_only=only_open, limit=limit), _COLUMNS)


@app.command(epilog="adopt job get 3fa1c2d4")
def get(ctx: Context, name: _Name) -> None:
    """Show a job with its steps."""
    out, door = screen(ctx), client(ctx)
    job = door.job(name)
    _show(out, job)
    if job.kind == "launch" and (review := door.review_of(job)):
        _show_review(out, review)


@app.command(epilog="adopt job watch 3fa1c2d4\nadopt job watch")
def watch(
    ctx: Context,
    name: Annotated[str | None, Argument(metavar="JOB", help="One job; all that are open if not said.")] = None,
) -> None:
    """Show live how jobs come on, until they have ended; where nobody works at them, a daemon is started."""
    from adopt.cli.daemon import ensure

    out, door = screen(ctx), client(ctx)
    jobs = (door.job(name),) if name else door.jobs(open_only=True, limit=_MOST)
    if any(not job.has_ended for job in jobs) and not door.is_anyone_at_work() and not ensure(ctx):
        out.note("nobody works at the queue: adopt daemon start, or adopt job run")
    follow(out, door, jobs)
    report(out, door, jobs)


@app.command(epilog="adopt job retry 3fa1c2d4")
def retry(ctx: Context, name: _Name) -> None:
    """Let a failed or cancelled job go on from its last finished step."""
    job = client(ctx).retry_job(name)
    _changed(screen(ctx), job, f"Job {job.id} is queued again.", f"adopt job watch {job.id}")


@app.command(epilog="adopt job cancel 3fa1c2d4")
def cancel(ctx: Context, name: _Name) -> None:
    """Cancel a waiting job at once, a running one before its next step."""
    job = client(ctx).cancel_job(name)
    is_over = job.state == "cancelled"
    said = f"Job {job.id} is cancelled." if is_over else f"Job {job.id} will end before its next step."
    _changed(screen(ctx), job, said, f"adopt job get {job.id}")


@app.command(epilog="adopt job run\n*/5 * * * * adopt job run -q")
def run(ctx: Context) -> None:
    """Work off in the foreground what is due within ten minutes, and end."""
    out, door = screen(ctx), client(ctx)
    jobs = door.jobs(open_only=True, limit=_MOST)
    with door.working_off() as is_over:
        follow(out, door, jobs, is_over)
    report(out, door, jobs)


def follow(out: Screen, door: "Client", jobs: Sequence[Job], is_over: Callable[[], bool] = lambda: False) -> None:
    """Show how jobs come on until each has ended, or it is over: in place on a terminal, else a line a change."""
    shown = {job.id: "" for job in jobs}
    height = 0
    while not is_over() and any(not job.has_ended for job in jobs):
        jobs = door.jobs_named([job.id for job in jobs])
        if out.room and out.for_people:
            height = out.redraw(jobs, _COLUMNS, height)
        else:
            _tell(out, jobs, shown)
        time.sleep(EVERY_S)
    out.redraw((), _COLUMNS, height)


def report(out: Screen, door: "Client", jobs: Sequence[Job]) -> None:
    """What became of the jobs; Unknown, which is exit 7, if any failed."""
    ended = door.jobs_named([job.id for job in jobs])
    if len(ended) == 1:
        _show(out, ended[0])
    elif ended or not out.for_people:
        out.listing(ended, _COLUMNS)
    else:
        out.say("No job waits or runs.")
    failed = [job.id for job in ended if job.state == "failed"]
    if failed:
        raise Unknown(f"{count(len(failed), 'job')} failed: {', '.join(failed)}", try_next=f"adopt job get {failed[0]}")


def _tell(out: Screen, jobs: Sequence[Job], shown: dict[str, str]) -> None:
    for job in jobs:
        if job.shown != shown[job.id]:
            shown[job.id] = job.shown
            out.say(f"{job.id}  {job.name}: {job.shown}")


def _changed(out: Screen, job: Job, said: str, following: str) -> None:
    if not out.for_people:
        out.emit(job, ())
    out.say(said)
    out.hint(following)


def _show(out: Screen, job: Job) -> None:
    error = job.error
    pairs = (
        ("job", job.id),
        ("kind", job.kind),
        ("name", job.name),
        ("ad account", job.lane),
        ("state", job.shown),
        ("queued", when(job.created_at)),
        ("since", when(job.at)),
        ("goes on", when(job.due) if job.state == "queued" else ""),
        ("failures", job.failures or ""),
        ("error", error.message if error else ""),
        ("try", error.next if error else ""),
    )
    out.single(job, pairs)
    if job.steps:
        out.say()
        out.table(job.steps, _STEPS)
    if job.kind == "launch" and job.state in ("failed", "cancelled"):
        _show_ways_on(out, job)


def _show_review(out: Screen, review: Job) -> None:
    """What Meta's review made of a launch so far."""
    said = [step for step in review.steps if step.note]
    out.say()
    if not review.has_ended:
        out.say(f"Meta's review is watched by job {review.id}{': nothing is known yet' if not said else ', so far:'}")
    if said:
        out.table(said, _REVIEW)


def _show_ways_on(out: Screen, job: Job) -> None:
    """What a launch that stopped half-way leaves open."""
    made = sum(step.object is not None for step in job.steps)
    out.say()
    out.say(f"{count(made, 'step')} of it {'is' if made == 1 else 'are'} made, under the ids above. Two ways on:")
    out.terms(
        (
            (f"adopt job retry {job.id}", "goes on from there; nothing is made twice"),
            (f"adopt launch discard {job.id}", "deletes what it has made"),
        )
    )
