"""The text of a spec and of its CSV files."""

from pathlib import Path

from adopt.errors import Invalid

MOST_BYTES = 1_000_000


def read_text(path: Path) -> str:
    """The text of a file, a BOM and Windows' line ends taken off; Invalid for one that is none, or too large."""
    try:
        if path.is_dir():
            raise Invalid(f"{path} is a folder", try_next=f"adopt launch check {path / 'launch.toml'}")
        if not path.is_file():
            raise Invalid(f"there is no file {path}", try_next="adopt launch init DIR writes one to start from")
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise Invalid(f"{path}:1: it has more than {MOST_BYTES:,} bytes; no spec is that long")
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as binary:
        line = raw[: binary.start].count(b"\n") + 1
        raise Invalid(f"{path}:{line}: this is no text in UTF-8", try_next="save it as UTF-8") from binary
    except (OSError, ValueError) as unreadable:  # ValueError: a name with a zero byte
        reason = getattr(unreadable, "strerror", None) or str(unreadable)
        raise Invalid(f"{path} cannot be read: {reason.lower()}") from unreadable
