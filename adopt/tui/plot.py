"""A line with its interval as text: two by four dots a cell, the band shaded behind it, the target as a level."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from adopt.tui.pieces import Piece, Tone

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # by column and row of a braille cell: Unicode 2800
_BLOCKS = "▁▂▃▄▅▆▇█"
_LABEL = 8  # cells of the axis at the left
_EVERY = 12  # cells between two dates below


class Point(NamedTuple):
    """One value with its interval, and its place in time as a text; None is unknown."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None


class Sign(NamedTuple):
    """A sign below the plot, at the point with this place."""

    place: int
    text: str
    tone: Tone


class _Scale(NamedTuple):
    """The range of values over rows of cells, the highest first."""

    bottom: float
    top: float
    rows: int

    def dot(self, value: float) -> int:
        """The row of dots, counted from above, that a value falls into."""
        share = (value - self.bottom) / (self.top - self.bottom)
        return round((1 - min(1.0, max(0.0, share))) * (self.rows * 4 - 1))

    def row(self, value: float) -> int:
        """The row of cells."""
        return self.dot(value) // 4


def draw(
    points: Sequence[Point],
    size: tuple[int, int],
    label: Callable[[float], str],
    target: float | None = None,
    signs: Sequence[Sign] = (),
) -> list[list[Piece]]:
    """The plot as lines of pieces, as wide and as high as the size; signs and dates take the last two lines."""
    columns, rows = size[0] - _LABEL, size[1] - 2
    if not any(point.value is not None for point in points) or columns < 8 or rows < 2:  # noqa: PLR2004
        return [[Piece(" nothing to draw yet", "dim")], *([] for _ in range(size[1] - 1))]
    scale = _scale(points, target, rows)
    dots, band = _line(points, columns, scale), _band(points, columns, scale)
    level = scale.row(target) if target is not None and scale.bottom <= target <= scale.top else None
    lines = []
    for row in range(rows):
        axis = label(scale.top - (row + 0.5) / rows * (scale.top - scale.bottom)) if row % 3 == 0 else ""
        body = _row(row, columns, dots, band, is_target=row == level)
        lines.append([Piece(f"{axis[: _LABEL - 1]:>{_LABEL - 1}}│", "dim"), *body])
    return [*lines, _signs(signs, len(points), columns), _dates(points, columns)]


def spark(values: Sequence[float | None], cells: int) -> str:
    """The values as one line of blocks, at most so many cells; a gap where one is unknown."""
    shown = list(values)[-cells:]
    known = [value for value in shown if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    span = (high - low) or 1.0
    return "".join(" " if value is None else _BLOCKS[round((value - low) / span * 7)] for value in shown)


def bar(rate: tuple[float | None, float | None, float | None], target: float, cells: int) -> str:
    """An interval as a bar around the target in the middle, on a scale that ends at a quarter and four times of it."""
    middle = cells // 2

    def place(value: float) -> int:
        if value <= 0:
            return 0
        return round(min(1.0, max(-1.0, math.log(value / target) / math.log(4))) * middle) + middle

    value, low, high = rate
    letters = [" "] * (2 * middle + 1)
    if value is not None:
        start, end = place(low or 0.0), place(high) if high is not None else len(letters) - 1
        letters[start : end + 1] = "━" * (end + 1 - start)
        letters[place(value)] = "●"
    if letters[middle] != "●":
        letters[middle] = "┊"
    return "".join(letters)


def _scale(points: Sequence[Point], target: float | None, rows: int) -> _Scale:
    """What shows the line and the target whole, and the band as far as is sensible."""
    values = [point.value for point in points if point.value is not None]
    marked = [*values, *([target] if target is not None else [])]
    ends = [end for point in points for end in (point.low, point.high) if end is not None]
    room = max(marked) - min(marked) or max(marked) or 1.0
    top = min(max([*marked, *ends]), max(marked) + room)
    bottom = max(min([*marked, *ends]), min(marked) - room, 0.0)
    return _Scale(bottom, top if top > bottom else bottom + 1.0, rows)


def _line(points: Sequence[Point], columns: int, scale: _Scale) -> dict[tuple[int, int], int]:
    """The line's dots by row and column of cells."""
    cells: dict[tuple[int, int], int] = {}

    def dot(x: int, y: int) -> None:
        key = (y // 4, x // 2)
        cells[key] = cells.get(key, 0) | _DOTS[x % 2][y % 4]

    step = (columns * 2 - 1) / max(1, len(points) - 1)
    if len(points) == 1 and points[0].value is not None:
        dot(columns, scale.dot(points[0].value))
    for place, (one, other) in enumerate(pairwise(points)):
        if one.value is None or other.value is None:
            continue
        start, end = round(place * step), round((place + 1) * step)
        y, to = scale.dot(one.value), scale.dot(other.value)
        for n in range(max(end - start, abs(to - y)) + 1):
            share = n / max(end - start, abs(to - y), 1)
            dot(round(start + (end - start) * share), round(y + (to - y) * share))
    return cells


def _band(points: Sequence[Point], columns: int, scale: _Scale) -> list[range]:
    """For each column of cells the rows that its interval covers."""
    found = []
    for column in range(columns):
        point = points[round(column * (len(points) - 1) / max(1, columns - 1))]
        if point.low is None and point.high is None:
            found.append(range(0))
            continue
        top = scale.row(scale.top if point.high is None else point.high)
        found.append(range(top, scale.row(scale.bottom if point.low is None else point.low) + 1))
    return found


def _row(
    row: int, columns: int, dots: dict[tuple[int, int], int], band: Sequence[range], *, is_target: bool
) -> Iterator[Piece]:
    def cell(column: int) -> Piece:
        if mask := dots.get((row, column)):
            return Piece(chr(0x2800 + mask), "accent")
        if is_target:
            return Piece("┄", "warn")
        return Piece("░", "band") if row in band[column] else Piece(" ")

    for tone, run in groupby(map(cell, range(columns)), lambda piece: piece.tone):
        yield Piece("".join(piece.text for piece in run), tone)


def _signs(signs: Sequence[Sign], points: int, columns: int) -> list[Piece]:
    """The signs at their places; where two fall into one cell, the later one is seen."""
    cells = [Piece(" ")] * columns
    for sign in signs:
        cells[round(sign.place * (columns - 1) / max(1, points - 1))] = Piece(sign.text, sign.tone)
    return [Piece(" " * _LABEL), *cells]


def _dates(points: Sequence[Point], columns: int) -> list[Piece]:
    letters = [" "] * columns
    for column in range(0, columns - 6, _EVERY):
        label = points[round(column * (len(points) - 1) / max(1, columns - 1))].label
        letters[column : column + len(label)] = label
    return [Piece(" " * _LABEL), Piece("".join(letters)[:columns], "dim")]
