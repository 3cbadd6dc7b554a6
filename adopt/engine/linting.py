"""What is doubtful about written rules: pause and start regions that overlap, windows that differ, missing guards."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from adopt.engine.chances import Market, scene_of
from adopt.engine.columns import Columns, Scene
from adopt.engine.rules import Seen, evaluate
from adopt.engine.snapshot import Days
from adopt.language.checking import About
from adopt.language.figures import ANYTIME, BOUNDS, EVIDENT
from adopt.language.spoken import Spoken, figures
from adopt.language.syntax import Binary, Figure, Node, Unary
from adopt.model import Currency, Doubt

_AMOUNTS = ("spend", "impressions", "clicks", "results", "revenue", "actions", "age")
_SAMPLES = 4000
_LENGTH_D = 28
_STARTS = ("revive",)


class Named(NamedTuple):
    """A written rule with its name."""

    name: str
    spoken: Spoken


def doubts(rules: Sequence[Named], market: Market, about: About, currency: Currency) -> tuple[Doubt, ...]:
    """All that is doubtful about the rules of a policy."""
    pauses = [rule for rule in rules if rule.spoken.does.deed == "pause"]
    starts = [rule for rule in rules if is_start(rule.spoken)]
    columns = Columns(_samples(market))
    found = {id(rule): evaluate(rule.spoken.when, columns, about, currency) for rule in (*pauses, *starts)}
    return (
        *(_unguarded(rule) for rule in pauses if not is_guarded(rule.spoken.when)),
        *_overlaps(pauses, starts, found),
        *(d for pause, start in product(pauses, starts) if (d := _other_windows(pause, start))),
    )


def is_start(spoken: Spoken) -> bool:
    """Whether a rule starts something or gives it more money."""
    return spoken.does.deed in _STARTS or (spoken.does.deed == "budget" and spoken.does.sign == "+")


def is_guarded(tree: Node, *, negated: bool = False) -> bool:
    """Whether a condition asks for an amount of data: spend, views, clicks, results or age above something."""
    match tree:
        case Unary(op="not"):
            return is_guarded(tree.operand, negated=not negated)
        case Binary(op="and" | "or"):
            sides = [is_guarded(side, negated=negated) for side in (tree.left, tree.right)]
            return any(sides) if (tree.op == "and") != negated else all(sides)
        case Binary():
            rises = tree.op in ((">", ">=") if not negated else ("<", "<="))
            side = tree.left if rises else tree.right
            bounded = any(f.part in (*BOUNDS, *ANYTIME) or f.name in EVIDENT for f in figures(tree))
            return bounded or any(_is_amount(figure) for figure in figures(side))
    return False


def _is_amount(figure: Figure) -> bool:
    return figure.name in _AMOUNTS and not figure.part


def _unguarded(rule: Named) -> Doubt:
    sentence = "pauses without any amount of data: add for example `and spend(7d) > 2 * target and age >= 3d`"
    return Doubt(rule=rule.name, kind="guard", sentence=sentence)


def _overlaps(pauses: Sequence[Named], starts: Sequence[Named], found: dict[int, Seen]) -> Iterator[Doubt]:
    """Pairs of rules that would pause and start, or raise, one and the same ad set, with an example."""
    for pause, start in product(pauses, starts):
        both = np.flatnonzero(found[id(pause)].holds & found[id(start)].holds)
        if both.size:
            row = int(both[0])
            seen = (f"{rule.name} because {found[id(rule)].saw(row)}" for rule in (pause, start))
            sentence = f"holds together with {start.name}: {', and '.join(seen)}"
            yield Doubt(rule=pause.name, kind="overlap", sentence=sentence)


def _other_windows(pause: Named, start: Named) -> Doubt | None:
    mine, theirs = _windows(pause.spoken), _windows(start.spoken)
    if mine == theirs or start.spoken.does.deed not in _STARTS:
        return None
    said = f"looks at {_said(mine)}, and {start.name} at {_said(theirs)}: an ad set may go back and forth between them"
    return Doubt(rule=pause.name, kind="windows", sentence=said)


def _windows(spoken: Spoken) -> frozenset[str]:
    return frozenset(figure.window for figure in figures(spoken.when) if figure.name not in ("age", "target", "budget"))


def _said(windows: frozenset[str]) -> str:
    return ", ".join(sorted(window or "the policy's window" for window in windows)) or "no days"


def _samples(market: Market) -> Scene:
    """Ad sets of many kinds: budgets, costs that change from day to day, and ages of a day to four weeks."""
    draw = np.random.default_rng(1)
    scene = scene_of(draw.lognormal(0.0, 1.0, _SAMPLES) * market.price, market)
    age = draw.integers(1, _LENGTH_D + 1, _SAMPLES)
    day = np.repeat(np.arange(_LENGTH_D), _SAMPLES)
    one = np.tile(np.arange(_SAMPLES), _LENGTH_D)
    cost = np.exp(draw.normal(0.0, 0.7, _SAMPLES)[one] + draw.normal(0.0, 0.5, day.size))
    lives = day < age[one]
    spend = np.where(lives, scene.budget[one] * draw.random(day.size), 0.0)
    clicks = draw.poisson(spend / market.click).astype(np.float64)
    results = draw.poisson(spend / market.price / cost).astype(np.float64)
    views = draw.poisson(clicks / market.ctr * np.exp(draw.normal(0.0, 0.4, day.size))).astype(np.float64)
    value = results * market.value * np.exp(draw.normal(0.0, 0.3, day.size))
    days = Days(one, scene.today - day, spend, views, clicks, results, value)
    return replace(scene, days=days, age_d=age.astype(np.float64))
