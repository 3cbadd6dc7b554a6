"""When an account's passes are due: a clock that only puts jobs into the queue, whose keys name the slot."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from adopt.errors import Invalid
from adopt.policy import Span

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_JUMP_S = 30.0  # less is no jump but a clock that is put right
_JITTER = 0.05  # of an interval: many accounts must not call Meta in the same second


class Slot(NamedTuple):
    """One thing that is due now and then: its kind of job, the account, and when, as the policy writes it."""

    kind: str
    account: str
    text: str
    timezone: str


class _WallClock(BaseTrigger):  # type: ignore[misc] # untyped
    """A cron expression by the clock on a wall: once a day also where the clocks change.

    An hour that is left out is made up for right after it; one that comes twice counts the first time.
    """

    def __init__(self, cron: CronTrigger, zone: ZoneInfo) -> None:
        self._cron, self._zone = cron, zone  # the expression is reckoned with as if the wall showed UTC

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The first moment behind the last one, or from now on."""
        if previous_fire_time:
            return self._first(self._shown(previous_fire_time) + timedelta(microseconds=1))
        shown = self._shown(now)
        while (found := self._first(shown)) and found < now:
            shown = self._shown(found) + timedelta(microseconds=1)
        return found

    def _first(self, shown: datetime) -> datetime | None:
        """The moment of the first slot from what the wall shows on."""
        slot: datetime | None = self._cron.get_next_fire_time(None, shown)
        return slot and slot.replace(tzinfo=self._zone, fold=0).astimezone(UTC)

    def _shown(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone).replace(tzinfo=UTC, fold=0)


def trigger_of(slot: Slot) -> BaseTrigger:
    """What APScheduler fires by; Invalid for what is neither `4h` nor a cron expression of five fields."""
    zone = ZoneInfo(slot.timezone)
    fields = slot.text.split()
    try:
        if len(fields) == 1:
            seconds = Span.parse(slot.text).total_seconds()
            return IntervalTrigger(seconds=seconds, timezone=UTC, jitter=int(seconds * _JITTER) or None)
        minute, hour, day, month, weekday = fields
        named = {"minute": minute, "hour": hour, "day": day, "month": month, "day_of_week": _named(weekday)}
        return _WallClock(CronTrigger(timezone=UTC, **named), zone)
    except ValueError as error:
        raise Invalid(
            f'schedule.{slot.kind}: {slot.text!r} is no schedule: {error}; allowed: "4h", or "0 6 * * 1" as in cron',
            try_next="edit the policy, then adopt daemon restart",
        ) from error


def _named(weekdays: str) -> str:
    """Cron's weekdays as a list of names: APScheduler counts from Monday, cron from Sunday, which is 0 and 7."""
    if weekdays == "*":
        return weekdays
    return ",".join(dict.fromkeys(_WEEKDAYS[day] for piece in weekdays.split(",") for day in _days(piece)))


def _days(piece: str) -> range:
    """The days of `1`, `mon`, `1-5`, `*/2` or `1-5/2`; ValueError for what is none."""
    span, _, step = piece.partition("/")
    first, _, last = ("0", "-", "6") if span == "*" else span.partition("-")
    since, until = (_WEEKDAYS.index(day) if day in _WEEKDAYS else int(day) for day in (first, last or first))
    days = range(since, until + 1, int(step or 1))
    if not days or not 0 <= since <= until < len(_WEEKDAYS):
        raise ValueError(f"{piece!r} are no weekdays; 0-7, mon-sun")
    return days


class Timetable:
    """The slots of every account, each firing into `enqueue` with the moment it was due."""

    def __init__(self, enqueue: Callable[[Slot, datetime], object]) -> None:
        self._enqueue = enqueue
        self._known: dict[str, Slot] = {}
        self._clocks: tuple[datetime, float] | None = None  # the wall's and the steady one's, at the last look
        self._own: dict[str, tuple[float, Callable[[], object]]] = {}
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})

    def start(self) -> None:
        """Let time run."""
        self._scheduler.start()

    def stop(self) -> None:
        """No slot fires any more."""
        self._scheduler.shutdown(wait=False)

    def every(self, seconds: float, call: Callable[[], object], name: str) -> None:
        """Something of the daemon's own, every so many seconds."""
        self._own[name] = seconds, call
        self._add_own(name)

    def keep(self, slots: Sequence[Slot]) -> None:
        """These slots and no others from now on; what did not change keeps its beat. A new one fires at once."""
        wanted = {f"{slot.kind}:{slot.account}": slot for slot in slots}
        for name in set(self._known) - set(wanted):
            self._scheduler.remove_job(name)
        for name, slot in wanted.items():
            if self._known.get(name) != slot:
                self._add(name, slot)
        self._known = wanted

    def heed(self, wall: datetime, steady: float) -> float:
        """Seconds by which the clock on the wall was set back since the last look; then every slot is reckoned anew.

        Set forward, or waking from sleep, the slots that were missed fire once, as soon as the scheduler looks.
        """
        before, self._clocks = self._clocks, (wall, steady)
        back = 0.0 if before is None else steady - before[1] - (wall - before[0]).total_seconds()
        if back < _JUMP_S:
            return 0.0
        for name, slot in self._known.items():
            self._add(name, slot)
        for name in self._own:
            self._add_own(name)
        return back

    def due(self) -> Mapping[str, datetime]:
        """When each slot fires next."""
        return {job.id: job.next_run_time for job in self._scheduler.get_jobs() if job.id in self._known}

    def _add(self, name: str, slot: Slot) -> None:
        trigger, now = trigger_of(slot), datetime.now(UTC)
        at_once: dict[str, Any] = {"next_run_time": now} if isinstance(trigger, IntervalTrigger) else {}
        self._scheduler.add_job(self._fire, trigger, args=[slot], id=name, replace_existing=True, **at_once)

    def _add_own(self, name: str) -> None:
        seconds, call = self._own[name]
        trigger = IntervalTrigger(seconds=seconds)
        self._scheduler.add_job(call, trigger, id=name, max_instances=1, replace_existing=True)

    def _fire(self, slot: Slot) -> None:
        self._enqueue(slot, datetime.now(UTC))
