"""Everything measured: seeds in parallel, then files, and which checks they pass."""

from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct

from bench.realism import files
from bench.realism.checks import CHECKS, Check
from bench.realism.frame import Daily, Floats, Panel, daily
from bench.realism.reports import levels
from bench.realism.response import respond
from bench.realism.simulated import account

PAIRED: Final = 5  # seeds of which sameness is looked at
SLACK: Final = 2  # of the checks of daily rows, so many a real account may fail
DAILY: Final = 12  # the last of them


class Found(Struct, frozen=True):
    """What one check found in one account or file; passed is None where it could not be measured."""

    check: int
    panel: str
    figures: tuple[float | None, ...]
    passed: bool | None


class Size(Struct, frozen=True):
    """How much is simulated."""

    seeds: int
    ad_sets: int
    days: int
    first: int = 1  # the first seed


def simulate(size: Size, workers: int) -> list[Found]:
    """Measure every seed, then all of them together."""
    jobs = [(seed, size) for seed in range(size.first, size.first + size.seeds)]
    with get_context("spawn").Pool(workers) as pool:
        done = pool.starmap(_one, jobs)
    estimate, configured = np.mean([each.response for each in done], axis=0).tolist()
    spread = np.array([each.levels for each in done])
    together = Panel("all seeds", NOTHING, NOTHING, levels=spread, response=(estimate, configured))
    return [one for each in done for one in each.found] + [one for one in check(together) if one.passed is not None]


def measure_files(directory: Path) -> list[Found]:
    """Measure every file of a directory."""
    return [one for panel in files.panels(directory) for one in check(panel)]


def check(panel: Panel) -> list[Found]:
    """Measure a panel by every check."""
    return [_found(one, panel.name, one.measure(panel)) for one in CHECKS]


def looks_real(found: Sequence[Found]) -> bool:
    """Tell whether a file's daily rows fail no more checks than a real account may."""
    return sum(one.passed is False for one in found if one.check <= DAILY) <= SLACK


def holds(one: Check, found: Sequence[Found]) -> tuple[int, int]:
    """Give how many seeds pass a check, and of how many."""
    known = [each.passed for each in found if each.check == one.number and each.passed is not None]
    return sum(known), len(known)


class _Seed(NamedTuple):
    """What came of one seed."""

    found: list[Found]
    levels: Floats
    response: tuple[float, float]


def _one(seed: int, size: Size) -> _Seed:
    panel = account(seed, size.ad_sets, size.days, paired=seed < size.first + PAIRED)
    return _Seed(check(panel), levels(panel.days), respond(seed, size.ad_sets))


def _found(one: Check, name: str, figures: Floats) -> Found:
    shown = tuple(None if np.isnan(figure) else float(figure) for figure in figures)
    return Found(one.number, name, shown, one.passes(figures))


NOTHING: Final[Daily] = daily((), (), {})
