"""The story in a creative: one post with a link, a video, a picture or a catalogue, and what it shows."""

from typing import Any

from adopt.mock.api import Api
from adopt.mock.errors import GraphError, invalid, refused
from adopt.mock.objects import Node
from adopt.mock.properties import raw
from adopt.mock.values import ENUMS, object_of, objects_of

KINDS = ("link_data", "video_data", "photo_data", "text_data", "template_data")
CARDS = (2, 10)


def check_story(api: Api, story: dict[str, Any], *, with_feed: bool) -> None:
    """Check an object_story_spec: a Page of ours and one kind of content, or none beside an asset feed."""
    page = str(story.get("page_id") or "")
    if page != api.world.account.page:
        advice = f"The Page {page} cannot be used with this ad account." if page else "Choose a Facebook Page."
        raise refused(1487194, "No access to the Page", advice, "object_story_spec")
    given = [name for name in KINDS if story.get(name)]
    if len(given) > 1 or (not given and not with_feed):
        advice = f"object_story_spec takes exactly one of {', '.join(KINDS)}."
        raise refused(1487390, "Ad creative is incomplete", advice, "object_story_spec")
    for name in given:
        _check_content(api, name, object_of(story[name], name))


def check_image(api: Api, given: str) -> Node:
    """Refuse the hash of an image this ad account does not have."""
    node = api.objects.find(f"{api.world.account.id}:{given}")
    if node is None or node.status == "DELETED":
        advice = f"The image with hash {given} is not in this ad account's library."
        raise refused(2446388, "Image wasn't found", advice, "image_hash")
    return node


def check_video(api: Api, ident: str) -> Node:
    """Refuse the id of a video this ad account does not have; one still processing is accepted."""
    node = api.objects.find(ident)
    if node is None or node.kind != "video" or node.status == "DELETED":
        advice = f"The video {ident} is not in this ad account's library."
        raise refused(1487390, "Video wasn't found", advice, "video_id")
    return node


def check_call(call: Any) -> None:
    """Refuse a call to action of an unknown type."""
    kind = object_of(call, "call_to_action").get("type")
    if kind not in ENUMS["cta"]:
        raise invalid(f"Param call_to_action[type] must be one of {{{', '.join(ENUMS['cta'])}}}")


def seen_in(api: Api, values: dict[str, Any], story: dict[str, Any], feed: dict[str, Any]) -> dict[str, Any]:
    """Give what a creative's top-level fields say of its content."""
    name = next((one for one in KINDS if story.get(one)), "")
    data = story.get(name) or {}
    video = str(data.get("video_id") or next((str(one.get("video_id")) for one in feed.get("videos") or ()), ""))
    images = [one.get("hash") for one in feed.get("images") or ()]
    hash_ = values.get("image_hash") or data.get("image_hash") or next(iter(images), None)
    picture = api.objects.find(f"{api.world.account.id}:{hash_}") if hash_ else None
    url = raw(picture, "url", api.world) if picture else data.get("picture") or data.get("image_url")
    page = story.get("page_id") or (values.get("object_story_id") or "").partition("_")[0]
    call = data.get("call_to_action") or values.get("call_to_action") or {}
    post = values.get("object_story_id") or (f"{page}_{api.objects.fresh_id('creative')}" if page else None)
    found = {
        "actor_id": page or None,
        "object_type": "VIDEO" if video else "PHOTO" if name == "photo_data" else "SHARE",
        "effective_object_story_id": post,
        "title": data.get("name") or data.get("title"),
        "body": data.get("message"),
        "call_to_action_type": call.get("type"),
        "image_hash": hash_,
        "image_url": url,
        "thumbnail_url": url,
        "video_id": video or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _check_content(api: Api, name: str, data: dict[str, Any]) -> None:
    call = data.get("call_to_action")
    if call:
        check_call(call)
    if data.get("image_hash"):
        check_image(api, str(data["image_hash"]))
    if name in ("link_data", "template_data"):
        _check_link(api, data, call or {})
    elif name == "video_data":
        if not data.get("video_id"):
            raise invalid("The parameter object_story_spec[video_data][video_id] is required")
        check_video(api, str(data["video_id"]))


def _check_link(api: Api, data: dict[str, Any], call: dict[str, Any]) -> None:
    if not data.get("link") and not object_of(call.get("value") or {}, "value").get("link"):
        raise _no_link()
    if data.get("image_hash") and data.get("picture"):
        raise refused(1487390, "Two images", "Give either image_hash or picture, not both.", "image_hash")
    cards = objects_of(data.get("child_attachments") or [], "child_attachments")
    if cards and not CARDS[0] <= len(cards) <= CARDS[1]:
        advice = f"A carousel has from {CARDS[0]} to {CARDS[1]} cards."
        raise refused(1487390, "Carousel size isn't allowed", advice, "child_attachments")
    for card in cards:
        if not card.get("link"):
            raise _no_link()
        if card.get("image_hash"):
            check_image(api, str(card["image_hash"]))
        if card.get("video_id"):
            check_video(api, str(card["video_id"]))


def _no_link() -> GraphError:
    return refused(2061015, "Link required", "The link field is required for this ad creative.", "link")
