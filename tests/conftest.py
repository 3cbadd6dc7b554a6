"""What all tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flight import Flight, flight
from hypothesis import HealthCheck, settings

# How fast a busy machine draws examples is no property of the code, and the same code is told the same each time it is
# checked; `--hypothesis-profile exploring` goes where no run has been.
settings.register_profile("adopt", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("exploring", settings.get_profile("adopt"), derandomize=False, max_examples=1000)
settings.load_profile("adopt")


@pytest.fixture
def fly(tmp_path: Path) -> Iterator[Flight]:
    """A fresh simulated account that is this test's alone."""
    with flight(tmp_path, "--seed", "1", "--now", "2026-03-10T12:00:00-04:00") as flown:
        yield flown


def pytest_xdist_auto_num_workers() -> int:
    """Half as many workers again as there are cores: much of the time is spent waiting for processes."""
    return max(2, (os.cpu_count() or 2) * 3 // 2)
