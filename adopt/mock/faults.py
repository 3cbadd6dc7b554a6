"""Faults on demand: the n-th matching call goes wrong in a chosen way."""

from typing import Literal

import msgspec

from adopt.mock.errors import GraphError

Kind = Literal[
    "error", "http", "drop", "drop_after", "hang", "truncate", "late", "job_failed", "job_skipped", "job_stuck"
]


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One fault: which calls it waits for, which of them it hits, and how.

    error      answers Meta's envelope with code, subcode and status
    http       answers an HTTP status with an empty body
    drop       closes the connection before anything is done
    drop_after does what was asked, then closes the connection without an answer
    hang       waits so many seconds, then goes on as usual
    truncate   does what was asked and answers half of the JSON
    late       lets the report run that is started be unknown for so many seconds
    job_failed, job_skipped, job_stuck  let the report run that is started end so
    """

    kind: Kind
    method: str | None = None
    path: str = ""
    nth: int = 1
    times: int = 1
    code: int = 1
    subcode: int | None = None
    status: int = 500
    message: str = "An unknown error occurred"
    transient: bool = False
    seconds: float = 30.0

    def matches(self, method: str, path: str) -> bool:
        """Tell whether the fault waits for such a call."""
        return (self.method is None or self.method.upper() == method) and self.path in path

    def error(self) -> GraphError:
        """Give the error to answer."""
        return GraphError(self.message, self.code, self.subcode, status=self.status, transient=self.transient)


class Faults:
    """The faults that wait, and the calls each has seen."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Fault, int]] = []

    def add(self, fault: Fault) -> None:
        """Let a fault wait for its calls."""
        self._waiting.append((fault, 0))

    def clear(self) -> None:
        """Forget all faults."""
        self._waiting.clear()

    def next(self, method: str, path: str) -> Fault | None:
        """Count a call, and give the fault that hits it."""
        hit = None
        for place, (fault, seen) in enumerate(self._waiting):
            if fault.matches(method, path):
                self._waiting[place] = (fault, seen + 1)
                if hit is None and fault.nth <= seen + 1 < fault.nth + fault.times:
                    hit = fault
        self._waiting = [(fault, seen) for fault, seen in self._waiting if seen + 1 < fault.nth + fault.times]
        return hit
