"""The rooms and the direction of imports, read from the source."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import adopt

TOP = Path(adopt.__file__).parent
MODULES = sorted(path for path in TOP.rglob("*.py") if "data" not in path.relative_to(TOP).parts)

WORDS = ("model", "errors")
ROOMS: dict[str, tuple[str, ...]] = {
    "model": (),
    "errors": (),
    "language": WORDS,
    "policy": (*WORDS, "language"),
    "settings": WORDS,
    "engine": (*WORDS, "policy", "language"),
    "graph": (*WORDS, "policy"),
    "store": (*WORDS, "policy"),
    "audit": (*WORDS, "policy", "engine"),
    "launch": (*WORDS, "policy"),
    "wording": ("model",),
    "operations": (*WORDS, "language", "policy", "settings", "engine", "graph", "store", "launch", "audit", "notify"),
    "notify": WORDS,
    "access": (*WORDS, "settings", "operations", "graph", "store"),
    "channels": (*WORDS, "access", "notify", "operations", "store"),
    "client": (
        *WORDS,
        "access",
        "channels",
        "policy",
        "language",
        "settings",
        "operations",
        "graph",
        "store",
        "audit",
        "launch",
    ),
    "routes": WORDS,
    "remote": (*WORDS, "settings", "routes", "client"),
    "doors": (*WORDS, "settings", "routes", "client", "remote", "operations"),
    "daemon": (*WORDS, "policy", "settings", "client", "routes", "operations", "store"),
    "tui": (*WORDS, "wording", "client"),
    "cli": (
        *WORDS,
        "wording",
        "tui",
        "daemon",
        "policy",
        "settings",
        "access",
        "channels",
        "client",
        "doors",
        "audit",
        "launch",
    ),
    "__main__": ("cli",),
    "__init__": (),
    "mock": (),
}
MORE: dict[str, tuple[str, ...]] = {}
MOCK_DOORS = ("cli/mock.py", "cli/demo.py")
NO_CLOCK_NO_WORLD = (
    "asyncio", "http", "io", "logging", "os", "pathlib", "random", "secrets", "select", "shutil", "socket", "sqlite3",
    "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib",
)  # fmt: skip
UNUSED_WORDS = ("utils", "util", "helper", "helpers", "manager", "base", "common", "misc", "service")


def name_of(path: Path) -> str:
    return str(path.relative_to(TOP))


def room_of(path: Path) -> str:
    return path.relative_to(TOP).parts[0].removesuffix(".py")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever the import stands; `adopt.cli.x` for `from adopt.cli import x`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides its direction"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_rooms(path: Path) -> set[str]:
    """The rooms of adopt that a file imports from."""
    found = {name.split(".")[1] for name in imports(path) if name.startswith("adopt.")}
    return found - {"__version__"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_one_way(path: Path) -> None:
    room = room_of(path)
    allowed = {room, *ROOMS[room], *MORE.get(name_of(path), ())} | ({"mock"} if name_of(path) in MOCK_DOORS else set())
    assert own_rooms(path) <= allowed


def test_only_the_two_composition_roots_know_the_simulator() -> None:
    knowing = {name_of(path) for path in MODULES if room_of(path) != "mock" and "mock" in own_rooms(path)}
    assert knowing <= set(MOCK_DOORS)


@pytest.mark.parametrize("path", [path for path in MODULES if room_of(path) == "engine"], ids=name_of)
def test_the_engine_reads_no_clock_file_or_socket(path: Path) -> None:
    tops = {name.split(".")[0] for name in imports(path)} - {"adopt"}
    beyond = tops - set(sys.stdlib_module_names) - {"numpy", "scipy", "msgspec"}
    assert not beyond
    assert not tops & set(NO_CLOCK_NO_WORLD)
    assert all(name.startswith("scipy.special") for name in imports(path) if name.split(".")[0] == "scipy")


@pytest.mark.parametrize("path", [path for path in MODULES if room_of(path) == "engine"], ids=name_of)
def test_the_engine_asks_nobody_what_time_it_is(path: Path) -> None:
    calls = {ast.unparse(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)}
    asking = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "open", "print", "input"}
    assert not calls & asking


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_public_name_says_what_it_is(path: Path) -> None:
    assert list(undocumented(path)) == []


def undocumented(path: Path) -> Iterator[str]:
    tree = tree_of(path)
    if not ast.get_docstring(tree):
        yield "the module"
    yield from _without_docstring(tree.body, "")


def _without_docstring(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if not ast.get_docstring(node) and not _is_overload(node):
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from _without_docstring(node.body, f"{prefix}{node.name}.")


def _is_overload(node: ast.AST) -> bool:
    return any("overload" in ast.unparse(one) for one in getattr(node, "decorator_list", ()))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_named_after_what_it_holds(path: Path) -> None:
    words = path.stem.split("_")
    assert not set(words) & set(UNUSED_WORDS)


@pytest.mark.parametrize("path", [path for path in MODULES if room_of(path) != "cli"], ids=name_of)
def test_only_the_command_line_prints(path: Path) -> None:
    calls = [ast.unparse(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    allowed = {"__main__.py": ["sys.stdout.write"], "mock/serve.py": ["sys.stdout.write"]}.get(name_of(path), [])
    assert [call for call in calls if call in ("print", "sys.stdout.write", "sys.stderr.write")] == allowed


def test_scipy_stats_is_never_imported() -> None:
    assert [name_of(path) for path in MODULES if any(name.startswith("scipy.stats") for name in imports(path))] == []
