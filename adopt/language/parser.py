"""A rule's condition: text to a tree, by precedence; nothing is ever evaluated as Python."""

import re
from functools import lru_cache

from adopt.language.syntax import (
    COMPARISONS,
    Binary,
    Figure,
    Length,
    Node,
    Number,
    Rank,
    Scope,
    Text,
    Unary,
    Unreadable,
)
from adopt.language.tokens import Token, tokens

WINDOWS = "today, yesterday, 3d (any number of days), prior_3d, mature_7d, lifetime, since_change"

_WINDOW = re.compile(r"today|yesterday|lifetime|since_change|(?:prior_|mature_|first_)?[1-9]\d{0,2}d")
_DEEPEST = 40
_WORDS = ("and", "or", "not")
_SCOPES: dict[str, Scope] = {"campaign": "campaign", "account": "account"}


@lru_cache(maxsize=1024)
def parse(text: str) -> Node:
    """The tree of a condition; Unreadable with the column and what would be allowed there."""
    reader = _Reader(tokens(text))
    tree = reader.either()
    reader.done()
    return tree


class _Reader:
    """Reads tokens from left to right, one method a level of precedence."""

    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.place = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.place]

    def either(self) -> Node:
        left = self.both()
        while sign := self.take("or"):
            left = Binary("or", left, self.both(), sign.at)
        return left

    def both(self) -> Node:
        left = self.negated()
        while sign := self.take("and"):
            left = Binary("and", left, self.negated(), sign.at)
        return left

    def negated(self) -> Node:
        if sign := self.take("not"):
            self.enter(sign)
            operand = self.negated()
            self.depth -= 1
            return Unary("not", operand, sign.at)
        return self.comparison()

    def comparison(self) -> Node:
        left = self.total()
        sign = self.take(*COMPARISONS)
        if not sign:
            return left
        tree = Binary(sign.text, left, self.total(), sign.at)
        if self.next.text in COMPARISONS:
            raise Unreadable("comparisons do not chain; join two with `and`", self.next.at)
        return tree

    def total(self) -> Node:
        left = self.product()
        while sign := self.take("+", "-"):
            left = Binary(sign.text, left, self.product(), sign.at)
        return left

    def product(self) -> Node:
        left = self.signed()
        while sign := self.take("*", "/"):
            left = Binary(sign.text, left, self.signed(), sign.at)
        return left

    def signed(self) -> Node:
        if sign := self.take("-"):
            self.enter(sign)
            operand = self.signed()
            self.depth -= 1
            return Unary("-", operand, sign.at)
        return self.atom()

    def atom(self) -> Node:
        token = self.next
        match token.sort:
            case "number":
                self.place += 1
                return Number(token.text, token.at)
            case "length":
                self.place += 1
                return Length(token.text, token.at)
            case "text":
                self.place += 1
                return Text(token.text[1:-1], token.at)
            case "name" if token.text not in _WORDS:
                return self.rank() if token.text == "rank" else self.figure()
        if self.take("("):
            self.enter(token)
            inside = self.either()
            self.depth -= 1
            self.need(")")
            return inside
        raise Unreadable(f"{_said(token)} where a figure, a number, a 'text' or ( should stand", token.at)

    def figure(self) -> Figure:
        name = self.name("a figure")
        key = self.key() if name.text == "actions" else ""
        part = self.name("what is asked of it").text if self.take(".") else ""
        return Figure(name.text, part, self.window() if self.take("(") else "", key, name.at)

    def key(self) -> str:
        self.need("[")
        token = self.next
        if token.sort != "text" or not token.text[1:-1]:
            raise Unreadable(f"{_said(token)} where the type of an action should stand: actions['purchase']", token.at)
        self.place += 1
        self.need("]")
        return token.text[1:-1]

    def window(self) -> str:
        token = self.next
        self.place += token.sort in ("name", "length")
        if not _WINDOW.fullmatch(token.text):
            raise Unreadable(f"{_said(token)} is no window; allowed: {WINDOWS}", token.at)
        found = self.since_first(token) if self.take(",") else token.text
        self.need(")")
        return found

    def since_first(self, window: Token) -> str:
        """The window counted from an ad set's first day: `(7d, since='first')`."""
        for word in ("since", "="):
            self.need(word)
        token = self.next
        if token.text[1:-1] != "first" or window.sort != "length":
            raise Unreadable(f"{_said(token)} where 'first' should stand, as in ctr(7d, since='first')", token.at)
        self.place += 1
        return f"first_{window.text}"

    def rank(self) -> Rank:
        word = self.name("rank")
        self.need("(")
        of = self.figure()
        self.need(",")
        token = self.next
        within = _SCOPES.get(token.text[1:-1]) if token.sort == "text" else None
        if within is None:
            raise Unreadable(f"{_said(token)} where 'campaign' or 'account' should stand", token.at)
        self.place += 1
        self.need(")")
        return Rank(of, within, word.at)

    # -- one token ------------------------------------------------------------------------------

    def take(self, *texts: str) -> Token | None:
        """The next token, if it is one of these."""
        token = self.next
        if token.sort not in ("sign", "name") or token.text not in texts:
            return None
        self.place += 1
        return token

    def need(self, text: str) -> None:
        if not self.take(text):
            raise Unreadable(f"{_said(self.next)} where {text} should stand", self.next.at)

    def name(self, what: str) -> Token:
        token = self.next
        if token.sort != "name" or token.text in _WORDS:
            raise Unreadable(f"{_said(token)} where {what} should stand", token.at)
        self.place += 1
        return token

    def enter(self, token: Token) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Unreadable(f"more than {_DEEPEST} levels deep; write two rules", token.at)

    def done(self) -> None:
        token = self.next
        if token.text == "=":
            raise Unreadable("= where == should stand", token.at)
        if token.sort != "end":
            raise Unreadable(f"{_said(token)} where the rule should end, or and, or, or a sign should stand", token.at)


def _said(token: Token) -> str:
    return "the end" if token.sort == "end" else token.text
