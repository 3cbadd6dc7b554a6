"""Whether a tree means something: known names, windows that they have, and units that fit each other."""

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import NamedTuple

from adopt.language.figures import (
    ANYTIME,
    FIGURES,
    MEASURED,
    NOT_POLLED,
    UNITS,
    Known,
    Unit,
    allowed_parts,
)
from adopt.language.syntax import (
    COMPARISONS,
    Amount,
    Binary,
    Figure,
    Length,
    Node,
    Number,
    Rank,
    Text,
    Unary,
    Unreadable,
    show,
)


class About(NamedTuple):
    """What a rule is checked against: what the policy's target is, and which result is counted."""

    target: Unit = "money"
    result: str = "purchase"


class Checked(NamedTuple):
    """A tree that means something, numbers that are amounts marked, and its unit."""

    tree: Node
    unit: Unit


def check(tree: Node, about: About) -> Node:
    """The condition, its amounts marked; Unreadable with the column and what would be allowed."""
    found = _check(tree, about)
    if found.unit != "truth":
        raise Unreadable(
            f"{show(tree)} is {UNITS[found.unit]}; a condition is a comparison, as in cpa > target", tree.at
        )
    return found.tree


def unit_of(tree: Node, about: About) -> Unit:
    """The unit of a tree, or of a part of one that was checked."""
    return _check(tree, about).unit


def _check(node: Node, about: About) -> Checked:
    match node:
        case Figure():
            return _figure(node, about)
        case Rank():
            return _rank(node, about)
        case Unary():
            return _unary(node, about)
        case Binary():
            return _binary(node, about)
    return Checked(node, _LITERALS[type(node)])


_LITERALS: Mapping[type[Node], Unit] = {Number: "number", Length: "days", Text: "text", Amount: "money"}


# -- names --------------------------------------------------------------------------------------


def _figure(node: Figure, about: About) -> Checked:
    known = _known(node)
    if node.name == "actions" and node.key != about.result:
        raise Unreadable(
            f"the poll log counts {about.result} only, the result of this policy's target; "
            f"allowed: actions['{about.result}'], results",
            node.at,
        )
    if node.window and not known.measured:
        raise Unreadable(
            f"{node.name} is as it is now and has no window; windows are for {', '.join(MEASURED)}", node.at
        )
    if node.part:
        _require_part(node, about)
    return Checked(node, about.target if node.name == "target" else known.unit)


def _known(node: Figure) -> Known:
    if node.name in FIGURES and (node.name != "actions" or node.key):
        return FIGURES[node.name]
    if node.name in NOT_POLLED:
        raise Unreadable(f"{node.name} is not in the poll log: {NOT_POLLED[node.name]}", node.at)
    if node.name == "actions":
        raise Unreadable("actions of which type? write actions['purchase']", node.at)
    close = get_close_matches(node.name, list(FIGURES), n=1, cutoff=0.6)
    hint = f"did you mean {close[0]}? " if close else ""
    raise Unreadable(f"there is no figure {node.name}; {hint}There are {', '.join(FIGURES)}", node.at)


def _require_part(node: Figure, about: About) -> None:
    if node.part not in allowed_parts(node.name):
        parts = ", ".join(f"{node.name}.{part}" for part in allowed_parts(node.name)) or f"{node.name} alone"
        raise Unreadable(f"there is no {node.name}.{node.part}; allowed: {parts}", node.at)
    metric = "cpa" if about.target == "money" else "roas"
    if node.part in ANYTIME and (node.window or node.name != metric):
        raise Unreadable(
            f"{node.name}.{node.part} bounds the target's own metric over all its days; allowed: {metric}.{node.part} "
            f"without a window, {node.name}.wilson_{node.part}, which is for one look",
            node.at,
        )


def _rank(node: Rank, about: About) -> Checked:
    _figure(node.of, about)
    if not FIGURES[node.of.name].measured:
        raise Unreadable(f"{node.of.name} has no rank; allowed: {', '.join(MEASURED)}", node.of.at)
    if node.of.part:
        raise Unreadable(f"a rank is of a figure itself: rank({node.of.name}, '{node.within}')", node.of.at)
    return Checked(node, "count")


# -- units --------------------------------------------------------------------------------------


def _unary(node: Unary, about: About) -> Checked:
    operand = _check(node.operand, about)
    wanted = operand.unit == "truth" if node.op == "not" else operand.unit not in ("truth", "text")
    if not wanted:
        allowed = "a condition" if node.op == "not" else "a figure or a number"
        raise Unreadable(f"{node.op} before {_named(operand)}; allowed: {allowed}", node.at)
    return Checked(replace(node, operand=operand.tree), operand.unit)


def _binary(node: Binary, about: About) -> Checked:
    left, right = _check(node.left, about), _check(node.right, about)
    if node.op in ("and", "or"):
        return _joined(node, left, right)
    if node.op == "~":
        return _matched(node, left, right)
    if node.op in ("*", "/"):
        return _scaled(node, left, right)
    return _paired(node, left, right)


def _joined(node: Binary, left: Checked, right: Checked) -> Checked:
    for side in (left, right):
        if side.unit != "truth":
            raise Unreadable(f"{node.op} joins conditions, and {_named(side)} is none", side.tree.at)
    return Checked(replace(node, left=left.tree, right=right.tree), "truth")


def _matched(node: Binary, left: Checked, right: Checked) -> Checked:
    if left.unit != "text" or isinstance(left.tree, Text) or not isinstance(right.tree, Text):
        said = f"not {_named(left)} with {_named(right)}"
        raise Unreadable(f"~ matches name, campaign, id or status with a 'regex', {said}", node.at)
    try:
        re.compile(right.tree.value)
    except (re.error, RecursionError, OverflowError) as error:
        raise Unreadable(f"{show(right.tree)} is no regular expression: {error}", right.tree.at) from error
    return Checked(node, "truth")


def _paired(node: Binary, left: Checked, right: Checked) -> Checked:
    """A sum or a comparison: of one unit, where a number takes the unit of the other side."""
    compares = node.op in COMPARISONS
    units = {left.unit, right.unit} - {"number"}
    fits = len(units) <= 1
    if units == {"days"} and "number" in (left.unit, right.unit):
        fits = False  # 3 of what?
    if units & {"text", "truth"}:  # a text is compared with a quoted one, and conditions are joined
        named = isinstance(left.tree, Figure) and isinstance(right.tree, Text)
        fits = units == {"text"} and named and node.op in ("==", "!=")
    if not fits:
        raise Unreadable(_misfit(node, left, right), node.at)
    unit: Unit = next(iter(units), "number")
    sides = [Amount(s.tree, s.tree.at) if unit == "money" and s.unit == "number" else s.tree for s in (left, right)]
    return Checked(replace(node, left=sides[0], right=sides[1]), "truth" if compares else unit)


def _misfit(node: Binary, left: Checked, right: Checked) -> str:
    does = "compared with" if node.op in COMPARISONS else ("added to" if node.op == "+" else "set off against")
    said = f"{_named(left)} cannot be {does} {_named(right)} by {node.op}"
    return f"{said}; beside {_named(left)} may stand {_allowed(left.unit, node.op)}"


_EXAMPLES: Mapping[Unit, str] = {
    "money": "money or a number: spend, cpa, cpc, budget, target, 2 * target, 50.00",
    "count": "a count or a number: impressions, clicks, results, 10",
    "ratio": "a ratio or a number: ctr, roas, cvr, 0.7 * ctr.campaign, 2%",
    "days": "a length of time: age, 3d, 36h",
    "number": "a number, money, a count or a ratio",
    "text": "a quoted text on its right, with == or !=: 'ACTIVE'; with ~ a 'regex'",
    "truth": "and, or",
}


def _allowed(unit: Unit, op: str) -> str:
    if unit in ("text", "truth") and op in "+-":
        return "nothing: a text or a condition cannot be reckoned with"
    return _EXAMPLES[unit]


_PRODUCTS: Mapping[frozenset[Unit], Unit] = {
    frozenset(("money", "count")): "money",
    frozenset(("money", "days")): "money",
    frozenset(("count", "days")): "count",
}
_QUOTIENTS: Mapping[tuple[Unit, Unit], Unit] = {
    ("money", "count"): "money",
    ("money", "days"): "money",
    ("count", "days"): "count",
}


def _scaled(node: Binary, left: Checked, right: Checked) -> Checked:
    unit = _product(left.unit, right.unit) if node.op == "*" else _quotient(left.unit, right.unit)
    if unit is None:
        verb = "multiplied with" if node.op == "*" else "divided by"
        raise Unreadable(
            f"{_named(left)} cannot be {verb} {_named(right)}; allowed: a number or a ratio with anything, "
            "money or a count with its own kind by /, money with a count or a length of time",
            node.at,
        )
    return Checked(replace(node, left=left.tree, right=right.tree), unit)


def _product(left: Unit, right: Unit) -> Unit | None:
    if {left, right} & {"text", "truth"}:
        return None
    for one, other in ((left, right), (right, left)):
        if one == "number" or (one == "ratio" and other != "number"):
            return other
    return _PRODUCTS.get(frozenset((left, right)))


def _quotient(left: Unit, right: Unit) -> Unit | None:
    if {left, right} & {"text", "truth"}:
        return None
    if right in ("number", "ratio"):
        return "ratio" if (left, right) == ("number", "ratio") else left
    return "ratio" if left == right else _QUOTIENTS.get((left, right))


def _named(side: Checked) -> str:
    """`money (spend)`, short enough for a sentence."""
    text = show(side.tree)
    return f"{UNITS[side.unit]} ({text if len(text) <= 40 else text[:39] + '…'})"  # noqa: PLR2004 # a glance
