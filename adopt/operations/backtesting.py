"""Replay a policy over the recorded polls: what it would have done, when, on what, and what really came after."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from adopt.engine.replay import earlier, replay
from adopt.engine.snapshot import Snapshot
from adopt.errors import Invalid
from adopt.model import Hindsight, Span
from adopt.operations import examining, watching
from adopt.policy import Policy
from adopt.store import polls
from adopt.store.database import Store

_SLACK = timedelta(minutes=10)  # cron is not on time to the second; a tenth of a quicker pace


class Moment(NamedTuple):
    """A moment at which a pass is replayed, and the poll that showed what is taken to have been known."""

    at: datetime
    poll: polls.PollHeader
    backfilled: bool = False


def backtest(store: Store, account_id: str, policy: Policy, span: Span, tell: Callable[[int, int], None]) -> Hindsight:
    """What a policy would have done over the recorded polls; `tell` hears how many of the passes are done."""
    headers = polls.headers(store, account_id, policy.target.result)
    if not headers:
        raise Invalid(
            f"{account_id} was never polled for {policy.target.result}, so there is nothing to replay",
            try_next="adopt plan polls it",
        )
    end = examining.end_of(store, headers[-1], policy)
    zone = ZoneInfo(end.snapshot.account.timezone)
    moments = _moments(headers, span, zone, headers[0].since)
    told: list[examining.Told] = []
    for one in _passes(store, moments, policy):
        told.append(one)
        tell(len(told), len(moments))
    notes = tuple(_notes(headers[0], moments, span, zone))
    return examining.hindsight("backtest", told, end, policy, headers, notes)


def _passes(store: Store, moments: Sequence[Moment], policy: Policy) -> Iterator[examining.Told]:
    first: dict[int, Snapshot] = {}

    def known(moment: Moment) -> Snapshot:
        if not moment.backfilled:
            return watching.snapshot_then(store, moment.poll, policy)
        if moment.poll.id not in first:
            first[moment.poll.id] = watching.snapshot_then(store, moment.poll, policy)
        return earlier(first[moment.poll.id], moment.at)

    for moment, done in zip(moments, replay(moments, known, policy), strict=True):
        yield examining.told(done.plan, done.parted, backfilled=moment.backfilled)


def _moments(headers: Sequence[polls.PollHeader], span: Span, zone: ZoneInfo, first_day: date) -> list[Moment]:
    """The polls that lie at least the pace apart, and before the first of them the days it showed, if asked for."""
    found: list[Moment] = list(_days_before(headers[0], span, zone, first_day)) if span.backfilled else []
    pace = span.every - min(_SLACK, span.every / 10)
    for header in headers:
        if _is_asked(header.as_of, span) and (not found or header.as_of - found[-1].at >= pace):
            found.append(Moment(header.as_of, header))
    return found


def _days_before(first: polls.PollHeader, span: Span, zone: ZoneInfo, first_day: date) -> Iterator[Moment]:
    """The starts of the days behind the first row, as far apart as the pace says, a day at least."""
    step = max(int(span.every / timedelta(days=1)), 1)
    for ordinal in range(first_day.toordinal() + 1, first.as_of.astimezone(zone).toordinal() + 1, step):
        at = datetime.combine(date.fromordinal(ordinal), time(), zone)
        if at < first.as_of and _is_asked(at, span):
            yield Moment(at, first, backfilled=True)


def _is_asked(at: datetime, span: Span) -> bool:
    return (span.since is None or at >= span.since) and (span.until is None or at <= span.until)


def _notes(first: polls.PollHeader, moments: Sequence[Moment], span: Span, zone: ZoneInfo) -> Iterator[str]:
    """What a reader must know of how much was known."""
    began = f"{first.as_of.astimezone(zone):%Y-%m-%d %H:%M}"
    if any(moment.backfilled for moment in moments):
        yield (
            f"passes before the first poll ({began}) are seen with hindsight: results that came late are in already, "
            "and budgets and settings are those of the first poll"
        )
    elif span.since and span.since < first.as_of:
        yield (
            f"the first poll is of {began}; before it there are only daily rows that were seen later, "
            "and --backfilled replays them"
        )
    if not moments:
        yield f"no pass lies in the time asked for; polls there are from {began} on"
