"""What needs PyAV, the extra `media`: containers other than MP4 and MOV, and decoding every frame."""

from importlib.util import find_spec
from typing import Any, BinaryIO

from adopt.errors import Invalid
from adopt.launch.media.checked import Problem, Seen, blinded, error
from adopt.launch.media.kinds import Format

INSTALL = "pip install 'adopt[media]'"
_CODECS = {
    "h264": "H.264", "hevc": "HEVC", "av1": "AV1", "vp9": "VP9", "vp8": "VP8", "mpeg4": "MPEG-4", "prores": "ProRes",
    "mjpeg": "JPEG", "aac": "AAC", "mp3": "MP3", "ac3": "AC-3", "eac3": "E-AC-3", "opus": "Opus", "vorbis": "Vorbis",
    "flac": "FLAC", "alac": "ALAC",
}  # fmt: skip


def is_there() -> bool:
    """Whether PyAV is installed."""
    return find_spec("av") is not None


def require() -> None:
    """Invalid, saying what to install, where PyAV is missing."""
    if not is_there():
        raise Invalid("decoding every frame needs PyAV, which is not installed", try_next=INSTALL)


def look(file: BinaryIO, form: Format) -> Seen:
    """What PyAV sees of a video of this format."""
    if not is_there():
        return blinded(
            [error(f"looking into {form.name} needs PyAV, which is not installed", f"{INSTALL}; or MP4 or MOV")]
        )
    import av

    try:
        with _opened(file, form) as container:
            return _seen(container)
    except (av.error.FFmpegError, ValueError, OverflowError, MemoryError) as broken:
        return blinded([error(f"the {form.name} cannot be read: {_reason(broken)}", "a sound file: export it again")])


def decode(file: BinaryIO, form: Format) -> Problem | None:
    """Decode every frame of the pictures and the sound; what is wrong with the first that fails."""
    require()
    import av

    frames = 0
    try:
        with _opened(file, form) as container:
            chosen = [*container.streams.video[:1], *container.streams.audio[:1]]
            for frame in container.decode(chosen):
                frames += isinstance(frame, av.VideoFrame)
                if getattr(frame, "is_corrupt", False):
                    return error(f"frame {frames:,} is damaged", "a sound file: export it again")
            told = max((stream.frames for stream in chosen[:1]), default=0)
    except (av.error.FFmpegError, ValueError, OverflowError, MemoryError) as broken:
        said = f"decoding fails after {frames:,} frames: {_reason(broken)}"
        return error(said, "a complete, sound file: export it again")
    if not frames:
        return error("not one frame can be decoded", "a sound file: export it again")
    if frames < told:
        return error(
            f"only {frames:,} of its {told:,} frames can be decoded", "a complete, sound file: export it again"
        )
    return None


def _opened(file: BinaryIO, form: Format) -> Any:
    """The container; only its own demuxer may look, since some of FFmpeg's would open other files and addresses."""
    import av

    file.seek(0)
    options = {"ignore_editlist": "1"} if form.demuxer == "mov" else {}  # a trimmed video holds more than it shows
    return av.open(file, format=form.demuxer, metadata_errors="replace", options=options)


def _seen(container: Any) -> Seen:
    if not container.streams.video:
        return blinded([error("the video has no picture track", "a video with pictures")])
    picture = container.streams.video[0]
    if picture.codec_context is None:
        return blinded([error("the codec of its pictures cannot be told", "H.264 pictures in MP4 or MOV")])
    sound = container.streams.audio[0] if container.streams.audio else None
    seconds = container.duration / 1_000_000 if container.duration else None
    return Seen(
        width=picture.width or None,
        height=picture.height or None,
        duration=round(seconds, 3) if seconds else None,
        fps=round(float(picture.average_rate), 3) if picture.average_rate else None,
        codec=_name(picture),
        audio=_name(sound) if sound else None,
    )


def _name(stream: Any) -> str:
    name = stream.codec_context.codec.canonical_name if stream.codec_context else "unknown"
    return _CODECS.get(name, "PCM" if name.startswith("pcm") else name.upper())


def _reason(broken: Exception) -> str:
    said = getattr(broken, "strerror", None) or str(broken) or "it makes no sense"
    return str(said)[:1].lower() + str(said)[1:]
