"""`adopt daemon`: the process that keeps time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from adopt.cli.frame import App, Context, Option, screen
from adopt.cli.render import Screen
from adopt.cli.session import client, settings
from adopt.errors import Invalid, NeedsPerson, Unreachable
from adopt.model import Presence
from adopt.settings import Settings
from adopt.wording.words import when

app = App("Run the daemon, which polls, optimizes, launches and tells by itself; start, stop and see it.")
_PATIENCE_S = 10.0
_UNIT = """[Unit]
Description=adopt, an autonomous media buyer for Meta ads
After=network-online.target

[Service]
ExecStart={command}
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=2 3 5
NoNewPrivileges=yes
{environment}
[Install]
WantedBy=default.target
"""
_PLIST = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>Label</key><string>adopt.daemon</string>
<key>ProgramArguments</key><array><string>{python}</string><string>-m</string><string>adopt</string>
<string>daemon</string><string>run</string></array>
<key>RunAtLoad</key><true/>
<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
</dict></plist>
"""


@app.command(epilog="adopt daemon run")
def run(ctx: Context) -> None:
    """Be the daemon, in the foreground, until Ctrl-C or SIGTERM."""
    from adopt.daemon.main import run

    run(settings(ctx))


@app.command(epilog="adopt daemon start")
def start(ctx: Context) -> None:
    """Start the daemon in the background; one that runs already is left alone."""
    out, found = screen(ctx), settings(ctx)
    _show(out, _answering(_look(ctx)) or _started(out, found, _look(ctx)))


@app.command(epilog="adopt daemon stop")
def stop(ctx: Context) -> None:
    """Stop the daemon; a step that takes longer than a second is looked up by the next one."""
    out = screen(ctx)
    there = _stopped(out, _look(ctx))
    if there and out.for_people:
        out.say(f"Stopped the daemon (process {there.pid}).")
    else:
        _show(out, None)


@app.command(epilog="adopt daemon restart")
def restart(ctx: Context) -> None:
    """Stop the daemon and start it, after an upgrade or another environment."""
    out = screen(ctx)
    _stopped(out, _look(ctx))
    _show(out, _started(out, settings(ctx), _look(ctx)))


@app.command(epilog="adopt daemon status\nadopt daemon status -o json")
def status(ctx: Context) -> None:
    """Show whether the daemon runs, since when, and of which version."""
    _show(screen(ctx), _look(ctx)())


@app.command(epilog="adopt daemon logs\nadopt daemon logs -n 200")
def logs(
    ctx: Context, *, lines: Annotated[int, Option("-n", "--lines", metavar="N", help="The last N lines.")] = 50
) -> None:
    """Print the end of the daemon's log: JSON lines."""
    path = settings(ctx).daemon_log
    if not path.exists():
        raise Invalid(f"there is no log yet: {path}", try_next="adopt daemon start")
    for line in path.read_text(encoding="utf-8").splitlines()[-lines:]:
        screen(ctx).script(line)


@app.command(epilog="adopt daemon install")
def install(ctx: Context) -> None:
    """Let the system start the daemon at every login: a systemd user unit, or a launchd agent on a Mac."""
    out, path = screen(ctx), _unit_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_unit(), encoding="utf-8")
    out.say(f"Wrote {path}")
    if sys.platform == "darwin":
        out.hint(f"launchctl bootstrap gui/{os.getuid()} {path}")
    else:
        out.hint("systemctl --user enable --now adopt && loginctl enable-linger")


@app.command(epilog="adopt daemon uninstall")
def uninstall(ctx: Context) -> None:
    """Take back what `adopt daemon install` wrote."""
    out, path = screen(ctx), _unit_path()
    if not path.exists():
        raise Invalid(f"there is no {path}", try_next="adopt daemon install")
    path.unlink()
    out.say(f"Removed {path}")
    if sys.platform != "darwin":
        out.hint("systemctl --user disable --now adopt; systemctl --user daemon-reload")


def ensure(ctx: Context) -> bool:
    """Start a daemon for a command that is of no use without one; whether one runs: ADOPT_NO_AUTOSTART=1 forbids it."""
    look = _look(ctx)
    if _answering(look) is None and os.environ.get("ADOPT_NO_AUTOSTART", "0") in ("", "0"):
        _started(screen(ctx), settings(ctx), look)
    return _answering(look) is not None


def _look(ctx: Context) -> Callable[[], Presence | None]:
    """How it is looked whether a daemon runs, whatever it speaks."""
    return client(ctx, local=True).daemon


def _answering(look: Callable[[], Presence | None]) -> Presence | None:
    """The daemon, once it answers."""
    there = look()
    return there if there and there.socket else None


def _started(out: Screen, found: Settings, look: Callable[[], Presence | None]) -> Presence:
    log = found.daemon_log.with_name("daemon.err")
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with out.waiting("starting the daemon"), log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "adopt", "daemon", "run"],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
            cwd="/",
        )
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline and process.poll() in (None, Unreachable.exit_code):  # another came first
            if there := _answering(look):
                return there
            time.sleep(0.02)
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise Unreachable(
        f"the daemon did not start: {said[0].removeprefix('error: ') if said else 'it said nothing'}",
        try_next="adopt daemon run",
    )


def _stopped(out: Screen, look: Callable[[], Presence | None]) -> Presence | None:
    there = look()
    if there is None:
        return None
    try:
        os.kill(there.pid, signal.SIGTERM)
    except PermissionError as error:
        raise NeedsPerson(f"the daemon (process {there.pid}) is another user's", try_next="ask that user") from error
    deadline = time.monotonic() + _PATIENCE_S
    with out.waiting("stopping the daemon"):
        while time.monotonic() < deadline:
            if look() is None:
                return there
            time.sleep(0.02)
    raise Unreachable(f"the daemon (process {there.pid}) does not stop", try_next=f"kill -9 {there.pid}")


def _show(out: Screen, there: Presence | None) -> None:
    if not out.for_people:
        out.emit({"running": there is not None, "daemon": there}, ())
    elif there:
        out.say(f"The daemon runs: process {there.pid}, version {there.version}, since {when(there.since)}.")
    else:
        out.say("The daemon does not run.")
        out.hint("adopt daemon start")


def _unit_path() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library/LaunchAgents/adopt.daemon.plist"
    config = os.environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "systemd/user/adopt.service"


def _unit() -> str:
    if sys.platform == "darwin":
        return _PLIST.format(python=sys.executable)
    kept = ("ADOPT_HOME", "ADOPT_GRAPH_URL")  # never a token
    lines = [f'Environment="{name}={os.environ[name]}"' for name in kept if os.environ.get(name)]
    return _UNIT.format(command=f"{sys.executable} -m adopt daemon run", environment="".join(f"{n}\n" for n in lines))
