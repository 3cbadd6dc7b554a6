"""`adopt creative`: list and show creatives, and check the files of new ones."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from typer import Exit

from adopt.cli.frame import App, Argument, Context, Option, screen
from adopt.cli.nouns import show_node, show_rows, split
from adopt.cli.render import Screen
from adopt.cli.table import Column
from adopt.wording.words import STYLES, count

if TYPE_CHECKING:
    from adopt.launch.media import Checked, Problem

app = App("List and show creatives; check pictures and videos before a launch.")


@app.command("list", epilog="adopt creative list -l 10")
def list_(
    ctx: Context,
    *,
    fields: Annotated[str | None, Option(metavar="A,B", help="The fields to show, by Meta's names.")] = None,
    limit: Annotated[int | None, Option("-l", "--limit", metavar="N", help="At most N; 50 if not said.")] = None,
    everything: Annotated[bool, Option("--all", help="All of them.")] = False,
) -> None:
    """List creatives."""
    show_rows(ctx, "creative", fields, limit=limit, everything=everything)


@app.command(epilog="adopt creative get 23851234567890")
def get(
    ctx: Context,
    object_id: Annotated[str, Argument(metavar="ID", help="The creative.")],
    fields: Annotated[str | None, Option(metavar="A,B", help="The fields to show, by Meta's names.")] = None,
) -> None:
    """Show one creative."""
    show_node(ctx, "creative", object_id, fields)


@app.command(
    epilog="adopt creative check summer.jpg teaser.mp4\n"
    "adopt creative check assets/ --placement feed,story\n"
    "adopt creative check 'assets/**/*.mp4' --deep -o json\n"
    "adopt creative check summer.jpg --link https://example.com/summer"
)
def check(
    ctx: Context,
    files: Annotated[list[str], Argument(metavar="FILE", help="Pictures, videos, folders, or patterns in quotes.")],
    *,
    placement: Annotated[
        str | None,
        Option(metavar="A,B", help="feed, story, reel, right_column, in_stream, audience_network; any if not said."),
    ] = None,
    deep: Annotated[bool, Option("--deep", help="Decode every frame of videos (needs PyAV).")] = False,
    link: Annotated[list[str] | None, Option(metavar="URL", help="Also ask whether a landing page answers.")] = None,
) -> None:
    """Check pictures and videos against what Meta takes; nothing is uploaded."""
    from adopt.client.files import check_links, check_media

    out = screen(ctx)
    gathered, checks = check_media(files, split(placement), deep=deep)
    checked: list[Checked] = []
    with out.waiting(lambda: f"checked {len(checked):,} of {len(gathered.paths):,}"):
        checked.extend(checks)
        checked.extend(check_links(link) if link else ())
    _show(out, checked)
    if gathered.left_out:
        out.note(f"{count(gathered.left_out, 'other file')} left out: neither pictures nor videos by their names")
    raise Exit(2 if any(one.level == "error" for one in checked) else 0)


def _show(out: Screen, checked: "Sequence[Checked]") -> None:
    """The files in the format asked for; for a person with what is wrong below each."""
    if not out.for_people:
        out.emit(list(checked), (*_COLUMNS, Column("problems", lambda one: "; ".join(_sentences(one)))))
        return
    out.table(checked, _COLUMNS, _sentences)
    levels = Counter(one.level for one in checked)
    parts = [f"{levels['error']:,} with errors"] if levels["error"] else []
    parts += [f"{levels['warning']:,} with warnings"] if levels["warning"] else []
    out.foot(*_same(checked), f"{len(checked):,} checked: {', '.join(parts) or 'nothing is wrong'}")
    if out.said.quiet:
        for one in checked:
            for problem in one.problems:
                if problem.level == "error":
                    out.warn(f"{one.path}: {_sentence(problem)}")


def _sentences(one: "Checked") -> list[str]:
    return [_sentence(problem) for problem in sorted(one.problems, key=lambda problem: problem.level)]


def _sentence(problem: "Problem") -> str:
    return f"{problem.level}: {problem.what}" + (f"; wanted: {problem.allowed}" if problem.allowed else "")


def _same(checked: "Iterable[Checked]") -> Iterator[str]:
    """The files that are the same byte for byte."""
    alike: dict[str, list[str]] = {}
    for one in checked:
        if one.sha256:
            alike.setdefault(one.sha256, []).append(one.path)
    return (f"the same file: {', '.join(paths)}; it is uploaded once" for paths in alike.values() if len(paths) > 1)


def _what(one: "Checked") -> str:
    """`MP4 H.264 1080x1920 (9:16) 15 s 30 fps, AAC`."""
    from adopt.launch.media.placements import length, ratio_name

    parts = [one.format or one.kind, one.codec]
    if one.width and one.height:
        parts.append(f"{one.width}x{one.height} ({ratio_name(one.width, one.height)})")
    parts += [length(one.duration) if one.duration else None, f"{one.fps:.4g} fps" if one.fps else None, one.audio]
    return " ".join(part for part in parts if part)


def _size(many: int) -> str:
    """`36.2 kB`, `4.1 MB`: a thousand and a million bytes."""
    kilo, mega = 1e3, 1e6
    return f"{many / mega:,.1f} MB" if many >= mega else f"{many / kilo:,.1f} kB"


_COLUMNS = (
    Column("verdict", lambda one: one.level or "fine", style=lambda one: STYLES.get(one.level or "", "green")),
    Column("file", lambda one: one.path, gives=True),
    Column("what it is", _what),
    Column("size", lambda one: None if one.kind == "link" else _size(one.bytes), "right", spare=True),
    Column("fits", lambda one: ", ".join(one.fits), spare=True),
)
