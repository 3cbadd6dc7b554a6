"""The account as its owner set it up: campaigns, ad sets and ads, and what only the simulator knows of them."""

from dataclasses import dataclass, replace

import msgspec
import numpy as np

from adopt.mock.chance import Floats, key_of, keys_of, normals, uniforms
from adopt.mock.equations import (
    AOV,
    CPM,
    CTR,
    GAMMA,
    MARGIN,
    SEEN,
    appeal_of,
    conversions_a_click,
    price_of,
    reference_of,
    share_within,
)
from adopt.mock.names import ad_name, ad_set_name, campaign_name

BLOCK = 12  # ad sets that make one story: three campaigns, losers, winners, near ones, two paused by hand

# Money of one US dollar, roughly; budgets and prices are rounded to look set by a person.
CURRENCIES = {
    "USD": 1.0, "EUR": 0.9, "GBP": 0.78, "CHF": 0.88, "CAD": 1.37, "AUD": 1.5, "NZD": 1.65, "SEK": 10.5, "NOK": 10.7,
    "DKK": 6.8, "PLN": 3.9, "CZK": 23.0, "BRL": 5.4, "MXN": 18.0, "INR": 85.0, "SGD": 1.33, "HKD": 7.8, "AED": 3.67,
    "ILS": 3.6, "TRY": 34.0, "ZAR": 18.0, "THB": 34.0, "PHP": 57.0, "JPY": 150.0, "KRW": 1380.0, "TWD": 32.0,
    "CLP": 940.0, "COP": 4100.0, "HUF": 360.0, "IDR": 16000.0, "VND": 25000.0, "ISK": 138.0, "CRC": 510.0,
    "PYG": 7500.0,
}  # fmt: skip
WHOLE = frozenset(["CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"])


class Options(msgspec.Struct, frozen=True):
    """What a simulated account is drawn from."""

    seed: int = 7
    ad_sets: int = 12
    days: int = 30
    currency: str = "USD"
    timezone: str = "America/New_York"
    season: bool = False  # months and Black Friday move prices; off, so that a seed tells the same story all year


@dataclass(frozen=True)
class Money:
    """The account's currency: what a dollar is, and how many minor units a unit has."""

    code: str

    @property
    def dollar(self) -> float:
        """Give what a US dollar is in major units, roughly."""
        return CURRENCIES[self.code]

    @property
    def offset(self) -> int:
        """Give the minor units of one major unit."""
        return 1 if self.code in WHOLE else 100

    def minor(self, dollars: float) -> int:
        """Give dollars in minor units, two figures, as a person would type them."""
        amount = dollars * CURRENCIES[self.code]
        step = 10.0 ** (len(str(int(amount))) - 2)
        return round(round(amount / step) * step * self.offset)

    def text(self, minor: int) -> str:
        """Write minor units as major units."""
        return str(minor) if self.offset == 1 else f"{minor // 100}.{minor % 100:02d}"


@dataclass(frozen=True)
class Campaign:
    """A campaign; its budgets are 0 where the ad sets carry their own, and a cap of 0 is none."""

    id: str
    name: str
    budget: int = 0
    lifetime: int = 0
    cap: int = 0
    on: bool = True


@dataclass(frozen=True)
class AdSet:
    """An ad set and its hidden traits; quality is break-even CPA over its expected CPA."""

    id: str
    name: str
    campaign: int
    budget: int
    starts: int
    paused: int | None
    quality: float
    audience: float
    cpm: float
    ctr: float
    aov: float
    cvr: float = 0.0  # purchases a landing-page view
    lifetime: int = 0  # a budget for its whole life, instead of a day's
    begins: int = 0  # Unix seconds; 0: at once
    ends: int = 0  # Unix seconds; 0: never
    cap: int = 0  # spend in all, at most; 0: no cap
    on: bool = True


@dataclass(frozen=True)
class Ad:
    """An ad with its creative and its hidden link click-through rate."""

    id: str
    creative: str
    name: str
    ad_set: int
    ctr: float
    video: bool
    on: bool = True


@dataclass(frozen=True)
class Newcomers:
    """Objects that join a running account; their places follow those of the objects before them."""

    campaigns: tuple[Campaign, ...] = ()
    ad_sets: tuple[AdSet, ...] = ()
    ads: tuple[Ad, ...] = ()


@dataclass(frozen=True)
class Account:
    """One ad account, whole."""

    options: Options
    money: Money
    id: str
    page: str
    pixel: str
    user: str
    business: str
    app: str
    tokens: tuple[str, str, str]
    target_cpa: int
    target_roas: str
    campaigns: tuple[Campaign, ...]
    ad_sets: tuple[AdSet, ...]
    ads: tuple[Ad, ...]

    def grown(self, new: Newcomers) -> "Account":
        """Give the account with objects added at the end of each kind."""
        return replace(
            self,
            campaigns=self.campaigns + new.campaigns,
            ad_sets=self.ad_sets + new.ad_sets,
            ads=self.ads + new.ads,
        )


_BUDGETS = (120, 150, 180, 220, 260)
_CBO_BUDGET = 150  # for each of its ad sets
_OWN = (0.33, 0.42, 0.92, 1.12, 1.6, 2.3, 0.55, 1.9)  # qualities of ad sets with their own budget; the last two paused
_SHARED = (0.5, 0.7, 1.0, 1.35)  # and of those under the campaign budget
_PAUSED = {6: 11, 7: 15}  # which of _OWN a person paused, and on which day
_LATE = 2  # which of _OWN began later than the rest
_LATE_DAY = 20
_FIRST_WARM, _FIRST_SHARED = 5, 8  # the slots at which the second and the third campaign begin


def draw_account(options: Options) -> Account:
    """Draw the account a seed stands for."""
    seed, money = options.seed, Money(options.currency)
    campaigns, ad_sets = _draw_campaigns(options, money), _draw_ad_sets(options, money)
    ads, target = _draw_ads(options, ad_sets), money.minor(AOV * MARGIN)
    return Account(
        options=options,
        money=money,
        id=_number(seed, "account", 15),
        page=_number(seed, "page", 15),
        pixel=_number(seed, "pixel", 15),
        user=_number(seed, "user", 15),
        business=_number(seed, "business", 15),
        app=_number(seed, "app", 15),
        tokens=(_token(seed, "good"), _token(seed, "expired"), _token(seed, "limited")),
        target_cpa=target,
        target_roas=f"{1 / MARGIN:.2f}",
        campaigns=campaigns,
        ad_sets=_rated(campaigns, ad_sets, ads, target),
        ads=ads,
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
            name, budget = campaign_name(place, block), money.minor(_CBO_BUDGET * shared) if shared else 0
            found.append(Campaign(object_id(options.seed, 1, number), name, budget))
    return tuple(found)


def _draw_ad_sets(options: Options, money: Money) -> tuple[AdSet, ...]:
    ids = [object_id(options.seed, 2, index) for index in range(options.ad_sets)]
    keys = keys_of(options.seed, ids, "traits")
    cpm, ctr, aov, jitter = (column.tolist() for column in normals(keys, 0))
    spread, purse, *_ = (column.tolist() for column in uniforms(keys, 1))
    return tuple(
        _ad_set(
            options,
            money,
            ids[index],
            index,
            (cpm[index], ctr[index], aov[index], jitter[index]),
            spread[index],
            purse[index],
        )
        for index in range(options.ad_sets)
    )


def _ad_set(
    options: Options,
    money: Money,
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
        name=ad_set_name(options.seed, index, warm=warm),
        campaign=block * 3 + campaign_of(slot),
        budget=money.minor(_BUDGETS[int(purse * len(_BUDGETS))]) if own else 0,
        starts=min(_LATE_DAY, options.days * 2 // 3) if own and level == _LATE else 0,
        paused=min(_PAUSED[level], options.days // 2) if own and level in _PAUSED else None,
        quality=quality * float(np.exp(0.05 * z[3])),
        audience=least * (most / least) ** spread,
        cpm=CPM * CURRENCIES[money.code] * money.offset * float(np.exp(0.35 * z[0])),
        ctr=CTR * float(np.exp(0.30 * z[1])),
        aov=AOV * CURRENCIES[money.code] * money.offset * float(np.exp(0.06 * z[2])),
    )


def _level(seed: int, block: int, slot: int) -> tuple[int, float]:
    """Give which level of its block's story a slot plays, and that level's quality."""
    own = slot < _FIRST_SHARED
    levels = _OWN if own else _SHARED
    place = slot if own else slot - _FIRST_SHARED
    order = sorted(range(len(levels)), key=lambda level: key_of(seed, "story", block, own, level))
    return order[place], levels[order[place]]


def _draw_ads(options: Options, ad_sets: tuple[AdSet, ...]) -> tuple[Ad, ...]:
    counts = uniforms(keys_of(options.seed, (a.id for a in ad_sets), "ads"), 0)[0]
    places = [(index, place) for index, u in enumerate(counts.tolist()) for place in range(1 + int(u * 4))]
    ids = [object_id(options.seed, 3, index * 8 + place) for index, place in places]
    keys = keys_of(options.seed, ids, "traits")
    ctr: Floats = np.exp(0.35 * normals(keys, 0)[0])
    video = uniforms(keys, 1)[0] < 0.5  # noqa: PLR2004 - half of the ads
    return tuple(
        Ad(
            id=ids[n],
            creative=object_id(options.seed, 4, index * 8 + place),
            name=ad_name(options.seed, index, place),
            ad_set=index,
            ctr=ad_sets[index].ctr * float(ctr[n]),
            video=bool(video[n]),
        )
        for n, (index, place) in enumerate(places)
    )


def _rated(
    campaigns: tuple[Campaign, ...], ad_sets: tuple[AdSet, ...], ads: tuple[Ad, ...], target: int
) -> tuple[AdSet, ...]:
    """Give each ad set the conversion rate with which its ads, at its budget, have its quality."""
    owner, ctr = np.array([a.ad_set for a in ads], np.int64), np.array([a.ctr for a in ads])
    base, quality = np.array([a.cpm for a in ad_sets]), np.array([a.quality for a in ad_sets])
    cpm = price_of(base[owner], ctr)
    budgets = np.array([a.budget or campaigns[a.campaign].budget for a in ad_sets], np.float64)
    shared = np.array([-1 - n if a.budget else a.campaign for n, a in enumerate(ad_sets)])
    _, purse = np.unique(shared, return_inverse=True)
    budgets *= share_within(quality**GAMMA, purse, len(ad_sets))
    clicks = np.bincount(owner, share_within(appeal_of(ctr, cpm), owner, len(ad_sets)) * 1000 * ctr / cpm, len(ad_sets))
    depth = budgets / reference_of(np.array([a.audience for a in ad_sets]), base)
    rates = np.minimum(quality / (target * (clicks * conversions_a_click(depth) * SEEN)), 0.5)
    return tuple(replace(ad_set, cvr=rate) for ad_set, rate in zip(ad_sets, rates.tolist(), strict=True))


def _number(seed: int, what: str, digits: int) -> str:
    return str(10 ** (digits - 1) + key_of(seed, what) % (9 * 10 ** (digits - 1)))


def _token(seed: int, what: str) -> str:
    return "EAAG" + "".join(f"{key_of(seed, what, part):016x}" for part in range(4))
