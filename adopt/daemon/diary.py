"""The daemon's log: what happened in each account, and what went wrong, as JSON lines that hold no secret."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

import msgspec

from adopt.errors import mask

_LOGGER = logging.getLogger("adopt.daemon")
_SIZE, _FILES = 2_000_000, 5


class _Lines(logging.Formatter):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level and text; then what else is known."""
        more = getattr(record, "more", {})
        said = {"at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname.lower()}
        if record.exc_info:
            more = {**more, "error": self.formatException(record.exc_info)}
        return mask(msgspec.json.encode({**said, "text": record.getMessage(), **more}).decode())


def open_log(path: Path) -> logging.Logger:
    """The log in a file of its own, five of two megabytes at most, for its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=_SIZE, backupCount=_FILES - 1, encoding="utf-8")
    path.chmod(0o600)
    handler.setFormatter(_Lines())
    _LOGGER.handlers[:] = [handler]
    _LOGGER.setLevel(logging.INFO)
    _LOGGER.propagate = False
    return _LOGGER
