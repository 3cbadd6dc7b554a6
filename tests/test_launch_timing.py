"""When launches start and end on the days on which clocks change: golden moments from the zones' published rules."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from launch_specs import KNOWN, spoilt
from msgspec.structs import replace

from adopt.launch import timing
from adopt.launch.checking import check
from adopt.launch.starting import start


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# In Berlin clocks go forward on 2027-03-28 at 01:00 UTC and back on 2026-10-25; in Sao Paulo they went forward at
# midnight of 2018-11-04, which had none, and back at midnight of 2019-02-17, so that the 16th had it twice; in
# Santiago they go forward at midnight of 2026-09-06.
@pytest.mark.parametrize(
    ("zone", "now", "said", "wanted"),
    [
        ("Europe/Berlin", "2027-03-27T12:00", "midnight", "2027-03-27T23:00"),
        ("Europe/Berlin", "2027-03-28T12:00", "midnight", "2027-03-28T22:00"),
        ("Europe/Berlin", "2026-10-24T12:00", "midnight", "2026-10-24T22:00"),
        ("Europe/Berlin", "2026-10-25T12:00", "midnight", "2026-10-25T23:00"),
        ("Europe/Berlin", "2027-03-27T12:00", time(2, 30), "2027-03-28T01:30"),  # not there: it is 03:30
        ("Europe/Berlin", "2026-10-24T12:00", time(2, 30), "2026-10-25T00:30"),  # there twice: the first
        ("Europe/Berlin", "2026-10-25T00:45", time(2, 30), "2026-10-26T01:30"),  # the first is over
        ("America/Sao_Paulo", "2018-11-03T12:00", "midnight", "2018-11-04T03:00"),
        ("America/Sao_Paulo", "2018-11-04T12:00", "midnight", "2018-11-05T02:00"),
        ("America/Sao_Paulo", "2019-02-16T12:00", "midnight", "2019-02-17T03:00"),
        ("America/Sao_Paulo", "2018-11-01T12:00", date(2018, 11, 4), "2018-11-04T03:00"),
        ("America/Santiago", "2026-09-05T12:00", "midnight", "2026-09-06T04:00"),
        ("America/Santiago", "2026-04-04T12:00", "midnight", "2026-04-05T04:00"),
    ],
)
def test_a_start_is_the_moment_that_the_account_s_clocks_show(zone: str, now: str, said: Any, wanted: str) -> None:
    found = timing.starts(said, utc(now), ZoneInfo(zone))
    assert found is not None
    assert found.astimezone(UTC) == utc(wanted)


@pytest.mark.parametrize(
    ("zone", "day", "wanted"),
    [
        ("Europe/Berlin", date(2027, 3, 28), "2027-03-28T22:00"),
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-25T23:00"),
        ("America/Sao_Paulo", date(2018, 11, 3), "2018-11-04T03:00"),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-05T02:00"),
        ("America/Sao_Paulo", date(2019, 2, 16), "2019-02-17T03:00"),
    ],
)
def test_a_last_day_ends_when_its_last_hour_does(zone: str, day: date, wanted: str) -> None:
    found = timing.ends(day, ZoneInfo(zone))
    assert found is not None
    assert found.astimezone(UTC) == utc(wanted)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2027, 3, 28), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Europe/Berlin", date(2026, 12, 24), 24),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("America/Sao_Paulo", date(2019, 2, 16), 25),
    ],
)
def test_a_day_is_as_long_as_it_is(zone: str, day: date, hours: int) -> None:
    assert timing.length(day, day, utc("2018-01-01T00:00"), ZoneInfo(zone)) == timedelta(hours=hours)


@pytest.mark.parametrize(("day", "said"), [("2027-03-28", ["it runs for less than a day"]), ("2026-12-24", [])])
def test_the_day_of_23_hours_is_too_short_for_meta(tmp_path: Path, day: str, said: list[str]) -> None:
    start(tmp_path)
    text = spoilt('daily_budget = "30.00"', f'daily_budget = "30.00"\nstart = "{day}"\nend = "{day}"')
    (tmp_path / "spec.toml").write_text(text)
    berlin = replace(KNOWN, account=replace(KNOWN.account, timezone="Europe/Berlin"))
    report = check(tmp_path / "spec.toml", utc("2026-11-24T15:30"), berlin)
    assert [one.what for one in report.problems] == said
