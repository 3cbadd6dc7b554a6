"""Days as exports write them, and what comes first in them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adopt.audit.days import Order, day, is_ambiguous, likelier, order_of

DAYS = st.dates(date(1971, 1, 1), date(2199, 12, 31))
SHAPES: dict[str, Order] = {
    "%Y-%m-%d": "mdy",
    "%Y/%m/%d": "dmy",
    "%Y%m%d": "mdy",
    "%Y-%m-%dT%H:%M:%S+0200": "mdy",
    "%Y-%m-%d %H:%M:%S": "mdy",
    "%m/%d/%Y": "mdy",
    "%d/%m/%Y": "dmy",
    "%d-%m-%Y": "dmy",
    "%d.%m.%Y": "mdy",
    "%b %d, %Y": "mdy",
    "%d %B %Y": "mdy",
    "%d-%b-%Y": "mdy",
    "%m/%d/%Y %I:%M %p": "mdy",
}


@given(DAYS, st.sampled_from(sorted(SHAPES.items())))
def test_a_day_reads_back_in_every_shape(value: date, shape: tuple[str, Order]) -> None:
    assert day(value.strftime(shape[0]), shape[1]) == value


@given(DAYS)
def test_a_day_of_the_month_after_the_twelfth_proves_the_order(value: date) -> None:
    late = value.replace(day=13 + value.day % 15)
    assert order_of(late.strftime("%d/%m/%Y")) == "dmy"
    assert order_of(late.strftime("%m/%d/%Y")) == "mdy"
    assert order_of(late.isoformat()) is None


@given(st.text(max_size=25), st.sampled_from(["dmy", "mdy"]))
def test_any_text_is_a_day_or_none(text: str, order: Order) -> None:
    try:
        assert isinstance(day(text, order), date)
    except ValueError as error:
        assert "is no day" in str(error)  # noqa: PT017


def test_two_digits_are_a_year_of_this_century() -> None:
    assert day("6/13/24") == day("13.06.24") == day("13-Jun-24") == date(2024, 6, 13)


@pytest.mark.parametrize(
    "text", ["31/31/2024", "2024-02-30", "yesterday", "9999-12-31", "0001-01-01", "2024113", "13 Foo 2024"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no day"):
        day(text)


@pytest.mark.parametrize(
    ("text", "ambiguous"), [("03/04/2024", True), ("04/04/2024", False), ("13/04/2024", False), ("03.04.2024", False)]
)
def test_a_day_is_ambiguous_where_the_order_makes_it_another(text: str, ambiguous: bool) -> None:  # noqa: FBT001
    assert is_ambiguous(text) is ambiguous


def test_the_likelier_order_brings_the_days_together() -> None:
    assert likelier(["01/02/2024", "02/02/2024", "03/02/2024"]) == "dmy"
    assert likelier(["02/01/2024", "02/02/2024", "02/03/2024"]) == "mdy"
    assert likelier(["02/02/2024"]) == "mdy"
