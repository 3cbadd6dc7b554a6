"""How far people watch the ads that are videos: counts that reports know beside those of delivery."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from adopt.mock.chance import Floats, keys_of, normals
from adopt.mock.measures import Daily, Group
from adopt.mock.properties import read
from adopt.mock.world import World

PLAYS, SECONDS = "video plays", "video seconds"
# How many of those who see an ad play it, and watch so much of it; each is among those before it.
STAGES = {
    PLAYS: 0.94,
    "video 2s": 0.47,
    "video 3s": 0.31,
    "video 6s": 0.19,
    "video 25%": 0.17,
    "video 15s": 0.095,
    "video 50%": 0.085,
    "video 75%": 0.05,
    "video 30s": 0.04,
    "video 95%": 0.028,
    "video 100%": 0.022,
}
VIEWS, THRUPLAYS = "video 3s", "video 15s"
AVERAGE = 4.6  # seconds a play


def watched(world: World, groups: Sequence[Group], known: Daily) -> Daily:
    """Add the counts of videos watched, by day and ad; an ad that is no video has none."""
    ads = [ad for one in groups for ad in one.ads]
    video = np.array([ad.extra is not None and read(ad.extra, "video_id", world) is not None for ad in ads], bool)
    hold = np.exp(0.25 * normals(keys_of(world.account.options.seed, (ad.id for ad in ads), "watched"), 0)[0])
    shown = known.counts["impressions"] * video
    found = {name: np.rint(shown * _rate(name, hold)).astype(np.int64) for name in STAGES}
    found[SECONDS] = np.rint(shown * STAGES[PLAYS] * AVERAGE * hold).astype(np.int64)
    return replace(known, counts={**known.counts, **found})


def _rate(name: str, hold: Floats) -> Floats:
    rate = STAGES[name]
    return np.full(len(hold), rate) if name == PLAYS else np.minimum(rate * hold, STAGES[PLAYS])
