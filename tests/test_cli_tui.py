"""`adopt tui` as a person starts it."""

import subprocess
import sys
from pathlib import Path

from cli_program import adopt, environment_of, on_terminal


def test_without_a_terminal_it_says_what_to_use_instead(tmp_path: Path) -> None:
    ran = adopt(tmp_path, "tui")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: the dashboard needs a terminal\ntry: adopt status, or adopt log -f\n"


def test_the_demo_starts_shows_an_account_and_leaves_nothing_behind(tmp_path: Path) -> None:
    spot = tmp_path / "tmp"
    spot.mkdir()
    code, screen = on_terminal(
        tmp_path, "tui", "--demo", keys="q", after="Fernhill", TMPDIR=str(spot), ADOPT_NO_AUTOSTART="1"
    )
    assert code == 0, screen[-2000:]
    assert [*spot.glob("adopt-tui-*"), *spot.rglob("*.sock")] == []
    assert [one for one in Path("/proc").glob("[0-9]*/environ") if f"={spot}/".encode() in environ(one)] == []


def environ(path: Path) -> bytes:
    """What a process was started with; nothing where it has just ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_without_colours_nothing_is_lost(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_tui_rows import Listing, rows\n"
        "async def run():\n"
        "    app = Listing(rows(3))\n"
        "    async with app.run_test(size=(60, 10)) as pilot:\n"
        "        await pilot.pause()\n"
        "        strips = app.screen._compositor.render_strips()\n"
        "        colors = {segment.style.color for strip in strips for segment in strip if segment.style}\n"
        "        shades = {tuple(color.triplet) for color in colors if color and color.triplet}\n"
        "        print(sorted({len(set(shade)) for shade in shades}))\n"
        "        print('ad set 00001' in ' '.join(strip.text for strip in strips))\n"
        "asyncio.run(run())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment_of(tmp_path, NO_COLOR="1"), capture_output=True, check=True
    )
    assert done.stdout.decode().splitlines() == ["[1]", "True"]
