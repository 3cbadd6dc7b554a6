"""Launches made by hand: campaigns, ad sets, ads, pictures and a video, as the spec's reader would give them."""

import hashlib
from pathlib import Path
from typing import Any

from media_files import picture, plain_movie

from adopt.launch.tree import PAGE, Ad, AdSet, Campaign, Creative, Launch, Media, made

LINK = "https://shop.example/bundle"
CALL = {"type": "SHOP_NOW", "value": {"link": LINK}}
TARGETING = {"geo_locations": {"countries": ["US"]}, "targeting_automation": {"advantage_audience": 1}}


def media(path: Path, kind: Any = "image") -> Media:
    """A file as a launch names it."""
    body = path.read_bytes()
    sha256 = hashlib.sha256(body).hexdigest()
    return Media(key=f"{kind}.{sha256[:12]}", kind=kind, path=str(path), sha256=sha256, bytes=len(body))


def drawn(folder: Path, name: str = "blue.png", side: int = 64) -> Media:
    """A picture of its own name."""
    folder.mkdir(exist_ok=True)
    return media(picture(folder / name, side, side + len(name), form="PNG"))


def filmed(folder: Path, name: str = "clip.mp4", size: int = 64) -> Media:
    """A video of so many bytes and a little."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(plain_movie(media=name.encode() + bytes(size)))
    return media(path, "video")


def creative(place: int, shown: Media) -> Creative:
    """A creative that shows a file."""
    page = {"page_id": made(PAGE)}
    if shown.kind == "image":
        data = {"link": LINK, "message": f"No {place}", "image_hash": made(shown.key), "call_to_action": CALL}
        story: dict[str, Any] = {**page, "link_data": data}
    else:
        cover = made(f"thumbnail.{shown.sha256[:12]}")
        story = {**page, "video_data": {"video_id": made(shown.key), "image_url": cover, "call_to_action": CALL}}
    name = f"Creative {place}"
    return Creative(key=f"creative.{place}", name=name, params={"name": name, "object_story_spec": story})


def ad_set(place: int, creatives: tuple[Creative, ...], ads: int, budget: int) -> AdSet:
    """An ad set with ads of one name, so that names alone tell nothing."""
    params = {
        "name": "Broad",
        "campaign_id": made("campaign"),
        "daily_budget": budget,
        "optimization_goal": "LINK_CLICKS",
        "billing_event": "IMPRESSIONS",
        "bid_strategy": "LOWEST_COST_WITHOUT_CAP",
        "targeting": TARGETING,
        "status": "PAUSED",
    }
    return AdSet(
        key=f"adset.{place}",
        name="Broad",
        params=params,
        ads=tuple(ad(place, n + 1, creatives[n % len(creatives)]) for n in range(ads)),
    )


def ad(above: int, place: int, shown: Creative) -> Ad:
    """An ad that shows a creative."""
    params = {
        "name": "Ad",
        "adset_id": made(f"adset.{above}"),
        "creative": {"creative_id": made(shown.key)},
        "status": "PAUSED",
    }
    return Ad(key=f"ad.{above}.{place}", name="Ad", creative=shown.key, params=params)


def launch(
    account: str,
    files: tuple[Media, ...],
    *,
    name: str = "Autumn",
    ad_sets: int = 3,
    ads: int = 2,
    budget: int = 2000,
    active: bool = False,
) -> Launch:
    """A launch of so many ad sets, each of so many ads, over these files."""
    creatives = tuple(creative(place, one) for place, one in enumerate(files, 1))
    return Launch(
        account=account,
        currency="USD",
        active=active,
        daily_budget=budget * ad_sets,
        lifetime_budget=0,
        media=files,
        creatives=creatives,
        campaign=Campaign(
            key="campaign",
            name=name,
            params={
                "name": name,
                "objective": "OUTCOME_TRAFFIC",
                "special_ad_categories": [],
                "is_adset_budget_sharing_enabled": False,
                "status": "PAUSED",
            },
            adsets=tuple(ad_set(place, creatives, ads, budget) for place in range(1, ad_sets + 1)),
        ),
    )
