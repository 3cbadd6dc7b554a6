"""Tell people what they asked to hear of: gathered from the log into jobs, each sent once or not at all."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import msgspec

from adopt import notify
from adopt.errors import AdoptError, Invalid
from adopt.model import Activity, Channel, Concern, Connection, Currency, Message, Plan
from adopt.operations.working import Context, Kind
from adopt.store import activity, channels, polls, queue
from adopt.store.database import Store, transaction
from adopt.store.queue import Order

KIND = "notify"
URL = "url"
AGES = (1, 3, 7, 14)  # days before a token ends
_CONCERNS: dict[str, Concern] = {
    "change": "changes",
    "approval": "approvals",
    "launch": "launches",
    "digest": "digest",
    "mended": "troubles",
}
_MOST_LINES = 20
_SHOWN = 3  # changes of a plan, one by one


def gather(store: Store, clock: Callable[[], datetime]) -> int:
    """What each channel has not heard of yet, as jobs: kept with the channel's new cursor or not at all."""
    return sum(_gather(store, channel, clock) for channel in channels.listing(store))


def deliver(url_of: Callable[[str], str | None]) -> Kind:
    """How messages are sent: a message whose answer never came is not sent again."""

    def run(context: Context, payload: bytes) -> None:
        message = msgspec.json.decode(payload, type=Message)
        url = url_of(message.channel)
        if url is None:
            raise Invalid(f"the channel {message.channel} is gone", try_next="adopt notify add URL")
        context.step("send", lambda: _send(url, message), find=lambda: "perhaps")

    return Kind(run, holds=False)


def test_message(channel: Channel) -> Message:
    """A message that tells only that messages arrive."""
    return Message(
        channel=channel.id, title="adopt", text="This channel works: adopt will tell you here.", level="info"
    )


def note_trouble(store: Store, account: str, error: AdoptError, at: datetime, of: str = "optimize") -> None:
    """What keeps a pass from its work, told once: again only after such a pass went well in between."""
    with transaction(store):
        last = _trouble(store, account)
        if last is None or last.text != error.message:
            data = {"next": error.try_next, "of": of}
            activity.append(store, at, account, "trouble", "error", error.message, data=data)


def note_mended(store: Store, account: str, at: datetime, of: str = "optimize") -> None:
    """A pass that went well ends the trouble of its kind; one that optimizes does all that others do, and ends any."""
    with transaction(store):
        last = _trouble(store, account)
        if last and of in ("optimize", last.data.get("of")):
            activity.append(store, at, account, "mended", "info", "it works again, and adopt goes on by itself")


def _trouble(store: Store, account: str) -> Activity | None:
    """The trouble that lasts, if one does."""
    last = activity.tail(store, account, limit=1, kinds=("trouble", "mended"))
    return last[0] if last and last[0].kind == "trouble" else None


def note_waiting(store: Store, plan: Plan) -> None:
    """A plan that waits for a yes, told once; one of nothing waits for nobody."""
    if not plan.changes:
        return
    with transaction(store):
        told = activity.tail(store, plan.account, limit=1, kinds=("approval",))
        if told and told[0].data.get("plan") == plan.id:
            return
        money, many = Currency(plan.currency), len(plan.changes)
        said = "; ".join(f"{one.object.name}: {one.show(money)}" for one in plan.changes[:_SHOWN])
        more = f" and {many - _SHOWN} more" if many > _SHOWN else ""
        until = f"{plan.expires_at.astimezone(ZoneInfo(plan.timezone)):%H:%M}"
        text = f"plan {plan.id} waits for a yes until {until}: {said}{more}"
        data = {"plan": plan.id, "next": f"adopt apply {plan.id}"}
        activity.append(store, plan.made_at, plan.account, "approval", "info", text, data=data)


def note_age(store: Store, account: str, connection: Connection, at: datetime) -> None:
    """How long the token still lasts, once at each of 14, 7, 3 and 1 days; `at` is in the account's zone."""
    days = connection.days_to(at)
    mark = next((age for age in AGES if days is not None and 0 <= days <= age), None)
    if mark is None:
        return
    told = activity.tail(store, account, limit=len(AGES), kinds=("token",))
    if any(one.data.get("within") == mark and at - one.at < timedelta(days=mark + 1) for one in told):
        return
    text = f"the token of {connection.user_name} {connection.ending(at)}"
    data = {"within": mark, "next": "adopt auth login"}
    activity.append(store, at, account, "token", "warning", text, data=data)


def _gather(store: Store, channel: Channel, clock: Callable[[], datetime]) -> int:
    """The jobs of one channel; how many."""
    with transaction(store):
        rows = activity.everyones(store, channels.cursor(store, channel.id))
        if not rows:
            return 0
        mine = [row for row in rows if _concern(row) in channel.concerns]
        orders = [
            _order(store, channel, account, list(told), clock())
            for account, told in groupby(sorted(mine, key=lambda row: row.account), lambda row: row.account)
        ]
        for order in orders:
            queue.enqueue(store, order, clock)
        channels.advance(store, channel.id, rows[-1].id)
        return len(orders)


def _order(store: Store, channel: Channel, account: str, told: list[Activity], now: datetime) -> Order:
    levels = [row.level for row in told]
    level = next(level for level in ("error", "warning", "info") if level in levels)
    known = polls.objects(store, account) if account and polls.newest(store, account) else None
    name = known[0].name if known else account or "every account"
    message = Message(channel=channel.id, title=f"adopt: {name}", text=_text(told), level=level)
    quiet = None if level == "error" or not known else _quiet_until(channel, known[0].timezone, now)
    return Order(
        key=f"{KIND}:{channel.id}:{account}:{told[-1].id}",
        kind=KIND,
        lane=f"{KIND}:{channel.id}",
        name=f"{channel.service}: {told[-1].text[:60]}",
        payload=msgspec.json.encode(message),
        due=quiet,
    )


def _text(told: Iterable[Activity]) -> str:
    lines = [_line(row) for row in told]
    more = len(lines) - _MOST_LINES
    return "\n".join([*lines[:_MOST_LINES], *([f"and {more} more: adopt log"] if more > 0 else [])])


def _line(row: Activity) -> str:
    following = row.data.get("next")
    return f"{row.text} (try: {following})" if following else row.text


def _concern(row: Activity) -> Concern | None:
    """What a row of the log is to a person; None for what nobody needs to be told."""
    if row.level == "info":
        return _CONCERNS.get(row.kind)
    return _CONCERNS.get(row.kind, "troubles")


def _quiet_until(channel: Channel, timezone: str, now: datetime) -> datetime | None:
    """The end of the quiet hours, in UTC, if the moment lies in them."""
    if channel.quiet is None:
        return None
    since, until = channel.quiet
    local = now.astimezone(ZoneInfo(timezone))
    minute = local.hour * 60 + local.minute
    is_quiet = since <= minute < until if since <= until else minute >= since or minute < until
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=minute >= until)
    return datetime(day.year, day.month, day.day, until // 60, until % 60, tzinfo=local.tzinfo).astimezone(UTC)


def _send(url: str, message: Message) -> str:
    notify.send(url, message.title, message.text, message.level)
    return "sent"
