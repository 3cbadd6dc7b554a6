"""The presets: what each rule makes of the verdicts; one change an object at most, from the first rule that has one."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from msgspec.structs import replace

from adopt.engine import allocation, guardrails
from adopt.engine.guardrails import Objects
from adopt.engine.snapshot import Integers, Snapshot
from adopt.engine.written import FLOOR, HALF, Written
from adopt.model import AdSet, Campaign, Change, Field, Money, Verdict, budget_field, budget_of
from adopt.policy import Policy, Rule, Share

SCALE_STEP = Share(1, 5)
MOST = 5  # bases, for what is proven to beat the target
UNPROVEN_MOST = 2  # bases, for what is only believed to
LEAST_DUE = 3.0  # results due at the target before a budget follows them
_PROVEN = ("beats_target", "proven_good")
_ALLOCATED = ("proven_good", "open")


def propose(snapshot: Snapshot, verdicts: Sequence[Verdict], policy: Policy) -> list[Change]:
    """What the listed rules want changed, in the fixed order of presets."""
    objects = guardrails.objects_of(snapshot)
    found: dict[str, Change] = {}
    written = Written(snapshot, policy, verdicts)
    for rule in sorted(policy.rule, key=_place):
        preset = _PRESETS.get(rule.use or "")
        for change in preset(rule, verdicts, objects, snapshot) if preset else written.changes(rule):
            found.setdefault(change.object.id, change)
    return list(found.values())


def _place(rule: Rule) -> int:
    """Where a rule stands in the fixed order; written rules keep the order of their file."""
    return _ORDER.index(rule.use if rule.use in _PRESETS else _WRITTEN)


def _stop(rule: Rule, verdicts: Sequence[Verdict], objects: Objects, _: Snapshot) -> Iterator[Change]:
    return (_status(rule, v, objects[v.object.id], "PAUSED") for v in verdicts if v.kind == "pause")


def _revive(rule: Rule, verdicts: Sequence[Verdict], objects: Objects, _: Snapshot) -> Iterator[Change]:
    return (_status(rule, v, objects[v.object.id], "ACTIVE") for v in verdicts if v.kind == "revive")


def _scale(rule: Rule, verdicts: Sequence[Verdict], objects: Objects, _: Snapshot) -> Iterator[Change]:
    for verdict in verdicts:
        field, before = _held(objects[verdict.object.id])
        if verdict.kind == "scale" and verdict.reason in _PROVEN and raised(before, SCALE_STEP) > before:
            yield move(rule, verdict, field, before, raised(before, SCALE_STEP))


def _throttle(rule: Rule, verdicts: Sequence[Verdict], objects: Objects, snapshot: Snapshot) -> Iterator[Change]:
    """Half the budget of what is doubted, down to 5 % of its base; half as much again once it no longer is."""
    for verdict in verdicts:
        field, before = _held(objects[verdict.object.id])
        base = snapshot.history(verdict.object.id).base or before
        if verdict.kind == "throttle":
            after = max(int(before * HALF), int(base * FLOOR), 1)
        elif verdict.reason == "restored":
            after = min(raised(before, HALF), base)
        else:
            continue
        if (after < before) == (verdict.kind == "throttle") and after != before:
            yield move(rule, verdict, field, before, after)


def _allocate(rule: Rule, verdicts: Sequence[Verdict], objects: Objects, snapshot: Snapshot) -> Iterator[Change]:
    """Daily budgets on their way to where the next money earns most, within what a person set them to altogether.

    The target is what the next result may cost at the base: there an ad set that just meets it keeps its budget.
    """
    moved = [v for v in verdicts if _is_movable(v, objects[v.object.id])]
    if not moved:
        return
    present = np.array([objects[v.object.id].daily_budget for v in moved], dtype=np.int64)
    base = np.array([snapshot.history(v.object.id).base or v.budget or 0 for v in moved], dtype=np.int64)
    expected = np.array([v.evidence.expected or 0.0 for v in moved]) / allocation.BETA
    most = base * np.where([v.reason in _PROVEN for v in moved], MOST, UNPROVEN_MOST)
    lo, hi = (bound.astype(np.float64) for bound in allocation.reach(present, base))
    hi, budget = np.maximum(np.minimum(hi, most), lo), max(int(present.sum()), int(base.sum()))
    wanted, rent = allocation.waterfill(expected, base.astype(np.float64), float(budget), allocation.BETA, lo, hi)
    then = _within(present, allocation.moves(present, wanted, base), budget).tolist()
    for verdict, before, after in zip(moved, present.tolist(), then, strict=True):
        if after != before:
            change = move(rule, verdict, "daily_budget", before, after)
            sentence = f"{verdict.sentence}{_earning(float(rent), snapshot)}"
            yield replace(change, sentence=sentence, stake=abs(after - before))


def _is_movable(verdict: Verdict, seen: AdSet | Campaign) -> bool:
    """Whether enough is known of an object that holds a daily budget, and the throttle has no say in it."""
    enough = (verdict.evidence.due or 0.0) >= LEAST_DUE
    return bool(seen.daily_budget) and enough and verdict.reason in _ALLOCATED


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
    return int(budget * (1 + step))


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


_Preset: TypeAlias = Callable[[Rule, Sequence[Verdict], Objects, Snapshot], Iterator[Change]]
_PRESETS: dict[str, _Preset] = {
    "safe-stop": _stop,
    "revive": _revive,
    "throttle": _throttle,
    "scale-20": _scale,
    "allocate": _allocate,
}
_WRITTEN = "written rules"
_ORDER = ("safe-stop", "revive", "throttle", _WRITTEN, "scale-20", "allocate")
