"""The account as its owner set it up: campaigns, ad sets and ads, and what only the simulator knows of them."""

from dataclasses import dataclass, replace

import msgspec

from adopt.mock.businesses import BUSINESSES, Business
from adopt.mock.parameters import PRESETS, Parameters, spread

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
    strict_v26: bool = False  # refuse what Meta took away on 2026-10-27: root ?ids= and ETags
    season: bool = False  # months and Black Friday move prices; off, so that a seed tells the same story all year
    preset: str = "ecommerce"  # which kind of business: see PRESETS
    realistic: bool = False  # an account among others, with a busy owner; else the story of a seed

    @property
    def parameters(self) -> Parameters:
        """Give what the account's market is made of."""
        return spread(PRESETS[self.preset], self.seed) if self.realistic else PRESETS[self.preset]


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
class Edit:
    """A budget that the owner changed in the history: on a day, in an hour of it, minor units."""

    day: int
    hour: int
    before: int
    after: int


@dataclass(frozen=True)
class Campaign:
    """A campaign; its budgets are 0 where the ad sets carry their own, and a cap of 0 is none."""

    id: str
    name: str
    budget: int = 0
    lifetime: int = 0
    cap: int = 0
    on: bool = True
    edits: tuple[Edit, ...] = ()  # of its budget, in the history


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
    on_meta: bool = False  # its people need no page and no pixel: they fill in a form where the ad is
    edits: tuple[Edit, ...] = ()  # of its budget, in the history
    rests: tuple[tuple[int, int], ...] = ()  # days on which it was paused by hand and on which it went on


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
    starts: int = 0  # the day of the history on which it joined


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
    parameters: Parameters
    money: Money
    id: str
    page: str
    pixel: str
    user: str
    business: str
    app: str
    secret: str  # of the app
    tokens: tuple[str, str, str]
    target_cpa: int
    target_roas: str | None  # where what people do has a value
    campaigns: tuple[Campaign, ...]
    ad_sets: tuple[AdSet, ...]
    ads: tuple[Ad, ...]

    @property
    def trade(self) -> Business:
        """Give the kind of business the account advertises."""
        return BUSINESSES[self.options.preset]

    def grown(self, new: Newcomers) -> "Account":
        """Give the account with objects added at the end of each kind."""
        return replace(
            self,
            campaigns=self.campaigns + new.campaigns,
            ad_sets=self.ad_sets + new.ad_sets,
            ads=self.ads + new.ads,
        )
