"""A worker of launches in a process of its own: `python launch_child.py SETTLE_S SKEW_S LARGEST_FILE`.

Its clock is off by so many seconds; no file may grow beyond so many bytes, as on a full disk (0: as large as it likes).
"""

import os
import resource
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event

from adopt.client import Client
from adopt.operations.working import Worker
from adopt.settings import load
from adopt.store.database import open_store

if __name__ == "__main__":
    settle_s, skew_s, largest = map(float, sys.argv[1:])
    settings = load(os.environ)
    worker = Worker(
        partial(open_store, settings.database),
        settings.workers_path,
        Client(settings).kinds(),
        settle_s=settle_s,
        clock=lambda: datetime.now(UTC) + timedelta(seconds=skew_s),
    )
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), int(largest)))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    worker.run(Event())
