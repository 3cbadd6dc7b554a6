"""Writes an answer onto HTTP: JSON, JSONP or a page, with the headers Meta sends."""

import gzip
import re
from email.utils import formatdate
from hashlib import blake2b
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from adopt.mock.call import Answer
from adopt.mock.params import Params, flag, text

JSON, SCRIPT, PAGE = "application/json; charset=UTF-8", "text/javascript; charset=UTF-8", "text/html; charset=utf-8"
_NAME = re.compile(r"[\w.$\[\]]{1,200}")
_WORTH_PACKING = 1024  # bytes
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE, PUT, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


def preflight(now: float, count: int) -> Response:
    """Answer a browser that asks whether it may call."""
    return Response(status_code=200, headers=common_headers(now, count) | _PREFLIGHT)


def common_headers(now: float, count: int) -> dict[str, str]:
    """Give the headers every answer has: the simulated time, and the marks by which Meta traces a call."""
    trace = blake2b(f"{count}".encode(), digest_size=8).hexdigest()
    return {
        "Date": formatdate(now, usegmt=True),
        "x-fb-trace-id": f"A{trace[:10]}",
        "x-fb-request-id": f"A{trace}",
        "x-fb-rev": "1030000000",
        "x-fb-debug": f"{trace * 4}==",
        "Strict-Transport-Security": "max-age=15552000; preload",
        "Cache-Control": "private, no-cache, no-store, must-revalidate",
        "Pragma": "no-cache",
        "Expires": "Sat, 01 Jan 2000 00:00:00 GMT",
        "Vary": "Origin, Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
    }


def respond(
    request: Request, params: Params, answer: Answer, common: dict[str, str], *, tagged: bool = True
) -> Response:
    """Give the response of an answer, in the form a call asked for."""
    body, kind = _written(params, answer)
    headers = common | answer.headers
    status = answer.status
    if kind != PAGE and flag(params, "suppress_http_code") and status != HTTPStatus.FOUND:
        status = HTTPStatus.OK
    if tagged and answer.status == HTTPStatus.OK and request.method == "GET" and kind == JSON:
        headers["ETag"] = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
    if len(body) >= _WORTH_PACKING and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = gzip.compress(body, 1, mtime=0), "gzip"
    if request.method == "HEAD":
        headers["Content-Length"] = str(len(body))
        body = b""
    return Response(body, status, headers, kind)


def _written(params: Params, answer: Answer) -> tuple[bytes, str]:
    if isinstance(answer.body, str):
        return answer.body.encode(), PAGE
    if answer.body is None:
        return b"", JSON
    shown: Any = answer.body
    if text(params, "debug") in ("all", "info", "warning") and isinstance(shown, dict):
        shown = {**shown, "__debug__": {}}
    body = msgspec.json.encode(shown)
    if flag(params, "pretty"):
        body = msgspec.json.format(body, indent=3)
    callback = text(params, "callback")
    if callback and _NAME.fullmatch(callback):
        return b"/**/ " + callback.encode() + b"(" + body + b");", SCRIPT
    return body, JSON
