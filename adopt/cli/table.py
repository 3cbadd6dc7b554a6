"""Tables of aligned text: whole on a pipe, as wide as the screen on a terminal."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from adopt.cli.text import clean, cut, pad, styled, width

GAP = "  "
LEAST = 10  # cells that a column keeps when it gives way


class Column(NamedTuple):
    """One column: its title, what it shows of a record, and how it behaves when the screen is narrow."""

    title: str
    cell: Callable[[Any], object]
    align: Literal["left", "right"] = "left"
    gives: bool = False  # is cut where there is too little room
    style: Callable[[Any], str] | None = None


def cells(record: Any, columns: Sequence[Column]) -> list[str]:
    """What a record shows in each column, safe to print."""
    return [clean("" if (value := column.cell(record)) is None else value) for column in columns]


def aligned(
    records: Sequence[Any], columns: Sequence[Column], *, room: int | None = None, color: bool = False
) -> list[str]:
    """The table as lines: the titles, then a line a record; no wider than the room, if there is one."""
    titles = [column.title for column in columns]
    rows = [cells(record, columns) for record in records]
    widths = _fit([max(map(width, values)) for values in zip(titles, *rows, strict=True)], columns, room)
    bold = ["bold"] * len(columns)
    lines = [_line(titles, columns, widths, bold if color else [])]
    for record, row in zip(records, rows, strict=True):
        styles = [column.style(record) if column.style else "" for column in columns] if color else []
        lines.append(_line(row, columns, widths, styles))
    return lines


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


def _line(row: Sequence[str], columns: Sequence[Column], widths: Sequence[int], styles: Sequence[str]) -> str:
    padded = [
        pad(cut(text, cells), cells, right=column.align == "right")
        for text, column, cells in zip(row, columns, widths, strict=True)
    ]
    padded[-1] = padded[-1].rstrip()
    return GAP.join(map(styled, padded, styles) if styles else padded).rstrip()
