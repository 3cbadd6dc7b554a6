"""Moments to come, as an option names them."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from adopt.cli.session import seconds
from adopt.errors import Invalid

_TIMES = 'write 09:00, "tomorrow 09:00", midnight, 2h or 2026-11-25T09:00'


def coming(option: str, text: str, zone: str | None, now: datetime) -> datetime:
    """The coming moment that an option names: an hour, today, tomorrow, midnight, a time from now, a date."""
    if re.fullmatch(r"\d{1,9}[smhdw]", text):
        return now + timedelta(seconds=seconds(option, text))
    here = now.astimezone(ZoneInfo(zone) if zone else None)
    found = _named(text.strip().lower(), here) or _dated(text, here)
    if found is None:
        raise Invalid(f"{option}: {text!r} is no moment", try_next=_TIMES)
    if found <= now:
        raise Invalid(f"{option}: {text!r} is over: {found:%Y-%m-%d %H:%M %Z}", try_next=_TIMES)
    return found


def _named(text: str, here: datetime) -> datetime | None:
    match = re.fullmatch(r"(?:(today|tomorrow)\s*)?(?:(\d{1,2}):(\d{2})|(midnight))?", text)
    if not match or not text:
        return None
    day, hour, minute, _ = match.groups()
    if int(hour or 0) > 23 or int(minute or 0) > 59:  # noqa: PLR2004 - of a clock
        return None
    date = here.date() + timedelta(days=day == "tomorrow")
    found = datetime.combine(date, time(int(hour or 0), int(minute or 0)), here.tzinfo)
    if day is None and found <= here:
        found = datetime.combine(date + timedelta(days=1), found.time(), here.tzinfo)
    return found


def _dated(text: str, here: datetime) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=here.tzinfo)
