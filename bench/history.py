"""How fast the simulator lives through a history, and how much room it takes.

    python -m bench.history [AD_SETSxDAYS ...]        12x30, 200x365 and 10000x30 unless said

Each account is drawn and lived through in a process of its own. The baseline, in the same run, is the same account with
no history: drawing it and its objects alone. Room is the process's, less the baseline's, for each ad set and day.
"""

import json
import resource
import subprocess
import sys
import time
from typing import Final

SIZES: Final = ("12x30", "200x365", "10000x30")
KILO: Final = 1024  # what Linux counts resident memory in


def main() -> None:
    """Print a row for each size; or be the process of one account."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(_live(*map(int, sys.argv[2].split("x")))))
        return
    print(
        f"{'ad sets':>8} {'days':>5} {'seconds':>8} {'of baseline':>12} {'ad-set-days/s':>13} "
        f"{'MB':>5} {'bytes each':>10}"
    )
    for size in sys.argv[1:] or SIZES:
        ad_sets, days = map(int, size.split("x"))
        (bare, without), (took, room) = _measured(f"{ad_sets}x0"), _measured(size)
        each = (room - without) / (ad_sets * days) if days else 0.0
        rate = ad_sets * days / max(took - bare, 1e-9)
        print(
            f"{ad_sets:>8} {days:>5} {took:>8.2f} {took / bare:>12.1f} {rate:>13,.0f} "
            f"{room / KILO**2:>5.0f} {each:>10,.0f}",
            flush=True,
        )


def _measured(size: str) -> tuple[float, float]:
    """Give the seconds an account takes, and the bytes its process had at most."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.history", "--one", size], capture_output=True, check=True, text=True
    )
    took, room = json.loads(done.stdout)
    return took, room


def _live(ad_sets: int, days: int) -> tuple[float, float]:
    from adopt.mock.account import Options  # only in the process that is measured
    from adopt.mock.simulator import Simulator

    begun = time.perf_counter()
    Simulator(Options(ad_sets=ad_sets, days=days))
    return time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILO


if __name__ == "__main__":
    main()
