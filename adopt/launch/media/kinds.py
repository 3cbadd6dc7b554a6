"""What a file is, by its first bytes, and how Meta stands to it."""

from pathlib import PurePath
from typing import Literal, TypeAlias

from msgspec import Struct

from adopt.launch.media.checked import Kind, Problem, error, warning

HEAD = 512  # bytes that tell what a file is
# wanted: the ads guide names it. converted: Meta's lists of supported files have it. unseen: they do, and it cannot be
# looked into here. refused: they do not. (facebook.com/business/help/488625428422195 and /218673814818907)
Standing: TypeAlias = Literal["wanted", "converted", "unseen", "refused"]


class Format(Struct, frozen=True):
    """A file format: its name, how it stands with Meta, the endings of its names, PyAV's word for it."""

    name: str
    kind: Kind
    standing: Standing
    endings: tuple[str, ...]
    demuxer: str = ""


JPG = Format("JPG", "image", "wanted", ("jpg", "jpeg", "jpe", "jfif"))
PNG = Format("PNG", "image", "wanted", ("png", "apng"))
GIF = Format("GIF", "image", "converted", ("gif",))
WEBP = Format("WebP", "image", "converted", ("webp",))
BMP = Format("BMP", "image", "converted", ("bmp", "dib"))
TIFF = Format("TIFF", "image", "converted", ("tif", "tiff"))
HEIC = Format("HEIC", "image", "unseen", ("heic", "heif"))
PSD = Format("PSD", "image", "unseen", ("psd",))
JP2 = Format("JPEG 2000", "image", "unseen", ("jp2",))
AVIF = Format("AVIF", "image", "refused", ("avif",))
SVG = Format("SVG", "image", "refused", ("svg",))
PDF = Format("PDF", "image", "refused", ("pdf",))
MP4 = Format("MP4", "video", "wanted", ("mp4", "m4v", "mpeg4", "f4v"), "mov")
MOV = Format("MOV", "video", "wanted", ("mov", "qt"), "mov")
THREE_GP = Format("3GP", "video", "converted", ("3gp", "3g2", "3gpp"), "mov")
MKV = Format("MKV", "video", "converted", ("mkv",), "matroska")
WEBM = Format("WebM", "video", "refused", ("webm",), "matroska")
AVI = Format("AVI", "video", "converted", ("avi", "divx"), "avi")
FLV = Format("FLV", "video", "converted", ("flv",), "flv")
WMV = Format("WMV", "video", "converted", ("wmv", "asf"), "asf")
MPEG = Format("MPEG", "video", "converted", ("mpg", "mpeg", "mpe", "vob", "dat", "mod"), "mpeg")
TS = Format("MPEG-TS", "video", "converted", ("ts", "mts", "m2ts", "tod"), "mpegts")
OGG = Format("Ogg", "video", "converted", ("ogv", "ogm", "ogg"), "ogg")
FORMATS = (
    JPG, PNG, GIF, WEBP, BMP, TIFF, HEIC, PSD, JP2, AVIF, SVG, PDF,
    MP4, MOV, THREE_GP, MKV, WEBM, AVI, FLV, WMV, MPEG, TS, OGG,
)  # fmt: skip
ENDINGS = {ending: form for form in FORMATS for ending in form.endings}
BOXED = (MP4, MOV, THREE_GP)  # what the box reader reads

_STARTS = (
    (b"\xff\xd8\xff", JPG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"BM", BMP),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"8BPS", PSD),
    (b"\0\0\0\x0cjP  ", JP2),
    (b"%PDF", PDF),
    (b"FLV\x01", FLV),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", WMV),
    (b"\0\0\x01\xba", MPEG),
    (b"\0\0\x01\xb3", MPEG),
    (b"OggS", OGG),
)
_BRANDS = ((b"qt  ", MOV), (b"avi", AVIF), (b"he", HEIC), (b"mif1", HEIC), (b"msf1", HEIC), (b"3g", THREE_GP))
_OLD_MOVIES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # QuickTime before it had ftyp
_PACKET = 188  # bytes of a transport stream's packet


def format_of(head: bytes) -> Format | None:
    """The format that a file's first bytes show; None if it is none of a picture's or a video's."""
    match head[:4], head[4:8]:
        case _, b"ftyp":
            return next((form for brand, form in _BRANDS if head[8:12].startswith(brand)), MP4)
        case b"RIFF", _:
            return {b"WEBP": WEBP, b"AVI ": AVI}.get(head[8:12])
        case b"\x1a\x45\xdf\xa3", _:
            return WEBM if b"webm" in head[:64] else MKV
        case _, kind if kind in _OLD_MOVIES:
            return MOV
    return next((form for start, form in _STARTS if head.startswith(start)), None) or _without_start(head)


def _without_start(head: bytes) -> Format | None:
    if head[:1] == b"G" == head[_PACKET : _PACKET + 1] == head[2 * _PACKET : 2 * _PACKET + 1]:
        return TS
    return SVG if b"<svg" in head else None


def name_problem(path: PurePath, found: Format) -> Problem | None:
    """What is wrong with the ending of the file's name."""
    ending = path.suffix.removeprefix(".").lower()
    if ending in found.endings or (found in BOXED and ENDINGS.get(ending) in BOXED):
        return None
    named = f"ends in .{ending}" if ending else "has no ending"
    level = error if ENDINGS.get(ending, found).kind != found.kind else warning
    return level(f"the name {named}, and the file is {found.name}", f"a name that ends in .{found.endings[0]}")


def format_problem(found: Format) -> Problem | None:
    """How Meta stands to the format."""
    wanted = "JPG or PNG" if found.kind == "image" else "MP4 or MOV with H.264 and AAC"
    match found.standing:
        case "converted":
            return warning(f"Meta converts {found.name}, which costs sharpness", wanted)
        case "unseen":
            return error(f"{found.name} cannot be checked here, and Meta would convert it", wanted)
        case "refused":
            return error(f"{found.name} is none of the formats that Meta takes", wanted)
    return None
