"""What the account has taught: when it was polled, how late results come and how unevenly, and whether they do."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from adopt.engine.delay import LEAST_CONVERSIONS, slow
from adopt.engine.health import Share, shares, variation
from adopt.engine.tracking import Window, silent_tracking, windows
from adopt.model import Finding
from adopt.operations.doctor.patient import Patient, finding
from adopt.store.polls import PollHeader

_GAP = timedelta(hours=26)  # a day, and patience with cron
_LOOK_BACK = timedelta(days=14)
_FEW = 30  # ad-set days, too few to compare
_UNEVEN = 3.0  # variance over mean
_UNHEARD = "too few days are known to tell whether results come as they should"


def polls(patient: Patient) -> Iterator[Finding]:
    """Whether polls are missing."""
    if not patient.polls:
        if patient.store:
            yield finding(polls, "note", "the account was never polled", why="nothing can be judged", do="adopt plan")
        return
    last = patient.polls[-1].as_of
    if patient.now - last > _GAP:
        yield finding(
            polls,
            "warning",
            f"the last poll is {_span(patient.now - last)} old, of {patient.local(last)}",
            why="nothing is watched meanwhile",
            do="a line in crontab: 0 */4 * * * adopt optimize -q",
        )
    gaps = _gaps(patient.polls, patient)
    if gaps:
        since, until = max(gaps, key=lambda gap: gap[1].as_of - gap[0].as_of)
        yield finding(
            polls,
            "note",
            f"{len(gaps)} gap{'s' * (len(gaps) != 1)} between polls of the last 14 days, the longest "
            f"{_span(until.as_of - since.as_of)} from {patient.local(since.as_of)}",
            why="spend of a gap counts from its end, so that proof takes longer",
            data={"gaps": [[since.as_of, until.as_of] for since, until in gaps]},
        )
    count = len(patient.polls)
    said = f"{count:,} poll{'s' * (count != 1)} since {patient.local(patient.polls[0].as_of)}"
    yield finding(polls, "ok", f"{said}, the last of {patient.local(last)}", data={"polls": count})


def delay(patient: Patient) -> Iterator[Finding]:
    """The delay curve that decisions go by."""
    if patient.snapshot is None or patient.policy is None:
        return
    curve = patient.snapshot.curve or slow(patient.policy.target.window)
    told = shares(curve)
    said = ", ".join(map(_share, told))
    data: dict[str, object] = {"hours": [one.hours for one in told], "share": [one.share for one in told]}
    data |= {"error": [one.error for one in told], "results": curve.conversions}
    if not curve.assumed:
        said = f"learned from {curve.conversions:,.0f} results: reported {said}"
        yield finding(delay, "ok", said, data={**data, "learned": True})
        return
    yield finding(
        delay,
        "note",
        f"a slow default is used: reported {said}",
        why="a pause is proven later than with the account's own delays",
        do=_missing(patient),
        data={**data, "learned": False},
    )


def dispersion(patient: Patient) -> Iterator[Finding]:
    """How much more than chance the days vary, and so how much less a result counts."""
    if patient.snapshot is None or patient.policy is None:
        return
    seen = variation(patient.snapshot, patient.policy)
    data = {"cells": seen.cells, "cv": seen.cv, "over_chance": seen.over_chance}
    if seen.cells < _FEW:
        yield finding(dispersion, "note", f"only {seen.cells} days of ad sets to compare", data=data)
        return
    times = f"{seen.over_chance:.1f} times as much as by chance alone"
    said = f"results vary {times}, and count for so much less (from {seen.cells:,} days of ad sets)"
    if seen.over_chance <= _UNEVEN:
        yield finding(dispersion, "ok", said, data=data)
    else:
        why = "decisions take as much longer"
        yield finding(dispersion, "note", said, why=why, do="look for sales, outages or double counting", data=data)


def tracking(patient: Patient) -> Iterator[Finding]:
    """Whether the account's results have fallen silent, and whether that could be seen."""
    if patient.snapshot is None or patient.policy is None:
        return
    curve = patient.snapshot.curve or slow(patient.policy.target.window)
    heard = tuple(windows(patient.snapshot, curve))
    data = {name: [getattr(one, name) for one in heard] for name in ("hours", "arrived", "due", "can_tell")}
    if silent := silent_tracking(patient.snapshot, curve):
        why, do = (
            "without results every ad set looks bad",
            "look at the pixel and the conversions API in Events Manager",
        )
        yield finding(tracking, "warning", silent, why=why, do=do, data=data)
    elif clear := next((one for one in heard if one.can_tell), None):
        said = f"{_heard(clear)}; a silence of {clear.hours:.0f} h would be seen"
        yield finding(tracking, "ok", said, data=data)
    else:
        said = f"too few results, or too uneven ones, to tell within 72 h: {_heard(heard[-1])}" if heard else _UNHEARD
        why = "an outage would be seen late, and until then ad sets look bad for it"
        do = "after a change of the site, see in Events Manager that results still come"
        yield finding(tracking, "note", said, why=why, do=do, data=data)


def _heard(window: Window) -> str:
    """`31 results in the last 24 h where about 28 are usual`."""
    few = f"{window.due:.1f}" if window.due < 10 else f"{window.due:,.0f}"  # noqa: PLR2004 # digits of a small number
    return f"{window.arrived:,.0f} results in the last {window.hours:.0f} h where about {few} are usual"


def _share(one: Share) -> str:
    """`52 % ± 3 within 24 h`."""
    error = "" if one.error is None else f" ± {one.error * 100:.0f}"
    age = f"{one.hours:g} h" if one.hours < 168 else f"{one.hours / 24:g} d"  # noqa: PLR2004 # a week is told in days
    return f"{one.share * 100:.0f} %{error} within {age}"


def _missing(patient: Patient) -> str:
    found = float(patient.snapshot.days.results.sum()) if patient.snapshot else 0.0
    if found < LEAST_CONVERSIONS:
        return f"nothing but wait: {found:,.0f} results are known, {LEAST_CONVERSIONS} are needed at least"
    return f"nothing but wait: the {found:,.0f} results known do not tell the delays surely enough yet"


def _gaps(headers: Sequence[PollHeader], patient: Patient) -> list[tuple[PollHeader, PollHeader]]:
    recent = [header for header in headers if patient.now - header.as_of <= _LOOK_BACK]
    return [(one, two) for one, two in pairwise(recent) if two.as_of - one.as_of > _GAP]


def _span(length: timedelta) -> str:
    hours = length / timedelta(hours=1)
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"  # noqa: PLR2004 # longer is told in days
