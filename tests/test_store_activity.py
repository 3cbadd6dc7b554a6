"""The activity log only grows, and its cursor misses nothing."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen

import pytest
from store_child import NOTES, command

from adopt.model import Activity, Ref
from adopt.store import activity
from adopt.store.database import Store, open_store, transaction

NOW = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
REF = Ref(level="adset", id="238", name="Broad")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "adopt.db") as opened:
        yield opened


def note(store: Store, text: str, account: str = "act_1", kind: str = "note") -> int:
    return activity.append(store, NOW, account, kind, "info", text)


def test_an_activity_comes_back_whole(store: Store) -> None:
    id_ = activity.append(store, NOW, "act_1", "change", "warning", "Paused", REF, {"spend": 12, "of": ["a"]})
    assert activity.since(store, "act_1") == (
        Activity(
            id=id_,
            at=NOW,
            account="act_1",
            kind="change",
            level="warning",
            text="Paused",
            object=REF,
            data={"spend": 12, "of": ["a"]},
        ),
    )


def texts(found: tuple[Activity, ...]) -> list[str]:
    return [one.text for one in found]


def test_the_cursor_goes_on_where_it_was(store: Store) -> None:
    for text in "abcde":
        note(store, text)
    first = activity.since(store, "act_1", limit=2)
    assert texts(first) == ["a", "b"]
    assert texts(activity.since(store, "act_1", first[-1].id)) == ["c", "d", "e"]
    assert texts(activity.tail(store, "act_1", limit=2)) == ["d", "e"]


def test_kinds_are_chosen_among(store: Store) -> None:
    for kind in ("poll", "plan", "change"):
        note(store, kind, kind=kind)
    assert texts(activity.since(store, "act_1", kinds=("plan", "change"))) == ["plan", "change"]
    assert texts(activity.tail(store, "act_1", kinds=("poll",))) == ["poll"]
    assert activity.since(store, "act_1", kinds=()) == ()


def test_what_is_of_no_account_is_everybodys(store: Store) -> None:
    note(store, "mine")
    note(store, "yours", "act_2")
    note(store, "held", "")
    assert texts(activity.since(store, "act_1")) == ["mine", "held"]
    assert texts(activity.tail(store, "act_2")) == ["yours", "held"]


def test_an_id_never_comes_back_after_a_rollback_or_a_delete(store: Store) -> None:
    last = note(store, "a")
    store.run("DELETE FROM activity")
    with pytest.raises(ZeroDivisionError), transaction(store):
        note(store, str(1 // 0))
    assert note(store, "b") > last


def test_a_follower_of_the_cursor_misses_nothing_that_others_write(tmp_path: Path) -> None:
    path = tmp_path / "adopt.db"
    with open_store(path) as store, ExitStack() as stack:
        writers = [stack.enter_context(Popen(command("notes", path, number))) for number in range(3)]
        seen: list[str] = []
        cursor = 0
        while len(seen) < 3 * NOTES:
            found = activity.since(store, "act_1", cursor)
            seen += texts(found)
            cursor = found[-1].id if found else cursor
        assert [writer.wait() for writer in writers] == [0, 0, 0]
        assert sorted(seen) == sorted(f"{number}.{n}" for number in range(3) for n in range(NOTES))
