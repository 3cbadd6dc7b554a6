"""What each poll showed the days to have grown by, packed column by column: a decision reads millions of such rows."""

import zlib
from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from adopt.model import WINDOWS

# Named as in `insights`; is_new says that the day had no vintage before.
KINDS = {
    "ad_set": "i",
    "day": "i",
    "is_new": "b",
    "spend": "q",
    "clicks": "q",
    **{f"results_{window}": "d" for window in WINDOWS},
    **{f"revenue_{window}": "q" for window in WINDOWS},
}


def increments(new: str, old: str) -> str:
    """The columns in SQL, from a vintage and the one before it, if there is one."""
    figures = (f"{new}.{name} - coalesce({old}.{name}, 0)" for name in list(KINDS)[3:])
    return ", ".join((f"{new}.ad_set, {new}.day, {old}.day IS NULL", *figures))


def pack(pieces: Iterable[Sequence[Sequence[Any]]]) -> list[bytes]:
    """Rows that come in pieces, as a packed column for each of the kinds."""
    columns = [array(kind) for kind in KINDS.values()]
    for rows in pieces:
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
    return [zlib.compress(column.tobytes(), 1) for column in columns]


def unpack(name: str, packed: bytes) -> "array[Any]":
    """A column as it was before it was packed."""
    column = array(KINDS[name])
    column.frombytes(zlib.decompress(packed))
    return column
