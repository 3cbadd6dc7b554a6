"""What is known of the ad account that a launch is for."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from msgspec import Struct

from adopt.model import Account, Currency, Money


class Known(Struct, frozen=True, kw_only=True):
    """What Meta answered of an ad account; None for what it did not tell."""

    account: Account
    least: Money | None = None  # of a new ad set's daily budget, by the kindest goal
    minima: Mapping[Money, Mapping[str, Money]] = {}  # and by bid (0: none) and class of events
    pages: tuple[str, ...] | None = None  # that it may promote
    pixels: tuple[str, ...] | None = None
    beneficiary: bool | None = None  # whether it has defaults for the Digital Services Act
    payor: bool | None = None

    def least_of(self, events: str, bid: Money = 0) -> Money | None:
        """The least daily budget of a class of events, under a bid."""
        return self.minima.get(bid, {}).get(events)


class Setting(Struct, frozen=True, kw_only=True):
    """By which money and clock a spec is read."""

    account: str  # "" where nobody said
    currency: Currency  # "" where nobody said: amounts then have two decimals
    zone: ZoneInfo
    is_zone_known: bool
