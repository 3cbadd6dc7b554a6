"""Pieces of a line: text with a tone, and what each tone looks like in the theme."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from adopt.wording.text import clean, cut, pad, width

Tone: TypeAlias = Literal["", "dim", "bold", "good", "bad", "warn", "accent", "band"]
Palette: TypeAlias = Mapping[Tone, Style]

_VARIABLES: Mapping[Tone, str] = {"good": "success", "bad": "error", "warn": "warning", "accent": "accent"}


class Piece(NamedTuple):
    """A run of text in one tone."""

    text: str
    tone: Tone = ""


def palette(variables: Mapping[str, str]) -> Palette:
    """The styles of a theme, by tone; only colours and weights that a word or sign beside them also tells."""
    styles: dict[Tone, Style] = {tone: Style(color=_plain(variables[name])) for tone, name in _VARIABLES.items()}
    return {**styles, "": Style(), "dim": Style(dim=True), "bold": Style(bold=True), "band": Style(dim=True)}


def strip(pieces: Iterable[Piece], cells: int, tones: Palette, ground: Style) -> Strip:
    """A line of the screen, filled or cut to so many cells."""
    line = Strip([Segment(piece.text, ground + tones[piece.tone]) for piece in pieces])
    return line.adjust_cell_length(cells, ground)


def fit(pieces: Sequence[Piece], cells: int, *, right: bool = False) -> list[Piece]:
    """The pieces made safe, cut to so many cells with a mark, and filled up with spaces."""
    fitted: list[Piece] = []
    left = cells
    for text, tone in pieces:
        shown = cut(clean(text), left) if left > 0 else ""
        fitted.append(Piece(shown, tone))
        left -= width(shown)
    gap = Piece(pad("", max(0, left)))
    return [gap, *fitted] if right else [*fitted, gap]


def _plain(color: str) -> str:
    """A theme's colour as Rich knows it: without its alpha."""
    return color[:7] if color.startswith("#") else color.replace("ansi_", "")
