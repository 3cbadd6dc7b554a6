"""A short soak: command lines, streams, kills and a deleted socket, all at random."""

from pathlib import Path

from bench.soak import soak


def test_some_seconds_of_everything_leave_nothing_wrong(tmp_path: Path) -> None:
    told: list[str] = []
    assert soak(tmp_path, 10.0, 3, told.append) == []
    assert told
