"""The laws of the simulated market."""

import numpy as np

from adopt.mock.chance import Floats, Ints
from adopt.mock.parameters import Parameters


def conversions_a_click(p: Parameters, penetration: Floats) -> Floats:
    """Give attributed conversions a link click at a conversion rate of 1, at a day's spend over the reference spend."""
    worth: Floats = p.landed / (1 - p.views) * saturation(p, penetration) / scarcity(p, penetration)
    return worth


def saturation(p: Parameters, penetration: Floats) -> Floats:
    """Give how far the conversion rate falls as delivery leaves the best people."""
    return (1 + penetration / p.kappa) ** (p.beta - 1)


def scarcity(p: Parameters, penetration: Floats) -> Floats:
    """Give how far the price rises as an audience gets scarce."""
    return (1 + penetration) ** p.eta


def price_of(p: Parameters, base: Floats, ctr: Floats) -> Floats:
    """Give an ad's CPM from its ad set's: better ads pay less."""
    price: Floats = base * (ctr / p.ctr) ** -p.quality_discount
    return price


def appeal_of(p: Parameters, ctr: Floats, cpm: Floats) -> Floats:
    """Give the weight of an ad in its ad set's delivery: clicks a unit of money, to the power gamma."""
    appeal: Floats = (1000 * ctr / cpm) ** p.gamma
    return appeal


def reference_of(p: Parameters, audience: Floats, base: Floats) -> Floats:
    """Give the daily spend that shows every active person one impression."""
    return p.active * audience * base / 1000


def share_within(weights: Floats, group: Ints, groups: int) -> Floats:
    """Give each weight's share of its group; groups without weight share nothing."""
    total = np.bincount(group, weights, groups)[group]
    return np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
