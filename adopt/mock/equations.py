"""The laws of the simulated market and their constants."""

import numpy as np

from adopt.mock.chance import Floats, Ints

CPM, CTR, AOV, MARGIN = 14.0, 0.012, 90.0, 0.5  # the e-commerce preset, in dollars
LANDED = 0.85  # landing-page views a link click
CARTS, CHECKOUTS = 0.064, 0.23  # carts a landing, checkouts a cart, of those who do not buy
VIEWS = 0.22  # share of view-through among attributed conversions
TRACKED, RECOVERED = 0.85, 0.5  # conversions observed; share of the lost ones that is modelled later
SEEN = TRACKED + (1 - TRACKED) * RECOVERED
KAPPA, BETA, ETA = 0.5, 0.65, 0.10  # saturation scale, conversions on spend, CPM on spend rate
ACTIVE = 0.12  # share of an audience that is online a day
GAMMA = 2.0  # concentration of delivery on what works
QUALITY_DISCOUNT = -0.3


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


def price_of(base: Floats, ctr: Floats) -> Floats:
    """Give an ad's CPM from its ad set's: better ads pay less."""
    price: Floats = base * (ctr / CTR) ** QUALITY_DISCOUNT
    return price


def appeal_of(ctr: Floats, cpm: Floats) -> Floats:
    """Give the weight of an ad in its ad set's delivery: clicks a unit of money, to the power gamma."""
    appeal: Floats = (1000 * ctr / cpm) ** GAMMA
    return appeal


def reference_of(audience: Floats, base: Floats) -> Floats:
    """Give the daily spend that shows every active person one impression."""
    return ACTIVE * audience * base / 1000


def share_within(weights: Floats, group: Ints, groups: int) -> Floats:
    """Give each weight's share of its group; groups without weight share nothing."""
    total = np.bincount(group, weights, groups)[group]
    return np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
