"""What written rules propose: a change where the condition holds, and base again outside a rule's hours."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from msgspec.structs import replace

from adopt.engine import scenes
from adopt.engine.columns import Columns
from adopt.engine.rules import Seen, concerned, evaluate
from adopt.engine.snapshot import Snapshot, budgeted
from adopt.engine.throttle import FLOOR, lowered
from adopt.engine.verdicts import Verdicts
from adopt.language.actions import Action
from adopt.language.spoken import Spoken
from adopt.model import AdSet, Campaign, Change, Field, History, Money, Ref, budget_field, budget_of
from adopt.policy import Policy, Rule

Level: TypeAlias = Literal["adset", "campaign"]

_DAY = timedelta(hours=24)
_SILENT = ("notify", "tag")
_SHOWN = 5  # names in a remark


class Sight(NamedTuple):
    """A rule over the objects of one level: which they are, and what it saw of them."""

    level: Level
    objects: Sequence[AdSet | Campaign]
    seen: Seen


class Written:
    """The written rules of a policy over one snapshot; what they look at is computed once for all of them."""

    def __init__(self, snapshot: Snapshot, policy: Policy, verdicts: Verdicts) -> None:
        self.snapshot = snapshot
        self.policy = policy
        self.verdicts = verdicts
        self._columns: dict[Level, tuple[Sequence[AdSet | Campaign], Columns]] = {}

    def changes(self, rule: Rule) -> Iterator[Change]:
        """What a rule wants changed now."""
        spoken = rule.spoken(self.policy.about)
        if spoken is None or spoken.does.deed in _SILENT:
            return
        if is_at_work(spoken, self.snapshot):
            yield from self._acts(rule, spoken)
        elif spoken.keeps_hours:
            yield from self._restores(rule, spoken)

    def remarks(self) -> Iterator[str]:
        """What the rules that only notify or tag have to say, a sentence a rule."""
        for rule in self.policy.rule:
            spoken = rule.spoken(self.policy.about)
            if spoken is None or spoken.does.deed not in _SILENT or not is_at_work(spoken, self.snapshot):
                continue
            sight = self.sight(spoken, "adset")
            rows = np.flatnonzero(sight.seen.holds).tolist()
            if rows:
                yield _remark(rule, spoken.does, sight, rows)

    def sight(self, spoken: Spoken, level: Level) -> Sight:
        """What a rule sees of the ad sets, or of the campaigns that hold a budget."""
        objects, columns = self._table(level)
        policy = self.policy
        seen = evaluate(spoken.when, columns, policy.about, self.snapshot.account.money)
        return Sight(level, objects, seen)

    def _table(self, level: Level) -> tuple[Sequence[AdSet | Campaign], Columns]:
        if level not in self._columns:
            snapshot, policy = self.snapshot, self.policy
            if level == "adset":
                objects: Sequence[AdSet | Campaign] = snapshot.ad_sets
                scene = scenes.ad_sets(snapshot, policy)
            else:
                objects, scene = budgeted(snapshot), scenes.campaigns(snapshot, policy)
            judged = self.verdicts.level(level)
            self._columns[level] = objects, Columns(replace(scene, evidence=judged.anytime()) if judged else scene)
        return self._columns[level]

    def _stake(self, level: Level, row: int) -> Money:
        judged = self.verdicts.level(level)
        return int(judged.stakes[row]) if judged else 0

    def _acts(self, rule: Rule, spoken: Spoken) -> Iterator[Change]:
        """A change of each object that the condition holds for, unless it was changed too recently."""
        pace = rule.pace or (_DAY if spoken.does.deed == "throttle" else timedelta(0))
        for level in _levels(spoken.does):
            sight = self.sight(spoken, level)
            for row in np.flatnonzero(sight.seen.holds).tolist():
                one = sight.objects[row]
                history = self.snapshot.history(one.id)
                if history.touched is not None and self.snapshot.now - history.touched < pace:
                    continue
                found = self._after(spoken, one, history)
                if found:
                    yield _change(rule, level, one, found, f"{sight.seen.saw(row)}.", self._stake(level, row))

    def _after(self, spoken: Spoken, one: AdSet | Campaign, history: History) -> tuple[Field, str | Money] | None:
        """What an object becomes; None where there is nothing to do."""
        deed = spoken.does.deed
        if deed in ("pause", "revive"):
            before, after = ("ACTIVE", "PAUSED") if deed == "pause" else ("PAUSED", "ACTIVE")
            return ("status", after) if one.status == before and one.effective_status != "CAMPAIGN_PAUSED" else None
        before_, base = budget_of(one), history.base
        if before_ is None or one.status != "ACTIVE":
            return None
        after_ = self._budget(spoken, before_, base or before_)
        return (budget_field(one), after_) if after_ != before_ else None

    def _budget(self, spoken: Spoken, before: Money, base: Money) -> Money:
        """The budget that a rule asks for: of the base where the rule keeps hours, so that no pass adds to another."""
        does = spoken.does
        floor = max(int(base * FLOOR), 1)
        if does.deed == "throttle":
            return lowered(before, base)
        start = base if spoken.keeps_hours or does.sign == "=" else before
        asked = self._asked(does, start)
        if does.sign == "+":
            return max(asked, before)
        return min(max(asked, floor), before) if does.sign == "-" else max(asked, floor)

    def _asked(self, does: Action, start: Money) -> Money:
        amount = int(start * does.amount / 100) if does.is_share else self.snapshot.account.money.parse(does.amount)
        return {"+": start + amount, "-": start - amount, "=": amount}[does.sign]

    def _restores(self, rule: Rule, spoken: Spoken) -> Iterator[Change]:
        """Base again for whatever has this rule's budget; proposed by every pass, so that none can be lost."""
        for level in _levels(spoken.does):
            objects, columns = self._table(level)
            for row in np.flatnonzero(concerned(spoken.when, columns)).tolist():
                one, history = objects[row], self.snapshot.history(objects[row].id)
                ours = history.budget_rule == rule.name and history.base is not None
                if ours and history.base != budget_of(one):
                    sentence = f"Outside the hours of {rule.name!r} the budget is its base."
                    yield _change(
                        rule, level, one, (budget_field(one), history.base or 0), sentence, self._stake(level, row)
                    )


def is_at_work(spoken: Spoken, snapshot: Snapshot) -> bool:
    """Whether a rule is in its hours."""
    return spoken.schedule is None or spoken.schedule.holds(snapshot.now)


def _levels(does: Action) -> tuple[Level, ...]:
    """Ad sets are paused one by one; a budget is whoever's holds it."""
    return ("adset", "campaign") if does.deed in ("budget", "throttle") else ("adset",)


def _change(
    rule: Rule, level: Level, one: AdSet | Campaign, becomes: tuple[Field, str | Money], sentence: str, stake: Money
) -> Change:
    field, after = becomes
    before = one.status if field == "status" else budget_of(one)
    return Change(
        object=Ref(level=level, id=one.id, name=one.name),
        field=field,
        before=before if before is not None else 0,
        after=after,
        rule=rule.name,
        sentence=sentence,
        stake=stake,
    )


def _remark(rule: Rule, does: Action, sight: Sight, rows: Sequence[int]) -> str:
    """`fatigue: 2 ad sets: Cold (ctr(7d) is 0.62%, ...)`."""
    names = "; ".join(f"{sight.objects[row].name} ({sight.seen.saw(row)})" for row in rows[:_SHOWN])
    more = f"; and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    marked = f" tagged {does.tag}" if does.deed == "tag" else ""
    return f"rule {rule.name}: {len(rows)} ad set{'s' * (len(rows) != 1)}{marked}: {names}{more}"
