"""Rules from what is remembered: what they see of the last poll, and what is doubtful about them; asks Meta nothing."""

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from adopt.engine.chances import Market, Trial, chances
from adopt.engine.judging import judge
from adopt.engine.linting import Named, doubts
from adopt.engine.snapshot import Snapshot
from adopt.engine.verdicts import Verdicts
from adopt.engine.written import Sight, Written, is_at_work
from adopt.errors import Invalid
from adopt.language.spoken import Spoken
from adopt.language.syntax import show
from adopt.model import Chance, Currency, Doubt, Heard, Ref, RuleReport
from adopt.operations import watching
from adopt.policy import Policy, Rule
from adopt.store import polls
from adopt.store.database import Store

SPENDS = (1.0, 3.0)  # targets a day, beside what the account's own ad sets spend
_USUAL = {"click": 0.02, "ctr": 0.01, "value": 2.0}  # of a target, a share, of a target: where no poll says better
_TRIALS = ((1.0, False), (1.0, True), (2.0, True))


def test(store: Store, account_id: str, policy: Policy, name: str) -> tuple[tuple[Heard, ...], str]:
    """What a rule sees of each ad set, and campaign with a budget, of the last poll; and a note."""
    rule = find(policy, name)
    spoken = rule.spoken(policy.about)
    if spoken is None:
        raise Invalid(f"{rule.use} is a preset that judges by evidence", try_next="adopt plan, then adopt why ID")
    snapshot = remembered(store, account_id, policy)
    verdicts = judge(snapshot, policy) if spoken.is_anytime else Verdicts()
    written = Written(snapshot, policy, verdicts)
    levels = ("adset", "campaign") if spoken.does.deed in ("budget", "throttle") else ("adset",)
    heard = [one for level in levels for one in _heard(written.sight(spoken, level), spoken)]  # type: ignore[arg-type]
    rests = "" if is_at_work(spoken, snapshot) else f"outside its hours at {snapshot.now:%a %H:%M}"
    return tuple(heard), rests


def check(store: Store, account_id: str | None, policy: Policy, runs: int) -> RuleReport:
    """What is doubtful about the written rules, and how often each pause rule pauses what is exactly on target."""
    rules = _named(policy)
    last = polls.newest(store, account_id) if account_id else None
    snapshot = remembered(store, account_id, policy) if account_id and last else None
    currency = snapshot.account.money if snapshot else Currency("USD")
    market, own = _market(snapshot, policy, currency)
    # what stands on evidence is bounded by the policy's alpha, and no simulated ad set has any
    pauses = [rule for rule in rules if rule.spoken.does.deed == "pause" and not rule.spoken.is_anytime]
    return RuleReport(
        rules=len(policy.rule),
        doubts=doubts(rules, market, policy.about, currency) if rules else (),
        chances=_chances(pauses, market, policy, own, runs) if pauses else (),
        runs=runs,
    )


def lint(policy: Policy, snapshot: Snapshot | None) -> tuple[Doubt, ...]:
    """What is doubtful about the written rules, at the account's prices where there is a snapshot."""
    rules, currency = _named(policy), snapshot.account.money if snapshot else Currency("USD")
    return doubts(rules, _market(snapshot, policy, currency)[0], policy.about, currency) if rules else ()


def _named(policy: Policy) -> list[Named]:
    return [Named(rule.name, spoken) for rule in policy.rule if (spoken := rule.spoken(policy.about))]


def find(policy: Policy, name: str) -> Rule:
    """A rule by its name."""
    found = next((rule for rule in policy.rule if rule.name == name), None)
    if found is None:
        names = ", ".join(rule.name for rule in policy.rule) or "none"
        raise Invalid(f"the policy has no rule {name!r}; its rules: {names}", try_next="adopt rule list")
    return found


def only(policy: Policy, name: str) -> Policy:
    """The policy with one of its rules alone."""
    return replace(policy, rule=(find(policy, name),))


def remembered(store: Store, account_id: str, policy: Policy) -> Snapshot:
    """The account as the last poll saw it."""
    last = polls.latest(store, account_id, policy.target.result)
    if last is None:
        raise Invalid(f"{account_id} was never polled for {policy.target.result}", try_next="adopt plan polls it")
    return watching.snapshot(store, watching.recorded(store, last), policy)


def _heard(sight: Sight, spoken: Spoken) -> list[Heard]:
    return [
        Heard(
            object=Ref(level=sight.level, id=one.id, name=one.name),
            holds=bool(sight.seen.holds[row]),
            saw=sight.seen.saw(row),
            does=spoken.does.show(),
        )
        for row, one in enumerate(sight.objects)
    ]


def _chances(
    pauses: Sequence[Named], market: Market, policy: Policy, own: float | None, runs: int
) -> tuple[Chance, ...]:
    spends = [*([own] if own else []), *SPENDS]
    trials = [Trial(spend, costs, late) for spend in spends for costs, late in _TRIALS]
    found = chances([rule.spoken for rule in pauses], trials, market, policy.about, runs=runs)
    return tuple(
        Chance(
            rule=rule.name,
            spends=spend,
            is_own=spend == own and place == 0,
            on_target=shares[3 * place],
            on_target_late=shares[3 * place + 1],
            twice=shares[3 * place + 2],
        )
        for rule, shares in zip(pauses, found, strict=True)
        for place, spend in enumerate(spends)
    )


def _market(snapshot: Snapshot | None, policy: Policy, currency: Currency) -> tuple[Market, float | None]:
    """The account's prices, and what its ad sets spend a day in targets, the median; usual ones without a poll."""
    target, offset = policy.target, currency.offset
    goal = float(target.roas or 0) if target.cpa is None else float(target.cpa * offset)
    sums = [float(getattr(snapshot.days, name).sum()) if snapshot else 0.0 for name in _SUMS]
    spend, impressions, clicks, results, revenue = sums
    value = revenue / results if results > 0 < revenue else 0.0
    price = goal if target.cpa is not None else (value or 60.0 * offset) / goal
    market = Market(
        price=price,
        click=spend / clicks if clicks > 0 < spend else price * _USUAL["click"],
        value=value or price * (_USUAL["value"] if target.cpa is not None else goal),
        ctr=clicks / impressions if impressions > 0 < clicks else _USUAL["ctr"],
        target=goal,
        offset=offset,
    )
    budgets = [one.daily_budget for one in snapshot.ad_sets if one.daily_budget] if snapshot else []
    return market, round(float(np.median(budgets)) / price, 2) if budgets else None


_SUMS = ("spend", "impressions", "clicks", "results", "revenue")


def says(rule: Rule, policy: Policy) -> tuple[str, str]:
    """What a rule's condition and action are; blank for a preset."""
    spoken = rule.spoken(policy.about)
    return (show(spoken.when), spoken.does.show()) if spoken else ("", "")
