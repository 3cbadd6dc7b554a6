"""A launch as steps in a fixed order: files up, wait for videos, creatives, campaign, ad sets, ads, then activation.

Creatives come before the campaign, as they are what Meta refuses most: a launch that stops there has made nothing
that shows. What is to run is set ACTIVE last and from below, so that nothing runs before all of it is there.
"""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from adopt.launch.tree import Ad, AdSet, Campaign, Creative, Launch, Media, Params, needs

Does = Literal["upload", "wait", "thumbnail", "page", "create", "activate"]


class Step(Struct, frozen=True, kw_only=True):
    """One step: its name in the journal, and the key of the tree under which its result is known."""

    name: str
    does: Does
    key: str
    edge: str = ""  # that a create is sent to
    params: Params = {}
    media: Media | None = None


def steps_of(launch: Launch) -> tuple[Step, ...]:
    """The steps of a launch, each after those whose results it needs."""
    wanted = needs([one.params for one in _objects(launch)])
    videos = [one for one in launch.media if one.kind == "video"]
    covers = [(one, cover) for one in videos if (cover := f"thumbnail.{one.sha256[:12]}") in wanted]
    return (
        *(Step(name=one.key, does="upload", key=one.key, media=one) for one in launch.media),
        *(Step(name=f"{one.key}.ready", does="wait", key=one.key, media=one) for one in videos),
        *(Step(name=cover, does="thumbnail", key=cover, media=one) for one, cover in covers),
        *(Step(name=key, does="page", key=key) for key in sorted(wanted & {"page"})),
        *(_create(one, "adcreatives") for one in launch.creatives),
        _create(launch.campaign, "campaigns"),
        *(_create(one, "adsets") for one in launch.campaign.adsets),
        *(_create(one, "ads") for one in launch.ads),
        *(_activation(key) for key in (_upwards(launch) if launch.active else ())),
    )


def _upwards(launch: Launch) -> Iterator[str]:
    """The keys of what is set ACTIVE, the campaign last."""
    yield from (one.key for one in launch.ads)
    yield from (one.key for one in launch.campaign.adsets)
    yield launch.campaign.key


def _objects(launch: Launch) -> Iterator[Creative | Campaign | AdSet | Ad]:
    yield from launch.creatives
    yield launch.campaign
    yield from launch.campaign.adsets
    yield from launch.ads


def _create(one: Creative | Campaign | AdSet | Ad, edge: str) -> Step:
    return Step(name=one.key, does="create", key=one.key, edge=edge, params=one.params)


def _activation(key: str) -> Step:
    return Step(name=f"{key}.active", does="activate", key=key)
