"""The boxes of MP4 and MOV files (ISO/IEC 14496-12, QuickTime), read within bounds: only Bad is raised."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

MOST_BOXES = 20_000
MOST_BYTES = 64 * 1024 * 1024  # of the bodies that are read
_SMALL, _LARGE = 8, 16  # bytes of a header, without and with a long size


class Bad(Exception):
    """The file breaks its format; the message says how."""


class Box(NamedTuple):
    """A box: its four letters, and where its body lies in the file."""

    kind: bytes
    start: int
    end: int

    @property
    def said(self) -> str:
        """Its letters, for a message."""
        return self.kind.decode("latin-1")


class Boxes:
    """The boxes of an open file of so many bytes, and how many of them were looked at."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.whole = Box(b"file", 0, size)
        self._file = file
        self._boxes = MOST_BOXES
        self._bytes = MOST_BYTES

    def inside(self, outer: Box, skip: int = 0) -> Iterator[Box]:
        """The boxes in a box's body, behind so many bytes; Bad where one reaches over the end."""
        at = outer.start + skip
        while at + _SMALL <= outer.end:
            box = self._box(at, outer)
            yield box
            at = box.end

    def first(self, outer: Box, *path: bytes) -> Box | None:
        """The first box along a path of kinds."""
        found: Box | None = outer
        for kind in path:
            found = next((box for box in self.inside(found) if box.kind == kind), None) if found else None
        return found

    def body(self, box: Box | None) -> bytes:
        """A box's body; empty if there is no box; Bad if the bodies together are too large."""
        if box is None:
            return b""
        length = box.end - box.start
        self._bytes -= length
        if self._bytes < 0:
            raise Bad(f"its tables take more than {MOST_BYTES // 2**20} MiB")
        self._file.seek(box.start)
        if len(found := self._file.read(length)) < length:
            raise Bad(f"it ends within its {box.said} box")
        return found

    def _box(self, at: int, outer: Box) -> Box:
        self._boxes -= 1
        if self._boxes < 0:
            raise Bad(f"it has more than {MOST_BOXES:,} boxes")
        self._file.seek(at)
        header = self._file.read(_LARGE)
        size, kind = number(header, 0, 4), header[4:8]
        start = at + _SMALL
        if size == 1:
            size, start = number(header, 8, 8), at + _LARGE
        end = at + size if size else outer.end  # without a size it goes on to the end
        if end < start:
            raise Bad(f"the size of its box at byte {at:,} is impossible")
        if end > outer.end:
            raise Bad(_over(Box(kind, start, end), outer))
        return Box(kind, start, end)


def number(body: bytes, at: int, length: int) -> int:
    """A big-endian number without sign; Bad where the body is too short."""
    if at < 0 or at + length > len(body):
        raise Bad("one of its tables is too short")
    return int.from_bytes(body[at : at + length])


def _over(box: Box, outer: Box) -> str:
    if outer.kind == b"file":
        return f"it is cut off: it has {outer.end:,} bytes, and its {box.said} box alone ends at byte {box.end:,}"
    return f"its {box.said} box is larger than the {outer.said} box around it"
