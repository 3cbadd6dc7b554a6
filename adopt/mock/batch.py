"""Batch calls: up to fifty operations in one, later ones referring to what earlier ones answered."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from adopt.mock.call import Answer, Call, read_path
from adopt.mock.errors import GraphError, invalid
from adopt.mock.params import flag, listing

MOST = 50
_REFERENCE = re.compile(r"\{result=([^:}]+):([^}]+)\}")
_STEP = re.compile(r"\.(\w+)|\[(\d+|\*)\]|\['(\w+)'\]|\.(\*)")


def run_batch(call: Call, answer: Callable[[Call], Answer]) -> list[Any]:
    """Answer each operation of a batch in order."""
    operations = listing(call.params, "batch")
    if not operations:
        raise invalid("Param batch must be a non-empty array of operations")
    if len(operations) > MOST:
        raise GraphError(f"(#100) Too many requests in batch message. Maximum batch size is {MOST}", 100)
    known: dict[str, Any] = {}
    found = []
    for operation in operations:
        one = _run(operation, call, known, answer)
        name = operation.get("name") if isinstance(operation, dict) else None
        if isinstance(name, str):
            known[name] = one.body
        omitted = name is not None and one.status == HTTPStatus.OK and operation.get("omit_response_on_success", True)
        found.append(None if omitted and _is_referred(name, operations) else _envelope(one, call))
    return found


def _run(operation: Any, call: Call, known: dict[str, Any], answer: Callable[[Call], Answer]) -> Answer:
    try:
        return answer(_read(operation, call, known))
    except GraphError as error:
        return Answer(error.status, error.envelope("A" + "0" * 22))


def _read(operation: Any, call: Call, known: dict[str, Any]) -> Call:
    if not isinstance(operation, dict) or not isinstance(operation.get("relative_url"), str):
        raise invalid("Each operation of a batch needs a method and a relative_url")
    url = urlsplit(_fill(operation["relative_url"], known))
    version, path = read_path(url.path, call.version)
    params: dict[str, Any] = dict(parse_qsl(url.query, keep_blank_values=True))
    body = operation.get("body")
    params |= dict(parse_qsl(_fill(body, known), keep_blank_values=True)) if isinstance(body, str) else {}
    token = params.get("access_token") or call.token
    return Call(str(operation.get("method", "GET")).upper(), path, params, token, version, call.base)


def _fill(text: str, known: dict[str, Any]) -> str:
    return _REFERENCE.sub(lambda match: _look_up(match[1], match[2], known), text)


def _look_up(name: str, path: str, known: dict[str, Any]) -> str:
    if name not in known:
        raise invalid(f"Batch operation {name} is not known or has not run before this one")
    values = [known[name]]
    for key, index, quoted, star in _STEP.findall(path):
        values = [step for value in values for step in _steps(value, key or quoted, index or star)]
    if not values:
        raise invalid(f"{path} finds nothing in the answer of {name}")
    return ",".join(str(value) for value in values)


def _steps(value: Any, key: str, index: str) -> list[Any]:
    if key:
        return [value[key]] if isinstance(value, dict) and key in value else []
    if not isinstance(value, list):
        return []
    return value if index == "*" else value[int(index) : int(index) + 1]


def _is_referred(name: Any, operations: list[Any]) -> bool:
    return any(f"{{result={name}:" in str(one) for one in operations)


def _envelope(one: Answer, call: Call) -> dict[str, Any]:
    headers = [{"name": "Content-Type", "value": "application/json; charset=UTF-8"}]
    headers += [{"name": name, "value": value} for name, value in one.headers.items()]
    shown = {"headers": headers} if "include_headers" not in call.params or flag(call.params, "include_headers") else {}
    return {"code": one.status, **shown, "body": msgspec.json.encode(one.body).decode()}
