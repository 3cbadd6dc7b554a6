from pathlib import Path

import pytest

from adopt.mock.account import Options
from adopt.mock.clock import Beginning, Clock
from adopt.mock.simulator import Simulator

NOON = 1_794_934_800.0


class Hand:
    """A machine's clock that is turned by hand."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def test_time_runs_as_fast_as_it_is_told_without_a_leap() -> None:
    hand = Hand()
    clock = Clock(Beginning(NOON, hand.time), machine=hand, speed=3600.0)
    hand.time += 2
    assert clock.now() == NOON + 7200
    clock.run_at(1.0, hand.time)
    assert clock.now() == NOON + 7200
    hand.time += 5
    assert clock.now() == NOON + 7205
    clock.advance(60)
    clock.run_at(100.0, hand.time)
    hand.time += 1
    assert clock.now() == pytest.approx(NOON + 7205 + 60 + 100)


def test_time_is_real_while_an_accelerated_simulator_is_away(tmp_path: Path) -> None:
    state = tmp_path / "world.json"
    first = Simulator(Options(days=2), NOON, state, speed=3600.0)
    left = first.clock.now()
    first.save()
    second = Simulator(Options(days=2), NOON, state)
    assert left <= second.clock.now() < left + 3600 * 600


def test_a_restart_with_the_same_state_gives_the_same_bytes(tmp_path: Path) -> None:
    state = tmp_path / "world.json"
    first = Simulator(Options(days=5, realistic=True, preset="app"), NOON, state)
    first.advance("36h")
    second = Simulator(Options(days=5), NOON, state)
    moment = first.clock.now()
    one, two = (each.graph.world.reporting.table(moment) for each in (first, second))
    assert all(one.counts[name].tobytes() == two.counts[name].tobytes() for name in one.counts)
    assert all(one.values[name].tobytes() == two.values[name].tobytes() for name in one.values)


def test_progress_is_told_day_by_day() -> None:
    told: list[tuple[int, int]] = []
    Simulator(Options(days=4), NOON, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize(
    ("options", "speed", "message"),
    [
        (Options(preset="shop"), 1.0, "preset 'shop' is not one of ecommerce, leads, app, high-ticket"),
        (Options(), 0.0, "time cannot run 0 times as fast"),
        (Options(), 1e6, "at most 86400"),
    ],
)
def test_what_cannot_be_simulated_is_refused(options: Options, speed: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Simulator(options, NOON, speed=speed)
