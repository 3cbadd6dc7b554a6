"""The silent-tracking guard: it sees an outage, and takes no ordinary bad day for one."""

from datetime import timedelta

import numpy as np
import pytest
from engine_accounts import CPA_30, NOW, Row, ad_set, ordinary, snapshot
from msgspec.structs import replace
from scipy.stats import binom

from adopt.engine.delay import DelayCurve, slow
from adopt.engine.judging import judge
from adopt.engine.planning import make_plan
from adopt.engine.snapshot import Floats, Pulse, Snapshot
from adopt.engine.tracking import Window, silent_tracking, windows

SLOW = slow("7d_click")
FAST = DelayCurve((0.341, 0.024, 0.140, 0.207, 0.029, 0.259), 168.0)
SPEND = 120_000.0  # a day
DAYS = 60


def polled(results: Floats, every_h: int = 1, spend: float | Floats = SPEND / 24) -> Snapshot:
    """An account with so many results an hour up to now, seen by a poll every so many hours."""
    hourly = np.stack([np.broadcast_to(spend, results.shape), results])[:, ::-1]
    size = results.size // every_h * every_h
    seen = hourly[:, :size].reshape(2, -1, every_h).sum(axis=2)
    ages = np.arange(0.0, size, every_h)
    return replace(snapshot([ad_set()]), pulse=Pulse(ages, *seen))


def dark(per_day: float, hours: int, left: float = 0.0) -> Floats:
    """Even results, of which a share is left for the last hours."""
    results = np.full(DAYS * 24, per_day / 24)
    results[results.size - hours :] *= left
    return results


def by_days(results: list[float], hour: int = 12) -> Snapshot:
    """An account of which only days are known: so many results each, up to today, at that hour."""
    rows = [Row(0, len(results) - 1 - n, SPEND, 1_000, count) for n, count in enumerate(results)]
    return replace(snapshot([ad_set()], rows), now=NOW.replace(hour=hour))


def shortest(seen: Snapshot) -> Window | None:
    """The shortest window in which silence would be seen."""
    return next((window for window in windows(seen, FAST) if window.can_tell), None)


# -- what it sees -------------------------------------------------------------------------------


@pytest.mark.parametrize(("per_day", "hours"), [(100, 12), (60, 12), (25, 24), (12, 48), (8, 72)])
@pytest.mark.parametrize("curve", [FAST, SLOW])
def test_silence_is_an_outage_as_soon_as_enough_was_due(per_day: float, hours: int, curve: DelayCurve) -> None:
    assert silent_tracking(polled(dark(per_day, hours)), curve) is not None
    assert silent_tracking(polled(dark(per_day, hours // 2)), curve) is None


def test_an_outage_is_told_with_what_was_due_since_when() -> None:
    sentence = silent_tracking(polled(dark(48, 24)), FAST)
    assert sentence is not None
    assert sentence.startswith("tracking looks down: 0 results since 2026-03-10 00:00 where about 24 were due")


@pytest.mark.parametrize("every_h", [1, 3, 4, 6, 12])
def test_it_sees_the_same_however_often_the_account_is_polled(every_h: int) -> None:
    assert silent_tracking(polled(dark(100, 12), every_h), FAST) is not None
    assert silent_tracking(polled(dark(100, 0), every_h), FAST) is None


def test_after_a_gap_the_window_begins_with_the_poll_before_it() -> None:
    seen = polled(dark(48, 30))
    assert seen.pulse
    keep = (seen.pulse.age_h < 1) | (seen.pulse.age_h >= 30)
    gap = Pulse(*(column[keep] for column in (seen.pulse.age_h, seen.pulse.spend, seen.pulse.results)))
    first = next(windows(replace(seen, pulse=gap), FAST))
    assert (first.hours, first.arrived) == (30.0, 0.0)


def test_an_outage_is_seen_for_as_long_as_most_of_the_month_before_had_results() -> None:
    lasted = [hours for hours in range(24, 40 * 24, 24) if silent_tracking(polled(dark(40, hours)), FAST)]
    assert lasted == list(range(24, lasted[-1] + 24, 24))
    assert 14 * 24 < lasted[-1] < 31 * 24


def test_a_part_of_the_results_that_is_lost_shows_in_a_large_account() -> None:
    assert silent_tracking(polled(dark(200, 24, left=0.2)), FAST) is not None
    assert silent_tracking(polled(dark(20, 24, left=0.2)), FAST) is None


@pytest.mark.parametrize("hour", [6, 12, 18, 23])
def test_where_only_days_are_known_a_day_without_results_is_an_outage(hour: int) -> None:
    assert silent_tracking(by_days([40] * 29 + [0, 0], hour), SLOW) is not None
    assert silent_tracking(by_days([40] * 30 + [40 * hour / 24], hour), SLOW) is None


# -- what it does not take for one --------------------------------------------------------------


@pytest.mark.parametrize("per_day", [0, 0.5, 2, 5])
def test_a_small_account_never_looks_down_and_it_is_known_that_it_cannot(per_day: float) -> None:
    seen = polled(dark(per_day, 72))
    assert silent_tracking(seen, FAST) is None
    assert shortest(polled(dark(per_day, 0))) is None


def test_the_window_that_silence_shows_in_is_the_shorter_the_more_results_are_usual() -> None:
    found = [shortest(polled(dark(per_day, 0))) for per_day in (8, 12, 25, 100)]
    assert [window.hours if window else None for window in found] == [72.0, 48.0, 24.0, 12.0]


def test_an_account_without_history_has_no_window_and_does_not_look_down() -> None:
    for seen in (snapshot(), by_days([0] * 31), by_days([0, 0]), polled(np.zeros(1_000)), polled(np.ones(10))):
        assert silent_tracking(seen, FAST) is None
        assert not any(window.can_tell for window in windows(seen, FAST))


def test_corrections_take_nothing_from_what_came() -> None:
    assert silent_tracking(by_days([40] * 29 + [-3, -1]), SLOW) is not None
    assert silent_tracking(by_days([-40] * 29 + [0, 0]), SLOW) is None


@pytest.mark.parametrize("factor", [0.0, 0.1, 5.0, 20.0])
@pytest.mark.parametrize("hours", [6, 24, 60])
def test_budgets_that_jump_are_no_outage_whether_results_come_at_once_or_as_late_as_the_default(
    factor: float, hours: int
) -> None:
    spend = np.where(np.arange(DAYS * 24) < DAYS * 24 - hours, 1, factor) * SPEND / 24
    share = np.diff(SLOW.reported(np.append(0.0, np.arange(spend.size) + 0.5)))
    late = np.convolve(spend, share)[: spend.size]
    for reported in (spend, late):
        assert silent_tracking(polled(reported * 200 / SPEND, 1, spend), SLOW) is None


@pytest.mark.parametrize("share", [1.0, 0.6])
@pytest.mark.parametrize("per_day", [5, 25, 100])
def test_the_chance_of_a_false_alarm_holds_down_to_the_share_that_counts_as_usual(per_day: int, share: float) -> None:
    """At 0.6 of what is due, the worst that is no outage, a look fires with a chance of at most 1 in 10,000."""
    rng, looks = np.random.default_rng(per_day), 800
    usual = rng.poisson(per_day / 24, (looks, 40 * 24)).astype(float)
    usual[:, -72:] = rng.poisson(share * per_day / 24, (looks, 72))
    fired = sum(silent_tracking(polled(one), FAST) is not None for one in usual)
    assert fired <= binom.ppf(1 - 1e-4, looks, 1e-4)


def test_an_account_whose_days_come_unevenly_needs_more_to_look_down() -> None:
    rng = np.random.default_rng(3)
    luck = np.repeat(rng.gamma(2, 1 / 2, DAYS), 24)
    seen = polled(rng.poisson(25 / 24 * luck) * (np.arange(DAYS * 24) < DAYS * 24 - 24) * 1.0)
    first = list(windows(seen, FAST))[1]
    assert first.hours == 24
    assert silent_tracking(polled(dark(first.due, 24)), FAST) is not None
    assert not first.is_silent


# -- what follows -------------------------------------------------------------------------------


def test_nothing_moves_while_tracking_looks_down() -> None:
    silent = [Row(3, 30 - n, SPEND, 1_000, 40 if n < 29 else 0) for n in range(31)]
    mixed = ordinary(silent)
    plan = make_plan(mixed, judge(mixed, CPA_30), CPA_30)
    assert plan.changes == ()
    assert {one.guardrail for one in plan.refusals} == {"silent_tracking"}
    assert plan.notes == (silent_tracking(mixed, SLOW),)


def test_it_fires_no_more_once_results_are_back() -> None:
    back = by_days([40] * 27 + [0, 0, 40, 20])
    assert silent_tracking(replace(back, now=back.now + timedelta(hours=6)), SLOW) is None


def test_a_pulse_goes_back_to_what_it_was() -> None:
    pulse = Pulse(np.array([0.0, 4.0, 30.0]), np.ones(3), np.arange(3.0))
    then = pulse.until(4.0)
    assert (then.age_h.tolist(), then.results.tolist()) == ([0.0, 26.0], [1.0, 2.0])
    assert pulse.began_h.tolist() == [4.0, 28.0, 54.0]
