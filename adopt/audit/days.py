"""Days as people's spreadsheets write them, and which of day and month comes first."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Literal, TypeAlias

from adopt.audit.numbers import shorten

Order: TypeAlias = Literal["dmy", "mdy"]  # how 03/04/2024 is read

_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_YEAR_FIRST = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|(\d{2})(\d{2}))")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_WORDS = re.compile(r"(?:(\d{1,2})[-\s]+([A-Za-z]{3,9})|([A-Za-z]{3,9})\s+(\d{1,2})),?[-\s]+(\d{4}|\d{2})")
_TIME = re.compile(r"(?:T|\s)\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp][Mm])?\s*(?:Z|[+-]\d{2}:?\d{2})?$")
_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTHS = {name: place for place, name in enumerate(_NAMES, start=1)}


def day(text: str, order: Order = "mdy") -> date:
    """The day a cell holds; ValueError if it is none."""
    try:
        value = date(*_parts(_TIME.sub("", text.strip()), order))
    except ValueError:
        raise ValueError(f"{shorten(text)} is no day") from None
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValueError(f"{shorten(text)} is no day: the year should be from {_FIRST_YEAR} to {_LAST_YEAR}")
    return value


def order_of(text: str) -> Order | None:
    """The order of day and month that a date proves; None if it reads the same, or either way."""
    as_dmy, as_mdy = _try(text, "dmy"), _try(text, "mdy")
    if (as_dmy is None) == (as_mdy is None):
        return None
    return "dmy" if as_dmy else "mdy"


def is_ambiguous(text: str) -> bool:
    """Whether a date is another day by the order of day and month, as 03/04/2024 is."""
    as_dmy, as_mdy = _try(text, "dmy"), _try(text, "mdy")
    return as_dmy is not None and as_mdy is not None and as_dmy != as_mdy


def likelier(texts: Iterable[str]) -> Order:
    """The order under which the days lie closer together; day/month only where that is certain to be closer."""
    found = list(texts)
    return "dmy" if _spread(found, "dmy") < _spread(found, "mdy") else "mdy"


def _try(text: str, order: Order) -> date | None:
    try:
        return day(text, order)
    except ValueError:
        return None


def _spread(texts: list[str], order: Order) -> int:
    days = [value for text in texts if (value := _try(text, order))]
    return (max(days) - min(days)).days if days else 0


def _parts(text: str, order: Order) -> tuple[int, int, int]:
    """Year, month and day of a date without its time."""
    if match := _YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[3] or match[5]), int(match[4] or match[6])
    if match := _YEAR_LAST.fullmatch(text):
        first, second = int(match[1]), int(match[3])
        number, month = (first, second) if match[2] == "." or order == "dmy" else (second, first)
        return _year(match[4]), month, number
    if match := _WORDS.fullmatch(text):
        month = _MONTHS.get((match[2] or match[3])[:3].lower(), 0)
        return _year(match[5]), month, int(match[1] or match[4])
    raise ValueError(text)


def _year(text: str) -> int:
    return int(f"20{text}"[-4:])
