"""Creatives: what a new one needs; once made, its content never changes."""

import hashlib
import json
import re
from typing import Any

from adopt.mock.api import Api
from adopt.mock.errors import GraphError, invalid, refused
from adopt.mock.objects import Node
from adopt.mock.params import text
from adopt.mock.stories import check_call, check_image, check_story, check_video, seen_in
from adopt.mock.values import PARAMETERS, object_of, objects_of

DEAD = ("instagram_actor_id", "instagram_story_id")  # since 2025-09-09, in every version
KEPT = ("name", "adlabels", "status", "account_id")  # what may still be changed
ASSETS = {"images": 10, "videos": 10, "bodies": 5, "titles": 5, "descriptions": 5, "call_to_action_types": 5,
          "link_urls": 5}  # fmt: skip
LONGEST = {"bodies": 1024, "titles": 255, "descriptions": 255}
_POST = re.compile(r"\d+_\d+")
_SOURCES = (
    "object_story_spec", "object_story_id", "source_instagram_media_id", "asset_feed_spec", "product_set_id",
    "source_facebook_post_id", "image_hash", "image_url", "object_id", "link_url", "template_url",
)  # fmt: skip


def check_new_creative(api: Api, _: Node, values: dict[str, Any]) -> dict[str, Any]:
    """Check a new creative, and give its fields."""
    if not any(values.get(name) for name in _SOURCES):
        advice = "Give an object_story_spec, an object_story_id, an asset_feed_spec or another source of content."
        raise refused(1487390, "Ad creative is incomplete", advice, "object_story_spec")
    _check_features(values)
    post = values.get("object_story_id")
    if post and not _POST.fullmatch(post):
        advice = "object_story_id must be a Page id, _ and a post id."
        raise refused(1443048, "Malformed post id", advice, "object_story_id")
    story = object_of(values.get("object_story_spec") or {}, "object_story_spec")
    feed = object_of(values.get("asset_feed_spec") or {}, "asset_feed_spec")
    if story:
        check_story(api, story, with_feed=bool(feed))
    if feed:
        _check_feed(api, feed)
    if values.get("image_hash"):
        check_image(api, values["image_hash"])
    whole = {**values, **seen_in(api, values, story, feed), "status": "ACTIVE"}
    print_ = hashlib.md5(json.dumps(whole, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
    day = api.world.calendar.local(api.world.now()).date().isoformat()
    named = values.get("name") or f"{whole.get('title', '')} {day}-{print_}".strip()
    return whole | {"name": named}


def check_creative_change(_: Api, __: Node, values: dict[str, Any]) -> dict[str, Any]:
    """Check a change of a creative, and give the fields it sets."""
    return {name: value for name, value in values.items() if name != "account_id"}


def check_content_kept(params: dict[str, Any]) -> None:
    """Refuse to change a creative's content."""
    fixed = [name for name in params if name in PARAMETERS["create creative"] and name not in KEPT]
    if set(fixed) - {"execution_options"}:
        advice = "The content of a creative cannot be edited. Make a new creative, and give it to the ad."
        raise refused(1815573, "Ad creative can't be edited", advice, fixed[0])


def check_dead(params: dict[str, Any]) -> None:
    """Refuse fields that Meta removed from every version."""
    for name in DEAD:
        if name in params or f'"{name}"' in (text(params, "object_story_spec") or ""):
            raise invalid(f"The parameter {name} is no longer supported. Use instagram_user_id instead.")


def _check_features(values: dict[str, Any]) -> None:
    freedom = object_of(values.get("degrees_of_freedom_spec") or {}, "degrees_of_freedom_spec")
    features = freedom.get("creative_features_spec")
    for name, choice in object_of(features or {}, "creative_features_spec").items():
        if name == "standard_enhancements":
            advice = "standard_enhancements is no longer available. Choose each enhancement by its own name."
            raise refused(3858504, "Standard enhancements are deprecated", advice, "degrees_of_freedom_spec")
        if object_of(choice, name).get("enroll_status") not in ("OPT_IN", "OPT_OUT"):
            raise invalid(f"Param creative_features_spec[{name}][enroll_status] must be one of {{OPT_IN, OPT_OUT}}")


def _check_feed(api: Api, feed: dict[str, Any]) -> None:
    for name, most in ASSETS.items():
        if len(_assets(feed, name)) > most:
            raise _too_many(name, most)
    for name, most in LONGEST.items():
        for one in objects_of(feed.get(name) or [], name):
            if len(str(one.get("text", ""))) > most:
                raise invalid(f"Param asset_feed_spec[{name}][text] must be at most {most} characters")
    for image in objects_of(feed.get("images") or [], "images"):
        if image.get("hash"):
            check_image(api, str(image["hash"]))
    for video in objects_of(feed.get("videos") or [], "videos"):
        check_video(api, str(video.get("video_id", "")))
    for kind in _assets(feed, "call_to_action_types"):
        check_call({"type": kind})


def _assets(feed: dict[str, Any], name: str) -> list[Any]:
    found = feed.get(name) or []
    if not isinstance(found, list):
        raise invalid(f"Param asset_feed_spec[{name}] must be an array")
    return found


def _too_many(name: str, most: int) -> GraphError:
    return refused(None, "Too many assets", f"A Dynamic Creative can have {most} {name}.", "asset_feed_spec")
