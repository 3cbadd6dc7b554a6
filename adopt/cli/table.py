"""Tables of aligned text: whole on a pipe, as wide as the screen on a terminal."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from adopt.wording.text import clean, cut, pad, styled, width, wrap

GAP = "  "
LEAST = 10  # cells that a column keeps when it gives way
EASY = 30  # cells that a column should keep before others are left out


class Column(NamedTuple):
    """One column: its title, what it shows of a record, and how it behaves when the screen is narrow."""

    title: str
    cell: Callable[[Any], object]
    align: Literal["left", "right"] = "left"
    gives: bool = False  # is cut where there is too little room
    style: Callable[[Any], str] | None = None
    spare: bool = False  # is left out where the screen is narrow, the last one first
    wraps: bool = False  # goes on below instead of being cut; the last column only


def cells(record: Any, columns: Sequence[Column]) -> list[str]:
    """What a record shows in each column, safe to print."""
    return [clean("" if (value := column.cell(record)) is None else value) for column in columns]


def aligned(
    records: Sequence[Any], columns: Sequence[Column], *, room: int | None = None, color: bool = False
) -> list[str]:
    """The table: the titles, then a text a record, of one line or more; no wider than the room, if there is one."""
    columns = _spared(records, columns, room) if room else columns
    titles = [column.title for column in columns]
    rows = [cells(record, columns) for record in records]
    widths = _fit([max(map(width, values)) for values in zip(titles, *rows, strict=True)], columns, room)
    bold = ["bold"] * len(columns)
    lines = [_line(titles, columns, widths, bold if color else [])]
    for record, row in zip(records, rows, strict=True):
        styles = [column.style(record) if column.style else "" for column in columns] if color else []
        lines.append("\n".join(_line(part, columns, widths, styles) for part in _parts(row, columns, widths)))
    return lines


def termed(pairs: Sequence[tuple[str, str]], room: int | None) -> list[str]:
    """Names and their texts as lines, the texts wrapped below each other."""
    indent = max((width(name) for name, _ in pairs), default=0) + len(GAP)
    lines = []
    for name, text in pairs:
        first, *more = wrap(text, room, " " * indent)
        lines += [pad(clean(name), indent) + first[indent:], *more]
    return lines


def _spared(records: Sequence[Any], columns: Sequence[Column], room: int) -> Sequence[Column]:
    """The columns that leave the giving ones room to be read."""
    kept = list(columns)
    while (spare := [column for column in kept if column.spare]) and _need(records, kept) > room:
        kept.remove(spare[-1])
    return kept


def _need(records: Sequence[Any], columns: Sequence[Column]) -> int:
    rows = [[column.title for column in columns], *(cells(record, columns) for record in records)]
    widths = [max(map(width, values)) for values in zip(*rows, strict=True)]
    wanted = [min(found, EASY) if column.gives else found for found, column in zip(widths, columns, strict=True)]
    return sum(wanted) + len(GAP) * (len(wanted) - 1)


def _fit(widths: list[int], columns: Sequence[Column], room: int | None) -> list[int]:
    """The widths, the widest giving column narrowed until the table fits or none can give more."""
    over = sum(widths) + len(GAP) * (len(widths) - 1) - room if room else 0
    while over > 0:
        givers = [place for place, column in enumerate(columns) if column.gives and widths[place] > LEAST]
        if not givers:
            break
        widths[max(givers, key=widths.__getitem__)] -= 1
        over -= 1
    return widths


def _parts(row: list[str], columns: Sequence[Column], widths: Sequence[int]) -> list[list[str]]:
    """The row as one line, or as many as its last column takes."""
    if not columns[-1].wraps or width(row[-1]) <= widths[-1]:
        return [row]
    first, *more = wrap(row[-1], widths[-1])
    return [[*row[:-1], first], *([*[""] * (len(row) - 1), line] for line in more)]


def _line(row: Sequence[str], columns: Sequence[Column], widths: Sequence[int], styles: Sequence[str]) -> str:
    padded = [
        pad(cut(text, cells), cells, right=column.align == "right")
        for text, column, cells in zip(row, columns, widths, strict=True)
    ]
    padded[-1] = padded[-1].rstrip()
    return GAP.join(map(styled, padded, styles) if styles else padded).rstrip()
