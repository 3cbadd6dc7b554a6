"""The trees of the rule language, and their text: frozen nodes that know the column they stand in."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import singledispatch
from typing import Literal, TypeAlias

from adopt.errors import Invalid

Window: TypeAlias = str  # today, yesterday, 3d, prior_3d, mature_7d, lifetime, since_change, first_7d
Scope: TypeAlias = Literal["campaign", "account"]

_HOURS = {"h": 1, "d": 24, "w": 168}


class Unreadable(Invalid):
    """A rule's text that cannot be read or means nothing; `column` counts from 1."""

    def __init__(self, said: str, column: int, field: str = "", text: str = "") -> None:
        place = f"{field}, column {column}" if field else f"column {column}"
        super().__init__(f"{place}: {said}; in {text!r}" if text else f"{place}: {said}")
        self.said = said
        self.column = column

    def within(self, field: str, text: str) -> "Unreadable":
        """The same, told with the field of a rule and the text itself."""
        return Unreadable(self.said, self.column, field, text)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written: `2`, `0.7`, `20%`; takes the unit of what it meets."""

    text: str
    at: int = field(default=1, compare=False)

    @property
    def value(self) -> float:
        """The number; a hundredth for a percentage."""
        return float(Decimal(self.text[:-1]) / 100) if self.text.endswith("%") else float(self.text)


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time: `36h`, `3d`, `2w`."""

    text: str
    at: int = field(default=1, compare=False)

    @property
    def days(self) -> float:
        """How many days it is."""
        return float(Fraction(self.text[:-1]) * _HOURS[self.text[-1]] / 24)


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text; it has no escapes, so it holds one kind of quote at most."""

    value: str
    at: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric or a property of an ad set, with what is asked of it: `cpa.wilson_high(7d)`, `actions['lead'](3d)`."""

    name: str
    part: str = ""
    window: Window = ""
    key: str = ""
    at: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Rank:
    """The place of an ad set among its campaign's or the account's by a figure; the best is 1."""

    of: Figure
    within: Scope
    at: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x`, `not x`."""

    op: Literal["-", "not"]
    operand: "Node"
    at: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, comparison, `and`, `or`; stands where its sign stands."""

    op: str
    left: "Node"
    right: "Node"
    at: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that met money: an amount in major units of the account's currency."""

    operand: "Node"
    at: int = field(default=1, compare=False)


Node: TypeAlias = Number | Length | Text | Figure | Rank | Unary | Binary | Amount

COMPARISONS = ("<=", ">=", "==", "!=", "<", ">", "~")
_BINDS = {"or": 1, "and": 2, "not": 3, **dict.fromkeys(COMPARISONS, 4), "+": 5, "-": 5, "*": 6, "/": 6}
_NEGATION = 7
_ATOM = 8


@singledispatch
def show(node: Node) -> str:
    """The text of a tree, with no more parentheses than it needs."""
    raise NotImplementedError(node)


@show.register
def _(node: Number | Length) -> str:
    return node.text


@show.register
def _(node: Text) -> str:
    quote = '"' if "'" in node.value else "'"
    return f"{quote}{node.value}{quote}"


@show.register
def _(node: Figure) -> str:
    key = f"[{show(Text(node.key))}]" if node.key else ""
    part = f".{node.part}" if node.part else ""
    return f"{node.name}{key}{part}{_shown(node.window)}"


@show.register
def _(node: Rank) -> str:
    return f"rank({show(node.of)}, {show(Text(node.within))})"


@show.register
def _(node: Unary) -> str:
    gap = " " if node.op == "not" else ""
    return f"{node.op}{gap}{_inside(node.operand, _binds(node))}"


@show.register
def _(node: Binary) -> str:
    own = _binds(node)
    first = own + 1 if node.op in COMPARISONS else own
    return f"{_inside(node.left, first)} {node.op} {_inside(node.right, own + 1)}"


@show.register
def _(node: Amount) -> str:
    return show(node.operand)


def _shown(window: Window) -> str:
    if window.startswith("first_"):
        return f"({window.removeprefix('first_')}, since='first')"
    return f"({window})" if window else ""


def _inside(node: Node, least: int) -> str:
    """The text of a part, in parentheses where it binds less than it has to."""
    return f"({show(node)})" if _binds(node) < least else show(node)


def _binds(node: Node) -> int:
    match node:
        case Binary():
            return _BINDS[node.op]
        case Unary():
            return _BINDS["not"] if node.op == "not" else _NEGATION
        case Amount():
            return _binds(node.operand)
    return _ATOM
