"""Telling people, through apprise: Slack, Telegram, e-mail, webhooks and a hundred more, each by a URL."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from adopt.errors import Invalid, Temporary

_EXAMPLES = "slack://..., tgram://TOKEN/CHAT, mailto://USER:PASSWORD@HOST, json://HOST/PATH"


class Address(NamedTuple):
    """What may be shown of a channel's URL: the service, and the scheme alone, since any part may be secret."""

    service: str
    shown: str


def address(url: str) -> Address:
    """What a URL stands for; Invalid if apprise knows no such service, or the URL is incomplete."""
    found = _service(url)
    return Address(str(found.service_name), f"{url.strip().partition('://')[0].lower()}://***")


def send(url: str, title: str, text: str, level: str) -> None:
    """A message sent; Temporary if the service did not take it."""
    from apprise import Apprise

    sender, kind = Apprise(), {"warning": "warning", "error": "failure"}.get(level, "info")
    found = _service(url)
    sender.add(found)
    with _heard() as said:
        went = sender.notify(title=title, body=text, notify_type=kind)
    if not went:
        reason = next((line for line in reversed(said) if line), "it gave no reason")
        raise Temporary(f"{found.service_name} did not take the message: {_without(reason, url)}", try_next="try again")


def _service(url: str) -> Any:
    from apprise import Apprise

    with _heard():
        found = Apprise.instantiate(url.strip(), suppress_exceptions=True) if "://" in url else None
    if found is None:
        scheme = url.partition("://")[0][:20] if "://" in url else ""
        what = f"{scheme}:// is no service that is known, or its address is incomplete" if scheme else "it is no URL"
        raise Invalid(f"the channel: {what}", try_next=f"for example {_EXAMPLES}")
    return found


def _without(reason: str, url: str) -> str:
    """The reason with every part of the URL that may be secret left out."""
    for part in sorted(url.replace(":", "/").replace("@", "/").replace("?", "/").split("/"), key=len, reverse=True):
        if len(part) >= 6:  # noqa: PLR2004 - shorter ones are words like "json"
            reason = reason.replace(part, "***")
    return reason


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What apprise logs, kept from the terminal and the log files, which must not hold its URLs."""
    said: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("apprise")
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield said
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
