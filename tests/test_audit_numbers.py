"""Amounts and counts as spreadsheets of the world write them."""

from decimal import Decimal
from itertools import zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adopt.audit.numbers import LARGEST, Mark, amount, count, is_blank, mark_of, whole

LOCALES = st.sampled_from(
    [
        (".", ","),
        (",", "."),
        (",", " "),
        (",", "\u202f"),
        (",", "\xa0"),
        (".", "'"),
        (".", "\u2019"),
        (".", ""),
        (",", ""),
    ]
)
DRESS = st.sampled_from(
    [
        "{}",
        "${}",
        "{} €",
        "€ {}",
        "{}\xa0€",
        "R$ {}",
        "US${}",
        "{} USD",
        "USD {}",
        "CHF {}",
        "£{}",
        "{} kr",
        "{} zł",
        "S/ {}",
        "₹{}",
    ]
)


def grouped(digits: str, separator: str) -> str:
    """Digits in threes: `1.234.567`."""
    backwards = zip_longest(*[iter(digits[::-1])] * 3, fillvalue="")
    return separator.join("".join(three) for three in backwards)[::-1]


@given(st.integers(0, 10**14), st.sampled_from([0, 1, 2, 4]), LOCALES, DRESS)
def test_an_amount_reads_back_in_every_locale_and_currency(
    minor: int, places: int, locale: tuple[Mark, str], dress: str
) -> None:
    mark, separator = locale
    value = Decimal(minor).scaleb(-places)
    head, _, tail = f"{value:.{places}f}".partition(".")
    text = dress.format(grouped(head, separator) + (mark + tail if tail else ""))
    assert amount(text, mark) == value
    assert amount(f"-{text}", mark) == -value
    assert amount(f"\u2212{text}", mark) == -value
    assert amount(f"({text})", mark) == -value


@given(st.integers(0, 10**14), LOCALES)
def test_cents_prove_their_decimal_mark(minor: int, locale: tuple[Mark, str]) -> None:
    mark, separator = locale
    text = f"{grouped(str(minor // 100), separator)}{mark}{minor % 100:02}"
    assert mark_of(text) == (mark, True)


@given(st.text(max_size=30), st.sampled_from([".", ","]))
def test_any_text_is_an_amount_within_bounds_or_none(text: str, mark: Mark) -> None:
    mark_of(text)
    try:
        value = amount(text, mark)
    except ValueError:
        return
    assert abs(value) <= LARGEST


@pytest.mark.parametrize("text", ["", "  ", "-", "\u2014", "\u2013", "--", "N/A", "nan", "NULL", "None", "\xa0"])
def test_a_blank_is_zero(text: str) -> None:
    assert is_blank(text)
    assert amount(text) == count(text) == whole(text) == 0


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1.429999948", ".", "1.429999948"),
        ("1,23,456.78", ".", "123456.78"),
        ("1.2E+05", ".", "120000"),
        (".5", ".", "0.5"),
        ("$-5", ".", "-5"),
        ("5 $US", ".", "5"),
        ("Rs.500", ".", "500"),
        ("12 345", ".", "12345"),
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("+7", ".", "7"),
        ("\u0663\u0664", ".", "34"),
    ],
)
def test_odd_but_honest_amounts_are_read(text: str, mark: Mark, value: str) -> None:
    assert amount(text, mark) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "5k",
        "3M",
        "12%",
        "abc",
        "1,2,3",
        "1.2.3",
        "--5",
        "-(5)",
        "12 34",
        "1 2",
        "1e99",
        "1e15x",
        "5/6",
        "2024-01-02",
        "0x10",
        "1_000",
        "inf",
    ],
)
def test_what_only_looks_like_an_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no number|is too large"):
        amount(text)


@pytest.mark.parametrize(
    ("text", "proof"),
    [
        ("1,234.56", (".", True)),
        ("1.234,56", (",", True)),
        ("1.234.567", (",", True)),
        ("12,5", (",", True)),
        ("0.123", (".", True)),
        ("1,234", (".", False)),
        ("1.234", (",", False)),
        ("1234", None),
        ("Total", None),
        ("n.a.", None),
    ],
)
def test_a_number_proves_its_decimal_mark_or_leaves_it_open(text: str, proof: tuple[Mark, bool] | None) -> None:
    assert mark_of(text) == proof


def test_a_count_is_whole_unless_a_correction_left_a_fraction() -> None:
    assert (count("618.0"), type(count("618.0"))) == (618, int)
    assert count("-2.5") == -2.5
    with pytest.raises(ValueError, match="no whole number"):
        whole("2.5")
