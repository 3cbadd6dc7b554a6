"""What only a person can mend: an account is left alone, that is told once, and work goes on by itself afterwards."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flight import Flight, flight
from webhook import Hook

from adopt.mock import control


class Trouble(NamedTuple):
    """How it comes, how it goes, and what is said of it; both give the token to use then."""

    begin: Callable[[Flight], str]
    end: Callable[[Flight], str]
    said: str


def revoked(fly: Flight) -> str:
    token = str(control.new_token(fly.control)["access_token"])
    control.revoke_token(fly.control, token)
    return token


def without_permission(fly: Flight) -> str:
    return str(control.new_token(fly.control, scopes=["ads_read"])["access_token"])


def disabled(fly: Flight) -> str:
    fly.scenario("account disabled")
    fly.advance("1h")
    return str(fly.door["access_token"])


def enabled(fly: Flight) -> str:
    control.stop_scenarios(fly.control, "account disabled")
    fly.advance("1h")
    return str(fly.door["access_token"])


def whole(fly: Flight) -> str:
    return str(fly.door["access_token"])


TROUBLES = {
    "revoked": Trouble(revoked, whole, "token"),
    "permission": Trouble(without_permission, whole, "permission"),
    "disabled": Trouble(disabled, enabled, "disabled"),
}


@pytest.fixture
def fly(tmp_path: Path) -> Iterator[Flight]:
    with flight(tmp_path, "--seed", "1", "--ad-sets", "12", "--days", "40") as flown:
        assert flown.adopt("init", *flown.targets()).code == 0
        yield flown


@pytest.mark.parametrize("name", TROUBLES)
def test_it_is_told_once_nothing_is_written_and_work_goes_on_when_it_is_mended(fly: Flight, name: str) -> None:
    trouble = TROUBLES[name]
    with Hook() as hook:
        assert fly.adopt("notify", "add", hook.url, "--about", "troubles").code == 0
        token = trouble.begin(fly)
        before = statuses(fly) if name != "revoked" else None
        for _ in range(3):
            ran = fly.adopt("optimize", ADOPT_ACCESS_TOKEN=token)
            assert ran.code == 3, ran.err
            assert trouble.said in ran.err.lower()
            assert "try: " in ran.err
            assert fly.adopt("job", "run", ADOPT_ACCESS_TOKEN=token).code == 0
        assert before is None or statuses(fly) == before
        assert len(hook.texts) == 1
        assert trouble.said in hook.texts[0].lower()
        token = trouble.end(fly)
        for _ in range(2):
            ran = fly.adopt("optimize", ADOPT_ACCESS_TOKEN=token)
            assert ran.code in (0, 7), ran.err
            assert fly.adopt("job", "run", ADOPT_ACCESS_TOKEN=token).code == 0
        assert sum("works again" in text for text in hook.texts) == 1
        assert [row["kind"] for row in fly.json("log", "-l", "1000") if row["kind"] in ("trouble", "mended")] == [
            "trouble",
            "mended",
        ]


def statuses(fly: Flight) -> Any:
    """What the ad sets are set to, as the owner sees it."""
    return fly.json("adset", "list", "--all", "--fields", "id,status,daily_budget")


def test_a_plan_that_waits_and_the_digest_of_a_day_are_told(fly: Flight) -> None:
    policy = fly.home / "config" / "policy" / f"{fly.account}.toml"
    text = policy.read_text().replace('autonomy = "apply"', 'autonomy = "approve"', 1)
    policy.write_text(f'{text}\n[schedule]\noptimize = "4h"\npoll = "off"\ndigest = "5m"\n')
    with Hook() as hook:
        assert fly.adopt("notify", "add", hook.url, "--about", "approvals,digest").code == 0
        assert fly.adopt("optimize").code == 0
        assert fly.adopt("daemon", "start").code == 0
        try:
            hook.wait(lambda: any("Spent $" in one for one in hook.texts))
        finally:
            assert fly.adopt("daemon", "stop").code == 0
        assert fly.adopt("daemon", "start").code == 0
        assert fly.adopt("daemon", "stop").code == 0
        assert fly.adopt("job", "run").code == 0
        lines = [line for one in hook.texts for line in one.splitlines()]
        assert sum("Spent $" in line for line in lines) == 1
        waiting = [line for line in lines if "waits for a yes until" in line]
        assert waiting
        assert len({line.split()[1] for line in waiting}) == len(waiting)
        plan = waiting[0].split()[1]
        assert f"(try: adopt apply {plan})" in waiting[0]
