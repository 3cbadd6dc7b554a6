"""Plans as they were made, and what became of them: waiting, approved, applied, refused, superseded; who, and when.

A plan made in shadow is an end from the start: it is kept to be scored.
"""

import zlib
from datetime import datetime
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from adopt.errors import Invalid, Refused
from adopt.model import Kind, Plan, Ref, Verdict
from adopt.store.database import Row, Store, decode, moment, stamp, transaction

PlanState: TypeAlias = Literal["waiting", "approved", "applied", "refused", "superseded", "shadow"]

_HEADER = "id, account, made_at, expires_at, origin, changes, state, who, at"


class PlanHeader(Struct, frozen=True, kw_only=True):
    """A plan without its changes and verdicts: where it stands, who put it there and when."""

    id: str
    account: str
    made_at: datetime
    expires_at: datetime
    origin: Literal["engine", "person", "undo"]
    changes: int
    state: PlanState
    who: str
    at: datetime


def save(store: Store, plan: Plan) -> None:
    """The plan kept, waiting unless it is a shadow; one that is kept already stays as it is."""
    with transaction(store):
        store.run(
            "INSERT INTO plan VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                plan.id,
                plan.account,
                stamp(plan.made_at),
                stamp(plan.expires_at),
                plan.origin,
                len(plan.changes),
                "shadow" if plan.is_shadow else "waiting",
                plan.origin,
                stamp(plan.made_at),
                msgspec.json.encode(msgspec.structs.replace(plan, verdicts=())).decode(),
                zlib.compress(msgspec.json.encode(plan.verdicts)),  # one for every ad set, and very alike
                plan.poll,
                plan.target,
                plan.attribution,
            ),
        )


def find(store: Store, prefix: str) -> Plan:
    """The plan with an id or the only one whose id begins so; Invalid with what there is."""
    return _plan(store, header(store, prefix).id)


def header(store: Store, prefix: str) -> PlanHeader:
    """Where the plan with an id, or the only one whose id begins so, stands; Invalid with what there is."""
    rows = store.rows(
        f"SELECT {_HEADER} FROM plan WHERE substr(id, 1, ?) = ? ORDER BY id = ? DESC, n DESC LIMIT 6",
        [len(prefix), prefix, prefix],
    )
    if rows and (len(rows) == 1 or rows[0][0] == prefix):
        return _header(rows[0])
    if rows:
        raise Invalid(f"{prefix!r} fits several plans: {_ids(rows)}", try_next="give more of the id")
    latest_rows = store.rows("SELECT id FROM plan ORDER BY n DESC LIMIT 6")
    there = f"the newest are {_ids(latest_rows)}" if latest_rows else "there are none yet"
    raise Invalid(f"there is no plan {prefix}; {there}", try_next="adopt plan makes one")


def latest(store: Store, account: str) -> Plan | None:
    """The account's newest plan."""
    id_ = store.value("SELECT id FROM plan WHERE account = ? ORDER BY n DESC LIMIT 1", [account])
    return _plan(store, id_) if id_ else None


def latest_judging(store: Store, account: str, before: datetime | None = None) -> Plan | None:
    """The newest plan in which the engine judged the account; with `before`, the newest made by then."""
    id_ = store.value(
        "SELECT id FROM plan WHERE n = (SELECT max(n) FROM plan"
        " WHERE account = ? AND origin = 'engine' AND made_at <= coalesce(?, made_at))",
        [account, stamp(before) if before else None],
    )
    return _plan(store, id_) if id_ else None


class Said(Struct, frozen=True, gc=False):
    """What a pass said of an object, without its figures."""

    object: Ref
    kind: Kind
    reason: str


def last_said(store: Store, account: str) -> tuple[Plan, tuple[Said, ...]] | None:
    """The newest plan in which the engine judged the account, without its verdicts, and those in brief."""
    row = store.row(
        "SELECT body, verdicts FROM plan WHERE account = ? AND origin = 'engine' ORDER BY n DESC LIMIT 1", [account]
    )
    return (decode(row[0], Plan), decode(zlib.decompress(row[1]), tuple[Said, ...])) if row else None


def fired(store: Store, account: str) -> dict[str, tuple[int, datetime]]:
    """How many changes each rule has put into the engine's plans, and when last."""
    rows = store.rows(
        "SELECT change.value ->> 'rule', count(*), max(made_at) FROM plan, json_each(body, '$.changes') AS change"
        " WHERE account = ? AND origin = 'engine' GROUP BY 1",
        [account],
    )
    return {rule: (number, moment(last)) for rule, number, last in rows}


def first_judging(store: Store, account: str) -> datetime | None:
    """When the engine first judged the account."""
    at = store.value("SELECT min(made_at) FROM plan WHERE account = ? AND origin = 'engine'", [account])
    return moment(at) if at else None


def recent(store: Store, account: str, *, limit: int = 20, state: PlanState | None = None) -> tuple[PlanHeader, ...]:
    """The account's newest plans, newest first; only those in a state, if one is given."""
    rows = store.rows(
        f"SELECT {_HEADER} FROM plan WHERE account = ? AND state = coalesce(?, state) ORDER BY n DESC LIMIT ?",
        [account, state, limit],
    )
    return tuple(_header(row) for row in rows)


def shadows(store: Store, account: str) -> tuple[Plan, ...]:
    """The account's plans made in shadow, oldest first, without their verdicts."""
    rows = store.rows("SELECT body FROM plan WHERE account = ? AND state = 'shadow' ORDER BY n", [account])
    return tuple(decode(body, Plan) for (body,) in rows)


def shadowed(store: Store, account: str) -> tuple[int, datetime | None]:
    """How many changes were decided in shadow, and since when."""
    number, since = store.rows(
        "SELECT coalesce(sum(changes), 0), min(made_at) FROM plan WHERE account = ? AND state = 'shadow'", [account]
    )[0]
    return int(number), moment(since) if since else None


def last_applied(store: Store, account: str) -> datetime | None:
    """When the engine's newest plan that was carried out had been made."""
    at = store.value(
        "SELECT max(made_at) FROM plan WHERE account = ? AND origin = 'engine' AND state = 'applied'", [account]
    )
    return moment(at) if at else None


def mark(store: Store, plan: str, state: PlanState, who: str, at: datetime) -> PlanHeader:
    """Where the plan stands now; applied, refused and superseded are ends, and stay what they are."""
    with transaction(store):
        store.run(
            "UPDATE plan SET state = ?, who = ?, at = ? WHERE id = ? AND state IN ('waiting', 'approved')",
            [state, who, stamp(at), plan],
        )
        return header(store, plan)


def require_not_refused(store: Store, plan: str) -> None:
    """Refused for a plan that a person has refused."""
    row = store.row("SELECT who, at FROM plan WHERE id = ? AND state = 'refused'", [plan])
    if row:
        raise Refused(
            f"plan {plan} was refused on {row[1][:16].replace('T', ' ')} UTC: {row[0]}", try_next="adopt plan"
        )


def supersede(store: Store, account: str, who: str, at: datetime, *, keep: str) -> tuple[str, ...]:
    """The account's other waiting plans marked superseded; their ids."""
    with transaction(store):
        waiting = recent(store, account, limit=-1, state="waiting")
        return tuple(mark(store, plan.id, "superseded", who, at).id for plan in waiting if plan.id != keep)


def _plan(store: Store, id_: str) -> Plan:
    ((body, verdicts),) = store.rows("SELECT body, verdicts FROM plan WHERE id = ?", [id_])
    return msgspec.structs.replace(decode(body, Plan), verdicts=decode(zlib.decompress(verdicts), tuple[Verdict, ...]))


def _header(row: Row) -> PlanHeader:
    id_, account, made_at, expires_at, origin, changes, state, who, at = row
    return PlanHeader(
        id=id_,
        account=account,
        made_at=moment(made_at),
        expires_at=moment(expires_at),
        origin=origin,
        changes=changes,
        state=state,
        who=who,
        at=moment(at),
    )


def _ids(rows: list[Row]) -> str:
    return ", ".join(row[0] for row in rows)
