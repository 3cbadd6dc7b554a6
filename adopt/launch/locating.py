"""On which line each key of a TOML or JSON text stands; the text was found well formed before."""

import json
from bisect import bisect_right
from collections.abc import Mapping
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]  # keys, and places in arrays from 0
_BLANK = " \t\r\n"
_QUOTES = ('"""', "'''", '"', "'")


def lines_of_toml(text: str) -> dict[Path, int]:
    """The line of each table, key and element."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


def lines_of_json(text: str) -> dict[Path, int]:
    """The line of each key and element."""
    scanner = _Scanner(text)
    scanner.value(())
    return scanner.lines


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a key, or of what is nearest around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Scanner:
    """Walks a text once; `lines` has what it met."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}  # of arrays of tables
        self._ends = [place for place, sign in enumerate(text) if sign == "\n"]

    def document(self) -> None:
        """A TOML text: headers and keys."""
        table: Path = ()
        while self._blank():
            if self.text.startswith("[[", self.at):
                table = self._header(2)
            elif self.text[self.at] == "[":
                table = self._header(1)
            else:
                self._pair(table)

    def value(self, path: Path) -> None:
        """A value at a path, and all that is in it."""
        self._note(path)
        if self.text.startswith(_QUOTES, self.at):
            self._quoted()
        elif self.text.startswith(("[", "{"), self.at):
            self._nested(path, closing="]" if self.text[self.at] == "[" else "}")
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}\n#":
                self.at += 1

    def _nested(self, path: Path, closing: str) -> None:
        self.at += 1
        count = 0
        while self._blank() and self.text[self.at] != closing:
            if self.text[self.at] == ",":
                self.at += 1
            elif closing == "]":
                self.value((*path, count))
                count += 1
            else:
                self._pair(path)
        self.at += 1

    def _pair(self, table: Path) -> None:
        path = (*table, *self._keys())
        for length in range(len(table) + 1, len(path)):
            self._note(path[:length])
        line = self._line()
        self.at += 1  # = or :
        self._blank()
        self.value(path)
        self.lines[path] = line

    def _header(self, brackets: int) -> Path:
        self.at += brackets
        self._blank()
        *above, last = self._keys()
        path: Path = ()
        for key in above:
            path = self._latest((*path, key))
        path = (*path, last)
        if brackets == 2:  # noqa: PLR2004 - [[
            self._note(path)
            self._counts[path] = self._counts.get(path, -1) + 1
        path = self._latest(path)
        self._note(path)
        self.at += brackets
        return path

    def _latest(self, path: Path) -> Path:
        """The path of a table; of an array of tables its last element."""
        return (*path, self._counts[path]) if path in self._counts else path

    def _keys(self) -> list[str]:
        """The parts of a dotted key, up to the sign behind it."""
        found: list[str] = []
        while True:
            if self.text.startswith(_QUOTES, self.at):
                found.append(self._quoted())
            else:
                start = self.at
                while self.text[self.at] not in " \t.=:]":
                    self.at += 1
                found.append(self.text[start : self.at])
            self._blank()
            if self.text[self.at] != ".":
                return found
            self.at += 1
            self._blank()

    def _quoted(self) -> str:
        quote = next(one for one in _QUOTES if self.text.startswith(one, self.at))
        start = self.at = self.at + len(quote)
        while not self.text.startswith(quote, self.at):
            self.at += 2 if self.text[self.at] == "\\" and quote[0] == '"' else 1
        while len(quote) > 1 and self.text.startswith(quote, self.at + 1):  # quotes before the closing three
            self.at += 1
        inner, self.at = self.text[start : self.at], self.at + len(quote)
        return _unescaped(inner) if quote == '"' and "\\" in inner else inner

    def _blank(self) -> bool:
        """Past blanks and comments; whether anything follows."""
        while self.at < len(self.text) and self.text[self.at] in f"{_BLANK}#":
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                self.at += 1
        return self.at < len(self.text)

    def _note(self, path: Path) -> None:
        self.lines.setdefault(path, self._line())

    def _line(self) -> int:
        return bisect_right(self._ends, self.at - 1) + 1


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:  # an escape that only TOML has; no key of ours needs one
        return text
