"""A rule as it is written, read and checked: when it holds, what it does, how often and at which hours."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from adopt.language.actions import Action, parse_action
from adopt.language.checking import About, check
from adopt.language.figures import ANYTIME, BOUNDS, EVIDENT
from adopt.language.parser import parse
from adopt.language.schedules import Schedule
from adopt.language.syntax import Amount, Binary, Figure, Node, Rank, Unary, Unreadable


class Spoken(NamedTuple):
    """One rule that means something."""

    when: Node
    does: Action
    schedule: Schedule | None

    @property
    def keeps_hours(self) -> bool:
        """Whether it sets a budget for some hours, and puts it back outside them."""
        return self.schedule is not None and self.does.deed == "budget"

    @property
    def is_for_one_look(self) -> bool:
        """Whether it stands on an interval whose confidence is for one look."""
        return any(node.part in BOUNDS for node in figures(self.when))

    @property
    def is_anytime(self) -> bool:
        """Whether it stands on what the evidence method says, at any number of looks."""
        return any(node.part in ANYTIME or node.name in EVIDENT for node in figures(self.when))


@lru_cache(maxsize=1024)
def read(when: str, do: str, schedule: str | None, about: About) -> Spoken:
    """The rule that its texts say; Unreadable with the text, the column and what would be allowed."""
    return Spoken(_condition(when, about), _action(do), _schedule(schedule))


def figures(node: Node) -> Iterator[Figure]:
    """The figures that a condition looks at."""
    match node:
        case Figure():
            yield node
        case Rank():
            yield node.of
        case Unary() | Amount():
            yield from figures(node.operand)
        case Binary():
            yield from figures(node.left)
            yield from figures(node.right)


def _condition(text: str, about: About) -> Node:
    try:
        return check(parse(text), about)
    except Unreadable as error:
        raise error.within("when", text) from None


def _action(text: str) -> Action:
    try:
        return parse_action(text)
    except Unreadable as error:
        raise error.within("do", text) from None


def _schedule(text: str | None) -> Schedule | None:
    try:
        return None if text is None else Schedule.parse(text)
    except Unreadable as error:
        raise error.within("schedule", text or "") from None
