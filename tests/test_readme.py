"""The readme is true: each command is in it, each line of it is a command line, and its tour flies."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from flight import Flight

from adopt.cli.frame import COMMANDS
from adopt.errors import AdoptError, Rejected

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def commands(text: str) -> list[str]:
    """The adopt command lines of the shell blocks in a text, without their comments."""
    blocks = re.findall(r"```(?:sh)?\n(.*?)```", text, re.DOTALL)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line[line.index("adopt ") :] for line in lines if re.match(r"(0 \*/4 \* \* \* +)?adopt ", line)]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_in_the_readme(name: str) -> None:
    assert f"`adopt {name}`" in README


@pytest.mark.parametrize("line", sorted(set(commands(README))))
def test_each_line_is_a_command_with_options_it_has(line: str) -> None:
    words = shlex.split(line)[1:]
    help_page = _help([word for word in words if re.fullmatch(r"[a-z]+", word)][:2])
    assert not [word for word in words if word.startswith("-") and word not in help_page]


@pytest.mark.parametrize("error", [AdoptError, *AdoptError.__subclasses__(), Rejected])
def test_each_exit_code_is_in_the_readme(error: type[AdoptError]) -> None:
    assert f"| {error.exit_code} |" in README


def test_the_tour_flies(fly: Flight) -> None:
    tour = README.split("## A flight in the simulator")[1].split("\n## ")[0]
    ad_set = fly.json("adset", "list", "-l", "1", "--fields", "id")[0]["id"]
    for line in commands(tour):
        if line.startswith("adopt mock serve"):
            continue
        plan = fly.json("status")["plan"]
        words = shlex.split(line.replace("1202...", ad_set).replace("3fa1c2", plan or ""))[1:]
        ran = fly.adopt(*(str(fly.home / word) if word.endswith(".json") else word for word in words), "-y")
        assert ran.code == 0, f"{line}: {ran.err}"


def _help(words: list[str]) -> str:
    """The help page of a command, of its group where the second word is none."""
    for path in (words, words[:1]):
        ran = subprocess.run(
            [sys.executable, "-m", "adopt", *path, "--help"], capture_output=True, text=True, check=False
        )
        if ran.returncode == 0 and "Usage" in ran.stdout:
            return ran.stdout
    raise AssertionError(words)
