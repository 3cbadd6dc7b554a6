"""The journal of writes: an intent before each call, what became of it after; a key is used once, ever."""

from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct

from adopt.errors import Invalid
from adopt.model import Change, Origin, Outcome
from adopt.store.database import Row, Store, Values, decode, moment, stamp, transaction

Settled: TypeAlias = Literal["applied", "already", "stale", "failed", "unknown"]


class Intent(Struct, frozen=True, kw_only=True):
    """The outcome under a key, and whether this call began it: only then may the write be sent."""

    outcome: Outcome
    is_new: bool

    @property
    def id(self) -> str:
        """The key: the plan's id and the change's place in it."""
        return self.outcome.id


def intend(store: Store, plan: str, ordinal: int, change: Change, at: datetime) -> Intent:
    """The change written down before it is sent; a key that was used gives what is known of it instead."""
    with transaction(store):
        account = store.value("SELECT account FROM plan WHERE id = ?", [plan])
        if account is None:
            raise Invalid(f"there is no plan {plan}", try_next="save the plan before its changes are made")
        begun = store.run(_INTEND, _intent(plan, ordinal, account, change, at))
        return Intent(outcome=_one(store, f"{plan}.{ordinal}"), is_new=begun == 1)


def settle(store: Store, id_: str, state: Settled, sentence: str, at: datetime) -> Outcome:
    """What became of an intent; an end stays what it is, only what is in doubt can still be settled."""
    with transaction(store):
        store.run(
            "UPDATE journal SET state = ?, sentence = ?, at = ? WHERE id = ? AND state IN ('intended', 'unknown')",
            [state, sentence, stamp(at), id_],
        )
        return _one(store, id_)


def in_doubt(store: Store, account: str) -> tuple[Outcome, ...]:
    """The account's writes whose result nobody knows, oldest first: look them up before anything else."""
    return _outcomes(store, "account = ? AND state IN ('intended', 'unknown') ORDER BY n", [account])


def find(store: Store, prefix: str) -> Outcome:
    """The outcome with an id, or the only one whose plan's id begins so: `3fa1c2.1`, `3fa1c2`; Invalid otherwise."""
    plan, _, ordinal = prefix.partition(".")
    found = _outcomes(
        store,
        "substr(plan, 1, ?) = ? AND ? IN ('', CAST(ordinal AS TEXT)) ORDER BY n DESC LIMIT 6",
        [len(plan), plan, ordinal],
    )
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(outcome.id for outcome in found)
        raise Invalid(f"{prefix!r} fits several changes: {several}", try_next="give more of the id")
    raise Invalid(f"there is no change {prefix}", try_next="adopt log lists the changes")


def of_plan(store: Store, plan: str) -> tuple[Outcome, ...]:
    """What became of a plan's changes, in the plan's order; those not begun are not in it."""
    return _outcomes(store, "plan = ? ORDER BY ordinal", [plan])


def of_object(store: Store, object_id: str) -> tuple[Outcome, ...]:
    """What became of every change of an object, oldest first."""
    return _outcomes(store, "object = ? ORDER BY n", [object_id])


class Made(Struct, frozen=True, gc=False):
    """A change that was made, and on whose wish."""

    id: str
    at: datetime
    change: Change
    by: Origin


def made_since(store: Store, account: str, since: datetime) -> tuple[Made, ...]:
    """The changes that were made in the account since a moment, oldest first."""
    return _made(store, "j.account = ? AND j.state = 'applied' AND j.at >= ? ORDER BY j.n", [account, stamp(since)])


def last_made(store: Store, account: str) -> dict[str, Made]:
    """The last change that was made to each object of the account, by its id."""
    found = _made(
        store,
        "j.n IN (SELECT max(n) FROM journal WHERE account = ? AND state = 'applied' GROUP BY object)",
        [account],
    )
    return {made.change.object.id: made for made in found}


def of_rules(store: Store, account: str) -> dict[str, tuple[int, int]]:
    """How many changes of each rule of the engine were made, and how many of those a person took back."""
    rows = store.rows(_OF_RULES, [account])
    return {rule: (made, undone) for rule, made, undone in rows}


_OF_RULES = """
SELECT j.body ->> 'rule', count(*), sum(EXISTS (
  SELECT 1 FROM journal AS u JOIN plan AS q ON q.id = u.plan
  WHERE u.object = j.object AND u.n > j.n AND u.state = 'applied' AND q.origin = 'undo' AND u.field = j.field
  AND u.body ->> 'before' IS j.body ->> 'after' AND u.body ->> 'after' IS j.body ->> 'before'
))
FROM journal AS j JOIN plan AS p ON p.id = j.plan
WHERE j.account = ? AND j.state = 'applied' AND p.origin = 'engine' GROUP BY 1
"""


def _made(store: Store, where: str, values: Values) -> tuple[Made, ...]:
    rows = store.rows(
        f"SELECT j.id, j.at, j.body, p.origin FROM journal AS j JOIN plan AS p ON p.id = j.plan WHERE {where}", values
    )
    return tuple(Made(id_, moment(at), decode(body, Change), by) for id_, at, body, by in rows)


# The poll it follows puts a write before or behind what was observed, whatever the clocks say.
_INTEND = """
INSERT INTO journal (id, plan, ordinal, account, level, object, field, poll, intended_at, state, sentence, at, body)
VALUES (:id, :plan, :ordinal, :account, :level, :object, :field,
  coalesce((SELECT max(id) FROM poll WHERE account = :account), 0), :at, 'intended', '', :at, :body)
ON CONFLICT DO NOTHING
"""


def _intent(plan: str, ordinal: int, account: str, change: Change, at: datetime) -> dict[str, Any]:
    return {
        "id": f"{plan}.{ordinal}",
        "plan": plan,
        "ordinal": ordinal,
        "account": account,
        "level": change.object.level,
        "object": change.object.id,
        "field": change.field,
        "at": stamp(at),
        "body": msgspec.json.encode(change).decode(),
    }


def _one(store: Store, id_: str) -> Outcome:
    found = _outcomes(store, "id = ?", [id_])
    if not found:
        raise Invalid(f"there is no change {id_}", try_next="adopt log lists the changes")
    return found[0]


def _outcomes(store: Store, where: str, values: Values) -> tuple[Outcome, ...]:
    rows = store.rows(f"SELECT id, body, state, sentence, at FROM journal WHERE {where}", values)
    return tuple(_outcome(row) for row in rows)


def _outcome(row: Row) -> Outcome:
    id_, body, state, sentence, at = row
    return Outcome(id=id_, change=decode(body, Change), state=state, sentence=sentence, at=moment(at))
