"""Checking files: size, first bytes against the name, shape by placement, length, codecs, and the SHA-256."""

import os
import stat
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from hashlib import file_digest
from io import BufferedReader
from pathlib import Path

from adopt.errors import Invalid
from adopt.launch.media import decoding, images, videos
from adopt.launch.media.checked import Checked, Problem, Seen, error, real
from adopt.launch.media.kinds import HEAD, Format, format_of, format_problem, name_problem
from adopt.launch.media.placements import PLACEMENTS, Placement, named, placing

_AT_ONCE = 4  # files; each may take 256 MB


def check(path: Path | str, placements: Iterable[str] = (), *, deep: bool = False) -> Checked:
    """What a file is and what is wrong with it in these placements, or in all; Invalid if it cannot be read."""
    places = named(placements)
    if deep:
        decoding.require()
    with _quiet():
        return _check(Path(path), places, deep=deep)


def check_many(paths: Sequence[Path], placements: Iterable[str] = (), *, deep: bool = False) -> Iterator[Checked]:
    """The checks of files in their order, some at once; one that cannot be read is an error of its own."""
    places = named(placements)
    if deep:
        decoding.require()
    with _quiet(), ThreadPoolExecutor(min(_AT_ONCE, os.cpu_count() or 1)) as pool:
        yield from pool.map(partial(_or_unreadable, places=places, deep=deep), paths)


def _or_unreadable(path: Path, *, places: Sequence[Placement], deep: bool) -> Checked:
    try:
        return _check(path, places, deep=deep)
    except Invalid as invalid:
        return Checked(path=str(path), problems=(error(invalid.message, "a file that can be read"),))


def _check(path: Path, places: Sequence[Placement], *, deep: bool) -> Checked:
    with _opened(path) as (file, size):
        form = format_of(file.read(HEAD))
        seen = _look(file, size, form, deep=deep)
        file.seek(0)
        digest = file_digest(file, "sha256").hexdigest()
    general = real(*_general(path, size, form))
    placed, fits = _placed(form, seen, places) if form else ((), ())
    return Checked(
        path=str(path),
        kind=form.kind if form else "unknown",
        format=form.name if form else "",
        width=seen.width,
        height=seen.height,
        duration=seen.duration,
        fps=seen.fps,
        codec=seen.codec,
        audio=seen.audio,
        bytes=size,
        sha256=digest,
        fits=fits,
        problems=tuple(dict.fromkeys((*general, *seen.problems, *placed))),
    )


def _look(file: BufferedReader, size: int, form: Format | None, *, deep: bool) -> Seen:
    if form is None or (form.standing in ("unseen", "refused") and form.kind == "image"):
        return Seen()
    file.seek(0)
    return images.look(file, size, form) if form.kind == "image" else videos.look(file, size, form, deep=deep)


def _general(path: Path, size: int, form: Format | None) -> Iterator[Problem | None]:
    if form is not None:
        yield name_problem(path, form)
        yield format_problem(form)
    elif size:
        yield error("neither a picture nor a video", "JPG or PNG; MP4 or MOV")
    else:
        yield error("the file is empty", "JPG or PNG; MP4 or MOV")


def _placed(form: Format, seen: Seen, places: Sequence[Placement]) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
    """What is wrong in the placements asked for, or in the kindest of all; and those that show the file whole."""
    if not seen.width or not seen.height:
        return (), ()
    found = {place.name: placing(place, form.kind, seen) for place in places or PLACEMENTS.values()}
    fits = tuple(name for name, problems in found.items() if not problems)
    if places:
        return tuple(problem for problems in found.values() for problem in problems), fits
    return min(found.values(), key=_weight), fits


def _weight(problems: Sequence[Problem]) -> tuple[int, int]:
    return sum(problem.level == "error" for problem in problems), len(problems)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BufferedReader, int]]:
    """An ordinary file, open, and its bytes; Invalid for anything else."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
            raise Invalid(f"{path} is no file", try_next="a picture or a video")
        with path.open("rb") as file:
            yield file, os.fstat(file.fileno()).st_size
    except (OSError, ValueError) as unreadable:  # ValueError: a name with a zero byte
        reason = getattr(unreadable, "strerror", None) or str(unreadable)
        raise Invalid(f"{path} cannot be read: {reason.lower()}") from unreadable


@contextmanager
def _quiet() -> Iterator[None]:
    """Pillow warns of odd metadata; what matters of it is told by the problems."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
