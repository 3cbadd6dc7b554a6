"""The parameters of writes by kind of object: which there are, and their values, read as Meta reads them."""

import json
import math
from collections.abc import Callable
from datetime import datetime
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from adopt.mock.errors import GraphError, invalid
from adopt.mock.params import Params, listing, structure, text, whole

_TABLE: dict[str, str] = json.loads(resources.files("adopt.mock").joinpath("parameters.json").read_text())
ENUMS: dict[str, tuple[str, ...]] = {
    name.removeprefix("enum "): tuple(words.split()) for name, words in _TABLE.items() if name.startswith("enum ")
}
PARAMETERS: dict[str, dict[str, str]] = {
    what: dict(word.split(":") for word in words.split())
    for what, words in _TABLE.items()
    if not what.startswith("enum ")
}
_TRUE, _FALSE = ("1", "true", "yes"), ("0", "false", "no", "")
_LAST_MOMENT = 4102444800  # 2100
CONTROL = frozenset({"execution_options"})  # how to write, not what


def read_values(what: str, params: Params, zone: ZoneInfo) -> dict[str, Any]:
    """Give the parameters of a write such as "create ad set" by name; those it does not know are ignored."""
    table = PARAMETERS[what]
    found = {}
    for name in params:
        if name in table and name not in CONTROL and params[name] is not None:
            found[name] = read_value(table[name], params, name, zone)
    return {name: value for name, value in found.items() if value is not None}


def read_value(kind: str, params: Params, name: str, zone: ZoneInfo) -> Any:
    """Give one parameter of a type."""
    if kind.startswith("@@"):
        return [_among(kind[2:], str(item), name) for item in listing(params, name) or []]
    if kind.startswith("@"):
        return _among(kind[1:], text(params, name) or "", name)
    if kind == "time":
        return moment(params, name, zone)
    return _READERS[kind](params, name)


def truth_value(params: Params, name: str) -> bool:
    """Give a parameter that is true or false."""
    given = str(params.get(name, "")).lower()
    if given not in (*_TRUE, *_FALSE):
        raise invalid(f"Param {name} must be a boolean")
    return given in _TRUE


def moment(params: Params, name: str, zone: ZoneInfo) -> int | None:
    """Give a time in Unix seconds, written so or by ISO 8601; without an offset it is the account's."""
    given = text(params, name) or ""
    try:
        when = int(given) if given.lstrip("-").isdigit() else _iso(given, zone)
    except (ValueError, OverflowError):
        raise invalid(f"Param {name} must be a valid time: ISO 8601 or Unix seconds") from None
    if not 0 <= when <= _LAST_MOMENT:
        raise invalid(f"Param {name} must be a valid time: between 1970 and 2100")
    return when


def _iso(given: str, zone: ZoneInfo) -> int:
    when = datetime.fromisoformat(given)
    return int((when if when.tzinfo else when.replace(tzinfo=zone)).timestamp())


def _among(enum: str, given: str, name: str) -> str:
    if given not in ENUMS[enum]:
        raise invalid(f"Param {name} must be one of {{{', '.join(ENUMS[enum])}}}")
    return given


def _unsigned(params: Params, name: str) -> int | None:
    number = whole(params, name)
    if number is not None and number < 0:
        raise invalid(f"Param {name} must be an integer greater than or equal to 0")
    return number


def _decimal(params: Params, name: str) -> float | None:
    try:
        number = float(text(params, name) or "nan")
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise invalid(f"Param {name} must be a number")
    return number


def _map(params: Params, name: str) -> Any:
    found = structure(params, name)
    if not isinstance(found, (dict, list)):
        raise _no_object(name)
    return found


def _texts(params: Params, name: str) -> list[str]:
    return [str(item) for item in listing(params, name) or []]


def _no_object(name: str) -> GraphError:
    return invalid(f"Param {name} must be a JSON object")


_READERS: dict[str, Callable[[Params, str], Any]] = {
    "text": text,
    "file": text,
    "int": whole,
    "uint": _unsigned,
    "float": _decimal,
    "bool": truth_value,
    "map": _map,
    "list": lambda params, name: listing(params, name) or [],
    "texts": _texts,
    "ints": _texts,
}


def objects_of(value: Any, name: str) -> list[dict[str, Any]]:
    """Give a value that must be a list of JSON objects."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise invalid(f"Param {name} must be an array of JSON objects")
    return value


def object_of(value: Any, name: str) -> dict[str, Any]:
    """Give a value that must be a JSON object."""
    if not isinstance(value, dict):
        raise _no_object(name)
    return value
