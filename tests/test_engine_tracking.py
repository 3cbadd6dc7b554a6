"""The silent-tracking guard: it sees an outage, and takes no ordinary bad day for one."""

from datetime import timedelta

import numpy as np
import pytest
from engine_accounts import CPA_30, NOW, Row, ad_set, ordinary, snapshot
from msgspec.structs import replace

from adopt.engine.delay import slow
from adopt.engine.judging import judge
from adopt.engine.planning import make_plan
from adopt.engine.snapshot import Snapshot
from adopt.engine.tracking import silent_tracking

CURVE = slow("7d_click")
SPEND = 120_000.0  # a day


def account(results: list[float], hour: int = 12) -> Snapshot:
    """An account with so many results a day, from 30 days ago to today, at that hour."""
    rows = [Row(0, len(results) - 1 - n, SPEND, 1_000, count) for n, count in enumerate(results)]
    return replace(snapshot([ad_set()], rows), now=NOW.replace(hour=hour))


@pytest.mark.parametrize("hour", [6, 12, 18, 23])
def test_a_day_without_results_in_an_account_of_forty_a_day_is_an_outage(hour: int) -> None:
    sentence = silent_tracking(account([40] * 29 + [0, 0], hour), CURVE)
    assert sentence is not None
    assert sentence.startswith("tracking looks down: 0 results since 2026-03-0")


def test_three_days_without_results_are_an_outage_in_an_account_of_ten_a_day() -> None:
    assert silent_tracking(account([10] * 27 + [0] * 4), CURVE) is not None


@pytest.mark.parametrize("per_day", [0, 0.1, 0.5, 1, 2])
def test_a_tiny_account_never_looks_down(per_day: float) -> None:
    assert silent_tracking(account([per_day] * 27 + [0] * 4), CURVE) is None


def test_an_account_without_history_does_not_look_down() -> None:
    assert silent_tracking(snapshot(), CURVE) is None
    assert silent_tracking(account([0] * 31), CURVE) is None
    assert silent_tracking(account([0, 0]), CURVE) is None


def test_a_day_that_is_not_over_is_no_outage() -> None:
    assert silent_tracking(account([40] * 30 + [0], hour=23), CURVE) is None


def test_negative_corrections_count_as_none() -> None:
    assert silent_tracking(account([40] * 29 + [-3, -1]), CURVE) is not None
    assert silent_tracking(account([-40] * 29 + [0, 0]), CURVE) is None


@pytest.mark.parametrize("per_day", [3, 10, 40, 200])
def test_ordinary_noise_is_no_outage(per_day: int) -> None:
    """2,500 account-days each; three windows at a chance of 1 in 10,000 would allow one."""
    rng = np.random.default_rng(per_day)
    results = rng.poisson(per_day, (2_500, 31)).astype(float)
    results[:, -1] = rng.poisson(per_day / 2, 2_500)
    assert sum(silent_tracking(account(list(one)), CURVE) is not None for one in results) <= 1


def test_the_chance_holds_at_the_share_that_still_counts_as_usual() -> None:
    """At 0.6 of the expected arrivals, the worst that is no outage, 10,000 account-days fire 3 times at most."""
    rng = np.random.default_rng(6)
    base = [200.0] * 28
    ripe = CURVE.reported(np.array([60.0, 36.0, 12.0, 0.0])) * 200
    fired = sum(
        silent_tracking(account([*base, *rng.poisson(0.6 * ripe).astype(float)]), CURVE) is not None
        for _ in range(10_000)
    )
    assert fired <= 8  # 3 expected; more than 8 is a chance of 1 in 250


def test_nothing_moves_while_tracking_looks_down() -> None:
    silent = [Row(3, 30 - n, SPEND, 1_000, 40 if n < 29 else 0) for n in range(31)]
    mixed = ordinary(silent)
    plan = make_plan(mixed, judge(mixed, CPA_30), CPA_30)
    assert plan.changes == ()
    assert {one.guardrail for one in plan.refusals} == {"silent_tracking"}
    assert plan.notes == (silent_tracking(mixed, CURVE),)


def test_it_fires_no_more_once_results_are_back() -> None:
    back = account([40] * 27 + [0, 0, 40, 20])
    assert silent_tracking(replace(back, now=back.now + timedelta(hours=6)), CURVE) is None
