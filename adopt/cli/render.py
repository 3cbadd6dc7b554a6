"""Everything that is said to a person, or printed for a program, goes through a Screen.

Data goes to stdout in the format asked for; what is said beside it goes to stderr.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

from adopt.cli.table import Column, aligned, cells, draw
from adopt.cli.text import clean, one_line
from adopt.cli.universal import Globals
from adopt.errors import AdoptError, Invalid, Refused

_SPIN = "-\\|/"


class Screen:
    """Where a command prints, as the universal options want it."""

    def __init__(self, said: Globals) -> None:
        self.said = said

    @property
    def for_people(self) -> bool:
        """Whether a person reads this, not a program."""
        return self.said.output == "table"

    def say(self, text: str = "", style: str = "") -> None:
        """A line for a person, beside or instead of a table; programs do not get it."""
        if self.for_people and not self.said.quiet:
            _write(sys.stdout, paint(text, style, sys.stdout, no_color=self.said.no_color))

    def script(self, text: str) -> None:
        """A text that a program reads, as it is."""
        _write(sys.stdout, text)

    def note(self, text: str) -> None:
        """A remark on stderr, unless it should be quiet."""
        if not self.said.quiet:
            _write(sys.stderr, clean(text))

    def warn(self, text: str) -> None:
        """A warning on stderr, also when quiet."""
        label = paint("warning:", "yellow", sys.stderr, no_color=self.said.no_color)
        _write(sys.stderr, f"{label} {one_line(text)}")

    def hint(self, command: str) -> None:
        """What to type next, for a person."""
        self.say(f"next: {command}", "dim")

    def table(self, records: Sequence[Any], columns: Sequence[Column]) -> None:
        """A table for a person, whatever the format; nothing when quiet."""
        if self.for_people and not self.said.quiet:
            self._draw(records, columns)

    def listing(self, records: Iterable[Any], columns: Sequence[Column], footer: Sequence[str] = ()) -> None:
        """Many records in the format asked for; a table ends with its footer."""
        found = list(records)
        if not self.for_people:
            self.emit(found, columns)
            return
        self._draw(found, columns) if found else self.say("nothing found")
        for line in footer:
            self.say(line, "dim")

    def single(self, record: Any, pairs: Sequence[tuple[str, object]], footer: Sequence[str] = ()) -> None:
        """One record: an object for programs, names and values for a person."""
        if not self.for_people:
            self.emit(record, ())
            return
        columns = (Column("", lambda pair: pair[0]), Column("", lambda pair: pair[1], gives=True))
        for line in aligned([pair for pair in pairs if pair[1] not in (None, "")], columns)[1:]:
            self.say(line)
        for line in footer:
            self.say(line, "dim")

    def emit(self, records: Any, columns: Sequence[Column]) -> None:
        """Records for a program: one of json, jsonl, csv, plain."""
        write = {"json": _json, "jsonl": _jsonl, "csv": _csv, "plain": _plain}[self.said.output]
        write(records, columns)

    def fail(self, error: AdoptError) -> None:
        """What went wrong, and what to type next: two lines, or one JSON object."""
        from adopt.cli.report import hide

        if self.said.output in ("json", "jsonl"):
            _write(sys.stderr, hide(_encode(error.as_json()).decode()))
            return
        label = paint("error:", "red", sys.stderr, no_color=self.said.no_color)
        _write(sys.stderr, f"{label} {one_line(hide(error.message))}")
        if error.try_next:
            _write(sys.stderr, f"try: {one_line(hide(error.try_next))}")

    def confirm(self, question: str) -> None:
        """Go on only with a yes; Refused where nobody can give one, or where it is a no."""
        if self.said.yes:
            return
        if self.said.no_input or not sys.stdin.isatty():
            raise Refused(f"{question} Nobody is here to say yes", try_next="the same command with -y")
        if self._answer(f"{question} [y/N] ").lower() not in ("y", "yes"):
            raise Refused("not confirmed; nothing was changed")

    def ask(self, question: str, default: str = "") -> str:
        """A person's answer in words; Invalid where nobody can be asked."""
        if self.said.no_input or not sys.stdin.isatty():
            raise Invalid(f"{question}? Nobody is here to answer", try_next="give it as an option; see --help")
        return self._answer(f"{question}{f' [{default}]' if default else ''}: ") or default

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Show on a terminal that something takes longer than a second; silent elsewhere."""
        if not sys.stderr.isatty() or self.said.quiet or not self.for_people:
            yield
            return
        from threading import Event, Thread

        done = Event()
        thread = Thread(target=_spin, args=(what, done), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _answer(self, prompt: str) -> str:
        sys.stdout.flush()
        sys.stderr.write(prompt)
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise Refused("no answer; nothing was changed", try_next="the same command with -y")
        return line.strip()

    def _draw(self, records: Sequence[Any], columns: Sequence[Column]) -> None:
        if sys.stdout.isatty():
            draw(records, columns, sys.stdout, color=has_color(sys.stdout, no_color=self.said.no_color))
            return
        for line in aligned(records, columns):
            _write(sys.stdout, line)


def has_color(stream: IO[str], *, no_color: bool = False) -> bool:
    """Whether colour is wanted on a stream: a terminal that is not dumb, and nobody said no."""
    said_no = no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not said_no


def paint(text: str, style: str, stream: IO[str], *, no_color: bool = False) -> str:
    """The text, safe, in a style where the stream has colour."""
    code = {"bold": "1", "dim": "2", "red": "1;31", "green": "32", "yellow": "33"}.get(style)
    return f"\x1b[{code}m{clean(text)}\x1b[0m" if code and has_color(stream, no_color=no_color) else clean(text)


def tolerate(*streams: Any) -> None:
    """Let a terminal that cannot show a character show its escape instead of failing."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def flat(record: Any) -> dict[str, object]:
    """A record as one level of columns: `object.id`, and lists as JSON."""
    found: dict[str, object] = {}
    for key, value in _builtins(record).items():
        if isinstance(value, Mapping):
            found |= {f"{key}.{inner}": rest for inner, rest in flat(value).items()}
        else:
            found[key] = _encode(value).decode() if isinstance(value, list | tuple) else value
    return found


def _write(stream: IO[str], line: str) -> None:
    stream.write(f"{line}\n")


def _json(records: Any, _columns: Sequence[Column]) -> None:
    import msgspec

    _bytes(msgspec.json.format(_encode(records), indent=2))


def _jsonl(records: Any, _columns: Sequence[Column]) -> None:
    for record in _many(records):
        _bytes(_encode(record))


def _csv(records: Any, _columns: Sequence[Column]) -> None:
    import csv

    rows = [flat(record) for record in _many(records)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    if names:
        writer.writeheader()
    writer.writerows(rows)


def _plain(records: Any, columns: Sequence[Column]) -> None:
    if columns:
        rows: Iterable[Sequence[object]] = (cells(record, columns) for record in _many(records))
    else:
        rows = (pair for record in _many(records) for pair in flat(record).items())
    for row in rows:
        _write(sys.stdout, "\t".join(one_line("" if cell is None else cell) for cell in row))


def _many(records: Any) -> list[Any]:
    return list(records) if isinstance(records, list | tuple) else [records]


def _builtins(record: Any) -> dict[str, Any]:
    import msgspec

    built = msgspec.to_builtins(record, enc_hook=str)
    return built if isinstance(built, dict) else {"value": built}


def _encode(record: Any) -> bytes:
    import msgspec

    return msgspec.json.encode(record, enc_hook=str)


def _bytes(line: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def _spin(what: str, done: Any) -> None:
    """A turning mark and the seconds, from the second second on, wiped away at the end."""
    seconds = 1.0
    if done.wait(seconds):
        return
    while not done.wait(0.1):
        seconds += 0.1
        sys.stderr.write(f"\r{_SPIN[int(seconds * 10) % len(_SPIN)]} {clean(what)} {seconds:.0f} s ")
        sys.stderr.flush()
    sys.stderr.write("\r\x1b[K")
    sys.stderr.flush()
