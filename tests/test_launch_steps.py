"""The steps of a launch: each after what it needs, activation last and from below."""

from pathlib import Path

import pytest
from launches import drawn, filmed, launch

from adopt.launch.steps import Step, steps_of
from adopt.launch.tree import Launch, needs


@pytest.fixture
def whole(tmp_path: Path) -> Launch:
    return launch("act_1", (drawn(tmp_path), filmed(tmp_path)), ad_sets=2, ads=2, active=True)


def names(steps: tuple[Step, ...]) -> list[str]:
    return [step.name for step in steps]


def test_a_launch_is_made_from_its_files_up_and_set_active_from_below(whole: Launch) -> None:
    image, video = whole.media
    assert names(steps_of(whole)) == [
        image.key,
        video.key,
        f"{video.key}.ready",
        f"thumbnail.{video.sha256[:12]}",
        "page",
        *("creative.1", "creative.2", "campaign", "adset.1", "adset.2"),
        *("ad.1.1", "ad.1.2", "ad.2.1", "ad.2.2"),
        *("ad.1.1.active", "ad.1.2.active", "ad.2.1.active", "ad.2.2.active"),
        *("adset.1.active", "adset.2.active", "campaign.active"),
    ]


def test_every_step_comes_after_what_it_needs_and_has_a_name_of_its_own(whole: Launch) -> None:
    known: set[str] = set()
    for step in steps_of(whole):
        assert needs(step.params) <= known
        known.add(step.key)
    assert len(set(names(steps_of(whole)))) == len(steps_of(whole))


def test_a_paused_launch_sets_nothing_active_and_asks_only_for_what_it_shows(tmp_path: Path) -> None:
    steps = steps_of(launch("act_1", (drawn(tmp_path),), ad_sets=1, ads=1))
    assert [step.does for step in steps] == ["upload", "page", "create", "create", "create", "create"]
