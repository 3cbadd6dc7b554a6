"""How the dashboard follows an account: events in, one fetch for many, and on again after a break."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Event as Flag
from threading import Thread
from typing import Any

from adopt.errors import Unreachable
from adopt.model import Activity, Event, Job, Overview, Series
from adopt.tui.live import Feed

NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Door:
    """An account that says what the test lets it."""

    def __init__(self) -> None:
        self.entries: list[Activity] = []
        self.is_gone = False
        self.fetches = 0
        self.asked_after: list[int | None] = []

    def happens(self, many: int = 1) -> None:
        start = len(self.entries) + 1
        self.entries += [
            Activity(id=n, at=NOW, account="act_1", kind="note", level="info", text=f"entry {n}")
            for n in range(start, start + many)
        ]

    def follow(self, after: int | None) -> Iterator[Event | None]:
        self.asked_after.append(after)
        told = after or 0
        while not self.is_gone:
            for entry in self.entries[told:]:
                told = entry.id
                yield Event(cursor=entry.id, kind="activity", activity=entry)
            yield None
            time.sleep(0.01)
        raise Unreachable("the daemon stopped")

    def log(self, cursor: int = 0, limit: int = 50) -> tuple[Activity, ...]:
        if self.is_gone:
            raise Unreachable("nobody answers")
        return tuple(self.entries[cursor:][:limit] if cursor else self.entries[-limit:])

    def overview(self) -> Overview:
        self.fetches += 1
        known: dict[str, Any] = dict.fromkeys(
            ("name", "currency", "timezone", "as_of", "goal", "week", "week_before", "plan", "plan_state", "hold")
        )
        figures = {"spend_today": 0, "daily_budget": 0, "confidence": 0.9, "plan_changes": 0}
        return Overview(account="act_1", rows=(), **known, **figures)

    def series(self, days: int, span: int) -> Series:
        del days
        return Series(currency=None, timezone=None, goal=None, confidence=0.9, span=span, days=(), marks=())

    def jobs(self, limit: int) -> tuple[Job, ...]:
        del limit
        return ()

    def tree(self) -> tuple[()]:
        return ()

    rule_counts = tree

    def daemon(self) -> None:
        return None


def followed(door: Door, story: Callable[[Feed], None]) -> None:
    feed = Feed(lambda: door)  # type: ignore[arg-type, return-value]
    thread = Thread(target=feed.run, daemon=True)
    thread.start()
    try:
        story(feed)
    finally:
        feed.close()
        thread.join(10)
        assert not thread.is_alive()


def wait(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        Flag().wait(0.01)


def test_what_happens_comes_in_and_what_it_bears_on_is_fetched_anew() -> None:
    door = Door()

    def story(feed: Feed) -> None:
        wait(lambda: feed.known.overview)
        door.happens()
        wait(lambda: [row.text for row in feed.known.activity] == ["entry 1"])
        feed.span(28)
        wait(lambda: feed.known.series and feed.known.series.span == 28)

    followed(door, story)


def test_a_flood_is_taken_whole_with_few_fetches() -> None:
    door = Door()
    door.happens()

    def story(feed: Feed) -> None:
        wait(lambda: feed.known.overview)
        fetched = door.fetches
        door.happens(900)
        wait(lambda: len(feed.known.activity) == 901)
        assert door.fetches - fetched < 10

    followed(door, story)


def test_a_door_that_goes_away_leaves_what_is_known_and_the_next_goes_on_without_a_gap() -> None:
    door = Door()
    door.happens(3)

    def story(feed: Feed) -> None:
        wait(lambda: len(feed.known.activity) == 3)
        door.is_gone = True
        wait(lambda: feed.known.trouble)
        assert len(feed.known.activity) == 3
        door.happens(2)
        door.is_gone = False
        wait(lambda: [row.id for row in feed.known.activity] == [1, 2, 3, 4, 5])
        assert feed.known.trouble == ""
        assert door.asked_after[-1] == 5

    followed(door, story)
