"""Reads a call off HTTP, as loosely as Meta does: parameters and token come in whatever way they like."""

from urllib.parse import parse_qsl

import msgspec
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from adopt.mock.call import Call, File, read_path
from adopt.mock.errors import GraphError, invalid
from adopt.mock.params import Params, gathered

LARGEST_TEXT = 64 << 20  # bytes of a text part: pictures may come as text
LARGEST = 1 << 30  # bytes of a body: a long video
META = ("facebook.com", "instagram.com")
_OVERRIDES = ("GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS")


def too_large() -> GraphError:
    """Give the error for a body beyond what is taken."""
    return GraphError("(#100) The request body is too large.", 100, status=413)


def bounded(receive: Receive, length: str) -> Receive:
    """Give a receiver that refuses a body beyond what is taken, told by its length or by its bytes."""
    if length.isdigit() and int(length) > LARGEST:
        raise too_large()
    seen = 0

    async def take() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > LARGEST:
            raise too_large()
        return message

    return take


async def read_call(request: Request) -> Call:
    """Read a call; raises what Meta answers to one that cannot be read."""
    params = gathered(parse_qsl(request.url.query, keep_blank_values=True))
    form, files = await _body(request)
    params |= form
    method = str(params.pop("method", "")).upper() if request.method in ("GET", "POST") else ""
    version, path = read_path(request.url.path)
    kind, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = params.get("access_token") or (bearer.strip() if kind.lower() in ("bearer", "oauth") else None)
    called = method if method in _OVERRIDES else request.method
    return Call(called, path, params, str(token) if token else None, version, base_of(request), files)


def base_of(request: Request) -> str:
    """Give where a request was sent to: Meta's own host, if it came through the proxy."""
    host = request.headers.get("host", "").lower()
    name = host.rpartition(":")[0] or host
    if any(name == domain or name.endswith(f".{domain}") for domain in META):
        return f"https://{name}"
    return f"{request.url.scheme}://{request.url.netloc}"


async def _body(request: Request) -> tuple[Params, dict[str, File]]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            return await _multipart(request)
        body = await request.body()
        if kind == "application/json" or (kind != "application/x-www-form-urlencoded" and body[:1] == b"{"):
            found = msgspec.json.decode(body or b"{}")
            return (found if isinstance(found, dict) else {}), {}
        return gathered(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)), {}
    except (msgspec.DecodeError, RecursionError, MultiPartException, ValueError):
        raise invalid("The body of the request cannot be read") from None
    except ClientDisconnect:
        raise invalid("The body of the request ended early") from None


async def _multipart(request: Request) -> tuple[Params, dict[str, File]]:
    texts: list[tuple[str, str]] = []
    files: dict[str, File] = {}
    async with request.form(max_part_size=LARGEST_TEXT) as form:
        for name, value in form.multi_items():
            if isinstance(value, str):
                texts.append((name, value))
            else:
                files[name] = File(value.filename or name, await value.read())
    return gathered(texts), files
