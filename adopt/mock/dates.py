"""The `date_format` of a call: how it wants the times in its answer written, in the letters of PHP's `date`."""

import re
from datetime import datetime
from typing import Any

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}")
_LETTERS = {
    "d": "%d", "D": "%a", "j": "%-d", "l": "%A", "F": "%B", "m": "%m", "M": "%b", "n": "%-m", "Y": "%Y", "y": "%y",
    "a": "%p", "A": "%p", "g": "%-I", "G": "%-H", "h": "%I", "H": "%H", "i": "%M", "s": "%S", "e": "%Z", "T": "%Z",
    "O": "%z", "P": "%:z", "z": "%j",
}  # fmt: skip


def dated(found: Any, form: str) -> Any:
    """Give an answer with its times written in another form; `U` is Unix seconds."""
    if isinstance(found, dict):
        return {name: dated(value, form) for name, value in found.items()}
    if isinstance(found, list):
        return [dated(value, form) for value in found]
    if isinstance(found, str) and _STAMP.fullmatch(found):
        return _written(datetime.strptime(found, "%Y-%m-%dT%H:%M:%S%z"), form)
    return found


def _written(when: datetime, form: str) -> str | int:
    if form == "U":
        return int(when.timestamp())
    if form == "c":
        return when.isoformat()
    parts = re.split(r"(\\.|.)", form)
    return "".join(_part(when, part) for part in parts if part)


def _part(when: datetime, letter: str) -> str:
    if letter.startswith("\\"):
        return letter[1:]
    if letter == "P":
        offset = when.strftime("%z")
        return f"{offset[:3]}:{offset[3:]}"
    if letter == "U":
        return str(int(when.timestamp()))
    return when.strftime(_LETTERS[letter]) if letter in _LETTERS else letter
