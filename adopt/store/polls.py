"""The poll log with its vintages: what Meta answered, as of when; a value is kept again only when it changed."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import compress
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from adopt.errors import Invalid
from adopt.model import WINDOWS, Account, AdSet, Campaign, DailyInsights, Level, Poll
from adopt.store import growth
from adopt.store.database import Row, Store, decode, moment, stamp, transaction

T = TypeVar("T", Campaign, AdSet)
Integers: TypeAlias = "array[int]"  # in quotes until Python 3.12
Floats: TypeAlias = "array[float]"

_NEWEST = 2**63 - 1
_VALUES = ("spend", "impressions", "clicks", *(f"{what}_{w}" for what in ("results", "revenue") for w in WINDOWS))
_COLUMNS = ", ".join(_VALUES)
_ZEROS = ", ".join("0" for _ in _VALUES)
_HEADER = "id, account, as_of, since, until, result, backfilled"


class PollHeader(Struct, frozen=True, kw_only=True):
    """A recorded poll without its rows."""

    id: int
    account: str
    as_of: datetime
    since: date
    until: date
    result: str
    backfilled: bool

    @property
    def covered_days(self) -> int:
        """How many days its rows cover, both ends included."""
        return (self.until - self.since).days + 1


class Days(Struct, frozen=True, kw_only=True):
    """Daily insights as columns, sorted by ad set id, then day; the arrays lie in memory as numpy reads them."""

    ad_sets: tuple[str, ...]  # the ids that have rows, sorted
    ad_set: Integers  # int32: the place in ad_sets
    day: Integers  # int32: date.toordinal()
    spend: Integers  # int64, minor units
    impressions: Integers  # int64
    clicks: Integers  # int64
    results: Floats  # float64, of the one window
    revenue: Integers  # int64, minor units, of the one window

    def __len__(self) -> int:
        return len(self.day)


class Exposures(Struct, frozen=True):
    """What each day grew by from vintage to vintage, as columns, in the order of the polls; as numpy reads them."""

    ad_sets: tuple[str, ...]  # the ids that have rows, sorted
    ad_set: Integers  # int32: the place in ad_sets
    day: Integers  # int32: date.toordinal()
    at: Floats  # float64, UNIX seconds: by when it had been spent
    spend: Integers  # int64, minor units; below 0 where Meta took some back, as may be all that follow
    clicks: Integers  # int64
    results: Floats  # float64, of the one window
    revenue: Integers  # int64, minor units, of the one window

    def __len__(self) -> int:
        return len(self.day)


def record(store: Store, poll: Poll) -> int:
    """The poll kept whole or not at all; its id. Only what changed against the newest vintage takes room."""
    with transaction(store):
        id_ = _record_header(store, poll)
        _record_states(store, poll.account.id, "campaign", poll.campaigns, id_)
        _record_states(store, poll.account.id, "adset", poll.ad_sets, id_)
        _record_insights(store, poll, id_)
    return id_


def latest(store: Store, account: str, result: str, *, covering_days: int | None = None) -> PollHeader | None:
    """The account's newest poll of a result; with `covering_days`, the newest that covers at least so many days."""
    row = store.row(
        f"SELECT {_HEADER} FROM poll WHERE account = ? AND result = ? AND until - since + 1 >= ?"
        " ORDER BY id DESC LIMIT 1",
        [account, result, covering_days or 0],
    )
    return _header(row) if row else None


def newest(store: Store, account: str) -> PollHeader | None:
    """The account's newest poll of whatever result."""
    row = store.row(f"SELECT {_HEADER} FROM poll WHERE account = ? ORDER BY id DESC LIMIT 1", [account])
    return _header(row) if row else None


def headers(store: Store, account: str, result: str) -> tuple[PollHeader, ...]:
    """Every poll of the account for a result, oldest first."""
    rows = store.rows(f"SELECT {_HEADER} FROM poll WHERE account = ? AND result = ? ORDER BY id", [account, result])
    return tuple(_header(row) for row in rows)


def objects(
    store: Store, account: str, as_of_poll: int | None = None
) -> tuple[Account, tuple[Campaign, ...], tuple[AdSet, ...]]:
    """The account and its structure as a poll saw them, the newest by default; sorted by id."""
    id_, body = _seen(store, account, as_of_poll)
    return (
        decode(body, Account),
        _structure(store, account, "campaign", id_, Campaign),
        _structure(store, account, "adset", id_, AdSet),
    )


def days(store: Store, account: str, result: str, window: str, since: date, as_of_poll: int | None = None) -> Days:
    """The newest vintage of each ad set's days from `since` on; with `as_of_poll`, as they were known then."""
    require_window(window)
    about = {"account": account, "result": result, "since": since.toordinal(), "poll": as_of_poll or _NEWEST}
    return _columns(store.rows(_DAYS.format(window=window), about))


def known(store: Store) -> tuple[tuple[Account, datetime], ...]:
    """Every account that was polled, and when last."""
    rows = store.rows(
        "SELECT body, as_of FROM poll WHERE id IN (SELECT max(id) FROM poll GROUP BY account) ORDER BY id"
    )
    return tuple((decode(body, Account), moment(as_of)) for body, as_of in rows)


def exposures(
    store: Store, account: str, result: str, window: str, since: date, as_of_poll: int | None = None
) -> Exposures:
    """When the spend of each ad set's days from `since` on was made, as finely as the polls tell; never too early.

    An increment is placed at the poll that first showed it. A day that had ended before it was first seen is placed
    at its end. Over a day the increments add up to its newest vintage, or to the one that `as_of_poll` knew.
    """
    require_window(window)
    about = {"account": account, "result": result, "since": since.toordinal(), "poll": as_of_poll or _NEWEST}
    number, day, at = array("i"), array("i"), array("d")
    figures: list[array[Any]] = [array(kind) for kind in "qqdq"]
    for grown in _growth(store, window, about):
        number += grown.ad_set
        day += grown.day
        at += grown.at
        for column, more in zip(figures, grown.figures, strict=True):
            column.extend(more)
    ids = _ids(store, account, set(number))
    places = {n: place for place, n in enumerate(ids)}
    return Exposures(tuple(ids.values()), array("i", map(places.__getitem__, number)), day, at, *figures)


def require_window(window: str) -> None:
    """Invalid for what is no attribution window."""
    if window not in WINDOWS:
        raise Invalid(f"{window!r} is no attribution window; allowed: {', '.join(WINDOWS)}")


class _Growth(Struct, frozen=True):
    """What one poll showed the days to have grown by."""

    ad_set: Integers
    day: Integers
    at: Floats
    figures: "list[array[Any]]"


def _growth(store: Store, window: str, about: dict[str, Any]) -> Iterator[_Growth]:
    """What each poll of the result showed the days from `since` on to have grown by."""
    moments = _moments(store, about)
    zone = _zone(store, about)
    names = ("ad_set", "day", "is_new", "spend", "clicks", f"results_{window}", f"revenue_{window}")
    for rows in store.pieces(_GROWTH.format(columns=", ".join(names)), about, size=1):
        ((poll, *packed),) = rows
        columns = _from_day([growth.unpack(*named) for named in zip(names, packed, strict=True)], about["since"])
        ad_set, day, is_new, *figures = columns
        yield _Growth(ad_set, day, _placed(moments[poll], day, is_new, zone), figures)


def _from_day(columns: "list[array[Any]]", since: int) -> "list[array[Any]]":
    days = columns[1]
    if min(days, default=since) >= since:
        return columns
    keep = [day >= since for day in days]
    return [array(column.typecode, compress(column, keep)) for column in columns]


def _placed(seen: float, days: Integers, is_new: "array[int]", zone: ZoneInfo) -> Floats:
    """When it had been spent: when the poll saw it, or at the end of a day that was over and had not been seen."""
    at = array("d", [seen]) * len(days)
    ends = {day: _end(day, zone) for day in set(days)}
    if min(ends.values(), default=seen) < seen:
        for place in compress(range(len(days)), is_new):
            at[place] = min(seen, ends[days[place]])
    return at


def _end(day: int, zone: ZoneInfo) -> float:
    """The moment at which a day of the account ends."""
    return (datetime.min.replace(tzinfo=zone) + timedelta(days=day)).timestamp()


def _moments(store: Store, about: dict[str, Any]) -> dict[int, float]:
    """The as-of moment of each poll that is looked at, none later than that of the last one."""
    rows = store.rows("SELECT id, as_of FROM poll WHERE account = :account AND id <= :poll ORDER BY id", about)
    seconds = {id_: moment(at).timestamp() for id_, at in rows}
    last = seconds[rows[-1][0]] if rows else 0.0
    return {id_: min(at, last) for id_, at in seconds.items()}


def _zone(store: Store, about: dict[str, Any]) -> ZoneInfo:
    """The account's own time zone; UTC for one that was never polled."""
    body = store.value("SELECT body FROM poll WHERE account = :account AND id <= :poll ORDER BY id DESC LIMIT 1", about)
    return ZoneInfo(decode(body, Account).timezone if body else "UTC")


def _ids(store: Store, account: str, numbers: Collection[int]) -> dict[int, str]:
    """The ids of the ad sets with these numbers, sorted."""
    rows = store.rows("SELECT n, id FROM object WHERE account = ? AND level = 'adset' ORDER BY id", [account])
    return {n: id_ for n, id_ in rows if n in numbers}


def _columns(rows: Sequence[Row]) -> Days:
    """The rows turned into columns; each is id, day, spend, impressions, clicks, results, revenue."""
    places = {id_: place for place, id_ in enumerate(dict.fromkeys(row[0] for row in rows))}
    return Days(
        ad_sets=tuple(places),
        ad_set=array("i", [places[row[0]] for row in rows]),
        day=array("i", [row[1] for row in rows]),
        spend=array("q", [row[2] for row in rows]),
        impressions=array("q", [row[3] for row in rows]),
        clicks=array("q", [row[4] for row in rows]),
        results=array("d", [row[5] for row in rows]),
        revenue=array("q", [row[6] for row in rows]),
    )


def _record_header(store: Store, poll: Poll) -> int:
    values = (
        poll.account.id,
        stamp(poll.as_of),
        poll.since.toordinal(),
        poll.until.toordinal(),
        poll.result,
        poll.backfilled,
        msgspec.json.encode(poll.account).decode(),
    )
    store.run("INSERT INTO poll VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", values)
    return int(store.value("SELECT last_insert_rowid()"))


def _record_states(store: Store, account: str, level: Level, seen: Sequence[Campaign | AdSet], poll: int) -> None:
    numbers = _numbers(store, account, level, (one.id for one in seen))
    now = {numbers[one.id]: (one, msgspec.json.encode(one).decode()) for one in seen}
    before: dict[int, str] = dict(
        store.rows(
            "SELECT n, body FROM object JOIN state ON ended = 0 AND object = n WHERE account = ? AND level = ?",
            [account, level],
        )
    )
    gone = [n for n, body in before.items() if n not in now or now[n][1] != body]
    fresh = [(n, *pair) for n, pair in now.items() if before.get(n) != pair[1]]
    store.run_many("UPDATE state SET ended = ? WHERE ended = 0 AND object = ?", ((poll, n) for n in gone))
    store.run_many(
        "INSERT INTO state VALUES (0, ?, ?, ?, ?, ?, ?)",
        ((n, poll, one.status, one.daily_budget, one.lifetime_budget, body) for n, one, body in fresh),
    )


def _record_insights(store: Store, poll: Poll, id_: int) -> None:
    """What came in, less what is known already, ends the vintage that held and begins the next one."""
    numbers = _numbers(store, poll.account.id, "adset", sorted({row.ad_set for row in poll.insights}))
    about = {
        "account": poll.account.id,
        "result": poll.result,
        "since": poll.since.toordinal(),
        "until": poll.until.toordinal(),
        "poll": id_,
    }
    store.run("DROP TABLE IF EXISTS temp.incoming")
    store.run(f"CREATE TEMP TABLE incoming (ad_set, day, {_COLUMNS}, PRIMARY KEY (ad_set, day)) WITHOUT ROWID")
    store.run_many(_TAKE, (_values(row, numbers[row.ad_set]) for row in poll.insights))
    for statement in (_ADD_ABSENT, _DROP_KNOWN, _END, _BEGIN):
        store.run(statement, about)
    store.run(_GROW, [id_, *growth.pack(store.pieces(_GREW, about))])
    store.run("DROP TABLE temp.incoming")


def _values(row: DailyInsights, number: int) -> Row:
    return (number, row.date.toordinal(), row.spend, row.impressions, row.clicks, *row.results, *row.revenue)


_TAKE = f"INSERT OR REPLACE INTO incoming VALUES (?, ?, {_ZEROS.replace('0', '?')})"

# Meta gives no row where nothing was delivered, so a row that is gone has become zeros. Not so for an ad set that
# left the structure: Meta lists deleted and archived ones only when asked, and their money was spent all the same.
_ADD_ABSENT = f"""
INSERT OR IGNORE INTO incoming SELECT i.ad_set, i.day, {_ZEROS}
FROM object AS o CROSS JOIN state AS s ON s.ended = 0 AND s.object = o.n CROSS JOIN insights AS i
ON i.ended = 0 AND i.ad_set = o.n AND i.result = :result AND i.day BETWEEN :since AND :until
WHERE o.account = :account AND o.level = 'adset'
"""

_KNOWN = """
FROM insights AS i
WHERE i.ended = 0 AND i.ad_set = incoming.ad_set AND i.result = :result AND i.day = incoming.day"""

# Zeros where nothing is known say what no row says.
_DROP_KNOWN = f"""
DELETE FROM incoming WHERE ({_COLUMNS}) = (SELECT {_COLUMNS} {_KNOWN})
OR ({_COLUMNS}) = ({_ZEROS}) AND NOT EXISTS (SELECT 1 {_KNOWN})
"""

_END = """
UPDATE insights SET ended = :poll FROM incoming
WHERE insights.ended = 0 AND insights.ad_set = incoming.ad_set AND insights.result = :result
AND insights.day = incoming.day
"""

_BEGIN = f"INSERT INTO insights SELECT 0, ad_set, :result, day, :poll, {_COLUMNS} FROM incoming"

_GREW = f"""
SELECT {growth.increments("n", "b")} FROM incoming AS n LEFT JOIN insights AS b
ON b.ended = :poll AND b.ad_set = n.ad_set AND b.result = :result AND b.day = n.day ORDER BY n.ad_set, n.day
"""

_GROW = f"INSERT INTO growth VALUES (?, {', '.join('?' for _ in growth.KINDS)})"

_DAYS = """
SELECT o.id AS id, i.day AS day, spend, impressions, clicks, results_{window}, revenue_{window}
FROM object AS o CROSS JOIN insights AS i
ON i.ended = 0 AND i.ad_set = o.n AND i.result = :result AND i.day >= :since
WHERE o.account = :account AND o.level = 'adset' AND i.poll <= :poll
UNION ALL
SELECT o.id, i.day, spend, impressions, clicks, results_{window}, revenue_{window}
FROM insights AS i CROSS JOIN object AS o ON o.n = i.ad_set
WHERE i.ended > :poll AND i.poll <= :poll AND i.result = :result AND i.day >= :since AND o.account = :account
ORDER BY id, day
"""


_GROWTH = """
SELECT id, {columns} FROM poll JOIN growth ON poll = id
WHERE account = :account AND result = :result AND until >= :since AND id <= :poll ORDER BY id
"""


def _numbers(store: Store, account: str, level: Level, ids: Iterable[str]) -> dict[str, int]:
    """The short number of each object, given at its first sight: rows are many and Meta's ids are long."""
    store.run_many(
        "INSERT INTO object VALUES (NULL, ?, ?, ?) ON CONFLICT DO NOTHING", ((account, level, id_) for id_ in ids)
    )
    return dict(store.rows("SELECT id, n FROM object WHERE account = ? AND level = ?", [account, level]))


def _structure(store: Store, account: str, level: Level, poll: int, kind: type[T]) -> tuple[T, ...]:
    rows = store.rows(
        "SELECT body FROM object JOIN state ON object = n WHERE account = ? AND level = ?"
        " AND poll <= ? AND (ended = 0 OR ended > ?) ORDER BY id",
        [account, level, poll, poll],
    )
    return tuple(decode(body, kind) for (body,) in rows)


def _seen(store: Store, account: str, poll: int | None) -> tuple[int, str]:
    """The id and the account's body of a poll, the account's newest by default."""
    row = store.row(
        "SELECT id, body FROM poll WHERE account = ? AND id = coalesce(?, id) ORDER BY id DESC LIMIT 1", [account, poll]
    )
    if not row:
        what = f"poll {poll}" if poll is not None else "a poll"
        raise Invalid(f"there is no record of {what} of {account}", try_next="adopt plan polls the account")
    return row


def _header(row: Row) -> PollHeader:
    id_, account, as_of, since, until, result, backfilled = row
    return PollHeader(
        id=id_,
        account=account,
        as_of=moment(as_of),
        since=date.fromordinal(since),
        until=date.fromordinal(until),
        result=result,
        backfilled=bool(backfilled),
    )
