"""One run of the command line, and the one place where an error becomes words and an exit code."""

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from typer import Abort, Exit
from typer.exceptions import TyperException

from adopt.cli.frame import root
from adopt.cli.render import Screen, tolerate
from adopt.cli.universal import UNIVERSAL, Globals, nearest, take, wants_json
from adopt.errors import AdoptError, Invalid

COMPLETE = "_ADOPT_COMPLETE"


def run(argv: Sequence[str]) -> int:
    """Run a command line; gives its exit code."""
    tolerate(sys.stdout, sys.stderr)
    said = Globals(output="json" if wants_json(argv) else "table")
    try:
        if COMPLETE in os.environ:
            _complete()
        said, rest = take(argv)
        code = _invoke(rest, said)
        sys.stdout.flush()
    except BrokenPipeError:
        return _hang_up()
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 # the edge: whatever it was becomes two lines and an exit code
        return _fail(error, said)
    return code


def _invoke(args: list[str], said: Globals) -> int:
    command = root()
    try:
        with command.make_context("adopt", args, obj=said) as context:
            command.invoke(context)
    except Exit as done:
        return done.exit_code
    except Abort:
        return 130
    except TyperException as error:
        raise _usage(error) from error
    return 0


def _usage(error: Any) -> Invalid:
    """A usage error of the parser in our words: what was wrong, and what to type."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "adopt"
    option = getattr(error, "option_name", None)
    if option and hasattr(error, "possibilities"):
        known = [*(error.possibilities or ()), *(name for one in UNIVERSAL for name in one.names)]
        close = nearest(option, known)
        return Invalid(f"{path} has no option {option}", try_next=f"{path} {close or '--help'}")
    message = error.format_message().rstrip(".")
    return Invalid(message[:1].lower() + message[1:], try_next=f"{path} --help")


def _fail(error: Exception, said: Globals) -> int:
    known = error if isinstance(error, AdoptError) else _unexpected(error)
    try:
        Screen(said).fail(known)
    except BrokenPipeError:
        _hang_up()
    return known.exit_code


def _unexpected(error: Exception) -> AdoptError:
    from adopt.cli.report import write_report

    path = write_report(error)
    message = f"something unexpected went wrong: {type(error).__name__}"
    if path is None:
        return AdoptError(message, try_next="ADOPT_DEBUG=1 and the same command, to see where")
    return AdoptError(f"{message}; a report is at {path}", try_next="ADOPT_DEBUG=1 and the same command, to see where")


def _hang_up() -> int:
    """Nobody reads any more: let the interpreter's last flush go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return 0


def _complete() -> NoReturn:
    from typer._completion_classes import completion_init

    completion_init()
    root().main(args=[], prog_name="adopt", complete_var=COMPLETE)
    raise SystemExit(0)
