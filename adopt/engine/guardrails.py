"""What stands between a proposed change and a plan: each guardrail lets it pass, trims it or refuses it.

A guardrail is a function of a `Case`, named as in the policy file. It gives None
to let the change pass, a sentence to refuse it, or an amount to trim a budget to.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from adopt.engine.snapshot import Snapshot
from adopt.language.spoken import Spoken
from adopt.model import AdSet, Campaign, Change, Currency, History, Money, Refusal
from adopt.policy import Guardrails, Policy

Answer: TypeAlias = str | Money | None
Objects: TypeAlias = Mapping[str, AdSet | Campaign]

_EDITS_AN_HOUR = 4  # Meta's limit on an ad set's budget: docs/marketing-apis/rate-limiting
_LEAST_MOVE = 100  # a rise below 1/100 of the budget is not worth an edit


class Case(NamedTuple):
    """One proposed change with all that a guardrail may look at."""

    change: Change
    seen: AdSet | Campaign
    objects: Objects
    history: History
    snapshot: Snapshot
    policy: Policy
    spoken: Mapping[str, Spoken | None]  # what the policy's written rules say, by their names
    outage: str | None

    @property
    def rails(self) -> Guardrails:
        """The policy's limits."""
        return self.policy.guardrails

    @property
    def money(self) -> Currency:
        """The account's currency."""
        return self.snapshot.account.money

    @property
    def after(self) -> Money:
        """The budget that is asked for."""
        return int(self.change.after)

    @property
    def rises(self) -> bool:
        """Whether it is a budget that would grow."""
        return rise(self.change) > 0

    @property
    def written(self) -> Spoken | None:
        """The written rule that proposed the change, if one did."""
        return self.spoken.get(self.change.rule)

    def within(self, since: timedelta, moment: datetime | None) -> bool:
        """Whether a remembered moment lies less than a length of time ago."""
        return moment is not None and self.snapshot.now - moment < since


def sift(
    changes: Iterable[Change], snapshot: Snapshot, policy: Policy, outage: str | None
) -> tuple[list[Change], list[Refusal]]:
    """The engine's changes that every guardrail lets pass, trimmed where one trims, and the refused ones."""
    objects, spoken, rails = objects_of(snapshot), spoken_rules(policy), _at_work(policy, outage)
    passed: list[Change] = []
    refused: list[Refusal] = []
    for change in changes:
        seen = objects[change.object.id]
        case = Case(change, seen, objects, snapshot.history(seen.id), snapshot, policy, spoken, outage)
        answer = _run(case, rails)
        (refused if isinstance(answer, Refusal) else passed).append(answer)  # type: ignore[arg-type]
    return passed, refused


def by_hand(change: Change, snapshot: Snapshot, policy: Policy) -> Change | Refusal:
    """A person's change: whole, or refused with the amount that would be allowed; patience is for machines."""
    objects = objects_of(snapshot)
    seen = objects[change.object.id]
    case = Case(change, seen, objects, snapshot.history(seen.id), snapshot, policy, spoken_rules(policy), None)
    answer = _run(case, (never_touch, *MONEY))
    if isinstance(answer, Refusal):
        return answer
    room = account_room(snapshot, policy)
    if broken := room.refuses(room.after(answer, seen)):
        return _refusal(change, *broken)
    if not answer.trims:
        return answer
    allowed = snapshot.account.money.show(int(answer.after))
    return _refusal(change, answer.trims[-1], f"{allowed} would be allowed")


def taking_back(changes: Iterable[Change], snapshot: Snapshot, policy: Policy) -> tuple[list[Change], list[Refusal]]:
    """What was changed, changed back: whole or refused. No step is too great for what was so before.

    What the snapshot does not hold passes: applying looks for it and tells what became of it.
    """
    objects, room, spoken = objects_of(snapshot), account_room(snapshot, policy), spoken_rules(policy)
    passed: list[Change] = []
    refused: list[Refusal] = []
    for change in changes:
        if (seen := objects.get(change.object.id)) is None:
            passed.append(change)
            continue
        answer = _run(Case(change, seen, objects, snapshot.history(seen.id), snapshot, policy, spoken, None), UNDO)
        then = room.after(change, seen)._replace(risen=room.risen)
        if isinstance(answer, Refusal):
            refused.append(answer)
        elif answer.trims:
            allowed = snapshot.account.money.show(int(answer.after))
            refused.append(_refusal(change, answer.trims[-1], f"{allowed} would be allowed"))
        elif broken := room.refuses(then):
            refused.append(_refusal(change, *broken))
        else:
            passed.append(change)
            room = then
    return passed, refused


def cap(
    changes: Sequence[Change], snapshot: Snapshot, policy: Policy, most: int | None
) -> tuple[list[Change], list[Refusal]]:
    """What of an ordered list of changes one plan may hold, by number and by the account's money; the rest refused."""
    limit = plan_limit(snapshot, policy)
    limit, name = (most, "--max-changes") if most is not None and most < limit else (limit, "max_changes_per_plan")
    objects, room, spoken = objects_of(snapshot), account_room(snapshot, policy), spoken_rules(policy)
    kept: list[Change] = []
    refused: list[Refusal] = []
    for change in changes:
        restores = gives_back(change, snapshot, spoken.get(change.rule))
        if len(kept) >= limit and not (restores and name != "--max-changes"):
            refused.append(_refusal(change, name, f"more than the {limit} a plan may make here"))
            continue
        then = room.restored(change) if restores else room.after(change, objects[change.object.id])
        if broken := room.refuses(then):
            refused.append(_refusal(change, *broken))
        else:
            kept.append(change)
            room = then
    return kept, refused


class AccountRoom(NamedTuple):
    """How far the budgets of an account may rise altogether."""

    total: Money  # the running daily budgets
    risen: Money  # what they rose in the last 24 hours
    ceiling: Money | None
    step: Money  # the most they may rise in 24 hours
    rails: Guardrails
    money: Currency

    def after(self, change: Change, seen: AdSet | Campaign) -> "AccountRoom":
        """The room that a change leaves: a rise takes some, and so does the budget of what is started."""
        held = change.budget.after if change.budget else seen.daily_budget or 0
        started = held if change.after == "ACTIVE" else 0
        return self._replace(total=self.total + rise(change) + started, risen=self.risen + rise(change))

    def restored(self, change: Change) -> "AccountRoom":
        """The room that giving a budget back leaves: it was taken for some hours, and is no rise."""
        return self._replace(total=self.total + rise(change))

    def refuses(self, then: "AccountRoom") -> tuple[str, str] | None:
        """The guardrail that going from this room to another would break, and its sentence."""
        if self.ceiling is not None and then.total > max(self.total, self.ceiling):
            return "max_account_daily_budget", f"the budgets would pass {self.money.show(self.ceiling)} a day"
        if then.risen > max(self.risen, self.step):
            step = self.rails.max_account_step_24h
            return "max_account_step_24h", f"the account's budgets would rise by more than {step} in 24 hours"
        return None


def account_room(snapshot: Snapshot, policy: Policy) -> AccountRoom:
    """The running daily budgets of an account and what they rose in the last 24 hours."""
    running = [o for o in objects_of(snapshot).values() if o.effective_status == "ACTIVE" and o.daily_budget]
    risen = sum(
        max((o.daily_budget or 0) - (snapshot.history(o.id).budget_day_ago or o.daily_budget or 0), 0) for o in running
    )
    total = sum(o.daily_budget or 0 for o in running)
    rails, money = policy.guardrails, snapshot.account.money
    ceiling = None if rails.max_account_daily_budget is None else money.parse(rails.max_account_daily_budget)
    return AccountRoom(total, risen, ceiling, int((total - risen) * rails.max_account_step_24h), rails, money)


def rise(change: Change) -> Money:
    """By how much a change lets a budget grow; 0 for a status or a cut."""
    return max(int(change.after) - int(change.before), 0) if change.is_budget else 0


def spoken_rules(policy: Policy) -> Mapping[str, Spoken | None]:
    """What the rules of a policy say, by their names; None of presets, and the first of a name speaks for it."""
    return {rule.name: rule.spoken(policy.about) for rule in reversed(policy.rule)}


def gives_back(change: Change, snapshot: Snapshot, spoken: Spoken | None) -> bool:
    """Whether it is the end of its rule's hours: its budgets become their base again, all of them at once."""
    if spoken is None or not spoken.keeps_hours:
        return False
    return change.after == snapshot.history(change.object.id).base


def plan_limit(snapshot: Snapshot, policy: Policy) -> int:
    """How many changes a plan may make: a share of the ad sets that run, at least one."""
    running = sum(ad_set.effective_status == "ACTIVE" for ad_set in snapshot.ad_sets)
    return max(1, int(running * policy.guardrails.max_changes_per_plan))


def objects_of(snapshot: Snapshot) -> Objects:
    """The ad sets and campaigns of a snapshot by id."""
    found: dict[str, AdSet | Campaign] = {campaign.id: campaign for campaign in snapshot.campaigns}
    found.update({ad_set.id: ad_set for ad_set in snapshot.ad_sets})
    return found


# -- patience: what a machine must wait for ----------------------------------------------------


def silent_tracking(case: Case) -> Answer:
    """Nothing moves while the account's conversions have fallen silent."""
    return case.outage


def paused_by_you(case: Case) -> Answer:
    """What a person paused stays paused; its comeback is shown."""
    revives = case.change.after == "ACTIVE" and case.history.paused_by != "adopt"
    return "paused by you, so it is for you to start again" if revives else None


def one_look_a_day(case: Case) -> Answer:
    """Wilson's confidence is for one look; a second one on the same account day acts on nothing."""
    decision = case.policy.decision
    looked = case.snapshot.looked if case.snapshot.has_looked_today else None
    if decision.method != "wilson" or not decision.one_look_a_day or looked is None:
        return None
    if case.written and not case.written.is_for_one_look:
        return None
    at = f"{looked.astimezone(case.snapshot.now.tzinfo):%H:%M}"
    return f"the {decision.confidence * 100:g} % is for one look a day, and today's was at {at}; the next is tomorrow"


def min_age(case: Case) -> Answer:
    """A young ad set is left alone."""
    young = isinstance(case.seen, AdSet) and case.within(case.rails.min_age, case.seen.created)
    return f"younger than {case.rails.min_age}" if young else None


def cooldown(case: Case) -> Answer:
    """Changes of one object keep apart; pauses do not wait, nor does a rule that keeps hours."""
    if case.written and case.written.keeps_hours:
        return None
    if case.change.after == "PAUSED" or not case.within(case.rails.cooldown, case.history.touched):
        return None
    return f"adopt changed it less than {case.rails.cooldown} ago"


def revive_every(case: Case) -> Answer:
    """An ad set comes back at most so often."""
    again = case.change.after == "ACTIVE" and case.within(case.rails.revive_every, case.history.revived)
    return f"brought back less than {case.rails.revive_every} ago already" if again else None


def learning(case: Case) -> Answer:
    """A budget does not rise in the learning phase, but back to its base."""
    if gives_back(case.change, case.snapshot, case.written):
        return None
    learns = case.rises and isinstance(case.seen, AdSet) and case.seen.learning == "LEARNING"
    return "still in its learning phase" if learns else None


def lifetime_budget(case: Case) -> Answer:
    """What a whole flight may spend is for a person to raise: a daily share of it means nothing."""
    is_one = case.change.field == "lifetime_budget"
    return "it has a lifetime budget, and adopt raises daily budgets only" if is_one else None


# -- money: what holds for a person too --------------------------------------------------------


def never_touch(case: Case) -> Answer:
    """What the policy names is never changed, nor the budget that it shares with its campaign's other ad sets."""
    for matcher in case.rails.never_touch:
        if matcher.matches(*_named(case, matcher.field)):
            return f"the policy says never_touch {matcher}"
        shares = (one for one in _sharing(case) if matcher.matches(one.name if matcher.field == "name" else one.id))
        if matcher.field != "campaign" and (kept := next(shares, None)):
            return f"it is the budget of {kept.name} too, and the policy says never_touch {matcher}"
    return None


def max_step(case: Case) -> Answer:
    """A rise above the base is limited per change."""
    if not case.rises:
        return None
    before = int(case.change.before)
    return _at_most(case, before + case.rails.max_step.of(before))


def max_step_24h(case: Case) -> Answer:
    """A rise above the base is limited over 24 hours."""
    start = case.history.budget_day_ago
    return _at_most(case, start + case.rails.max_step_24h.of(start)) if case.rises and start else None


def max_daily_budget(case: Case) -> Answer:
    """A daily budget's ceiling."""
    if case.change.field != "daily_budget" or case.rails.max_daily_budget is None:
        return None
    ceiling = case.money.parse(case.rails.max_daily_budget)
    return ceiling if case.after > ceiling else None


def min_daily_budget(case: Case) -> Answer:
    """A daily budget's floor: no cut goes below it, and a rise towards it is no breach."""
    if case.change.field != "daily_budget" or case.rails.min_daily_budget is None or case.rises:
        return None
    floor = min(case.money.parse(case.rails.min_daily_budget), int(case.change.before))
    return floor if case.after < floor else None


def meta_edits(case: Case) -> Answer:
    """Meta takes four budget changes an hour of an ad set, then blocks it for an hour."""
    full = case.change.is_budget and case.history.budget_edits >= _EDITS_AN_HOUR
    return f"Meta allows {_EDITS_AN_HOUR} budget changes an hour" if full else None


Guardrail: TypeAlias = Callable[[Case], Answer]
PATIENCE: tuple[Guardrail, ...] = (
    silent_tracking,
    never_touch,
    paused_by_you,
    one_look_a_day,
    min_age,
    cooldown,
    revive_every,
    learning,
    lifetime_budget,
)
MONEY: tuple[Guardrail, ...] = (meta_edits, max_step, max_step_24h, max_daily_budget, min_daily_budget)
UNDO: tuple[Guardrail, ...] = (never_touch, meta_edits, max_daily_budget, min_daily_budget)


def _at_work(policy: Policy, outage: str | None) -> Sequence[Guardrail]:
    """All guardrails but those that this policy and moment give nothing to refuse or to trim."""
    limits = policy.guardrails
    idle: dict[Guardrail, bool] = {
        silent_tracking: outage is None,
        never_touch: not limits.never_touch,
        one_look_a_day: policy.decision.method != "wilson",
        max_daily_budget: limits.max_daily_budget is None,
        min_daily_budget: limits.min_daily_budget is None,
    }
    return [rail for rail in (*PATIENCE, *MONEY) if not idle.get(rail, False)]


def _run(case: Case, rails: Sequence[Guardrail]) -> Change | Refusal:
    asked = case.change
    for rail in rails:
        name = rail.__name__
        match rail(case):
            case str() as sentence:
                return _refusal(asked, name, sentence)
            case int() as amount:
                trimmed = replace(case.change, after=amount, trims=(*case.change.trims, name))
                case = case._replace(change=trimmed)
    if case.change.trims and _is_idle(asked, case.change):
        name = case.change.trims[-1]
        return _refusal(asked, name, f"{name} leaves no room to {'rise' if rise(asked) else 'fall'}")
    return case.change


def _is_idle(asked: Change, trimmed: Change) -> bool:
    """Whether trimming left of a budget's move nothing, or too small a rise to be worth an edit."""
    if rise(asked):
        return rise(trimmed) < max(int(asked.before) // _LEAST_MOVE, 1)
    return trimmed.after == asked.before


def _at_most(case: Case, limit: Money) -> Answer:
    """The limit, or the base where that is higher, if it is exceeded."""
    bound = max(limit, case.history.base or 0)
    return bound if case.after > bound else None


def _named(case: Case, field: str) -> tuple[str, ...]:
    """The values of an object that a matcher's field means."""
    if field != "campaign":
        return (case.seen.name if field == "name" else case.seen.id,)
    parent = case.seen.campaign_id if isinstance(case.seen, AdSet) else case.seen.id
    campaign = case.objects.get(parent)
    return (parent, campaign.name) if campaign else (parent,)


def _sharing(case: Case) -> Iterator[AdSet]:
    """The ad sets that a change of their campaign's budget would touch."""
    if not case.change.is_budget or isinstance(case.seen, AdSet):
        return iter(())
    return (one for one in case.snapshot.ad_sets if one.campaign_id == case.seen.id)


def _refusal(change: Change, guardrail: str, sentence: str) -> Refusal:
    return Refusal(change=change, guardrail=guardrail, sentence=sentence)
