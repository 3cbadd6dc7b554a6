"""The texts of an ad: what Meta refuses, and what it cuts when it shows them."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from adopt.launch.media.checked import Problem, error, warning

Field: TypeAlias = Literal["primary_text", "headline", "description"]


class Limit(NamedTuple):
    """Characters: of a single text, of one of several, and those that are shown before it is cut."""

    most: int
    most_of_several: int
    shown: int
    why: str


SEVERAL = 5  # an asset feed takes at most five of each (docs: asset-feed-spec/options)
# 2,200: Instagram's captions (docs: instagram ads-api media-requirements); others: asset-feed-spec/options, and what
# the ads guide recommends for the feed.
LIMITS: dict[Field, Limit] = {
    "primary_text": Limit(2200, 1024, 125, "Instagram leaves longer ones out"),
    "headline": Limit(255, 255, 40, "Meta refuses longer ones"),
    "description": Limit(255, 255, 30, "Meta refuses longer ones"),
}


def check_texts(field: Field, texts: Sequence[str]) -> tuple[Problem, ...]:
    """What is wrong with the text of a field, or with the several that Meta may choose from."""
    return (*_as_a_set(field, texts), *(problem for text in texts for problem in _alone(field, text, len(texts))))


def _as_a_set(field: Field, texts: Sequence[str]) -> Iterator[Problem]:
    if len(texts) > SEVERAL:
        yield error(f"{len(texts)} texts for {_said(field)}", f"at most {SEVERAL}")
    for text in dict.fromkeys(text for text in texts if texts.count(text) > 1):
        yield warning(f"{_said(field)} {_short(text)} is there {texts.count(text)} times", "each text once")


def _alone(field: Field, text: str, number: int) -> Iterator[Problem]:
    limit = LIMITS[field]
    most, why = (limit.most_of_several, "one of several may not be longer") if number > 1 else (limit.most, limit.why)
    if not text.strip():
        yield error(f"{_said(field)} is empty", "a text, or none at all")
    elif len(text) > most:
        yield error(f"{_said(field)} {_short(text)} has {len(text):,} characters; {why}", f"at most {most:,}")
    elif len(text) > limit.shown:
        cut = text[: limit.shown].rsplit(" ", 1)[0]
        yield warning(
            f"{_said(field)} has {len(text):,} characters and is cut after about {limit.shown}: ...{cut[-30:]!r}",
            f"{limit.shown} or fewer are shown whole",
        )


def _said(field: Field) -> str:
    return field.replace("_", " ")


def _short(text: str) -> str:
    return repr(text if len(text) <= 30 else f"{text[:29]}…")  # noqa: PLR2004 # enough to know it by
