"""What people are told: of what they asked for, once, after the quiet hours, and never with a secret."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cli_program import adopt
from msgspec.structs import replace
from recorded import World
from webhook import Hook

from adopt import notify
from adopt.errors import Invalid, NeedsPerson, Temporary
from adopt.model import Channel, Connection
from adopt.operations import telling
from adopt.store import activity, channels, queue
from adopt.store.database import Store, open_store

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as made:
        yield made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "adopt.db")


def channel(store: Store, name: str = "c1", *concerns: str, quiet: tuple[int, int] | None = None) -> Channel:
    about = concerns or ("changes", "troubles")
    made = Channel(id=name, service="JSON", shown="json://...", concerns=about, quiet=quiet)  # type: ignore[arg-type]
    channels.add(store, made)
    return made


def log(store: Store, kind: str, text: str, level: str = "info", account: str = "act_1") -> None:
    activity.append(store, NOW, account, kind, level, text)  # type: ignore[arg-type]


def gathered(store: Store) -> list[str]:
    """The texts of the messages that a gathering makes."""
    before = {job.id for job in queue.listing(store)}
    telling.gather(store, lambda: NOW)
    rows = store.rows("SELECT id, payload FROM job ORDER BY n")
    return [json.loads(payload)["text"] for name, payload in rows if name not in before]


def test_a_channel_hears_of_what_it_asked_for_from_its_first_day_and_once(store: Store) -> None:
    log(store, "change", "before the channel")
    channel(store)
    log(store, "poll", "polled")
    log(store, "change", "A: paused")
    log(store, "note", "tracking looks down", "warning")
    log(store, "plan", "a plan of nothing")
    assert gathered(store) == ["A: paused\ntracking looks down"]
    assert gathered(store) == []
    log(store, "change", "B: paused")
    assert gathered(store) == ["B: paused"]


def test_each_account_is_told_in_a_message_of_its_own(store: Store) -> None:
    channel(store)
    log(store, "change", "one", account="act_1")
    log(store, "change", "two", account="act_2")
    assert gathered(store) == ["one", "two"]


def test_each_channel_hears_of_its_own_concerns(store: Store) -> None:
    channel(store, "a", "changes")
    channel(store, "b", "troubles")
    log(store, "change", "changed")
    log(store, "trouble", "the token was revoked", "error")
    assert gathered(store) == ["changed", "the token was revoked"]


def test_a_long_night_is_one_message_that_says_where_the_rest_is(store: Store) -> None:
    channel(store)
    for number in range(30):
        log(store, "change", f"change {number}")
    [text] = gathered(store)
    assert text.splitlines()[-1] == "and 10 more: adopt log"
    assert len(text.splitlines()) == 21


@pytest.mark.parametrize(
    ("quiet", "hour", "waits"),
    [((1320, 420), 23, 8), ((1320, 420), 3, 4), ((1320, 420), 7, 0), ((1320, 420), 12, 0), ((600, 720), 11, 1)],
)
def test_quiet_hours_are_the_accounts_and_end(quiet: tuple[int, int], hour: int, waits: int) -> None:
    made = Channel(id="c", service="s", shown="", concerns=("changes",), quiet=quiet)
    now = datetime(2026, 3, 10, hour, tzinfo=UTC)
    until = telling._quiet_until(made, "UTC", now)  # noqa: SLF001 - the rule itself
    assert until == (now + timedelta(hours=waits) if waits else None)


def test_a_trouble_is_told_once_until_it_is_mended_and_so_is_that(store: Store) -> None:
    channel(store)
    error = NeedsPerson("the token was revoked", try_next="adopt auth login")
    for of in ("poll", "optimize", "poll"):
        telling.note_trouble(store, "act_1", error, NOW, of)
    assert gathered(store) == ["the token was revoked (try: adopt auth login)"]
    telling.note_trouble(store, "act_2", error, NOW)
    telling.note_trouble(store, "act_1", NeedsPerson("the card was declined"), NOW)
    assert len(gathered(store)) == 2
    for _ in range(2):
        telling.note_mended(store, "act_1", NOW)
    assert gathered(store) == ["it works again, and adopt goes on by itself"]
    telling.note_trouble(store, "act_1", error, NOW)
    assert len(gathered(store)) == 1


def test_a_poll_that_goes_well_says_nothing_of_writes_that_are_not_allowed(store: Store) -> None:
    channel(store)
    error = NeedsPerson("the permission to write was withdrawn")
    for _ in range(3):
        telling.note_mended(store, "act_1", NOW, "poll")
        telling.note_trouble(store, "act_1", error, NOW, "optimize")
    assert gathered(store) == ["the permission to write was withdrawn"]


def test_a_token_that_ages_is_told_at_fourteen_seven_three_and_one_days(store: Store) -> None:
    channel(store)
    told = []
    for hours in range(20 * 24, -13, -8):
        telling.note_age(store, "act_1", connection(NOW), NOW - timedelta(hours=hours))
        told += gathered(store)
    said = ("ends in 14 days", "ends in 7 days", "ends in 3 days", "ends tomorrow")
    assert told == [f"the token of A person {one} (try: adopt auth login)" for one in said]


@pytest.mark.parametrize(
    ("left", "zone", "wanted"),
    [
        (timedelta(days=14), "UTC", "ends in 14 days"),
        (timedelta(hours=30), "UTC", "ends tomorrow"),
        (timedelta(hours=11), "UTC", "ends today"),
        (timedelta(hours=11), "Pacific/Auckland", "ends tomorrow"),
        (timedelta(hours=13), "UTC", "ends tomorrow"),
        (timedelta(0), "UTC", "has ended"),
    ],
)
def test_when_a_token_ends_is_told_by_the_account_s_calendar(left: timedelta, zone: str, wanted: str) -> None:
    moment = (NOW - timedelta(hours=2) if zone != "UTC" else NOW).astimezone(ZoneInfo(zone))
    assert connection(moment + left).ending(moment) == wanted


def test_a_token_without_an_end_never_ends() -> None:
    assert replace(connection(NOW), expires_at=None).ending(NOW) == "never ends"


def connection(ends: datetime) -> Connection:
    return Connection(
        id="c1", graph_url="http://127.0.0.1:1", kind="user", user_id="1", user_name="A person", app_id="2",
        scopes=(), accounts=("act_1",), made_at=NOW, expires_at=ends,
    )  # fmt: skip


# -- plans that wait --------------------------------------------------------------------------------


def test_a_plan_that_waits_is_told_once_with_what_it_would_do(store: Store) -> None:
    world = World(store)
    channel(store, "a", "approvals")
    channel(store, "b", "changes")
    _, plan = world.run(12, world.poll).decide()
    assert plan.changes
    for _ in range(2):
        telling.note_waiting(store, plan)
    [text] = gathered(store)
    assert text.startswith(f"plan {plan.id} waits for a yes until ")
    assert plan.changes[0].object.name in text
    assert text.endswith(f"(try: adopt apply {plan.id})")
    telling.note_waiting(store, replace(plan, id="0123", changes=()))
    assert gathered(store) == []
    _, other = world.wait(4).decide()
    telling.note_waiting(store, other)
    assert len(gathered(store)) == 1


# -- as a person does it ----------------------------------------------------------------------------


def test_a_channel_is_added_tried_used_and_removed(tmp_path: Path, hook: Hook) -> None:
    home = {"ADOPT_AD_ACCOUNT_ID": "1"}
    added = json.loads(
        adopt(tmp_path, "notify", "add", "-", "--about", "all", "-o", "json", stdin=hook.url, **home).out
    )
    assert adopt(tmp_path, "notify", "test", **home).code == 0
    assert hook.texts == ["This channel works: adopt will tell you here."]
    with open_store(tmp_path / "data" / "adopt.db") as store:
        log(store, "change", "Summer: paused")
    hook.refuse = 1
    assert adopt(tmp_path, "job", "run", **home).code == 0
    assert adopt(tmp_path, "job", "run", **home).code == 0
    assert hook.texts[1:] == ["Summer: paused"]
    listed = adopt(tmp_path, "notify", "list", **home).out
    assert added["id"] in listed
    assert "secret-path" not in listed
    assert adopt(tmp_path, "notify", "remove", added["id"], **home).code == 0
    assert json.loads(adopt(tmp_path, "notify", "list", "-o", "json", **home).out) == []


def test_a_message_goes_out_while_changes_are_held(tmp_path: Path, hook: Hook) -> None:
    adopt(tmp_path, "notify", "add", hook.url)
    with open_store(tmp_path / "data" / "adopt.db") as store:
        log(store, "trouble", "the account is disabled", "error")
    adopt(tmp_path, "hold", "on")
    assert adopt(tmp_path, "job", "run").code == 8
    assert hook.texts == ["the account is disabled"]


def test_the_url_of_a_channel_is_nowhere_in_clear(tmp_path: Path, hook: Hook) -> None:
    hook.refuse = 5
    adopt(tmp_path, "notify", "add", hook.url)
    ran = adopt(tmp_path, "notify", "test", "-v")
    assert ran.code == 75
    assert "secret-path" not in ran.out + ran.err
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in kept if b"secret-path" in path.read_bytes()] == []


@pytest.mark.parametrize("url", ["", "nonsense", "foo://bar", "slack://", "json://"])
def test_a_url_that_stands_for_nothing_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="channel"):
        notify.address(url)


@pytest.mark.parametrize(
    ("url", "service", "secret"),
    [
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", "Telegram", "abcdefg_hijklmnop"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/", "Slack", "TIiajkdnlazkcOXrIdevi7FQ"),
        ("mailto://me:passwordOfMine@gmail.com", "E-Mail", "passwordOfMine"),
    ],
)
def test_what_is_shown_of_a_url_holds_no_secret(url: str, service: str, secret: str) -> None:
    known = notify.address(url)
    assert known.service == service
    assert secret not in known.shown


def test_a_channel_that_does_not_answer_is_tried_again_later() -> None:
    with pytest.raises(Temporary, match="did not take the message"):
        notify.send("json://127.0.0.1:9/secret-path-0123456789", "t", "x", "info")
