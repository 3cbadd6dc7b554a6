"""`adopt launch check` and `init`, as a person and a program call them, on a machine without network or sign-in."""

import json
from pathlib import Path

import pytest
from cli_program import adopt
from launch_specs import GOOD, checked, spoilt
from media_files import picture

from adopt.launch.starting import NAMES, start
from adopt.launch.tree import made


def test_init_writes_one_launch_that_passes_its_check_without_an_account(tmp_path: Path) -> None:
    folder = tmp_path / "autumn" / "one"
    ran = adopt(tmp_path, "launch", "init", str(folder))
    assert (ran.code, ran.err) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    assert all(path.stat().st_size < 30_000 for path in folder.iterdir())
    assert ran.out.splitlines()[-1] == f"next: adopt launch check {folder / 'launch.toml'}"
    shown = adopt(tmp_path, "launch", "check", str(folder / "launch.toml"))
    assert (shown.code, shown.err) == (0, "")
    assert "1 campaign, 2 ad sets, 4 ads, 2 files, paused; it could spend 40.00 a day" in shown.out
    assert shown.out.splitlines()[-1].startswith("Only the ad account could tell (no ad account is set): ")


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"mine")
    ran = adopt(tmp_path, "launch", "init", str(tmp_path))
    assert ran.code == 2
    assert ran.err.startswith(f"error: {tmp_path / 'clip.mp4'} is there already, and nothing was written")
    assert (tmp_path / "clip.mp4").read_bytes() == b"mine"
    assert not (tmp_path / "launch.toml").exists()


def test_json_says_what_would_be_made_and_spent(tmp_path: Path) -> None:
    start(tmp_path)
    (tmp_path / "spec.toml").write_text(GOOD, encoding="utf-8")
    found = json.loads(adopt(tmp_path, "launch", "check", str(tmp_path / "spec.toml"), "-o", "json").out)
    wanted = {
        "campaigns": 1, "adsets": 2, "ads": 4, "daily_budget": 6000, "lifetime_budget": 0, "currency": None,
        "status": "PAUSED", "problems": [],
    }  # fmt: skip
    assert {name: found[name] for name in wanted} == wanted
    assert [one["key"] for one in found["launch"]["campaign"]["adsets"]] == ["adset.1", "adset.2"]


def test_errors_are_told_to_a_person_and_to_a_program(tmp_path: Path) -> None:
    start(tmp_path)
    path = tmp_path / "spec.toml"
    path.write_text(spoilt('objective = "sales"', 'objective = "sails"'), encoding="utf-8")
    said = (
        "'sails' is not known here; allowed: sales? One of: awareness, traffic, engagement, leads, app_promotion, sales"
    )
    ran = adopt(tmp_path, "launch", "check", str(path))
    assert (ran.code, ran.err) == (2, "")
    assert ran.out.splitlines() == [
        f"error: {path}:7: campaign.objective: {said}",
        "1 error; nothing would be launched",
    ]
    ran = adopt(tmp_path, "launch", "check", str(path), "-o", "json")
    assert ran.code == 2
    assert [(one["line"], one["key"]) for one in json.loads(ran.out)["problems"]] == [(7, "campaign.objective")]


def test_a_broken_file_is_one_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "spec.toml"
    path.write_text("[campaign\n", encoding="utf-8")
    ran = adopt(tmp_path, "launch", "check", str(path), "-o", "json")
    assert (ran.code, ran.out) == (2, "")
    assert json.loads(ran.err)["error"]["message"].startswith(f"{path}:1: this is no TOML: ")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    ran = adopt(tmp_path, "launch", "check", str(tmp_path / "no.toml"))
    assert ran.code == 2
    assert ran.err.splitlines()[0] == f"error: there is no file {tmp_path / 'no.toml'}"


DYNAMIC = """[[creative]]
name = "Choice"
images = ["picture.png", "red.png"]
texts = ["Now in blue", "Blue at last"]
headlines = ["Blue"]
"""


def dynamic(old: str = "", new: str = "") -> str:
    """The good spec with one creative for Meta to put together."""
    assert old in DYNAMIC
    return GOOD[: GOOD.index("[[creative]]")] + DYNAMIC.replace(old, new)


def test_pictures_and_words_to_choose_from_are_a_dynamic_creative(tmp_path: Path) -> None:
    picture(tmp_path / "red.png", 1080, 1350, form="PNG")
    report = checked(tmp_path, dynamic())
    assert report.problems == ()
    assert report.launch is not None
    feed = report.launch.creatives[0].params["asset_feed_spec"]
    assert [one["text"] for one in feed["bodies"]] == ["Now in blue", "Blue at last"]
    assert [one["hash"] for one in feed["images"]] == [made(one.key) for one in report.launch.media]
    assert feed["link_urls"] == [{"website_url": "https://shop.example/"}]
    assert all(one.params["is_dynamic_creative"] for one in report.launch.campaign.adsets)
    assert [len(one.ads) for one in report.launch.campaign.adsets] == [1, 1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('images = ["picture.png", "red.png"]', 'image = "picture.png"', "only images has lists beside it"),
        ('["Now in blue", "Blue at last"]', f"{list('abcdef')}", "6 of them"),
        ('["Blue"]', f"['{'x' * 256}']", "256 characters"),
        ("[[creative]]", '[[creative]]\nname = "One"\nimage = "red.png"\n\n[[creative]]', "the only one of its ad set"),
    ],
)
def test_lists_are_held_to_metas_limits(tmp_path: Path, old: str, new: str, said: str) -> None:
    picture(tmp_path / "red.png", 1080, 1350, form="PNG")
    assert any(said in one.what for one in checked(tmp_path, dynamic(old, new)).problems)


def test_a_file_is_checked_for_the_placements_of_the_ad_sets_that_show_it(tmp_path: Path) -> None:
    tall, wide = (
        picture(tmp_path / "tall.png", 1080, 1920, form="PNG"),
        picture(tmp_path / "wide.png", 1200, 628, form="PNG"),
    )
    text = spoilt(
        """[[audience]]
name = "Broad"
""",
        """[[audience]]
name = "Broad"
placements = ["right_column"]
creatives = ["Blue"]
""",
    )
    text = text.replace('ages = "25-44"', 'placements = ["story"]\ncreatives = ["Clip"]')
    text = text.replace('image = "picture.png"', f'image = "{wide.name}"').replace(
        'video = "clip.mp4"', f'image = "{tall.name}"'
    )
    assert checked(tmp_path, text).problems == ()
    both = checked(tmp_path, text.replace('creatives = ["Clip"]', 'creatives = ["Clip", "Blue"]'))
    assert [(one.level, one.what) for one in both.problems] == [
        ("warning", "wide.png: story shows 1200x628 (1.91:1) with a coloured border")
    ]
