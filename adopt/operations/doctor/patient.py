"""What the doctor looks at, and how a finding is made."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from adopt.engine.snapshot import Snapshot
from adopt.errors import AdoptError
from adopt.graph.client import Graph
from adopt.model import Finding
from adopt.operations import watching
from adopt.policy import Policy
from adopt.settings import Settings
from adopt.store.database import Store
from adopt.store.polls import PollHeader, headers


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

    def local(self, at: datetime) -> str:
        """A moment in the account's time zone, where that is known."""
        zone = ZoneInfo(self.snapshot.account.timezone) if self.snapshot else None
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


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
    data: Mapping[str, Any] | None = None,
) -> Finding:
    """A finding under the name of its check."""
    return Finding(check=check.__name__, level=level, what=what, why=why, do=do, data=data or {})
