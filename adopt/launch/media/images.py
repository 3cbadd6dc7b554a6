"""Pictures, looked into by Pillow within bounds: first their headers, then, if they are of a sane size, every pixel."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from adopt.launch.media.checked import Problem, Seen, blinded, error, warning
from adopt.launch.media.kinds import Format

MOST_BYTES = 30 * 1000 * 1000  # the ads guide's 30 MB
MOST_PIXELS = 64_000_000  # a 61-megapixel camera's picture is checked; decoded it takes at most 256 MB
MOST_WORK = 1_000_000_000  # pixels times progressive layers
SHARP = 1080  # pixels of width that the ads guide recommends at least
_SHRUNK = 8  # a JPEG decoded to an eighth of its width takes a 64th of the memory, and shows any damage
_ORIENTATION, _LYING = 0x0112, (5, 6, 7, 8)  # EXIF: shown with width and height exchanged
_WIDE_COLOURS = ("Adobe RGB", "Display P3", "ProPhoto")
_OPAQUE = 255
_LAYER = b"\xff\xda"  # a JPEG's start of scan


def look(file: BinaryIO, size: int, form: Format) -> Seen:
    """What a picture is, and what is wrong with it by itself."""
    if size > MOST_BYTES:
        return blinded([error(f"the picture has {size / 1e6:,.1f} MB", "up to 30 MB")])
    try:
        return _look(file, form)
    except MemoryError:
        return blinded(
            [error("the picture takes more memory than there is", f"up to {MOST_PIXELS // 10**6} megapixels")]
        )
    except Exception as broken:  # noqa: BLE001 # on broken files Pillow raises whatever its parsers trip over
        return blinded([_damaged(form, broken)])


def _look(file: BinaryIO, form: Format) -> Seen:
    from PIL import Image

    names = {"JPG": "JPEG", "WebP": "WEBP"}
    try:
        with Image.open(file, formats=(names.get(form.name, form.name),)) as image:
            return _seen(image, file, form)
    except Image.DecompressionBombError:
        return blinded([_too_large("hundreds of")])


def _seen(image: Any, file: BinaryIO, form: Format) -> Seen:
    """What a picture is; it is not decoded, nor asked for what decodes it, before its size is known to be sane."""
    width, height = image.size
    if bomb := _bomb(image, file):
        return Seen(width=width, height=height, problems=(bomb,))
    found = list(_of_header(image))
    if damage := _damage(image, form):
        return Seen(width=width, height=height, problems=(*found, damage))
    if image.getexif().get(_ORIENTATION) in _LYING:
        width, height = height, width
    found += [*_sharpness(width), *_transparency(image)]
    return Seen(width=width, height=height, problems=tuple(found))


def _bomb(image: Any, file: BinaryIO) -> Problem | None:
    pixels = image.width * image.height
    if pixels > MOST_PIXELS:
        return _too_large(f"{pixels / 1e6:,.0f}")
    if image.format == "JPEG" and (layers := _layers(file)) * pixels > MOST_WORK:
        return error(f"the picture comes in {layers:,} layers: decoding takes too long", "a picture saved anew")
    return None


def _of_header(image: Any) -> Iterator[Problem]:
    if getattr(image, "is_animated", False) and image.format in ("GIF", "WEBP", "PNG"):
        yield error(f"the {image.format} moves, and as a picture it would stand still", "an MP4, or a still JPG or PNG")
    if image.mode in ("CMYK", "YCCK", "LAB"):
        yield warning(f"its colours are {image.mode}, for printing: they shift on screens", "RGB")
    if profile := image.info.get("icc_profile"):
        yield from _colours(bytes(profile))


def _colours(profile: bytes) -> Iterator[Problem]:
    for name in _WIDE_COLOURS:
        if name.encode() in profile or name.encode("utf-16-be") in profile:
            yield warning(f"its colours are {name}: many screens show them dull", "sRGB")


def _sharpness(width: int) -> Iterator[Problem]:
    if width < SHARP:
        yield warning(f"{width} pixels of width look soft", f"{SHARP} or more")


def _damage(image: Any, form: Format) -> Problem | None:
    if image.format == "JPEG":
        image.draft("L", (image.width // _SHRUNK, image.height // _SHRUNK))
    try:
        image.load()
    except Exception as broken:  # noqa: BLE001 # as above
        return _damaged(form, broken)
    return None


def _transparency(image: Any) -> Iterator[Problem]:
    has_holes = "transparency" in image.info and image.mode == "P"
    has_alpha = image.mode in ("RGBA", "LA", "PA") and image.getchannel("A").getextrema()[0] < _OPAQUE
    if has_holes or has_alpha:
        yield warning("parts of it are transparent: Meta fills them with one colour", "a background of your own")


def _layers(file: BinaryIO) -> int:
    at = file.tell()
    file.seek(0)
    found = file.read(MOST_BYTES).count(_LAYER)
    file.seek(at)
    return found


def _too_large(megapixels: str) -> Problem:
    return error(f"the picture has {megapixels} megapixels", f"up to {MOST_PIXELS // 10**6}; 1440x1440 is plenty")


def _damaged(form: Format, broken: Exception) -> Problem:
    if "truncated" in str(broken) or isinstance(broken, EOFError):
        return error("the picture is cut off: the file ends too early", "a complete file: export or copy it again")
    return error(f"the {form.name} is damaged and cannot be decoded", "a sound file: export it again")
