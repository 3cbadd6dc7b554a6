"""The options that every command takes: one table, read out of argv before Typer and shown in every help page."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from adopt.errors import Invalid

Format: TypeAlias = Literal["table", "json", "jsonl", "csv", "plain"]


class Globals(NamedTuple):
    """What the universal options said."""

    output: Format = "table"
    no_input: bool = False
    yes: bool = False
    quiet: bool = False
    verbose: bool = False
    no_color: bool = False
    account: str | None = None


class Universal(NamedTuple):
    """One option of every command; without a metavar it is a flag."""

    field: str
    names: tuple[str, ...]
    help: str
    metavar: str = ""


UNIVERSAL = (
    Universal("output", ("-o", "--output"), "table, json, jsonl, csv, or plain: tabs, no heading.", "FORMAT"),
    Universal("account", ("-a", "--ad-account-id"), "The ad account to use, with or without act_.", "ID"),
    Universal("yes", ("-y", "--yes"), "Answer yes to what would be asked."),
    Universal("no_input", ("--no-input",), "Never ask; fail where an answer is needed."),
    Universal("quiet", ("-q", "--quiet"), "Print nothing when nothing went wrong."),
    Universal("verbose", ("-v", "--verbose"), "Print more of what is known."),
    Universal("no_color", ("--no-color",), "Print without colour, as NO_COLOR=1 does."),
)
_BY_NAME = {name: option for option in UNIVERSAL for name in option.names}
_Found: TypeAlias = tuple[Universal, str | None]


def take(argv: Iterable[str]) -> tuple[Globals, list[str]]:
    """The universal options of a command line, and the command line without them; nothing after `--` is touched."""
    said: dict[str, Any] = {}
    rest: list[str] = []
    words = iter(argv)
    for word in words:
        if word == "--":
            rest += [word, *words]
            break
        found, left = _look(word)
        rest += [left] if left else []
        for option, attached in found:
            said[option.field] = _value(option, attached, words)
    return Globals(**said), rest


def wants_json(argv: Iterable[str]) -> bool:
    """Whether the caller wants errors as JSON, even where the command line cannot be read."""
    text = " ".join(argv)
    return any(f"{name}{gap}json" in text for name in ("-o", "--output") for gap in (" ", "=", ""))


def help_rows() -> list[tuple[str, str]]:
    """The universal options as rows of a help page."""
    rows = [(f"{', '.join(one.names)} {one.metavar}".rstrip(), one.help) for one in UNIVERSAL]
    return [*rows, ("-h, --help", "Show this page.")]


def nearest(typed: str, names: Iterable[str]) -> str | None:
    """The known name that a mistyped one is closest to."""
    return next(iter(get_close_matches(typed, list(names), n=1, cutoff=0.7)), None)


def _look(word: str) -> tuple[list[_Found], str]:
    """The universal options that a word holds, and what of the word is left for the command."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        option = _BY_NAME.get(name)
        return ([(option, value if equals else None)], "") if option else ([], word)
    return _cluster(word) if word.startswith("-") else ([], word)


def _cluster(word: str) -> tuple[list[_Found], str]:
    """Short options from the front of `-qy` or `-qo=json`; the rest stays with the command."""
    found: list[_Found] = []
    for place, letter in enumerate(word[1:], start=1):
        option = _BY_NAME.get(f"-{letter}")
        if option is None:
            return found, f"-{word[place:]}"
        if option.metavar:
            return [*found, (option, word[place + 1 :].removeprefix("=") or None)], ""
        found.append((option, None))
    return found, "" if found else word


def _value(option: Universal, attached: str | None, words: Iterator[str]) -> Any:
    name = option.names[-1]
    if not option.metavar:
        if attached is not None:
            raise Invalid(f"{name} takes no value, and was given {attached!r}", try_next=name)
        return True
    value = attached if attached is not None else next(words, None)
    if not value:
        raise Invalid(f"{name} needs a value", try_next=f"{name} {option.metavar}")
    if option.field == "output" and value not in get_args(Format):
        close = nearest(value, get_args(Format)) or "json"
        raise Invalid(
            f"{name}: {value!r} is no output format; there are {', '.join(get_args(Format))}",
            try_next=f"{name} {close}",
        )
    return value
