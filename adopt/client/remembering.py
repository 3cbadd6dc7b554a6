"""What is remembered of an account, and the red button; Meta is asked nothing."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from adopt.client.opening import Opens, utc_now
from adopt.errors import Invalid
from adopt.model import (
    Activity,
    Branch,
    Event,
    Hold,
    KnownAccount,
    Overview,
    Plan,
    Presence,
    RuleCount,
    Series,
    Status,
    Why,
)


class Remembering(Opens):
    """How an account stands, and how it came to."""

    def find_plan(self, name: str) -> Plan:
        """A kept plan by its id or the beginning of it."""
        from adopt.store import plans

        with self._store() as store:
            return plans.find(store, name)

    def why(self, name: str, at: datetime | None = None) -> Why:
        """The evidence for an ad set, a campaign or a change; with `at`, as the last pass by then judged it."""
        from adopt.operations.explaining import why
        from adopt.operations.shadowing import score_of
        from adopt.store import plans

        with self._store() as store:
            account = self.settings.require_account()
            found = why(store, account, name, at)
            if at is not None or not plans.shadowed(store, account)[0]:
                return found
            return replace(found, shadows=score_of(store, account, found.object.id, self.policy()))

    def status(self) -> Status:
        """Where things stand, from what is remembered."""
        from adopt.operations.asking import status

        with self._store() as store:
            account = self.settings.account
            policy = self._policy_or_none() if account else None
            found = status(store, self.settings.graph_url, account, policy, signed_in=self.access.is_signed_in())
            return replace(found, daemon=self.daemon())

    def daemon(self) -> Presence | None:
        """The daemon that runs, if one does."""
        from adopt.operations.presence import daemon

        return daemon(self.settings.daemon_lock)

    def log(self, cursor: int = 0, limit: int = 50) -> tuple[Activity, ...]:
        """What happened after a cursor; the latest where there is none."""
        from adopt.store import activity

        account = self.settings.require_account()
        with self._store() as store:
            if cursor:
                return activity.since(store, account, cursor, limit=limit)
            return activity.tail(store, account, limit=limit)

    def hold(self) -> Hold | None:
        """Why and since when everything is held; None while it is not."""
        from adopt.store import hold

        with self._store() as store:
            return hold.hold(store)

    def press_hold(self, on: bool, reason: str = "") -> Hold | None:  # noqa: FBT001 # on or off is the point
        """The red button pressed or released; what holds now."""
        from adopt.operations.holding import press

        with self._store() as store:
            return press(store, reason, utc_now(), on=on)

    def follow(self, after: int | None = None) -> Iterator[Event | None]:
        """What happens from now on, or after a cursor, as it happens; None now and then while nothing does.

        It begins with how the hold and the open jobs stand, so that after a break nothing is missed.
        """
        from adopt.operations.following import follow

        with self._store() as store:
            yield from follow(store, self.settings.account or "", after)

    def overview(self) -> Overview:
        """All that a dashboard shows of the account."""
        from adopt.operations.overview import overview

        with self._store() as store:
            return overview(store, self.settings.require_account(), self._policy_or_none())

    def series(self, days: int = 90, span: int = 1) -> Series:
        """The last days, each with those before it that its span holds, and what adopt changed meanwhile."""
        from adopt.operations.overview import series

        for name, value, most in (("days", days, 1000), ("span", span, 90)):
            if not 1 <= value <= most:
                raise Invalid(f"{name} {value}: from 1 to {most} is allowed")
        with self._store() as store:
            return series(store, self.settings.require_account(), self._policy_or_none(), days, span)

    def tree(self) -> tuple[Branch, ...]:
        """The campaigns of the last poll with their ad sets; `rows("ad", ADSET)` asks Meta for the ads of one."""
        from adopt.operations.overview import tree

        with self._store() as store:
            return tree(store, self.settings.require_account())

    def known_accounts(self) -> tuple[KnownAccount, ...]:
        """Every ad account that was polled, and when last."""
        from adopt.operations.overview import known_accounts

        with self._store() as store:
            return known_accounts(store)

    def rule_counts(self) -> tuple[RuleCount, ...]:
        """How often each rule has spoken, and what became of it."""
        from adopt.operations.overview import rule_counts

        with self._store() as store:
            return rule_counts(store, self.settings.require_account(), self._policy_or_none())
