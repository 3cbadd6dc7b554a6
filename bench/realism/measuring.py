"""Statistics over grids: autocorrelation, residuals about a running median, means weighted by days."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bench.realism.frame import ENOUGH, Flags, Floats

SPAN = 15  # days of the running median


def log(grid: Floats) -> Floats:
    """Give logarithms; not a number where there is none."""
    return np.log(np.where(grid > 0, grid, np.nan))


def running(grid: Floats, *, total: bool = False) -> Floats:
    """Give each cell's centred 15-day median (or total) of its row, over the days there are."""
    if not grid.size:
        return grid
    edge = np.full((len(grid), SPAN // 2), np.nan)
    windows = sliding_window_view(np.hstack([edge, grid, edge]), SPAN, axis=1)
    if total:
        return np.asarray(np.nansum(windows, axis=2))
    order = np.sort(windows, axis=2)  # not a number sorts last
    many = (~np.isnan(windows)).sum(axis=2)[..., None]
    low, high = (np.take_along_axis(order, np.maximum(at, 0), axis=2)[..., 0] for at in ((many - 1) // 2, many // 2))
    return np.asarray((low + high) / 2)


def residual(grid: Floats) -> Floats:
    """Give the logarithm less its running median."""
    logs = log(grid)
    return logs - running(logs)


def spread(grid: Floats) -> float:
    """Give the standard deviation within rows, weighted by days."""
    known = ~np.isnan(grid)
    many = known.sum(axis=1)
    mean = np.divide(np.nansum(grid, axis=1), many, out=np.zeros(len(grid)), where=many > 0)
    square = np.where(known, (grid - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return weighted(np.sqrt(square / np.maximum(many - 1, 1)), many)


def correlation(one: Floats, other: Floats) -> float:
    """Give the correlation of two grids within rows, weighted by days."""
    both = ~np.isnan(one) & ~np.isnan(other)
    many = both.sum(axis=1)
    a, b = _centred(one, both, many), _centred(other, both, many)
    bottom = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    found = np.divide((a * b).sum(axis=1), bottom, out=np.full(len(one), np.nan), where=bottom > 0)
    return weighted(found, many)


def autocorrelation(grid: Floats) -> float:
    """Give the correlation of a day with the day before, within rows, weighted by days."""
    return correlation(grid[:, 1:], grid[:, :-1])


def change(grid: Floats) -> Floats:
    """Give the change of the logarithm from one day to the next."""
    return np.asarray(np.diff(log(grid), axis=1))


def weighted(figures: Floats, days: Floats | np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    """Give the mean of entities' figures weighted by their days; not a number where no entity has enough."""
    chosen = (days >= ENOUGH - 1) & ~np.isnan(figures)
    return float(np.average(figures[chosen], weights=days[chosen])) if chosen.any() else float("nan")


def pairwise(grid: Floats) -> float:
    """Give the median correlation between rows, over the days both have."""
    found = [
        np.corrcoef(grid[a, both], grid[b, both])[0, 1]
        for a in range(len(grid))
        for b in range(a)
        if (both := ~np.isnan(grid[a]) & ~np.isnan(grid[b])).sum() >= ENOUGH
        if grid[a, both].std() > 0 and grid[b, both].std() > 0
    ]
    return float(np.median(found)) if found else float("nan")


def share(flags: Flags, among: Flags) -> float:
    """Give how many of some cells are so."""
    return float(flags[among].mean()) if among.any() else float("nan")


def _centred(grid: Floats, known: Flags, many: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
    mean = np.where(known, grid, 0.0).sum(axis=1) / np.maximum(many, 1)
    return np.where(known, grid - mean[:, None], 0.0)
