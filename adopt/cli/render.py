"""Everything that is said to a person, or printed for a program, goes through a Screen.

Data goes to stdout in the format asked for; what is said beside it goes to stderr.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from adopt.cli.table import Column, aligned, termed
from adopt.cli.universal import Globals
from adopt.errors import AdoptError, Invalid, Refused
from adopt.wording.text import clean, has_color, one_line, styled, wrap

_SPIN = "-\\|/"


class Screen:
    """Where a command prints, as the universal options want it."""

    def __init__(self, said: Globals) -> None:
        self.said = said

    @property
    def for_people(self) -> bool:
        """Whether a person reads this, not a program."""
        return self.said.output == "table"

    @property
    def asks(self) -> bool:
        """Whether there is a person who may be asked."""
        return not self.said.no_input and sys.stdin.isatty()

    @property
    def room(self) -> int | None:
        """How wide the terminal is; None on a pipe, where nothing is cut or wrapped."""
        return _room(sys.stdout)

    def say(self, text: str = "", style: str = "", indent: str = "") -> None:
        """A sentence for a person on stdout, wrapped; nothing for programs or when quiet."""
        if self.for_people and not self.said.quiet:
            for line in wrap(text, self.room, indent):
                _write(sys.stdout, self._paint(line, style, sys.stdout))

    def note(self, text: str) -> None:
        """A remark on stderr, unless it should be quiet."""
        if not self.said.quiet:
            _write(sys.stderr, one_line(text))

    def warn(self, text: str) -> None:
        """A warning on stderr, also when quiet."""
        first, *rest = wrap(f"warning: {one_line(text)}", _room(sys.stderr))
        label = self._paint("warning:", "yellow", sys.stderr)
        for line in (first.replace("warning:", label, 1), *rest):
            _write(sys.stderr, line)

    def hint(self, command: str) -> None:
        """What to type next, for a person."""
        self.say(f"next: {command}", "bold")

    def script(self, text: str) -> None:
        """A text that a program reads, as it is."""
        _write(sys.stdout, text)

    def table(self, records: Sequence[Any], columns: Sequence[Column], under: Any = None) -> None:
        """A table for a person; `under` gives what to say below each record. Nothing for programs or when quiet."""
        if not self.for_people or self.said.quiet:
            return
        titles, *lines = aligned(records, columns, room=self.room, color=self._has_color())
        _write(sys.stdout, titles)
        for record, line in zip(records, lines, strict=True):
            _write(sys.stdout, line)
            said = under(record) if under else ()
            for sentence in filter(None, (said,) if isinstance(said, str) else said or ()):
                self.say(sentence, "dim", indent="    ")

    def listing(self, records: Iterable[Any], columns: Sequence[Column], footer: Sequence[str] = ()) -> None:
        """Many records in the format asked for; a table ends with its footer."""
        found = list(records)
        if not self.for_people:
            self.emit(found, columns)
            return
        for line in aligned(found, columns, room=self.room, color=self._has_color()) if found else ["nothing found"]:
            _write(sys.stdout, line)
        self.foot(*footer)

    def redraw(self, records: Sequence[Any], columns: Sequence[Column], height: int) -> int:
        """A table over the one of so many lines that was drawn before it; gives its own height."""
        if height:
            sys.stdout.write(f"\x1b[{height}A\x1b[J")
        lines = aligned(records, columns, room=self.room, color=self._has_color()) if records else []
        drawn = "\n".join(lines).split("\n") if lines else []
        for line in drawn:
            _write(sys.stdout, line)
        sys.stdout.flush()
        return len(drawn)

    def single(self, record: Any, pairs: Iterable[tuple[str, object]], footer: Sequence[str] = ()) -> None:
        """One record: an object for programs, names and values for a person."""
        if not self.for_people:
            self.emit(record, ())
            return
        for line in termed([(name, str(value)) for name, value in pairs if value not in (None, "")], self.room):
            _write(sys.stdout, line)
        self.foot(*footer)

    def terms(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Names and what they mean, below each other, for a person; nothing for programs or when quiet."""
        if self.for_people and not self.said.quiet:
            for line in termed(pairs, self.room):
                _write(sys.stdout, line)

    def foot(self, *lines: str) -> None:
        """The last lines of a table: what its figures are."""
        for line in lines:
            self.say(line, "dim")

    def emit(self, records: Any, columns: Sequence[Column]) -> None:
        """Records for a program, in the format asked for."""
        from adopt.cli.formats import write

        write(records, columns, self.said.output)

    def fail(self, error: AdoptError) -> None:
        """What went wrong, and what to type next: two lines, or one JSON object."""
        from adopt.cli.report import hide

        if self.said.output in ("json", "jsonl"):
            from adopt.cli.formats import encode

            _write(sys.stderr, hide(encode(error.as_json()).decode()))
            return
        _write(sys.stderr, f"{self._paint('error:', 'error', sys.stderr)} {one_line(hide(error.message))}")
        if error.try_next:
            _write(sys.stderr, f"try: {one_line(hide(error.try_next))}")

    def confirm(self, question: str) -> None:
        """Go on only with a yes; Refused where nobody can give one, or where it is a no."""
        if self.said.yes:
            return
        if not self.asks:
            raise Refused(f"{question} Nobody is here to say yes", try_next="the same command with -y")
        if self._answer(f"{question} [y/N] ").lower() not in ("y", "yes"):
            raise Refused("not confirmed; nothing was changed")

    def ask(self, question: str, default: str = "") -> str:
        """A person's answer in words; Invalid where nobody can be asked."""
        if not self.asks:
            raise Invalid(f"{question}? Nobody is here to answer", try_next="give it as an option; see --help")
        return self._answer(f"{question}{f' [{default}]' if default else ''}: ") or default

    def ask_secret(self, question: str) -> str:
        """A secret that a person types or pastes, never shown; Invalid where nobody can be asked."""
        if not self.asks:
            raise Invalid(f"{question}? Nobody is here to answer", try_next="give it on standard input; see --help")
        from getpass import getpass

        sys.stdout.flush()
        return getpass(f"{clean(question)} (it is not shown): ", sys.stderr).strip()

    @contextmanager
    def waiting(self, what: str | Callable[[], str]) -> Iterator[None]:
        """Show on a terminal that something takes longer than a second, and how far it is; silent elsewhere."""
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
        sys.stderr.write(clean(prompt))
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise Refused("no answer; nothing was changed", try_next="the same command with -y")
        return line.strip()

    def _has_color(self) -> bool:
        return has_color(sys.stdout, no_color=self.said.no_color)

    def _paint(self, text: str, style: str, stream: IO[str]) -> str:
        return styled(clean(text), style if has_color(stream, no_color=self.said.no_color) else "")


def tolerate(*streams: Any) -> None:
    """Let a terminal that cannot show a character show its escape instead of failing."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _room(stream: IO[str]) -> int | None:
    from shutil import get_terminal_size

    return get_terminal_size().columns if stream.isatty() else None


def _write(stream: IO[str], line: str) -> None:
    stream.write(f"{line}\n")


def _spin(what: str | Callable[[], str], done: Any) -> None:
    """A turning mark and the seconds, from the second second on, wiped away at the end."""
    seconds = 1.0
    if done.wait(seconds):
        return
    while not done.wait(0.1):
        seconds += 0.1
        said = clean(what if isinstance(what, str) else what())
        sys.stderr.write(f"\r{_SPIN[int(seconds * 10) % len(_SPIN)]} {said} {seconds:.0f} s ")
        sys.stderr.flush()
    sys.stderr.write("\r\x1b[K")
    sys.stderr.flush()
