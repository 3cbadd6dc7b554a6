"""The `fields` language: names, nested fields in braces, and modifiers such as .limit(5)."""

from dataclasses import dataclass

from adopt.mock.errors import GraphError

_CLOSE = {"(": ")", "{": "}", "[": "]"}


@dataclass(frozen=True)
class Field:
    """One wanted field: its name, what to read of it, and with which parameters."""

    name: str
    inner: tuple["Field", ...] | None = None
    params: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """Give the key under which the field is answered."""
        return dict(self.params).get("as", self.name)


def parse_fields(text: str) -> tuple[Field, ...]:
    """Read a comma list of fields."""
    return tuple(_field(part.strip()) for part in _split(text) if part.strip())


def _field(text: str) -> Field:
    head, inner = text, None
    if text.endswith("}"):
        cut = _opening(text)
        head, inner = text[:cut], parse_fields(text[cut + 1 : -1])
    name, *modifiers = _split(head, ".")
    params = []
    for modifier in modifiers:
        key, bracket, value = modifier.partition("(")
        if not bracket or not value.endswith(")"):
            raise _syntax(text)
        params.append((key, value[:-1]))
    if not name.replace("_", "a").replace(":", "a").isalnum():
        raise _syntax(text)
    return Field(name.strip(), inner, tuple(params))


def _opening(text: str) -> int:
    """Give where the brace that closes at the end was opened."""
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += (text[place] == "}") - (text[place] == "{")
        if depth == 0:
            return place
    raise _syntax(text)


def _split(text: str, at: str = ",") -> list[str]:
    parts, start, open_ = [], 0, ""
    for place, letter in enumerate(text):
        if letter in _CLOSE:
            open_ += letter
        elif letter in _CLOSE.values():
            if not open_ or _CLOSE[open_[-1]] != letter:
                raise _syntax(text)
            open_ = open_[:-1]
        elif letter == at and not open_:
            parts.append(text[start:place])
            start = place + 1
    if open_:
        raise _syntax(text)
    return [*parts, text[start:]]


def _syntax(text: str) -> GraphError:
    return GraphError(f'Syntax error "Expected end of string instead of "?"." at character 0: {text[:80]}', 2500)
