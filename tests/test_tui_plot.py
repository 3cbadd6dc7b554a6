import pytest
from hypothesis import given
from hypothesis import strategies as st

from adopt.tui.plot import Point, Sign, bar, draw, spark

VALUES = st.one_of(st.none(), st.floats(0, 1e9))
SIZES = st.tuples(st.integers(20, 160), st.integers(4, 40))


def text(lines: list[list[object]]) -> list[str]:
    return ["".join(piece.text for piece in line) for line in lines]


def label(value: float) -> str:
    return f"{value:.2f}"


def points(*values: float | None) -> list[Point]:
    return [
        Point(f"Nov {n:02}", value, value and value * 0.8, value and value * 1.2) for n, value in enumerate(values, 1)
    ]


def test_a_rising_line_starts_low_at_the_left_and_ends_high_at_the_right() -> None:
    plot = text(draw(points(1, 2, 3, 4), (40, 12), label))
    rows = [n for n, line in enumerate(plot) if any(0x2800 < ord(letter) < 0x2900 for letter in line)]
    first = next(line for line in plot[::-1] if any(0x2800 < ord(letter) < 0x2900 for letter in line))
    assert min(n for n, letter in enumerate(first) if 0x2800 < ord(letter) < 0x2900) == 8
    assert rows[0] < 3
    assert 0x2800 < ord(plot[rows[0]][-1]) < 0x2900


def test_the_interval_is_shaded_and_the_target_is_a_level() -> None:
    plot = text(draw(points(1, 2, 3, 4), (40, 12), label, target=2.5))
    assert any("░" in line for line in plot)
    assert sum("┄" in line for line in plot) == 1


def test_signs_stand_below_the_day_they_are_of_and_dates_below_them() -> None:
    *_, signs, dates = text(
        draw(points(1, 2, 3, 4), (48, 12), label, signs=[Sign(3, "▼", "bad"), Sign(0, "△", "good")])
    )
    assert (signs[8], signs.rstrip()[-1]) == ("△", "▼")
    assert dates[8:14] == "Nov 01"


def test_a_day_without_a_figure_is_a_gap() -> None:
    plot = text(draw(points(2, 2, None, 2, 2), (48, 10), label))
    line = next(line for line in plot if any(0x2800 < ord(letter) < 0x2900 for letter in line))
    assert any(not 0x2800 < ord(letter) < 0x2900 for letter in line[12:40])


@given(st.lists(VALUES, max_size=100), SIZES, VALUES)
def test_a_plot_is_as_wide_and_as_high_as_its_place(
    values: list[float | None], size: tuple[int, int], target: float | None
) -> None:
    plot = text(draw(points(*values), size, label, target))
    assert len(plot) == size[1]
    assert all(len(line.rstrip()) <= size[0] or len(line) == len(plot[0]) for line in plot)


@pytest.mark.parametrize(
    ("values", "cells", "line"),
    [([0, 7], 10, "▁█"), ([0, None, 7], 10, "▁ █"), ([3, 3], 10, "▁▁"), ([None], 5, " "), ([1, 2, 3], 2, "▁█")],
)
def test_a_spark_is_a_block_a_value(values: list[float | None], cells: int, line: str) -> None:
    assert spark(values, cells) == line


def test_a_bar_has_the_target_in_its_middle_and_ends_at_a_quarter_and_four_times_of_it() -> None:
    assert bar((8.0, 4.0, 32.0), 2.0, 13) == "      ┊  ━━━●"
    assert bar((2.0, 1.0, 4.0), 2.0, 13) == "   ━━━●━━━   "
    assert bar((0.1, 0.05, 0.2), 2.0, 13) == "●     ┊      "
    assert bar((3.0, 1.5, None), 2.0, 13).endswith("━")


def test_a_bar_of_nothing_is_the_target_alone() -> None:
    assert bar((None, None, None), 2.0, 13) == "      ┊      "
