"""The picture of the report, drawn by hand as SVG."""

from collections.abc import Sequence
from html import escape
from math import log10
from typing import Final

from bench.decisions.metrics import Record

WIDTH: Final = 860
HEIGHT: Final = 420
LEFT, RIGHT, TOP, BOTTOM = 70, 30, 50, 60
LEAST: Final = 0.002  # false pauses are on a logarithmic axis that begins here
FLOOR: Final = -0.2  # profits below are drawn here
HEAD: Final = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">'
)
OURS: Final = ("evidence", "account", "proof")


def picture(records: Sequence[Record]) -> str:
    """False pauses of good ad sets against profit in the base world, one dot a policy."""
    found = {(r.policy, r.metric): r for r in records if r.scenario == "D1"}
    names = [p for p in dict.fromkeys(r.policy for r in records) if {(p, "profit"), (p, "false_pause")} <= set(found)]
    dots = [_dot(found[name, "false_pause"], found[name, "profit"]) for name in names]
    return "\n".join(
        [
            HEAD,
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            _text(LEFT, 24, "Profit, of what perfect knowledge would earn", size=15),
            *_grid(),
            *dots,
            _text(WIDTH / 2, HEIGHT - 14, "good ad sets ever paused wrongly (log scale)", anchor="middle"),
            "</svg>",
        ]
    )


def _dot(wrong: Record, profit: Record) -> str:
    """A policy with its interval of profit."""
    x, y = _x(wrong.value), _y(profit.value)
    colour = "#0a7d4f" if profit.policy in OURS else "#8a5a2b"
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_y(profit.low):.1f}" y2="{_y(profit.high):.1f}" stroke="{colour}" '
        'stroke-opacity="0.5"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>' + _text(x + 8, y + 4, profit.policy)
    )


def _grid() -> list[str]:
    lines = []
    for value in (-0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        y = _y(value)
        lines.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        lines.append(_text(LEFT - 8, y + 4, f"{value:.0%}", anchor="end"))
    for value in (LEAST, 0.01, 0.05, 0.2, 1.0):
        x = _x(value)
        lines.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#eee"/>')
        name = "0" if value == LEAST else f"{value:.0%}"
        lines.append(_text(x, HEIGHT - BOTTOM + 18, name, anchor="middle"))
    return lines


def _x(share: float) -> float:
    place = log10(max(share, LEAST) / LEAST) / log10(1 / LEAST)
    return LEFT + place * (WIDTH - LEFT - RIGHT - 70)


def _y(profit: float) -> float:
    place = (min(max(profit, FLOOR), 1.0) - FLOOR) / (1 - FLOOR)
    return HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM)


def _text(x: float, y: float, words: str, anchor: str = "start", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(words)}</text>'
