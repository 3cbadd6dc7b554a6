"""What the doctor looks at, and how a finding is made."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from adopt.engine.snapshot import Snapshot
from adopt.errors import AdoptError
from adopt.graph.client import Graph
from adopt.model import Finding
from adopt.operations import watching
from adopt.policy import Policy
from adopt.settings import Settings
from adopt.store import migrations
from adopt.store.database import Store
from adopt.store.polls import PollHeader, headers


class File(NamedTuple):
    """What a look into the database file found."""

    damage: str
    schema: int

    @property
    def is_usable(self) -> bool:
        """Whether it can be opened without being brought up to date."""
        return not self.damage and self.schema == len(migrations.STEPS)


def examined(path: Path) -> File | None:
    """SQLite's own quick check of a file, opened for reading only; it reads all of it. None where there is no file."""
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            said = [row[0] for row in connection.execute("PRAGMA quick_check(3)").fetchall()]
            schema = int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return File(str(error), 0)
    return File("" if said == ["ok"] else "; ".join(said), schema)


class Patient(NamedTuple):
    """All that can be looked at; what is None is missing, which one of the checks says."""

    settings: Settings
    now: datetime  # of this machine; in a simulated account, its last poll's
    policy: Policy | None
    broken: AdoptError | None  # why the policy cannot be read
    store: Store | None
    graph: Graph | None
    snapshot: Snapshot | None  # as the last poll saw the account, with its curve
    polls: Sequence[PollHeader]
    file: File | None  # the database's

    def zoned(self, at: datetime) -> datetime:
        """A moment in the account's time zone, where that is known; else in this machine's."""
        return at.astimezone(ZoneInfo(self.snapshot.account.timezone) if self.snapshot else None)

    def local(self, at: datetime) -> str:
        """A moment as the account's clock shows it."""
        return f"{self.zoned(at):%Y-%m-%d %H:%M}"


def laid_out(store: Store, account_id: str, policy: Policy) -> tuple[Snapshot | None, Sequence[PollHeader]]:
    """The account as the last poll saw it, with its curve, and all its polls; nothing is kept."""
    known = headers(store, account_id, policy.target.result)
    if not known:
        return None, ()
    return watching.taught_then(store, known[-1], policy), known


Check: TypeAlias = Callable[[Patient], Iterator[Finding]]


def finding(  # the fields of a finding
    check: Check,
    level: Literal["ok", "note", "warning", "error"],
    what: str,
    *,
    why: str = "",
    do: str = "",
    fix: str = "",
    data: Mapping[str, Any] | None = None,
) -> Finding:
    """A finding under the name of its check."""
    return Finding(check=check.__name__, level=level, what=what, why=why, do=do, fix=fix, data=data or {})
