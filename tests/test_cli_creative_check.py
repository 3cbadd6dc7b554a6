"""`adopt creative check FILE...`, as a person and a program call it."""

import json
import os
import resource
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from cli_program import adopt, environment_of, on_terminal
from media_files import picture, plain_movie

from adopt.cli.run import run

MEMORY = 1200 * 2**20  # bytes of address space that a check may take, the interpreter and its libraries included


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    folder = tmp_path / "assets"
    (folder / "more").mkdir(parents=True)
    picture(folder / "feed.jpg")
    picture(folder / "more" / "tall.png", 1080, 1920, form="PNG")
    (folder / "teaser.mp4").write_bytes(plain_movie())
    (folder / "notes.txt").write_text("for later", encoding="utf-8")
    (folder / ".hidden.jpg").write_bytes(b"")
    return folder


def test_json_is_the_bare_array(assets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["creative", "check", str(assets), "-o", "json"]) == 0
    out, err = capfd.readouterr()
    assert [(Path(one["path"]).name, one["kind"], one["fits"], one["problems"]) for one in json.loads(out)] == [
        ("feed.jpg", "image", ["feed", "audience_network"], []),
        ("tall.png", "image", ["story", "reel", "audience_network"], []),
        ("teaser.mp4", "video", ["feed", "audience_network"], []),
    ]
    assert err == "1 other file left out: neither pictures nor videos by their names\n"


def test_a_person_sees_what_each_file_is_and_what_is_wrong(assets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files = [str(assets / name) for name in ("teaser.mp4", "more/tall.png")]
    assert run(["creative", "check", *files, "--placement", "feed"]) == 2
    titles, video, image, problem, total = capfd.readouterr().out.splitlines()
    assert titles.split() == ["verdict", "file", "what", "it", "is", "size", "fits"]
    assert video.split() == [
        "fine", files[0], "MP4", "H.264", "1080x1350", "(4:5)", "10", "s", "25", "fps", "AAC", "0.9", "kB", "feed"
    ]  # fmt: skip
    assert image.split()[:5] == ["error", files[1], "PNG", "1080x1920", "(9:16)"]
    assert problem.strip() == (
        "error: feed does not show 1080x1920 (9:16) whole; wanted: 4:5 or 1:1, such as 1080x1350 or 1080x1080, up to 1.91:1"  # noqa: E501 # as it is said
    )
    assert total == "2 checked: 1 with errors"


def test_the_same_file_twice_is_told(assets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (assets / "copy.jpg").write_bytes((assets / "feed.jpg").read_bytes())
    assert run(["creative", "check", str(assets / "*.jpg"), str(assets / "feed.jpg")]) == 0
    out = capfd.readouterr().out
    assert (
        f"the same file: {assets}/copy.jpg, {assets}/feed.jpg; it is uploaded once\n2 checked: nothing is wrong" in out
    )


@pytest.mark.parametrize(("output", "lines"), [("jsonl", 3), ("csv", 4), ("plain", 3)])
def test_other_formats_have_a_line_a_file(
    assets: Path, output: str, lines: int, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["creative", "check", str(assets), "-o", output, "-q"]) == 0
    assert len(capfd.readouterr().out.splitlines()) == lines


def test_quiet_tells_only_of_errors(assets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["creative", "check", str(assets), "-q"]) == 0
    assert capfd.readouterr() == ("", "")
    assert run(["creative", "check", str(assets / "feed.jpg"), "-q", "--placement", "right_column"]) == 2
    out, err = capfd.readouterr()
    assert (out, err.startswith(f"warning: {assets}/feed.jpg: error: right_column does not show 1080x1350")) == (
        "",
        True,
    )


@pytest.mark.parametrize(
    ("words", "said", "advice"),
    [
        (["nothing.jpg"], "error: nothing is called nothing.jpg", "try: a picture, a video, or a folder of them"),
        (["no*.jpg"], "error: nothing is called no*.jpg", "try: a picture, a video, or a folder of them"),
        (["{more}"], "error: {more} holds neither pictures nor videos", "try: a picture, a video, or a folder of them"),
        (["{file}", "--placement", "stry"], "error: there is no placement 'stry'; there are", "try: --placement story"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked_is_said_at_once(
    assets: Path, words: list[str], said: str, advice: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (assets / "more" / "tall.png").unlink()
    names = {"more": str(assets / "more"), "file": str(assets / "feed.jpg")}
    assert run(["creative", "check", *(word.format(**names) for word in words)]) == 2
    first, second = capfd.readouterr().err.splitlines()
    assert first.startswith(said.format(**names))
    assert second == advice


def test_a_file_that_cannot_be_read_does_not_stop_the_others(assets: Path, capfd: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(assets / "pipe.jpg")
    assert run(["creative", "check", str(assets / "*.jpg"), "-o", "json"]) == 2
    found = {Path(one["path"]).name: one["problems"] for one in json.loads(capfd.readouterr().out)}
    assert found["feed.jpg"] == []
    assert found["pipe.jpg"][0]["what"] == f"{assets}/pipe.jpg is no file"


def test_a_terminal_shows_the_table_within_its_width(tmp_path: Path, assets: Path) -> None:
    code, shown = on_terminal(tmp_path, "creative", "check", str(assets), NO_COLOR="1")
    assert code == 0
    assert max(map(len, shown.splitlines())) <= 80
    assert "3 checked: nothing is wrong" in shown


def test_without_pyav_a_sentence_says_what_to_install(tmp_path: Path, assets: Path) -> None:
    (assets / "a.webm").write_bytes(b"\x1a\x45\xdf\xa3\x93\x42\x82\x88webm")
    code = "import sys; sys.modules['av'] = None\nimport adopt.__main__ as program\nsys.exit(program.main())"
    for words in (["--deep"], []):
        done = subprocess.run(
            [sys.executable, "-c", code, "creative", "check", str(assets / "a.webm"), *words],
            env=environment_of(tmp_path), capture_output=True, check=False, timeout=60, text=True,
        )  # fmt: skip
        assert done.returncode == 2
        assert "needs PyAV, which is not installed" in done.stdout + done.stderr
        assert "pip install 'adopt[media]'" in done.stdout + done.stderr


def png(width: int, height: int, rows: int) -> bytes:
    """A picture that is small as a file and large in memory, of which so many rows are there."""
    packed = zlib.compress(bytes((width * 4 + 1) * rows), 9)
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


def test_hostile_files_are_checked_within_bounded_memory(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png(8000, 8000, 2000))
    (tmp_path / "huge.png").write_bytes(png(60_000, 60_000, 100))
    (tmp_path / "sparse.mp4").write_bytes(
        b"\0\0\0\x0cftypisom" + struct.pack(">I", 2**31) + b"moov" + b"\x7f\xff\xff\xf0mvhd"
    )
    os.truncate(tmp_path / "sparse.mp4", 2**31 + 12)
    (tmp_path / "text.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xf0tEXt" + bytes(100))
    done = subprocess.run(
        [sys.executable, "-m", "adopt", "creative", "check", str(tmp_path / "*.*"), "-o", "json"],
        env={**environment_of(tmp_path), "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),  # no threads here
        capture_output=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 2, done.stderr
    found = {
        Path(one["path"]).name: [problem["what"] for problem in one["problems"]] for one in json.loads(done.stdout)
    }
    assert found["huge.png"] == ["the picture has hundreds of megapixels"]
    assert found["bomb.png"] == ["parts of it are transparent: Meta fills them with one colour"]
    assert found["sparse.mp4"] == ["the video cannot be read: its tables take more than 64 MiB"]
    assert len(found["text.png"]) == 1


def test_help_shows_examples(tmp_path: Path) -> None:
    assert "adopt creative check assets/ --placement feed,story" in adopt(tmp_path, "creative", "check", "--help").out
