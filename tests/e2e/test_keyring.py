"""The system's own keyring, where this machine has one to start."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_program import environment_of
from flight import Flight

pytestmark = pytest.mark.skipif(
    not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
    reason="needs dbus-run-session and gnome-keyring-daemon",
)
SESSION = """
import os, subprocess, sys
subprocess.run(["gnome-keyring-daemon", "--unlock", "--components=secrets"], input=b"pw", stdout=subprocess.DEVNULL)
def adopt(*argv, **more):
    done = subprocess.run([sys.executable, "-m", "adopt", *argv], capture_output=True, text=True, **more)
    print(done.returncode, (done.stdout + done.stderr).replace("\\n", " "), flush=True)
adopt("auth", "login", "--token-stdin", "--keep-key-in", "keyring", input=os.environ["TOKEN"])
adopt("account", "list", "-o", "plain")
import secretstorage
secretstorage.get_default_collection(secretstorage.dbus_init()).lock()
adopt("account", "list", "-o", "plain")
"""


def test_the_key_lies_in_the_keyring_and_a_locked_one_is_told(fly: Flight, tmp_path: Path) -> None:
    known = {"ADOPT_GRAPH_URL": fly.door["base_url"], "TOKEN": fly.door["access_token"]}
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", SESSION],
        env=environment_of(tmp_path, **known),
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    login, unlocked, locked = done.stdout.strip().splitlines()
    assert login.startswith("0 Signed in as"), done.stdout
    assert "kept by the system's keyring" in login
    assert unlocked.startswith(f"0 {fly.account}")
    assert locked.startswith("3 error: the keyring is locked")
    assert list(tmp_path.rglob("master-*.key")) == []
    assert json.dumps(fly.door["access_token"])[1:-1] not in done.stdout
