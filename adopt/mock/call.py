"""A call of the Graph API and its answer, without HTTP."""

import re
from dataclasses import dataclass, field
from typing import Any

from adopt.mock.params import Params

VERSIONS = ("v24.0", "v25.0", "v26.0")
CURRENT = VERSIONS[-1]
_VERSION = re.compile(r"v\d+\.\d+")


@dataclass(frozen=True)
class File:
    """A file that came with a call."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Call:
    """One call: method, path without version, parameters, and the token it came with."""

    method: str
    path: tuple[str, ...]
    params: Params
    token: str | None = None
    version: str = CURRENT
    base: str = ""
    files: dict[str, File] = field(default_factory=dict)  # by the name of their part


@dataclass(frozen=True)
class Answer:
    """What a call is answered with."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


def read_path(path: str, version: str = CURRENT) -> tuple[str, tuple[str, ...]]:
    """Split a path into its version and its parts."""
    parts = [part for part in path.split("/") if part]
    if parts and _VERSION.fullmatch(parts[0]):
        return parts[0], tuple(parts[1:])
    return version, tuple(parts)
