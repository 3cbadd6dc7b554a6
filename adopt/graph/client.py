"""One thin client of Meta's Graph API: retries by what an error means, paging, batches, and writes sent once."""

import itertools
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
import msgspec

from adopt.errors import AdoptError, Invalid, NeedsPerson, Temporary, Unknown, Unreachable, mask
from adopt.graph import throttle
from adopt.graph.answers import Answer, Call, Failure, Reader
from adopt.graph.errors import SIGN_IN

META = "https://graph.facebook.com"

# A body, the error that came instead, or None where nothing is known: docs/graph-api/batch-requests.
BatchAnswer: TypeAlias = dict[str, Any] | AdoptError | None

_BATCH = 50  # docs/graph-api/batch-requests
_TRIES = 6  # of a read that meets trouble
_KNOCKS = 3  # at a door where nothing listens
_FIRST_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 8.0
_SHORTEST_SECRET = 8  # masking a shorter one would only garble messages
# Below the 5 s of uvicorn and common proxies: a write must not meet a connection that is just being closed.
_KEEPALIVE_S = 4.0


class Graph:
    """Meta's Graph API for one token; `now` is the server's time at the first answer."""

    def __init__(  # noqa: PLR0913 # collaborators, so that tests pass others in
        self,
        url: str,
        token: str,
        *,
        version: str = "v26.0",
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random.random,
        patience_s: float = 20.0,
        timeout_s: float = 60,
    ) -> None:
        base = _base(url)
        self.url = f"{base}/{version}"
        self.now: datetime | None = None
        self.calls = 0
        self.usage: throttle.Usage | None = None
        self._patience = patience_s
        self._sleep, self._monotonic, self._random = sleep, monotonic, random
        self._timeout_s = timeout_s
        self._reader = Reader(base, _host(base).endswith(".facebook.com"), _hide(token.strip()))
        self._http = _connections(base, _usable(token), timeout_s, transport)

    def __repr__(self) -> str:
        return f"Graph({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def moment(self) -> datetime:
        """The server's time at its first answer; this machine's, where it never said one."""
        return self.now or datetime.now(UTC)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """The node or edge at a path, read again where that may help."""
        return _body(self._patiently(Call("GET", path, params)), path)

    def pages(self, path: str, limit: int, **params: Any) -> Iterator[dict[str, Any]]:
        """The rows of an edge over all its pages; `limit` a page to begin with, halved when Meta wants less."""
        after: str | None = None
        seen: set[str] = set()
        while True:
            page, limit = self._page(path, limit, {**params, "after": after})
            yield from _rows(page, path)
            after = _cursor(page, path)
            if after is None:
                return
            if after in seen:
                raise Temporary(f"could not read {path}: Meta's pages run in a circle", try_next="try again")
            seen.add(after)

    def post(self, path: str, **params: Any) -> dict[str, Any]:
        """The answer to a write, which is sent once; Unknown if its fate is not known."""
        return _body(self._once(Call("POST", path, params)), path)

    def delete(self, path: str) -> None:
        """Delete an object; sent once, Unknown if its fate is not known."""
        _body(self._once(Call("DELETE", path)), path)

    def upload(self, path: str, files: Mapping[str, tuple[str, Any]] | None = None, **params: Any) -> dict[str, Any]:
        """The answer to a write that does no harm twice, sent again where that may help; files by part: name, file."""
        return _body(self._patiently(Call("POST", path, params, safe=True, files=files or {})), path)

    def batch(self, calls: Iterable[Call]) -> list[BatchAnswer]:
        """The answers to many calls, in their order, fifty a request; reads are repeated, writes are not."""
        return [answer for chunk in _chunks(calls) for answer in self._chunk(chunk)]

    def _page(self, path: str, limit: int, params: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
        """One page, and the limit that Meta could answer."""
        while True:
            answer = self._patiently(Call("GET", path, {**params, "limit": limit}))
            if not _is_too_much(answer) or limit <= 1:
                return _body(answer, path), limit
            limit //= 2

    def _chunk(self, calls: Sequence[Call]) -> list[BatchAnswer]:
        if any(call.is_write for call in calls):
            return self._write_chunk(calls)
        answers: dict[int, Answer] = {}
        waiting = list(range(len(calls)))
        attempt = 0
        while True:
            answers |= zip(waiting, self._read_chunk([calls[place] for place in waiting]), strict=True)
            waiting = [place for place in waiting if _may_pass(answers[place])]
            if not waiting or not self._waits(_slowest([answers[place] for place in waiting]), attempt):
                return [_value(answers[place]) for place in range(len(calls))]
            attempt += 1

    def _read_chunk(self, calls: Sequence[Call]) -> list[Answer]:
        answer = self._patiently(_envelope(calls, safe=True))
        if isinstance(answer, Failure):
            raise answer.error
        return self._operations(calls, answer)

    def _write_chunk(self, calls: Sequence[Call]) -> list[BatchAnswer]:
        answer = self._once(_envelope(calls, safe=False))
        if isinstance(answer, Failure):
            return [_value(answer)] * len(calls)
        return [_value(each) for each in self._operations(calls, answer)]

    def _operations(self, calls: Sequence[Call], answer: object) -> list[Answer]:
        """The answer to each call of a batch; an answer that is missing or no answer is None."""
        given = answer if isinstance(answer, list) else []
        padded = itertools.chain(given, itertools.repeat(None))
        return [self._operation(call, each) for call, each in zip(calls, padded, strict=False)]

    def _operation(self, call: Call, answer: object) -> Answer:
        if not isinstance(answer, dict) or not isinstance(answer.get("code"), int):
            return None
        body = str(answer.get("body") or "").encode("utf-8", "surrogatepass")
        return self._reader.read(call, answer["code"], _pairs(answer.get("headers")), body)

    def _patiently(self, call: Call) -> Answer:
        """The answer to a read, repeated while its failure may pass and patience lasts."""
        started, attempt = self._monotonic(), 0
        while True:
            answer = self._ask(call)
            is_late = self._monotonic() - started > 1.5 * self._timeout_s
            if not isinstance(answer, Failure) or is_late or not self._waits(answer, attempt):
                return answer
            attempt += 1

    def _once(self, call: Call) -> Answer:
        """The answer to a write, repeated only while nothing was sent."""
        attempt = 0
        while True:
            answer = self._ask(call)
            if not isinstance(answer, Failure) or answer.sent or not self._waits(answer, attempt):
                return answer
            attempt += 1

    def _ask(self, call: Call) -> Answer:
        sent = {key: _wire(value) for key, value in call.params.items() if value is not None}
        query, form = (None, sent) if call.method == "POST" else (sent, None)
        address = f"{self.url}/{quote(call.path, safe='/:')}"
        try:
            response = self._http.request(call.method, address, params=query, data=form, files=call.files or None)
        except httpx.HTTPError as error:
            failure = self._reader.broken(call, error)
            self.calls += failure.sent
            return failure
        self.calls += 1
        self._note(response)
        return self._reader.read(call, response.status_code, response.headers, response.content)

    def _note(self, response: httpx.Response) -> None:
        self.now = self.now or _date(response.headers.get("date"))
        self.usage = throttle.read_usage(response.headers) or self.usage

    def _waits(self, failure: Failure, attempt: int) -> bool:
        """Sleep as a failure asks for, if it may pass at all and patience is left."""
        delay = self._delay(failure, attempt)
        if delay is None or delay > self._patience:
            return False
        self._patience -= delay
        self._sleep(delay)
        return True

    def _delay(self, failure: Failure, attempt: int) -> float | None:
        """Seconds before the next try: what a rate limit says, else back-off with full jitter."""
        if failure.retry == "later":
            return failure.wait_s
        if failure.retry != "soon" or attempt + 1 >= (_TRIES if failure.sent else _KNOCKS):
            return None
        return self._random() * min(_LONGEST_BACKOFF_S, _FIRST_BACKOFF_S * float(2**attempt))


def _connections(base: str, token: str, timeout_s: float, transport: httpx.BaseTransport | None) -> httpx.Client:
    try:
        return httpx.Client(
            headers={"Authorization": f"Bearer {token}", "User-Agent": "adopt", "Accept": "application/json"},
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 10.0)),
            limits=httpx.Limits(keepalive_expiry=_KEEPALIVE_S),
            trust_env=not _is_loopback(_host(base)),  # a proxy has no business between two local programs
            verify=base.startswith("https:"),  # else there is no certificate, and reading the known ones takes 30 ms
            transport=transport,
        )
    except (ImportError, ValueError) as error:
        raise Unreachable(
            "the proxy that the environment names is of a kind adopt cannot use",
            try_next="set HTTPS_PROXY and ALL_PROXY to an http:// proxy, or unset them",
        ) from error


def _host(base: str) -> str:
    return urlsplit(base).hostname or ""


def _base(url: str) -> str:
    """The URL without a version or slash at its end; Invalid if it is none."""
    try:
        parts, host = httpx.URL(url), urlsplit(url).hostname
    except (httpx.InvalidURL, ValueError) as error:
        raise _no_url(url) from error
    if parts.scheme not in ("http", "https") or not host or parts.userinfo or parts.query:
        raise _no_url(url)
    return re.sub(r"(/v\d+\.\d+)?/*$", "", url)


def _no_url(url: str) -> Invalid:
    return Invalid(
        f"{url!r} is no Graph URL; write for example {META}", try_next="set ADOPT_GRAPH_URL to SCHEME://HOST:PORT"
    )


def _usable(token: str) -> str:
    """The token without the line end it was read with; NeedsPerson if it can be none."""
    token = token.strip()
    if not re.fullmatch(r"[!-~]+", token):
        what = "holds characters that no token has" if token else "is missing"
        raise NeedsPerson(f"the access token {what}", try_next=SIGN_IN)
    return token


def _hide(token: str) -> Callable[[str], str]:
    """A function that masks this token, and what looks like one, in a text."""
    secrets = [token, quote(token, safe="")] if len(token) >= _SHORTEST_SECRET else []

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "***")
        return mask(text)

    return hide


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _date(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        return None


def _wire(value: Any) -> str:
    """A parameter as Meta takes it: what has structure is compact JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _body(answer: Answer, path: str) -> dict[str, Any]:
    if isinstance(answer, Failure):
        raise answer.error
    if not isinstance(answer, dict):
        raise Temporary(f"could not read {path}: the answer is no object", try_next="try again")
    return answer


def _rows(page: dict[str, Any], path: str) -> list[dict[str, Any]]:
    rows = page.get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Temporary(f"could not read {path}: the answer has no rows", try_next="try again")
    return rows


def _cursor(page: dict[str, Any], path: str) -> str | None:
    """Where the next page begins; a page without `next` is the last: docs/graph-api/results."""
    paging = page.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    if not isinstance(paging, dict) or not following:
        return None
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    after = after or next(iter(parse_qs(urlsplit(str(following)).query).get("after", [])), None)
    if not after:
        raise Temporary(f"could not read {path}: a next page was promised without a cursor", try_next="try again")
    return str(after)


def _chunks(calls: Iterable[Call]) -> Iterator[list[Call]]:
    rest = iter(calls)
    while chunk := list(itertools.islice(rest, _BATCH)):
        yield chunk


def _envelope(calls: Sequence[Call], *, safe: bool) -> Call:
    """A batch as one call: docs/graph-api/batch-requests."""
    return Call("POST", "", {"batch": [_operation_of(call) for call in calls]}, safe)


def _operation_of(call: Call) -> dict[str, str]:
    query = urlencode({key: _wire(value) for key, value in call.params.items() if value is not None})
    path = quote(call.path, safe="/:")
    if call.method == "POST":
        return {"method": "POST", "relative_url": path, "body": query}
    return {"method": call.method, "relative_url": f"{path}?{query}" if query else path}


def _pairs(headers: object) -> dict[str, str]:
    pairs = headers if isinstance(headers, list) else []
    return {str(pair.get("name")).lower(): str(pair.get("value")) for pair in pairs if isinstance(pair, dict)}


def _is_too_much(answer: Answer) -> bool:
    return isinstance(answer, Failure) and answer.retry == "smaller"


def _may_pass(answer: Answer) -> bool:
    return answer is None or (isinstance(answer, Failure) and answer.retry in ("soon", "later"))


def _slowest(answers: Sequence[Answer]) -> Failure:
    """The failure of a batch that has to be waited for longest; an answer that never came passes soon."""
    failures = [answer for answer in answers if isinstance(answer, Failure)]
    nothing = Failure(error=Temporary("no answer came"), retry="soon")
    return max(failures, key=lambda failure: (failure.retry == "later", failure.wait_s or 0.0), default=nothing)


def _value(answer: Answer) -> BatchAnswer:
    """An answer as a value; a write whose fate is unknown is None."""
    if isinstance(answer, Failure):
        return None if isinstance(answer.error, Unknown) else answer.error
    return answer if isinstance(answer, dict) else None
