"""What is wrong with a spec, and where."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal, NamedTuple

from msgspec import Struct


class Place(NamedTuple):
    """A line of a file, and the key that stands there: `audience.2.ages`; line 0 is the file as a whole."""

    file: str
    line: int
    key: str


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is wrong: with an error nothing is launched, a warning is only told."""

    level: Literal["error", "warning"] = "error"
    file: str
    line: int
    key: str
    what: str
    allowed: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        said = f"{where}: {f'{self.key}: ' if self.key else ''}{self.what}"
        return f"{said}; allowed: {self.allowed}" if self.allowed else said


class Wrong(ValueError):
    """A value that its key does not take; says what would be allowed."""

    def __init__(self, what: str, allowed: str = "") -> None:
        super().__init__(what)
        self.what, self.allowed = what, allowed


def error(place: Place, what: str, allowed: str = "") -> Problem:
    """What keeps a launch from being made."""
    return Problem(file=place.file, line=place.line, key=place.key, what=what, allowed=allowed)


def warning(place: Place, what: str, allowed: str = "") -> Problem:
    """What may be wrong, and is only told."""
    return Problem(level="warning", file=place.file, line=place.line, key=place.key, what=what, allowed=allowed)


def listed(names: Iterable[str], given: str = "") -> str:
    """What would be allowed, the name nearest to the one given first."""
    known = {name.lower(): name for name in names}
    close = get_close_matches(given.lower(), known, n=1, cutoff=0.6)
    said = ", ".join(known.values())
    return f"{known[close[0]]}? One of: {said}" if close else said
