import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adopt.engine.delay import HORIZON_H, SLOW, DelayCurve, slow
from adopt.model import WINDOWS

windows = st.sampled_from(WINDOWS)
ages = st.lists(st.floats(0, 2_000), min_size=2, max_size=50).map(sorted).map(np.array)


@given(windows, ages)
def test_what_has_been_reported_only_grows(window: str, age_h: np.ndarray) -> None:
    reported = slow(window).reported(age_h)
    assert np.all(np.diff(reported) >= 0)
    assert np.all((reported >= 0) & (reported <= 1))


@pytest.mark.parametrize(
    ("window", "hours"),
    [("1d_click", 24), ("1d_view", 24), ("1d_ev", 24), ("7d_click", 168), ("28d_click", 672), ("default", 168)],
)
def test_nothing_is_reported_at_once_and_all_from_the_window_on(window: str, hours: float) -> None:
    curve = slow(window)
    ages_h = np.array([-5, 0, hours / 2, hours * (1 - 1e-9), hours, hours + 1, 10_000, np.inf])
    at = curve.reported(ages_h)
    assert at[[0, 1]].tolist() == [0, 0]
    assert 0 < at[2] < at[3] < 1
    assert at[4:].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(("hours", "share"), [(1, 0.37), (24, 0.52), (72, 0.65), (720, 1)])
def test_the_slow_default_is_the_slow_case_that_was_published(hours: float, share: float) -> None:
    thirty_days = DelayCurve(SLOW, HORIZON_H)
    assert float(thirty_days.reported(np.array(hours))) == pytest.approx(share, abs=0.02)


def test_a_curve_keeps_the_shape_of_what_it_is_asked() -> None:
    assert slow("default").reported(np.zeros((3, 2))).shape == (3, 2)
    assert slow("default").reported(np.zeros(0)).shape == (0,)
