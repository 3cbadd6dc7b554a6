"""Some hours of the loop in simulated time, with the daemon killed in the midst of each."""

from pathlib import Path

from bench.day import live


def test_hours_with_a_kill_in_each_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    lived = live(tmp_path, hours=4, speed=2000.0, ad_sets=8, seed=2)
    assert lived.complaints == []
    assert lived.kills == 4
    assert lived.completed["optimize"] >= 1
    assert {one.state for one in lived.outcomes} & {"applied"}
