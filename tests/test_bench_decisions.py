import sys
from pathlib import Path

import numpy as np
import pytest
from msgspec import to_builtins
from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).parent.parent))  # the benchmark is run from the repository, not installed

from bench.decisions.baselines import Rule, ThreeDays, Wilson
from bench.decisions.evidence import Evidence, Options
from bench.decisions.growth import Growth
from bench.decisions.living import Look, Outcome, best_shares, live
from bench.decisions.looks import look_gap
from bench.decisions.metrics import Measure, Record, calibration, clopper_pearson, measures, share, together, wald_ratio
from bench.decisions.picture import picture
from bench.decisions.policies import MAIN, POLICIES
from bench.decisions.report import report, table
from bench.decisions.run import Suite, jobs_of, run
from bench.decisions.scenarios import CRITEO, FAST, SCENARIOS, WHY, Delay
from bench.decisions.worlds import Flow, Poll, Setting, World, make_world, reported

SHORT = replace(SCENARIOS["D1"], days=8)


def world(name: str = "D1", seed: int = 1000, size: int = 80, days: int = 8) -> World:
    return make_world(replace(SCENARIOS[name], days=days), seed, size)


class Clairvoyant:
    def __init__(self, world: World) -> None:
        self._best = best_shares(world)
        self._a_day = world.steps_a_day
        self._step = 0

    def begin(self) -> np.ndarray:
        return self._best[:, 0]

    def look(self, poll: Poll) -> Look:
        del poll
        self._step += 1
        return Look(self._best[:, min(self._step // self._a_day, self._best.shape[1] - 1)])


def measured(outcome: Outcome) -> dict[str, Measure]:
    return measures(outcome, boundary=False, growth=False, seed=1)


@pytest.mark.parametrize("name", ["D1", "D5", "D15"])
def test_a_seed_makes_one_world(name: str) -> None:
    one, other, another = world(name), world(name), world(name, seed=1001)
    assert np.array_equal(one.planned, other.planned)
    assert all(
        np.array_equal(getattr(one.entries, f), getattr(other.entries, f)) for f in one.entries.__struct_fields__
    )
    assert not np.array_equal(one.planned, another.planned)


def test_a_run_repeats_itself() -> None:
    assert measured(live(world(), Evidence(world().setting))) == measured(live(world(), Evidence(world().setting)))


@pytest.mark.parametrize("name", ["D1", "D7", "D8", "D13/loss0"])
def test_a_clairvoyant_earns_all_there_is(name: str) -> None:
    here = world(name)
    outcome = live(here, Clairvoyant(here))
    assert outcome.profit.sum() == pytest.approx(outcome.best.sum())
    assert outcome.lost.sum() == pytest.approx(0, abs=1e-9 * outcome.best.sum() + 1e-9) or name.startswith("D13")
    assert outcome.missed.sum() == pytest.approx(0, abs=1e-6)


def test_who_never_pauses_pauses_nothing_wrongly() -> None:
    found = measured(live(world(), Rule(world().setting)))
    assert found["false_pause"].value == found["fdr"].value == found["losers_proven"].value == 0
    assert found["profit_missed"].value == pytest.approx(0, abs=1e-12)
    assert found["delivered"].value == 1


def test_what_is_not_earned_was_lost_or_missed() -> None:
    found = measured(live(world(days=12), Wilson(world(days=12).setting)))
    assert found["profit"].value + found["money_lost"].value + found["profit_missed"].value == pytest.approx(1)


def test_a_poll_and_a_setting_hold_no_truth() -> None:
    assert Poll.__struct_fields__ == ("hour", "spend", "clicks", "results", "revenue")
    assert not {"truth", "quality", "entries", "beta", "mark"} & set(Setting.__struct_fields__)
    assert world("D1").setting.delay is world("D2").setting.delay is None


def test_worlds_know_nothing_of_the_engine() -> None:
    root = Path(__file__).parent.parent / "bench" / "decisions"
    assert all(
        "adopt" not in (root / name).read_text() for name in ("worlds.py", "scenarios.py", "living.py", "log.py")
    )


def test_all_that_is_reported_in_the_end_was_bought() -> None:
    here = world("D3/fast", days=20)
    flow = Flow(here)
    for number in range(here.steps):
        poll = flow.step(number, np.ones(80))
    bought = here.entries.count.sum()
    assert 0.85 * bought < poll.results.sum() < bought
    assert poll.results.sum() == pytest.approx(poll.spend.sum(), rel=0.12)


def test_less_budget_keeps_a_part_of_the_same_conversions() -> None:
    here = world("D3/fast")
    full, half = Flow(here), Flow(here)
    for number in range(here.steps):
        all_of_it, some = full.step(number, np.ones(80)), half.step(number, np.full(80, 0.5))
        assert np.all(some.results <= all_of_it.results)
    assert some.spend == pytest.approx(all_of_it.spend / 2)
    assert some.results.sum() == pytest.approx(all_of_it.results.sum() / 2, rel=0.15)


@pytest.mark.parametrize(("delay", "shares"), [(FAST, (0.41, 0.75, 0.90)), (CRITEO, (0.37, 0.53, 0.66))])
def test_delays_are_as_published(delay: Delay, shares: tuple[float, ...]) -> None:
    assert reported(delay, np.array([1.0, 24.0, 72.0])) == pytest.approx(shares, abs=0.01)
    assert reported(delay, np.array([0.0, delay.window_h, 9e9])) == pytest.approx([0, 1, 1])


def test_a_duplicate_is_taken_back() -> None:
    entries = world("D15").entries
    twice = entries.count < 0
    assert 0.08 < twice.sum() / (entries.count > 0).sum() < 0.16


def test_an_outage_reports_nothing() -> None:
    here = world("D15", days=30)
    daily = np.bincount(here.entries.reported[here.entries.count > 0] // 24, minlength=31)[8:20]
    assert daily.min() < 0.35 * np.median(daily)


def test_evidence_does_not_depend_on_when_one_looks() -> None:
    here = make_world(replace(SCENARIOS["D14"], days=9), 1000, 12)
    assert look_gap(here, "evidence") == 0
    assert look_gap(here, "wilson_hourly") == 0


def test_evidence_pauses_losers_and_spares_what_is_on_target() -> None:
    losers = make_world(replace(SHORT, median=0.3, within=0.0, between=0.0, budget=120.0), 1000, 40)
    target = make_world(replace(SCENARIOS["D3/fast"], days=8), 1000, 40)
    assert live(losers, Evidence(losers.setting, Options(throttles=False))).paused.mean() > 0.3
    assert live(losers, ThreeDays(losers.setting)).paused.mean() > 0.9
    assert live(target, Evidence(target.setting)).paused.mean() < 0.1


def test_hardly_any_of_what_is_on_target_is_ever_paused_even_by_proof_alone() -> None:
    """A release gate: every ad set exactly on target, fully funded, looked at every hour of 30 days."""
    here = make_world(SCENARIOS["D3/fast"], 1000, 400)
    outcome = live(here, Evidence(here.setting, Options(throttles=False)))
    assert outcome.wrongly.mean() <= 0.05


def test_it_earns_more_than_wilson_every_hour_and_would_not_without_its_throttle() -> None:
    """A release gate, in the quick suite's base world: one that is smaller, a few large winners would decide."""
    here = make_world(SCENARIOS["D1"], 1000, 800)
    wilson = live(here, Wilson(here.setting)).profit.sum()
    assert live(here, Evidence(here.setting)).profit.sum() >= wilson
    assert live(here, Evidence(here.setting, Options(throttles=False))).profit.sum() < wilson


def test_growth_stays_within_the_total_and_the_cap() -> None:
    here = world("D13/loss0", days=12)
    policy, flow = Growth(here.setting), Flow(here)
    share_of = policy.begin()
    for number in range(here.steps):
        share_of = policy.look(flow.step(number, share_of)).share
        spent = np.bincount(here.setting.account, share_of * here.setting.base)
        assert np.all(spent <= 3 * np.bincount(here.setting.account, here.setting.base) * 1.001)
        assert share_of.max() <= 5.001
    assert share_of.max() > 1.5


@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_says_budgets(policy: str) -> None:
    here = world()
    outcome = live(here, POLICIES[policy](here))
    assert np.all(np.isfinite(outcome.profit))
    assert outcome.profit.sum() <= outcome.best.sum()


def test_limits_are_exact() -> None:
    assert to_builtins(clopper_pearson(0, 20)) == pytest.approx({"value": 0, "low": 0, "high": 0.16843}, abs=1e-5)
    assert to_builtins(clopper_pearson(3, 10)) == pytest.approx(
        {"value": 0.3, "low": 0.06674, "high": 0.65245}, abs=1e-5
    )
    assert clopper_pearson(5, 5).high == 1
    assert share(np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)) == Measure(0.0, 0.0, 1.0)


def test_the_proof_is_near_the_least_possible_spend() -> None:
    assert 1.0 < wald_ratio(0.05, 1).value < 1.25


def test_outcomes_of_seeds_keep_their_accounts_apart() -> None:
    one = live(world(), Rule(world().setting))
    both = together([one, one])
    assert sorted(set(both.account.tolist())) == [0, 1, 2, 3]
    assert both.profit.sum() == pytest.approx(2 * one.profit.sum())


def test_records_have_the_documented_shape() -> None:
    records = run(Suite(1, 80, MAIN), 1000, 1, only=["D3", "D14"])
    assert {tuple(to_builtins(r)) for r in records} == {("scenario", "policy", "metric", "value", "low", "high")}
    assert all(r.low <= r.value <= r.high for r in records)
    assert {r.scenario for r in records} == {"D3", "D3/fast", "D3/slow", "D14"}
    assert not [r for r in records if r.scenario.startswith("D3") and r.metric == "profit"]


def test_a_bare_name_stands_for_the_worst_variant() -> None:
    suite = Suite(1, 80, ("wilson_hourly",))
    found = {r.scenario: r.value for r in run(suite, 1000, 1, only=["D3"]) if r.policy == "wilson_hourly"}
    assert found["D3"] == max(found["D3/fast"], found["D3/slow"])


def test_a_suite_runs_each_world() -> None:
    jobs = jobs_of(Suite(2, 800, ("evidence",)), 5)
    assert {job.scenario for job in jobs if job.policy == "evidence"} == set(SCENARIOS)
    assert {job.seed for job in jobs} == {5, 6}
    assert {scenario.split("/")[0] for scenario in SCENARIOS} == set(WHY)


def test_a_report_names_gates_and_policies() -> None:
    records = [Record(name, policy, "false_pause", 0.01, 0.0, 0.02) for name in ("D3", "D3/slow") for policy in MAIN]
    records += [Record("D1", "evidence", metric, 0.7, 0.6, 0.8) for metric in ("profit", "false_pause", "profit_lead")]
    text = report(records, "A test.", "picture.svg")
    assert "| wilson_hourly | 1.0% |" in text
    assert "| on target, ever paused: upper 95 % limit | <= 5.5% | 1.0% (0.0% to 2.0%) in D3 | met |" in text
    assert "| good ad sets ever paused wrongly | <= 3.0% | 70.0% (60.0% to 80.0%) in D1 | missed |" in text
    assert "D3/slow" in table(records)
    assert "evidence</text>" in picture(records)


def test_the_error_of_a_calibration_takes_ad_sets_of_one_account_for_as_good_as_one() -> None:
    believed, account = np.full((100, 1), 0.5), np.repeat([0, 1], 50)
    alike, mixed = (account == 0)[:, None], (np.arange(100) % 2 == 0)[:, None]
    assert calibration(believed, alike, account)["calibration_se"].value == pytest.approx(np.sqrt(2 * 25**2) / 100)
    assert calibration(believed, mixed, account)["calibration_se"].value == 0
    assert calibration(believed, mixed, account)["calibration_gap"].value == 0
