"""The placements and what each shows: ratios, least sizes, lengths.

From Meta's ads guide (facebook.com/business/ads-guide), the Instagram ads API's media requirements and the help page on
Audience Network (facebook.com/business/help/488625428422195), as far as they agree.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from msgspec import Struct

from adopt.errors import Invalid
from adopt.launch.media.checked import Kind, Problem, Seen, error, real, warning

TALL, PORTRAIT, SQUARE, WIDE, WIDEST = 9 / 16, 4 / 5, 1.0, 16 / 9, 1.91
NAMED = {
    TALL: "9:16", 2 / 3: "2:3", 3 / 4: "3:4", PORTRAIT: "4:5", SQUARE: "1:1", 4 / 3: "4:3", 3 / 2: "3:2", WIDE: "16:9",
    WIDEST: "1.91:1",
}  # fmt: skip
SHORT_S = 30.0  # a video below this may be narrower


class Bounds(Struct, frozen=True):
    """What a placement does with one kind of file: width over height, pixels, seconds."""

    whole: tuple[float, float]  # shown as it is
    taken: tuple[float, float]  # shown otherwise, as `otherwise` says
    otherwise: str
    tolerance: float
    least_width: int
    advice: str
    least_long_width: int = 0  # for videos of 30 seconds or more
    seconds: tuple[float, float] = (0, 0)
    all_until: float = 0  # seconds after which some of its apps leave the video out
    all_until_why: str = ""


class Placement(Struct, frozen=True):
    """Where an ad is shown, by our short name, and Meta's names of its positions."""

    name: str
    positions: tuple[str, ...]
    image: Bounds | None
    video: Bounds | None

    def bounds(self, kind: Kind) -> Bounds | None:
        """What it shows of a kind of file; None if it shows none."""
        return {"image": self.image, "video": self.video}.get(kind)


_FEED_SIZES = "4:5 or 1:1, such as 1080x1350 or 1080x1080, up to 1.91:1"
_FULL_SIZES = "9:16, such as 1080x1920"
_FULL_IMAGE = Bounds((TALL, TALL), (TALL, WIDEST), "with a coloured border", 0.01, 500, _FULL_SIZES)


def _full_video(longest: float, all_until: float = 0, why: str = "") -> Bounds:
    return Bounds(
        (TALL, TALL),
        (TALL, WIDEST),
        "with a coloured border",
        0.01,
        250,
        _FULL_SIZES,
        500,
        (1, longest),
        all_until,
        why,
    )


PLACEMENTS = {
    one.name: one
    for one in (
        Placement(
            "feed",
            ("stream", "marketplace", "profile_feed", "video_feeds", "search", "explore", "explore_home", "ig_search"),
            Bounds((PORTRAIT, WIDEST), (PORTRAIT, WIDEST), "", 0.03, 600, _FEED_SIZES),
            Bounds(
                (PORTRAIT, WIDEST), (TALL, WIDEST), "cut to 4:5", 0.01, 250, _FEED_SIZES, 500,
                (1, 241 * 60), 3600, "Instagram shows at most 60 minutes",
            ),
        ),
        Placement("story", (), _FULL_IMAGE, _full_video(3600, 180, "Facebook shows at most 3 minutes")),
        Placement("reel", ("facebook_reels", "reels", "profile_reels"), _FULL_IMAGE, _full_video(15 * 60)),
        Placement(
            "right_column",
            ("right_hand_column",),
            Bounds((SQUARE, WIDEST), (SQUARE, WIDEST), "", 0.03, 254, "1:1, such as 1080x1080, up to 1.91:1"),
            None,
        ),
        Placement(
            "in_stream",
            ("instream_video",),
            None,
            Bounds(
                (SQUARE, WIDE), (SQUARE, WIDEST), "with black bars", 0.01, 250, "16:9, such as 1920x1080", 500,
                (5, 600), 120, "Audience Network shows at most 2 minutes",
            ),
        ),
        Placement(
            "audience_network",
            ("classic", "rewarded_video"),
            Bounds((TALL, WIDEST), (TALL, WIDEST), "", 0.01, 398, "9:16 to 1.91:1, 398 pixels wide or more"),
            Bounds(
                (TALL, WIDE), (TALL, WIDEST), "with black bars", 0.01, 250, "9:16 to 16:9", 500,
                (1, 120), 60, "rewarded videos end at 60 seconds",
            ),
        ),
    )
}  # fmt: skip
_NAMES = {name: one for one in PLACEMENTS.values() for name in (one.name, *one.positions)}


def named(names: Iterable[str]) -> tuple[Placement, ...]:
    """The placements of these names, ours or Meta's; Invalid with the nearest name otherwise."""
    return tuple({one.name: one for one in map(_named, names)}.values())


def _named(name: str) -> Placement:
    if name not in _NAMES:
        close = next(iter(get_close_matches(name, _NAMES, n=1)), "feed")
        raise Invalid(
            f"there is no placement {name!r}; there are {', '.join(PLACEMENTS)}", try_next=f"--placement {close}"
        )
    return _NAMES[name]


def ratio_name(width: int, height: int) -> str:
    """`4:5`, or `1.42:1` where the ratio has no name within one per cent."""
    ratio = width / height
    near = min(NAMED, key=lambda known: abs(known / ratio - 1))
    return NAMED[near] if abs(near / ratio - 1) <= 0.01 else f"{ratio:.2f}:1"  # noqa: PLR2004 # see the docstring


def placing(place: Placement, kind: Kind, seen: Seen) -> tuple[Problem, ...]:
    """What is wrong with a file in a placement; nothing where its size is not known."""
    bounds = place.bounds(kind)
    if bounds is None:
        return (error(f"{place.name} shows no {kind}", f"a {'video' if kind == 'image' else 'picture'}"),)
    if not seen.width or not seen.height:
        return ()
    return real(
        _ratio_problem(place.name, bounds, seen.width, seen.height),
        _width_problem(place.name, bounds, seen.width, seen.duration or 0),
        _length_problem(place.name, bounds, seen.duration) if kind == "video" else None,
    )


def _ratio_problem(name: str, bounds: Bounds, width: int, height: int) -> Problem | None:
    def within(least: float, most: float) -> bool:
        return least * (1 - bounds.tolerance) <= width / height <= most * (1 + bounds.tolerance)

    shape = f"{width}x{height} ({ratio_name(width, height)})"
    if within(*bounds.whole):
        return None
    if within(*bounds.taken):
        return warning(f"{name} shows {shape} {bounds.otherwise}", bounds.advice)
    return error(f"{name} does not show {shape} whole", bounds.advice)


def _width_problem(name: str, bounds: Bounds, width: int, seconds: float) -> Problem | None:
    least = max(bounds.least_width, bounds.least_long_width if seconds >= SHORT_S else 0)
    if width >= least:
        return None
    return error(f"{name} needs {least} pixels of width, and this has {width}", f"{least} or more; 1080 look sharp")


def _length_problem(name: str, bounds: Bounds, seconds: float | None) -> Problem | None:
    if seconds is None:
        return None
    least, most = bounds.seconds
    if not least <= seconds <= most:
        return error(f"{name} shows no video of {length(seconds)}", f"{length(least)} to {length(most)}")
    if bounds.all_until and seconds > bounds.all_until:
        return warning(
            f"{name}: {bounds.all_until_why}; this has {length(seconds)}", f"up to {length(bounds.all_until)}"
        )
    return None


def length(seconds: float) -> str:
    """`15 s`, `0.4 s`, `2 min 5 s`."""
    if seconds < 60:  # noqa: PLR2004 # a minute
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes:,} min {rest} s" if rest else f"{minutes:,} min"
