"""Hindsight: what came after a change speaks for it only as far as the account's results are no chance."""

from datetime import timedelta

import numpy as np
import pytest
from engine_accounts import CPA_30, NOW, Row, ad_set, snapshot
from scipy.special import gammaincc

from adopt.engine.hindsight import Grown, Question, later
from adopt.engine.snapshot import Floats, Snapshot, ages_h
from adopt.model import Later

SPEND, LASTED, SETS = 30_000.0, 60, 12
RNG = np.random.default_rng(4)
EVEN = RNG.poisson(6.0, (SETS, LASTED)).astype(np.float64)
UNEVEN = RNG.poisson(6.0 * RNG.gamma(1.0, 1.0, (SETS, LASTED))).astype(np.float64)


def account(results: Floats) -> Snapshot:
    rows = [Row(n, LASTED - day, SPEND, 50, results[n, day]) for n in range(SETS) for day in range(LASTED)]
    return snapshot([ad_set(str(n)) for n in range(SETS)], rows)


def asked(results: Floats, *ad_sets: str) -> Later:
    """What came of these ad sets in the last twenty days."""
    end = account(results)
    days = end.days
    place = {str(n): slice(n * LASTED, (n + 1) * LASTED) for n in range(SETS)}
    age_h = ages_h(days.date, end.now)
    grown = Grown(place, age_h, days.date, days.spend, days.clicks, days.results, days.revenue)
    question = Question(ad_sets, (NOW - timedelta(days=20)).replace(hour=0))
    return later([question], grown, end, CPA_30.target)[0]


def came(results: Floats) -> float:
    """The results of the first ad set since then."""
    return float(results[0, LASTED - 20 :].sum())


def test_where_days_vary_by_chance_alone_every_result_counts_whole() -> None:
    answer = asked(EVEN, "0")
    assert (answer.results, answer.spend) == (came(EVEN), 20 * SPEND)
    assert answer.p_good == pytest.approx(float(gammaincc(3 + came(EVEN), 3 + answer.due)), abs=0.02)


def test_where_they_vary_more_they_count_for_less() -> None:
    answer = asked(UNEVEN, "0")
    plain = float(gammaincc(3 + came(UNEVEN), 3 + answer.due))
    assert abs((answer.p_good or 0) - 0.5) < abs(plain - 0.5) / 1.2


def test_ad_sets_that_are_asked_about_together_share_their_luck() -> None:
    alone, together = asked(UNEVEN, "0"), asked(UNEVEN, *map(str, range(SETS)))
    assert together.due == pytest.approx(SETS * alone.due)
    plain = float(gammaincc(3 + together.results, 3 + together.due))
    assert abs((together.p_good or 0) - 0.5) < abs(plain - 0.5)
