"""What is remembered of each object beside its insights: who set its budget and status, and when we touched it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Literal, TypeAlias, TypeVar

from msgspec import Struct

from adopt.model import History, Money
from adopt.store.database import Store, moment

Actor: TypeAlias = Literal["engine", "person", "undo"]
T = TypeVar("T")
Value: TypeAlias = str | Money | None


class _Seen(Struct, frozen=True):
    """A poll saw the object so."""

    at: datetime
    status: str
    budget: Money | None


class _Wrote(Struct, frozen=True):
    """We changed a field, surely or perhaps."""

    at: datetime
    is_budget: bool
    before: Value
    after: Value
    by: Actor
    is_sure: bool


class _Setting(Struct, frozen=True):
    """Somebody set the value that held from then on."""

    at: datetime
    value: Value
    by: Actor


_Event: TypeAlias = _Seen | _Wrote


def histories(store: Store, account: str, now: datetime) -> dict[str, History]:
    """The history of every campaign and ad set the account ever showed, by id."""
    events: defaultdict[str, list[tuple[int, int, _Event]]] = defaultdict(list)
    for id_, poll, at, status, budget in store.rows(_SEEN, [account]):
        events[id_].append((poll, 0, _Seen(moment(at), status, budget)))
    for id_, poll, n, at, field, before, after, by, state in store.rows(_WROTE, [account]):
        wrote = _Wrote(moment(at), field != "status", before, after, by, state == "applied")
        events[id_].append((poll, n, wrote))
    return {
        id_: _history([event for *_, event in sorted(past, key=itemgetter(0, 1))], now) for id_, past in events.items()
    }


# A value that a write changed and a poll saw unchanged is no new state, yet it is news: somebody put it back.
_SEEN = """
SELECT o.id, s.poll, p.as_of, s.status, coalesce(s.daily_budget, s.lifetime_budget)
FROM object AS o JOIN state AS s ON s.object = o.n JOIN poll AS p ON p.id = s.poll WHERE o.account = ?1
UNION
SELECT o.id, p.id, p.as_of, s.status, coalesce(s.daily_budget, s.lifetime_budget)
FROM journal AS j JOIN poll AS p ON p.id = (SELECT min(id) FROM poll WHERE account = ?1 AND id > j.poll)
JOIN object AS o ON o.account = ?1 AND o.level = j.level AND o.id = j.object
JOIN state AS s ON s.object = o.n AND s.poll <= p.id AND (s.ended = 0 OR s.ended > p.id)
WHERE j.account = ?1 AND j.state IN ('applied', 'intended', 'unknown')
"""

_WROTE = """
SELECT j.object, j.poll, j.n, j.intended_at, j.field, j.body ->> 'before', j.body ->> 'after', p.origin, j.state
FROM journal AS j JOIN plan AS p ON p.id = j.plan
WHERE j.account = ? AND j.state IN ('applied', 'intended', 'unknown') ORDER BY j.n
"""


def _in_order(placed: list[tuple[int, int, _Event]]) -> list[_Event]:
    return [event for *_, event in sorted(placed, key=itemgetter(0, 1))]


def _history(events: Sequence[_Event], now: datetime) -> History:
    budgets = _settings(events, is_budget=True)
    wrote = [event for event in events if isinstance(event, _Wrote)]
    sure = [event for event in wrote if event.is_sure]
    return History(
        base=_money([setting for setting in budgets if setting.by == "person"]),
        paused_by=_paused_by(_settings(events, is_budget=False)),
        first_seen=next((event.at for event in events if isinstance(event, _Seen)), None),
        touched=_last([event.at for event in sure]),
        revived=_last([event.at for event in sure if event.by == "engine" and event.after == "ACTIVE"]),
        budget_day_ago=_held(budgets, now - timedelta(days=1)),
        budget_edits=sum(event.is_budget and event.at > now - timedelta(hours=1) for event in wrote),
    )


def _settings(events: Iterable[_Event], *, is_budget: bool) -> list[_Setting]:
    """Every value the field was given, by whom: what we did not write, a person set; first sight counts as theirs."""
    settings: list[_Setting] = []
    doubtful: dict[Value, Actor] = {}  # what writes without an answer may have set
    for event in events:
        if isinstance(event, _Wrote) and event.is_budget != is_budget:
            continue
        if isinstance(event, _Wrote) and not event.is_sure:
            doubtful[event.after] = event.by
            continue
        seen = _value(event, is_budget=is_budget)
        if not settings or seen != settings[-1].value:
            settings.append(_Setting(event.at, seen, doubtful.get(seen, "person")))
        if isinstance(event, _Wrote):
            settings.append(_Setting(event.at, event.after, event.by))
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


def _last(values: Sequence[T]) -> T | None:
    return values[-1] if values else None
