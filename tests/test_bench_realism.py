import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # the benchmark is run from the repository, not installed

from bench.realism.checks import CHECKS
from bench.realism.files import read
from bench.realism.frame import Panel, daily
from bench.realism.measuring import autocorrelation, correlation, pairwise, residual, running, spread
from bench.realism.panel import Found, check, looks_real
from bench.realism.picture import picture
from bench.realism.report import table, verdicts
from bench.realism.response import elasticity
from bench.realism.simulated import account

HEAD = ("date", "campaign", "adset", "spend", "impressions", "reach", "link_clicks", "purchases", "purchase_value")
MONDAY = 738_000 - (738_000 - 1) % 7


def swing(rng: np.random.Generator, size: int, phi: float, sd: float) -> np.ndarray:
    found, state = np.empty(size), 0.0
    for place in range(size):
        state = phi * state + np.sqrt(1 - phi**2) * sd * rng.normal()
        found[place] = state
    return found


def living(rng: np.random.Generator, days: int) -> Iterator[tuple[float, ...]]:
    """An ad set as real ones are: prices and paces remember yesterday, Sundays are dear, money has cents."""
    price, pace = np.exp(swing(rng, days, 0.9, 0.2)), np.exp(swing(rng, days, 0.7, 0.12))
    week = np.array([1.0, 1.0, 1.0, 1.0, 0.98, 0.93, 1.07])
    for day in range(days):
        spend = round(60 * pace[day] * week[day % 7], 2)
        shown = int(1000 * spend / (12 * price[day]))
        clicks = rng.binomial(shown, 0.012 * np.exp(rng.normal(0, 0.1)))
        bought = rng.binomial(clicks, 0.03)
        yield spend, shown, int(shown / 1.15 * np.exp(rng.normal(0, 0.03))), clicks, bought, bought * 80.5


def invented(rng: np.random.Generator, days: int) -> Iterator[tuple[float, ...]]:
    """An ad set as people invent them: every day on its own, in round sums."""
    for _ in range(days):
        spend, shown = float(rng.integers(40, 400)), int(rng.integers(3000, 30_000))
        clicks = int(shown * rng.uniform(0.005, 0.04))
        yield spend, shown, int(shown * rng.uniform(0.4, 1)), clicks, int(clicks * 0.1), clicks * 10.0


def written(path: Path, law: object, sets: int = 8, days: int = 120) -> Path:
    rng = np.random.default_rng(5)
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEAD)
        for number in range(sets):
            for day, figures in enumerate(law(rng, days)):  # type: ignore[operator]
                lines.writerow([np.datetime64("2025-01-06") + day, "c1", f"s{number}", *figures])
    return path


def test_a_file_of_living_ad_sets_looks_real(tmp_path: Path) -> None:
    found = check(read(written(tmp_path / "living.csv", living)))
    assert looks_real(found), [one for one in found if one.passed is False]


def test_a_file_of_invented_rows_is_rejected(tmp_path: Path) -> None:
    found = check(read(written(tmp_path / "invented.csv", invented)))
    wrong = {one.check for one in found if one.passed is False}
    assert not looks_real(found)
    assert wrong >= {1, 2, 4, 7, 8, 10}


@pytest.mark.parametrize(("clicks", "landed", "value"), [(11, 0, 0), (5, 6, 0), (5, 5, -1)])
def test_an_impossible_row_is_seen(clicks: float, landed: float, value: float) -> None:
    figures = {"spend": 1, "impressions": 10, "clicks": clicks, "landed": landed, "value": value, "conversions": 0}
    grid = daily(["a"], [MONDAY], {name: [figure] for name, figure in figures.items()})
    funnel = next(one for one in CHECKS if one.number == 21)
    assert funnel.measure(Panel("one", grid, grid)).tolist() == [1, 0]


def test_rows_of_one_cell_are_added_and_absent_days_are_unknown() -> None:
    grid = daily(["a", "b", "a"], [3, 5, 3], {"spend": [1.0, 2.0, 4.0]})
    assert np.array_equal(grid.spend, [[5, np.nan, np.nan], [np.nan, np.nan, 2]], equal_nan=True)
    assert np.isnan(grid.reach).all()


def test_a_running_median_is_numpy_s_over_the_days_there_are() -> None:
    rng = np.random.default_rng(1)
    grid = np.where(rng.random((3, 40)) < 0.3, np.nan, rng.normal(size=(3, 40)))
    found = running(grid)
    for row, day in np.ndindex(grid.shape):
        assert found[row, day] == pytest.approx(np.nanmedian(grid[row, max(0, day - 7) : day + 8]))


def test_statistics_within_rows_are_numpy_s() -> None:
    rng = np.random.default_rng(2)
    one, other = rng.normal(size=(1, 50)), rng.normal(size=(1, 50))
    assert correlation(one, other) == pytest.approx(np.corrcoef(one[0], other[0])[0, 1])
    assert autocorrelation(one) == pytest.approx(np.corrcoef(one[0, 1:], one[0, :-1])[0, 1])
    assert spread(one) == pytest.approx(one[0].std(ddof=1))
    assert pairwise(np.vstack([one, other])) == pytest.approx(np.corrcoef(one[0], other[0])[0, 1])
    assert np.abs(residual(np.exp(np.ones((1, 40))))).max() < 1e-12


def test_an_elasticity_is_found_beside_effects_of_rows_and_columns() -> None:
    rng = np.random.default_rng(3)
    spend = np.exp(rng.normal(3, 0.7, (20, 40)))
    mean = 3 * spend**0.7 * np.exp(rng.normal(0, 0.5, (20, 1)) + rng.normal(0, 0.3, (1, 40)))
    assert elasticity(spend, rng.poisson(mean).astype(float)) == pytest.approx(0.7, abs=0.02)


def test_caps_are_read_from_the_purses() -> None:
    budget, spend = np.full((1, 14), 100.0), np.full((1, 14), 90.0)
    spend[0, 3] = 180.0
    grid = daily(["a"] * 14, range(MONDAY - 1, MONDAY + 13), {"spend": spend[0], "budget": budget[0]})
    peaks = next(one for one in CHECKS if one.number == 12)
    assert peaks.measure(Panel("one", grid, grid, purses=grid))[1:] == pytest.approx([180 / 175, 720 / 700])


@pytest.fixture(scope="module")
def simulated() -> Panel:
    return account(11, ad_sets=12, days=60)  # fewer would measure their few ads' luck


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 8, 9, 10, 18])
def test_a_simulated_account_s_daily_rows_look_real(simulated: Panel, number: int) -> None:
    chosen = next(one for one in CHECKS if one.number == number)
    figures = chosen.measure(simulated)
    assert chosen.passes(figures) is True, figures


def test_a_simulated_account_keeps_its_caps_is_possible_and_repeats_itself(simulated: Panel) -> None:
    by_number = {one.check: one for one in check(simulated)}
    assert [by_number[number].passed for number in (21, 22)] == [True, True]
    assert max(figure for figure in by_number[12].figures[1:] if figure is not None) <= 1


def test_the_table_and_the_picture_tell_of_seeds_and_files() -> None:
    figures = {one.number: tuple(0.5 for _ in one.accept) for one in CHECKS}
    seeds = [Found(one.number, "seed 1", figures[one.number], one.number != 7) for one in CHECKS]
    files = [Found(one.number, "mine", figures[one.number], one.number > 3) for one in CHECKS]
    assert verdicts(seeds, files) == ["simulated: fails checks 7", "mine: rejected, fails 3 of 12 daily checks"]
    assert len(table(seeds, files)) == len(CHECKS) + 4
    assert picture(seeds, files).count("<circle") == len(CHECKS)
