"""From a spec that is right to the tree of a launch: every creative in every ad set, named, with its parameters."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from adopt.launch import params
from adopt.launch.known import Setting
from adopt.launch.media import Checked
from adopt.launch.naming import named
from adopt.launch.spec import AdSet, Creative, Entry, Spec
from adopt.launch.tree import Ad, Campaign, Launch, Media
from adopt.launch.tree import AdSet as AdSetNode
from adopt.launch.tree import Creative as CreativeNode

EVERYONE = "Everyone"


class Group(NamedTuple):
    """One ad set that a grid makes: what it says, the creatives in it, and the words of its name."""

    adset: Entry[AdSet]
    creatives: tuple[int, ...]  # their places in the spec
    words: Mapping[str, str]


def count(spec: Spec) -> tuple[int, int]:
    """How many ad sets and ads a grid makes, without making them."""
    each = spec.grid.said.each or ()
    adsets = ads = 0
    for adset in spec.adsets:
        shown = len(_shown(adset, spec))
        places = len(adset.said.placements or (1,)) if "placement" in each else 1
        adsets += places * (shown if "creative" in each else 1)
        ads += places * shown
    return adsets, ads


def groups(spec: Spec) -> Iterator[Group]:
    """The ad sets of a grid, in the spec's order."""
    each = spec.grid.said.each or ()
    for adset in spec.adsets:
        shown = _shown(adset, spec)
        for placed, placement in _placed(adset, split="placement" in each):
            words = {"audience": adset.said.name or EVERYONE, "placement": placement, "creative": ""}
            if "creative" not in each:
                yield Group(placed, shown, words)
                continue
            for one in shown:
                yield Group(placed, (one,), {**words, "creative": creative_name(spec.creatives[one], one)})


def creative_name(creative: Entry[Creative], place: int) -> str:
    """A creative's name: as said, else by its file."""
    said = creative.said
    file = (said.image or said.video or next(iter(said.images or ()), "")).replace("\\", "/").rpartition("/")[2]
    return said.name or file.rpartition(".")[0] or f"Creative {place + 1}"


def adset_names(spec: Spec, made: list[Group], now: datetime) -> list[str]:
    """The names of the ad sets."""
    each = spec.grid.said.each or ()
    parts = [one for one in ("audience", "placement", "creative") if one == "audience" or one in each]
    template = spec.adset.said.name or " ".join(f"{{{one}}}" for one in parts)
    day = _day(now)
    return [named(template, {**group.words, "date": day, "n": str(n)}) for n, group in enumerate(made, 1)]


def ad_names(spec: Spec, made: list[Group], now: datetime) -> list[list[str]]:
    """The names of the ads of each ad set; `{n}` counts the ads of the launch."""
    template, day, n = spec.ad.said.name or "{creative}", _day(now), 0
    found: list[list[str]] = []
    for group in made:
        found.append([])
        for one in group.creatives:
            n += 1
            words = {**group.words, "creative": creative_name(spec.creatives[one], one), "date": day, "n": str(n)}
            found[-1].append(named(template, words))
    return found


def campaign_name(spec: Spec, now: datetime) -> str:
    """The campaign's name."""
    return named(spec.campaign.said.name or "", {"date": _day(now)})


def expand(spec: Spec, files: Mapping[str, Checked], setting: Setting, now: datetime) -> Launch:
    """The tree of a spec in which nothing is wrong; `files` has what was found in each file that it names."""
    made = list(groups(spec))
    used = sorted({one for group in made for one in group.creatives})
    keys = {one: f"creative.{number}" for number, one in enumerate(used, 1)}
    here = now.astimezone(setting.zone)

    def media(name: str) -> str:
        return _media(files[name]).key

    adsets = tuple(
        _adset(spec, group, number, name, ads, keys, setting, now)
        for number, (group, name, ads) in enumerate(
            zip(made, adset_names(spec, made, here), ad_names(spec, made, here), strict=True), 1
        )
    )
    campaign, name = spec.campaign.said, campaign_name(spec, here)
    return Launch(
        account=setting.account,
        currency=setting.currency.code,
        active=spec.active,
        daily_budget=_total(spec, made, "daily_budget", setting),
        lifetime_budget=_total(spec, made, "lifetime_budget", setting),
        media=tuple({one.key: one for one in map(_media, files.values())}.values()),
        creatives=tuple(_creative(spec, one, keys[one], media) for one in used),
        campaign=Campaign(key="campaign", name=name, params=params.of_campaign(campaign, name, setting), adsets=adsets),
    )


def _adset(
    spec: Spec,
    group: Group,
    number: int,
    name: str,
    ads: list[str],
    keys: Mapping[int, str],
    setting: Setting,
    now: datetime,
) -> AdSetNode:
    key = f"adset.{number}"
    said = params.of_adset(group.adset.said, name, spec.campaign.said, spec.account.said, setting, now)
    if any(params.is_dynamic(spec.creatives[one].said) for one in group.creatives):
        said = {**said, "is_dynamic_creative": True}
    shown = enumerate(zip(group.creatives, ads, strict=True), 1)
    made = (_ad(f"ad.{number}.{place}", ad, key, keys[one], spec.creatives[one].said) for place, (one, ad) in shown)
    return AdSetNode(key=key, name=name, params=said, ads=tuple(made))


def _ad(key: str, name: str, adset: str, creative: str, said: Creative) -> Ad:
    return Ad(key=key, name=name, creative=creative, params=params.of_ad(name, adset, creative, said))


def _creative(spec: Spec, place: int, key: str, media: Callable[[str], str]) -> CreativeNode:
    entry = spec.creatives[place]
    name = creative_name(entry, place)
    return CreativeNode(key=key, name=name, params=params.of_creative(entry.said, name, spec.account.said, media))


def _media(file: Checked) -> Media:
    kind: Literal["image", "video"] = "video" if file.kind == "video" else "image"
    key = f"{kind}.{file.sha256[:12]}"
    return Media(key=key, kind=kind, path=os.path.abspath(file.path), sha256=file.sha256, bytes=file.bytes)  # noqa: PTH100 # resolve() would follow links


def _shown(adset: Entry[AdSet], spec: Spec) -> tuple[int, ...]:
    wanted = adset.said.creatives
    names = [creative_name(one, place) for place, one in enumerate(spec.creatives)]
    return tuple(place for place, name in enumerate(names) if wanted is None or name in wanted)


def _placed(adset: Entry[AdSet], *, split: bool) -> Iterator[tuple[Entry[AdSet], str]]:
    placements = adset.said.placements
    if not split or not placements:
        yield adset, " ".join(placements or ())
        return
    for one in placements:
        yield adset._replace(said=msgspec.structs.replace(adset.said, placements=(one,))), one


def _total(spec: Spec, made: list[Group], name: str, setting: Setting) -> int:
    """The budgets of a kind, on whichever level they are."""
    amounts = [getattr(spec.campaign.said, name), *(getattr(group.adset.said, name) for group in made)]
    return sum(setting.currency.parse(amount) for amount in amounts if amount is not None)


def _day(now: datetime) -> str:
    return now.date().isoformat()
