"""A spec to start from, with a picture and a clip, as files of a folder."""

from importlib.resources import files
from pathlib import Path

from adopt.errors import Invalid

NAMES = ("launch.toml", "picture.png", "clip.mp4")


def start(folder: Path) -> tuple[Path, ...]:
    """Write the example into a folder; Invalid where a file of it is there already, and then nothing is written."""
    paths = tuple(folder / name for name in NAMES)
    there = [path for path in paths if path.exists() or path.is_symlink()]
    if there:
        raise Invalid(f"{there[0]} is there already, and nothing was written", try_next="adopt launch init OTHER_DIR")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            with path.open("xb") as file:
                file.write((files("adopt.launch") / "example" / path.name).read_bytes())
    except OSError as failed:
        raise Invalid(f"{folder} cannot be written: {(failed.strerror or str(failed)).lower()}") from failed
    return paths
