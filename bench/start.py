"""How long the command line takes to start, beside an interpreter that does nothing.

    python -m bench.start [--meta PATH]     PATH: Meta's own `meta`, where it is installed

Runs the commands in turn, so that a slow moment hits all of them, and gives ratios of medians.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 15


def main() -> None:
    """Print a row a command: the median in milliseconds, and its ratio to `python -c pass`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--meta", help="Meta's own command line, to compare with")
    meta = parser.parse_args().meta
    with tempfile.TemporaryDirectory() as home:
        rows = commands(meta)
        times = measure([argv for _, argv in rows], {**os.environ, "ADOPT_HOME": home})
    floor = statistics.median(times[0])
    for (name, _), taken in zip(rows, times, strict=True):
        median = statistics.median(taken)
        print(f"{name:32} {median * 1000:7.0f} ms  {median / floor:5.1f} x")


def commands(meta: str | None) -> list[tuple[str, list[str]]]:
    """The commands to time, the floor first."""
    adopt = [sys.executable, "-m", "adopt"]
    rows = [
        ("python -c pass", [sys.executable, "-c", "pass"]),
        ("adopt --version", [*adopt, "--version"]),
        ("adopt --help", [*adopt, "--help"]),
        ("adopt campaign list --help", [*adopt, "campaign", "list", "--help"]),
        ("adopt status -o json", [*adopt, "status", "-o", "json"]),
    ]
    return [*rows, ("meta --help", [meta, "--help"])] if meta else rows


def measure(rows: list[list[str]], environment: dict[str, str]) -> list[list[float]]:
    """The seconds each command took, round by round, after a round that is not counted."""
    times: list[list[float]] = [[] for _ in rows]
    for turn in range(ROUNDS + 1):
        for argv, taken in zip(rows, times, strict=True):
            started = time.perf_counter()
            subprocess.run(argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            if turn:
                taken.append(time.perf_counter() - started)
    return times


if __name__ == "__main__":
    main()
