import pytest

from adopt.cli.table import Column, aligned
from adopt.wording.text import clean, cut, one_line, pad, styled, width, wrap

COLUMNS = (
    Column("name", lambda row: row[0], gives=True),
    Column("spend", lambda row: row[1], "right"),
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Prospecting", "Prospecting"),
        ("red \x1b[31mname", "red \\x1b[31mname"),
        ("a\tb\nc\x00", "a\\tb\\nc\\x00"),
        ("\x9b31m", "\\x9b31m"),
        ("abc\u202edef", "abc\\u202edef"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("line\u2028break", "line\\u2028break"),
        ("half \ud83d pair", "half \\ud83d pair"),
        ("日本語 🛍️ é", "日本語 🛍️ é"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        (None, "None"),
        (12, "12"),
    ],
)
def test_a_name_cannot_move_the_cursor_or_hide_text(text: object, shown: str) -> None:
    assert clean(text) == shown


def test_line_breaks_in_a_sentence_become_spaces() -> None:
    assert one_line(" two\n  lines\t here ") == "two lines here"


@pytest.mark.parametrize(
    ("text", "cells"),
    [("abc", 3), ("日本", 4), ("e\u0301", 1), ("🛍", 1), ("🛍\ufe0f", 2), ("😀", 2), ("\ufe0f", 0), ("한글 x", 6)],
)
def test_width_counts_cells(text: str, cells: int) -> None:
    assert width(text) == cells


@pytest.mark.parametrize(
    ("text", "cells", "shown"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 5, "日本…"), ("日本語", 4, "日…")]
)
def test_a_long_text_is_cut_with_a_mark(text: str, cells: int, shown: str) -> None:
    assert cut(text, cells) == shown


def test_text_is_filled_from_either_side() -> None:
    assert (pad("日", 4), pad("日", 4, right=True), pad("long", 2)) == ("日  ", "  日", "long")


def test_a_sentence_is_wrapped_between_words() -> None:
    assert wrap("one two three", 9) == ["one two", "three"]
    assert wrap("one two three", 11, "  ") == ["  one two", "  three"]
    assert wrap("incomprehensibilities yes", 9) == ["incomprehensibilities", "yes"]


def test_a_sentence_that_fits_or_goes_to_a_pipe_stays_whole() -> None:
    assert wrap("one  two three", None) == ["one  two three"]
    assert wrap("one  two", 80, "  ") == ["  one  two"]
    assert wrap("", 80) == [""]


def test_a_style_is_nothing_without_a_name() -> None:
    assert styled("x", "") == "x"
    assert styled("x", "red") == "\x1b[31mx\x1b[0m"


def test_columns_stand_below_each_other() -> None:
    assert aligned([("日本", 5), ("abcde", 12345), (None, None)], COLUMNS) == [
        "name   spend",
        "日本       5",
        "abcde  12345",
        "",
    ]


def test_a_narrow_screen_cuts_the_column_that_gives() -> None:
    wide = [("an ad set with a long name", "$1,234.00")]
    assert aligned(wide, COLUMNS, room=24) == ["name               spend", "an ad set wi…  $1,234.00"]
    assert all(width(line) <= 24 for line in aligned(wide, COLUMNS, room=24))


def test_nothing_but_the_giving_column_is_cut() -> None:
    wide = [("an ad set with a long name", "$1,234.00")]
    assert aligned(wide, COLUMNS, room=5)[1] == "an ad set…  $1,234.00"
