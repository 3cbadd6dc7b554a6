import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from test_mock_ground import NOON

from adopt.mock.account import Options
from adopt.mock.call import Call
from adopt.mock.clock import Beginning, Clock
from adopt.mock.graph import Graph
from adopt.mock.scenarios import SCENARIOS
from adopt.mock.simulator import Simulator
from adopt.mock.wishes import Wish

HOUR, DAY = 3600, 86400
HISTORY, AD_SETS = 12, 24
FIELDS = "spend,impressions,inline_link_clicks,actions,action_values"


@dataclass(frozen=True)
class Seen:
    """What reports say of an object over some days."""

    spend: float
    impressions: float
    clicks: float
    landed: float
    checkouts: float
    purchases: float
    value: float


def world() -> Graph:
    return Graph(Options(seed=3, ad_sets=AD_SETS, days=HISTORY), Clock(Beginning(NOON, 0.0), machine=lambda: 0.0))


def ask(graph: Graph, path: str, method: str = "GET", **params: str) -> Any:
    answer = graph.answer(Call(method, tuple(path.split("/")), dict(params), graph.world.account.tokens[0]))
    assert answer.status == 200, answer.body
    return answer.body


def wait(graph: Graph, days: float) -> None:
    graph.world.clock.advance(days * DAY)


def date_in(graph: Graph, days: int) -> str:
    return graph.world.calendar.date(HISTORY + days).isoformat()


def reported(graph: Graph, ident: str, first: int, last: int) -> Seen:
    """Give the figures of days after today, the first and the last included."""
    period = f'{{"since":"{date_in(graph, first)}","until":"{date_in(graph, last)}"}}'
    rows = ask(graph, f"{ident}/insights", fields=FIELDS, time_range=period)["data"]
    row = rows[0] if rows else {}
    return Seen(
        float(row.get("spend", 0)),
        float(row.get("impressions", 0)),
        float(row.get("inline_link_clicks", 0)),
        action(row, "actions", "landing_page_view"),
        action(row, "actions", "omni_initiated_checkout"),
        action(row, "actions", "omni_purchase"),
        action(row, "action_values", "omni_purchase"),
    )


def action(row: dict[str, Any], field: str, kind: str) -> float:
    return next((float(one["value"]) for one in row.get(field, ()) if one["action_type"] == kind), 0.0)


def account_of(graph: Graph) -> str:
    return graph.objects.account.id


@cache
def usual(ident: str, first: int, last: int) -> Seen:
    graph = world()
    wait(graph, last + 3)
    return reported(graph, ident, first, last)


def ratios(wish: Wish, first: int = 1, last: int = 3, on: str = "") -> dict[str, float]:
    """Give figures with a scenario over those of the same world without it; days are counted from today."""
    graph = world()
    graph.start_scenario(wish)
    wait(graph, last + 3)
    ident = on or account_of(graph)
    odd, plain = vars(reported(graph, ident, first, last)), vars(usual(ident, first, last))
    return {name: odd[name] / plain[name] for name in odd}


def ad_set(place: int = 0) -> str:
    """Give a busy ad set with a budget of its own."""
    nodes = [one for one in world().objects.ad_sets if one.own.get("daily_budget") and one.status == "ACTIVE"]
    return nodes[place].id


LASTING = {"at": "+12h", "lasting": "3d"}  # from midnight, for the three days that are looked at
SIGNATURES: list[tuple[str, dict[str, tuple[float, float]]]] = [
    ("tracking break, one event", {"spend": (1, 1), "clicks": (1, 1), "purchases": (1, 1), "checkouts": (0.1, 0.35)}),
    ("tracking break, purchases", {"spend": (1, 1), "clicks": (1, 1), "purchases": (0.0, 0.3), "landed": (1, 1)}),
    ("duplicate events", {"spend": (1, 1), "purchases": (1.8, 2.2), "value": (0.95, 1.05)}),
    ("junk traffic", {"impressions": (3, 7), "clicks": (8, 20), "landed": (2, 5), "purchases": (0.8, 2.0)}),
    ("cpm spike, market", {"spend": (0.9, 1.1), "impressions": (0.5, 0.65), "purchases": (0.65, 1.0)}),
    ("landing page down", {"clicks": (1, 1), "landed": (0.03, 0.08), "purchases": (0.0, 0.12)}),
    ("offer or stock problem", {"clicks": (1, 1), "landed": (1, 1), "purchases": (0.35, 0.65)}),
    ("account disabled", {"spend": (0, 0), "impressions": (0, 0), "purchases": (0.05, 0.35)}),
    ("card declined", {"spend": (0, 0), "purchases": (0.05, 0.35)}),
    ("balance empty", {"spend": (0, 0), "purchases": (0.05, 0.35)}),
    ("delivery stall", {"spend": (0.25, 0.35), "impressions": (0.25, 0.35)}),
]


@pytest.mark.parametrize(("name", "expected"), SIGNATURES, ids=[name for name, _ in SIGNATURES])
def test_a_scenario_has_its_signature_in_reports(name: str, expected: dict[str, tuple[float, float]]) -> None:
    found = ratios(Wish(name, **LASTING))
    for figure, (low, high) in expected.items():
        assert low - 1e-9 <= found[figure] <= high + 1e-9, (figure, found)


def test_a_broken_event_makes_the_funnel_impossible() -> None:
    graph = world()
    graph.start_scenario(Wish("tracking break, one event", **LASTING))
    wait(graph, 6)
    seen = reported(graph, account_of(graph), 1, 3)
    assert seen.purchases > seen.checkouts


def test_a_bug_spends_the_day_s_budgets_within_hours_for_no_more_purchases() -> None:
    found = ratios(Wish("cpm spike, platform bug", at="+12h", lasting="12h"), 1, 1)
    assert 1.2 < found["spend"] <= 2.0
    assert found["impressions"] < 0.9
    assert found["purchases"] < 1.0


def test_bad_performance_hits_one_ad_set_alone() -> None:
    bad, other = ad_set(), ad_set(1)
    assert ratios(Wish("BAD performance", ad_set=bad), 2, 8, bad)["purchases"] < 0.6
    assert ratios(Wish("BAD performance", ad_set=bad), 2, 8, other) == dict.fromkeys(vars(usual(other, 2, 8)), 1.0)


def test_fatigue_comes_little_by_little_and_costs_what_it_says() -> None:
    tired = ad_set()
    wish = Wish("creative fatigue", ad_set=tired)
    early, late = (ratios(wish, first, first + 1, tired) for first in (1, 15))
    assert 0.75 < early["clicks"] / early["impressions"] < 1.0
    assert 0.5 < late["clicks"] / late["impressions"] < 0.65
    assert 1.1 < late["spend"] / late["impressions"] < 1.3


def test_a_rejected_ad_stops_and_comes_back() -> None:
    graph = world()
    ad = next(one for one in graph.objects.ads if reported(graph, one.id, -1, -1).spend)
    graph.start_scenario(Wish("ad rejected", ad=ad.id, at="+12h", lasting="1d"))
    wait(graph, 1)
    assert ask(graph, ad.id, fields="effective_status")["effective_status"] == "DISAPPROVED"
    wait(graph, 3)
    assert ask(graph, ad.id, fields="effective_status")["effective_status"] == "ACTIVE"
    assert reported(graph, ad.id, 1, 1).spend == 0
    assert reported(graph, ad.id, 2, 3).spend > 0


def test_a_mistyped_budget_is_seen_spent_logged_and_put_right() -> None:
    graph, ident = world(), ad_set()
    meant = int(ask(graph, ident, fields="daily_budget")["daily_budget"])
    graph.start_scenario(Wish("budget typo", ad_set=ident, at="+12h", lasting="1d"))
    wait(graph, 1)
    assert int(ask(graph, ident, fields="daily_budget")["daily_budget"]) == 10 * meant
    wait(graph, 3)
    assert int(ask(graph, ident, fields="daily_budget")["daily_budget"]) == meant
    assert 5 * meant < 100 * reported(graph, ident, 1, 1).spend <= 17.5 * meant
    log = ask(graph, f"{account_of(graph)}/activities", oid=ident, fields="event_type,actor_name")["data"]
    assert [(one["event_type"], one["actor_name"]) for one in log[:2]] == [
        ("update_ad_set_budget", "Account owner")
    ] * 2


def test_a_mistyped_budget_that_somebody_put_right_is_left_alone() -> None:
    graph, ident = world(), ad_set()
    graph.start_scenario(Wish("budget typo", ad_set=ident, lasting="1d"))
    wait(graph, 0.5)
    ask(graph, ident, "POST", daily_budget="7700")
    wait(graph, 2)
    assert ask(graph, ident, fields="daily_budget")["daily_budget"] == "7700"


@pytest.mark.parametrize(("name", "status"), [("account disabled", 2), ("card declined", 3), ("balance empty", 3)])
def test_a_stopped_account_says_so(name: str, status: int) -> None:
    graph = world()
    graph.start_scenario(Wish(name, at="+1h", lasting="2d"))
    states = []
    for days in (0, 1, 2):
        wait(graph, days)
        states.append(ask(graph, account_of(graph), fields="account_status")["account_status"])
    assert states == [1, status, 1]


def test_reports_lag_and_catch_up() -> None:
    graph = world()
    graph.start_scenario(Wish("reporting lag", at="+12h", lasting="1d", strength=12))
    wait(graph, 1.25)
    stale = reported(graph, account_of(graph), 1, 1).spend
    wait(graph, 4.75)
    exact = reported(graph, account_of(graph), 1, 1)
    assert stale < 0.5 * exact.spend
    assert exact == usual(account_of(graph), 1, 1)


def everything(simulator: Simulator) -> list[Any]:
    graph = simulator.graph
    ident = account_of(graph)
    rows = ask(
        graph, f"{ident}/insights", level="ad", date_preset="maximum", time_increment="1", fields=FIELDS, limit="5000"
    )
    objects = ask(graph, f"{ident}/adsets", fields="id,status,daily_budget", limit="100")
    return [rows["data"], objects["data"], simulator.truth()["scenarios"]]


def test_a_restart_gives_the_same_bytes(tmp_path: Path) -> None:
    state = tmp_path / "world.json"
    one = Simulator(Options(seed=3, ad_sets=6, days=5), NOON, state)
    one.start_scenario(Wish("budget typo", ad_set=one.graph.objects.ad_sets[0].id, at="+3h", lasting="20h"))
    one.start_scenario(Wish("landing page down", at="+5h"))
    one.start_scenario(Wish("offer or stock problem", lasting="9d"))
    one.advance("2d")
    one.stop_scenarios("offer or stock problem")
    one.advance("1d")
    saved = Simulator(Options(seed=9), None, state)
    assert everything(saved)[0][:-40] == everything(one)[0][:-40]
    assert everything(saved)[1:] == everything(one)[1:]


def test_the_past_is_left_alone() -> None:
    plain, odd = world(), world()
    for graph in (plain, odd):
        wait(graph, 3)
        graph.world.report()
    odd.start_scenario(Wish("offer or stock problem"))
    odd.start_scenario(Wish("tracking break, purchases"))
    for graph in (plain, odd):
        wait(graph, 5)
    assert reported(odd, account_of(odd), -HISTORY, 2) == reported(plain, account_of(plain), -HISTORY, 2)
    assert reported(odd, account_of(odd), 4, 6) != reported(plain, account_of(plain), 4, 6)


def test_a_stopped_scenario_is_over_from_the_next_hour() -> None:
    graph = world()
    graph.start_scenario(Wish("delivery stall", at="+12h", lasting="9d"))
    wait(graph, 2.5)
    (stopped,) = graph.stop_scenarios("Delivery-Stall")
    assert stopped["end"].startswith(date_in(graph, 3) + "T01:00")
    wait(graph, 5)
    ident = account_of(graph)
    assert reported(graph, ident, 4, 4).spend > 2 * reported(graph, ident, 2, 2).spend


def test_the_truth_tells_what_was_injected_on_what_and_when() -> None:
    graph = world()
    graph.start_scenario(Wish("Landing page DOWN", at="+2h", lasting="6h", ad_set=ad_set(), strength=0.02))
    (one,) = graph.scenarios()
    begins = graph.world.calendar.local(NOON + 2 * HOUR).isoformat(timespec="seconds")
    ends = graph.world.calendar.local(NOON + 8 * HOUR).isoformat(timespec="seconds")
    told = (one["scenario"], one["level"], one["id"], one["start"], one["end"], one["strength"], one["state"])
    assert told == ("landing page down", "ad set", ad_set(), begins, ends, 0.02, "coming")


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish("landng page down"), "did you mean 'landing page down'?"),
        (Wish("tracking break"), "did you mean 'tracking break, one event' or 'tracking break, purchases'?"),
        (Wish("zzz"), "one of 'tracking break, one event'"),
        (Wish("bad performance"), "it is for --ad-set, --campaign or --ad"),
        (Wish("bad performance", ad_set="zzzzzz"), "there is no ad set 'zzzzzz'; there are"),
        (Wish("bad performance", ad_set="a"), "say the id"),
        (Wish("bad performance", ad_set="a", ad="b"), "name one object, not ad set or ad"),
        (Wish("junk traffic", strength=9.0), "from 0.1 to 0.5"),
        (Wish("card declined", strength=2.0), "'card declined' has no strength"),
        (Wish("junk traffic", event="carts"), "event 'carts' cannot be"),
        (Wish("junk traffic", at="2020-01-01T00:00"), "the past of a world is not changed"),
        (Wish("junk traffic", at="soon"), "'soon' is no time"),
        (Wish("junk traffic", lasting="900d"), "900d is too long"),
        (Wish("reporting lag", campaign="a"), "'reporting lag' cannot be on the campaign"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_with_what_would_be_allowed(wish: Wish, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        world().start_scenario(wish)


def test_an_ad_set_without_a_budget_of_its_own_cannot_be_mistyped() -> None:
    shared = next(one for one in world().objects.ad_sets if not one.own.get("daily_budget"))
    with pytest.raises(ValueError, match="mistype its campaign's"):
        world().start_scenario(Wish("budget typo", ad_set=shared.id))


def test_stopping_what_does_not_run_names_what_does() -> None:
    graph = world()
    graph.start_scenario(Wish("card declined"))
    with pytest.raises(ValueError, match="there are: 1 card declined"):
        graph.stop_scenarios("2")
    assert [one["state"] for one in graph.stop_scenarios("all")] == ["called off"]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_each_scenario_s_usual_strength_lies_in_its_range(scenario: Any) -> None:
    assert scenario.least <= scenario.strength <= scenario.most
    assert scenario.hours >= 6
    assert scenario.parts(scenario.most) == () or all(factor >= 0 for _, factor in scenario.parts(scenario.most))


def realistic(seed: int, days: int = 300) -> Graph:
    options = Options(seed=seed, ad_sets=4, days=days, realistic=True)
    return Graph(options, Clock(Beginning(NOON, 0.0), machine=lambda: 0.0))


def test_a_realistic_account_has_about_one_scenario_in_25_days() -> None:
    found = [realistic(seed).scenarios() for seed in range(1, 11)]
    assert 80 <= sum(map(len, found)) <= 160  # of 120 in 3,000 days
    assert len({one["scenario"] for each in found for one in each}) >= 12
    assert all(one["state"] != "coming" for each in found for one in each)


def test_a_seed_s_mishaps_are_its_own_and_go_on_as_time_does() -> None:
    one, again, other = realistic(1), realistic(1), realistic(2)
    assert one.scenarios() == again.scenarios() != other.scenarios()
    known = one.scenarios()
    wait(one, 200)
    told = one.scenarios()
    assert len(told) > len(known)
    assert [each["start"] for each in told[: len(known)]] == [each["start"] for each in known]


def test_the_story_of_a_seed_has_no_mishaps() -> None:
    graph = world()
    wait(graph, 400)
    assert graph.scenarios() == []
