"""The red button, and the last look."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adopt.model import Hold
from adopt.store.database import Store, open_store
from adopt.store.hold import hold, set_hold
from adopt.store.looks import look, looked

NOW = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "adopt.db") as opened:
        yield opened


def test_nothing_is_held_until_the_button_is_pressed(store: Store) -> None:
    assert hold(store) is None
    assert set_hold(store, True, "lunch", NOW) == hold(store) == Hold(reason="lunch", at=NOW)
    assert set_hold(store, False, "", NOW) is hold(store) is None


def test_pressed_again_it_keeps_the_first_reason(store: Store) -> None:
    first = set_hold(store, True, "lunch", NOW)
    assert set_hold(store, True, "again", NOW + timedelta(hours=1)) == first


def test_released_twice_it_is_released(store: Store) -> None:
    assert [set_hold(store, False, "", NOW) for _ in range(2)] == [None, None]


def test_the_last_look_is_the_accounts_own(store: Store) -> None:
    assert looked(store, "act_1") is None
    for hour in (0, 4):
        look(store, "act_1", NOW + timedelta(hours=hour))
    assert (looked(store, "act_1"), looked(store, "act_2")) == (NOW + timedelta(hours=4), None)
