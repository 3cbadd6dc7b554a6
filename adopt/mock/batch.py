"""Batch calls: up to fifty operations in one, later ones referring to what earlier ones answered."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

import msgspec

from adopt.mock.call import Answer, Call, File, read_path
from adopt.mock.errors import GraphError, invalid
from adopt.mock.params import flag, gathered, listing

MOST = 50
_REFERENCE = re.compile(r"\{result=([^:}]+):([^}]+)\}")
_STEP = re.compile(r"\.(\w+)|\[(\d+|\*)\]|\['([^']+)'\]|\.(\*)")


def run_batch(call: Call, answer: Callable[[Call], Answer | None]) -> list[Any]:
    """Answer each operation of a batch in order; null stands for one whose answer was lost."""
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
        if isinstance(name, str) and one is not None and one.status == HTTPStatus.OK:
            known[name] = one.body
        found.append(None if one is None or _is_left_out(operation, one, operations) else _envelope(one, call))
    return found


def _is_left_out(operation: Any, one: Answer, operations: list[Any]) -> bool:
    """Tell whether a success is not told: by default where a later operation used it."""
    if one.status != HTTPStatus.OK or not isinstance(operation, dict):
        return False
    wanted, name = operation.get("omit_response_on_success"), operation.get("name")
    used = isinstance(name, str) and any(f"{{result={name}:" in str(other) for other in operations)
    return used if wanted is None else str(wanted).lower() in ("true", "1")


def _run(operation: Any, call: Call, known: dict[str, Any], answer: Callable[[Call], Answer | None]) -> Answer | None:
    try:
        return answer(_read(operation, call, known))
    except GraphError as error:
        return Answer(error.status, error.envelope("A" + "0" * 22))


def _read(operation: Any, call: Call, known: dict[str, Any]) -> Call:
    if not isinstance(operation, dict) or not isinstance(operation.get("relative_url"), str):
        raise invalid("Each operation of a batch needs a method and a relative_url")
    before = operation.get("depends_on")
    if isinstance(before, str) and before and before not in known:
        raise invalid(f"Batch operation {before} is not known, has not run before this one, or has failed")
    url = _split(_fill(operation["relative_url"], known))
    version, path = read_path(url.path, call.version)
    if url.scheme or url.netloc:
        raise invalid("Param relative_url must be relative")
    params = gathered(parse_qsl(url.query, keep_blank_values=True)) | _body(operation.get("body"), known)
    method = str(params.pop("method", None) or operation.get("method", "GET")).upper()
    if not path and method == "POST":
        raise invalid("A batch cannot hold a batch")
    token = params.get("access_token") or call.token
    return Call(method, path, params, str(token) if token else None, version, call.base, _files(operation, call))


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise invalid("Param relative_url must be a URL") from None


def _body(body: Any, known: dict[str, Any]) -> dict[str, Any]:
    if isinstance(body, dict):
        return {name: _fill(value, known) if isinstance(value, str) else value for name, value in body.items()}
    return gathered(parse_qsl(_fill(body, known), keep_blank_values=True)) if isinstance(body, str) else {}


def _files(operation: dict[str, Any], call: Call) -> dict[str, File]:
    """Give the files an operation names; they came with the batch."""
    names = operation.get("attached_files")
    asked = [name.strip() for name in names.split(",")] if isinstance(names, str) else []
    missing = [name for name in asked if name and name not in call.files]
    if missing:
        raise invalid(f"File {missing[0]} has not been attached")
    return {name: call.files[name] for name in asked if name}


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


def _envelope(one: Answer, call: Call) -> dict[str, Any]:
    headers = [{"name": "Content-Type", "value": "application/json; charset=UTF-8"}]
    headers += [{"name": name, "value": value} for name, value in one.headers.items()]
    shown = {"headers": headers} if "include_headers" not in call.params or flag(call.params, "include_headers") else {}
    body = one.body if isinstance(one.body, str) else msgspec.json.encode(one.body).decode()
    return {"code": one.status, **shown, "body": body}
