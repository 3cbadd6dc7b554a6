"""Carry out a plan: look, compare, write, read back; and settle what an earlier run left in doubt.

The journal is the truth: an intent is committed before each write, its outcome
after the read back, and what `apply` gives is what the journal then holds.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from adopt.errors import AdoptError, Invalid, Refused, Unknown
from adopt.graph import objects
from adopt.graph.client import Graph
from adopt.graph.errors import is_about_one
from adopt.graph.objects import Seen
from adopt.model import Change, Currency, Outcome, Plan, Ref
from adopt.operations import watching
from adopt.store import activity, changes, looks, plans
from adopt.store import hold as button
from adopt.store.changes import Settled
from adopt.store.database import Store

_CHUNK = 50  # objects that one batch reads


class _Step(NamedTuple):
    """One change of a plan with its key in the journal."""

    key: str
    ordinal: int
    change: Change


def apply(store: Store, graph: Graph, plan: Plan) -> tuple[Outcome, ...]:
    """Carry out each change of a plan once, ever; an outcome for each, in their order."""
    _require_applicable(store, graph, plan)
    plans.save(store, plan)
    if plan.origin == "engine":
        looks.look(store, plan.account, graph.moment)
    steps = [_Step(f"{plan.id}.{n}", n, change) for n, change in enumerate(plan.changes, 1)]
    known = {outcome.id for outcome in changes.of_plan(store, plan.id)}
    stopped = _carry_out(store, graph, plan, [step for step in steps if step.key not in known])
    outcomes = {outcome.id: outcome for outcome in changes.of_plan(store, plan.id)}
    if stopped and not any(outcome.state in ("applied", "unknown") for outcome in outcomes.values()):
        raise stopped
    plans.mark(store, plan.id, "applied", plan.origin, graph.moment)
    return tuple(outcomes.get(step.key) or _not_tried(step, graph, stopped) for step in steps)


def settle_doubts(store: Store, graph: Graph, account_id: str) -> tuple[Outcome, ...]:
    """Look up every change whose outcome an earlier run never learned, and record what became of it."""
    doubts = changes.in_doubt(store, account_id)
    if not doubts:
        return ()
    seen = objects.look(graph, [_asked(doubt.change) for doubt in doubts])
    return tuple(
        _settle(store, graph, _plan_of(store, doubt), doubt.id, doubt.change, *_afterwards(doubt.change, found))
        for doubt, found in zip(doubts, seen, strict=True)
    )


def require_no_hold(store: Store) -> None:
    """Refused while the red button is pressed."""
    if held := button.hold(store):
        raise Refused(f"adopt is on hold since {held.at:%Y-%m-%d %H:%M}: {held.reason}", try_next="adopt hold off")


def _require_applicable(store: Store, graph: Graph, plan: Plan) -> None:
    if not plan.is_intact:
        raise Invalid(
            f"plan {plan.id} was edited: its digest no longer fits its changes", try_next="adopt plan --out FILE"
        )
    require_no_hold(store)
    plans.require_not_refused(store, plan.id)
    if graph.now is None:  # the first call of this run: it tells Meta's time, and whether the account is alive
        watching.require_active(objects.account(graph, plan.account))
    if graph.moment > plan.expires_at:
        expired = f"{plan.expires_at:%Y-%m-%d %H:%M %Z}"
        raise Refused(f"plan {plan.id} is stale: it expired at {expired}", try_next="adopt plan")


def _carry_out(store: Store, graph: Graph, plan: Plan, steps: Sequence[_Step]) -> AdoptError | None:
    """Each step in turn, in chunks that one batch can look at; the error that stopped the rest, if one did."""
    for start in range(0, len(steps), _CHUNK):
        chunk = steps[start : start + _CHUNK]
        try:
            seen = objects.look(graph, [_asked(step.change) for step in chunk])
        except AdoptError as error:
            return error
        sent, stopped = _write(store, graph, plan, chunk, seen)
        _read_back(store, graph, plan, sent)
        if stopped:
            return stopped
    return None


def _write(
    store: Store, graph: Graph, plan: Plan, chunk: Sequence[_Step], seen: Sequence[Seen]
) -> tuple[list[_Step], AdoptError | None]:
    """Write what still is as the plan saw it; the steps whose answer is to be read back, and the error that stopped."""
    sent: list[_Step] = []
    for step, found in zip(chunk, seen, strict=True):
        try:
            require_no_hold(store)
            begun = changes.intend(store, plan.id, step.ordinal, step.change, graph.moment)
        except AdoptError as error:
            return sent, error
        if not begun.is_new:
            continue  # its key is used: whoever used it made the change, or settles it
        if moved := _compare(step.change, found):
            _settle(store, graph, plan, step.key, step.change, *moved)
            continue
        try:
            objects.write(graph, step.change)
        except Unknown:
            sent.append(step)
        except AdoptError as error:
            _settle(store, graph, plan, step.key, step.change, "failed", f"not made: {error.message}")
            if not is_about_one(error):
                return sent, error
        else:
            sent.append(step)
    return sent, None


def _read_back(store: Store, graph: Graph, plan: Plan, sent: Sequence[_Step]) -> None:
    """Settle each written change by what Meta shows now; what cannot be read stays unknown until the next run."""
    if not sent:
        return
    try:
        seen: Sequence[Seen | None] = objects.look(graph, [_asked(step.change) for step in sent])
    except AdoptError:
        seen = [None] * len(sent)
    for step, found in zip(sent, seen, strict=True):
        _settle(store, graph, plan, step.key, step.change, *_shown(step.change, found))


def _asked(change: Change) -> tuple[Ref, str]:
    """What to look at for a change; the status is shown with any field."""
    return change.object, change.fields[-1]


def _compare(change: Change, found: Seen) -> tuple[Settled, str] | None:
    """Why a change is not to be written: it is made already, or its object has moved since the plan saw it."""
    if found.values is None:
        return "stale", "it was deleted or archived meanwhile"
    now = _now(change, found.values)
    if now == change.afters:
        return "already", "it was so already"
    return None if now == change.befores else ("stale", f"somebody changed it meanwhile: {_differs(change, now)}")


def _shown(change: Change, found: Seen | None) -> tuple[Settled, str]:
    """The outcome of a written change by what is shown right after it."""
    if found is None or found.values is None:
        return "unknown", "it could not be read back; the next run looks it up"
    now = _now(change, found.values)
    if now == change.afters:
        return "applied", ""
    field, value = next(
        (f, is_) for f, is_, after in zip(change.fields, now, change.afters, strict=True) if is_ != after
    )
    return "unknown", f"written, but {field} still reads {value}"


def _afterwards(change: Change, found: Seen) -> tuple[Settled, str]:
    """The outcome of a change in doubt by what is shown a run later."""
    if found.values is None:
        return "stale", "it was deleted or archived meanwhile"
    now = _now(change, found.values)
    if now == change.afters:
        return "applied", "looked up by a later run: it had been made"
    if now == change.befores:
        return "failed", "looked up by a later run: it had not been made"
    return "stale", f"looked up by a later run: {_differs(change, now)}"


def _now(change: Change, values: Mapping[str, str | int]) -> tuple[str | int | None, ...]:
    return tuple(values.get(field) for field in change.fields)


def _differs(change: Change, now: Sequence[str | int | None]) -> str:
    """The first field that is no longer as the plan saw it, or all of them: `status is PAUSED`."""
    known = zip(change.fields, now, change.befores, strict=True)
    return next(f"{field} is {value}" for field, value, before in known if value != before)


def _settle(store: Store, graph: Graph, plan: Plan, key: str, change: Change, state: Settled, sentence: str) -> Outcome:
    """Record an outcome in the journal and tell it in the log."""
    at = graph.moment
    outcome = changes.settle(store, key, state, sentence, at)
    went_well = state in ("applied", "already")
    said = f"{change.object.name}: {change.show(Currency(plan.currency))}, {state}"
    activity.append(
        store,
        at,
        plan.account,
        "change",
        "info" if went_well else "warning",
        said if went_well else f"{said}: {sentence}",
        change.object,
        {"change": key, "rule": change.rule},
    )
    return outcome


def _plan_of(store: Store, outcome: Outcome) -> Plan:
    return plans.find(store, outcome.id.partition(".")[0])


def _not_tried(step: _Step, graph: Graph, stopped: AdoptError | None) -> Outcome:
    sentence = f"not tried: {stopped.message if stopped else 'the run ended'}"
    return Outcome(id=step.key, change=step.change, state="failed", sentence=sentence, at=graph.moment)
