"""The frame of the command line: commands loaded when they run, options that every command takes, quick help.

A new command is two lines. In `adopt/cli/NAME.py` (App("help") for a group, App() for a single command):

    app = App()
    @app.command(epilog="adopt NAME 238...   an example, one a line")
    def name(ctx: Context, id: Annotated[str, Argument(help="One sentence.")]) -> None: screen(ctx).say("...")

and its name with its one-line help (the same as the docstring's first line) in COMMANDS below. The universal
options (-o, -y, -q, ...) are read before Typer and lie in `given(ctx)`; short names -o -y -q -v -a are theirs.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args, get_origin

import typer.main
from typer import Argument, BadParameter, Context, Option
from typer.core import TyperCommand, TyperGroup

from adopt.cli.universal import UNIVERSAL, Globals, help_rows, nearest, take
from adopt.errors import Invalid

if TYPE_CHECKING:
    from adopt.cli.render import Screen

__all__ = ["COMMANDS", "App", "Argument", "Context", "Globals", "Option", "given", "root", "screen"]

SECTIONS = {
    "Start": {
        "demo": "See it work on a simulated ad account: no sign-in, no network.",
        "auth": "Sign in at Meta, see how long it lasts, sign out, and keep the keys.",
        "init": "Write an ad account's policy: what good means, which rules act.",
        "status": "Show the account, its policy, the last poll and what is waiting.",
        "doctor": "Examine database, policy, connection, what was learned, and what is left undone.",
    },
    "Optimize": {
        "optimize": "Poll, judge, plan and apply inside the guardrails: for cron.",
        "plan": "Show what would change, and change nothing.",
        "apply": "Make the changes of a saved plan, unless the account moved on.",
        "undo": "Put a change, or all changes of a plan, back.",
        "rule": "List, show, check, test, backtest and score rules; list the published recipes.",
        "why": "Show the evidence behind an ad set's verdict or a change.",
        "log": "Show what happened, newest last.",
        "hold": "Stop all changes, or let them go on: the red button.",
        "tui": "Watch and steer an ad account on a dashboard in the terminal.",
    },
    "Launch": {
        "launch": "Launch campaigns: check a spec, queue it, take a launch back; write a spec to start from.",
        "job": "List, show, watch, retry, cancel and run the jobs of the queue.",
    },
    "Ad account": {
        "account": "List and show the ad accounts the token sees.",
        "campaign": "List, show, pause, start and budget campaigns.",
        "adset": "List, show, pause, start and budget ad sets.",
        "ad": "List and show ads.",
        "creative": "List and show creatives; check pictures and videos before a launch.",
        "insights": "Get measurements: spend, impressions, clicks, results.",
    },
    "More": {
        "audit": "Judge an export of Ads Manager, without a token.",
        "mock": "Run the flight simulator: Meta's API over a simulated market.",
        "daemon": "Run the daemon, which polls, optimizes, launches and tells by itself; start, stop and see it.",
        "notify": "Tell people what happened: by Slack, Telegram, e-mail, webhooks and a hundred more.",
        "completion": "Print the completion script of a shell.",
    },
}
COMMANDS = {name: line for section in SECTIONS.values() for name, line in section.items()}

_KINDS: dict[Any, str] = {str: "text", int: "a whole number", float: "a number", Path: "a path"}


class _Plain(NamedTuple):
    """Turns an option's text into its value without pydantic, which takes 60 ms to load."""

    kind: Any

    def coerce(self, value: Any, param: Any, ctx: Context) -> Any:
        """The value, or values, that the text stands for."""
        if param.multiple or param.nargs == -1:
            return tuple(self._one(one, param, ctx) for one in value or ())
        return None if value is None else self._one(value, param, ctx)

    def _one(self, value: Any, param: Any, ctx: Context) -> Any:
        if get_origin(self.kind) is Literal:
            return self._choice(value, param, ctx)
        try:
            return self.kind(value)
        except ValueError:
            raise BadParameter(f"{value!r} is not {_KINDS[self.kind]}", ctx=ctx, param=param) from None

    def _choice(self, value: Any, param: Any, ctx: Context) -> Any:
        if value not in (allowed := get_args(self.kind)):
            close = nearest(str(value), allowed)
            hint = f"; did you mean {close}?" if close else ""
            raise BadParameter(f"{value!r} is none of {', '.join(allowed)}{hint}", ctx=ctx, param=param)
        return value


def _lighten(param: Any) -> None:
    annotation = param.type_descriptor.annotation
    kind = get_args(annotation)[0] if get_origin(annotation) is list else annotation
    if kind in _KINDS or get_origin(kind) is Literal:
        vars(param)["get_runtime_param"] = lambda: _Plain(kind)
    if param.param_type_name == "argument" and param.metavar:  # it says what it is; the type beside it is noise
        vars(param)["display_type_rich"] = lambda ctx: ""  # noqa: ARG005 - Typer passes it by name


class Command(TyperCommand):
    """A command whose values and help need no pydantic, and whose help shows the universal options."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for param in self.params:
            _lighten(param)

    def get_help_option(self, ctx: Any) -> Any:
        """The help flag, with a default of its own: None would load pydantic."""
        return _plain_flag(super().get_help_option(ctx))

    def get_help(self, ctx: Any) -> str:
        """The help page, its headings in bold on a terminal."""
        return _bold(super().get_help(ctx), ctx)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """The command's own options, and those of every command."""
        return [*super().shell_complete(ctx, incomplete), *_complete_universal(incomplete)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The command's own options, then those of every command."""
        super().format_options(ctx, formatter)
        _format_universal(formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The examples, a line each, as written."""
        _format_examples(ctx.command.epilog, formatter)


class Group(TyperGroup):
    """A group: help when nothing else is said, and the nearest name for a mistyped command."""

    usual = ""  # the command that is meant where a path or an option stands instead of one

    def get_help_option(self, ctx: Any) -> Any:
        """The help flag, with a default of its own: None would load pydantic."""
        return _plain_flag(super().get_help_option(ctx))

    def get_help(self, ctx: Any) -> str:
        """The help page, its headings in bold on a terminal."""
        return _bold(super().get_help(ctx), ctx)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The commands, then the options of every command."""
        self.format_commands(ctx, formatter)
        _format_universal(formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands with the whole of their first lines, wrapped where Typer would cut them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first_line(self.commands[name].help)) for name in self.list_commands(ctx)])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The examples, a line each, as written."""
        _format_examples(ctx.command.epilog, formatter)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What is left for the command; without any word the help page is shown."""
        if not args and not ctx.resilient_parsing:
            typer.echo(self.get_help(ctx))
            ctx.exit()
        if self.usual and args and args[0] not in self.commands and _is_no_name(args[0]):
            args = [self.usual, *args]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names; Invalid with the nearest name otherwise."""
        if args[0] not in self.commands and not ctx.resilient_parsing:
            close = nearest(args[0], self.commands)
            raise Invalid(
                f"there is no command {ctx.command_path} {args[0]}",
                try_next=f"{ctx.command_path} {close or '--help'}",
            )
        return super().resolve_command(ctx, args)


class LazyGroup(Group):
    """The root: its commands are names and lines of help until one of them runs."""

    def __init__(self, sections: dict[str, dict[str, str]], **more: Any) -> None:
        lines = {name: line for section in sections.values() for name, line in section.items()}
        super().__init__(commands={name: TyperCommand(name, help=line) for name, line in lines.items()}, **more)
        self.sections = sections

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of a command line; a completion's words lose their universal options here."""
        if extra.get("resilient_parsing"):
            args = _without_universal(args)
        return super().make_context(info_name, args, parent, **extra)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names, loaded now."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, found and load(name), rest

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands by section, their lines of help below each other."""
        indent = max(map(len, self.list_commands(ctx)))
        for title, lines in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(indent), line) for name, line in lines.items()])


class App(typer.Typer):
    """One module of commands: a group with this help, or a single command without."""

    def __init__(self, group_help: str = "", usual: str = "") -> None:
        super().__init__(
            cls=type("Group", (Group,), {"usual": usual}),
            help=group_help,
            add_completion=False,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
        )
        self.is_group = bool(group_help)

    def command(self, name: str | None = None, **more: Any) -> Callable[[Any], Any]:
        """Register a function as a command; its docstring is the help, `epilog` holds examples."""
        return super().command(name, **{"cls": Command, **more})


def load(name: str) -> Any:
    """The command of a module of this room."""
    app = import_module(f"adopt.cli.{name}").app
    command = (typer.main.get_group if app.is_group else typer.main.get_command)(app)
    command.name = name
    return command


def root() -> LazyGroup:
    """The whole command line."""
    return LazyGroup(
        SECTIONS,
        name="adopt",
        help="An autonomous media buyer for Meta ads that lives in the terminal.",
        epilog="adopt demo\nadopt init && adopt plan\nadopt adset list -o json",
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )


def given(ctx: Context) -> Globals:
    """What the universal options said."""
    return ctx.obj if isinstance(ctx.obj, Globals) else Globals()


def screen(ctx: Context) -> "Screen":
    """Where this command prints."""
    from adopt.cli.render import Screen

    return Screen(given(ctx))


def _is_no_name(word: str) -> bool:
    """Whether a word is a path or an option rather than a mistyped command."""
    return word not in ("-h", "--help") and (word.startswith("-") or any(mark in word for mark in "./\\"))


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]


def _plain_flag(option: Any) -> Any:
    if option is not None:
        option.default = False
        option.hidden = True  # the universal options show it
    return option


def _complete_universal(incomplete: str) -> list[Any]:
    from typer._click.shell_completion import CompletionItem

    names = ((one.names[-1], one.help) for one in UNIVERSAL)
    return [CompletionItem(name, help=text) for name, text in names if incomplete and name.startswith(incomplete)]


def _format_universal(formatter: Any) -> None:
    with formatter.section("Everywhere"):
        formatter.write_dl(help_rows())


def _format_examples(examples: str | None, formatter: Any) -> None:
    if examples:
        with formatter.section("Examples"):
            for line in examples.strip().splitlines():
                formatter.write(f"  {line.strip()}\n")


def _bold(page: str, ctx: Context) -> str:
    from adopt.wording.text import has_color

    if not has_color(sys.stdout, no_color=given(ctx).no_color):
        return page
    lines = (f"\x1b[1m{line}\x1b[0m" if line[:1].strip() and line.endswith(":") else line for line in page.split("\n"))
    return "\n".join(lines)


def _without_universal(args: list[str]) -> list[str]:
    try:
        return take(args)[1]
    except Invalid:
        return args
