"""The report: a table of simulated seeds beside files, and the verdicts."""

from collections.abc import Sequence
from statistics import median

from bench.realism.checks import CHECKS, Check
from bench.realism.panel import DAILY, Found, holds, looks_real

WIDTH = 22


def table(simulated: Sequence[Found], files: Sequence[Found]) -> list[str]:
    """Give a row a check: what is accepted, what the seeds have and how many pass, what each file has."""
    names = list(dict.fromkeys(one.panel for one in files))
    head = [f"{'':2} {'check':<26} {'accept':<38} {'seeds, median':<24} {'pass':>9}"]
    head[0] += "".join(f" {name[: WIDTH - 2]:>{WIDTH}}" for name in names)
    rows = [_row(check, simulated, files, names) for check in CHECKS]
    return [*head, *rows, "", *verdicts(simulated, files)]


def verdicts(simulated: Sequence[Found], files: Sequence[Found]) -> list[str]:
    """Give a sentence on the seeds, and one on each file."""
    numbers = ", ".join(str(check.number) for check in failing(simulated))
    said = [f"simulated: {f'fails checks {numbers}' if numbers else 'looks real'}"] if simulated else []
    names = dict.fromkeys(one.panel for one in files)
    return said + [_verdict(name, [one for one in files if one.panel == name]) for name in names]


def failing(simulated: Sequence[Found]) -> list[Check]:
    """Give the checks that too few seeds pass."""
    return [one for one in CHECKS if (done := holds(one, simulated))[1] and done[0] < one.seeds * done[1]]


def _verdict(name: str, own: Sequence[Found]) -> str:
    known, wrong = (sum(one.passed is kind for one in own if one.check <= DAILY) for kind in (True, False))
    if not known + wrong:
        return f"{name}: has no daily rows"
    return f"{name}: {'looks real' if looks_real(own) else 'rejected'}, fails {wrong} of {known + wrong} daily checks"


def _row(check: Check, simulated: Sequence[Found], files: Sequence[Found], names: Sequence[str]) -> str:
    own = [one for one in simulated if one.check == check.number]
    done, known = holds(check, simulated)
    middle = _figures(tuple(_median([one.figures[n] for one in own]) for n in range(len(check.accept))))
    accept = " ".join(f"{_short(low)}..{_short(high)}" for low, high in check.accept)
    passed = f"{done}/{known}{'' if done >= check.seeds * known else ' !'}" if known else "-"
    row = f"{check.number:>2} {check.name:<26} {accept:<38} {middle:<24} {passed:>9}"
    for name in names:
        found = next((one for one in files if (one.panel, one.check) == (name, check.number)), None)
        mark = " !" if found and found.passed is False else "  "
        row += f" {(_figures(found.figures) if found else '-') + mark:>{WIDTH}}"
    return row.rstrip()


def _median(figures: Sequence[float | None]) -> float | None:
    known = [one for one in figures if one is not None]
    return median(known) if known else None


def _figures(figures: Sequence[float | None]) -> str:
    return (
        " ".join("-" if one is None else f"{one:.2f}" for one in figures)
        if any(f is not None for f in figures)
        else "-"
    )


def _short(value: float) -> str:
    return "" if abs(value) == float("inf") else f"{value:.3g}"
