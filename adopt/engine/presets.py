"""The presets: what each rule makes of a verdict; one change an object at most, from the first rule that has one."""

from collections.abc import Callable, Sequence
from typing import Literal

from adopt.engine import guardrails
from adopt.engine.snapshot import Snapshot
from adopt.engine.written import Written
from adopt.model import AdSet, Campaign, Change, Money, Verdict
from adopt.policy import Policy, Rule, Share

_SCALE_STEP = Share(1, 5)


def propose(snapshot: Snapshot, verdicts: Sequence[Verdict], policy: Policy) -> list[Change]:
    """One change an object at most, from the first listed rule that has one, in the fixed order of presets."""
    objects = guardrails.objects_of(snapshot)
    found: dict[str, Change] = {}
    written = Written(snapshot, policy)
    for rule in sorted(policy.rule, key=_place):
        preset = _PRESETS.get(rule.use or "")
        proposed = (preset(rule, v, objects[v.object.id]) for v in verdicts) if preset else ()
        for change in (*filter(None, proposed), *written.changes(rule, verdicts)):
            found.setdefault(change.object.id, change)
    return list(found.values())


def _place(rule: Rule) -> int:
    """Where a rule stands in the fixed order; written rules keep the order of their file."""
    return _ORDER.index(rule.use if rule.use in _PRESETS else _WRITTEN)


def _stop(rule: Rule, verdict: Verdict, seen: AdSet | Campaign) -> Change | None:
    return _status(rule, verdict, seen, "PAUSED") if verdict.kind == "pause" else None


def _revive(rule: Rule, verdict: Verdict, seen: AdSet | Campaign) -> Change | None:
    return _status(rule, verdict, seen, "ACTIVE") if verdict.kind == "revive" else None


def _scale(rule: Rule, verdict: Verdict, seen: AdSet | Campaign) -> Change | None:
    field: Literal["daily_budget", "lifetime_budget"] = (
        "daily_budget" if seen.daily_budget is not None else "lifetime_budget"
    )
    before = getattr(seen, field)
    if verdict.kind != "scale" or before is None:
        return None
    after = raised(before, _SCALE_STEP)
    return _change(rule, verdict, field, before, after) if after > before else None


def raised(budget: Money, step: Share) -> Money:
    """A budget raised by a share, rounded down to a minor unit."""
    return int(budget * (1 + step))


def _status(rule: Rule, verdict: Verdict, seen: AdSet | Campaign, after: str) -> Change:
    return _change(rule, verdict, "status", seen.status, after)


def _change(
    rule: Rule,
    verdict: Verdict,
    field: Literal["status", "daily_budget", "lifetime_budget"],
    before: str | Money,
    after: str | Money,
) -> Change:
    return Change(
        object=verdict.object,
        field=field,
        before=before,
        after=after,
        rule=rule.name,
        sentence=verdict.sentence,
        stake=verdict.stake,
    )


_PRESETS: dict[str, Callable[[Rule, Verdict, AdSet | Campaign], Change | None]] = {
    "safe-stop": _stop,
    "revive": _revive,
    "scale-20": _scale,
}
_WRITTEN = "written rules"
_ORDER = ("safe-stop", "revive", _WRITTEN, "scale-20")
