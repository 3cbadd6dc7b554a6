"""Faults on demand: the n-th matching call goes wrong in a chosen way."""

from collections.abc import Collection
from typing import Any, Literal, get_args

import msgspec

from adopt.mock.errors import GraphError

Kind = Literal[
    "error",
    "http",
    "html",
    "drop",
    "drop_after",
    "hang",
    "slow",
    "truncate",
    "cut",
    "lag",
    "revoke",
    "null",
    "late",
    "job_failed",
    "job_skipped",
    "job_stuck",
]
KINDS: tuple[str, ...] = get_args(Kind)
FOREVER = 1 << 31


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One fault: which calls it waits for, which of them it hits, and how.

    error      answers Meta's envelope with code, subcode and status
    http       answers an HTTP status with an empty body
    html       answers an HTTP status with a page, as a broken gateway does
    drop       closes the connection before anything is done
    drop_after does what was asked, then closes the connection without an answer
    hang       waits so many seconds, then goes on as usual
    slow       does what was asked and answers in pieces over so many seconds
    truncate   does what was asked and answers half of the JSON
    cut        does what was asked and closes the connection in the middle of the body
    lag        lists objects as they were so many seconds ago
    revoke     takes the token back: from this call on it is worth nothing
    null       does an operation of a batch, and answers null in its place
    late       lets the report run that is started be unknown for so many seconds
    job_failed, job_skipped, job_stuck  let the report run that is started end so
    """

    kind: Kind
    method: str | None = None
    path: str = ""
    nth: int = 1
    times: int = 1  # 0: from the nth on, without end
    code: int = 1
    subcode: int | None = None
    status: int = 500
    message: str = "An unknown error occurred"
    transient: bool = False
    seconds: float = 30.0

    @property
    def last(self) -> int:
        """Give the number of the last call it hits."""
        return self.nth + (self.times or FOREVER) - 1

    def matches(self, method: str, path: str) -> bool:
        """Tell whether the fault waits for such a call."""
        return (self.method is None or self.method.upper() == method) and self.path in path

    def error(self) -> GraphError:
        """Give the error to answer."""
        return GraphError(self.message, self.code, self.subcode, status=self.status, transient=self.transient)

    def problem(self) -> str | None:
        """Say what makes the fault impossible, if anything."""
        if self.nth < 1 or self.times < 0 or not 0 <= self.seconds <= 86400:  # noqa: PLR2004 - a day
            return "nth counts from 1, times from 0 (without end), and seconds lie between 0 and 86400"
        if not 200 <= self.status <= 599:  # noqa: PLR2004 - HTTP's range of final statuses
            return f"{self.status} is no HTTP status: 200 to 599"
        return None


class Faults:
    """The faults that wait, and the calls each has seen."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Fault, int]] = []

    def add(self, fault: Fault) -> None:
        """Let a fault wait for its calls."""
        problem = fault.problem()
        if problem is not None:
            raise ValueError(problem)
        self._waiting.append((fault, 0))

    def clear(self) -> None:
        """Forget all faults."""
        self._waiting.clear()

    def waiting(self) -> list[dict[str, Any]]:
        """Give the faults that wait, with the matching calls each has seen."""
        return [{**msgspec.to_builtins(fault), "seen": seen} for fault, seen in self._waiting]

    def next(self, method: str, path: str, kinds: Collection[str] = KINDS) -> Fault | None:
        """Count a call for the faults of some kinds, and give the one that hits it."""
        hit = None
        for place, (fault, seen) in enumerate(self._waiting):
            if fault.kind in kinds and fault.matches(method, path):
                self._waiting[place] = (fault, seen + 1)
                if hit is None and fault.nth <= seen + 1 <= fault.last:
                    hit = fault
        self._waiting = [(fault, seen) for fault, seen in self._waiting if seen < fault.last]
        return hit
