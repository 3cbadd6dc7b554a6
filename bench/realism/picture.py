"""The picture of the report, as SVG: each check's accepted range, and where seeds and files lie."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from bench.realism.checks import CHECKS, Check
from bench.realism.panel import Found, looks_real

WIDTH, ROW, LEFT, RIGHT, TOP = 900, 34, 250, 30, 60
SEED, REAL, INVENTED = "#2a5d9f", "#0a7d4f", "#b3372a"
HEAD: Final = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" font-family="sans-serif" font-size="12">'


def picture(simulated: Sequence[Found], files: Sequence[Found]) -> str:
    """Give a row a check, its first figure across: the accepted range in the middle third."""
    names = dict.fromkeys(one.panel for one in files)
    invented = {name for name in names if not looks_real([one for one in files if one.panel == name])}
    shown = [check for check in CHECKS if any(one.check == check.number for one in (*simulated, *files))]
    height = TOP + ROW * len(shown) + 20
    rows = [mark for place, check in enumerate(shown) for mark in _row(check, place, simulated, files, invented)]
    legend = "seeds (bars), files that look real (green) and that do not (red); grey: what is accepted"
    return "\n".join(
        [
            HEAD.format(w=WIDTH, h=height),
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
            _text(20, 26, "Simulated accounts beside real and invented ones", 16),
            _text(20, 46, legend, 12),
            *rows,
            "</svg>",
        ]
    )


def _row(
    check: Check, place: int, simulated: Sequence[Found], files: Sequence[Found], invented: set[str]
) -> Iterator[str]:
    y = TOP + ROW * place + ROW / 2
    part = 1 if check.accept[0][0] == -float("inf") else 0
    low, high = check.accept[part]
    if high == low:
        low, high = low - 0.5, high + 0.5
    third = (WIDTH - LEFT - RIGHT) / 3

    def across(value: float) -> float:
        return LEFT + min(max(third + (value - low) / (high - low) * third, 0), 3 * third)

    yield _text(20, y + 4, f"{check.number}  {check.name}", 12)
    yield f'<rect x="{LEFT + third:.0f}" y="{y - 11:.0f}" width="{third:.0f}" height="22" fill="#eceff1"/>'
    yield _text(LEFT + third, y + 15, f"{low:.3g}", 8)
    yield _text(LEFT + 2 * third, y + 15, f"{high:.3g}", 8)
    for one in simulated:
        if one.check == check.number and (value := one.figures[part]) is not None:
            x = across(value)
            yield f'<path d="M{x:.1f} {y - 8:.1f}v16" stroke="{SEED}" stroke-opacity="0.4" stroke-width="2"/>'
    for one in files:
        if one.check == check.number and (value := one.figures[part]) is not None:
            colour = INVENTED if one.panel in invented else REAL
            name = escape(f"{one.panel} {value:.3g}")
            yield f'<circle cx="{across(value):.1f}" cy="{y:.1f}" r="5" fill="{colour}"><title>{name}</title></circle>'


def _text(x: float, y: float, words: str, size: int) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}">{escape(words)}</text>'
