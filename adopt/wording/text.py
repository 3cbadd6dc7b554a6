"""Text that came from elsewhere, made safe, measured and styled for a terminal."""

import os
import re
import unicodedata
from typing import IO

_JOINER = "\u200d"  # holds an emoji family together
_SELECTOR = "\ufe0f"  # makes the character before it an emoji, two cells wide
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "error": "1;31"}


def clean(text: object) -> str:
    """The text with control, bidirectional and lone surrogate characters shown as escapes."""
    plain = str(text)
    return plain if plain.isascii() and plain.isprintable() else "".join(map(_visible, plain))


def one_line(text: object) -> str:
    """The text, safe, with its line breaks and runs of spaces as single spaces."""
    return clean(re.sub(r"\s+", " ", str(text)).strip())


def width(text: str) -> int:
    """How many cells the text takes in a terminal."""
    if text.isascii():
        return len(text)
    cells = 0
    before = 0
    for letter in text:
        before = 2 - before if letter == _SELECTOR and before else _cells(letter)
        cells += before
    return cells


def cut(text: str, cells: int) -> str:
    """The text, or as much of it as fits into so many cells with a mark at its end."""
    if len(text) <= cells and text.isascii():
        return text
    kept, taken, before = 0, 0, 0
    for place, letter in enumerate(text):
        before = 2 - before if letter == _SELECTOR and before else _cells(letter)
        taken += before
        if taken > cells:
            return f"{text[:kept]}…"
        if taken < cells:
            kept = place + 1
    return text


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """The text filled with spaces to so many cells."""
    gap = " " * max(0, cells - width(text))
    return gap + text if right else text + gap


def wrap(text: str, room: int | None, indent: str = "") -> list[str]:
    """The text as indented lines no wider than the room; as it is where it fits, or where there is no room to keep."""
    whole = f"{indent}{clean(text)}"
    if room is None or width(whole) <= room:
        return [whole]
    lines = [""]
    for word in one_line(text).split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width(longer) > room - len(indent):
            lines.append(word)
        else:
            lines[-1] = longer
    return [indent + line for line in lines]


def styled(text: str, style: str) -> str:
    """The text in a style of a terminal; as it is without one."""
    code = _CODES.get(style)
    return f"\x1b[{code}m{text}\x1b[0m" if code else text


def has_color(stream: IO[str], *, no_color: bool = False) -> bool:
    """Whether colour is wanted on a stream: a terminal that is not dumb, and nobody said no."""
    said_no = no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not said_no


def _visible(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind in ("Cc", "Cs", "Zl", "Zp") or (kind == "Cf" and letter != _JOINER):
        return letter.encode("unicode_escape", "surrogatepass").decode()
    return letter


def _cells(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
