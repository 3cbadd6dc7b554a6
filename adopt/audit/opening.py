"""Opening a CSV file as a person's programs wrote it: its encoding, its separator, and where its header stands."""

import codecs
import csv
import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from msgspec import Struct

from adopt.audit.columns import known
from adopt.errors import Invalid

LONGEST_LINE = 1_000_000  # characters; an unclosed quote or a file that is no CSV must not fill the memory
_SEPARATORS = ",;\t|"
_LOOK = 25  # records in which the header is looked for
_HEAD = 1 << 16

# How files that only look like CSV begin.
_MAGIC = {
    b"PK\x03\x04": "an Excel workbook or a zip archive; save the sheet as CSV first",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV first",
    b"\x1f\x8b": "compressed; unpack it first",
    b"%PDF": "a PDF",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1a"))

Record = tuple[int, list[str]]  # the line it begins on, and its cells


class Source(Struct, frozen=True, kw_only=True):
    """A file that can be read as often as needed: what it is encoded and separated by, and its header."""

    path: Path
    encoding: str
    separator: str
    header: tuple[str, ...]
    header_line: int

    def rows(self) -> Iterator[Record]:
        """The records after the header that are not empty, as long as they are; Invalid where the file breaks off."""
        with self.path.open(encoding=self.encoding, newline="") as stream:
            for line, cells in _records(self.path, stream, self.separator):
                if line > self.header_line and any(cells):
                    yield line, cells

    def fit(self, line: int, cells: list[str]) -> list[str]:
        """The cells of a row, as many as the header has; Invalid if there are more that say something."""
        width = len(self.header)
        if any(cell.strip() for cell in cells[width:]):
            raise Invalid(
                f"{self.path}, line {line}, column {width + 1}: the row has {len(cells)} cells and the header {width}; "
                "a separator inside a value needs quotes around the value"
            )
        return cells[:width] + [""] * (width - len(cells))


def open_source(path: Path) -> Source:
    """The file, ready to be read; Invalid if it is no CSV file."""
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise Invalid(
                f"{path} is no file that can be read twice, as it must be", try_next="save it as a file first"
            )
        with path.open("rb") as stream:
            encoding = _encoding(path, stream)
        return _with_header(path, encoding)
    except FileNotFoundError:
        raise Invalid(f"there is no file {path}", try_next="adopt audit FILE.csv --target-cpa 30") from None
    except IsADirectoryError:
        raise Invalid(f"{path} is a directory", try_next=f"adopt audit {path}/FILE.csv --target-cpa 30") from None
    except (OSError, ValueError) as error:  # a null byte in the name is a ValueError
        raise Invalid(f"{path} cannot be read: {error}") from None


def _encoding(path: Path, stream: BinaryIO) -> str:
    """The encoding of the whole file, checked to its end."""
    head = stream.read(_HEAD)
    bom = next(((mark, name) for mark, name in _BOMS if head.startswith(mark)), (b"", ""))
    if not head.removeprefix(bom[0]).strip(b" \t\r\n\0"):
        raise Invalid(f"{path} is empty", try_next="export it again with at least one row")
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise Invalid(f"{path} is {what}")
    encoding = bom[1] or _unmarked(path, head)
    for candidate in dict.fromkeys((encoding, "cp1252" if encoding == "utf-8" else encoding)):
        stream.seek(0)
        if _decodes(stream, candidate):
            return candidate
    raise Invalid(f"{path} is not text: it is neither UTF-8 nor UTF-16 nor Windows-1252")


def _unmarked(path: Path, head: bytes) -> str:
    """The encoding of a file without a byte order mark."""
    if b"\0" in head:
        zeros = head[1::2].count(0), head[0::2].count(0)
        if max(zeros) > len(head) // 4 and min(zeros) == 0:
            return "utf-16-le" if zeros[0] else "utf-16-be"
        raise Invalid(f"{path} is a binary file, no CSV")
    if len(head.translate(None, _CONTROL)) < len(head) * 0.99:
        raise Invalid(f"{path} is a binary file, no CSV")
    return "utf-8"


def _decodes(stream: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while block := stream.read(_HEAD):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


class _Look(NamedTuple):
    """How a file looks under one separator; the most known headers, then the most columns, are best."""

    known: int
    columns: int
    separator: str
    line: int = 0
    header: tuple[str, ...] = ()
    error: Invalid | None = None  # that ended the look

    def is_better(self, above: "_Look") -> bool:
        """Whether this is the header and what stands above it a title, which fills fewer cells."""
        return self.known > above.known and sum(map(bool, self.header)) > sum(map(bool, above.header))


def _with_header(path: Path, encoding: str) -> Source:
    """The source by the separator under which it looks best."""
    look = max((_look(path, encoding, separator) for separator in _SEPARATORS), key=lambda look: look[:2])
    if look.error and not look.known:
        raise look.error
    if not any(look.header) or (look.known == 0 and look.columns == 1):
        raise Invalid(
            f"{path} has no header: its first line should name the columns, for example Ad set name,Amount spent (USD)"
        )
    return Source(path=path, encoding=encoding, separator=look.separator, header=look.header, header_line=look.line)


def _look(path: Path, encoding: str, separator: str) -> _Look:
    """The look under a separator; the header may stand below a title."""
    best = _Look(0, 0, separator)
    with path.open(encoding=encoding, newline="") as stream:
        try:
            for line, cells in islice(_records(path, stream, separator), _LOOK):
                look = _Look(sum(bool(known(cell)) for cell in cells), len(cells), separator, line, tuple(cells))
                if any(cells) and (not best.header or look.is_better(best)):
                    best = look
        except Invalid as error:
            return best._replace(error=error)
    return best


def _records(path: Path, stream: TextIO, separator: str) -> Iterator[Record]:
    """The records that are not empty, with the lines they begin on."""
    reader = csv.reader(_lines(path, stream), delimiter=separator, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Invalid(f"{path}, line {begins}: {_why(str(error))}") from None
        if cells and not _is_hint(begins, cells):
            yield begins, cells
        begins = reader.line_num + 1


def _lines(path: Path, stream: TextIO) -> Iterator[str]:
    """The lines of the file, none longer than can be meant."""
    number = 0
    read: Callable[[int], str] = stream.readline
    while line := read(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise Invalid(f"{path}, line {number} is longer than {LONGEST_LINE:,} characters: this is no CSV file")
        yield line


def _is_hint(line: int, cells: list[str]) -> bool:
    """Whether this is the `sep=;` that Excel reads and other programs must skip."""
    return line == 1 and bool(re.fullmatch(r"\ufeff?sep=.?", cells[0].strip())) and not any(cells[1:])


def _why(error: str) -> str:
    if "field larger" in error:
        return "a cell is longer than any name; a quote may open here that is not closed"
    if "unexpected end of data" in error:
        return "a quote opens here and is not closed; the text after it would be lost"
    if "expected after" in error:
        return "there is text after a closing quote; a quote inside a value is written twice"
    return error
