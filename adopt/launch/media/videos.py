"""Videos: what the box reader or PyAV sees of them, held against what Meta takes."""

from collections.abc import Iterator
from typing import BinaryIO

from msgspec.structs import replace

from adopt.launch.media import decoding
from adopt.launch.media.boxes import Bad
from adopt.launch.media.checked import Problem, Seen, blinded, error, warning
from adopt.launch.media.kinds import BOXED, Format
from adopt.launch.media.movie import Movie, Track, read_movie

MOST_BYTES = 4 * 1000 * 1000 * 1000  # the ads guide's 4 GB
SHARP = 1080  # pixels of the shorter side that the ads guide recommends at least
FASTEST = 60.5  # frames a second
WANTED = "H.264"
TAKEN = (WANTED, "HEVC")
_SOUND = "AAC"


def look(file: BinaryIO, size: int, form: Format, *, deep: bool) -> Seen:
    """What a video is, and what is wrong with it by itself; `deep` decodes every frame."""
    seen = _boxed(file, size) if form in BOXED else decoding.look(file, form)
    if deep and seen.codec and (damage := decoding.decode(file, form)):
        seen = replace(seen, problems=(*seen.problems, damage))
    return replace(seen, problems=(*_size_problem(size), *seen.problems, *_problems(seen)))


def _boxed(file: BinaryIO, size: int) -> Seen:
    try:
        movie = read_movie(file, size)
    except Bad as bad:
        return blinded([error(f"the video cannot be read: {bad}", "a complete file: export or copy it again")])
    return (
        _seen(movie) if movie.picture else blinded([error("the video has no picture track", "a video with pictures")])
    )


def _seen(movie: Movie) -> Seen:
    picture, sound = movie.picture, movie.sound
    shape = picture.shape if picture else None
    return Seen(
        width=shape.width if shape else None,
        height=shape.height if shape else None,
        duration=round(movie.seconds, 3),
        fps=round(picture.fps, 3) if picture and picture.fps else None,
        codec=picture.codec if picture else None,
        audio=sound.codec if sound else None,
        problems=tuple(_oddities(picture)) if picture else (),
    )


def _oddities(picture: Track) -> Iterator[Problem]:
    if not picture.is_steady:
        yield warning("its frames last unequally long", "a fixed frame rate")
    if picture.shape and not picture.shape.is_square:
        yield warning("its pixels are not square", "square pixels")
    if picture.shape and picture.shape.is_interlaced:
        yield warning("its frames are interlaced", "progressive frames")


def _size_problem(size: int) -> Iterator[Problem]:
    if size > MOST_BYTES:
        yield error(f"the video has {size / 1e9:,.1f} GB", "up to 4 GB")


def _problems(seen: Seen) -> Iterator[Problem]:
    if seen.codec is None:
        return
    if seen.codec == "encrypted" or seen.audio == "encrypted":
        yield error("the video is encrypted", "a file without copy protection")
    elif seen.codec not in TAKEN:
        yield warning(
            f"its pictures are {seen.codec}: Meta converts them, or fails to", f"{WANTED} (HEVC is taken too)"
        )
    if seen.audio is None:
        yield warning("it has no sound", f"{_SOUND}, stereo, 128 kbit/s or more")
    elif seen.audio not in (_SOUND, "encrypted"):
        yield warning(f"its sound is {seen.audio}: Meta converts it", f"{_SOUND}, stereo, 128 kbit/s or more")
    if not seen.width or not seen.height:
        yield error("the video has no size", "a sound file: export it again")
    elif min(seen.width, seen.height) < SHARP:
        yield warning(f"{seen.width}x{seen.height} pixels look soft", f"{SHARP} or more on the shorter side")
    if not seen.duration:
        yield error("the video has no length", "a video of a second or more")
    if seen.fps and seen.fps > FASTEST:
        yield warning(f"it has {seen.fps:g} frames a second, and some are dropped", "up to 60; 30 is usual")
