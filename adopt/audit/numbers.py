"""Amounts and counts as people's spreadsheets write them."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Literal, TypeAlias

from adopt.model import Count

Mark: TypeAlias = Literal[".", ","]  # what stands before the decimals

BLANK = frozenset(["", "-", "--", "\u2013", "\u2014", "n/a", "na", "nan", "none", "null", "not available"])
_SHOWN = 40  # characters of a cell in a message
LARGEST = 10**15  # more than any ad account; a float still counts the minor units of it exactly

_SPACES = " \t\xa0\u2007\u2009\u202f"
_GROUPING = re.compile(rf"(?<=\d)[{_SPACES}'\u2019](?=\d{{3}}(?!\d))")
_SIGN = "[$\u00a2-\u00a5\u0e3f\u20a0-\u20cf]"
_BEFORE = rf"{_SIGN}?(?:[^\W\d_]{{1,3}}[./]?)?{_SIGN}?"  # $, US$, R$, CHF, Rs.
# Never a bare k or M after a number: those would be thousands and millions.
_WORD = "[A-Z]{3}|kr\\.?|z\u0142|K\u010d|Ft|lei|TL|Rs\\.?|\u043b\u0432\\.?|\u0440\u0443\u0431\\.?"
_AFTER = rf"(?:{_SIGN}?(?:{_WORD})?{_SIGN}?|{_SIGN}[A-Z]{{2}})"
_NUMBER = re.compile(
    rf"([+-]?){_BEFORE}[{_SPACES}]*([+-]?)([\d.,]*\d[\d.,]*(?:[eE][+-]?\d{{1,2}})?)[{_SPACES}]*{_AFTER}"
)
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?")
_GROUPED = {
    ".": re.compile(r"[+-]?\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?"),
    ",": re.compile(r"[+-]?\d{1,3}(?:\.\d{2,3})*\.\d{3}(?:,\d*)?"),
}
_WEAK = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def is_blank(text: str) -> bool:
    """Whether a cell says nothing: empty, a dash, `n/a`."""
    return not text or text.strip().casefold() in BLANK


@lru_cache(1 << 16)
def mark_of(text: str) -> tuple[Mark, bool] | None:
    """The decimal mark that a number proves, and whether for certain; None if it could be either."""
    digits = bare(text) or ""
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma < 0 and point < 0:
        return None
    if comma >= 0 and point >= 0:
        return ("," if comma > point else "."), True
    here: Mark = "," if comma >= 0 else "."
    if digits.count(here) > 1:
        return _other(here), True
    # 1,234 and 1.234 are thousands more often than thousandths, but any other number may say otherwise.
    return (_other(here), False) if _WEAK.fullmatch(digits.lstrip("+-")) else (here, True)


@lru_cache(1 << 16)
def amount(text: str, mark: Mark = ".") -> Decimal:
    """The amount a cell holds, 0 for a blank one; ValueError if it is none."""
    if is_blank(text):
        return Decimal(0)
    digits = bare(text) or ""
    if _GROUPED[mark].fullmatch(digits):
        digits = digits.replace(_other(mark), "")
    digits = digits.replace(mark, ".") if _other(mark) not in digits else ""
    if not _PLAIN.fullmatch(digits):
        raise ValueError(f"{shorten(text)} is no number")
    value = Decimal(digits)
    if abs(value) > LARGEST:
        raise ValueError(f"{shorten(text)} is too large")
    return value


@lru_cache(1 << 16)
def count(text: str, mark: Mark = ".") -> Count:
    """The count a cell holds, 0 for a blank one; a fraction only where Meta's correction left one."""
    value = amount(text, mark)
    return int(value) if value == value.to_integral_value() else float(value)


@lru_cache(1 << 16)
def whole(text: str, mark: Mark = ".") -> int:
    """The whole number a cell holds, 0 for a blank one; ValueError for a fraction."""
    value = amount(text, mark)
    if value != value.to_integral_value():
        raise ValueError(f"{shorten(text)} is no whole number")
    return int(value)


def bare(text: str) -> str | None:
    """The number without spaces, currency and accountants' brackets; None where there is none."""
    kept = _GROUPING.sub("", text.strip().replace("\u2212", "-"))
    bracketed = kept.startswith("(") and kept.endswith(")")
    match = _NUMBER.fullmatch(kept[1:-1] if bracketed else kept)
    if not match or (bool(match[1]) + bool(match[2]) + bracketed) > 1:
        return None
    return ("-" if bracketed else match[1] or match[2]) + match[3]


def shorten(text: str) -> str:
    """The text in quotes for a message, no longer than is read."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def _other(mark: Mark) -> Mark:
    return "," if mark == "." else "."
