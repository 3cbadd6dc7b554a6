"""What stops an ad set that is on: an audience or a custom conversion it needs is gone."""

from collections.abc import Iterator
from typing import Any

from adopt.mock.objects import Node, Objects
from adopt.mock.properties import raw
from adopt.mock.world import World

AUDIENCE, CONVERSION = 2460003, 2460004  # Marketing API, ad campaign issues info
CODES = {"audience": AUDIENCE, "conversion": CONVERSION}


def needed(ad_set: Node, world: World) -> set[str]:
    """Give the ids of the audiences and custom conversions an ad set cannot do without."""
    targeting, promoted = (raw(ad_set, name, world) or {} for name in ("targeting", "promoted_object"))
    audiences = targeting.get("custom_audiences") or () if isinstance(targeting, dict) else ()
    found = {str(one.get("id")) for one in audiences if isinstance(one, dict)}
    conversion = promoted.get("custom_conversion_id") if isinstance(promoted, dict) else None
    return found | ({str(conversion)} if conversion else set())


def block(objects: Objects, world: World, gone: Node, moment: float) -> None:
    """Stop the ad sets that need what is gone."""
    for ad_set in objects.ad_sets:
        if gone.id in needed(ad_set, world):
            ad_set.own["blocked"] = CODES[gone.kind]
            world.change(moment, "ad_set_on", ad_set.index, 0)


def look_again(objects: Objects, world: World, ad_set: Node, fields: dict[str, Any], moment: float) -> None:
    """Let an ad set go on, or stop it, after a change of what it needs."""
    if not {"targeting", "promoted_object", "status"} & set(fields):
        return
    missing = next(_gone(objects, needed(ad_set, world)), None)
    was = ad_set.own.pop("blocked", None)
    if missing is not None:
        ad_set.own["blocked"] = CODES[missing.kind]
    if missing is not None or was:
        world.change(moment, "ad_set_on", ad_set.index, int(missing is None and ad_set.status == "ACTIVE"))


def _gone(objects: Objects, ids: set[str]) -> Iterator[Node]:
    for one in map(objects.find, sorted(ids)):
        if one is not None and one.kind in CODES and one.status == "DELETED":
            yield one
