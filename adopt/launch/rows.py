"""The rows of a CSV file: the first names keys, each other is a table of its own."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from adopt.launch.files import read_text
from adopt.launch.problems import Place, Problem, error

if TYPE_CHECKING:
    from _csv import Reader

MOST_ROWS = 1000


class Row(NamedTuple):
    """What a row says; an empty cell says nothing."""

    cells: dict[str, str]
    place: Place
    places: dict[str, Place]


class Broken(Exception):
    """The file cannot be read any further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


def rows(path: Path) -> Iterator[Row]:
    """The rows that are not empty; Invalid where it is no text, Broken where it is no CSV."""
    text = read_text(path)
    first = text.partition("\n")[0]
    reader = csv.reader(
        StringIO(text, newline=""), delimiter=";" if ";" in first and "," not in first else ",", strict=True
    )
    try:
        names = [name.strip() for name in next(reader, [])]
        _check_names(path, names)
        yield from _tables(path, names, reader)
    except csv.Error as bad:
        raise Broken(error(Place(str(path), reader.line_num, ""), f"this is no CSV: {bad}")) from bad


def _tables(path: Path, names: list[str], reader: "Reader") -> Iterator[Row]:
    line, count = reader.line_num + 1, 0
    for cells in reader:
        place = Place(str(path), line, f"row {line}")
        line = reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise Broken(error(place, f"more than {MOST_ROWS:,} rows", "fewer in one launch"))
        if len(cells) > len(names):
            raise Broken(
                error(
                    place, f"{len(cells)} cells under {len(names)} names", "one for each, quoted where it has a comma"
                )
            )
        found = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if cell.strip()}
        yield Row(found, place, {name: place._replace(key=f"row {place.line}, {name}") for name in found})


def _check_names(path: Path, names: list[str]) -> None:
    place = Place(str(path), 1, "")
    if not any(names):
        raise Broken(error(place, "it is empty", "a first row with the names of keys"))
    for name in names:
        if not name or names.count(name) > 1:
            raise Broken(error(place, f"the column {name!r} is there twice" if name else "a column has no name"))
