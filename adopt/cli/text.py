"""Text that came from elsewhere, made safe and measured for a terminal."""

import re
import unicodedata

_VISIBLE_JOINER = "\u200d"  # holds an emoji family together
_SELECTOR = "\ufe0f"  # makes the character before it an emoji, two cells wide


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
        now = 2 - before if letter == _SELECTOR and before else _cells(letter)
        cells += now
        before = now
    return cells


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """The text filled with spaces to so many cells."""
    gap = " " * max(0, cells - width(text))
    return gap + text if right else text + gap


def _visible(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind in ("Cc", "Cs", "Zl", "Zp") or (kind == "Cf" and letter != _VISIBLE_JOINER):
        return letter.encode("unicode_escape", "surrogatepass").decode()
    return letter


def _cells(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
