"""The client against the simulator, as a real process: what is written is there, what is lost is not repeated."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest

from adopt.errors import NeedsPerson, Rejected, Temporary, Unknown
from adopt.graph import insights, objects
from adopt.graph.client import Graph
from adopt.mock import control
from adopt.model import Account, AdSet, Change, Ref

SERVE = """
import sys
from adopt.mock.account import Options
from adopt.mock.serve import serve
serve(Options(ad_sets=int(sys.argv[1]), days=int(sys.argv[2])), port=0)
"""


@contextmanager
def simulator(home: Path, ad_sets: int = 12, days: int = 30) -> Iterator[dict[str, Any]]:
    """A simulator for the length of a block, and its line."""
    command = [sys.executable, "-c", SERVE, str(ad_sets), str(days)]
    environment = {**os.environ, "ADOPT_HOME": str(home)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with simulator(tmp_path_factory.mktemp("simulator")) as started:
        yield started


@pytest.fixture
def graph(line: dict[str, Any]) -> Iterator[Graph]:
    control.reset(url=line["control_url"])
    control.forget_faults(url=line["control_url"])
    with Graph(line["base_url"], line["access_token"], sleep=lambda _: None, timeout_s=5) as opened:
        yield opened


@pytest.fixture
def account(line: dict[str, Any], graph: Graph) -> Account:
    return objects.account(graph, line["ad_account_id"])


@pytest.fixture
def ad_set(graph: Graph, account: Account) -> AdSet:
    ad_sets = objects.structure(graph, account)[1]
    return next(each for each in ad_sets if each.daily_budget and each.status == "ACTIVE")


def change(ad_set: AdSet, field: Literal["status", "daily_budget"], after: str | int) -> Change:
    before = getattr(ad_set, field)
    return Change(object=ref(ad_set), field=field, before=before, after=after, rule="by hand", sentence="")


def ref(ad_set: AdSet) -> Ref:
    return Ref(level="adset", id=ad_set.id, name=ad_set.name)


def seen(graph: Graph, ad_set: AdSet, field: str) -> object:
    (found,) = objects.look(graph, [(ref(ad_set), field)])
    assert found.values
    return found.values[field]


def writes(line: dict[str, Any], ad_set: AdSet) -> int:
    """How often a write of this ad set reached the simulator."""
    served = control.calls(url=line["control_url"])
    return sum(call["method"] == "POST" and ad_set.id in call["path"] for call in served)


def test_a_pass_over_a_thousand_ad_sets_costs_three_calls(tmp_path: Path) -> None:
    with simulator(tmp_path, ad_sets=1000, days=3) as big, Graph(big["base_url"], big["access_token"]) as graph:
        account = objects.account(graph, big["ad_account_id"])
        ad_sets = objects.structure(graph, account)[1]
        today = graph.moment.date()
        days = insights.daily(graph, account, today - timedelta(days=2), today, "purchase")
        assert len(control.calls(url=big["control_url"])) == graph.calls == 3
    assert len(ad_sets) == 1000
    assert len(days) > 1000


def test_the_days_of_all_ad_sets_add_up_to_the_account(graph: Graph, account: Account) -> None:
    until = graph.moment.date() - timedelta(days=1)
    since = until - timedelta(days=6)
    days = insights.daily(graph, account, since, until, "purchase")
    (total,) = insights.report(
        graph, account.id, fields=["spend", "impressions", "actions", "action_values"], since=since, until=until
    )
    bought = next(each["value"] for each in total["actions"] if each["action_type"] == "omni_purchase")
    earned = next(each["value"] for each in total["action_values"] if each["action_type"] == "omni_purchase")
    assert sum(day.spend for day in days) == Decimal(total["spend"]) * 100
    assert sum(day.impressions for day in days) == int(total["impressions"])
    assert sum(day.results[0] for day in days) == int(bought)
    assert sum(day.revenue[0] for day in days) == Decimal(earned) * 100


def test_the_accounts_of_the_token_are_the_account(graph: Graph, account: Account) -> None:
    assert objects.accounts(graph) == (account,)


@pytest.mark.parametrize("noun", ["campaign", "adset", "ad", "creative"])
def test_each_noun_is_listed_and_read_with_its_fields(graph: Graph, account: Account, noun: str) -> None:
    (first,) = objects.rows(graph, f"{account.id}/{objects.edge_of(noun)}", limit=1)
    assert objects.node(graph, first["id"], objects.FIELDS[noun]) == first
    assert set(first) <= set(objects.FIELDS[noun])


@pytest.mark.parametrize(("field", "after"), [("status", "PAUSED"), ("daily_budget", 12345)])
def test_a_change_is_seen_after_it_is_written(
    graph: Graph, ad_set: AdSet, field: Literal["status", "daily_budget"], after: str | int
) -> None:
    objects.write(graph, change(ad_set, field, after))
    assert seen(graph, ad_set, field) == after


def test_an_object_nobody_has_is_gone(graph: Graph, ad_set: AdSet) -> None:
    nobody = Ref(level="adset", id="999", name="nobody")
    found = objects.look(graph, [(nobody, "status"), (ref(ad_set), "status")])
    assert [each.values is None for each in found] == [True, False]


def test_the_fifth_budget_change_in_an_hour_waits_for_a_slot(graph: Graph, ad_set: AdSet) -> None:
    for more in range(1, 5):
        objects.write(graph, change(ad_set, "daily_budget", 10000 + more))
    with pytest.raises(Temporary, match="four budget changes an hour") as caught:
        objects.write(graph, change(ad_set, "daily_budget", 20000))
    assert caught.value.subcode == 1487632


def test_a_budget_below_the_minimum_is_rejected_in_metas_words(graph: Graph, ad_set: AdSet) -> None:
    with pytest.raises(Rejected, match="Budget Is Too Low"):
        objects.write(graph, change(ad_set, "daily_budget", 1))


@pytest.mark.parametrize(("kind", "made"), [("drop", False), ("drop_after", True), ("truncate", True)])
def test_a_lost_answer_is_unknown_and_the_write_is_not_repeated(
    line: dict[str, Any], graph: Graph, ad_set: AdSet, kind: str, *, made: bool
) -> None:
    control.forget_calls(url=line["control_url"])
    control.fault(kind=kind, url=line["control_url"], method="POST", path=ad_set.id)
    with pytest.raises(Unknown):
        objects.write(graph, change(ad_set, "status", "PAUSED"))
    assert writes(line, ad_set) == 1
    assert (seen(graph, ad_set, "status") == "PAUSED") is made


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop"},
        {"kind": "drop_after"},
        {"kind": "truncate"},
        {"kind": "http", "status": 502},
        {"kind": "error", "code": 2, "status": 503},
    ],
)
def test_a_poll_gets_over_trouble(line: dict[str, Any], graph: Graph, account: Account, fault: dict[str, Any]) -> None:
    control.fault(url=line["control_url"], path="adsets", times=2, **fault)
    assert len(objects.structure(graph, account)[1]) == 12


def test_a_listing_that_is_too_large_comes_in_smaller_pages(
    line: dict[str, Any], graph: Graph, account: Account
) -> None:
    less = "Please reduce the amount of data you're asking for, then retry your request"
    control.fault(kind="error", url=line["control_url"], path="adsets", times=8, code=1, status=500, message=less)
    assert len(objects.structure(graph, account)[1]) == 12
    assert graph.calls == 1 + 8 + 4  # the account, 1000 halved to 3, and four pages of three


def test_an_expired_token_needs_a_person(line: dict[str, Any]) -> None:
    with Graph(line["base_url"], line["expired_token"]) as graph, pytest.raises(NeedsPerson, match="has expired"):
        objects.account(graph, line["ad_account_id"])


def test_a_rate_limit_says_when_it_ends_and_is_not_slept_through(line: dict[str, Any]) -> None:
    with Graph(line["base_url"], line["rate_limit_token"]) as graph, pytest.raises(Temporary) as caught:
        objects.account(graph, line["ad_account_id"])
    assert (caught.value.code, caught.value.subcode) == (80004, 2446079)
    assert caught.value.retry_after_s
    assert graph.usage
    assert graph.usage.percent >= 100
