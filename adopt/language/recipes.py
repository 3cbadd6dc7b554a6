"""Published recipes as named rules, each with where it was published; and those that cannot be said, with why.

They are what people use, not what is advised: `adopt rule check` measures what
each does to an ad set exactly on target. Amounts such as 50 are in the account's
currency, as published.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

RecipeName: TypeAlias = Literal[
    "classic-2x", "classic-2x-rolling", "classic-3x", "disaster", "sunset", "night", "fatigue", "surf", "k2",
    "k3", "k4", "k4-7d", "k5", "k6", "k7", "k8", "k9", "k10", "k11", "k12", "k13", "k14", "k15", "k16", "k17",
    "k18", "k19", "k22", "k25", "k27", "k31", "s1", "s2", "s3", "s4", "s5-up", "s5-down", "s6", "s7", "r1",
    "r2", "r3", "r4", "r5", "r10", "r11"
]  # fmt: skip


class Recipe(Struct, frozen=True):
    """One published rule: what it says, what it does, how often, and where it comes from."""

    line: str
    source: str
    when: str
    do: str = "pause"
    every: str | None = None
    schedule: str | None = None
    when_roas: str | None = None  # the condition under a target ROAS, where it is another one

    def condition(self, *, roas: bool) -> str:
        """The condition under a target CPA or ROAS."""
        return self.when_roas if roas and self.when_roas else self.when


_NO_RESULT = "results(lifetime) == 0 and spend(lifetime)"
_GAIN = "(revenue(prior_3d) - revenue(prior_2d)) / (spend(prior_3d) - spend(prior_2d))"
_SECOND = "(revenue(prior_2d) - revenue(yesterday)) / (spend(prior_2d) - spend(yesterday))"

RECIPES: Mapping[str, Recipe] = {
    "classic-2x": Recipe(
        "twice the target spent and no result, ever, after three days", "adscook (K1)",
        f"{_NO_RESULT} > 2 * target and age >= 3d",
    ),
    "classic-2x-rolling": Recipe(
        "twice the target spent and no result in the last three days", "adscook (K1), read as a rolling window",
        "results(3d) == 0 and spend(3d) > 2 * target and age >= 3d",
    ),
    "classic-3x": Recipe(
        "three times the target spent and no result, not before day 5", "coinis, flighted (K21)",
        f"{_NO_RESULT} >= 3 * target and age >= 5d",
    ),
    "disaster": Recipe(
        "three targets spent today and no result in the whole account, after a normal day", "jerseypickles (K28)",
        "results.account(today) == 0 and spend.account(today) > 3 * target"
        " and results.account(yesterday) > 0 and cpa.account(yesterday) < 1.5 * target",
        do="notify",
        when_roas="results.account(today) == 0 and results.account(yesterday) > 0"
        " and spend.account(today) > 0.5 * spend.account(yesterday) and roas.account(yesterday) > 0.7 * target",
    ),
    "sunset": Recipe(
        "step the budget down while it is above the target", "Madgicx (R6)",
        "cpa(7d) > 1.2 * target and spend(7d) > 3 * target", do="throttle", every="24h",
        when_roas="roas(7d) < 0.8 * target and results(7d) >= 3",
    ),
    "night": Recipe(
        "half the budget from midnight to seven, then the base again", "FBMA (R7)",
        "budget > 0", do="budget = 50%", schedule="00:00-07:00",
    ),
    "fatigue": Recipe(
        "CTR down by 30 % against its first week (the frequency half needs reach)", "adcow, AdFire (R9, R11)",
        "ctr(7d) < 0.7 * ctr(7d, since='first') and impressions(7d) > 2000 and age >= 14d", do="notify",
    ),
    "surf": Recipe(
        "a step above base while today goes well, base again from midnight", "Charley T, Madgicx (S9, S10)",
        "cpa(today) < 0.8 * target and results(today) >= 3", do="budget +20%", schedule="06:00-24:00",
        when_roas="roas(today) > 1.2 * target and results(today) >= 3",
    ),
    "k2": Recipe("1.5 targets spent today, no result", "marketium.club (K2)",
        "results(today) == 0 and spend(today) > 1.5 * target"),
    "k3": Recipe("1.5 targets spent, no result ever", "marketium.club (K3)", f"{_NO_RESULT} > 1.5 * target"),
    "k4": Recipe("CPA above the payout today", "marketium.club (K4)", "cpa(today) > target"),
    "k4-7d": Recipe("CPA above the payout over 7 days", "marketium.club (K4)", "cpa(7d) > target"),
    "k5": Recipe("50 spent in 3 days, no conversion", "Revealbot library (K5)", "spend(3d) >= 50 and results(3d) == 0"),
    "k6": Recipe("cost per purchase above 8", "Bïrch (K6)", "cpa(lifetime) > 8 and spend(lifetime) > 50"),
    "k7": Recipe("link CTR below 1 %", "Bïrch (K7)", "ctr(lifetime) < 1% and impressions(lifetime) > 1000"),
    "k8": Recipe("CPC above 2", "Bïrch (K8)", "cpc(lifetime) > 2 and spend(lifetime) > 20"),
    "k9": Recipe("ROAS below 3 after half of today's budget", "Bïrch (K9)",
        "roas(today) < 3 and spend(today) > 0.5 * budget"),
    "k10": Recipe("ROAS below 3 over 3 days", "Bïrch (K10)", "roas(3d) < 3 and spend(3d) > 20"),
    "k11": Recipe("cost per purchase above 50 over 7 days", "Bïrch (K11)", "cpa(7d) > 50 and spend(7d) > 150"),
    "k12": Recipe("150 spent in 7 days, no purchase", "Bïrch (K12)", "results(7d) < 1 and spend(7d) > 150"),
    "k13": Recipe("cost per purchase above 20 today", "Bïrch (K13)", "cpa(today) > 20 and spend(7d) > 2 * budget"),
    "k14": Recipe("CPA of twice the target, more than 10 results", "adcow (K14)",
        "cpa(3d) > 2 * target and results(3d) > 10"),
    "k15": Recipe("200 spent, no conversion after 5 days", "adcow (K15)", f"{_NO_RESULT} > 200 and age > 5d"),
    "k16": Recipe("CPA above 1.5 targets over 7 days", "Wevion (K16)", "cpa(7d) > 1.5 * target and spend(7d) > 50"),
    "k17": Recipe("most of today's budget spent badly", "TheOptimizer (K17)",
        "spend(today) > 0.8 * budget and spend(today) >= 25 and (results(today) == 0 or cpa(today) > target)"),
    "k18": Recipe("CPA above 1.4 payouts today", "TheOptimizer (K18)",
        "cpa(today) > 1.4 * target and spend(today) > 20"),
    "k19": Recipe("25 spent in 3 days, no conversion", "TheOptimizer (K19)", "spend(3d) >= 25 and results(3d) == 0"),
    "k22": Recipe("twice the allowed CPA spent, no result", "bluefrog (K22)", f"{_NO_RESULT} >= 2 * target"),
    "k25": Recipe("CPA above 1.2 break-evens after 2000 impressions", "koro (K25)",
        "cpa(lifetime) > 1.2 * target and impressions(lifetime) >= 2000"),
    "k27": Recipe("ROAS below 0.3 over 3 days, out of learning", "jerseypickles (K27)",
        "roas(3d) < 0.3 and spend(3d) >= 150 and results(3d) <= 1 and age >= 5d and not learning", every="24h"),
    "k31": Recipe("link CTR below 0.8 % after 10 000 impressions", "cabinetos (K31)",
        "ctr(3d) < 0.8% and impressions(3d) > 10000"),
    "s1": Recipe("ROAS above 1.2 targets over 3 days", "Wevion (S1)", "roas(3d) > 1.2 * target and spend(3d) > 50",
        do="budget +20%", every="12h"),
    "s2": Recipe("ROAS above 0.5 over the mature week", "Meta's ad rules (S2)", "roas(mature_7d) > 0.5 and age > 8d",
        do="budget +20%", every="24h"),
    "s3": Recipe("cheap purchases, and delivering today", "Bïrch (S3)",
        "results(lifetime) > 1 and cpa(lifetime) < 50 and spend(today) > 0", do="budget +20%", every="24h"),
    "s4": Recipe("ROAS above 3 after half of today's budget", "Bïrch (S4)",
        "roas(today) > 3 and spend(today) > 0.5 * budget", do="budget +20%", every="24h"),
    "s5-up": Recipe("ROAS above 2 over 7 days", "adyogi (S5)", "roas(7d) > 2", do="budget +20%", every="24h"),
    "s5-down": Recipe("ROAS below 1.3 over 7 days", "adyogi (S5)", "roas(7d) < 1.3", do="budget -20%", every="24h"),
    "s6": Recipe("ROAS 30 % above target on three days running", "koro (S6)",
        f"roas(yesterday) > 1.3 * target and {_SECOND} > 1.3 * target and {_GAIN} > 1.3 * target",
        do="budget +20%", every="24h"),
    "s7": Recipe("ROAS above 3 yesterday", "cabinetos (S7)", "roas(yesterday) > 3", do="budget +20%", every="24h"),
    "r1": Recipe("CPA below the payout today", "marketium.club (R1)", "cpa(today) < target", do="revive"),
    "r2": Recipe("CPA below the payout over 7 days, once after midnight", "marketium.club (R2)", "cpa(7d) < target",
        do="revive", schedule="00:00-00:30"),
    "r3": Recipe("cost per result fell below 5 by late conversions", "Revealbot blog (R3)", "cpa(7d) < 5", do="revive"),
    "r4": Recipe("ROAS above 1.6 over 3 days, or 1.2 over 7", "Madgicx (R4)", "roas(3d) > 1.6 or roas(7d) > 1.2",
        do="revive"),
    "r5": Recipe("the least budget instead of a pause, base again at midnight", "Bïrch (R5)",
        "results(today) == 0 and spend(today) > 1.5 * target", do="budget = 1.00", schedule="06:00-24:00"),
    "r10": Recipe("CPA half again, or CTR half, of the last four weeks", "mureo (R10)",
        "cpa(7d) >= 1.5 * cpa(28d) and results(7d) >= 30 or ctr(7d) <= 0.5 * ctr(28d) and impressions(7d) >= 1000",
        do="notify"),
    "r11": Recipe("link CTR 30 % under its campaign's", "adhook (R11)",
        "ctr(7d) < 0.7 * ctr.campaign(7d) and impressions(7d) > 1000"),
}  # fmt: skip

UNSAYABLE: Mapping[str, str] = {
    "k20": "pauses until midnight: adopt revives by evidence, at most once in revive_every",
    "k23": "a guard, no rule: add `age >= 5d and spend(lifetime) >= 200` to yours",
    "k24": "frequency needs reach, which adopt does not poll",
    "k26": "a guard, no rule: add `results(lifetime) >= 10 and spend(lifetime) >= 100` to yours",
    "k28": "stops a whole account: `adopt hold on` does; `disaster` tells you when",
    "k29": "a ladder of several results; one result type is polled",
    "k30": "needs initiated checkouts beside purchases; one result type is polled",
    "k32": "compares within an objective, and objectives have no average here",
    "s8": "a pace, no rule: the guardrails max_step and max_step_24h are it",
    "s11": "a constraint, no rule: the guardrail max_step is it",
    "s12": "a cap, no rule: the guardrails max_step and max_step_24h are it",
    "s13": "caps, no rule: the guardrails max_step and cooldown are it",
    "s14": "labels by bands: write three rules with `tag`",
    "r8": "looks twice with a memory between; a tag is only written down",
    "r9": "frequency needs reach, which adopt does not poll",
}

PRESETS: Mapping[str, str] = {
    "safe-stop": "pause what the evidence shows to miss the target, by the policy's decision method",
    "revive": "start again what adopt paused, once its late results are good",
    "throttle": "cut the budget of what is probably worse than the target, and give it back",
    "scale-20": "budget +20% for what the evidence shows to beat the target",
    "allocate": "move daily budgets to where the next unit of money earns most",
}  # more than the language can say: they judge by evidence
