"""Tables: aligned text on a pipe, Rich on a terminal, the same columns for both."""

from collections.abc import Callable, Sequence
from typing import IO, Any, Literal, NamedTuple

from adopt.cli.text import clean, pad, width

GAP = "  "


class Column(NamedTuple):
    """One column: its title, what it shows of a record, and how it behaves when the screen is narrow."""

    title: str
    cell: Callable[[Any], object]
    align: Literal["left", "right"] = "left"
    gives: bool = False  # wraps first where there is too little room
    style: Callable[[Any], str] | None = None  # a Rich style by record, on a terminal with colour


def cells(record: Any, columns: Sequence[Column]) -> list[str]:
    """What a record shows in each column, safe to print."""
    return [clean("" if (value := column.cell(record)) is None else value) for column in columns]


def aligned(records: Sequence[Any], columns: Sequence[Column]) -> list[str]:
    """The table as lines of aligned text, nothing cut off."""
    rows = [[column.title for column in columns], *(cells(record, columns) for record in records)]
    widths = [max(width(row[place]) for row in rows) for place in range(len(columns))]
    return [_line(row, columns, widths) for row in rows]


def draw(records: Sequence[Any], columns: Sequence[Column], out: IO[str], *, color: bool) -> None:
    """The table on a terminal, as wide as it is."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold" if color else "")
    for column in columns:
        table.add_column(
            Text(column.title),
            justify=column.align,
            no_wrap=not column.gives,
            overflow="fold" if column.gives else "ellipsis",
            min_width=min(16, width(column.title) + 8) if column.gives else None,
        )
    for record in records:
        styles = [column.style(record) if column.style and color else "" for column in columns]
        table.add_row(*map(Text, cells(record, columns), styles))
    console = Console(file=out, highlight=False, markup=False, emoji=False, color_system="auto" if color else None)
    console.print(table)


def _line(row: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    padded = [
        pad(text, cells, right=column.align == "right")
        for text, column, cells in zip(row, columns, widths, strict=True)
    ]
    return GAP.join(padded).rstrip()
