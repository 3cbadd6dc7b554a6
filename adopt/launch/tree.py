"""What a launch makes at Meta: its files, creatives, campaign, ad sets and ads, each with the parameters of its call.

A parameter that only an earlier step can know stands as `made(KEY)`; `resolved` puts its result there. Keys:

    image.<sha256[:12]>      the hash of an uploaded image          video.<sha256[:12]>   the id of an uploaded video
    thumbnail.<sha256[:12]>  the address of that video's preferred thumbnail, once it is processed
    page                     the only Page that the account can promote, where the spec names none
    creative.1, campaign, adset.1, ad.1.1                           the id of what was created; counted from 1

Everything is created with status PAUSED; with `active`, the last steps set ads, ad sets and campaign to ACTIVE.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct

from adopt.model import Money

Params: TypeAlias = dict[str, Any]  # as JSON; names, enumerations and structure are Meta's
PAGE = "page"
_MADE = "$made"


class Media(Struct, frozen=True, kw_only=True):
    """A file to upload; its hash tells whether the account already has it."""

    key: str
    kind: Literal["image", "video"]
    path: str  # absolute
    sha256: str
    bytes: int


class Creative(Struct, frozen=True, kw_only=True):
    """A creative: `POST act_X/adcreatives`."""

    key: str
    name: str
    params: Params


class Ad(Struct, frozen=True, kw_only=True):
    """An ad: `POST act_X/ads`; the key of the creative that it shows is for people, `params` names it too."""

    key: str
    name: str
    creative: str
    params: Params


class AdSet(Struct, frozen=True, kw_only=True):
    """An ad set and its ads: `POST act_X/adsets`."""

    key: str
    name: str
    params: Params
    ads: tuple[Ad, ...]


class Campaign(Struct, frozen=True, kw_only=True):
    """A campaign and its ad sets: `POST act_X/campaigns`."""

    key: str
    name: str
    params: Params
    adsets: tuple[AdSet, ...]


class Launch(Struct, frozen=True, kw_only=True):
    """All that one launch makes, in the order in which it is made: media, creatives, campaign."""

    account: str  # with its act_
    currency: str
    active: bool
    daily_budget: Money  # what it could spend on a day, Meta's daily overspend apart; 0 where only lifetime budgets are
    lifetime_budget: Money  # what it could spend in all beside that
    media: tuple[Media, ...]
    creatives: tuple[Creative, ...]
    campaign: Campaign

    @property
    def ads(self) -> tuple[Ad, ...]:
        """The ads of all ad sets."""
        return tuple(ad for adset in self.campaign.adsets for ad in adset.ads)

    @property
    def digest(self) -> str:
        """What is launched, wherever its files lie: 64 hexadecimal digits, equal for equal launches."""
        nowhere = tuple(msgspec.structs.replace(one, path="") for one in self.media)
        whole = msgspec.json.encode(msgspec.structs.replace(self, media=nowhere), order="deterministic")
        return hashlib.sha256(whole).hexdigest()


def made(key: str) -> dict[str, str]:
    """In parameters: the result of the step with this key."""
    return {_MADE: key}


def needs(params: Any) -> frozenset[str]:
    """The keys whose results parameters wait for."""
    return frozenset(_keys(params))


def resolved(params: Any, results: Mapping[str, str]) -> Any:
    """The parameters with each result in its place; KeyError for one that is not there yet."""
    if isinstance(params, dict):
        if params.keys() == {_MADE}:
            return results[params[_MADE]]
        return {name: resolved(value, results) for name, value in params.items()}
    if isinstance(params, list | tuple):
        return [resolved(value, results) for value in params]
    return params


def _keys(params: Any) -> Iterator[str]:
    if isinstance(params, dict) and params.keys() == {_MADE}:
        yield params[_MADE]
    elif isinstance(params, dict | list | tuple):
        for value in params.values() if isinstance(params, dict) else params:
            yield from _keys(value)
