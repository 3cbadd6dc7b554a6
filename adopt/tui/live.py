"""What the dashboard knows, kept up to date in a thread of its own by the stream of what happens."""

import time
from collections.abc import Callable, Mapping
from threading import Event
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from adopt.errors import AdoptError
from adopt.model import Activity, Branch, Job, Overview, Plan, Presence, RuleCount, Series

if TYPE_CHECKING:
    from adopt.client import Client

KEPT = 1_000  # entries of the log, and jobs
DAYS = 90
_PACE_S = 0.5  # between two fetches while much happens
_RETRY_S = 0.5
_SHOWN = 200  # entries and jobs at the start


class Known(Struct, frozen=True, kw_only=True):
    """All that the screens show, and when it was fetched by the machine's monotonic clock."""

    overview: Overview | None = None
    series: Series | None = None
    activity: tuple[Activity, ...] = ()
    jobs: tuple[Job, ...] = ()
    daemon: Presence | None = None
    plan: Plan | None = None  # that waits for a yes
    tree: tuple[Branch, ...] = ()
    rules: tuple[RuleCount, ...] = ()
    fetched: float = 0.0
    trouble: str = ""  # why nothing newer can be had

    @property
    def age(self) -> float:
        """Seconds since it was fetched."""
        return time.monotonic() - self.fetched if self.fetched else 0.0


class Feed:
    """Keeps `known` up to date until it is closed; `open_door` leads to the account, anew after a break."""

    def __init__(self, open_door: "Callable[[], Client]", span: int = 7) -> None:
        self.known = Known()
        self.door = open_door()
        self._open_door, self._span = open_door, span
        self._closed, self._wanted = Event(), Event()

    def run(self) -> None:
        """Follow what happens; after a break, go on behind the last entry that was seen."""
        while not self._closed.is_set():
            try:
                self._start()
                self._follow()
            except AdoptError as error:
                self.known = replace(self.known, trouble=error.message)
                self._closed.wait(_RETRY_S)
                self._reopen()

    def close(self) -> None:
        """No more."""
        self._closed.set()

    def again(self) -> None:
        """Everything anew, within a second."""
        self._wanted.set()

    def span(self, days: int) -> None:
        """Points of the series that sum so many days."""
        self._span = days
        self.again()

    def _reopen(self) -> None:
        try:
            self.door = self._open_door()
        except AdoptError as error:
            self.known = replace(self.known, trouble=error.message)

    def _start(self) -> None:
        """All of it, and of the log what the screen has not seen."""
        known, seen = self.known, self.known.activity
        news = self.door.log(cursor=seen[-1].id, limit=KEPT) if seen else self.door.log(limit=_SHOWN)
        known = replace(known, activity=(*seen, *news)[-KEPT:], jobs=self.door.jobs(limit=_SHOWN))
        self._publish(self._whole(known))

    def _follow(self) -> None:
        """Take in event by event, and fetch what they bear on as often as the pace lets; a flood is one fetch."""
        news: list[Activity] = []
        jobs: dict[str, Job] = {}
        cursor = self.known.activity[-1].id if self.known.activity else None
        held = self.known.overview.hold if self.known.overview else None
        for event in self.door.follow(cursor):
            if self._closed.is_set():
                return
            if event is not None and event.activity is not None:
                news.append(event.activity)
            elif event is not None and event.job is not None:
                jobs[event.job.id] = event.job
            elif event is not None and event.hold != held:
                self._wanted.set()
                held = event.hold
            if (event is None or self.known.age > _PACE_S) and (news or jobs or self._wanted.is_set()):
                self._take(news, jobs)
                news, jobs = [], {}

    def _take(self, news: list[Activity], jobs: Mapping[str, Job]) -> None:
        known = replace(self.known, activity=(*self.known.activity, *news)[-KEPT:], jobs=_with(self.known.jobs, jobs))
        whole = bool(news) or self._wanted.is_set()
        self._wanted.clear()
        self._publish(self._whole(known) if whole else known)

    def _whole(self, known: Known) -> Known:
        """All but the log and the jobs."""
        now = self.door.overview()
        waits = now.plan if now.plan_state in ("waiting", "approved") and now.plan_changes else None
        has_it = known.plan is not None and known.plan.id == waits
        return replace(
            known,
            overview=now,
            series=self.door.series(DAYS, self._span),
            plan=known.plan if has_it else waits and self.door.find_plan(waits),
            tree=self.door.tree(),
            rules=self.door.rule_counts(),
            daemon=self.door.daemon(),
        )

    def _publish(self, known: Known) -> None:
        self.known = replace(known, fetched=time.monotonic(), trouble="")


def _with(jobs: tuple[Job, ...], changed: Mapping[str, Job]) -> tuple[Job, ...]:
    """The jobs, newest first, with those that changed as they are now."""
    if not changed:
        return jobs
    known = {job.id for job in jobs}
    new = [job for id_, job in changed.items() if id_ not in known]
    return (*reversed(new), *(changed.get(job.id, job) for job in jobs))[:KEPT]
