"""Do simulated accounts look real? Twenty-two checks, over seeds and over files of real or invented accounts.

    python -m bench.realism [--seeds 50] [--first 1] [--ad-sets 24] [--days 120] [--data DIR]
                            [--json FILE] [--report DIR]

Every check has an accepted range, measured on real accounts; of checks 1 to 12 nine seeds in ten must lie in it, of the
others all. A file looks real if its daily rows fail at most two of checks 1 to 12. Exit 1 if a check fails.
"""

import argparse
import sys
import warnings
from pathlib import Path

import msgspec

from bench.realism.panel import Size, measure_files, simulate
from bench.realism.picture import picture
from bench.realism.report import failing, table


def main() -> int:
    """Measure, print the table, and write what was asked for."""
    said = _arguments()
    warnings.simplefilter("ignore", RuntimeWarning)  # of grids with rows that hold nothing
    size = Size(said.seeds, said.ad_sets, said.days, said.first)
    simulated = simulate(size, said.workers) if said.seeds else []
    files = measure_files(said.data) if said.data else []
    lines = table(simulated, files)
    print("\n".join(lines))
    if said.json:
        said.json.write_bytes(msgspec.json.format(msgspec.json.encode({"simulated": simulated, "files": files})))
    if said.report:
        said.report.mkdir(parents=True, exist_ok=True)
        (said.report / "realism.txt").write_text("\n".join(lines) + "\n")
        (said.report / "realism.svg").write_text(picture(simulated, files))
    return 1 if failing(simulated) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50, help="simulated accounts; 0 looks at files alone")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--ad-sets", type=int, default=24)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--data", type=Path, help="a directory of CSV exports to check as well")
    parser.add_argument("--json", type=Path, help="write every figure here")
    parser.add_argument("--report", type=Path, help="write the table and a picture here")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
