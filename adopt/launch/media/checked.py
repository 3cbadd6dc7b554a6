"""What a check of a creative gives."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

Kind: TypeAlias = Literal["image", "video", "link", "unknown"]
Level: TypeAlias = Literal["error", "warning"]


class Problem(Struct, frozen=True):
    """One thing that is wrong: with an error Meta refuses or spoils the ad, with a warning it alters it."""

    level: Level
    what: str
    allowed: str = ""


class Checked(Struct, frozen=True, kw_only=True):
    """What a file is, as it is shown: pixels, seconds, frames a second; and what is wrong with it."""

    path: str
    kind: Kind = "unknown"
    format: str = ""
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    fps: float | None = None
    codec: str | None = None
    audio: str | None = None
    bytes: int = 0
    sha256: str = ""
    fits: tuple[str, ...] = ()  # the placements that show it whole
    problems: tuple[Problem, ...] = ()

    @property
    def level(self) -> Level | None:
        """The worst of its problems; None if it has none."""
        levels = {problem.level for problem in self.problems}
        return "error" if "error" in levels else "warning" if levels else None


class Seen(Struct, frozen=True, kw_only=True):
    """What looking into a file told: its size as shown in pixels, its seconds, and what was odd."""

    width: int | None = None
    height: int | None = None
    duration: float | None = None
    fps: float | None = None
    codec: str | None = None
    audio: str | None = None
    problems: tuple[Problem, ...] = ()


def error(what: str, allowed: str = "") -> Problem:
    """A problem that makes the file unfit."""
    return Problem("error", what, allowed)


def warning(what: str, allowed: str = "") -> Problem:
    """A problem that Meta lives with, and the buyer may not want."""
    return Problem("warning", what, allowed)


def real(*problems: Problem | None) -> tuple[Problem, ...]:
    """The problems that there are."""
    return tuple(problem for problem in problems if problem)


def blinded(problems: Sequence[Problem]) -> Seen:
    """Nothing was seen, for these reasons."""
    return Seen(problems=tuple(problems))
