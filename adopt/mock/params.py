"""The parameters of a call: texts, numbers and JSON, from a query, a form or a JSON body."""

import re
from datetime import date
from typing import Any

import msgspec

from adopt.mock.errors import invalid

Params = dict[str, Any]
_INDEXED = re.compile(r"(\w+)\[(\w*)\]")


def text(params: Params, name: str) -> str | None:
    """Give a parameter as text."""
    value = params.get(name)
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def whole(params: Params, name: str) -> int | None:
    """Give a parameter as an integer."""
    value = params.get(name)
    if value is None or value == "":
        return None
    try:
        number = int(value) if not isinstance(value, (bool, float)) else None
    except (TypeError, ValueError):
        number = None
    if number is None or abs(number) >= 1 << 62:
        raise invalid(f"Param {name} must be an integer")
    return number


def flag(params: Params, name: str) -> bool:
    """Give a parameter as a truth value."""
    return str(params.get(name, "")).lower() in ("1", "true", "yes")


def structure(params: Params, name: str) -> Any:
    """Give a parameter that is JSON, whether or not it came as text."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    for attempt in (value, value.replace("'", '"')):
        try:
            return msgspec.json.decode(attempt)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            continue
    raise invalid(f"Param {name} must be valid JSON")


def listing(params: Params, name: str) -> list[Any] | None:
    """Give a parameter that is a list, as JSON or with commas."""
    value = params.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and not value.lstrip().startswith(("[", "{", '"')):
        return [part.strip() for part in value.split(",") if part.strip()]
    found = structure(params, name)
    if isinstance(found, str):
        return [found]
    if not isinstance(found, list):
        raise invalid(f"Param {name} must be an array.")
    return found


def words(params: Params, name: str) -> list[str] | None:
    """Give a parameter that is a list of texts."""
    found = listing(params, name)
    return None if found is None else [str(item) for item in found]


def day(value: Any, name: str) -> date:
    """Give a date written YYYY-MM-DD."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise invalid(f"Param {name} must be a valid date in the format YYYY-MM-DD") from None


def gathered(pairs: list[tuple[str, str]]) -> Params:
    """Give parameters by name; `name[]` and `name[0]` make a list, `name[key]` an object, and of equals the last."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        match = _INDEXED.fullmatch(name)
        if match is None:
            found[name] = value
            continue
        outer, key = match.groups()
        if not key or key.isdigit():
            held = found.get(outer)
            found[outer] = [*held, value] if isinstance(held, list) else [value]
        else:
            held = found.get(outer)
            found[outer] = {**held, key: value} if isinstance(held, dict) else {key: value}
    return found
