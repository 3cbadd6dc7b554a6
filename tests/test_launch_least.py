"""The least that ad sets may spend: by what is paid for, by the goal, under a bid, by the day, shared by a campaign."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flight import flight
from launch_specs import KNOWN, checked, spoilt
from msgspec.structs import replace

from adopt.graph.client import Graph
from adopt.launch.known import Known
from adopt.launch.least import read
from adopt.operations.surveying import survey

# What Meta's help page on minimum budgets says for dollars, as `minimum_budgets` names it.
ROW = {
    "currency": "USD",
    "min_daily_budget_imp": 100,
    "min_daily_budget_high_freq": 500,
    "min_daily_budget_low_freq": 4000,
    "min_daily_budget_video_views": 500,
}
UNDER_A_BID = {**ROW, "min_daily_budget_imp": 1200, "min_daily_budget_high_freq": 6000}
MONEY = 'daily_budget = "30.00"'
TRAFFIC = 'objective = "traffic"'


def known(**more: Any) -> Known:
    return replace(KNOWN, least=100, minima={0: read(ROW), 1200: read(UNDER_A_BID)}, **more)


def told(folder: Path, money: str, objective: str = TRAFFIC) -> list[tuple[str, str, str, str]]:
    """What is told of a spec with this money: level, key, sentence, what would be allowed."""
    text = spoilt(MONEY, money).replace('objective = "sales"', objective)
    report = checked(folder, text, known())
    return list(dict.fromkeys((one.level, one.key, one.what, one.allowed) for one in report.problems))


@pytest.mark.parametrize(
    ("money", "objective", "wanted"),
    [
        ('daily_budget = "1.00"', TRAFFIC, []),
        (
            'daily_budget = "0.99"',
            TRAFFIC,
            [("error", "adset.daily_budget", "$0.99 is less than this ad account may spend", "$1.00 or more")],
        ),
        (
            'daily_budget = "4.99"\nbilling_event = "link_clicks"\ngoal = "link_clicks"',
            TRAFFIC,
            [
                (
                    "error",
                    "adset.daily_budget",
                    "$4.99 is less than an ad set billed by link_clicks may spend",
                    "$5.00 or more",
                )
            ],
        ),
        ('daily_budget = "5.00"\nbilling_event = "link_clicks"\ngoal = "link_clicks"', TRAFFIC, []),
        (
            'daily_budget = "4.99"',
            'objective = "sales"',
            [
                (
                    "warning",
                    "adset.daily_budget",
                    "offsite_conversions is a rare event, and Meta may refuse less than $5.00 a day for it",
                    "$5.00 or more",
                )
            ],
        ),
        ('daily_budget = "5.00"', 'objective = "sales"', []),
        (
            'daily_budget = "11.99"\nbid_strategy = "cost_cap"\nbid_amount = "12.00"',
            TRAFFIC,
            [
                (
                    "error",
                    "adset.daily_budget",
                    "$11.99 is less than an ad set with a bid of $12.00 may spend",
                    "$12.00 or more",
                )
            ],
        ),
        (
            'daily_budget = "59.99"\nbid_strategy = "bid_cap"\nbid_amount = "12.00"',
            TRAFFIC,
            [("warning", "adset.daily_budget", "Meta asks for five times the cap a day", "$60.00 or more")],
        ),
        ('daily_budget = "60.00"\nbid_strategy = "bid_cap"\nbid_amount = "12.00"', TRAFFIC, []),
        (
            'lifetime_budget = "9.99"\nstart = "2026-12-01"\nend = "2026-12-10"',
            TRAFFIC,
            [
                (
                    "error",
                    "adset.lifetime_budget",
                    "$9.99 is less than this ad account may spend in 10 days",
                    "$10.00 or more",
                )
            ],
        ),
        ('lifetime_budget = "10.00"\nstart = "2026-12-01"\nend = "2026-12-10"', TRAFFIC, []),
    ],
)
def test_a_budget_is_held_against_the_least_of_what_it_pays_for(
    tmp_path: Path, money: str, objective: str, wanted: list[Any]
) -> None:
    assert told(tmp_path, money, objective) == wanted


@pytest.mark.parametrize(
    ("budget", "wanted"),
    [
        ("0.99", [("error", "$0.99 is less than this ad account may spend")]),
        ("1.99", [("warning", "2 ad sets share it, and Meta may refuse less than the least of all of them")]),
        ("2.00", []),
    ],
)
def test_a_shared_budget_is_held_against_the_ad_sets_that_share_it(
    tmp_path: Path, budget: str, wanted: list[Any]
) -> None:
    text = spoilt(MONEY, "").replace("[campaign]", f'[campaign]\ndaily_budget = "{budget}"')
    report = checked(tmp_path, text.replace('objective = "sales"', TRAFFIC), known())
    assert [(one.level, one.what) for one in report.problems] == wanted


def test_without_the_account_nothing_is_said_of_the_least(tmp_path: Path) -> None:
    report = checked(tmp_path, spoilt(MONEY, 'daily_budget = "0.01"'), None)
    assert report.problems == ()
    assert "its least daily budget" in report.unchecked


class Served:
    """A Graph API that answers one batch after another, and keeps what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = iter(answers)
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        from json import dumps, loads
        from urllib.parse import parse_qs

        batch = loads(parse_qs(request.content.decode())["batch"][0])
        self.asked += [one["relative_url"] for one in batch]
        bodies = [next(self.answers) for _ in batch]
        return httpx.Response(200, json=[{"code": code, "body": dumps(body)} for code, body in bodies])


OWN = {"id": "act_1", "name": "Shop", "currency": "USD", "timezone_name": "UTC", "min_daily_budget": 100}
DENIED = (403, {"error": {"code": 200, "message": "Permissions error", "type": "OAuthException"}})


def test_an_account_is_surveyed_in_one_request_and_one_for_all_bids() -> None:
    from decimal import Decimal

    served = Served(
        (200, OWN),
        (200, {"default_dsa_payor": "Shop Ltd", "id": "act_1"}),
        (200, {"data": [{"id": "7"}]}),
        DENIED,
        (200, {"data": [ROW]}),
        (200, {"data": [UNDER_A_BID]}),
    )
    with Graph("https://graph.facebook.com", "t" * 20, transport=httpx.MockTransport(served)) as graph:
        found = survey(graph, "1", (Decimal("12.00"),))
        assert graph.calls == 2
    assert (found.pages, found.pixels) == (("7",), None)
    assert (found.beneficiary, found.payor) == (False, True)
    assert [found.least, found.least_of("high_freq"), found.least_of("imp", 1200)] == [100, 500, 1200]
    assert served.asked[-1] == "act_1/minimum_budgets?bid_amount=1200"


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with flight(tmp_path_factory.mktemp("shop"), "--ad-sets", "2", "--days", "3") as fly:
        yield fly


def test_the_simulated_account_tells_its_least_and_enforces_it(account: Any, tmp_path: Path) -> None:
    with Graph(account.door["base_url"], account.door["access_token"]) as graph:
        found = survey(graph, account.account)
    assert found.least == found.least_of("imp")
    assert len(found.pages or ()) == 1
    account.adopt("launch", "init", str(tmp_path))
    path = tmp_path / "launch.toml"
    path.write_text(path.read_text().replace('"20.00"', '"0.10"'))
    ran = account.adopt("launch", str(path))
    assert ran.code == 2
    assert "$0.10 is less than this ad account may spend" in ran.out
