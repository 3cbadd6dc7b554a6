"""What needs no ad account: an export audited, media and links checked, a launch begun, the presets listed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from adopt.language.recipes import PRESETS, RECIPES, UNSAYABLE
from adopt.model import Verdict
from adopt.policy import Target

if TYPE_CHECKING:
    from adopt.audit.choices import Choices
    from adopt.audit.reading import Export
    from adopt.launch.media import Checked
    from adopt.launch.media.files import Gathered


class Preset(Struct, frozen=True):
    """What `use` may name: what it is, what it says, and where it comes from or why it cannot be had."""

    name: str
    line: str
    when: str
    do: str
    source: str
    is_available: bool


def audit(path: Path, target: Target, choices: "Choices") -> "tuple[Export, tuple[Verdict, ...]]":
    """A second opinion on an export: how it was read, and its verdicts, most money first; needs no account."""
    from adopt.audit.reading import read
    from adopt.operations.audit import audit

    export = read(path, choices)
    told = replace(target, result=export.result, attribution=export.attribution)
    return export, audit(export, told)


def check_media(
    names: Sequence[str], placements: Sequence[str], *, deep: bool = False
) -> "tuple[Gathered, Iterator[Checked]]":
    """The files that are meant, and their checks as they are made; needs no account and no network."""
    from adopt.launch.media import check_many
    from adopt.launch.media.files import gather

    gathered = gather(names)
    return gathered, check_many(gathered.paths, placements, deep=deep)


def check_links(urls: Sequence[str]) -> "list[Checked]":
    """What is wrong with the links of ads; asks their servers."""
    from adopt.launch.media import Checked
    from adopt.launch.media.links import check_links

    return [Checked(path=url, kind="link", problems=found) for url, found in check_links(urls).items()]


def start_launch(folder: Path) -> tuple[Path, ...]:
    """Write a spec to start from, with a picture and a clip, into a folder; nothing is overwritten."""
    from adopt.launch.starting import start

    return start(folder)


def presets() -> tuple[Preset, ...]:
    """The presets, the published recipes, and the recipes that cannot be had, with why."""
    own = (Preset(name, line, "", "", "adopt", is_available=True) for name, line in PRESETS.items())
    known = (Preset(n, r.line, r.when, r.do, r.source, is_available=True) for n, r in RECIPES.items())
    absent = (Preset(name, why, "", "", "not available", is_available=False) for name, why in UNSAYABLE.items())
    return (*own, *known, *absent)
