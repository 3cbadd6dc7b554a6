"""How good the decisions are, in worlds whose truth is known.

    python -m bench.decisions --suite quick|full [--seed-base N] [--json FILE]

Writes an array of records {scenario, policy, metric, value, low, high} to FILE, a report in Markdown and a picture
beside it, and prints a table. Shares are fractions; money is in target CPAs; limits are at 95 %.
"""

import argparse
import os
import time
from pathlib import Path

import msgspec

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # workers share the cores; before numpy is loaded
    os.environ.setdefault(name, "1")


def main() -> None:
    """Run a suite and write what it found."""
    from bench.decisions.picture import picture
    from bench.decisions.report import report, table
    from bench.decisions.run import SUITES, run

    options = _options()
    started = time.monotonic()
    records = run(SUITES[options.suite], options.seed_base, options.workers, options.only)
    took = time.monotonic() - started
    suite = SUITES[options.suite]
    heading = f"Suite {options.suite}: {suite.seeds} x {suite.ad_sets} ad sets from seed {options.seed_base}."
    if options.json:
        path = Path(options.json)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(records), indent=1))
        path.with_suffix(".svg").write_text(picture(records))
        path.with_suffix(".md").write_text(report(records, heading, path.with_suffix(".svg").name))
    print(table(records))
    print(f"\n{heading} {took:.0f} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", choices=("quick", "full"), default="quick")
    parser.add_argument("--seed-base", type=int, default=1000)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", nargs="*", default=(), metavar="D1", help="these scenarios alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
