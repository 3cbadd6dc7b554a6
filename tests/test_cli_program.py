"""The program as a person starts it: help, errors, exit codes, streams, start-up."""

import json
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_program import CANARY, adopt, environment_of, on_terminal, signed_in
from typer.core import TyperGroup

from adopt.cli.frame import COMMANDS, SECTIONS, load, root
from adopt.cli.universal import help_rows

HEAVY = (
    "apscheduler", "httpx", "keyring", "numpy", "pydantic", "rich", "scipy", "sqlite_utils", "starlette", "textual",
    "uvicorn",
)  # fmt: skip
DIE = "raise ZeroDivisionError('token ' + __import__('os').environ['ADOPT_ACCESS_TOKEN'] + ' and EAAabcdefghij12345')"


def modules_after(home: Path, *argv: str, **environment: str) -> set[str]:
    """The modules that a run of the program leaves loaded."""
    adopt(home, "hold")  # the first run of all makes the database
    code = (
        "import sys, adopt.__main__ as program\n"
        f"sys.argv = ['adopt', *{list(argv)!r}]\n"
        "program.main()\n"
        "sys.stderr.write(' '.join(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment_of(home, **environment),
        capture_output=True,
        check=True,
        timeout=60,
    )
    return set(done.stderr.decode().split())


@pytest.mark.parametrize(
    "argv", [["--help"], ["-h"], ["plan", "--help"], ["adset", "list", "-h"], ["status"], ["hold"]]
)
def test_what_needs_no_network_loads_nothing_heavy(tmp_path: Path, argv: list[str]) -> None:
    loaded = {name.split(".")[0] for name in modules_after(tmp_path, *argv)}
    assert loaded & set(HEAVY) == set()


@pytest.mark.parametrize(("argv", "most"), [(["--help"], 160), (["status", "-o", "json"], 230)])
def test_a_quick_command_stays_small(tmp_path: Path, argv: list[str], most: int) -> None:
    assert len(modules_after(tmp_path, *argv)) <= most


def test_help_does_not_load_the_commands(tmp_path: Path) -> None:
    assert not {f"adopt.cli.{name}" for name in COMMANDS} & modules_after(tmp_path, "--help")


def test_version_is_one_line(tmp_path: Path) -> None:
    assert re.fullmatch(r"adopt \d+\.\d+\.\d+\n", adopt(tmp_path, "--version").out)


def test_without_a_word_the_help_page_is_shown(tmp_path: Path) -> None:
    ran = adopt(tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran == adopt(tmp_path, "--help")
    assert all(f"  {name} " in ran.out for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_line_in_the_list_is_the_commands_own(name: str) -> None:
    command = load(name)
    assert (command.help or "").splitlines()[0] == COMMANDS[name]


def leaves() -> list[list[str]]:
    """Every command that does something, as its words."""

    def below(command: Any, words: list[str]) -> list[list[str]]:
        inner = getattr(command, "commands", None)
        return [leaf for name in inner for leaf in below(inner[name], [*words, name])] if inner else [words]

    return [leaf for name in COMMANDS for leaf in below(load(name), [name])]


@pytest.mark.parametrize("words", leaves(), ids=" ".join)
def test_every_command_explains_itself(tmp_path: Path, words: list[str]) -> None:
    ran = adopt(tmp_path, *words, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert "Examples:\n  adopt" in ran.out.replace('eval "$(', "")
    assert all(option in ran.out for option, _ in help_rows())
    assert all(len(line) <= 100 for line in ran.out.partition("Examples:")[0].splitlines())


@pytest.mark.parametrize("words", leaves(), ids=" ".join)
def test_every_option_is_explained_in_one_sentence(words: list[str]) -> None:
    leaf = load(words[0])
    for word in words[1:]:
        leaf = leaf.commands[word]
    for param in leaf.params:
        assert param.help, f"{param.name} says nothing"
        assert param.help.endswith((".", "...")), f"{param.name}: {param.help}"


def test_sections_hold_every_command_once() -> None:
    assert sum(len(section) for section in SECTIONS.values()) == len(COMMANDS) == len(root().commands)


@pytest.mark.parametrize(
    ("argv", "error", "try_next"),
    [
        (["plna"], "there is no command adopt plna", "adopt plan"),
        (["adset", "lst"], "there is no command adopt adset lst", "adopt adset list"),
        (["zebra"], "there is no command adopt zebra", "adopt --help"),
        (["plan", "--targt-cpa", "3"], "adopt plan has no option --targt-cpa", "adopt plan --target-cpa"),
        (["plan", "--outptu", "json"], "adopt plan has no option --outptu", "adopt plan --output"),
        (["plan", "--max-changes", "x"], "'x' is not a whole number", "adopt plan --help"),
        (["hold", "onn"], "'onn' is none of on, off, status; did you mean on?", "adopt hold --help"),
        (["undo"], "missing argument 'CHANGE|PLAN'", "adopt undo --help"),
        (["status", "extra"], "got unexpected extra argument(s) (extra)", "adopt status --help"),
        (["plan", "-o", "yaml"], "--output: 'yaml' is no output format", "--output"),
        (["--bogus"], "adopt has no option --bogus", "adopt --help"),
        (["log", "--since", "yesterday"], "--since: 'yesterday' is no moment", "--since 2h, 3d or 2026-11-24"),
        (["optimize", "--wait", "soon"], "--wait: 'soon' is no length of time", "--wait 60s, 30m, 12h or 3d"),
    ],
)
def test_a_mistake_is_two_lines_and_exit_2(tmp_path: Path, argv: list[str], error: str, try_next: str) -> None:
    ran = adopt(tmp_path, *argv, **signed_in())
    first, second = ran.err.splitlines()
    assert (ran.code, ran.out) == (2, "")
    assert first.startswith("error: ")
    assert error in first
    assert second.startswith(f"try: {try_next}")


def test_an_error_under_json_is_one_object_and_stdout_stays_empty(tmp_path: Path) -> None:
    ran = adopt(tmp_path, "plan", "-o", "json")
    found = json.loads(ran.err)["error"]
    assert (ran.code, ran.out) == (3, "")
    assert list(found) == ["kind", "code", "subcode", "fbtrace_id", "message", "next", "retry_after_s"]
    assert (found["kind"], found["message"]) == ("NeedsPerson", "there is no access token")


def test_a_bad_command_line_under_json_is_one_object_too(tmp_path: Path) -> None:
    ran = adopt(tmp_path, "plan", "--bogus", "-o", "json")
    assert (ran.code, ran.out, json.loads(ran.err)["error"]["kind"]) == (2, "", "Invalid")


@pytest.mark.parametrize("argv", [["status", "-o", "json"], ["-o", "json", "status"], ["status", "--output=json"]])
def test_options_of_every_command_stand_anywhere(tmp_path: Path, argv: list[str]) -> None:
    assert json.loads(adopt(tmp_path, *argv).out)["version"]


def die(home: Path, *argv: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program with a command that fails in a way nobody foresaw."""
    code = (
        "import sys, types, adopt.__main__ as program\n"
        "from adopt.cli.frame import App\n"
        "module = types.ModuleType('adopt.cli.status')\n"
        "module.app = App()\n"
        f"module.app.command()(lambda: exec({DIE!r}))\n"
        "sys.modules['adopt.cli.status'] = module\n"
        f"sys.argv = ['adopt', 'status', *{list(argv)!r}]\n"
        "sys.exit(program.main())\n"
    )
    environment = {**environment_of(home), **signed_in(), **environment}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False, timeout=60)


def test_the_unexpected_is_one_line_and_a_private_report(tmp_path: Path) -> None:
    done = die(tmp_path)
    first, second = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout) == (1, b"")
    (report,) = (tmp_path / "state" / "reports").iterdir()
    assert first == f"error: something unexpected went wrong: ZeroDivisionError; a report is at {report}"
    assert second.startswith("try: ADOPT_DEBUG=1")
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert "ZeroDivisionError" in report.read_text()


def test_a_report_holds_no_token(tmp_path: Path) -> None:
    done = die(tmp_path, ADOPT_DEBUG="1")
    (report,) = (tmp_path / "state" / "reports").iterdir()
    for text in (report.read_text(), done.stderr.decode()):
        assert "token *** and ***" in text
        assert CANARY not in text
        assert "EAAabc" not in text


def test_a_report_that_cannot_be_written_is_no_second_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    done = die(tmp_path)
    assert done.stderr.decode().splitlines()[0] == "error: something unexpected went wrong: ZeroDivisionError"


def test_a_closed_pipe_is_silent(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "adopt", "--help"]
    process = subprocess.Popen(command, env=environment_of(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


def test_a_terminal_gets_bold_and_a_pipe_does_not(tmp_path: Path) -> None:
    assert "\x1b[1mStart:\x1b[0m" in on_terminal(tmp_path, "--help")[1]
    assert "\x1b" not in adopt(tmp_path, "--help", FORCE_COLOR="1", GITHUB_ACTIONS="true").out


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_can_be_without_colour(tmp_path: Path, environment: dict[str, str]) -> None:
    assert "\x1b" not in on_terminal(tmp_path, "--help", **environment)[1]


def test_colour_can_be_refused_by_option(tmp_path: Path) -> None:
    assert "\x1b" not in on_terminal(tmp_path, "--no-color", "--help")[1]


def test_a_terminal_without_unicode_gets_escapes_not_an_error(tmp_path: Path) -> None:
    ran = adopt(tmp_path, "hold", "on", "--reason", "préparer 日本", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (ran.code, ran.err) == (0, "")
    assert "pr\\xe9parer \\u65e5\\u672c" in ran.out


@pytest.mark.parametrize(
    ("words", "place", "found"),
    [
        ("adopt ad", 1, {"ad", "adset"}),
        ("adopt -o json ads", 3, {"adset"}),
        ("adopt adset b", 2, {"budget"}),
        ("adopt hold ", 2, {"on", "off", "status"}),
        ("adopt plan --targ", 2, {"--target-cpa", "--target-roas"}),
        ("adopt plan --outp", 2, {"--output"}),
    ],
)
def test_bash_completes_commands_choices_and_options(tmp_path: Path, words: str, place: int, found: set[str]) -> None:
    environment = {"_ADOPT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(place)}
    assert set(adopt(tmp_path, **environment).out.split()) == found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_printed_for_each_shell(tmp_path: Path, shell: str) -> None:
    ran = adopt(tmp_path, "completion", shell)
    assert (ran.code, ran.err) == (0, "")
    assert "_ADOPT_COMPLETE" in ran.out


def test_talking_to_meta_loads_no_command_line_of_others(tmp_path: Path) -> None:
    loaded = modules_after(tmp_path, "account", "list", "-o", "json", **signed_in())
    assert "httpx" in loaded
    assert {"click", "rich", "pygments"} & loaded == set()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_of_a_group_cuts_no_sentence(name: str) -> None:
    command = load(name)
    if isinstance(command, TyperGroup):
        page = " ".join(command.get_help(command.make_context(name, [], resilient_parsing=True)).split())
        for one in command.commands.values():
            assert " ".join((one.help or "").splitlines()[0].split()) in page
