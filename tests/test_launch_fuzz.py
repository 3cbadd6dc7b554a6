"""Whatever a spec says, a check ends in a report with places or in Invalid, never in a traceback."""

import json
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from launch_specs import GOOD, KNOWN, NOW

from adopt.errors import Invalid
from adopt.launch.checking import Report, check
from adopt.launch.locating import lines_of_json, lines_of_toml
from adopt.launch.reading import TABLES
from adopt.launch.starting import start

FOLDER = tempfile.TemporaryDirectory()
HERE = Path(FOLDER.name)
start(HERE)
KEYS = sorted({name for kind in TABLES.values() for name in kind.__struct_fields__})
TREE = tomllib.loads(GOOD)

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20),
    st.sampled_from(["US", "30.00", "sales", "link_clicks", "18+", "midnight", "picture.png", "clip.mp4", "{n}"]),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner),
    max_leaves=8,
)
tables = st.dictionaries(st.sampled_from(KEYS), values, max_size=6)


def check_or_none(path: Path) -> Report | None:
    """The report, or None where the file is told to be no spec, with a place."""
    try:
        return check(path, NOW, KNOWN)
    except Invalid as told:
        if told.message.startswith(f"{path}:"):
            return None
        raise


def examined(text: str | bytes, name: str) -> None:
    path = HERE / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    report = check_or_none(path)
    if report is None:
        return
    lines = path.read_bytes().count(b"\n") + 1
    assert all(one.what and (one.file != str(path) or 1 <= one.line <= lines) for one in report.problems)
    assert (report.launch is None) == any(one.level == "error" for one in report.problems)


@given(st.dictionaries(st.sampled_from([*TABLES, "status"]), tables | st.lists(tables, max_size=3) | values))
def test_random_structures(tree: dict[str, Any]) -> None:
    examined(json.dumps(tree), "random.json")


@given(st.data())
def test_swapped_values(data: st.DataObject) -> None:
    tree = json.loads(json.dumps(TREE))
    table = data.draw(st.sampled_from(sorted(TABLES)))
    holder = tree.setdefault(table, {})
    one = data.draw(st.sampled_from(holder)) if isinstance(holder, list) else holder
    one[data.draw(st.sampled_from(KEYS))] = data.draw(values)
    examined(json.dumps(tree, indent=data.draw(st.sampled_from([None, 1]))), "swapped.json")


@pytest.mark.parametrize("text", [GOOD, json.dumps(TREE, indent=1)], ids=["toml", "json"])
def test_truncations(text: str) -> None:
    name = "cut.json" if text.startswith("{") else "cut.toml"
    for end in range(0, len(text), 11):
        examined(text[:end], name)


@settings(max_examples=200)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 8), st.binary(max_size=4))
def test_overwritten_bytes(place: int, length: int, new: bytes) -> None:
    raw = GOOD.encode()
    examined(raw[:place] + new + raw[place + length :], "spoilt.toml")


@given(st.dictionaries(st.text(max_size=6), values, max_size=5), st.sampled_from([None, 0, 2]))
def test_each_key_of_json_is_found_on_its_line(tree: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(tree, indent=indent)
    lines = lines_of_json(text)
    for name in tree:
        assert json.dumps(name) in text.splitlines()[lines[name,] - 1]


TOML = '''\
top = """
# no comment
[no.table]
""" # a comment
"quo.ted" . part = [ # comment
  { a = 1, b = "]" }, 'x,',
  { a.c = 2 },
]
dates = [2026-11-24 09:00:00, 1]
[one."two"] # table
key = {nested = {deep = 'a"'}, other = ""}
[[one.list]]
x = \'\'\'it''s\'\'\'
[[one.list]]
[one.list.sub]
y = "\\u0041\\""
z = 1
'''


def test_each_key_of_toml_is_found_on_its_line() -> None:
    tomllib.loads(TOML)
    lines = lines_of_toml(TOML)
    wanted: dict[tuple[str | int, ...], int] = {
        ("top",): 1, ("quo.ted",): 5, ("quo.ted", "part"): 5, ("quo.ted", "part", 0): 6, ("quo.ted", "part", 0, "b"): 6,
        ("quo.ted", "part", 1): 6, ("quo.ted", "part", 2, "a", "c"): 7, ("dates",): 9, ("dates", 1): 9,
        ("one", "two"): 10, ("one", "two", "key"): 11, ("one", "two", "key", "nested", "deep"): 11,
        ("one", "two", "key", "other"): 11, ("one", "list", 0): 12, ("one", "list", 0, "x"): 13,
        ("one", "list", 1): 14, ("one", "list", 1, "sub"): 15, ("one", "list", 1, "sub", "y"): 16,
        ("one", "list", 1, "sub", "z"): 17,
    }  # fmt: skip
    assert {path: lines[path] for path in wanted} == wanted
