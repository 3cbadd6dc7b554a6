"""What came back from one call: a body, or a failure that knows whether the call may be repeated."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import httpx
import msgspec
from msgspec import Struct

from adopt.errors import AdoptError, Rejected, Temporary, Unreachable
from adopt.graph import errors, throttle
from adopt.graph.errors import Retry

_MAY_HAVE_ACTED = (1, 2)  # codes that say nothing about what became of a write
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class Call(Struct, frozen=True):
    """One request: `safe` is a POST that may be sent again, such as a batch of reads or a piece of a file."""

    method: str
    path: str
    params: Mapping[str, Any] = {}
    safe: bool = False
    files: Mapping[str, tuple[str, Any]] = {}  # the parts of an upload: a file's name and the open file

    @property
    def is_write(self) -> bool:
        """Whether it may change something, so that it must never be sent twice."""
        return self.method != "GET" and not self.safe

    @property
    def doing(self) -> str:
        """The call as the end of a sentence: `read act_1/adsets`, `set status of 238`, `create Blue in act_1/ads`."""
        where = self.path or "a batch of objects"
        if self.is_write and "/" in where and "name" in self.params:
            return f"create {self.params['name']} in {where}"
        return f"set {', '.join(self.params)} of {where}" if self.is_write and self.params else f"{self._verb} {where}"

    @property
    def _verb(self) -> str:
        if self.files:
            return "upload to"
        return "delete" if self.method == "DELETE" else "write" if self.is_write else "read"


class Failure(Struct, frozen=True, kw_only=True):
    """Why a call gave no body: the error, whether a repetition may help, and whether anything was sent."""

    error: AdoptError
    retry: Retry = "never"
    wait_s: float | None = None
    sent: bool = True


Answer: TypeAlias = Any | Failure


class Reader(Struct, frozen=True):
    """Reads answers for one Graph URL; `hide` masks its token in whatever is repeated."""

    base: str
    is_meta: bool
    hide: Callable[[str], str]

    def read(self, call: Call, status: int, headers: Mapping[str, str], content: bytes) -> Answer:
        """The body of an answer, or its failure."""
        try:
            body = msgspec.json.decode(content)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return self._unreadable(call, status, content)
        envelope = errors.read_envelope(body, self.hide)
        if envelope:
            return _refused(call, status, throttle.read_usage(headers), envelope)
        if status >= httpx.codes.BAD_REQUEST or not isinstance(body, dict | list):
            return self._unreadable(call, status, content)
        if isinstance(body, dict) and body.get("success") is False:
            return Failure(error=Rejected(f"could not {call.doing}: Meta answered success: false"))
        if call.is_write and not body:
            return self._unreadable(call, status, content)
        return body

    def broken(self, call: Call, error: httpx.HTTPError) -> Failure:
        """The failure of a call whose connection failed before a whole answer came."""
        if isinstance(error, _UNSENT):
            return Failure(error=self._unreachable(call, error), retry=_again(error), sent=False)
        how = "no answer came in time" if isinstance(error, httpx.TimeoutException) else "the connection broke"
        if call.is_write:
            return Failure(error=errors.unknown(call.doing, how))
        return _lost(call, how)

    def _unreadable(self, call: Call, status: int, content: bytes) -> Failure:
        if call.is_write:
            return Failure(error=errors.unknown(call.doing, f"HTTP {status} came without a readable answer"))
        if status < httpx.codes.INTERNAL_SERVER_ERROR and not _was_json(content):
            return Failure(error=self._foreign(call, status))
        return _lost(call, f"HTTP {status} came with an answer that cannot be read")

    def _foreign(self, call: Call, status: int) -> AdoptError:
        text = f"could not {call.doing}: what answers at {self.base} is not Meta's Graph API (HTTP {status})"
        return Unreachable(text, try_next=self._next())

    def _unreachable(self, call: Call, error: httpx.HTTPError) -> AdoptError:
        text = f"could not {call.doing}: nothing answers at {self.base} ({self.hide(str(error)) or 'no connection'})"
        return Unreachable(text, try_next="set SSL_CERT_FILE to the CA to trust" if _is_trust(error) else self._next())

    def _next(self) -> str:
        if self.is_meta:
            return "check the network: DNS, HTTPS_PROXY, VPN, firewall"
        return "check ADOPT_GRAPH_URL, and that a server runs there; unset it to reach Meta"


def _lost(call: Call, how: str) -> Failure:
    """A read without an answer: worth another try now, and after a minute."""
    text = f"could not {call.doing}: {how}; try again in 1 minute"
    return Failure(error=Temporary(text, try_next="try again in 1 minute", retry_after_s=60.0), retry="soon")


def _refused(call: Call, status: int, usage: throttle.Usage | None, envelope: errors.Envelope) -> Failure:
    found = errors.meaning(envelope, status)
    if call.is_write and _is_in_doubt(status, envelope):
        return Failure(error=errors.unknown(call.doing, "Meta had trouble", envelope))
    wait_s = _wait(found, usage)
    return Failure(error=errors.explain(envelope, found, call.doing, wait_s), retry=found.retry, wait_s=wait_s)


def _is_in_doubt(status: int, envelope: errors.Envelope) -> bool:
    return status >= httpx.codes.INTERNAL_SERVER_ERROR or envelope.code in _MAY_HAVE_ACTED


def _wait(found: errors.Meaning, usage: throttle.Usage | None) -> float | None:
    """What the headers say where a rate limit is meant, else what the table says."""
    if found.retry == "later" and usage and usage.regain_s:
        return usage.regain_s
    return found.wait_s


def _was_json(content: bytes) -> bool:
    """Whether this is the beginning of a JSON answer, or nothing at all: cut short rather than foreign."""
    return not content or content.lstrip()[:1] in (b"{", b"[")


def _is_trust(error: httpx.HTTPError) -> bool:
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def _again(error: httpx.HTTPError) -> Retry:
    return "never" if _is_trust(error) or isinstance(error, httpx.UnsupportedProtocol) else "soon"
