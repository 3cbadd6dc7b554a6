"""The account's hidden traits as columns."""

from dataclasses import dataclass, fields

import numpy as np

from adopt.mock.account import Account, Newcomers
from adopt.mock.chance import Flags, Floats, Ints, Keys, keys_of
from adopt.mock.equations import appeal_of, price_of, reference_of


@dataclass(frozen=True)
class Traits:
    """Columns by ad set (n) and ad (m)."""

    campaign_of_set: Ints  # n
    quality: Floats  # n
    audience: Floats  # n
    reference: Floats  # n: daily spend that shows every active person one impression
    cvr: Floats  # n: purchases a landing-page view
    aov: Floats  # n
    on_meta: Flags  # n: no page and no pixel are needed
    set_of_ad: Ints  # m
    ctr: Floats  # m
    cpm: Floats  # m
    appeal: Floats  # m: clicks a unit of money, to the power gamma
    order_keys: Keys  # m

    def with_more(self, more: "Traits") -> "Traits":
        """Give the columns with others added at their ends."""
        names = [column.name for column in fields(self)]
        return Traits(*(np.concatenate([getattr(self, name), getattr(more, name)]) for name in names))


def draw_traits(account: Account, new: Newcomers) -> Traits:
    """Give the columns of some of an account's objects."""
    sets, ads, p = new.ad_sets, new.ads, account.parameters
    set_of_ad = np.array([a.ad_set for a in ads], np.int64)
    ctr = np.array([a.ctr for a in ads], np.float64)
    base = np.array([a.cpm for a in sets], np.float64)
    cpm = price_of(p, np.array([account.ad_sets[a.ad_set].cpm for a in ads], np.float64), ctr)
    audience = np.array([a.audience for a in sets], np.float64)
    return Traits(
        campaign_of_set=np.array([a.campaign for a in sets], np.int64),
        quality=np.array([a.quality for a in sets], np.float64),
        audience=audience,
        reference=reference_of(p, audience, base),
        cvr=np.array([a.cvr for a in sets], np.float64),
        aov=np.array([a.aov for a in sets], np.float64),
        on_meta=np.array([a.on_meta for a in sets], bool),
        set_of_ad=set_of_ad,
        ctr=ctr,
        cpm=cpm,
        appeal=appeal_of(p, ctr, cpm),
        order_keys=keys_of(account.options.seed, (a.id for a in ads), "orders"),
    )
