"""The doctor's rounds tell what changed, once; and what keeps the database small."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adopt.errors import Invalid
from adopt.model import Activity, Finding
from adopt.operations import rounds
from adopt.store import activity, queue, upkeep
from adopt.store.database import Store, open_store
from adopt.store.queue import Order

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "adopt.db")


def finding(level: Any, check: str = "disk", what: str = "3 MB are left") -> Finding:
    return Finding(check=check, level=level, what=what, why="nothing can be kept", do="make room")


def told(store: Store) -> list[Activity]:
    return list(activity.tail(store, "act_1", limit=100))


def test_a_trouble_is_told_once_and_so_is_its_end(store: Store) -> None:
    levels = ("ok", "warning", "warning", "error", "error", "ok", "note", "warning")
    news = [rounds.tell(store, "act_1", [finding(level)], NOW) for level in levels]
    assert news == [0, 1, 0, 1, 0, 1, 0, 1]
    assert [one.level for one in told(store)] == ["warning", "error", "info", "warning"]
    assert told(store)[0].text == "disk: 3 MB are left; nothing can be kept; try: make room"


def test_the_worst_of_a_check_counts_and_checks_do_not_mix(store: Store) -> None:
    found = [finding("warning"), finding("error"), finding("ok"), finding("warning", "rules")]
    assert rounds.tell(store, "act_1", found, NOW) == 2
    assert sorted((one.data["check"], one.level) for one in told(store)) == [("disk", "error"), ("rules", "warning")]
    assert rounds.tell(store, "act_2", found, NOW) == 2


def test_what_the_log_tells_by_itself_is_not_told_again(store: Store) -> None:
    found = [finding("error", check) for check in ("hold", "token", "connection", "plans", "autonomy")]
    assert rounds.tell(store, "act_1", found, NOW) == 0


def job(store: Store, key: str, kind: str, ended: datetime, *, failed: bool = False) -> None:
    """A job that ended then."""
    queue.enqueue(store, Order(key=key, kind=kind, lane=key, name=key, payload=b""), lambda: ended)
    lease = queue.claim(store, "w", [kind], lambda: ended)
    assert lease
    if failed:
        queue.fail(store, lease, Invalid("no"), lambda: ended)
    else:
        queue.complete(store, lease, lambda: ended)


def test_passes_and_messages_of_a_month_ago_go_and_launches_stay(store: Store) -> None:
    old, new = NOW - timedelta(days=31), NOW - timedelta(days=29)
    for kind in ("poll", "notify", "launch"):
        job(store, f"{kind} old", kind, old)
        job(store, f"{kind} old failed", kind, old, failed=True)
        job(store, f"{kind} new", kind, new, failed=True)
    queue.enqueue(store, Order(key="waits", kind="poll", lane="x", name="x", payload=b""), lambda: old)
    assert upkeep.keep(store, NOW, ("poll", "notify")).jobs == 4
    kept = {one.key for one in queue.listing(store)}
    assert kept == {"launch old", "launch old failed", "launch new", "poll new", "notify new", "waits"}


def test_a_long_wal_is_written_back(store: Store) -> None:
    wal = store.path.with_name(f"{store.path.name}-wal")
    store.run("PRAGMA wal_autocheckpoint = 0")
    store.run("CREATE TABLE big (body BLOB)")
    store.run("INSERT INTO big VALUES (zeroblob(?))", [upkeep.WAL_BYTES])
    assert wal.stat().st_size > upkeep.WAL_BYTES
    assert upkeep.keep(store, NOW, ()).wal > upkeep.WAL_BYTES
    assert wal.stat().st_size < 1 << 20
    assert store.value("SELECT length(body) FROM big") == upkeep.WAL_BYTES
