"""What is remembered of each object beside its insights: who set its budget and status, when we touched it, its epoch.

Evidence starts anew when what it is about changes: the target, its result type or attribution, as the engine's plans
looked at it, or the ad set's own attribution setting. Each such change begins an epoch, also back to what was before;
and so does each probe of ours, which asks whether the ad set has changed since it was paused.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from operator import itemgetter
from typing import Literal, TypeAlias, TypeVar

from msgspec import Struct

from adopt.model import History, Money
from adopt.store.database import Store, moment, stamp

Actor: TypeAlias = Literal["engine", "person", "undo"]
T = TypeVar("T")
Value: TypeAlias = str | Money | None


class Hypothesis(Struct, frozen=True):
    """What evidence is about: the target and attribution as a plan keeps them, and the result type."""

    target: str
    attribution: str
    result: str


class _Turn(Struct, frozen=True):
    """The engine turned to another hypothesis."""

    poll: int  # the first that was looked at with it
    at: datetime
    last: int  # the last poll that was looked at with the one before


class _Seen(Struct, frozen=True):
    """A poll saw the object so."""

    poll: int
    at: datetime
    status: str
    budget: Money | None
    attribution: str | None


class _Wrote(Struct, frozen=True):
    """We changed a field, surely or perhaps."""

    poll: int  # the last before it
    at: datetime
    is_budget: bool
    before: Value
    after: Value
    by: Actor
    is_sure: bool
    rule: str
    is_probe: bool


class _Setting(Struct, frozen=True):
    """Somebody set the value that held from then on."""

    at: datetime
    value: Value
    by: Actor
    rule: str = ""


class Setting(Struct, frozen=True, kw_only=True):
    """Somebody gave an object another budget or status, as adopt noticed it."""

    object: str
    is_budget: bool
    at: datetime
    before: Value
    after: Value
    by: Actor


_Event: TypeAlias = _Seen | _Wrote


def histories(
    store: Store,
    account: str,
    now: datetime,
    *,
    hypothesis: Hypothesis | None = None,
    throttles: Collection[str] = ("throttle", "allocate"),
    as_of_poll: int | None = None,
) -> dict[str, History]:
    """The history of every campaign and ad set the account ever showed, by id.

    With the hypothesis that is looked at now, epochs count it; `throttles` names the rules that throttle or allocate.
    With `as_of_poll`, as it was remembered when that poll had come in, under a hypothesis that may never have been
    looked at: where another one was looked at last, this one counts as having been there from the start.
    """
    turns = _turns(store, account, now, hypothesis, as_of_poll)
    known = _events(store, account, now, as_of_poll)
    return {id_: _history(past, now, turns, throttles) for id_, past in known.items()}


def settings(store: Store, account: str, now: datetime) -> tuple[Setting, ...]:
    """Every budget and status that anybody gave an object after its first sight, in the order of its objects."""
    return tuple(
        setting
        for id_, past in _events(store, account, now, None).items()
        for is_budget in (False, True)
        for setting in _given(id_, past, is_budget=is_budget)
    )


def _given(id_: str, past: Sequence[_Event], *, is_budget: bool) -> Iterable[Setting]:
    """The settings of one field behind the first, which was there when the object was first seen."""
    for before, after in pairwise(_settings(past, is_budget=is_budget)):
        yield Setting(object=id_, is_budget=is_budget, at=after.at, before=before.value, after=after.value, by=after.by)


def _events(store: Store, account: str, now: datetime, as_of_poll: int | None) -> dict[str, list[_Event]]:
    """What was observed of each object and what we wrote, in its order, as far as it was known."""
    placed: defaultdict[str, list[tuple[int, int, _Event]]] = defaultdict(list)
    about = {
        "account": account,
        "poll": _NEWEST if as_of_poll is None else as_of_poll,
        "then": _NEVER if as_of_poll is None else stamp(now),
    }
    for id_, poll, at, status, budget, attribution in store.rows(_SEEN, about):
        placed[id_].append((poll, 0, _Seen(poll, moment(at), status, budget, attribution)))
    for id_, poll, n, at, field, before, after, by, is_sure, rule, is_probe in store.rows(_WROTE, about):
        wrote = _Wrote(poll, moment(at), field != "status", before, after, by, bool(is_sure), rule, bool(is_probe))
        placed[id_].append((poll, n, wrote))
    return {id_: _in_order(past) for id_, past in placed.items()}


_NEWEST = 2**63 - 1
_NEVER = "9999"

# A value that a write changed and a poll saw unchanged is no new state, yet it is news: somebody put it back.
_SEEN = """
SELECT o.id, s.poll, p.as_of, s.status, coalesce(s.daily_budget, s.lifetime_budget), s.body ->> 'attribution'
FROM object AS o JOIN state AS s ON s.object = o.n JOIN poll AS p ON p.id = s.poll
WHERE o.account = :account AND s.poll <= :poll
UNION
SELECT o.id, p.id, p.as_of, s.status, coalesce(s.daily_budget, s.lifetime_budget), s.body ->> 'attribution'
FROM journal AS j JOIN poll AS p ON p.id = (SELECT min(id) FROM poll WHERE account = :account AND id > j.poll)
JOIN object AS o ON o.account = :account AND o.level = j.level AND o.id = j.object
JOIN state AS s ON s.object = o.n AND s.poll <= p.id AND (s.ended = 0 OR s.ended > p.id)
WHERE j.account = :account AND p.id <= :poll
AND (j.state IN ('applied', 'intended', 'unknown') OR j.at > max(:then, j.intended_at))
"""

# A write that was settled in a later run than its own was in doubt until then. A budget beside a status counts as one.
_WROTE = """
SELECT j.object, j.poll, j.n, j.intended_at, j.field, j.body ->> 'before', j.body ->> 'after', p.origin,
  j.state = 'applied' AND j.at <= max(:then, j.intended_at), j.body ->> 'rule', j.body ->> 'is_probe'
FROM (
  SELECT n, object, account, plan, poll, intended_at, at, state, field, body FROM journal
  UNION ALL
  SELECT n, object, account, plan, poll, intended_at, at, state, body ->> '$.budget.field',
    json_object('before', body -> '$.budget.before', 'after', body -> '$.budget.after', 'rule', body ->> '$.rule')
  FROM journal WHERE body ->> '$.budget' IS NOT NULL
) AS j JOIN plan AS p ON p.id = j.plan
WHERE j.account = :account AND j.poll < :poll
AND (j.state IN ('applied', 'intended', 'unknown') OR j.at > max(:then, j.intended_at)) ORDER BY j.n
"""


# Each look at an account in its order; a plan without a poll looked at nothing.
_LOOKS = """
SELECT p.poll, p.made_at, p.target, p.attribution, o.result
FROM plan AS p JOIN poll AS o ON o.id = p.poll
WHERE p.account = ? AND p.origin = 'engine' AND p.poll <= ? ORDER BY p.n
"""


def _turns(
    store: Store, account: str, now: datetime, hypothesis: Hypothesis | None, as_of_poll: int | None
) -> list[_Turn]:
    """When the engine turned from one hypothesis to another, as its plans tell, and now."""
    known = store.rows(_LOOKS, [account, _NEWEST if as_of_poll is None else as_of_poll])
    looks = [(poll, at, Hypothesis(*about)) for poll, at, *about in known]
    if as_of_poll is not None and looks and looks[-1][2] != hypothesis:
        return []
    if hypothesis:
        newest = as_of_poll or store.value("SELECT max(id) FROM poll WHERE account = ?", [account]) or 0
        looks.append((newest, stamp(now), hypothesis))
    return [
        _Turn(poll, moment(at), last) for (last, _, before), (poll, at, after) in pairwise(looks) if before != after
    ]


def _in_order(placed: list[tuple[int, int, _Event]]) -> list[_Event]:
    return [event for *_, event in sorted(placed, key=itemgetter(0, 1))]


def _history(events: Sequence[_Event], now: datetime, turns: Sequence[_Turn], throttles: Collection[str]) -> History:
    budgets = _settings(events, is_budget=True)
    statuses = _settings(events, is_budget=False)
    paused_by = _paused_by(statuses)
    wrote = [event for event in events if isinstance(event, _Wrote)]
    sure = [event for event in wrote if event.is_sure]
    probes = [event for event in sure if event.by == "engine" and event.is_probe]
    epochs = _epochs([event for event in events if isinstance(event, _Seen)], turns, probes)
    return History(
        base=_money([setting for setting in budgets if setting.by == "person"]),
        paused_by=paused_by,
        first_seen=next((event.at for event in events if isinstance(event, _Seen)), None),
        touched=_last([event.at for event in sure]),
        revived=_last([event.at for event in sure if event.by == "engine" and event.after == "ACTIVE"]),
        budget_day_ago=_held(budgets, now - timedelta(days=1)),
        budget_rule=_rule(budgets),
        budget_edits=sum(event.is_budget and event.at > now - timedelta(hours=1) for event in wrote),
        epoch=1 + len(epochs),
        epoch_since=_last(epochs),
        paused_at=statuses[-1].at if paused_by == "adopt" else None,
        paused_count=sum(setting.value == "PAUSED" and setting.by == "engine" for setting in statuses),
        throttled=_last([event.at for event in sure if event.by == "engine" and _is_throttle(event, throttles)]),
        probed=epochs[-1] if probes and epochs[-1] == probes[-1].at else None,
    )


def _epochs(seen: Sequence[_Seen], turns: Sequence[_Turn], probes: Sequence[_Wrote]) -> list[datetime]:
    """When each epoch but the first began; what came to light with one poll began one, and each probe one behind it."""
    shown = [one for one in seen if one.attribution is not None]
    begun = [(turn.poll, turn.at) for turn in turns if seen and seen[0].poll <= turn.last]
    polls = {poll for poll, _ in begun}
    begun += [
        (after.poll, after.at)
        for before, after in pairwise(shown)
        if before.attribution != after.attribution and after.poll not in polls
    ]
    return [at for _, at in sorted([*sorted(begun), *((probe.poll, probe.at) for probe in probes)], key=itemgetter(0))]


def _is_throttle(wrote: _Wrote, throttles: Collection[str]) -> bool:
    return wrote.is_budget and wrote.rule in throttles


def _settings(events: Iterable[_Event], *, is_budget: bool) -> list[_Setting]:
    """Every value the field was given, by whom: what we did not write, a person set; first sight counts as theirs."""
    settings: list[_Setting] = []
    doubtful: dict[Value, tuple[Actor, str]] = {}  # what writes without an answer may have set
    for event in events:
        if isinstance(event, _Wrote) and event.is_budget != is_budget:
            continue
        if isinstance(event, _Wrote) and not event.is_sure:
            doubtful[event.after] = event.by, event.rule
            continue
        seen = _value(event, is_budget=is_budget)
        if not settings or seen != settings[-1].value:
            settings.append(_Setting(event.at, seen, *doubtful.get(seen, ("person", ""))))
        if isinstance(event, _Wrote):
            settings.append(_Setting(event.at, event.after, event.by, event.rule))
        doubtful.clear()
    return settings


def _value(event: _Event, *, is_budget: bool) -> Value:
    """What the event shows of the field: a write that was made had looked at it first."""
    if isinstance(event, _Wrote):
        return event.before
    return event.budget if is_budget else event.status


def _paused_by(statuses: Sequence[_Setting]) -> Literal["adopt", "person"] | None:
    if not statuses or statuses[-1].value != "PAUSED":
        return None
    return "adopt" if statuses[-1].by == "engine" else "person"


def _held(budgets: Sequence[_Setting], then: datetime) -> Money | None:
    """The budget that held then; the first one known where that is later."""
    return _money([setting for setting in budgets if setting.at <= then] or budgets[:1])


def _money(budgets: Sequence[_Setting]) -> Money | None:
    value = budgets[-1].value if budgets else None
    return value if isinstance(value, int) else None


def _rule(budgets: Sequence[_Setting]) -> str | None:
    """The rule that set the budget it has, if one did."""
    return budgets[-1].rule if budgets and budgets[-1].by == "engine" else None


def _last(values: Sequence[T]) -> T | None:
    return values[-1] if values else None
