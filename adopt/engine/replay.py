"""The same engine over what was known at moments gone by: what a policy would have done, pass after pass.

What it would have done was not done, so the account went on as it really did. The course remembers where the two part:
an object that would have been changed stands as the change would have left it, until somebody really changes it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from adopt.engine.guardrails import objects_of
from adopt.engine.judging import judge
from adopt.engine.learning import first_priors, learn_curve
from adopt.engine.planning import make_plan, with_verdicts
from adopt.engine.snapshot import Snapshot, aged, pulse_of
from adopt.model import AdSet, Campaign, Change, Field, History, Money, Plan
from adopt.policy import Matcher, Policy

Moment = TypeVar("Moment")
Object = TypeVar("Object", AdSet, Campaign)
Key: TypeAlias = tuple[str, Field]  # an object's id, and the field of it

_DAY = timedelta(hours=24)
_HOUR = timedelta(hours=1)


class Departure(Struct, frozen=True, kw_only=True):
    """A field of an object that would have been changed, and was not."""

    real: str | Money  # what it really was, and is as long as nobody changes it
    would: tuple[tuple[datetime, Change], ...]  # what would have been changed, and when, oldest first

    @property
    def value(self) -> str | Money:
        """What the field would be now."""
        return self.would[-1][1].after

    def held(self, then: datetime) -> str | Money:
        """What the field would have been at a moment."""
        return next((change.after for at, change in reversed(self.would) if at <= then), self.real)


class Course(Struct, frozen=True, kw_only=True):
    """Where a replay stands: what it would have changed by now, and what it froze and looked at on the way."""

    departures: Mapping[Key, Departure] = {}
    priors: Mapping[str, tuple[float, float]] = {}
    looked: datetime | None = None

    @property
    def parted(self) -> frozenset[str]:
        """The objects that would have been changed."""
        return frozenset(id_ for id_, _ in self.departures)


class Pass(Struct, frozen=True, kw_only=True):
    """One replayed pass: what was known, what it would have planned, and where that leaves the replay."""

    snapshot: Snapshot
    plan: Plan
    parted: frozenset[str]  # the objects that earlier passes would have changed, and nobody did
    course: Course


def replay(moments: Iterable[Moment], known: Callable[[Moment], Snapshot], policy: Policy) -> Iterator[Pass]:
    """A pass at each moment, over what was known then and what the passes before it would have done."""
    course = Course()
    for moment in moments:
        done = step(known(moment), policy, course)
        course = done.course
        yield done


def step(snapshot: Snapshot, policy: Policy, course: Course, most: int | None = None) -> Pass:
    """One pass over what was known at a moment; on an empty course it is the very pass of that moment."""
    course = replace(course, departures=_lasting(course.departures, snapshot))
    seen = _taught(snapshot, policy, course)
    stands = _departed(replace(seen, looked=course.looked or seen.looked), course.departures, policy)
    out = frozenset(id_ for (id_, _), one in course.departures.items() if one.value == "PAUSED")
    verdicts = judge(stands, policy)
    plan = with_verdicts(make_plan(stands, verdicts, _sparing(policy, out), most), verdicts)
    plan = replace(plan, refusals=tuple(one for one in plan.refusals if one.change.object.id not in out))
    then = fold(replace(course, priors=dict(seen.priors)), plan)
    return Pass(snapshot=seen, plan=plan, parted=course.parted, course=then)


def fold(course: Course, plan: Plan) -> Course:
    """The course behind a plan that was made and not carried out."""
    departures = dict(course.departures)
    for change in (part for whole in plan.changes for part in whole.parts):
        key = change.object.id, change.field
        before = departures.get(key)
        goes_on = before is not None and before.value == change.before
        departures[key] = Departure(
            real=before.real if before and goes_on else change.before,
            would=(*(before.would if before and goes_on else ()), (plan.made_at, change)),
        )
    return replace(course, departures=departures, looked=plan.made_at)


def earlier(first: Snapshot, now: datetime) -> Snapshot:
    """The account at the start of a day before its first poll, by rows that this poll showed: with hindsight.

    Results that came late are in already. Status and budget are the first poll's; what spent money the day before is
    taken to have been running.
    """
    today, hours = now.toordinal(), (first.now - now).total_seconds() / 3600
    days = first.days.only(first.days.date < today)
    ran = {first.ad_sets[place].id for place in days.object[(days.date == today - 1) & (days.spend > 0)].tolist()}
    return replace(
        first,
        now=now,
        days=days,
        spent=aged(first).until(hours),
        pulse=pulse_of(first).until(hours),
        ad_sets=tuple(
            replace(a, status="ACTIVE", effective_status="ACTIVE") if a.id in ran else a for a in first.ad_sets
        ),
        histories={},
        priors={},
    )


def _taught(snapshot: Snapshot, policy: Policy, course: Course) -> Snapshot:
    """The snapshot with the account's curve, and a prior for every object: what was really frozen wins."""
    curve = snapshot.curve or learn_curve(snapshot, policy.target.window)
    known = replace(snapshot, curve=curve, priors={**course.priors, **snapshot.priors})
    return replace(known, priors={**first_priors(known, policy), **known.priors})


def _lasting(departures: Mapping[Key, Departure], snapshot: Snapshot) -> Mapping[Key, Departure]:
    """The departures of what nobody has really changed since."""
    objects = objects_of(snapshot)
    return {
        (id_, field): one
        for (id_, field), one in departures.items()
        if id_ in objects and getattr(objects[id_], field) == one.real
    }


def _departed(snapshot: Snapshot, departures: Mapping[Key, Departure], policy: Policy) -> Snapshot:
    """The account as it would stand: the objects with the values that the replay left them, and remembered so."""
    if not departures:
        return snapshot
    throttles = policy.rules_using("throttle", "allocate")
    histories = dict(snapshot.histories)
    for (id_, _), one in departures.items():
        histories[id_] = _remembered(histories.get(id_, History()), one, snapshot.now, throttles)
    return replace(
        snapshot,
        histories=histories,
        ad_sets=tuple(_as_left(one, departures) for one in snapshot.ad_sets),
        campaigns=tuple(_as_left(one, departures) for one in snapshot.campaigns),
    )


def _as_left(one: Object, departures: Mapping[Key, Departure]) -> Object:
    """An object as the replay left it; its effective status follows its own."""
    left: dict[str, str | Money] = {
        field: departures[one.id, field].value for field in _FIELDS if (one.id, field) in departures
    }
    if not left:
        return one
    if "status" in left and one.effective_status == one.status:
        left["effective_status"] = left["status"]
    return replace(one, **left)


def _remembered(history: History, departure: Departure, now: datetime, throttles: Collection[str]) -> History:
    """What would be remembered of an object whose field the replay changed."""
    at, change = departure.would[-1]
    touched = max(at, history.touched) if history.touched else at
    if change.is_budget:
        return replace(
            history,
            touched=touched,
            budget_rule=change.rule,
            budget_day_ago=int(departure.held(now - _DAY)),
            budget_edits=history.budget_edits + sum(then > now - _HOUR for then, _ in departure.would),
            throttled=at if change.rule in throttles else history.throttled,
        )
    if change.after == "PAUSED":
        return replace(history, touched=touched, paused_by="adopt", paused_at=at, paused_count=history.paused_count + 1)
    started = replace(history, touched=touched, paused_by=None, paused_at=None, revived=at)
    return replace(started, epoch=history.epoch + 1, epoch_since=at, probed=at) if change.is_probe else started


def _sparing(policy: Policy, ids: Iterable[str]) -> Policy:
    """The policy that leaves these objects alone: what came after their pause would not have come."""
    spared = tuple(Matcher.parse(f"id == '{id_}'") for id_ in sorted(ids))
    if not spared:
        return policy
    return replace(policy, guardrails=replace(policy.guardrails, never_touch=(*policy.guardrails.never_touch, *spared)))


_FIELDS: tuple[Field, ...] = ("status", "daily_budget", "lifetime_budget")
