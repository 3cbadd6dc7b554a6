"""Runs the real program in a process of its own, with a home of its own and nothing of this machine's settings."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

CANARY = "canary-token-0123456789"
NOBODY = "http://127.0.0.1:9"  # the discard port: nothing answers there


class Ran(NamedTuple):
    """What a run gave."""

    code: int
    out: str
    err: str


def adopt(home: Path, *argv: str, stdin: str = "", **environment: str) -> Ran:
    """Run a command line to its end; its three results."""
    done = subprocess.run(
        [sys.executable, "-m", "adopt", *argv],
        env=environment_of(home, **environment),
        input=stdin.encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def on_terminal(home: Path, *argv: str, keys: str = "", after: str = "", **environment: str) -> tuple[int, str]:
    """Run a command line on a terminal of 80 columns; exit code and what the screen got.

    A person types the keys once the screen shows what they wait for.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "adopt", *argv],
        env=environment_of(home, **{"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", **environment}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    try:
        while after.encode() not in shown:
            shown += os.read(ours, 65536)
        os.write(ours, keys.encode())
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(ours)
    return process.wait(timeout=60), shown.decode().replace("\r\n", "\n")


def environment_of(home: Path, **more: str) -> dict[str, str]:
    """The environment of a fresh machine."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "ADOPT_HOME": str(home), "ADOPT_GRAPH_URL": NOBODY, **more}


def signed_in() -> dict[str, str]:
    """The variables of a person with a made-up token, whose account nobody answers for."""
    return {"ADOPT_ACCESS_TOKEN": CANARY, "ADOPT_AD_ACCOUNT_ID": "1234567890"}
