"""The steps that bring a database up to date, by name and in order; each is one transaction."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from adopt.errors import Invalid

if TYPE_CHECKING:
    from sqlite_utils import Database

    Step: TypeAlias = Callable[[Database], None]

APPLICATION = 0x61646F70  # "adop" in the file's header: the database is ours


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Nothing, or Invalid when the file is another program's or a newer adopt's."""
    if _pragma(connection, "application_id") != APPLICATION and _has_tables(connection):
        raise Invalid(f"{path} is a database of another program", try_next="name another file, or move it aside")
    schema = _pragma(connection, "user_version")
    if schema > len(STEPS):
        raise Invalid(
            f"{path} was made by a newer adopt (schema {schema}, this one knows {len(STEPS)})",
            try_next="upgrade adopt: pip install --upgrade adopt",
        )


def migrate(connection: sqlite3.Connection, steps: "tuple[Step, ...] | None" = None) -> tuple[str, ...]:
    """The database brought up to date; the names of the steps that had to run."""
    steps = STEPS if steps is None else steps
    if _pragma(connection, "user_version") >= len(steps):
        return ()
    from sqlite_utils import Database  # 0.1 s, so only when there is a step to run

    database = Database(connection, recursive_triggers=False, execute_plugins=False)
    return tuple(step.__name__ for number, step in enumerate(steps, 1) if _ran(database, step, number))


def _ran(database: "Database", step: "Step", number: int) -> bool:
    """Whether the step had to run: another process may have run it meanwhile."""
    database.execute("BEGIN IMMEDIATE")
    try:
        due = _pragma(database.conn, "user_version") < number
        if due:
            step(database)
            database.execute("INSERT INTO migration VALUES (?, strftime('%Y-%m-%dT%H:%M:%SZ'))", [step.__name__])
            database.execute(f"PRAGMA user_version = {number}")
        database.execute("COMMIT")
    except BaseException:
        if database.conn.in_transaction:
            database.execute("ROLLBACK")
        raise
    return due


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])


def remember(database: "Database") -> None:
    """The first tables: polls with their vintages, plans, the journal of writes, activity, hold and looks.

    A row of `state` or `insights` holds from its `poll` on until `ended`, the poll that showed another value;
    `ended` is 0 while it holds, and leads the key so that what holds now lies together. Days are day numbers
    (1 is 0001-01-01), times RFC 3339 in UTC, money minor units.
    """
    database.executescript(f"PRAGMA application_id = {APPLICATION}; {_TABLES}")


_TABLES = """
CREATE TABLE migration (name TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE poll (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, as_of TEXT NOT NULL, since INTEGER NOT NULL,
  until INTEGER NOT NULL, result TEXT NOT NULL, backfilled INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE INDEX poll_of_account ON poll (account, id);
CREATE TABLE object (
  n INTEGER PRIMARY KEY, account TEXT NOT NULL, level TEXT NOT NULL, id TEXT NOT NULL, UNIQUE (account, level, id)
);
CREATE TABLE state (
  ended INTEGER NOT NULL, object INTEGER NOT NULL REFERENCES object, poll INTEGER NOT NULL REFERENCES poll,
  status TEXT NOT NULL, daily_budget INTEGER, lifetime_budget INTEGER, body TEXT NOT NULL,
  PRIMARY KEY (ended, object)
) WITHOUT ROWID;
CREATE INDEX state_of_object ON state (object, poll);
CREATE TABLE insights (
  ended INTEGER NOT NULL, ad_set INTEGER NOT NULL, result TEXT NOT NULL, day INTEGER NOT NULL, poll INTEGER NOT NULL,
  spend INTEGER NOT NULL, impressions INTEGER NOT NULL, clicks INTEGER NOT NULL,
  results_default NUMERIC NOT NULL, results_1d_click NUMERIC NOT NULL, results_7d_click NUMERIC NOT NULL,
  results_28d_click NUMERIC NOT NULL, results_1d_view NUMERIC NOT NULL, results_1d_ev NUMERIC NOT NULL,
  revenue_default INTEGER NOT NULL, revenue_1d_click INTEGER NOT NULL, revenue_7d_click INTEGER NOT NULL,
  revenue_28d_click INTEGER NOT NULL, revenue_1d_view INTEGER NOT NULL, revenue_1d_ev INTEGER NOT NULL,
  PRIMARY KEY (ended, ad_set, result, day)
) WITHOUT ROWID;
CREATE TABLE plan (
  n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, made_at TEXT NOT NULL,
  expires_at TEXT NOT NULL, origin TEXT NOT NULL, changes INTEGER NOT NULL, state TEXT NOT NULL, who TEXT NOT NULL,
  at TEXT NOT NULL, body TEXT NOT NULL, verdicts BLOB NOT NULL
);
CREATE INDEX plan_of_account ON plan (account, n);
CREATE TABLE journal (
  n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, plan TEXT NOT NULL REFERENCES plan (id),
  ordinal INTEGER NOT NULL, account TEXT NOT NULL, level TEXT NOT NULL, object TEXT NOT NULL, field TEXT NOT NULL,
  poll INTEGER NOT NULL, intended_at TEXT NOT NULL, state TEXT NOT NULL, sentence TEXT NOT NULL, at TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX journal_of_plan ON journal (plan, ordinal);
CREATE INDEX journal_of_object ON journal (object, n);
CREATE INDEX journal_in_doubt ON journal (account, n) WHERE state IN ('intended', 'unknown');
CREATE TABLE activity (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL,
  level TEXT NOT NULL, text TEXT NOT NULL, object TEXT, data TEXT NOT NULL
);
CREATE INDEX activity_of_account ON activity (account, id);
CREATE TABLE hold (one INTEGER PRIMARY KEY CHECK (one = 1), reason TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE look (account TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
"""


def keep_evidence(database: "Database") -> None:
    """The frozen priors, and what each plan judged by beside its body: plans are many and their bodies are long."""
    database.executescript(_EVIDENCE)


_EVIDENCE = """
CREATE TABLE prior (
  account TEXT NOT NULL, result TEXT NOT NULL, target TEXT NOT NULL, ad_set TEXT NOT NULL, a REAL NOT NULL,
  b REAL NOT NULL, PRIMARY KEY (account, result, target, ad_set)
) WITHOUT ROWID;
ALTER TABLE plan ADD COLUMN poll INTEGER;
ALTER TABLE plan ADD COLUMN target TEXT;
ALTER TABLE plan ADD COLUMN attribution TEXT;
UPDATE plan SET poll = body ->> 'poll', target = body ->> 'target', attribution = body ->> 'attribution';
CREATE INDEX plan_of_engine ON plan (account, n, made_at, poll, target, attribution) WHERE origin = 'engine';
"""


def keep_growth(database: "Database") -> None:
    """What each poll showed the days to have grown by, packed: it could be told from the vintages, but slowly."""
    from adopt.store import growth

    database.executescript(_GROWTH)
    grew = f"""
    SELECT {growth.increments("n", "b")} FROM insights AS n LEFT JOIN insights AS b
    ON b.ended = n.poll AND b.ad_set = n.ad_set AND b.result = n.result AND b.day = n.day
    WHERE n.poll = ? ORDER BY n.ad_set, n.day
    """
    places = ", ".join("?" for _ in growth.KINDS)
    for (poll,) in database.execute("SELECT id FROM poll").fetchall():
        packed = growth.pack([rows] if (rows := database.execute(grew, [poll]).fetchall()) else [])
        database.execute(f"INSERT INTO growth VALUES (?, {places})", [poll, *packed])
    database.execute("DROP INDEX vintage_of_poll")


_GROWTH = """
CREATE TABLE growth (
  poll INTEGER PRIMARY KEY REFERENCES poll, ad_set BLOB, day BLOB, is_new BLOB, spend BLOB, clicks BLOB,
  results_default BLOB, results_1d_click BLOB, results_7d_click BLOB, results_28d_click BLOB, results_1d_view BLOB,
  results_1d_ev BLOB, revenue_default BLOB, revenue_1d_click BLOB, revenue_7d_click BLOB, revenue_28d_click BLOB,
  revenue_1d_view BLOB, revenue_1d_ev BLOB
);
CREATE INDEX vintage_of_poll ON insights (poll);
"""


def date_priors(database: "Database") -> None:
    """The poll that each prior was fitted on: the first plan of its target that could see its object; null if none."""
    database.executescript(_DATES)


_DATES = """
ALTER TABLE prior ADD COLUMN poll INTEGER;
UPDATE prior SET poll = (
  SELECT min(p.poll) FROM plan AS p JOIN poll AS o ON o.id = p.poll
  WHERE p.account = prior.account AND p.origin = 'engine' AND p.target || ' ' || p.attribution = prior.target
  AND o.result = prior.result AND p.poll >= (
    SELECT min(s.poll) FROM object AS b JOIN state AS s ON s.object = b.n
    WHERE b.account = prior.account AND b.id = prior.ad_set
  )
);
"""


def keep_jobs(database: "Database") -> None:
    """The queue of jobs, and the journal of their steps."""
    database.executescript(_JOBS)


_JOBS = """
CREATE TABLE job (
  n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
  lane TEXT NOT NULL, name TEXT NOT NULL, payload BLOB NOT NULL, priority INTEGER NOT NULL, due TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
  stage TEXT NOT NULL DEFAULT '', cancel INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
  owner TEXT, fence INTEGER NOT NULL DEFAULT 0, beat INTEGER NOT NULL DEFAULT 0, error TEXT,
  created_at TEXT NOT NULL, at TEXT NOT NULL, CHECK ((state = 'running') = (owner IS NOT NULL))
);
CREATE INDEX job_waiting ON job (priority DESC, n) WHERE state = 'queued';
CREATE INDEX job_due ON job (due) WHERE state = 'queued';
CREATE UNIQUE INDEX job_running ON job (lane) WHERE state = 'running';
CREATE TABLE step (
  job INTEGER NOT NULL REFERENCES job, ordinal INTEGER NOT NULL, name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('intended', 'done', 'refused')), stage TEXT NOT NULL, attempts INTEGER NOT NULL,
  object TEXT, result TEXT, fraction REAL, note TEXT NOT NULL DEFAULT '', error TEXT, begun_at TEXT NOT NULL,
  at TEXT NOT NULL, PRIMARY KEY (job, name)
) WITHOUT ROWID;
"""


def keep_secrets(database: "Database") -> None:
    """The vault: its keeper, the data keys and the secrets they seal; and the connections to Meta, by account."""
    database.executescript(_SECRETS)


_SECRETS = """
CREATE TABLE vault (
  one INTEGER PRIMARY KEY CHECK (one = 1), keeper TEXT NOT NULL, master TEXT NOT NULL, at TEXT NOT NULL
);
CREATE TABLE data_key (id INTEGER PRIMARY KEY, wrapped BLOB NOT NULL, master TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE secret (
  owner TEXT NOT NULL, name TEXT NOT NULL, blob BLOB NOT NULL, PRIMARY KEY (owner, name)
) WITHOUT ROWID;
CREATE TABLE connection (id TEXT PRIMARY KEY, graph_url TEXT NOT NULL, made_at TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE connected (
  graph_url TEXT NOT NULL, account TEXT NOT NULL, connection TEXT NOT NULL REFERENCES connection ON DELETE CASCADE,
  PRIMARY KEY (graph_url, account)
) WITHOUT ROWID;
"""


def keep_library(database: "Database") -> None:
    """What each account's library at Meta calls a file, so that none is uploaded twice."""
    database.executescript(_LIBRARY)


_LIBRARY = """
CREATE TABLE library (
  account TEXT NOT NULL, sha256 TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (account, sha256)
) WITHOUT ROWID;
"""


def keep_channels(database: "Database") -> None:
    """Where people are told things."""
    database.executescript(_CHANNELS)


_CHANNELS = """
CREATE TABLE channel (id TEXT PRIMARY KEY, cursor INTEGER NOT NULL, body TEXT NOT NULL);
"""

STEPS: "tuple[Step, ...]" = (
    remember,
    keep_evidence,
    keep_growth,
    date_priors,
    keep_jobs,
    keep_secrets,
    keep_library,
    keep_channels,
)
