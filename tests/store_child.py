"""What a process of its own does to a store, to be raced or killed: `python store_child.py WHAT PATH NUMBER`.

It imports no test framework, so that a dozen of them start at once. A child that is to wait for the others prints
`ready` and goes on when its standard input ends.
"""

import os
import resource
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen, run
from typing import TYPE_CHECKING

from adopt.errors import Temporary
from adopt.model import Account, AdSet, Change, DailyInsights, Plan, Poll, Ref
from adopt.store import activity, changes, migrations, polls
from adopt.store.database import Store, open_store, transaction
from adopt.store.hold import set_hold

if TYPE_CHECKING:
    from sqlite_utils import Database

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
DAY = date(2026, 10, 1)
SETS = 300
KEYS = 30
NOTES = 40
PAUSE = Change(
    object=Ref(level="adset", id="1", name=""), field="status", before="ACTIVE", after="PAUSED", rule="r", sentence=""
)
PLAN = Plan(
    id="aa11",
    account="act_1",
    currency="EUR",
    timezone="UTC",
    made_at=NOW,
    expires_at=NOW,
    origin="engine",
    method="wilson",
    target="cpa 30.00 EUR",
    attribution="7d_click",
    changes=(PAUSE,),
)


def poll(number: int) -> Poll:
    """A poll in which every state and every value shows its number."""
    ids = [str(100 + n) for n in range(SETS)]
    return Poll(
        account=Account(id="act_1", name="Shoes", currency="EUR", timezone="UTC"),
        as_of=NOW + timedelta(hours=number),
        since=DAY,
        until=DAY + timedelta(days=2),
        result="purchase",
        campaigns=(),
        ad_sets=tuple(
            AdSet(id=id_, name=f"{number}", campaign_id="c", status="ACTIVE", effective_status="ACTIVE") for id_ in ids
        ),
        insights=tuple(
            DailyInsights(
                ad_set=id_,
                date=DAY + timedelta(days=day),
                spend=number,
                impressions=number,
                clicks=number,
                results=(number,) * 6,
                revenue=(number,) * 6,
            )
            for id_ in ids
            for day in range(3)
        ),
    )


def command(what: str, path: Path, number: int = 0) -> list[str]:
    return [sys.executable, __file__, what, str(path), str(number)]


def end_of(what: str, path: Path, number: int = 0) -> int:
    """How a child ended."""
    return run(command(what, path, number), check=False).returncode


def kill_after(what: str, path: Path, lines: int) -> list[str]:
    """What a child told in so many lines before it was killed; each line was told after its commit."""
    with Popen(command(what, path), stdout=PIPE, text=True) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().strip() for _ in range(lines)]
        child.kill()
        return told


def together(what: str, path: Path, count: int) -> list[str]:
    """What so many children print that go on at one moment, once all of them are ready."""
    with ExitStack() as stack:
        started = (Popen(command(what, path, n), stdin=PIPE, stdout=PIPE, text=True) for n in range(count))
        children = [stack.enter_context(child) for child in started]
        assert [child.stdout.readline() for child in children if child.stdout] == ["ready\n"] * count
        for child in children:
            assert child.stdin is not None
            child.stdin.close()
        return [child.stdout.read() for child in children if child.stdout]


def instructions(connection: sqlite3.Connection, deed: Callable[[], object]) -> int:
    """How many instructions SQLite carries out for a deed."""
    counted: list[int] = []
    connection.set_progress_handler(lambda: counted.append(1), 1)
    deed()
    connection.set_progress_handler(None, 0)
    return len(counted)


def die(connection: sqlite3.Connection, after: int) -> None:
    """The process killed after so many instructions, counted over statements: SQLite begins anew with each."""
    left = iter(range(after))
    connection.set_progress_handler(lambda: next(left, None) is None and os.kill(os.getpid(), signal.SIGKILL), 1)


def add_colour(database: "Database") -> None:
    database.execute("CREATE TABLE colour (name TEXT)")


def fill_colour(database: "Database") -> None:
    """Slow enough for the others to come and wait."""
    database.execute("INSERT INTO colour VALUES ('red')")
    database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT sum(i) FROM n"
    )


LATER = (*migrations.STEPS, add_colour, fill_colour)


def migrate_file(path: Path, steps: tuple) -> tuple[str, ...]:
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
        return migrations.migrate(connection, steps)


def fill(store: Store, size: int) -> None:
    """The button released, and a row of so many bytes: together or not at all."""
    with transaction(store):
        set_hold(store, False, "", NOW)
        store.run("INSERT INTO activity VALUES (NULL, '', '', '', '', ?, NULL, '')", ["x" * size])


def tell(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201 # the parent reads it


def wait() -> None:
    tell("ready")
    sys.stdin.read()


def child_open(path: Path, _: int) -> None:
    wait()
    open_store(path).close()
    tell("opened")


def child_migrate(path: Path, _: int) -> None:
    wait()
    tell(*migrate_file(path, LATER))


def child_keys(path: Path, _: int) -> None:
    with open_store(path) as store:
        wait()
        intents = [changes.intend(store, PLAN.id, ordinal, PAUSE, NOW) for ordinal in range(KEYS)]
        tell(*(intent.id for intent in intents if intent.is_new))


def child_notes(path: Path, number: int) -> None:
    with open_store(path) as store:
        for n in range(NOTES):
            activity.append(store, NOW, "act_1", "note", "info", f"{number}.{n}")


def child_hold(path: Path, _: int) -> None:
    with open_store(path) as store:
        tell("open")
        set_hold(store, True, "other", NOW)


def child_small_disk(path: Path, size: int) -> None:
    """Files may grow to `size` bytes, and a megabyte is to be written."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        with open_store(path) as store:
            fill(store, 1_000_000)
    except Temporary as error:
        tell(error.message)
        sys.exit(error.exit_code)


def child_make(path: Path, after: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        die(connection, after)
        migrations.migrate(connection)


def child_record(path: Path, after: int) -> None:
    with open_store(path) as store:
        die(store.connection, after)
        polls.record(store, poll(3))


def child_polls(path: Path, _: int) -> None:
    with open_store(path) as store:
        for number in range(1, 200):
            tell(polls.record(store, poll(number)))


def child_journal(path: Path, _: int) -> None:
    with open_store(path) as store:
        for ordinal in range(1, 2000):
            id_ = changes.intend(store, PLAN.id, ordinal, PAUSE, NOW).id
            tell(id_, "intended")
            tell(id_, changes.settle(store, id_, "applied", "", NOW).state)


def child_lock(path: Path, _: int) -> None:
    with open_store(path) as store, transaction(store):
        polls.record(store, poll(1))
        tell("locked")
        signal.pause()


if __name__ == "__main__":
    _, what, file, number = sys.argv
    globals()[f"child_{what}"](Path(file), int(number))
