"""A rule's text as tokens with their columns."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from adopt.language.syntax import Unreadable

Sort: TypeAlias = Literal["number", "length", "text", "name", "sign", "end"]

LONGEST = 300  # tokens; a rule that is longer is better two rules

_SORTS: dict[str, Sort] = {kind: kind for kind in ("number", "length", "text", "name", "sign")}
_TOKEN = re.compile(
    r"(?P<length>\d{1,4}[hdw](?![A-Za-z0-9_.]))"
    r"|(?P<number>(?:\d{1,12}(?:\.\d{0,6})?|\.\d{1,6})%?(?![A-Za-z0-9_.%]))"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>'[^'\n]*'|\"[^\"\n]*\")"
    r"|(?P<sign><=|>=|==|!=|[<>~+\-*/()\[\].,=])",
    re.ASCII,
)


class Token(NamedTuple):
    """One word, number, text or sign; the end has a token too."""

    sort: Sort
    text: str
    at: int  # the column, from 1


def tokens(text: str) -> list[Token]:
    """The tokens of a text, the end as the last one; Unreadable with the column of what is none."""
    found = list(_found(text))
    if len(found) > LONGEST:
        raise Unreadable(f"longer than {LONGEST} words and signs; write two rules", found[LONGEST].at)
    return [*found, Token("end", "the end", max(len(text.rstrip()), 1))]


def _found(text: str) -> Iterator[Token]:
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        match = _TOKEN.match(text, place)
        if not match or match.lastgroup is None:
            raise Unreadable(_why_none(text[place:]), place + 1)
        yield Token(_SORTS[match.lastgroup], match[0], place + 1)
        place = match.end()


def _why_none(rest: str) -> str:
    if rest[0] in "'\"":
        return f"the text that begins here has no closing {rest[0]}"
    if rest[0].isdecimal() or rest[0] == ".":
        return f"{rest.split(maxsplit=1)[0][:20]} is no number; write for example 50, 0.7, 20% or 3d"
    return f"{rest[0]!r} means nothing here; allowed are names, numbers, 'texts' and < <= > >= == != ~ + - * / ( )"
