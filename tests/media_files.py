"""Makes pictures and videos for tests: MP4s box by box, or by PyAV; pictures by Pillow."""

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

UPRIGHT = (1, 0, 0, 0, 1, 0, 0, 0, 1)
TURNS = {
    0: UPRIGHT,
    90: (0, 1, 0, -1, 0, 0, 0, 0, 1),
    180: (-1, 0, 0, 0, -1, 0, 0, 0, 1),
    270: (0, -1, 0, 1, 0, 0, 0, 0, 1),
}


def box(kind: bytes, *bodies: bytes) -> bytes:
    """A box of these bodies."""
    body = b"".join(bodies)
    return word(8 + len(body)) + kind + body


def word(value: int, length: int = 4) -> bytes:
    """A big-endian number."""
    return (value % 256**length).to_bytes(length)


def words(*values: int) -> bytes:
    """Big-endian numbers of 32 bits."""
    return b"".join(map(word, values))


def matrix(turn: int) -> bytes:
    """The matrix of a track header that turns by so many degrees."""
    return words(*(value * (2**30 if place in (2, 5, 8) else 2**16) for place, value in enumerate(TURNS[turn])))


def picture_entry(codec: bytes, width: int, height: int, *inner: bytes) -> bytes:
    """The sample entry of a picture track."""
    return box(codec, bytes(24), word(width, 2) + word(height, 2), bytes(50), *inner)


def track(
    handler: bytes, entry: bytes, stts: list[tuple[int, int]], *, turn: int = 0, number: int = 1, scale: int = 1000
) -> bytes:
    """A track of frames that last so many ticks each."""
    ticks = sum(frames * delta for frames, delta in stts)
    stbl = box(
        b"stbl",
        box(b"stsd", words(0, 1), entry),
        box(b"stts", words(0, len(stts)), *(words(*pair) for pair in stts)),
        box(b"stco", words(0, 1, 32)),
    )
    return box(
        b"trak",
        box(b"tkhd", words(7, 0, 0, number, 0, ticks), bytes(16), matrix(turn), bytes(8)),
        box(
            b"mdia",
            box(b"mdhd", words(0, 0, 0, scale, ticks, 0)),
            box(b"hdlr", words(0, 0), handler, bytes(13)),
            box(b"minf", box(b"hdlr", words(0, 0), b"url ", bytes(13)), stbl),
        ),
    )


def movie(
    *tracks: bytes, seconds: float = 10, brand: bytes = b"isom", more: bytes = b"", media: bytes = bytes(64)
) -> bytes:
    """A whole file, its media in front."""
    header = box(b"mvhd", words(0, 0, 0, 1000, round(seconds * 1000)), bytes(80))
    return box(b"ftyp", brand, word(0), brand) + box(b"mdat", media) + box(b"moov", header, *tracks, more)


def plain_movie(width: int = 1080, height: int = 1350, **more: Any) -> bytes:
    """Ten seconds of H.264 at 25 frames a second, with sound."""
    turn = more.pop("turn", 0)
    codec = more.pop("codec", b"avc1")
    picture = track(b"vide", picture_entry(codec, width, height), [(250, 40)], turn=turn)
    return movie(picture, track(b"soun", box(b"mp4a", bytes(28)), [(431, 23)], number=2), **more)


def picture(
    path: Path, width: int = 1080, height: int = 1350, *, form: str = "JPEG", mode: str = "RGB", **more: Any
) -> Path:
    """A picture with something on it."""
    ramp = np.linspace(0, 255, width * height * 3).reshape(height, width, 3).astype("uint8")
    Image.fromarray(ramp).convert(mode).save(path, form, **more)
    return path


def noise(width: int, height: int, form: str, **more: Any) -> bytes:
    """The bytes of a picture that does not compress."""
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype="uint8")
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **more)
    return file.getvalue()


def clip(  # noqa: PLR0913 # all that a clip can be
    path: Path,
    *,
    width: int = 320,
    height: int = 400,
    codec: str = "libx264",
    sound: str | None = "aac",
    seconds: float = 2,
    rate: int = 25,
    turn: int = 0,
    form: str | None = None,
    **options: str,
) -> Path:
    """A real video by PyAV."""
    import av

    with av.open(path, "w", format=form, options=options) as container:
        video = container.add_stream(codec, rate=rate)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = container.add_stream(sound, rate=48000, layout="stereo") if sound else None
        for count in range(round(seconds * rate)):
            pixels = np.full((height, width, 3), count * 5 % 256, dtype="uint8")
            pixels[:, : width // 2] = 255 - pixels[:, : width // 2]
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode())
        if audio:
            tone = np.zeros((2, 1024 if sound == "aac" else 960), dtype="float32")
            for count in range(round(seconds * 48000 / tone.shape[1])):
                frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="stereo")
                frame.sample_rate, frame.pts, frame.time_base = 48000, count * tone.shape[1], Fraction(1, 48000)
                container.mux(audio.encode(frame))
            container.mux(audio.encode())
    return path if not turn else turned(path, turn)


def turned(path: Path, turn: int) -> Path:
    """The same file with the matrix of its first track turned."""
    body = path.read_bytes()
    at = body.index(b"tkhd") + 4 + 40
    path.write_bytes(body[:at] + matrix(turn) + body[at + 36 :])
    return path
