"""The presets: what each rule makes of the verdicts; one change an object at most, from the first rule that has one."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from msgspec.structs import replace

from adopt.engine import allocation, guardrails, throttle
from adopt.engine.guardrails import Objects
from adopt.engine.judgement import Bools
from adopt.engine.snapshot import Floats, Integers, Snapshot
from adopt.engine.verdicts import Verdicts
from adopt.engine.written import Written
from adopt.model import AdSet, BudgetMove, Campaign, Change, Field, Money, Verdict, budget_field, budget_of
from adopt.policy import Policy, Rule, Share

SCALE_STEP = Share(1, 5)
COMEBACK = Share(1, 4)  # of the base: what a revived ad set starts with
MOST = 5  # bases, for what is proven to beat the target
UNPROVEN_MOST = 2  # bases, for what is only believed to
LEAST_DUE = 3.0  # results due at the target before a budget follows them
_PROVEN = ("beats_target", "within_threshold", "proven_good")
_ALLOCATED = ("proven_good", "open")


def propose(snapshot: Snapshot, verdicts: Verdicts, policy: Policy) -> list[Change]:
    """What the listed rules want changed, in the fixed order of presets."""
    objects = guardrails.objects_of(snapshot)
    found: dict[str, Change] = {}
    written = Written(snapshot, policy, verdicts)
    for rule in sorted(policy.rule, key=_place):
        preset = _PRESETS.get(rule.use or "")
        for change in preset(rule, verdicts, objects, snapshot, policy) if preset else written.changes(rule):
            found.setdefault(change.object.id, change)
    return list(found.values())


def _place(rule: Rule) -> int:
    """Where a rule stands in the fixed order; written rules keep the order of their file."""
    return _ORDER.index(rule.use if rule.use in _PRESETS else _WRITTEN)


def _stop(rule: Rule, verdicts: Verdicts, objects: Objects, _: Snapshot, __: Policy) -> Iterator[Change]:
    return (_status(rule, v, objects[v.object.id], "PAUSED") for v in verdicts.of("pause"))


def _revive(rule: Rule, verdicts: Verdicts, objects: Objects, snapshot: Snapshot, policy: Policy) -> Iterator[Change]:
    """Started again, with a part of the base where the object holds a daily budget: the throttle gives more back."""
    money, least = snapshot.account.money, _least(snapshot, policy)
    for verdict in verdicts.of("revive"):
        seen, is_probe = objects[verdict.object.id], verdict.reason == "probe"
        if is_probe and not rule.probe:
            continue
        started = replace(_status(rule, verdict, seen, "ACTIVE"), is_probe=is_probe)
        before = seen.daily_budget
        base = snapshot.history(seen.id).base or before
        if before is None or base is None:
            yield started
            continue
        part = throttle.FLOOR if is_probe else COMEBACK
        after = min(max(part.of(base), least, 1), max(base, before))
        move_ = BudgetMove(field="daily_budget", before=before, after=after) if after != before else None
        said = f"{verdict.sentence} It starts with {money.show(after)} a day of its base of {money.show(base)}."
        yield replace(started, budget=move_, sentence=said)


def _least(snapshot: Snapshot, policy: Policy) -> Money:
    """The least daily budget that Meta takes in this account and the policy allows."""
    wanted = snapshot.account.money.parse(policy.guardrails.min_daily_budget or 0)
    return max(wanted, snapshot.account.min_daily_budget or 0)


def _scale(rule: Rule, verdicts: Verdicts, objects: Objects, _: Snapshot, __: Policy) -> Iterator[Change]:
    for verdict in verdicts.read(verdicts.because(*_PROVEN)):
        field, before = _held(objects[verdict.object.id])
        if raised(before, SCALE_STEP) > before:
            yield move(rule, verdict, field, before, raised(before, SCALE_STEP))


def _throttle(rule: Rule, verdicts: Verdicts, objects: Objects, snapshot: Snapshot, policy: Policy) -> Iterator[Change]:
    """A step down for what is doubted, and a step back towards the base once it no longer is."""
    least = _least(snapshot, policy)
    for verdict in verdicts.read(verdicts.because("doubted", "restored")):
        field, before = _held(objects[verdict.object.id])
        base = snapshot.history(verdict.object.id).base or before
        after = throttle.regained(before, base)
        if verdict.kind == "throttle":
            after = min(max(throttle.lowered(before, base), least if field == "daily_budget" else 0), before)
        if after != before:
            yield move(rule, verdict, field, before, after)


def _allocate(rule: Rule, verdicts: Verdicts, objects: Objects, snapshot: Snapshot, _: Policy) -> Iterator[Change]:
    """Daily budgets on their way to where the next money earns most, within what a person set them to altogether.

    The target is what the next result may cost at the base: there an ad set that just meets it keeps its budget.
    """
    moved = _movable(verdicts, objects)
    if not moved.rows.size:
        return
    present = np.array([seen.daily_budget for seen in moved.objects], dtype=np.int64)
    base = np.array([snapshot.history(seen.id).base or seen.daily_budget for seen in moved.objects], dtype=np.int64)
    most = base * np.where(moved.is_proven, MOST, UNPROVEN_MOST)
    lo, hi = (bound.astype(np.float64) for bound in allocation.reach(present, base))
    hi, budget = np.maximum(np.minimum(hi, most), lo), max(int(present.sum()), int(base.sum()))
    wanted, rent = allocation.waterfill(
        moved.expected / allocation.BETA, base.astype(np.float64), float(budget), allocation.BETA, lo, hi
    )
    then = _within(present, allocation.moves(present, wanted, base), budget)
    changed = np.flatnonzero(then != present)
    earning = _earning(float(rent), snapshot)
    for verdict, before, after in zip(
        verdicts.read(moved.rows[changed]), present[changed].tolist(), then[changed].tolist(), strict=True
    ):
        change = move(rule, verdict, "daily_budget", before, after)
        yield replace(change, sentence=f"{verdict.sentence}{earning}", stake=abs(after - before))


class _Movable(NamedTuple):
    """The objects with a daily budget of which enough is known, and the throttle has no say in."""

    rows: Integers  # ascending, of the verdicts
    objects: Sequence[AdSet | Campaign]
    expected: Floats
    is_proven: Bools


def _movable(verdicts: Verdicts, objects: Objects) -> _Movable:
    due, expected = verdicts.due, verdicts.expected
    known = verdicts.because(*_ALLOCATED)
    known = known[due[known] >= LEAST_DUE]
    seen = [objects[ref.id] for ref in verdicts.refs(known)]
    daily = np.array([bool(one.daily_budget) for one in seen], dtype=np.bool_)
    rows = known[daily]
    return _Movable(
        rows,
        [one for one in seen if one.daily_budget],
        expected[rows],
        np.isin(rows, verdicts.because(*_PROVEN)),
    )


def _earning(rent: float, snapshot: Snapshot) -> str:
    """What one more unit of the account's money would earn, while there are uses for more than there is."""
    show = snapshot.account.money.show
    return (
        f" The next {show(100)} a day in this account would earn {show(round(100 * (1 + rent)))}." if rent > 0 else ""
    )


def _within(present: Integers, then: Integers, budget: Money) -> Integers:
    """The budgets then, the rises as much smaller as cuts too small to be made leave them without money."""
    rises = np.maximum(then - present, 0)
    missing = max(int(then.sum()) - budget, 0)
    less: Integers = np.clip(missing - (np.cumsum(rises) - rises), 0, rises)
    return then - less


def _held(seen: AdSet | Campaign) -> tuple[Field, Money]:
    return budget_field(seen), budget_of(seen) or 0


def raised(budget: Money, step: Share) -> Money:
    """A budget raised by a share, rounded down to a minor unit."""
    return budget + step.of(budget)


def move(rule: Rule, verdict: Verdict, field: Field, before: str | Money, after: str | Money) -> Change:
    """A change of the object that a verdict is about."""
    return Change(
        object=verdict.object,
        field=field,
        before=before,
        after=after,
        rule=rule.name,
        sentence=verdict.sentence,
        stake=verdict.stake,
    )


def _status(rule: Rule, verdict: Verdict, seen: AdSet | Campaign, after: str) -> Change:
    return move(rule, verdict, "status", seen.status, after)


_Preset: TypeAlias = Callable[[Rule, Verdicts, Objects, Snapshot, Policy], Iterator[Change]]
_PRESETS: dict[str, _Preset] = {
    "safe-stop": _stop,
    "revive": _revive,
    "throttle": _throttle,
    "scale-20": _scale,
    "allocate": _allocate,
}
_WRITTEN = "written rules"
_ORDER = ("safe-stop", "revive", "throttle", _WRITTEN, "scale-20", "allocate")
