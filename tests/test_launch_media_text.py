"""The texts of an ad against their limits."""

import pytest

from adopt.launch.media import check_texts
from adopt.launch.media.text import Field


@pytest.mark.parametrize(
    ("field", "length", "number", "level"),
    [
        ("primary_text", 125, 1, None), ("primary_text", 126, 1, "warning"), ("primary_text", 2200, 1, "warning"),
        ("primary_text", 2201, 1, "error"), ("primary_text", 1024, 2, "warning"), ("primary_text", 1025, 2, "error"),
        ("headline", 40, 1, None), ("headline", 41, 1, "warning"), ("headline", 256, 1, "error"),
        ("description", 30, 1, None), ("description", 31, 1, "warning"), ("description", 256, 1, "error"),
        ("headline", 0, 1, "error"),
    ],
)  # fmt: skip
def test_each_text_has_a_limit_and_a_length_that_is_shown(
    field: Field, length: int, number: int, level: str | None
) -> None:
    problems = check_texts(field, ["x" * length, "y"][:number])
    assert [problem.level for problem in problems] == ([level] if level else [])


def test_a_cut_text_says_where_it_is_cut() -> None:
    (problem,) = check_texts("headline", ["The quick brown fox jumps over the lazy dog"])
    assert problem.what == "headline has 43 characters and is cut after about 40: ...' brown fox jumps over the lazy'"
    assert problem.allowed == "40 or fewer are shown whole"


def test_at_most_five_texts_and_each_once() -> None:
    assert [problem.what for problem in check_texts("headline", ["a", "a", "b", "c", "d", "e"])] == [
        "6 texts for headline",
        "headline 'a' is there 2 times",
    ]
