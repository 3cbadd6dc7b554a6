"""Draws the account that a seed stands for, as its owner set it up."""

from dataclasses import replace

import numpy as np

from adopt.mock.account import Account, Ad, AdSet, Campaign, Money, Options
from adopt.mock.businesses import BUSINESSES, FORM_LEAD
from adopt.mock.chance import Floats, key_of, keys_of, normals, uniforms
from adopt.mock.equations import appeal_of, conversions_a_click, price_of, reference_of, share_within
from adopt.mock.names import ad_name, ad_set_name, campaign_name, token_text
from adopt.mock.owners import busy, lively, scale_of
from adopt.mock.parameters import Parameters

BLOCK = 12  # ad sets that make one story: three campaigns, losers, winners, near ones, two paused by hand
_BUDGETS = (120, 150, 180, 220, 260)
_CBO_BUDGET = 150  # for each of its ad sets
_OWN = (0.33, 0.42, 0.92, 1.12, 1.6, 2.3, 0.55, 1.9)  # qualities of ad sets with their own budget; the last two paused
_SHARED = (0.5, 0.7, 1.0, 1.35)  # and of those under the campaign budget
_PAUSED = {6: 11, 7: 15}  # which of _OWN a person paused, and on which day
_LATE = 2  # which of _OWN began later than the rest
_LATE_DAY = 20
MOST_ADS = 8  # of an ad set in a real account
_FIRST_WARM, _FIRST_SHARED = 5, 8  # the slots at which the second and the third campaign begin


def draw_account(options: Options) -> Account:
    """Draw the account a seed stands for."""
    seed, money, p = options.seed, Money(options.currency), options.parameters
    campaigns, ad_sets = _draw_campaigns(options, money), _draw_ad_sets(options, money, p)
    if options.realistic:
        campaigns, ad_sets = busy(options, money, campaigns, ad_sets)
    ads, target = _draw_ads(options, ad_sets, p), money.minor(p.target)
    return Account(
        options=options,
        parameters=p,
        money=money,
        id=_number(seed, "account", 15),
        page=_number(seed, "page", 15),
        pixel=_number(seed, "pixel", 15),
        user=_number(seed, "user", 15),
        business=_number(seed, "business", 15),
        app=_number(seed, "app", 15),
        secret=_hex(seed, "secret"),
        tokens=(token_text(seed, "good"), token_text(seed, "expired"), token_text(seed, "limited")),
        target_cpa=target,
        target_roas=f"{1 / p.margin:.2f}" if BUSINESSES[options.preset].valued else None,
        campaigns=campaigns,
        ad_sets=_rated(p, campaigns, ad_sets, ads, target),
        ads=lively(options, ads) if options.realistic else ads,
    )


def object_id(seed: int, kind: int, index: int) -> str:
    """Give the id of the index-th object of a kind: 18 digits, unlike those of other seeds."""
    series = 200 + key_of(seed, "series") % 100
    return f"120{series}{kind:02d}{index:06d}{key_of(seed, kind, index) % 10_000:04d}"


def campaign_of(slot: int) -> int:
    """Give which of its block's three campaigns a slot belongs to."""
    return (slot >= _FIRST_WARM) + (slot >= _FIRST_SHARED)


def _draw_campaigns(options: Options, money: Money) -> tuple[Campaign, ...]:
    found = []
    for number in range(-(-options.ad_sets // BLOCK) * 3):
        block, place = divmod(number, 3)
        first = block * BLOCK + (0, _FIRST_WARM, _FIRST_SHARED)[place]
        shared = min(BLOCK - _FIRST_SHARED, options.ad_sets - first) if place == 2 else 0  # noqa: PLR2004 - the third
        if first < options.ad_sets:
            name, budget = (
                campaign_name(BUSINESSES[options.preset], place, block),
                money.minor(_CBO_BUDGET * scale_of(options.parameters) * shared) if shared else 0,
            )
            found.append(Campaign(object_id(options.seed, 1, number), name, budget))
    return tuple(found)


def _draw_ad_sets(options: Options, money: Money, p: Parameters) -> tuple[AdSet, ...]:
    ids = [object_id(options.seed, 2, index) for index in range(options.ad_sets)]
    keys = keys_of(options.seed, ids, "traits")
    cpm, ctr, aov, jitter = (column.tolist() for column in normals(keys, 0))
    spread, purse, *_ = (column.tolist() for column in uniforms(keys, 1))
    return tuple(
        _ad_set(
            options,
            money,
            p,
            ids[index],
            index,
            (cpm[index], ctr[index], aov[index], jitter[index]),
            spread[index],
            purse[index],
        )
        for index in range(options.ad_sets)
    )


def _ad_set(  # what an ad set is drawn from
    options: Options,
    money: Money,
    p: Parameters,
    ident: str,
    index: int,
    z: tuple[float, float, float, float],
    spread: float,
    purse: float,
) -> AdSet:
    block, slot = divmod(index, BLOCK)
    level, quality = _level(options.seed, block, slot)
    own, warm = slot < _FIRST_SHARED, campaign_of(slot) == 1
    least, most = (2e5, 5e5) if warm else (3e5, 2e6)
    return AdSet(
        id=ident,
        name=ad_set_name(BUSINESSES[options.preset], options.seed, index, warm=warm),
        campaign=block * 3 + campaign_of(slot),
        budget=money.minor(_BUDGETS[int(purse * len(_BUDGETS))] * scale_of(p)) if own else 0,
        starts=min(_LATE_DAY, options.days * 2 // 3) if own and level == _LATE else 0,
        paused=min(_PAUSED[level], options.days // 2) if own and level in _PAUSED else None,
        quality=quality * float(np.exp(0.05 * z[3])),
        audience=least * (most / least) ** spread,
        cpm=p.cpm * money.dollar * money.offset * float(np.exp(p.cpm_ad_set_sd * z[0])),
        ctr=p.ctr * float(np.exp(p.ctr_ad_set_sd * z[1])),
        aov=p.aov * money.dollar * money.offset * float(np.exp(0.06 * z[2])),
        on_meta=BUSINESSES[options.preset].outcomes[campaign_of(slot)] is FORM_LEAD,
    )


def _level(seed: int, block: int, slot: int) -> tuple[int, float]:
    """Give which level of its block's story a slot plays, and that level's quality."""
    own = slot < _FIRST_SHARED
    levels = _OWN if own else _SHARED
    place = slot if own else slot - _FIRST_SHARED
    order = sorted(range(len(levels)), key=lambda level: key_of(seed, "story", block, own, level))
    return order[place], levels[order[place]]


def _draw_ads(options: Options, ad_sets: tuple[AdSet, ...], p: Parameters) -> tuple[Ad, ...]:
    counts = uniforms(keys_of(options.seed, (a.id for a in ad_sets), "ads"), 0)[0]
    most = MOST_ADS if options.realistic else 4
    places = [(index, place) for index, u in enumerate(counts.tolist()) for place in range(1 + int(u * most))]
    ids = [object_id(options.seed, 3, index * 8 + place) for index, place in places]
    keys = keys_of(options.seed, ids, "traits")
    ctr: Floats = np.exp(p.ctr_ad_sd * normals(keys, 0)[0])
    video = uniforms(keys, 1)[0] < 0.5  # noqa: PLR2004 - half of the ads
    return tuple(
        Ad(
            id=ids[n],
            creative=object_id(options.seed, 4, index * 8 + place),
            name=ad_name(BUSINESSES[options.preset], options.seed, index, place),
            ad_set=index,
            ctr=ad_sets[index].ctr * float(ctr[n]),
            video=bool(video[n]),
        )
        for n, (index, place) in enumerate(places)
    )


def _rated(
    p: Parameters, campaigns: tuple[Campaign, ...], ad_sets: tuple[AdSet, ...], ads: tuple[Ad, ...], target: int
) -> tuple[AdSet, ...]:
    """Give each ad set the conversion rate with which its ads, at its budget, have its quality."""
    owner, ctr = np.array([a.ad_set for a in ads], np.int64), np.array([a.ctr for a in ads])
    base, quality = np.array([a.cpm for a in ad_sets]), np.array([a.quality for a in ad_sets])
    cpm = price_of(p, base[owner], ctr)
    budgets = np.array([a.budget or campaigns[a.campaign].budget for a in ad_sets], np.float64)
    shared = np.array([-1 - n if a.budget else a.campaign for n, a in enumerate(ad_sets)])
    _, purse = np.unique(shared, return_inverse=True)
    budgets *= share_within(quality**p.gamma, purse, len(ad_sets))
    clicks = np.bincount(
        owner, share_within(appeal_of(p, ctr, cpm), owner, len(ad_sets)) * 1000 * ctr / cpm, len(ad_sets)
    )
    depth = budgets / reference_of(p, np.array([a.audience for a in ad_sets]), base)
    rates = np.minimum(quality / (target * (clicks * conversions_a_click(p, depth) * p.seen)), 0.5)
    return tuple(replace(ad_set, cvr=rate) for ad_set, rate in zip(ad_sets, rates.tolist(), strict=True))


def _number(seed: int, what: str, digits: int) -> str:
    return str(10 ** (digits - 1) + key_of(seed, what) % (9 * 10 ** (digits - 1)))


def _hex(seed: int, what: str) -> str:
    return "".join(f"{key_of(seed, what, part):016x}" for part in range(2))
