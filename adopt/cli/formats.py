"""Records for programs: json, jsonl, csv, and plain with tabs."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from adopt.cli.table import Column, cells
from adopt.cli.universal import Format
from adopt.wording.text import clean, one_line


def write(records: Any, columns: Sequence[Column], output: Format) -> None:
    """Print one record or a list of them; `columns` are what plain shows, all fields without."""
    match output:
        case "json":
            _bytes(msgspec.json.format(encode(records), indent=2))
        case "jsonl":
            for record in _many(records):
                _bytes(encode(record))
        case "csv":
            _csv([flat(record) for record in _many(records)])
        case _:
            _plain(_many(records), columns)


def encode(record: Any) -> bytes:
    """A record as JSON: the same keys as its struct, times in RFC 3339."""
    return msgspec.json.encode(record, enc_hook=str)


def flat(record: Any) -> dict[str, object]:
    """A record as one level of columns: `object.id`, and lists as JSON."""
    found: dict[str, object] = {}
    built = msgspec.to_builtins(record, enc_hook=str)
    for key, value in (built if isinstance(built, dict) else {"value": built}).items():
        if isinstance(value, Mapping):
            found |= {f"{key}.{inner}": rest for inner, rest in flat(value).items()}
        else:
            found[key] = encode(value).decode() if isinstance(value, list | tuple) else value
    return found


def _csv(rows: list[dict[str, object]]) -> None:
    import csv

    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    if names:
        writer.writeheader()
    writer.writerows(
        {name: clean(cell) if isinstance(cell, str) else cell for name, cell in row.items()} for row in rows
    )


def _plain(records: list[Any], columns: Sequence[Column]) -> None:
    for record in records:
        rows: list[Sequence[object]] = [cells(record, columns)] if columns else list(flat(record).items())
        for row in rows:
            sys.stdout.write("\t".join(one_line("" if cell is None else cell) for cell in row) + "\n")


def _many(records: Any) -> list[Any]:
    return list(records) if isinstance(records, list | tuple) else [records]


def _bytes(line: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()
