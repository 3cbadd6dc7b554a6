"""What every operation opens, and closes again: the store, the way to Meta, the account's lock, its policy."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from adopt import policy as policies
from adopt.access import Access
from adopt.errors import NeedsPerson
from adopt.policy import Policy, Target
from adopt.settings import GRAPH_URL, Settings
from adopt.store.database import Store, open_store

if TYPE_CHECKING:
    from adopt.graph.client import Graph

NO_TARGET = Policy(target=Target(cpa=Decimal(1)))  # a person's own change needs guardrails, not a target


def utc_now() -> datetime:
    """This machine's time."""
    return datetime.now(UTC)


class Opens:
    """One ad account's settings, and what is opened by them."""

    def __init__(self, settings: Settings, *, wait_s: float = 0.0) -> None:
        self.settings = settings
        self.access = Access(settings)
        self.wait_s = wait_s

    def policy(self, cpa: str | None = None, roas: str | None = None) -> Policy:
        """The account's policy; a target given by flag stands in for it."""
        kept = policies.with_target(self._policy_or_none(), cpa=cpa, roas=roas)
        return kept or policies.load(self.settings.policy_path)

    def clock(self) -> tuple[str | None, datetime]:
        """The account's time zone, and now: in a simulated account, the last moment that it showed."""
        from adopt.store import polls

        with self._store() as store:
            last = polls.newest(store, self.settings.account or "")
            zone = polls.objects(store, last.account)[0].timezone if last else None
            is_simulated = self.settings.graph_url != GRAPH_URL
            return zone, last.as_of if last and is_simulated else utc_now()

    def _policy_or_none(self) -> Policy | None:
        path = self.settings.policy_path
        return policies.load(path) if path.exists() else None

    @contextmanager
    def _store(self) -> Iterator[Store]:
        with open_store(self.settings.database) as store:
            yield store

    @contextmanager
    def _graph(self) -> Iterator["Graph"]:
        from adopt.graph.client import Graph

        with Graph(self.settings.graph_url, self.access.token().reveal()) as graph:
            yield graph

    @contextmanager
    def _at_work(self) -> Iterator[tuple[Store, "Graph"]]:
        """Alone on the account, with nothing of an earlier run left in doubt."""
        from adopt.operations.applying import settle_doubts
        from adopt.operations.lock import account_lock

        with account_lock(self.settings.lock_path, self.wait_s), self._store() as store, self._graph() as graph:
            settle_doubts(store, graph, self.settings.require_account())
            yield store, graph

    @contextmanager
    def _telling(self, of: str) -> Iterator[None]:
        """Keep for the log, once, what only a person can mend, that it is mended, and how long the token still lasts.

        `of` is the kind of the pass.
        """
        from adopt.operations.telling import note_age, note_mended, note_trouble
        from adopt.store import connections

        account = self.settings.require_account()
        try:
            yield
        except NeedsPerson as error:
            with self._store() as store:
                note_trouble(store, account, error, utc_now(), of)
            raise
        with self._store() as store:
            note_mended(store, account, utc_now(), of)
            known = connections.of(store, self.settings.graph_url, account)
            if known and self.settings.token is None:
                zone, now = self.clock()
                note_age(store, account, known, now.astimezone(ZoneInfo(zone or "UTC")))
