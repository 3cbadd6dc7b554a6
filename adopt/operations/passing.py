"""Passes as jobs: what the timetable queues, one of a kind an account at a time, each slot once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from adopt.errors import Invalid, Refused
from adopt.operations.working import Context, Kind
from adopt.store import queue
from adopt.store.database import Store, decode, transaction
from adopt.store.queue import Clock, Order

PATIENCE_S = 30.0  # with another run on the account
_KEPT = timedelta(days=1)  # a pass that went well is of no interest after that


class Pass(Struct, frozen=True):
    """Which account is passed over, and at which address."""

    account: str
    graph_url: str


def enqueue(store: Store, kind: str, account: str, graph_url: str, due: datetime, clock: Clock) -> bool:
    """The pass of a slot, unless one of its kind waits for the account already; those long done are swept away."""
    with transaction(store):
        queue.sweep(store, kind, clock() - _KEPT)
        if queue.is_open(store, kind, account):
            return False
        order = Order(
            key=f"{kind} {account} {due:%Y-%m-%dT%H:%M}",
            kind=kind,
            lane=account,
            name=f"{kind} {due:%Y-%m-%d %H:%M} UTC",
            payload=msgspec.json.encode(Pass(account, graph_url)),
        )
        return queue.enqueue(store, order, clock)[1]


def kind(graph_url: str, make: Callable[[str], object], *, holds: bool = True) -> Kind:
    """How passes of a kind are made; one cut off is made anew, since its changes have a journal of their own."""

    def run(context: Context, payload: bytes) -> None:
        wanted = decode(payload, Pass)
        if wanted.graph_url != graph_url:
            raise Invalid(f"this pass was queued for {wanted.graph_url}, and this worker speaks to {graph_url}")

        def one() -> None:
            make(wanted.account)

        try:
            context.step("pass", one)
        except Refused:
            context.require_live()  # where the red button was pressed meanwhile, the pass waits until it is released
            raise

    return Kind(run, holds=holds)
