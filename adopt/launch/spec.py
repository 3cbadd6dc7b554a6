"""What a spec may say: the tables and keys of `launch.toml`, each with how its value is read.

status                 "paused" unless "active"
[account]              which account, Page and pixel
[campaign]             objective, budget of the campaign
[adset]                what all ad sets have       [[audience]]  one ad set, with what it has of its own
[ad]                   what all ads have           [[creative]]  one creative, with what it has of its own
[grid]                 what makes ad sets of their own; CSV files with more audiences and creatives
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from adopt.launch import allowed, values
from adopt.launch.media import PLACEMENTS
from adopt.launch.problems import Place
from adopt.launch.values import Ages, Moment

T = TypeVar("T", bound=Struct)


class Account(Struct, frozen=True, kw_only=True):
    """`[account]`: whose ads they are; currency and time zone are checked where they are given."""

    id: Annotated[str | None, values.account] = None
    currency: Annotated[str | None, values.text] = None
    timezone: Annotated[str | None, values.text] = None
    page: Annotated[str | None, values.ident] = None
    instagram: Annotated[str | None, values.ident] = None
    pixel: Annotated[str | None, values.ident] = None
    dsa_beneficiary: Annotated[str | None, values.text] = None
    dsa_payor: Annotated[str | None, values.text] = None


class Campaign(Struct, frozen=True, kw_only=True):
    """`[campaign]`: with a budget here, the campaign shares it among its ad sets."""

    name: Annotated[str | None, values.text] = None
    objective: Annotated[str | None, values.choice(allowed.OBJECTIVES)] = None
    special_ad_categories: Annotated[tuple[str, ...] | None, values.several(values.choice(allowed.CATEGORIES))] = None
    special_ad_category_countries: Annotated[tuple[str, ...] | None, values.several(values.country)] = None
    buying_type: Annotated[str | None, values.choice(["AUCTION"])] = None
    daily_budget: Annotated[Decimal | None, values.amount] = None
    lifetime_budget: Annotated[Decimal | None, values.amount] = None
    bid_strategy: Annotated[str | None, values.choice(allowed.STRATEGIES)] = None
    spend_cap: Annotated[Decimal | None, values.amount] = None


class AdSet(Struct, frozen=True, kw_only=True):
    """`[adset]` and `[[audience]]`: money, goal, whom it reaches, where and when."""

    name: Annotated[str | None, values.text] = None
    creatives: Annotated[tuple[str, ...] | None, values.several(values.text)] = None
    daily_budget: Annotated[Decimal | None, values.amount] = None
    lifetime_budget: Annotated[Decimal | None, values.amount] = None
    bid_strategy: Annotated[str | None, values.choice(allowed.STRATEGIES)] = None
    bid_amount: Annotated[Decimal | None, values.amount] = None
    min_roas: Annotated[Decimal | None, values.ratio] = None
    goal: Annotated[str | None, values.choice(allowed.ALL_GOALS)] = None
    billing_event: Annotated[str | None, values.choice(allowed.BILLING)] = None
    destination: Annotated[str | None, values.choice(allowed.ALL_DESTINATIONS)] = None
    attribution: Annotated[tuple[str, ...] | None, values.attribution] = None
    pixel: Annotated[str | None, values.ident] = None
    event: Annotated[str | None, values.choice(allowed.EVENTS)] = None
    page: Annotated[str | None, values.ident] = None
    app: Annotated[str | None, values.ident] = None
    app_store: Annotated[str | None, values.link] = None
    countries: Annotated[tuple[str, ...] | None, values.several(values.country)] = None
    ages: Annotated[Ages | None, values.ages] = None
    genders: Annotated[tuple[int, ...] | None, values.several(values.gender)] = None
    interests: Annotated[tuple[str, ...] | None, values.several(values.ident)] = None
    custom_audiences: Annotated[tuple[str, ...] | None, values.several(values.ident)] = None
    excluded_audiences: Annotated[tuple[str, ...] | None, values.several(values.ident)] = None
    advantage_audience: Annotated[bool | None, values.flag] = None
    targeting: Annotated[dict[str, Any] | None, values.structure] = None
    placements: Annotated[tuple[str, ...] | None, values.several(values.choice(tuple(PLACEMENTS)))] = None
    platforms: Annotated[tuple[str, ...] | None, values.several(values.choice(allowed.PLATFORMS))] = None
    start: Annotated[Moment | None, values.moment] = None
    end: Annotated[Moment | None, values.moment] = None
    dsa_beneficiary: Annotated[str | None, values.text] = None
    dsa_payor: Annotated[str | None, values.text] = None


class Card(Struct, frozen=True, kw_only=True):
    """One card of a carousel."""

    image: Annotated[str | None, values.text] = None
    video: Annotated[str | None, values.text] = None
    link: Annotated[str | None, values.link] = None
    headline: Annotated[str | None, values.text] = None
    description: Annotated[str | None, values.text] = None


class Creative(Struct, frozen=True, kw_only=True):
    """`[ad]` and `[[creative]]`: a picture, a video, cards or a post, and the words beside it.

    With `images`, Meta shows each person the picture and words of the lists that it expects most of: Dynamic Creative.
    """

    name: Annotated[str | None, values.text] = None
    image: Annotated[str | None, values.text] = None
    video: Annotated[str | None, values.text] = None
    thumbnail: Annotated[str | None, values.text] = None
    images: Annotated[tuple[str, ...] | None, values.several(values.text)] = None
    texts: Annotated[tuple[str, ...] | None, values.several(values.text)] = None
    headlines: Annotated[tuple[str, ...] | None, values.several(values.text)] = None
    descriptions: Annotated[tuple[str, ...] | None, values.several(values.text)] = None
    cards: "tuple[Entry[Card], ...] | None" = None
    post: Annotated[str | None, values.post] = None
    link: Annotated[str | None, values.link] = None
    text: Annotated[str | None, values.text] = None
    headline: Annotated[str | None, values.text] = None
    description: Annotated[str | None, values.text] = None
    caption: Annotated[str | None, values.text] = None
    call_to_action: Annotated[str | None, values.choice(allowed.CALLS)] = None
    lead_form: Annotated[str | None, values.ident] = None
    url_tags: Annotated[str | None, values.text] = None
    domain: Annotated[str | None, values.text] = None


SPLITS = ("audience", "placement", "creative")


class Grid(Struct, frozen=True, kw_only=True):
    """`[grid]`: an ad set for each of these together; files with a row an audience, a row a creative."""

    each: Annotated[tuple[str, ...] | None, values.several(values.choice(SPLITS))] = None
    audiences: Annotated[str | None, values.text] = None
    creatives: Annotated[str | None, values.text] = None


class Entry(NamedTuple, Generic[T]):
    """What a table says, and where each of its keys stands."""

    said: T
    place: Place
    keys: Mapping[str, Place]

    def at(self, name: str) -> Place:
        """Where a key stands, or the table where it is not given."""
        return self.keys.get(name) or self.place

    def lacks(self, name: str) -> bool:
        """Whether a key is not there; one with a wrong value was told already."""
        return getattr(self.said, name) is None and name not in self.keys

    def over(self, other: "Entry[T]") -> "Entry[T]":
        """What this says, and the other where this says nothing."""
        given = {name: value for name in self.said.__struct_fields__ if (value := getattr(self.said, name)) is not None}
        return Entry(msgspec.structs.replace(other.said, **given), self.place, {**other.keys, **self.keys})


class Spec(NamedTuple):
    """A whole spec, its ad sets and creatives with what all of them have."""

    place: Place
    folder: str
    active: bool
    account: Entry[Account]
    campaign: Entry[Campaign]
    adset: Entry[AdSet]
    ad: Entry[Creative]
    adsets: tuple[Entry[AdSet], ...]
    creatives: tuple[Entry[Creative], ...]
    grid: Entry[Grid]
