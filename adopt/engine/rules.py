"""A rule's condition over all objects at once, three-valued: what a figure that does not exist says is not known."""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
from msgspec import Struct

from adopt.engine.columns import Bools, Columns
from adopt.engine.snapshot import Floats
from adopt.language.checking import About, unit_of
from adopt.language.spoken import figures
from adopt.language.syntax import Amount, Binary, Figure, Length, Node, Number, Rank, Text, Unary, show
from adopt.model import Currency

Values: TypeAlias = Floats | float
Look: TypeAlias = Callable[[Figure | Rank], Values]  # the column of a figure, or one row of it

_COMPARE: Mapping[str, Callable[[Values, Values], Bools]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
_RECKON: Mapping[str, Callable[[Values, Values], Values]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": np.divide,
}
_SHARES = {"ctr", "cvr"}  # ratios that are read as a percentage
_PLAIN = {"days": "{:.1f} days"}


class Truth(NamedTuple):
    """What is so and what is not; what is in neither is not known."""

    yes: Bools
    no: Bools


_UNKNOWN = Truth(np.zeros(1, dtype=np.bool_), np.zeros(1, dtype=np.bool_))


class Seen(Struct, frozen=True):
    """A condition evaluated over a scene: where it holds, and on asking what it saw in a row."""

    tree: Node
    columns: Columns
    truth: Truth
    about: About
    currency: Currency

    @property
    def holds(self) -> Bools:
        """Where the condition is so."""
        return self.truth.yes

    def saw(self, row: int) -> str:
        """What decided a row, as a sentence without its end."""
        return "; ".join(_leaves(self, self.tree, row, bool(self.truth.yes[row])))

    def look(self, row: int) -> Look:
        """The figures of one row."""
        whole = _looking(self.columns)
        return lambda node: np.asarray(whole(node))[row].item()


def evaluate(tree: Node, columns: Columns, about: About, currency: Currency) -> Seen:
    """A checked condition over all objects of a scene."""
    yes, no = _truth(tree, columns)
    shape = (len(columns.scene),)
    truth = Truth(np.broadcast_to(yes, shape), np.broadcast_to(no, shape))
    return Seen(tree, columns, truth, about, currency)


def concerned(tree: Node, columns: Columns) -> Bools:
    """Which objects a condition may ever hold for, by their names and the like alone, whatever their figures are."""
    return ~np.broadcast_to(_truth(tree, columns, by_name=True).no, (len(columns.scene),))


def _truth(node: Node, columns: Columns, *, by_name: bool = False) -> Truth:
    match node:
        case Unary():
            inner = _truth(node.operand, columns, by_name=by_name)
            return Truth(inner.no, inner.yes)
        case Binary(op="and" | "or"):
            left, right = (_truth(side, columns, by_name=by_name) for side in (node.left, node.right))
            return _joined(node.op, left, right)
        case Binary(right=Text()):
            return _named(node, columns)
        case _ if by_name:
            return _UNKNOWN
        case Binary():
            return _compared(node, columns)
    return Truth(columns.scene.learning, ~columns.scene.learning)


def _joined(op: str, left: Truth, right: Truth) -> Truth:
    if op == "and":
        return Truth(left.yes & right.yes, left.no | right.no)
    return Truth(left.yes | right.yes, left.no & right.no)


def _compared(node: Binary, columns: Columns) -> Truth:
    look, offset = _looking(columns), columns.scene.offset
    left, right = _value(node.left, look, offset), _value(node.right, look, offset)
    known = ~(np.isnan(left) | np.isnan(right))
    yes = _COMPARE[node.op](left, right) & known
    return Truth(yes, known & ~yes)


def _named(node: Binary, columns: Columns) -> Truth:
    """A text of each object beside a quoted one: they always exist."""
    if not isinstance(node.left, Figure) or not isinstance(node.right, Text):
        raise TypeError(show(node))
    found, other = columns.matches(node.left.name, node.right.value, exact=node.op != "~")
    return Truth(other, found) if node.op == "!=" else Truth(found, other)


def _looking(columns: Columns) -> Look:
    return lambda node: columns.rank(node) if isinstance(node, Rank) else columns.figure(node)


def _value(node: Node, look: Look, offset: int) -> Values:
    """The value of a part, of all rows or of one; NaN where it does not exist."""
    match node:
        case Number():
            return node.value
        case Length():
            return node.days
        case Amount():
            return _value(node.operand, look, offset) * offset
        case Figure() | Rank():
            return look(node)
        case Unary():
            return -_value(node.operand, look, offset)
        case Binary():
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                left, right = _value(node.left, look, offset), _value(node.right, look, offset)
                found = _RECKON[node.op](left, right)
                return np.where(np.equal(right, 0), np.nan, found) if node.op == "/" else found
    raise TypeError(show(node))


# -- what was seen, one row at a time -----------------------------------------------------------


def _leaves(seen: Seen, node: Node, row: int, fired: bool) -> Iterator[str]:  # noqa: FBT001
    """The comparisons that decided: all that hold where the whole does, else those that do not."""
    for leaf, negated in _parts(node, negated=False):
        truth = _truth_of_row(seen, leaf, row)
        holds = None if truth is None else truth != negated
        if (holds is True) == fired:
            yield _sentence(seen, leaf, row, truth)


def _parts(node: Node, *, negated: bool) -> Iterator[tuple[Node, bool]]:
    """The comparisons of a condition, and whether a `not` stands before each."""
    match node:
        case Unary(op="not"):
            yield from _parts(node.operand, negated=not negated)
        case Binary(op="and" | "or"):
            yield from _parts(node.left, negated=negated)
            yield from _parts(node.right, negated=negated)
        case _:
            yield node, negated


def _truth_of_row(seen: Seen, leaf: Node, row: int) -> bool | None:
    columns = seen.columns
    if isinstance(leaf, Binary) and not isinstance(leaf.right, Text):
        offset = columns.scene.offset
        left, right = (float(_value(side, seen.look(row), offset)) for side in (leaf.left, leaf.right))
        return None if np.isnan(left) or np.isnan(right) else bool(_COMPARE[leaf.op](left, right))
    return bool(_named(leaf, columns).yes[row] if isinstance(leaf, Binary) else columns.scene.learning[row])


def _sentence(seen: Seen, leaf: Node, row: int, truth: bool | None) -> str:  # noqa: FBT001
    """`cpa(7d) is $61.20 > 1.5 * target ($45.00)`, with a `not` where it is not so, or what does not exist."""
    if not isinstance(leaf, Binary):
        return f"{'' if truth else 'not '}{show(leaf)}"
    if isinstance(leaf.right, Text):
        says = " or ".join(seen.columns.texts(show(leaf.left))[row])
        return f"{show(leaf.left)} is {says!r}, {'' if truth else 'not '}{leaf.op} {show(leaf.right)}"
    if truth is None:
        missing = [side for side in (leaf.left, leaf.right) if _shown(seen, side, row) is None]
        return f"{show(missing[0])} does not exist yet"
    left, right = _shown(seen, leaf.left, row), _shown(seen, leaf.right, row)
    value = "" if isinstance(leaf.right, Number | Amount | Length) else f" ({right})"
    return f"{show(leaf.left)} is {left}, {'' if truth else 'not '}{leaf.op} {show(leaf.right)}{value}"


def _shown(seen: Seen, node: Node, row: int) -> str | None:
    """A value of one row for a person; None where it does not exist."""
    value = float(_value(node, seen.look(row), seen.columns.scene.offset))
    if np.isnan(value):
        return None
    if np.isinf(value):
        return "without limit"
    unit = unit_of(node, seen.about)
    if unit == "ratio":
        names = {figure.name for figure in figures(node)}
        return f"{value:.2%}" if names and names <= _SHARES else f"{value:.3g}"
    return seen.currency.show(round(value)) if unit == "money" else _PLAIN.get(unit, "{:,.10g}").format(value)
