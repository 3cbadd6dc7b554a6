"""Names by templates: `{date} {audience} {creative} {placement} {n}`."""

import re
from collections.abc import Mapping

TOKENS = {
    "campaign": ("date",),
    "ad set": ("date", "audience", "placement", "creative", "n"),
    "ad": ("date", "audience", "placement", "creative", "n"),
}
_TOKEN = re.compile(r"\{([^{}]*)\}")


def tokens(template: str) -> tuple[str, ...]:
    """The tokens that a template has."""
    return tuple(_TOKEN.findall(template))


def named(template: str, words: Mapping[str, str]) -> str:
    """The name that a template gives; what is in no braces stays as it is."""
    return " ".join(_TOKEN.sub(lambda found: words.get(found[1], found[0]), template).split())
