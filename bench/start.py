"""How long the command line takes to start, beside an interpreter that does nothing.

    python -m bench.start [--meta PATH]     PATH: Meta's own `meta`, where it is installed

Runs the commands in turn, so that a slow moment hits all of them, and gives ratios of medians. What is done by the
daemon is asked of one that runs meanwhile in a home of its own.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 15
ADOPT = (sys.executable, "-m", "adopt")
BY_DAEMON = ", by the daemon"
NOBODY = "http://127.0.0.1:9"


def main() -> None:
    """Print a row a command: the median in milliseconds, and its ratio to `python -c pass`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--meta", help="Meta's own command line, to compare with")
    meta = parser.parse_args().meta
    rows = commands(meta)
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as kept:
        alone, beside = ({**os.environ, "ADOPT_HOME": folder, "ADOPT_GRAPH_URL": NOBODY} for folder in (home, kept))
        subprocess.run([*ADOPT, "daemon", "start", "-q"], env=beside, check=True)
        try:
            times = measure([(argv, beside if name.endswith(BY_DAEMON) else alone) for name, argv in rows])
        finally:
            subprocess.run([*ADOPT, "daemon", "stop", "-q"], env=beside, check=True)
    floor = statistics.median(times[0])
    for (name, _), taken in zip(rows, times, strict=True):
        median = statistics.median(taken)
        print(f"{name:36} {median * 1000:7.0f} ms  {median / floor:5.1f} x")


def commands(meta: str | None) -> list[tuple[str, list[str]]]:
    """The commands to time, the floor first."""
    rows = [
        ("python -c pass", [sys.executable, "-c", "pass"]),
        ("adopt --version", [*ADOPT, "--version"]),
        ("adopt --help", [*ADOPT, "--help"]),
        ("adopt campaign list --help", [*ADOPT, "campaign", "list", "--help"]),
        ("adopt status -o json", [*ADOPT, "status", "-o", "json"]),
        (f"adopt status -o json{BY_DAEMON}", [*ADOPT, "status", "-o", "json"]),
        ("adopt job list -o json", [*ADOPT, "job", "list", "-o", "json"]),
        (f"adopt job list -o json{BY_DAEMON}", [*ADOPT, "job", "list", "-o", "json"]),
    ]
    return [*rows, ("meta --help", [meta, "--help"])] if meta else rows


def measure(rows: list[tuple[list[str], dict[str, str]]]) -> list[list[float]]:
    """The seconds each command took in its environment, round by round, after a round that is not counted."""
    times: list[list[float]] = [[] for _ in rows]
    for turn in range(ROUNDS + 1):
        for (argv, environment), taken in zip(rows, times, strict=True):
            started = time.perf_counter()
            subprocess.run(argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            if turn:
                taken.append(time.perf_counter() - started)
    return times


if __name__ == "__main__":
    main()
