"""The moments to come that `--at` names, in the account's zone."""

from datetime import UTC, datetime

import pytest

from adopt.cli.coming import coming
from adopt.errors import Invalid

ZONE = "America/New_York"
NOW = datetime(2026, 10, 31, 14, 30, tzinfo=UTC)  # 10:30 there, a Saturday; the clocks go back in the night


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("11:00", "2026-10-31T15:00"),
        ("today 11:00", "2026-10-31T15:00"),
        ("9:00", "2026-11-01T14:00"),  # it is over today
        ("tomorrow 09:00", "2026-11-01T14:00"),
        ("Tomorrow 09:00", "2026-11-01T14:00"),
        ("tomorrow", "2026-11-01T04:00"),
        ("midnight", "2026-11-01T04:00"),
        ("tomorrow midnight", "2026-11-01T04:00"),
        ("2h", "2026-10-31T16:30"),
        ("2026-11-25", "2026-11-25T05:00"),
        ("2026-11-25T09:00", "2026-11-25T14:00"),
        ("2026-11-25 09:00+01:00", "2026-11-25T08:00"),
    ],
)
def test_a_moment_is_in_the_accounts_zone(text: str, utc: str) -> None:
    assert coming("--at", text, ZONE, NOW) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "25:00", "9:60", "noon", "2026-13-01", "tomorrow at nine"])
def test_what_is_no_moment_is_said(text: str) -> None:
    with pytest.raises(Invalid, match="no moment"):
        coming("--at", text, ZONE, NOW)


@pytest.mark.parametrize("text", ["today 09:00", "today", "2026-10-30", "2026-10-31T10:00"])
def test_what_is_over_is_said(text: str) -> None:
    with pytest.raises(Invalid, match="is over"):
        coming("--at", text, ZONE, NOW)
