"""How many reads a second the simulator answers: a node, 25 ad sets, one day of insights; 1 and 50 clients at once.

    python -m bench.simulator [AD_SETS ...]        12, 1000 and 10000 ad sets unless said

The simulator runs in a process of its own, the clients in this one. The baseline, in the same run, is the same server
answering an unknown path: HTTP and JSON alone. Every read is asked for anew, but insights of one moment are kept.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

SIZES, CLIENTS = (12, 1000, 10_000), (1, 50)
SECONDS = 3.0
ROWS = "adset_id,spend,impressions,clicks,actions,action_values"
PAGE = 500


def main() -> None:
    """Print a row for each size, kind of read and number of clients."""
    print(f"{'ad sets':>8} {'read':>22} {'clients':>8} {'a second':>9} {'of baseline':>12} {'worst ms':>9}")
    for size in [int(word) for word in sys.argv[1:]] or SIZES:
        with served(size) as door:
            asyncio.run(_measure(door, size))


async def _measure(door: dict[str, Any], size: int) -> None:
    account = door["ad_account_id"]
    headers = {"Authorization": f"Bearer {door['access_token']}"}
    limits = httpx.Limits(max_connections=max(CLIENTS), max_keepalive_connections=max(CLIENTS))
    day = {"level": "adset", "fields": ROWS, "date_preset": "yesterday", "limit": str(PAGE)}
    reads = {
        "nothing (baseline)": ("/v26.0/0/0/0", {}),
        "a node": (f"/v26.0/{account}", {"fields": "name,currency,account_status"}),
        "25 ad sets": (f"/v26.0/{account}/adsets", {"fields": "name,status,daily_budget", "limit": "25"}),
        "a day of insights": (f"/v26.0/{account}/insights", day),
        "a day by age": (f"/v26.0/{account}/insights", {**day, "breakdowns": "age"}),
    }
    async with httpx.AsyncClient(
        base_url=door["base_url"], headers=headers, limits=limits, trust_env=False, timeout=120
    ) as client:
        for clients in CLIENTS:
            baseline = 0.0
            for name, (path, params) in reads.items():
                await client.get(path, params=params)
                rate, worst = await _rate(client, path, params, clients)
                baseline = baseline or rate
                print(
                    f"{size:>8} {name:>22} {clients:>8} {rate:>9.0f} {rate / baseline:>12.2f} {1000 * worst:>9.0f}",
                    flush=True,
                )


async def _rate(client: httpx.AsyncClient, path: str, params: dict[str, str], clients: int) -> tuple[float, float]:
    """Give answers a second, and the longest one took in seconds."""
    until, took = time.perf_counter() + SECONDS, []

    async def one() -> None:
        while (begun := time.perf_counter()) < until:
            await client.get(path, params=params)
            took.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(clients)))
    return len(took) / (time.perf_counter() - begun), max(took)


@contextmanager
def served(ad_sets: int) -> Iterator[dict[str, Any]]:
    """A simulated account of 30 days, served by a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "adopt", "mock", "serve", "--port", "0", "--ad-sets", str(ad_sets)]
        environment = {**os.environ, "ADOPT_HOME": home}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            try:
                yield json.loads(process.stdout.readline()) if process.stdout else {}
            finally:
                process.terminate()


if __name__ == "__main__":
    main()
