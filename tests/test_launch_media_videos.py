"""Videos: the box reader against written boxes and against FFmpeg, what Meta makes of them, and hostile files."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from media_files import box, clip, movie, picture_entry, plain_movie, track, word, words

from adopt.launch.media import Checked, check
from adopt.launch.media.boxes import MOST_BOXES

SOUND = track(b"soun", box(b"mp4a", bytes(28)), [(431, 23)], number=2)
STEADY = [(250, 40)]


def written(folder: Path, body: bytes, name: str = "a.mp4") -> Path:
    path = folder / name
    path.write_bytes(body)
    return path


def errors(checked: Checked) -> list[str]:
    return [problem.what for problem in checked.problems if problem.level == "error"]


def warnings(checked: Checked) -> list[str]:
    return [problem.what for problem in checked.problems if problem.level == "warning"]


def facts(found: Checked) -> tuple[Any, ...]:
    return (found.format, found.codec, found.audio, found.width, found.height, found.duration, found.fps)


def test_a_good_video_has_no_problems_and_says_what_it_is(tmp_path: Path) -> None:
    found = check(written(tmp_path, plain_movie()), ["feed"])
    assert facts(found) == ("MP4", "H.264", "AAC", 1080, 1350, 10.0, 25.0)
    assert (found.kind, found.problems) == ("video", ())


@pytest.mark.parametrize(
    ("turn", "shown"), [(0, (1920, 1080)), (90, (1080, 1920)), (180, (1920, 1080)), (270, (1080, 1920))]
)
def test_a_turned_video_has_its_size_as_shown(tmp_path: Path, turn: int, shown: tuple[int, int]) -> None:
    found = check(written(tmp_path, plain_movie(1920, 1080, turn=turn)))
    assert (found.width, found.height) == shown


def test_pixels_that_are_not_square_stretch_the_size_and_are_warned_of(tmp_path: Path) -> None:
    entry = picture_entry(b"avc1", 1440, 1080, box(b"pasp", words(4, 3)))
    found = check(written(tmp_path, movie(track(b"vide", entry, STEADY), SOUND)))
    assert (found.width, found.height) == (1920, 1080)
    assert warnings(found) == ["its pixels are not square"]


def test_quicktime_is_told_by_its_brand_and_by_its_first_box(tmp_path: Path) -> None:
    assert check(written(tmp_path, plain_movie(brand=b"qt  "), "a.mov")).format == "MOV"
    assert check(written(tmp_path, plain_movie()[20:], "b.mov")).format == "MOV"


@pytest.mark.parametrize(
    ("codec", "name", "warned"),
    [
        (b"avc1", "H.264", []),
        (b"hvc1", "HEVC", []),
        (b"ap4h", "ProRes", ["its pictures are ProRes: Meta converts them, or fails to"]),
        (b"av01", "AV1", ["its pictures are AV1: Meta converts them, or fails to"]),
        (b"xyz1", "xyz1", ["its pictures are xyz1: Meta converts them, or fails to"]),
    ],
)
def test_the_codec_is_named(tmp_path: Path, codec: bytes, name: str, warned: list[str]) -> None:
    found = check(written(tmp_path, plain_movie(codec=codec)))
    assert (found.codec, warnings(found), errors(found)) == (name, warned, [])


def test_an_encrypted_video_is_an_error(tmp_path: Path) -> None:
    assert errors(check(written(tmp_path, plain_movie(codec=b"encv")))) == ["the video is encrypted"]


@pytest.mark.parametrize(
    ("sound", "warned"),
    [
        ([], ["it has no sound"]),
        ([track(b"soun", box(b"sowt", bytes(28)), STEADY)], ["its sound is PCM: Meta converts it"]),
        (
            [
                track(
                    b"soun",
                    box(b"mp4a", bytes(28), box(b"esds", words(0), b"\x03\x19\0\1\0\x04\x80\x80\x11\x6b")),
                    STEADY,
                )
            ],
            ["its sound is MP3: Meta converts it"],
        ),
    ],
)
def test_the_sound_is_named(tmp_path: Path, sound: list[bytes], warned: list[str]) -> None:
    body = movie(track(b"vide", picture_entry(b"avc1", 1080, 1080), STEADY), *sound)
    assert warnings(check(written(tmp_path, body))) == warned


@pytest.mark.parametrize(
    ("stts", "is_steady"),
    [
        ([(250, 40)], True),
        ([(249, 40), (1, 400)], True),
        ([(125, 40), (125, 41)], True),
        ([(150, 40), (100, 80)], False),
    ],
)
def test_frames_of_unequal_length_are_warned_of(
    tmp_path: Path, stts: list[tuple[int, int]], *, is_steady: bool
) -> None:
    body = movie(track(b"vide", picture_entry(b"avc1", 1080, 1080), stts), SOUND)
    assert warnings(check(written(tmp_path, body))) == ([] if is_steady else ["its frames last unequally long"])


@pytest.mark.parametrize(
    ("seconds", "placement", "level"),
    [
        (0.5, "feed", "error"), (1, "feed", None), (3601, "feed", "warning"), (241 * 60 + 1, "feed", "error"),
        (180, "story", None), (181, "story", "warning"), (3601, "story", "error"),
        (900, "reel", None), (901, "reel", "error"),
        (4, "in_stream", "error"), (5, "in_stream", None),
        (121, "audience_network", "error"),
        (10, "right_column", "error"),
    ],
)  # fmt: skip
def test_each_placement_has_its_lengths(tmp_path: Path, seconds: float, placement: str, level: str | None) -> None:
    width, height = {"feed": (1080, 1080), "in_stream": (1920, 1080)}.get(placement, (1080, 1920))
    path = written(tmp_path, plain_movie(width, height, seconds=seconds))
    assert check(path, [placement]).level == level


def test_a_long_video_needs_more_width_than_a_short_one(tmp_path: Path) -> None:
    short, long = (written(tmp_path, plain_movie(400, 500, seconds=s), f"{s}.mp4") for s in (29, 30))
    assert errors(check(short, ["feed"])) == []
    assert errors(check(long, ["feed"])) == ["feed needs 500 pixels of width, and this has 400"]


def test_a_tall_video_is_cut_in_the_feed(tmp_path: Path) -> None:
    found = check(written(tmp_path, plain_movie(1080, 1920)), ["feed"])
    assert [(problem.level, problem.what) for problem in found.problems] == [
        ("warning", "feed shows 1080x1920 (9:16) cut to 4:5")
    ]


def fragmented(runs: list[bytes], *, seconds: float = 0, each: int = 0) -> bytes:
    """A movie whose frames are all in fragments, one run in each."""
    trex = box(b"mvex", box(b"trex", words(0, 1, 1, each, 0, 0)))
    whole = movie(track(b"vide", picture_entry(b"avc1", 1080, 1080), []), seconds=seconds, more=trex)
    return whole + b"".join(box(b"moof", box(b"traf", box(b"tfhd", words(0, 1)), run)) + box(b"mdat") for run in runs)


def test_fragments_are_added_up(tmp_path: Path) -> None:
    told = box(b"trun", words(0x301, 3, 0), words(40, 9, 40, 9, 20, 9))
    by_default = box(b"trun", words(0, 50))
    found = check(written(tmp_path, fragmented([told, by_default], each=50)))
    assert (found.duration, found.fps) == (2.6, round(53 / 2.6, 3))


def test_a_fragment_may_say_for_itself_how_long_its_frames_last(tmp_path: Path) -> None:
    run = box(b"moof", box(b"traf", box(b"tfhd", words(0x0A, 1, 0, 100)), box(b"trun", words(0, 20))))
    assert check(written(tmp_path, fragmented([]) + run)).duration == 2.0


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (plain_movie()[:-1], "it is cut off: it has 893 bytes, and its moov box alone ends at byte 894"),
        (box(b"ftyp", b"isom") + box(b"moov") + word(5000) + b"mdat", "it is cut off: it has 28 bytes, and its mdat"),
        (
            box(b"ftyp", b"isom") + box(b"mdat", bytes(9)),
            "it has no moov box: the recording or the upload was not finished",
        ),
        (box(b"ftyp", b"isom") + word(3) + b"moov", "the size of its box at byte 12 is impossible"),
        (box(b"ftyp", b"isom") + word(1) + b"mdat" + word(2**63, 8), "it is cut off"),
        (
            box(b"ftyp", b"isom") + box(b"moov", word(99) + b"trak"),
            "its trak box is larger than the moov box around it",
        ),
        (box(b"ftyp", b"isom") + box(b"free") * (MOST_BOXES + 1), "it has more than 20,000 boxes"),
    ],
)
def test_a_broken_video_says_what_is_broken(tmp_path: Path, body: bytes, what: str) -> None:
    assert any(what in said for said in errors(check(written(tmp_path, body))))


def test_pieces_that_lie_behind_the_end_mean_that_the_file_is_cut_off(tmp_path: Path) -> None:
    body = plain_movie().replace(box(b"stco", words(0, 1, 32)), box(b"stco", words(0, 1, 1000)))
    assert "its last pictures or sounds lie behind its end" in errors(check(written(tmp_path, body)))[0]


def test_a_video_without_pictures_is_an_error(tmp_path: Path) -> None:
    assert errors(check(written(tmp_path, movie(SOUND)))) == ["the video has no picture track"]


def test_tables_of_more_than_64_megabytes_are_not_read(tmp_path: Path) -> None:
    path = written(tmp_path, box(b"ftyp", b"isom") + box(b"moov", bytes(8))[:8])
    huge = 70 * 2**20
    with path.open("r+b") as file:
        file.seek(12)
        file.write(word(huge + 16) + b"moov" + word(huge + 8) + b"mvhd")
        file.truncate(12 + huge + 16)
    assert "its tables take more than 64 MiB" in errors(check(path))[0]


def test_more_than_4_gigabytes_are_too_many(tmp_path: Path) -> None:
    body = plain_movie()
    path = written(tmp_path, body + word(1) + b"free" + word(4_000_000_001 - len(body), 8))
    with path.open("r+b") as file:
        file.truncate(4_000_000_001)
    from adopt.launch.media import videos
    from adopt.launch.media.kinds import MP4

    with path.open("rb") as file:
        found = videos.look(file, 4_000_000_001, MP4, deep=False)
    assert [problem.what for problem in found.problems] == ["the video has 4.0 GB"]


@given(body=st.binary(max_size=400), brand=st.sampled_from([b"isom", b"qt  ", b"3gp4"]))
def test_rubbish_behind_a_good_beginning_is_an_error(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, brand: bytes
) -> None:
    path = written(tmp_path_factory.getbasetemp(), box(b"ftyp", brand) + body, "rubbish.mp4")
    assert check(path).level == "error"


SAMPLES = [plain_movie(), fragmented([box(b"trun", words(0x301, 3, 0), words(40, 9, 40, 9, 20, 9))] * 3, each=50)]


@given(
    body=st.sampled_from(SAMPLES),
    changes=st.lists(st.tuples(st.integers(0, 2000), st.sampled_from([0, 1, 2, 127, 128, 255])), max_size=12),
    cut=st.integers(0, 2000),
)
def test_a_mutated_video_never_escapes(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    mutated = bytearray(body)
    for place, value in changes:
        mutated[place % len(mutated)] = value
    path = written(tmp_path_factory.getbasetemp(), bytes(mutated[: max(cut, len(mutated) - cut)]), "mutated.mp4")
    found = check(path, ["feed"])
    assert found.bytes == path.stat().st_size
    assert found.duration is None or found.duration >= 0


# What FFmpeg makes and says is the independent oracle from here on.


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", {}),
        ("a.mov", {}),
        ("odd.mp4", {"width": 318, "height": 566, "rate": 30}),
        ("mute.mp4", {"sound": None}),
        ("fast.mp4", {"movflags": "faststart"}),
        ("part.mp4", {"movflags": "frag_keyframe+empty_moov+default_base_moof", "seconds": 5}),
        ("dash.mp4", {"movflags": "dash+frag_every_frame", "seconds": 1}),
        ("old.mp4", {"codec": "mpeg4"}),
        ("mp3.mp4", {"sound": "mp3"}),
    ],
)
def test_the_box_reader_sees_what_ffmpeg_sees(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    av = pytest.importorskip("av")
    path = clip(tmp_path / name, **options)
    found = check(path)
    with av.open(path) as container:
        video = container.streams.video[0]
        sound = container.streams.audio[0].codec_context.codec.canonical_name if container.streams.audio else None
        names = {"h264": "H.264", "mpeg4": "MPEG-4", "aac": "AAC", "mp3": "MP3", None: None}
        assert (found.width, found.height) == (video.width, video.height)
        assert (found.codec, found.audio) == (names[video.codec_context.codec.canonical_name], names[sound])
        assert found.fps == pytest.approx(float(video.average_rate), rel=0.01)
        assert found.duration == pytest.approx(container.duration / 1e6, abs=0.1)
    assert errors(found) == []


@pytest.mark.parametrize(("turn", "shown"), [(90, (400, 320)), (180, (320, 400)), (270, (400, 320))])
def test_a_real_video_turned_has_its_size_as_shown(tmp_path: Path, turn: int, shown: tuple[int, int]) -> None:
    av = pytest.importorskip("av")
    path = clip(tmp_path / "a.mp4", turn=turn)
    with av.open(path) as container:
        assert abs(next(container.decode(video=0)).rotation) in (turn, 360 - turn)
    found = check(path)
    assert (found.width, found.height) == shown


@pytest.mark.parametrize(
    ("name", "options", "codec", "sound", "level"),
    [
        ("a.webm", {"codec": "libvpx", "sound": "libopus"}, "VP8", "Opus", "error"),
        ("a.mkv", {}, "H.264", "AAC", "warning"),
        ("a.avi", {"codec": "mpeg4", "sound": "mp3"}, "MPEG-4", "MP3", "warning"),
    ],
)
def test_other_containers_are_looked_into_by_ffmpeg(
    tmp_path: Path, name: str, options: dict[str, Any], codec: str, sound: str, level: str
) -> None:
    pytest.importorskip("av")
    found = check(clip(tmp_path / name, **options))
    assert (found.codec, found.audio, found.width, found.height, found.fps) == (codec, sound, 320, 400, 25.0)
    assert found.duration == pytest.approx(2, abs=0.1)
    assert found.level == level


def test_every_frame_is_decoded_only_if_asked(tmp_path: Path) -> None:
    pytest.importorskip("av")
    path = clip(tmp_path / "a.mp4", movflags="faststart", seconds=4)
    assert errors(check(path, deep=True)) == []
    body = path.read_bytes()
    start = body.index(b"mdat") + 4
    damaged = written(tmp_path, body[:start] + b"\xff" * (len(body) - start), "damaged.mp4")
    assert errors(check(damaged)) == []
    assert len(errors(check(damaged, deep=True))) == 1


def test_a_trimmed_video_is_sound(tmp_path: Path) -> None:
    pytest.importorskip("av")
    body = clip(tmp_path / "a.mp4", seconds=4).read_bytes()
    at = body.index(b"elst") + 12
    trimmed = written(tmp_path, body[:at] + words(1000) + body[at + 4 :], "trimmed.mp4")
    assert errors(check(trimmed, deep=True)) == []


@given(share=st.floats(0.01, 0.99))
def test_a_real_video_cut_off_anywhere_is_an_error(tmp_path_factory: pytest.TempPathFactory, share: float) -> None:
    pytest.importorskip("av")
    folder = tmp_path_factory.getbasetemp()
    path = folder / "whole.mp4"
    body = path.read_bytes() if path.exists() else clip(path, movflags="faststart", seconds=1).read_bytes()
    assert check(written(folder, body[: int(len(body) * share)], "cut.mp4")).level == "error"


@given(
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=20),
    name=st.sampled_from(["a.mkv", "b.avi"]),
)
@example(changes=[(0.06191261812416956, 0)], name="b.avi")  # a picture track without any codec
def test_a_mutated_file_for_ffmpeg_never_escapes(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[float, int]], name: str
) -> None:
    pytest.importorskip("av")
    folder = tmp_path_factory.getbasetemp()
    codec = "libx264" if name == "a.mkv" else "mpeg4"
    body = bytearray(
        (folder / name if (folder / name).exists() else clip(folder / name, codec=codec, seconds=1)).read_bytes()
    )
    for share, value in changes:
        body[int(share**2 * len(body))] = value
    found = check(written(folder, bytes(body), f"mutated-{name}"))
    assert found.bytes == len(body)
