"""Streams of events: nothing is left out or told twice, whoever comes when, and who is too slow has to come back."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from adopt.daemon.feed import Feed, encoded
from adopt.model import Activity, Event, Hold
from adopt.operations.holding import press
from adopt.store import activity, queue
from adopt.store.database import Store, open_store, transaction
from adopt.store.queue import Order

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
COUNT = 300


@pytest.fixture
def opener(tmp_path: Path) -> Callable[[], Store]:
    return partial(open_store, tmp_path / "adopt.db")


@pytest.fixture
def feed(opener: Callable[[], Store]) -> Iterator[Feed]:
    found = Feed(opener, print)
    found.start()
    yield found
    found.stop()


def write(opener: Callable[[], Store], count: int, account: str = "act_1") -> None:
    with opener() as store:
        for number in range(count):
            activity.append(store, NOW, account, "note", "info", str(number))


def write_at_once(opener: Callable[[], Store], count: int) -> None:
    with opener() as store, transaction(store):
        for number in range(count):
            activity.append(store, NOW, "act_1", "note", "info", str(number))


def event(piece: bytes) -> Event | None:
    """The event of a piece of a stream."""
    lines = [line for line in piece.splitlines() if line.startswith(b"data: ")]
    return msgspec.json.decode(lines[0][6:], type=Event) if lines else None


async def heard(stream: AsyncIterator[bytes], many: int) -> list[Event]:
    """So many entries of the log, and what else comes between."""
    found: list[Event] = []
    async with asyncio.timeout(30):
        async for piece in stream:
            if one := event(piece):
                found.append(one)
            if sum(one.kind == "activity" for one in found) >= many:
                break
    return found


def cursors(events: list[Event]) -> list[int]:
    return [one.cursor for one in events if one.kind == "activity"]


def test_whoever_comes_while_much_happens_hears_all_of_it_once(feed: Feed, opener: Callable[[], Store]) -> None:
    async def come(late_s: float) -> list[int]:
        await asyncio.sleep(late_s)
        return cursors(await heard(feed.stream("act_1", 0), COUNT))

    async def listen() -> list[list[int]]:
        return await asyncio.gather(*(come(late / 20) for late in range(12)))

    writer = Thread(target=write, args=[opener, COUNT])
    writer.start()
    found = asyncio.run(listen())
    writer.join()
    assert found == [list(range(1, COUNT + 1))] * 12


def test_a_stream_goes_on_behind_its_cursor_and_is_of_one_account(feed: Feed, opener: Callable[[], Store]) -> None:
    for account in ("act_1", "act_2", "", "act_1"):
        write(opener, 1, account)
    assert cursors(asyncio.run(heard(feed.stream("act_1", 0), 3))) == [1, 3, 4]
    assert cursors(asyncio.run(heard(feed.stream("act_1", 1), 2))) == [3, 4]
    assert cursors(asyncio.run(heard(feed.stream("act_2", 0), 2))) == [2, 3]


def test_a_stream_begins_with_how_things_stand_and_tells_what_changes(feed: Feed, opener: Callable[[], Store]) -> None:
    with opener() as store:
        press(store, "a sale", NOW, on=True)
        job, _ = queue.enqueue(store, Order(key="k", kind="poll", lane="act_1", name="n", payload=b""), lambda: NOW)

        async def listen() -> list[Event]:
            stream = feed.stream("act_1", None)
            found = [one async for one in _some(stream, 2)]
            press(store, "", NOW, on=False)
            queue.cancel(store, job.id, lambda: NOW)
            return [*found, *[one async for one in _some(stream, 3)]]

        first, second, *later = asyncio.run(listen())
    assert (first.kind, first.hold) == ("hold", Hold(at=NOW, reason="a sale"))
    assert (second.kind, second.job) == ("job", job)
    states = {one.kind: one for one in later}
    assert states["hold"].hold is None
    assert states["job"].job
    assert states["job"].job.state == "cancelled"


async def _some(stream: AsyncIterator[bytes], many: int) -> AsyncIterator[Event]:
    """So many events of a stream that stays open."""
    async with asyncio.timeout(30):
        while many and (piece := await anext(stream)):
            if one := event(piece):
                many -= 1
                yield one


def test_streams_end_with_the_feed(feed: Feed) -> None:
    async def listen() -> bytes:
        last = b""
        asyncio.get_running_loop().call_later(0.5, feed.stop)
        async with asyncio.timeout(10):
            async for piece in feed.stream("act_1", None):
                last = piece
        return last

    assert asyncio.run(listen()) == b"retry: 500\n\n"


def test_who_does_not_read_is_sent_away(feed: Feed, opener: Callable[[], Store]) -> None:
    async def dawdle() -> int:
        stream, count = feed.stream("act_1", 0), 0
        await anext(stream)
        await anext(stream)
        for _ in range(3):
            await asyncio.to_thread(write_at_once, opener, 900)
            await asyncio.sleep(0.5)
        async with asyncio.timeout(10):
            async for _ in stream:
                count += 1
        return count

    write(opener, 1)
    assert asyncio.run(dawdle()) < 2700


def test_only_the_log_has_ids_to_go_on_behind() -> None:
    entry = Activity(id=7, at=NOW, account="", kind="note", level="info", text="one\ntwo")
    piece = encoded(Event(cursor=7, kind="activity", activity=entry))
    assert piece.startswith(b"id: 7\nevent: activity\ndata: {")
    assert piece.endswith(b"}\n\n")
    assert piece.count(b"\n") == 4
    assert encoded(Event(cursor=7, kind="hold")).startswith(b"event: hold\n")


def test_nothing_is_looked_at_while_nobody_listens(feed: Feed, opener: Callable[[], Store]) -> None:
    write(opener, 1)
    asyncio.run(heard(feed.stream("act_1", 0), 1))
    deadline = time.monotonic() + 10
    while feed.is_looking and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not feed.is_looking
    assert cursors(asyncio.run(heard(feed.stream("act_1", 0), 1))) == [1]
