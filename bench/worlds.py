"""How long a simulated history takes: a year of 200 ad sets, and a month of 10,000.

    python -m bench.worlds [--sizes 200x365 10000x30]

Each size in a process of its own, in seconds of the processor: to the first report, for a report once the history is
there, and for an hour more; and the peak of memory and its bytes an ad-set-day. `x` is the time of the history over
that of drawing, with numpy's own Philox generator in the same process, one Poisson and one binomial count for every
hour of every ad that delivered: the least that any world of this kind would have to do.
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from adopt.mock.account import Options
from adopt.mock.clock import Beginning, Clock
from adopt.mock.world import World

T = TypeVar("T")
SIZES = ("200x365", "10000x30")
NOW = 1_794_934_800.0
REFRESH = 900  # seconds after which a report is made anew
HEAD = (
    f"{'ad sets':>8} {'days':>5} {'seconds':>8} {'x':>6} {'MB':>6} {'B/ad-set-day':>13} {'report s':>9} {'hour s':>7}"
)


def main() -> None:
    """Print a row a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=SIZES)
    parser.add_argument("--here", action="store_true", help="measure in this process")
    given = parser.parse_args()
    if given.here:
        print(row(*map(int, given.sizes[0].split("x"))), flush=True)
        return
    print(HEAD, flush=True)
    for size in given.sizes:
        subprocess.run([sys.executable, "-m", "bench.worlds", "--here", "--sizes", size], check=True)


def row(ad_sets: int, days: int) -> str:
    """The figures of one history."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    world, history = timed(lambda: made(ad_sets, days))
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    world.clock.advance(REFRESH)
    _, report = timed(world.report)
    world.clock.advance(3600)
    _, hour = timed(world.report)
    shown = world.report().counts["impressions"]
    least = floor(shown[shown > 0] / 24)
    return (
        f"{ad_sets:8,} {days:5} {history:8.2f} {history / least:6.1f} {peak / 1e6:6.0f} "
        f"{peak / ad_sets / days:13.0f} {report:9.3f} {hour:7.3f}"
    )


def made(ad_sets: int, days: int) -> World:
    """A world whose history has happened."""
    world = World(Options(ad_sets=ad_sets, days=days), Clock(Beginning(NOW, 0.0), machine=lambda: 0.0))
    world.report()
    return world


def floor(hourly: np.ndarray) -> float:
    """Seconds to draw an hour's impressions and clicks of every delivered hour, a day of all ads at a time."""
    chance, began = np.random.Generator(np.random.Philox(1)), time.process_time()
    for _ in range(24):
        chance.binomial(chance.poisson(hourly), 0.012)
    return time.process_time() - began


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """What a call gives, and its seconds."""
    began = time.process_time()
    return call(), time.process_time() - began


if __name__ == "__main__":
    main()
