"""The files that a person means: by name, in a folder, or by a pattern."""

from collections.abc import Iterable, Iterator
from glob import glob, has_magic
from pathlib import Path
from typing import NamedTuple

from adopt.errors import Invalid
from adopt.launch.media.kinds import ENDINGS


class Gathered(NamedTuple):
    """The files, each once, and how many others of the folders were left out by their names."""

    paths: tuple[Path, ...]
    left_out: int


def gather(names: Iterable[str]) -> Gathered:
    """The files of these names, folders and patterns; Invalid for one that means none."""
    found: dict[Path, bool] = {}
    for name in names:
        meant = dict(_meant(name))
        if not any(meant.values()):
            raise Invalid(_none(name), try_next="a picture, a video, or a folder of them")
        found |= meant
    return Gathered(tuple(path for path, wanted in found.items() if wanted), sum(not one for one in found.values()))


def _meant(name: str) -> Iterator[tuple[Path, bool]]:
    """Each file that a name means, and whether it is to be checked."""
    path = Path(name).expanduser()
    if path.is_dir():
        yield from _within(path)
    elif path.exists() or path.is_symlink() or not has_magic(name):
        yield path, path.exists()
    else:
        for matched in sorted(glob(str(path), recursive=True)):  # noqa: PTH207 # Path.glob takes no absolute pattern
            yield from _within(Path(matched)) if Path(matched).is_dir() else [(Path(matched), True)]


def _within(folder: Path) -> Iterator[tuple[Path, bool]]:
    """The visible files of a folder and those below it; links to folders are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path, path.suffix.removeprefix(".").lower() in ENDINGS


def _none(name: str) -> str:
    path = Path(name).expanduser()
    if path.is_dir():
        return f"{name} holds neither pictures nor videos"
    return f"nothing is called {name}"
