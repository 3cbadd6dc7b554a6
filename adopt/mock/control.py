"""A client of the control port; nothing but the standard library.

Each call takes the port's address; None stands for the simulator started last.
"""

import json
import os
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener


class ControlError(Exception):
    """The control port refused, or is not there."""


class ControlRefused(ControlError):
    """The control port said no, and why."""


def address_file() -> Path:
    """Give the file in which a running simulator leaves its addresses."""
    home = os.environ.get("ADOPT_HOME")
    if home:
        return Path(home) / "state" / "mock.json"
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "adopt" / "mock.json"


def find() -> dict[str, Any]:
    """Give the addresses of the simulator started last."""
    try:
        found: dict[str, Any] = json.loads(address_file().read_text())
    except (OSError, ValueError):
        raise ControlError("no simulator has been started here: adopt mock serve") from None
    return found


def advance(url: str | None, by: str) -> dict[str, Any]:
    """Let simulated time pass: 90m, 36h, 1d."""
    return _ask("POST", "/advance", url, {"by": by})


def truth(url: str | None = None) -> dict[str, Any]:
    """Give what only the simulator knows."""
    return _ask("GET", "/truth", url)


def reset(url: str | None = None) -> dict[str, Any]:
    """Begin again as at the first start."""
    return _ask("POST", "/reset", url)


def fault(url: str | None, kind: str, **how: Any) -> dict[str, Any]:
    """Let a coming call go wrong; see adopt.mock.faults.Fault."""
    return _ask("POST", "/fault", url, {"kind": kind, **how})


def scenarios(url: str | None = None) -> dict[str, Any]:
    """Give the scenarios there are, and those injected so far."""
    return _ask("GET", "/scenario", url)


def start_scenario(url: str | None, name: str, **how: Any) -> dict[str, Any]:
    """Begin a scenario; see adopt.mock.wishes.Wish."""
    return _ask("POST", "/scenario", url, {"name": name, **how})


def stop_scenarios(url: str | None, name: str) -> dict[str, Any]:
    """End the scenarios of a name or number, or all."""
    return _ask("DELETE", "/scenario", url, {"name": name})


def faults(url: str | None = None) -> list[dict[str, Any]]:
    """Give the faults that wait, with how many matching calls each has seen."""
    found: list[dict[str, Any]] = _ask("GET", "/fault", url)["faults"]
    return found


def new_token(url: str | None, **how: Any) -> dict[str, Any]:
    """Make an access token; see adopt.mock.simulator.Wanted."""
    return _ask("POST", "/token", url, how)


def tokens(url: str | None = None) -> list[dict[str, Any]]:
    """Give every access token, with what it may do."""
    found: list[dict[str, Any]] = _ask("GET", "/token", url)["tokens"]
    return found


def revoke_token(url: str | None, token: str) -> None:
    """Take an access token back."""
    _ask("DELETE", "/token", url, {"token": token})


def calls(url: str | None = None) -> list[dict[str, str]]:
    """Give the Graph calls served since they were last forgotten."""
    found: list[dict[str, str]] = _ask("GET", "/calls", url)["calls"]
    return found


def forget_calls(url: str | None = None) -> None:
    """Count the Graph calls from here on."""
    _ask("DELETE", "/calls", url)


def forget_faults(url: str | None = None) -> None:
    """Let no fault wait any longer."""
    _ask("DELETE", "/fault", url)


def _ask(method: str, path: str, url: str | None, body: Any = None) -> dict[str, Any]:
    base = url or find()["control_url"]
    data = None if body is None else json.dumps(body).encode()
    request = Request(base + path, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310 - our own port
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=120) as answer:
            found: dict[str, Any] = json.load(answer)
    except HTTPError as error:
        with error:
            raise ControlRefused(json.load(error).get("error", str(error))) from None
    except URLError as error:
        raise ControlError(f"the simulator does not answer at {base}: {error.reason}") from None
    return found
