"""Whether the links of an ad lead somewhere: asked for only when a person wants it, without cookies or credentials."""

import asyncio
from collections.abc import Sequence
from ssl import SSLContext
from urllib.parse import urlsplit

import httpx

from adopt.launch.media.checked import Problem, error, warning

SECONDS = 15.0  # for one link, redirects and all
_MOST_REDIRECTS = 5
_NO_HEAD = (403, 405, 501)  # servers that answer these to HEAD often answer GET
_AGENT = "Mozilla/5.0 (compatible; adopt link check)"


def check_links(urls: Sequence[str], *, seconds: float = SECONDS) -> dict[str, tuple[Problem, ...]]:
    """What is wrong with each link; all are asked at once, none for longer than so many seconds."""
    return asyncio.run(_all(tuple(dict.fromkeys(urls)), seconds))


async def _all(urls: Sequence[str], seconds: float) -> dict[str, tuple[Problem, ...]]:
    trusted = httpx.create_ssl_context()
    found = await asyncio.gather(*(_timed(url, seconds, trusted) for url in urls))
    return dict(zip(urls, found, strict=True))


async def _timed(url: str, seconds: float, trusted: SSLContext) -> tuple[Problem, ...]:
    if wrong := _form_problem(url):
        return (wrong,)
    try:
        return await asyncio.wait_for(_ask(url, seconds, trusted), seconds)
    except (TimeoutError, httpx.TimeoutException):
        return (error(f"{url} does not answer within {seconds:g} s", "a page that answers"),)
    except httpx.TooManyRedirects:
        return (error(f"{url} redirects more than {_MOST_REDIRECTS} times", "the address it ends at"),)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError) as failed:
        return (error(f"{url} cannot be reached: {failed or type(failed).__name__}", "a page that answers"),)


def _form_problem(url: str) -> Problem | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return error(f"{url!r} is no address", "https://example.com/page")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return error(f"{url!r} is no web address", "https://example.com/page")
    if parts.username is not None or parts.password is not None:
        return error(f"a link to {parts.hostname} holds a user name or password", "an address without them")
    return None


async def _ask(url: str, seconds: float, trusted: SSLContext) -> tuple[Problem, ...]:
    """The problems of a link by what its server answers; a page's body is never read, a cookie never kept."""
    async with httpx.AsyncClient(
        follow_redirects=True,
        max_redirects=_MOST_REDIRECTS,
        headers={"User-Agent": _AGENT},
        timeout=seconds,
        verify=trusted,
    ) as client:
        answer = await client.head(url)
        if answer.status_code in _NO_HEAD:
            client.cookies.clear()
            async with client.stream("GET", url) as answer:
                pass
    return _answered(url, answer)


def _answered(url: str, answer: httpx.Response) -> tuple[Problem, ...]:
    if answer.is_error:
        return (error(f"{url} answers {answer.status_code} {answer.reason_phrase}".rstrip(), "a page that answers"),)
    end = answer.url
    if end.scheme == "http":
        return (warning(f"{url} {'ends at' if answer.history else 'is'} http, not https", "an https address"),)
    if answer.history and end.host != httpx.URL(url).host:
        return (warning(f"{url} redirects to {end.host}", f"{end.scheme}://{end.host}{end.path}"),)
    return ()
