"""The command line by the daemon and without it: the same bytes, the same errors, and never another's account."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cli_program import NOBODY, adopt, environment_of
from daemons import SignedIn, quiet, signed_in, told, until

from adopt.client import Client
from adopt.doors import door
from adopt.errors import AdoptError, Invalid, Refused, Unreachable
from adopt.model import Presence
from adopt.operations.presence import be_the_daemon
from adopt.remote import Remote
from adopt.routes import ROUTES
from adopt.settings import load


@pytest.fixture(scope="module")
def flown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignedIn]:
    """A signed-in person with a plan that waits."""
    with signed_in(tmp_path_factory.mktemp("home"), "--seed", "1", "--ad-sets", "6", "--days", "30") as found:
        quiet(found)
        Client(found.settings).plan()
        yield found


@pytest.fixture
def fly(flown: SignedIn) -> SignedIn:
    """And a daemon that does nothing by itself."""
    if not isinstance(door(flown.settings), Remote):
        assert flown.adopt("daemon", "restart").code == 0
    Client(flown.settings).press_hold(False)
    return flown


def by_daemon(fly: SignedIn) -> Client:
    found = door(fly.settings)
    assert isinstance(found, Remote)
    return found


def reading(fly: SignedIn) -> list[list[str]]:
    """Every command that only reads, with something to read."""
    plan = fly.json("status")["plan"]
    one = fly.json("adset", "list")[0]
    return [
        ["status"],
        ["log"],
        ["log", "--id", "1"],
        ["hold"],
        ["why", one["id"]],
        ["why", f"{plan}.1"],
        ["job", "list"],
        ["job", "get", "nothing"],
        ["rule", "list"],
        ["rule", "test", "stop losers"],
        ["rule", "score"],
        ["account", "list"],
        ["account", "get", fly.account],
        ["campaign", "list"],
        ["campaign", "get", one["campaign_id"]],
        ["adset", "list", "--status", "ACTIVE", "--fields", "id,name,daily_budget"],
        ["adset", "list", "--campaign", one["campaign_id"], "--all"],
        ["adset", "get", one["id"]],
        ["ad", "list", "-l", "3"],
        ["creative", "list"],
        ["insights", "get", "--level", "adset", "--date-preset", "last_7d"],
        ["insights", "get", one["id"], "--level", "ad", "--since", "2026-01-01", "--until", "2026-01-02"],
        ["apply", "0000"],
    ]


RUN_ALL = """
import contextlib, io, json, sys
from adopt.cli.run import run
for argv in json.load(sys.stdin):
    out, err = (io.TextIOWrapper(io.BytesIO(), write_through=True) for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(argv)
    print(json.dumps([code, *(one.buffer.getvalue().decode() for one in (out, err))]))
"""


def run_all(fly: SignedIn, commands: list[list[str]], **more: str) -> list[list[Any]]:
    """The results of command lines, run one after the other in one process."""
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL],
        env=environment_of(fly.home, **fly.environment, **more),
        input=json.dumps(commands).encode(),
        capture_output=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_reading_command_prints_the_same_by_either_door(fly: SignedIn) -> None:
    commands = [[*argv, *output] for argv in reading(fly) for output in ([], ["-o", "json"])]
    ours = run_all(fly, commands, ADOPT_ACCESS_TOKEN=fly.door["access_token"])
    for argv, one, other in zip(commands, run_all(fly, commands), ours, strict=True):
        assert one == other, argv
        assert one[1] or one[2], argv


def test_every_reading_method_gives_the_same_by_either_door(fly: SignedIn) -> None:
    plan = fly.json("status")["plan"]
    some: dict[str, dict[str, Any]] = {
        "why": {"name": f"{plan}.1"},
        "find_plan": {"name": plan},
        "series": {"days": 20, "span": 7},
        "log": {"cursor": 1, "limit": 2},
        "jobs_named": {"ids": []},
        "zone_of": {"account_id": fly.account},
        "rows": {"noun": "adset", "limit": None, "fields": ("id", "name"), "statuses": ("ACTIVE", "PAUSED")},
        "node": {"noun": "account", "object_id": fly.account},
        "insights": {"object_id": fly.account, "level": "campaign", "date_preset": "last_7d", "limit": 2},
        "test_rule": {"name": "nothing"},
        "job": {"name": "nothing"},
        "ended_launch": {"name": "nothing"},
    }
    one, other = by_daemon(fly), Client(fly.settings)
    for route in ROUTES:
        if route.verb == "GET":
            assert given(one, route.method, some) == given(other, route.method, some), route.method


def given(client: Client, method: str, some: dict[str, dict[str, Any]]) -> bytes:
    """What a method gives, or raises, as JSON."""
    try:
        found = getattr(client, method)(**some.get(method, {}))
        return msgspec.json.encode(tuple(found) if isinstance(found, Iterator) else found)
    except AdoptError as error:
        return msgspec.json.encode(error.as_json())


def test_what_is_done_by_the_daemon_is_done(fly: SignedIn) -> None:
    client = by_daemon(fly)
    plan = client.plan()
    part = client.subset_plan(plan.id, ["1"])
    client.press_hold(True, "a sale")
    with pytest.raises(Refused, match="a sale"):
        client.apply(part)
    client.press_hold(False)
    [outcome] = client.apply(part)
    assert (outcome.state, outcome.change) == ("applied", plan.changes[0])
    assert fly.value(json.loads(msgspec.json.encode(outcome.change))) == outcome.change.after
    with pytest.raises(Refused, match="no longer waits"):
        client.refuse_plan(plan.id, "too late")
    assert [one.kind for one in client.log(limit=5)][-1] == "change"


def test_the_door_is_for_its_owner_alone(fly: SignedIn) -> None:
    path = Path(fly.there["socket"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"ADOPT_ACCESS_TOKEN": "EAAsomebodyelses012345"}, "a token is set in the environment"),
        ({"ADOPT_GRAPH_URL": "http://127.0.0.1:9"}, "it asks http://127.0.0.1:"),
    ],
)
def test_another_token_or_address_is_never_asked_of_the_daemon(fly: SignedIn, more: dict[str, str], why: str) -> None:
    said = fly.adopt("account", "list", "-v", **more)
    assert said.code != 0
    assert f"done in this process, not by the daemon: {why}" in said.err
    assert "done in this process" not in fly.adopt("account", "list", **more).err


def test_a_daemon_with_a_token_of_its_own_serves_nobody_else(fly: SignedIn) -> None:
    assert fly.in_process("daemon", "restart").code == 0
    assert isinstance(door(fly.settings), Client)
    assert "it was started with a token of its own" in fly.adopt("status", "-v").err


def test_the_account_of_the_command_is_the_one_that_is_asked_about(fly: SignedIn) -> None:
    assert fly.json("status", "-a", "act_5")["account"] == "act_5"
    assert told(fly.adopt("adset", "list", "-a", "act_5", "-o", "json"))["kind"] == "NeedsPerson"


def test_who_interrupts_a_command_is_told_that_the_daemon_goes_on(fly: SignedIn) -> None:
    before = fly.json("status")["plan"]
    fly.fault("slow", seconds=3)
    fly.forget_calls()
    with subprocess.Popen(
        [sys.executable, "-m", "adopt", "optimize", "--dry-run", "-v"],
        env=environment_of(fly.home, **fly.environment),
        stderr=subprocess.PIPE,
    ) as process:
        until(fly.calls)
        process.send_signal(signal.SIGINT)
        assert process.stderr
        assert b"the daemon goes on with it" in process.stderr.read()
    assert process.returncode == 130
    until(lambda: fly.json("status")["plan"] != before)


def test_a_socket_that_somebody_deletes_comes_back(fly: SignedIn) -> None:
    path = Path(fly.there["socket"])
    path.unlink()
    assert fly.adopt("status").code == 0
    until(path.exists)
    assert by_daemon(fly).status().account == fly.account


def test_where_nobody_answers_the_work_is_done_in_process(fly: SignedIn) -> None:
    said: list[str] = []
    there = msgspec.convert(fly.there, Presence)
    gone = msgspec.structs.replace(there, socket=f"{there.socket}.gone")
    assert Remote(fly.settings, gone, wait_s=0.0, tell=said.append).status().account == fly.account
    assert said
    assert "the daemon does not answer" in said[0]


def test_a_daemon_of_another_api_is_not_misunderstood(fly: SignedIn) -> None:
    there = msgspec.convert(fly.there, Presence)
    assert fly.adopt("daemon", "stop").code == 0
    with be_the_daemon(fly.settings.daemon_lock, "9.0.0", there.since) as announce:
        announce(msgspec.structs.replace(there, version="9.0.0", api=9))
        newer = fly.adopt("status")
        assert (newer.code, "adopt 9.0.0" in newer.err, "upgrade" in newer.err) == (5, True, True)
        assert fly.adopt("daemon", "status").code == 0
        announce(msgspec.structs.replace(there, version="0.0.1", api=0))
        older = fly.adopt("status", "-v")
        assert (older.code, "adopt daemon restart" in older.err) == (0, True)
        Path(there.socket).touch()
        announce(msgspec.structs.replace(there, version="0.0.1"))
        said: list[str] = []
        assert isinstance(door(fly.settings, tell=said.append), Remote)
        assert [text.endswith("adopt daemon restart") for text in said] == [True]


def test_what_makes_no_sense_is_refused_in_words(fly: SignedIn) -> None:
    client = by_daemon(fly)
    with pytest.raises(Invalid, match=r"days 0: from 1 to 1000 is allowed"):
        client.series(0)
    with pytest.raises(Invalid, match=r"Expected `int`, got `str` - at `\$.limit`"):
        client.log(limit="many")  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="Expected `array`, got `int`"):
        client.subset_plan("x", 5)  # type: ignore[arg-type]


def test_events_are_told_by_both_doors_and_go_on_behind_a_cursor(fly: SignedIn) -> None:
    for client in (by_daemon(fly), Client(fly.settings)):
        begun, events = fly.json("log")[-1]["id"], client.follow(0)
        first = [event for event in (next(events) for _ in range(begun)) if event and event.activity]
        assert [event.cursor for event in first] == list(range(1, begun + 1))
        fly.adopt("hold", "on", "--reason", "by a test")
        later = until(lambda events=events: found if (found := next(events)) and found.hold else None)
        assert later.hold.reason == "by a test"
        fly.adopt("hold", "off")
        again = client.follow(later.cursor)
        told_ = until(lambda again=again: found if (found := next(again)) and found.activity else None)
        assert told_.activity.text.startswith("released")


def test_a_stream_resumes_behind_the_last_id_that_its_reader_saw(fly: SignedIn) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(20)
        line.connect(fly.there["socket"])
        line.sendall(b"GET /v1/events HTTP/1.1\r\nhost: adopt\r\nlast-event-id: 1\r\n\r\n")
        answered = b""
        while b"id: " not in answered:
            answered += line.recv(4096)
    assert b"content-type: text/event-stream" in answered
    assert answered.partition(b"id: ")[2].startswith(b"2\n")


def test_a_home_too_deep_for_a_socket_has_it_in_a_private_folder(tmp_path: Path) -> None:
    home = tmp_path / ("deep" * 20)
    short = tmp_path / "t"
    short.mkdir()
    assert adopt(home, "daemon", "start", TMPDIR=str(short)).code == 0
    try:
        found = door(load({"ADOPT_HOME": str(home), "ADOPT_GRAPH_URL": NOBODY}))
        assert isinstance(found, Remote)
        path = Path(found.there.socket)
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert path.parent.parent == short
        assert found.hold() is None  # type: ignore[operator] # a route
    finally:
        adopt(home, "daemon", "stop")
    assert not path.exists()


def test_streams_end_when_the_daemon_stops(fly: SignedIn) -> None:
    ended: list[str] = []

    def listen() -> None:
        try:
            for _ in by_daemon(fly).follow():
                pass
        except Unreachable as error:
            ended.append(error.message)

    listeners = [threading.Thread(target=listen) for _ in range(20)]
    for listener in listeners:
        listener.start()
    number = int(fly.there["pid"])
    assert fly.adopt("daemon", "stop").code == 0
    for listener in listeners:
        listener.join(20)
    assert ended == ["the daemon went away"] * 20
    with pytest.raises(ProcessLookupError):
        until(lambda: os.kill(number, 0), 5)
    log = [json.loads(line) for line in fly.settings.daemon_log.read_text().splitlines()]
    assert log[-1]["text"] == "the daemon stops"
    assert [line for line in log if line["level"] == "error"] == []


def test_following_the_log_outlives_the_daemon(fly: SignedIn) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "adopt", "log", "-f", "-l", "1", "-o", "jsonl"],
        env=environment_of(fly.home, **fly.environment),
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        process.stdout.readline()
        fly.adopt("hold", "on", "--reason", "one")
        assert b"one" in process.stdout.readline()
        fly.kill_daemon()
        fly.adopt("hold", "off")
        assert b"released" in process.stdout.readline()
        process.terminate()
