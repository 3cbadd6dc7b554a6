"""The report of an unexpected error: a traceback without tokens, in a file that only its owner reads."""

import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from adopt import __version__
from adopt.errors import mask

TOKENS = ("ADOPT_ACCESS_TOKEN", "ACCESS_TOKEN")
SHORTEST = 8  # to hide a shorter one would only garble the text


def hide(text: str) -> str:
    """The text without anything that looks like a token, and without the tokens of this process's environment."""
    for name in TOKENS:
        token = os.environ.get(name, "")
        if len(token) >= SHORTEST:
            text = text.replace(token, "***")
    return mask(text)


def write_report(error: BaseException) -> Path | None:
    """Write the report of an error and give its path, None where it cannot be written; ADOPT_DEBUG=1 prints it."""
    text = hide("".join(traceback.format_exception(error)))
    if os.environ.get("ADOPT_DEBUG") == "1":
        sys.stderr.write(text)
    now = datetime.now(UTC)
    head = f"adopt {__version__}, Python {sys.version.split()[0]}, {now:%Y-%m-%dT%H:%M:%SZ}\n\n"
    try:
        return _write(f"{now:%Y%m%dT%H%M%S}-{os.getpid()}.txt", head + text)
    except OSError:
        return None


def _write(name: str, text: str) -> Path:
    from adopt.settings import places

    folder = places(os.environ).state / "reports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path
