"""Pictures: what is seen of them, what is wrong with them by themselves and in a placement, and damage anywhere."""

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from media_files import noise, picture
from PIL import Image, ImageCms

from adopt.errors import Invalid
from adopt.launch.media import Checked, check


def whats(checked: Checked) -> list[tuple[str, str]]:
    return [(problem.level, problem.what) for problem in checked.problems]


def errors(checked: Checked) -> list[str]:
    return [problem.what for problem in checked.problems if problem.level == "error"]


def test_a_good_picture_has_no_problems_and_says_what_it_is(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.jpg")
    found = check(path, ["feed"])
    assert (found.kind, found.format, found.width, found.height, found.problems) == ("image", "JPG", 1080, 1350, ())
    assert found.bytes == path.stat().st_size
    assert len(found.sha256) == 64


@pytest.mark.parametrize(
    ("width", "height", "placement", "level"),
    [
        (1080, 1080, "feed", None),
        (1080, 1350, "feed", None),
        (1200, 628, "feed", None),
        (1080, 1310, "feed", None),
        (1080, 1395, "feed", "error"),  # beyond the three per cent
        (1080, 1920, "feed", "error"),
        (2200, 1080, "feed", "error"),
        (1080, 1920, "story", None),
        (1080, 1935, "story", None),
        (1080, 1960, "story", "error"),
        (1080, 1080, "story", "warning"),
        (1080, 1920, "reel", None),
        (1080, 1350, "reel", "warning"),
        (1080, 1080, "right_column", None),
        (1080, 1350, "right_column", "error"),
        (1080, 1920, "audience_network", None),
        (1920, 1080, "in_stream", "error"),
    ],
)
def test_each_placement_has_its_ratios(
    tmp_path: Path, width: int, height: int, placement: str, level: str | None
) -> None:
    found = check(picture(tmp_path / "a.png", width, height, form="PNG"), [placement])
    assert found.level == level
    assert found.fits == (() if level else (placement,))


@pytest.mark.parametrize(
    ("width", "placement", "needed"), [(599, "feed", 600), (499, "story", 500), (253, "right_column", 254)]
)
def test_each_placement_has_its_least_width(tmp_path: Path, width: int, placement: str, needed: int) -> None:
    height = width * 16 // 9 if placement == "story" else width
    found = check(picture(tmp_path / "a.jpg", width, height), [placement])
    assert errors(found) == [f"{placement} needs {needed} pixels of width, and this has {width}"]


def test_without_a_placement_one_that_shows_it_is_enough(tmp_path: Path) -> None:
    tall = check(picture(tmp_path / "a.jpg", 1080, 1920))
    assert (tall.fits, tall.problems) == (("story", "reel", "audience_network"), ())
    assert errors(check(picture(tmp_path / "b.jpg", 3000, 1000))) == ["feed does not show 3000x1000 (3.00:1) whole"]


def test_metas_names_of_positions_are_placements_too(tmp_path: Path) -> None:
    assert check(picture(tmp_path / "a.jpg"), ["facebook_reels", "stream"]).fits == ("feed",)


def test_an_unknown_placement_is_invalid(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no placement 'stroy'") as caught:
        check(picture(tmp_path / "a.jpg"), ["stroy"])
    assert caught.value.try_next == "--placement story"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_lies_on_its_side_has_its_size_as_shown(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = check(picture(tmp_path / "a.jpg", 1350, 1080, exif=exif))
    assert (found.width, found.height) == ((1350, 1080) if orientation < 5 else (1080, 1350))


@pytest.mark.parametrize(
    ("name", "form", "expected"),
    [
        ("a.webp", "WEBP", [("warning", "Meta converts WebP, which costs sharpness")]),
        ("a.gif", "GIF", [("warning", "Meta converts GIF, which costs sharpness")]),
        ("a.bmp", "BMP", [("warning", "Meta converts BMP, which costs sharpness")]),
        ("a.tif", "TIFF", [("warning", "Meta converts TIFF, which costs sharpness")]),
        ("a.png", "JPEG", [("warning", "the name ends in .png, and the file is JPG")]),
        ("a", "JPEG", [("warning", "the name has no ending, and the file is JPG")]),
        ("a.mp4", "JPEG", [("error", "the name ends in .mp4, and the file is JPG")]),
    ],
)
def test_the_first_bytes_tell_the_format(tmp_path: Path, name: str, form: str, expected: list[tuple[str, str]]) -> None:
    assert whats(check(picture(tmp_path / name, form=form))) == expected


@pytest.mark.parametrize(
    ("name", "head", "what"),
    [
        ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC cannot be checked here, and Meta would convert it"),
        ("a.psd", b"8BPS\0\1", "PSD cannot be checked here, and Meta would convert it"),
        ("a.avif", b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", "AVIF is none of the formats that Meta takes"),
        ("a.svg", b"<?xml version='1.0'?><svg/>", "SVG is none of the formats that Meta takes"),
        ("a.pdf", b"%PDF-1.7", "PDF is none of the formats that Meta takes"),
        ("a.jpg", b"hello", "neither a picture nor a video"),
        ("a.jpg", b"", "the file is empty"),
    ],
)
def test_what_is_no_picture_for_meta_is_an_error(tmp_path: Path, name: str, head: bytes, what: str) -> None:
    path = tmp_path / name
    path.write_bytes(head)
    assert errors(check(path)) == [what]


@pytest.mark.parametrize(("form", "name"), [("GIF", "a.gif"), ("WEBP", "a.webp"), ("PNG", "a.png")])
def test_a_picture_that_moves_is_an_error(tmp_path: Path, form: str, name: str) -> None:
    frames = [Image.new("RGB", (1080, 1080), (shade, 0, 0)) for shade in (0, 100, 200)]
    frames[0].save(tmp_path / name, form, save_all=True, append_images=frames[1:], duration=100)
    assert errors(check(tmp_path / name)) == [f"the {form} moves, and as a picture it would stand still"]


def test_colours_for_printing_and_wide_ones_are_warned_of(tmp_path: Path) -> None:
    assert whats(check(picture(tmp_path / "a.jpg", mode="CMYK"))) == [
        ("warning", "its colours are CMYK, for printing: they shift on screens")
    ]
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert whats(check(picture(tmp_path / "b.jpg", icc_profile=srgb))) == []
    wide = srgb.replace(b"sRGB", b"Adobe RGB (1998)") + b"Adobe RGB (1998)"
    assert whats(check(picture(tmp_path / "c.jpg", icc_profile=wide))) == [
        ("warning", "its colours are Adobe RGB: many screens show them dull")
    ]


def test_transparency_is_warned_of_only_where_it_is_used(tmp_path: Path) -> None:
    Image.new("RGBA", (1080, 1080), (9, 9, 9, 255)).save(tmp_path / "full.png")
    Image.new("RGBA", (1080, 1080), (9, 9, 9, 254)).save(tmp_path / "thin.png")
    assert check(tmp_path / "full.png").problems == ()
    assert whats(check(tmp_path / "thin.png")) == [
        ("warning", "parts of it are transparent: Meta fills them with one colour")
    ]


def test_more_than_30_megabytes_are_too_many(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.jpg")
    with path.open("ab") as file:
        file.truncate(30_000_001)
    assert errors(check(path)) == ["the picture has 30.0 MB"]


@pytest.mark.parametrize(("width", "height", "what"), [
    (30_000, 30_000, "the picture has hundreds of megapixels"),
    (12_000, 12_000, "the picture has 144 megapixels"),
    (8_001, 8_001, "the picture has 64 megapixels"),
])  # fmt: skip
def test_a_picture_that_claims_to_be_huge_is_not_decoded(tmp_path: Path, width: int, height: int, what: str) -> None:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    )
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    assert what in errors(check(tmp_path / "a.png"))


def test_a_jpeg_of_thousands_of_layers_is_not_decoded(tmp_path: Path) -> None:
    whole = noise(2000, 2000, "JPEG", progressive=True, quality=1)
    at = whole.rindex(b"\xff\xda")
    layer = whole[at:-2]
    (tmp_path / "a.jpg").write_bytes(whole[:-2] + layer[:20] * 5000 + whole[-2:])
    assert any("layers: decoding takes too long" in what for what in errors(check(tmp_path / "a.jpg")))


WHOLE = {
    "a.jpg": noise(120, 150, "JPEG"),
    "p.jpg": noise(120, 150, "JPEG", progressive=True),
    "a.png": noise(60, 75, "PNG"),
    "a.gif": noise(60, 75, "GIF"),
    "a.webp": noise(60, 75, "WEBP"),
    "a.tif": noise(60, 75, "TIFF"),
    "a.bmp": noise(60, 75, "BMP"),
}


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.bmp"])
@given(share=st.floats(0.001, 0.98))
def test_a_picture_cut_off_anywhere_is_an_error(
    tmp_path_factory: pytest.TempPathFactory, name: str, share: float
) -> None:
    path = tmp_path_factory.getbasetemp() / f"cut-{name}"
    whole = WHOLE[name]
    path.write_bytes(whole[: int(len(whole) * share)])
    assert check(path).level == "error"


@given(
    name=st.sampled_from(sorted(WHOLE)),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=20),
    cut=st.floats(0, 1),
)
def test_a_mutated_picture_is_answered_with_problems(
    tmp_path_factory: pytest.TempPathFactory, name: str, changes: list[tuple[float, int]], cut: float
) -> None:
    body = bytearray(WHOLE[name])
    for share, value in changes:
        body[int(share**3 * len(body))] = value  # mostly in the header
    path = tmp_path_factory.getbasetemp() / f"mutated-{name}"
    path.write_bytes(body[: int(len(body) * max(cut, 0.1))])
    found = check(path, ["feed"])
    assert found.problems  # each of them is too small for the feed at least
    assert found.bytes == path.stat().st_size


@given(tail=st.binary(max_size=300), head=st.sampled_from([body[:20] for body in WHOLE.values()]))
def test_rubbish_behind_a_good_beginning_is_answered_with_an_error(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, tail: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "rubbish.jpg"
    path.write_bytes(head + tail)
    assert check(path).level == "error"
