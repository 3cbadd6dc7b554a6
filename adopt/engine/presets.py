"""The presets: what each rule makes of a verdict; one change an object at most, from the first rule that has one."""

from collections.abc import Callable, Sequence
from typing import Literal

from adopt.engine import guardrails
from adopt.engine.snapshot import Snapshot
from adopt.model import AdSet, Campaign, Change, Money, Verdict
from adopt.policy import Policy, Preset, Rule, Share

_SCALE_STEP = Share(1, 5)


def propose(snapshot: Snapshot, verdicts: Sequence[Verdict], policy: Policy) -> list[Change]:
    """One change an object at most, from the first listed rule that has one, in the fixed order of presets."""
    objects = guardrails.objects_of(snapshot)
    found: dict[str, Change] = {}
    for rule in sorted(policy.rule, key=lambda rule: _ORDER.index(rule.use)):
        for verdict in verdicts:
            change = _PRESETS[rule.use](rule, verdict, objects[verdict.object.id])
            if change:
                found.setdefault(verdict.object.id, change)
    return list(found.values())


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


_PRESETS: dict[Preset, Callable[[Rule, Verdict, AdSet | Campaign], Change | None]] = {
    "safe-stop": _stop,
    "revive": _revive,
    "scale-20": _scale,
}
_ORDER: tuple[Preset, ...] = ("safe-stop", "revive", "scale-20")
