"""Signing in as a person and a program do it, against the simulator's part of Meta."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cli_program import Ran, adopt, environment_of, on_terminal
from flight import Flight

from adopt.mock import control

Door = dict[str, Any]


def environment(fly: Flight) -> dict[str, str]:
    """A fresh machine whose Graph URL is the simulator's: no token, no account."""
    return {"ADOPT_GRAPH_URL": fly.door["base_url"]}


def run(fly: Flight, *argv: str, stdin: str = "", **more: str) -> Ran:
    return adopt(fly.home, *argv, stdin=stdin, **environment(fly), **more)


def login(fly: Flight, token: str | None = None, *argv: str) -> Ran:
    text = fly.door["access_token"] if token is None else token
    return run(fly, "auth", "login", "--token-stdin", "--keep-key-in", "file", *argv, stdin=f"{text}\n")


def test_a_token_is_kept_and_used_from_then_on(fly: Flight) -> None:
    ran = login(fly)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Signed in as ")
    assert f"next: adopt init -a {fly.account}" in ran.out
    assert json.loads(run(fly, "account", "list", "-o", "json").out)[0]["id"] == fly.account
    assert run(fly, "init", *fly.targets()).code == 0
    assert run(fly, "optimize").code == 0
    assert json.loads(run(fly, "status", "-o", "json").out)["signed_in"] is True


def test_the_token_is_nowhere_in_clear(fly: Flight) -> None:
    said = [login(fly), run(fly, "init", *fly.targets()), run(fly, "optimize", "-v"), run(fly, "auth", "status")]
    said += [run(fly, "doctor", "-o", "json"), run(fly, "log"), run(fly, "auth", "rotate-key"), run(fly, "why", "x")]
    token = fly.door["access_token"]
    assert all(token not in ran.out + ran.err for ran in said)
    kept = [path for path in fly.home.rglob("*") if path.is_file() and path.suffix != ".json"]
    assert any(path.name == "adopt.db" for path in kept)
    assert [path for path in kept if token.encode() in path.read_bytes()] == []


def test_status_asks_meta_and_says_how_long(fly: Flight) -> None:
    login(fly)
    ran = run(fly, "auth", "status", "-o", "json")
    assert ran.code == 0
    [found] = json.loads(ran.out)
    assert (found["kind"], found["accounts"], found["days_left"]) == ("system_user", [fly.account], None)
    assert {"ads_read", "ads_management"} <= set(found["scopes"])
    short = control.new_token(fly.control, expires="10d")["access_token"]
    assert login(fly, short).code == 0
    [found] = json.loads(run(fly, "auth", "status", "-o", "json").out)
    assert found["days_left"] in (9, 10)
    assert "make a new one in time" in run(fly, "auth", "status").out
    told = json.loads(run(fly, "doctor", "-a", fly.account, "-o", "json").out)
    [aged] = [one for one in told if one["check"] == "token"]
    assert (aged["level"], aged["do"]) == ("warning", "adopt auth login")


def test_a_revoked_token_is_told_and_does_nothing(fly: Flight) -> None:
    mine = control.new_token(fly.control)["access_token"]
    assert login(fly, mine).code == 0
    run(fly, "init", *fly.targets())
    control.revoke_token(fly.control, mine)
    fly.forget_calls()
    assert run(fly, "optimize").code == 3
    assert fly.calls("POST") == []
    ran = run(fly, "auth", "status")
    assert ran.code == 3
    assert "refused" in ran.out
    assert "adopt auth login" in ran.out
    assert login(fly).code == 0
    assert run(fly, "optimize").code == 0


@pytest.mark.parametrize(
    ("token", "code", "said"),
    [
        ("", 2, "no token was given"),
        ("EAAnoSuchTokenAtAll00", 3, "access token"),
        ("two words", 3, "characters that no token has"),
    ],
)
def test_a_token_that_is_worth_nothing_is_not_kept(fly: Flight, token: str, code: int, said: str) -> None:
    ran = login(fly, token)
    assert ran.code == code
    assert said in ran.err
    assert run(fly, "auth", "status").code == 3


def test_an_expired_token_is_refused_with_metas_reason(fly: Flight) -> None:
    ran = login(fly, fly.door["expired_token"])
    assert ran.code == 3
    assert "expired" in ran.err


def test_a_token_without_the_permission_to_change_is_refused(fly: Flight) -> None:
    ran = login(fly, control.new_token(fly.control, scopes=["ads_read"])["access_token"])
    assert ran.code == 3
    assert "ads_management (to pause, start and budget them, and to launch new ones)" in ran.err


def test_a_refused_token_of_the_environment_is_listed_beside_those_kept(fly: Flight) -> None:
    login(fly)
    ran = run(fly, "auth", "status", ADOPT_ACCESS_TOKEN=fly.door["expired_token"])
    assert ran.code == 3
    assert [line.split()[0] for line in ran.out.splitlines() if "refused" in line] == ["environment"]
    assert "has expired" in ran.out
    given, kept = json.loads(run(fly, "auth", "status", "-o", "json", ADOPT_ACCESS_TOKEN=fly.door["expired_token"]).out)
    assert (given["id"], given["error"]["kind"]) == (None, "NeedsPerson")
    assert (kept["error"], kept["accounts"]) == (None, [fly.account])


def test_the_environments_token_goes_first_and_that_is_said(fly: Flight) -> None:
    token = fly.door["access_token"]
    ran = adopt(
        fly.home, "auth", "login", "--token-stdin", "--keep-key-in", "file", stdin=token, **environment(fly),
        ADOPT_ACCESS_TOKEN=token,
    )  # fmt: skip
    assert ran.code == 0
    assert "warning: ADOPT_ACCESS_TOKEN is set" in ran.err


def test_a_token_of_one_address_is_never_sent_to_another(fly: Flight) -> None:
    login(fly)
    ran = adopt(fly.home, "account", "list", ADOPT_GRAPH_URL="https://graph.facebook.com")
    assert ran.code == 3
    assert "there is no access token" in ran.err


def test_signing_out_forgets_the_token(fly: Flight) -> None:
    login(fly)
    assert run(fly, "auth", "logout").code == 0
    assert run(fly, "account", "list").code == 3
    assert run(fly, "auth", "logout").code == 2


def test_keys_are_turned_moved_and_given_up(fly: Flight) -> None:
    login(fly)
    assert json.loads(run(fly, "auth", "rotate-key", "-o", "json").out) == {"resealed": 1}
    before = set(fly.home.rglob("master-*.key"))
    assert run(fly, "auth", "rotate-key", "--master").code == 0
    after = set(fly.home.rglob("master-*.key"))
    assert len(after) == 1
    assert not before & after
    assert run(fly, "account", "list").code == 0
    for path in after:
        path.unlink()
    ran = run(fly, "account", "list")
    assert ran.code == 3
    assert "adopt auth reset" in ran.err
    assert run(fly, "auth", "reset", "-y").code == 0
    assert login(fly).code == 0


def test_a_token_typed_on_a_terminal_is_not_shown(fly: Flight) -> None:
    token = fly.door["access_token"]
    code, shown = on_terminal(
        fly.home,
        "auth",
        "login",
        "--keep-key-in",
        "file",
        keys=f"{token}\n",
        after="(it is not shown)",
        **environment(fly),
    )
    assert code == 0
    assert token not in shown
    assert "Signed in as" in shown


# -- in the browser ---------------------------------------------------------------------------------


@contextmanager
def signing_in(fly: Flight, *argv: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A login that waits for its browser, and the address that it prints."""
    more = {**environment(fly), "ADOPT_APP_SECRET": fly.door["app_secret"]}
    command = ["auth", "login", "--app-id", fly.door["app_id"], "--port", "0", "--no-browser", "--keep-key-in", "file"]
    with subprocess.Popen(
        [sys.executable, "-m", "adopt", *command, *argv],
        env=environment_of(fly.home, **more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr
            yield process, process.stderr.readline().removeprefix("Agree in the browser: ").strip()
        finally:
            process.kill()


def agree(address: str, answer: str = "yes") -> str:
    """Where Meta's dialog sends the browser back to after this answer."""
    shown = httpx.get(address)
    assert shown.status_code == 200
    assert "ads_management" in shown.text
    return httpx.get(f"{address}&answer={answer}").headers["Location"]


def test_a_person_signs_in_in_the_browser(fly: Flight) -> None:
    with signing_in(fly) as (process, address):
        page = httpx.get(agree(address))
        assert (page.status_code, "Thank you" in page.text) == (200, True)
        out, _ = process.communicate(timeout=30)
        assert process.returncode == 0
    assert "Signed in as" in out
    assert "the token ends in" in out
    [found] = json.loads(run(fly, "auth", "status", "-o", "json").out)
    assert found["kind"] == "user"
    assert 55 < found["days_left"] <= 60
    assert run(fly, "account", "list").code == 0


@pytest.mark.parametrize("change", ["wrong", "missing", "empty"])
def test_another_state_is_refused_and_the_sign_in_goes_on(fly: Flight, change: str) -> None:
    with signing_in(fly) as (process, address):
        there = agree(address)
        state = parse_qs(urlsplit(there).query)["state"][0]
        other = {"wrong": f"state={state[:-1]}", "missing": "x=y", "empty": "state="}[change]
        page = httpx.get(there.replace(f"state={state}", other))
        assert (page.status_code, "not the sign-in that was begun" in page.text) == (400, True)
        assert httpx.get(there).status_code == 200
        process.communicate(timeout=30)
        assert process.returncode == 0


def test_a_person_who_declines_is_heard(fly: Flight) -> None:
    with signing_in(fly) as (process, address):
        assert "Not connected" in httpx.get(agree(address, "no")).text
        _, err = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "the permission was not given" in err
    assert run(fly, "auth", "status").code == 3


def test_another_host_or_path_is_not_answered(fly: Flight) -> None:
    with signing_in(fly) as (process, address):
        there = urlsplit(agree(address))
        assert httpx.get(f"http://localhost:{there.port}/").status_code == 404
        rebound = httpx.get(there.geturl(), headers={"Host": "evil.example"})
        assert rebound.status_code == 400
        assert httpx.get(there.geturl()).status_code == 200
        process.communicate(timeout=30)


def test_the_address_can_be_pasted(fly: Flight) -> None:
    more = {**environment(fly), "ADOPT_APP_SECRET": fly.door["app_secret"]}
    code, shown = on_terminal(
        fly.home, "auth", "login", "--app-id", fly.door["app_id"], "--port", "0", "--paste", "--keep-key-in", "file",
        keys="http://localhost:1/connect/meta/callback?code=x&state=y\n", **more,
    )  # fmt: skip
    assert code == 2
    assert "not the sign-in that was begun" in shown


def test_a_code_that_is_too_old_is_refused_with_metas_reason(fly: Flight) -> None:
    with signing_in(fly) as (process, address):
        there = agree(address)
        fly.advance("1h")
        httpx.get(there)
        _, err = process.communicate(timeout=30)
    assert process.returncode in (3, 4)
    assert "code" in err


def test_another_secret_is_refused(fly: Flight, tmp_path: Path) -> None:
    fly.door["app_secret"] = "0" * 32
    with signing_in(fly) as (process, address):
        httpx.get(agree(address))
        _, err = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "0" * 32 not in err
    assert tmp_path.exists()
