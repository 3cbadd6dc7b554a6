"""When ad sets start and end: what a spec says, as a moment in the account's zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from adopt.launch.values import Moment


def starts(said: Moment | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When it starts; None for at once. Midnight and a time of day are the next ones."""
    if isinstance(said, date):  # a datetime is a date as well
        return _dated(said, zone)
    hour = time(0) if said == "midnight" else said
    return _next(hour, now, zone) if isinstance(hour, time) else None


def ends(said: Moment | None, zone: ZoneInfo) -> datetime | None:
    """When it ends; None for never. A date is its last day."""
    if not isinstance(said, date):
        return None
    found = _dated(said, zone)
    return found if isinstance(said, datetime) else _dated(said + timedelta(days=1), zone)


def length(start: Moment | None, end: Moment | None, now: datetime, zone: ZoneInfo) -> timedelta | None:
    """How long it runs from its start, or from now; None where it has no end. Days have 23 to 25 hours."""
    until = ends(end, zone)
    if until is None:
        return None
    since = starts(start, now, zone) or now
    # In UTC: Python subtracts moments of one zone by what its clocks show.
    return until.astimezone(UTC) - max(since.astimezone(UTC), now.astimezone(UTC))


def _next(hour: time, now: datetime, zone: ZoneInfo) -> datetime:
    today = now.astimezone(zone).date()
    found = datetime.combine(today, hour.replace(tzinfo=None), zone)
    return found if found > now else datetime.combine(today + timedelta(days=1), hour.replace(tzinfo=None), zone)


def _dated(said: date, zone: ZoneInfo) -> datetime:
    if isinstance(said, datetime):
        return said if said.tzinfo else said.replace(tzinfo=zone)
    return datetime.combine(said, time(0), zone)
