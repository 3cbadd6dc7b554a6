"""A movie as the boxes of an MP4 or MOV file describe it: its tracks, whole or in fragments."""

import sys
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from operator import mul
from typing import BinaryIO, NamedTuple

from adopt.launch.media.boxes import Bad, Box, Boxes, number

CODECS = {
    b"avc1": "H.264", b"avc3": "H.264", b"hvc1": "HEVC", b"hev1": "HEVC", b"dvh1": "HEVC", b"dvhe": "HEVC",
    b"av01": "AV1", b"vp09": "VP9", b"vp08": "VP8", b"mp4v": "MPEG-4", b"s263": "H.263", b"jpeg": "JPEG",
    b"apch": "ProRes", b"apcn": "ProRes", b"apcs": "ProRes", b"apco": "ProRes", b"ap4h": "ProRes", b"ap4x": "ProRes",
    b"encv": "encrypted", b"enca": "encrypted", b".mp3": "MP3", b"ac-3": "AC-3", b"ec-3": "E-AC-3", b"Opus": "Opus",
    b"alac": "ALAC", b"fLaC": "FLAC", b"samr": "AMR", b"sowt": "PCM", b"twos": "PCM", b"lpcm": "PCM", b"in24": "PCM",
    b"ipcm": "PCM", b"fpcm": "PCM",
}  # fmt: skip
_MPEG_AUDIO = {0x69: "MP3", 0x6B: "MP3", 0xA5: "AC-3", 0xA6: "E-AC-3", 0xA9: "DTS"}  # others are AAC (mp4ra.org)
_PICTURE = 78  # bytes of a picture's sample entry before its own boxes
_MOST = 2**20  # the widest or highest that a picture can be said to be
_ODD = 0.1  # a frame's length may differ by this share from the commonest


class Shape(NamedTuple):
    """How a picture track looks: pixels as shown, whether its pixels are square and its frames whole."""

    width: int
    height: int
    is_square: bool
    is_interlaced: bool


class Track(NamedTuple):
    """One track: what it holds and how long, in seconds; fps is None where its frames are not told."""

    codec: str
    seconds: float
    fps: float | None = None
    is_steady: bool = True
    shape: Shape | None = None


class Movie(NamedTuple):
    """A file's length in seconds, its first picture track and its first sound track."""

    seconds: float
    picture: Track | None
    sound: Track | None


class _Timing(NamedTuple):
    """The frames of a track by how long they last, in its own ticks."""

    scale: int
    ticks: int
    frames: int
    is_steady: bool


class _Run(NamedTuple):
    """The frames of a track in one fragment."""

    track: int
    frames: int
    ticks: int


def read_movie(file: BinaryIO, size: int) -> Movie:
    """The movie in a file of so many bytes; Bad where there is none, or where a part is missing."""
    boxes = Boxes(file, size)
    top = list(boxes.inside(boxes.whole))
    moov = next((box for box in top if box.kind == b"moov"), None)
    if moov is None:
        raise Bad("it has no moov box: the recording or the upload was not finished")
    parts = list(boxes.inside(moov))
    runs = list(_runs(boxes, top, _defaults(boxes, parts)))
    tracks = [track for part in parts if part.kind == b"trak" for track in [_track(boxes, part, runs, size)] if track]
    header = boxes.body(next((part for part in parts if part.kind == b"mvhd"), None))
    scale, ticks = _clock(header)
    longest = max((track.seconds for _, track in tracks), default=0.0)
    told = ticks / scale if scale and not runs else 0.0
    return Movie(
        told or longest,
        next((track for handler, track in tracks if handler == b"vide"), None),
        next((track for handler, track in tracks if handler == b"soun"), None),
    )


def _track(boxes: Boxes, trak: Box, runs: Sequence[_Run], size: int) -> tuple[bytes, Track] | None:
    """A picture or sound track and its handler; None for any other."""
    mdia = boxes.first(trak, b"mdia")
    # QuickTime has a second hdlr, in minf: that of the media is the one directly in mdia
    handler = boxes.body(boxes.first(mdia, b"hdlr") if mdia else None)[8:12]
    if mdia is None or handler not in (b"vide", b"soun"):
        return None
    tables = {box.kind: box for box in boxes.inside(stbl)} if (stbl := boxes.first(mdia, b"minf", b"stbl")) else {}
    _must_lie_within(boxes, tables, size)
    header = boxes.body(boxes.first(trak, b"tkhd"))
    timing = _timing(boxes, mdia, tables.get(b"stts"), [run for run in runs if run.track == _track_id(header)])
    seconds = timing.ticks / timing.scale if timing.scale else 0.0
    fps = timing.frames / seconds if seconds else None
    codec, shape = _sample(boxes.body(tables.get(b"stsd")), handler, is_turned=_is_turned(header))
    return handler, Track(codec, seconds, fps, timing.is_steady, shape)


def _timing(boxes: Boxes, mdia: Box, stts: Box | None, runs: Sequence[_Run]) -> _Timing:
    scale, told = _clock(boxes.body(boxes.first(mdia, b"mdhd")))
    entries = _words(boxes.body(stts), 8)
    frames, deltas = entries[0::2], entries[1::2]
    ticks = sum(map(mul, frames, deltas)) + sum(run.ticks for run in runs)
    return _Timing(scale, ticks or told, sum(frames) + sum(run.frames for run in runs), _is_steady(frames, deltas))


def _is_steady(frames: Sequence[int], deltas: Sequence[int]) -> bool:
    """Whether nearly all frames last as long as the commonest, but for the last."""
    lasting: Counter[int] = Counter()
    for number_of, delta in zip(frames, deltas, strict=True):
        lasting[delta] += number_of
    if not lasting:
        return True
    usual = lasting.most_common(1)[0][0]
    odd = sum(many for delta, many in lasting.items() if abs(delta - usual) > _ODD * usual)
    return odd <= 1 + lasting.total() // 20


def _sample(stsd: bytes, handler: bytes, *, is_turned: bool) -> tuple[str, Shape | None]:
    """The codec of a track's first sample entry, and its shape if it is a picture."""
    if len(stsd) < 16:  # noqa: PLR2004 # its own header, and that of an entry
        return "unknown", None
    entry = stsd[16 : 8 + number(stsd, 8, 4)]
    letters = stsd[12:16]
    if handler == b"soun":
        return _sound(letters, entry), None
    return CODECS.get(letters, _letters(letters)), _shape(entry, is_turned=is_turned)


def _sound(letters: bytes, entry: bytes) -> str:
    if letters != b"mp4a":
        return CODECS.get(letters, _letters(letters))
    at = entry.find(b"esds")
    told = entry.find(b"\x04", at + 8) if at >= 0 else -1  # the decoder's description has tag 4
    length = 1
    while told >= 0 and told + length < len(entry) and entry[told + length] & 0x80:
        length += 1  # its length takes one byte for each seven bits
    kind = entry[told + length + 1 : told + length + 2] if told >= 0 else b""
    return _MPEG_AUDIO.get(kind[0], "AAC") if kind else "AAC"


def _shape(entry: bytes, *, is_turned: bool) -> Shape:
    """The pixels as shown: stretched if they are not square, turned if they lie on their side."""
    width, height = number(entry, 24, 2), number(entry, 26, 2)
    inner = dict(_parts(entry[_PICTURE:]))
    across, down = _pair(inner.get(b"pasp", b""))
    is_square = across == down
    if not is_square:
        width = min(round(width * across / down), _MOST)
    is_interlaced = inner.get(b"fiel", b"\1")[:1] == b"\2"
    return Shape(*((height, width) if is_turned else (width, height)), is_square, is_interlaced)


def _parts(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The small boxes at the end of a sample entry, as far as they can be read."""
    at = 0
    while at + 8 <= len(body):
        size = number(body, at, 4)
        if size < 8:  # noqa: PLR2004 # smaller than a header
            return
        yield body[at + 4 : at + 8], body[at + 8 : at + size]
        at += size


def _pair(pasp: bytes) -> tuple[int, int]:
    across, down = (number(pasp, 0, 4), number(pasp, 4, 4)) if len(pasp) >= 8 else (1, 1)  # noqa: PLR2004 # two words
    return (across, down) if across and down else (1, 1)


def _is_turned(tkhd: bytes) -> bool:
    """Whether the track's matrix turns it by 90 or 270 degrees."""
    at = 52 if tkhd[:1] == b"\1" else 40
    if len(tkhd) < at + 20:
        return False
    a, b, c, d = (number(tkhd, at + place, 4) for place in (0, 4, 12, 16))
    return not a and not d and bool(b) and bool(c)


def _track_id(tkhd: bytes) -> int:
    at = 20 if tkhd[:1] == b"\1" else 12
    return number(tkhd, at, 4) if tkhd else 0


def _clock(header: bytes) -> tuple[int, int]:
    """The ticks a second and the ticks in all, of mvhd or mdhd; an unknown length is 0."""
    if not header:
        return 0, 0
    is_long = header[:1] == b"\1"
    scale, ticks = (
        (number(header, 20, 4), number(header, 24, 8)) if is_long else (number(header, 12, 4), number(header, 16, 4))
    )
    return scale, 0 if ticks == (2**64 - 1 if is_long else 2**32 - 1) else ticks


def _words(table: bytes, skip: int) -> Sequence[int]:
    """The 32-bit numbers of a table of pairs behind its header, as many pairs as it says it has."""
    if not table:
        return ()
    return _swapped(table, skip, number(table, 4, 4) * 2)


def _must_lie_within(boxes: Boxes, tables: dict[bytes, Box], size: int) -> None:
    """Bad where the last of a track's pieces would begin behind the end of the file."""
    for kind, width in ((b"stco", 4), (b"co64", 8)):
        table = boxes.body(tables.get(kind))
        many = number(table, 4, 4) if table else 0
        if many and number(table, 8 + (many - 1) * width, width) >= size:
            raise Bad("it is cut off: its last pictures or sounds lie behind its end")


def _defaults(boxes: Boxes, parts: Sequence[Box]) -> dict[int, int]:
    """The ticks of a frame in fragments, by track, where the fragment does not say."""
    mvex = next((part for part in parts if part.kind == b"mvex"), None)
    if mvex is None:
        return {}
    bodies = [boxes.body(box) for box in boxes.inside(mvex) if box.kind == b"trex"]
    return {number(body, 4, 4): number(body, 12, 4) for body in bodies}


def _runs(boxes: Boxes, top: Sequence[Box], defaults: dict[int, int]) -> Iterator[_Run]:
    """The runs of frames of every fragment."""
    for moof in top:
        if moof.kind != b"moof":
            continue
        for traf in boxes.inside(moof):
            if traf.kind == b"traf":
                yield from _traf(boxes, traf, defaults)


def _traf(boxes: Boxes, traf: Box, defaults: dict[int, int]) -> Iterator[_Run]:
    track, each = 0, 0
    for box in boxes.inside(traf):
        if box.kind == b"tfhd":
            track, each = _fragment_header(boxes.body(box), defaults)
        elif box.kind == b"trun":
            yield _run(boxes.body(box), track, each)


def _fragment_header(body: bytes, defaults: dict[int, int]) -> tuple[int, int]:
    """The track of a fragment, and the ticks of its frames."""
    flags, track = number(body, 0, 4), number(body, 4, 4)
    at = 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
    return track, number(body, at, 4) if flags & 0x8 else defaults.get(track, 0)


def _run(body: bytes, track: int, each: int) -> _Run:
    flags, frames = number(body, 0, 4), number(body, 4, 4)
    if not flags & 0x100:
        return _Run(track, frames, frames * each)
    at = 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
    step = sum(1 for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag)
    return _Run(track, frames, sum(_swapped(body, at, frames * step)[0::step]))


def _swapped(body: bytes, at: int, many: int) -> Sequence[int]:
    """So many 32-bit numbers; Bad where the body is too short."""
    if at + many * 4 > len(body):
        raise Bad("one of its tables is too short")
    words = array("I", body[at : at + many * 4])
    if sys.byteorder == "little":
        words.byteswap()
    return words


def _letters(kind: bytes) -> str:
    return "".join(chr(letter) if 32 <= letter < 127 else "?" for letter in kind).strip() or "unknown"  # noqa: PLR2004
