"""How many reads a second the simulator answers: a node, lists, pages of insights, a mix; 1 and 50 clients at once.

    python -m bench.simulator [AD_SETS ...]        12, 1000 and 10000 ad sets unless said

The simulator runs in a process of its own, the clients in this one, as bare sockets: a client library costs more than
the simulator does. The baseline, in the same run, is the same server answering an unknown path: HTTP and JSON alone.
Every read is asked for anew, but insights of one moment are kept. The mix is a node, 25 ad sets and 25 rows in turn.
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
from itertools import cycle
from typing import Any
from urllib.parse import urlencode, urlsplit

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
    day = {"level": "adset", "fields": ROWS, "date_preset": "yesterday", "limit": str(PAGE)}
    node = _request(door, account, {"fields": "name,currency,account_status"})
    ad_sets = _request(door, f"{account}/adsets", {"fields": "name,status,daily_budget", "limit": "25"})
    rows = _request(door, f"{account}/insights", {**day, "limit": "25"})
    reads = {
        "nothing (baseline)": [_request(door, "0/0/0", {})],
        "a node": [node],
        "25 ad sets": [ad_sets],
        "25 rows of insights": [rows],
        "a mix of these": [node, ad_sets, rows],
        "a day of insights": [_request(door, f"{account}/insights", day)],
        "a day by age": [_request(door, f"{account}/insights", {**day, "breakdowns": "age"})],
    }
    for clients in CLIENTS:
        baseline = 0.0
        for name, requests in reads.items():
            rate, worst = await _rate(door["base_url"], requests, clients)
            baseline = baseline or rate
            print(
                f"{size:>8} {name:>22} {clients:>8} {rate:>9.0f} {rate / baseline:>12.2f} {1000 * worst:>9.0f}",
                flush=True,
            )


def _request(door: dict[str, Any], path: str, params: dict[str, str]) -> bytes:
    lines = (
        f"GET /v26.0/{path}?{urlencode(params)} HTTP/1.1",
        f"Host: {urlsplit(door['base_url']).netloc}",
        "Accept-Encoding: gzip",
        f"Authorization: Bearer {door['access_token']}",
    )
    return "\r\n".join((*lines, "", "")).encode()


async def _rate(url: str, requests: list[bytes], clients: int) -> tuple[float, float]:
    """Give answers a second, and the longest one took in seconds."""
    host, port = urlsplit(url).hostname, urlsplit(url).port
    took: list[float] = []

    async def one(until: float) -> None:
        reader, writer = await asyncio.open_connection(host, port)
        for request in cycle(requests):
            begun = time.perf_counter()
            if begun > until:
                break
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]))
            took.append(time.perf_counter() - begun)
        writer.close()

    await one(time.perf_counter() + 0.2)  # the first answer is worked out, later ones may be kept
    took.clear()
    begun = time.perf_counter()
    await asyncio.gather(*(one(begun + SECONDS) for _ in range(clients)))
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
