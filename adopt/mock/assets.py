"""The parts of an ad's creative that rows can be broken down by."""

from collections.abc import Sequence
from typing import Any

from adopt.mock.chance import key_of
from adopt.mock.measures import Group, Labels
from adopt.mock.objects import Node
from adopt.mock.properties import read
from adopt.mock.world import World

_FORMATS = {"VIDEO": "VIDEO", "PHOTO": "SINGLE_IMAGE", "SHARE": "SINGLE_IMAGE"}


def by_asset(groups: Sequence[Group], name: str, world: World) -> list[Group]:
    """Part each group's ads by one kind of asset; ads without one have no rows."""
    found: list[Group] = []
    for group in groups:
        parts: dict[str, tuple[Labels, list[Node]]] = {}
        for ad in group.ads:
            asset = _asset(ad.extra, name, world) if ad.extra is not None else None
            if asset is not None:
                parts.setdefault(str(asset["id"] if isinstance(asset, dict) else asset), ({name: asset}, []))[1].append(
                    ad
                )
        found += [Group(group.node, ads, labels) for labels, ads in parts.values()]
    return found


def _asset(creative: Node, name: str, world: World) -> Any:
    """Give one part of a creative as rows show it, None if it has no such part."""

    def known(field: str) -> Any:
        return read(creative, field, world)

    if name == "ad_format_asset":
        return _FORMATS.get(str(known("object_type")))
    mark, shown = _PARTS[name]
    found = _in_story(known("object_story_spec"), mark) if mark in ("link", "description") else known(mark)
    if not found:
        return None
    parts = {key: found if field == mark else known(field) for key, field in shown.items()}
    ident = str(10**15 + key_of("asset", str(found)) % 10**15)  # the same in every ad that uses it
    return {**{key: value for key, value in parts.items() if value is not None}, "id": ident}


# What marks a part of a creative, and what rows show of it.
_PARTS = {
    "image_asset": ("image_hash", {"hash": "image_hash", "url": "image_url", "image_name": "name"}),
    "video_asset": ("video_id", {"video_id": "video_id", "thumbnail_url": "thumbnail_url", "video_name": "name"}),
    "body_asset": ("body", {"text": "body"}),
    "title_asset": ("title", {"text": "title"}),
    "description_asset": ("description", {"text": "description"}),
    "call_to_action_asset": ("call_to_action_type", {"name": "call_to_action_type"}),
    "link_url_asset": ("link", {"website_url": "link"}),
}


def _in_story(story: Any, name: str) -> Any:
    """Give a part of a story, wherever it keeps it."""
    for data in story.values() if isinstance(story, dict) else ():
        if isinstance(data, dict):
            call = data.get("call_to_action")
            inner = call.get("value") if isinstance(call, dict) else None
            found = data.get(name) or (inner.get(name) if isinstance(inner, dict) else None)
            if found:
                return found
    return None
