"""Specs for tests: a good one to be spoilt, checked as a file of its own beside small pictures and a clip."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from adopt.launch.checking import Report, check
from adopt.launch.known import Known
from adopt.launch.starting import start
from adopt.model import Account

NOW = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
KNOWN = Known(
    account=Account(id="act_1234567890", name="Shop", currency="USD", timezone="America/New_York"),
    least=500,
    pages=("1029384756",),
    pixels=("5566778899",),
    beneficiary=False,
    payor=False,
)
GOOD = """\
[account]
page = "1029384756"
pixel = "5566778899"

[campaign]
name = "Autumn {date}"
objective = "sales"

[adset]
daily_budget = "30.00"
countries = ["US"]

[[audience]]
name = "Broad"

[[audience]]
name = "Women"
ages = "25-44"

[ad]
link = "https://shop.example/"
text = "Now in blue"

[[creative]]
name = "Blue"
image = "picture.png"

[[creative]]
name = "Clip"
video = "clip.mp4"
"""


def checked(folder: Path, text: str, known: Known | None = KNOWN, name: str = "spec.toml") -> Report:
    """What is found in a spec beside the example's picture and clip."""
    if not (folder / "picture.png").exists():
        start(folder)
    (folder / name).write_text(text, encoding="utf-8")
    return check(folder / name, NOW, known)


@cache
def spoilt(old: str, new: str) -> str:
    """The good spec with one part replaced."""
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)
