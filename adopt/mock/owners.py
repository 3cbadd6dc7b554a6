"""A busy owner: budgets edited, ad sets rested and added, creatives brought in over the history, as real owners do."""

from dataclasses import replace

import numpy as np

from adopt.mock.account import Ad, AdSet, Campaign, Edit, Money, Options
from adopt.mock.chance import Floats, keys_of, normal, normals, uniforms
from adopt.mock.parameters import Parameters

BUDGET, BUDGET_SD = 45.0, 1.2  # median dollars a day of an ad set, log sd
QUALITY, QUALITY_SD = 0.9, 0.45  # median and log sd of break-even CPA over an ad set's CPA
STEPS = (0.6, 0.75, 0.8, 0.85, 1.15, 1.2, 1.25, 1.3, 1.5, 2.0)  # what an edit multiplies a budget with
SHARED, SHARED_SD = 0.9, 0.65  # a campaign's budget, of the story's: median and log sd, as of four ad sets together
EDITED = 0.07  # chance of a budget edit, an ad set and day
DOZEN = 12  # ad sets among which budgets of every size are dealt out
FAR = 6.0  # the most that a history's budgets lie from the last one, up or down
LATE = 0.3  # ad sets that joined during the history
RESTED, LONGEST_REST = 0.006, 9  # chance of a pause by hand, a day; days
FRESH, FRESH_UNTIL = 0.3, 0.8  # ads that joined during the history, and up to which part of it
FIRST_HOUR, LAST_HOUR = 8, 20  # of the day, at which the owner works


def scale_of(p: Parameters) -> float:
    """Give how budgets differ from those of a shop whose purchases may cost 45 dollars."""
    return float((p.target / 45) ** 0.5)


def busy(
    options: Options, money: Money, campaigns: tuple[Campaign, ...], ad_sets: tuple[AdSet, ...]
) -> tuple[tuple[Campaign, ...], tuple[AdSet, ...]]:
    """Give campaigns and ad sets a real account's qualities and budgets, and their owner's history."""
    _, good, _, _ = normals(keys_of(options.seed, (a.id for a in ad_sets), "owner"), 0)
    purse = _dealt(options.seed, len(ad_sets))
    late, day, _, _ = uniforms(keys_of(options.seed, (a.id for a in ad_sets), "owner"), 1)
    scale = scale_of(options.parameters)
    found = []
    for index, ad_set in enumerate(ad_sets):
        dollars = BUDGET * scale * float(np.exp(BUDGET_SD * purse[index]))
        budget = money.minor(max(dollars, 3.0)) if ad_set.budget else 0
        starts = int(day[index] * options.days * 0.7) if late[index] < LATE else 0
        found.append(
            replace(
                ad_set,
                quality=QUALITY * float(np.exp(QUALITY_SD * good[index])),
                budget=budget,
                starts=starts,
                paused=None,
                edits=_edits(options, money, ad_set.id, budget, starts),
                rests=_rests(options, ad_set.id, starts),
            )
        )
    return tuple(_budgeted(options, money, campaign) for campaign in campaigns), tuple(found)


def _dealt(seed: int, count: int) -> Floats:
    """Deal out normal scores by place, one of each twelfth to every dozen: an owner has some of each size of budget."""
    places = np.arange(-(-count // DOZEN) * DOZEN)
    within = uniforms(keys_of(seed, map(str, places), "purse"), 0)
    ranks = np.argsort(np.argsort(within[0].reshape(-1, DOZEN), axis=1), axis=1).ravel()
    return normal((ranks + within[1]) / DOZEN)[:count]


def _budgeted(options: Options, money: Money, campaign: Campaign) -> Campaign:
    """Give a campaign with a budget among others of its kind, and that budget's edits."""
    if not campaign.budget:
        return campaign
    purse = float(normals(keys_of(options.seed, [campaign.id], "owner"), 0)[0][0])
    budget = _typed(money, campaign.budget * SHARED * float(np.exp(SHARED_SD * purse)))
    return replace(campaign, budget=budget, edits=_edits(options, money, campaign.id, budget, 0))


def lively(options: Options, ads: tuple[Ad, ...]) -> tuple[Ad, ...]:
    """Let some ads join during the history; the first of an ad set is there from its start."""
    late, day, _, _ = uniforms(keys_of(options.seed, (a.id for a in ads), "owner"), 0)
    seen: set[int] = set()
    found = []
    for ad, joins, when in zip(ads, late.tolist(), day.tolist(), strict=True):
        first = ad.ad_set not in seen
        seen.add(ad.ad_set)
        found.append(replace(ad, starts=0 if first or joins >= FRESH else int(when * FRESH_UNTIL * options.days)))
    return tuple(found)


def _edits(options: Options, money: Money, ident: str, last: int, starts: int) -> tuple[Edit, ...]:
    """Tell a budget's edits from the last one backwards, so that it ends where it stands."""
    chance, step, hour = _days(options, ident, "edits")
    edits, after = [], last
    for day in range(options.days - 1, starts, -1) if last else ():
        if chance[day] >= EDITED:
            continue
        before = _typed(money, after / STEPS[int(step[day] * len(STEPS))])
        if last / FAR < before < last * FAR and before != after:
            edits.append(Edit(day, FIRST_HOUR + int(hour[day] * (LAST_HOUR - FIRST_HOUR)), before, after))
            after = before
    return tuple(edits[::-1])


def _rests(options: Options, ident: str, starts: int) -> tuple[tuple[int, int], ...]:
    chance, length, _ = _days(options, ident, "rests")
    rests, free = [], starts + 3
    for day in range(options.days):
        over = day + 1 + int(length[day] * LONGEST_REST)
        if chance[day] < RESTED and day >= free and over < options.days - 1:
            rests.append((day, over))
            free = over + 3
    return tuple(rests)


def _days(options: Options, ident: str, what: str) -> tuple[Floats, Floats, Floats]:
    """Give three numbers of each day before today, counted back, so that a longer history ends alike."""
    back = np.arange(options.days)[::-1].copy()
    one, two, three, _ = uniforms(keys_of(options.seed, [ident], what), back)
    return one, two, three


def _typed(money: Money, minor: float) -> int:
    """Round a budget as a person would type it."""
    return money.minor(minor / money.offset / money.dollar)
