"""The account's hidden traits as columns, and the conversion rates that give each ad set its quality."""

from dataclasses import dataclass

import numpy as np

from adopt.mock.account import CTR, Account
from adopt.mock.chance import Floats, Ints, Keys, keys_of

LANDED = 0.85  # landing-page views a link click
CARTS, CHECKOUTS = 0.064, 0.23  # carts a landing, checkouts a cart, of those who do not buy
VIEWS = 0.22  # share of view-through among attributed conversions
TRACKED, RECOVERED = 0.85, 0.5  # conversions observed; share of the lost ones that is modelled later
KAPPA, BETA, ETA = 0.5, 0.65, 0.10  # saturation scale, conversions on spend, CPM on spend rate
ACTIVE = 0.12  # share of an audience that is online a day
GAMMA = 2.0  # concentration of delivery on what works
QUALITY_DISCOUNT = -0.3


@dataclass(frozen=True)
class Traits:
    """Columns by pacing unit (u), ad set (n) and ad (m). A unit is whatever carries a budget."""

    units: tuple[str, ...]
    campaign_of_unit: Ints  # u; -1 where the budget is the ad set's own
    set_of_unit: Ints  # u; -1 where it is the campaign's
    unit_of_set: Ints  # n
    campaign_of_set: Ints  # n
    quality: Floats  # n
    audience: Floats  # n
    reference: Floats  # n: daily spend that shows every active person one impression
    cvr: Floats  # n: purchases a landing-page view
    aov: Floats  # n
    set_of_ad: Ints  # m
    unit_of_ad: Ints  # m
    ctr: Floats  # m
    cpm: Floats  # m
    appeal: Floats  # m: clicks a unit of money, to the power gamma
    order_keys: Keys  # m


def draw_traits(account: Account) -> Traits:
    """Give the columns of an account."""
    sets, ads = account.ad_sets, account.ads
    units, campaign_of_unit, set_of_unit, unit_of_set = _units(account)
    set_of_ad = np.array([a.ad_set for a in ads], np.int64)
    ctr = np.array([a.ctr for a in ads])
    base = np.array([a.cpm for a in sets])
    cpm = base[set_of_ad] * (ctr / CTR) ** QUALITY_DISCOUNT
    quality, audience = np.array([a.quality for a in sets]), np.array([a.audience for a in sets])
    reference = ACTIVE * audience * base / 1000
    appeal = (1000 * ctr / cpm) ** GAMMA
    budgets = np.array([a.budget or account.campaigns[a.campaign].budget for a in sets], np.float64)
    budgets *= share_within(quality**GAMMA, unit_of_set, len(units))
    clicks = np.bincount(set_of_ad, share_within(appeal, set_of_ad, len(sets)) * 1000 * ctr / cpm, len(sets))
    reported = clicks * conversions_a_click(budgets / reference) * (TRACKED + (1 - TRACKED) * RECOVERED)
    return Traits(
        units=units,
        campaign_of_unit=campaign_of_unit,
        set_of_unit=set_of_unit,
        unit_of_set=unit_of_set,
        campaign_of_set=np.array([a.campaign for a in sets], np.int64),
        quality=quality,
        audience=audience,
        reference=reference,
        cvr=np.minimum(quality / (account.target_cpa * reported), 0.5),
        aov=np.array([a.aov for a in sets]),
        set_of_ad=set_of_ad,
        unit_of_ad=unit_of_set[set_of_ad],
        ctr=ctr,
        cpm=cpm,
        appeal=appeal,
        order_keys=keys_of(account.options.seed, (a.id for a in ads), "orders"),
    )


def conversions_a_click(penetration: Floats) -> Floats:
    """Give attributed conversions a link click at a landing rate of 1, at a day's spend over the reference spend."""
    worth: Floats = LANDED / (1 - VIEWS) * saturation(penetration) / scarcity(penetration)
    return worth


def saturation(penetration: Floats) -> Floats:
    """Give how far the conversion rate falls as delivery leaves the best people."""
    return (1 + penetration / KAPPA) ** (BETA - 1)


def scarcity(penetration: Floats) -> Floats:
    """Give how far the price rises as an audience gets scarce."""
    return (1 + penetration) ** ETA


def share_within(weights: Floats, group: Ints, groups: int) -> Floats:
    """Give each weight's share of its group; groups without weight share nothing."""
    total = np.bincount(group, weights, groups)[group]
    return np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)


def _units(account: Account) -> tuple[tuple[str, ...], Ints, Ints, Ints]:
    units: dict[str, tuple[int, int]] = {}
    places = []
    for index, ad_set in enumerate(account.ad_sets):
        own = ad_set.budget > 0
        name = ad_set.id if own else account.campaigns[ad_set.campaign].id
        units.setdefault(name, (-1, index) if own else (ad_set.campaign, -1))
        places.append(name)
    order = {name: number for number, name in enumerate(units)}
    campaigns, sets = (np.array([pair[side] for pair in units.values()], np.int64) for side in (0, 1))
    return tuple(units), campaigns, sets, np.array([order[name] for name in places], np.int64)
