"""All that is wrong with a spec, at once; and the launch that it would be."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from adopt.launch import expanding, least, legality, params
from adopt.launch.known import Known, Setting
from adopt.launch.media import Checked, check_many, check_texts
from adopt.launch.naming import TOKENS, tokens
from adopt.launch.problems import Place, Problem, error, listed, warning
from adopt.launch.reading import read
from adopt.launch.spec import AdSet, Creative, Entry, Spec
from adopt.launch.tree import Launch
from adopt.model import Currency

MOST_ADS = 500  # of one launch
MOST_IN_ADSET = 50  # docs/marketing-api/reference/ad-campaign
LONGEST_NAME = 400


class Report(Struct, frozen=True, kw_only=True):
    """What a check found: problems, what only the account could tell, and the launch unless there is an error."""

    problems: tuple[Problem, ...]
    unchecked: tuple[str, ...]
    launch: Launch | None


def check(path: Path, now: datetime, known: Known | None = None) -> Report:
    """A spec in a file against Meta's rules, its files, and the account if it is known; Invalid where it is no spec."""
    spec, problems = read(path)
    return examine(spec, problems, now, known)


def examine(spec: Spec, wrong: Sequence[Problem], now: datetime, known: Known | None = None) -> Report:
    """A spec that was read, beside what was wrong when reading it."""
    problems = list(wrong)
    setting = _setting(spec, known)
    problems += _account_problems(spec, known)
    problems += legality.campaign_problems(spec)
    for adset in spec.adsets:
        problems += legality.adset_problems(spec, adset, setting, known, now)
    problems += least.budget_problems(spec, setting, known, now)
    for creative in spec.creatives:
        problems += legality.creative_problems(spec, creative)
        problems += _texts(creative)
    problems += _grid(spec)
    if not any(one.key.endswith("each") or "would make" in one.what for one in problems):
        problems += _names(spec, now)
    files, in_files = _files(spec)
    found = _told_once([*problems, *in_files])
    is_right = all(one.level != "error" for one in found)
    return Report(
        problems=found,
        unchecked=_unchecked(spec, known),
        launch=expanding.expand(spec, files, setting, now) if is_right else None,
    )


def _told_once(problems: list[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in the order of the lines."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda one: (one.file, one.line)))


def _setting(spec: Spec, known: Known | None) -> Setting:
    said = spec.account.said
    zone = known.account.timezone if known else said.timezone
    return Setting(
        account=known.account.id if known else said.id or "",
        currency=Currency(known.account.currency if known else (said.currency or "").upper()),
        zone=ZoneInfo(zone) if zone and _is_zone(zone) else ZoneInfo("UTC"),
        is_zone_known=bool(zone),
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # KeyError: ZoneInfoNotFoundError
        return False
    return True


def _account_problems(spec: Spec, known: Known | None) -> Iterator[Problem]:
    entry = spec.account
    if entry.said.timezone and not _is_zone(entry.said.timezone):
        yield error(entry.at("timezone"), f"{entry.said.timezone!r} is no time zone", "such as Europe/Berlin")
    if known is None:
        return
    account = known.account
    for name, has in (("id", account.id), ("currency", account.currency), ("timezone", account.timezone)):
        said = getattr(entry.said, name)
        if said and said.lower() != has.lower():
            yield error(entry.at(name), f"the ad account has {has}, not {said}", f"{has}, or another account with -a")
    for name, others in (("page", known.pages), ("pixel", known.pixels)):
        said = getattr(entry.said, name)
        if said and others is not None and said not in others:
            yield error(entry.at(name), f"the ad account has no {name} {said}", listed(others) or f"no {name} at all")
    if known.pages is not None and not entry.said.page and len(known.pages) != 1:
        said = (
            f"{len(known.pages)} Pages can be promoted, so one must be named"
            if known.pages
            else "no Page can be promoted"
        )
        yield error(
            entry.at("page"),
            said,
            f"page = one of {', '.join(known.pages)}" if known.pages else "a Page of the account",
        )


def _texts(entry: Entry[Creative]) -> Iterator[Problem]:
    said = entry.said
    for name, field in (("text", "primary_text"), ("headline", "headline"), ("description", "description")):
        if (words := getattr(said, name)) is not None:
            for one in check_texts(field, [words]):  # type: ignore[arg-type] # the three fields
                yield _from(entry.at(name), one.level, one.what, one.allowed)


def _grid(spec: Spec) -> Iterator[Problem]:
    """Whether the grid is as large as a launch may be, and every name in it is known."""
    if not spec.creatives:
        yield error(spec.place, "there is no creative", "[[creative]] with image, video, cards or post")
        return
    adsets, ads = expanding.count(spec)
    if max(adsets, ads) > MOST_ADS:
        yield error(
            spec.place, f"it would make {adsets:,} ad sets with {ads:,} ads", f"at most {MOST_ADS} ads in one launch"
        )
    known = [expanding.creative_name(one, place) for place, one in enumerate(spec.creatives)]
    for place, one in enumerate(spec.creatives):
        if known.index(known[place]) < place:
            yield error(one.at("name"), f"two creatives are called {known[place]!r}", "a name of its own for each")
    for adset in spec.adsets:
        if len(spec.adsets) > 1 and adset.lacks("name"):
            yield error(adset.place, "the audience has no name", 'name = "Women 25-44"')
        for name in adset.said.creatives or ():
            if name not in known:
                yield error(adset.at("creatives"), f"there is no creative {name!r}", listed(known, name))
        yield from _dynamic(spec, adset, known)
        shown = len(adset.said.creatives or known)
        if "creative" not in (spec.grid.said.each or ()) and shown > MOST_IN_ADSET:
            yield error(adset.place, f"{shown} ads in one ad set", f"at most {MOST_IN_ADSET}")


def _dynamic(spec: Spec, adset: Entry[AdSet], known: list[str]) -> Iterator[Problem]:
    """An ad set for Dynamic Creative takes one such ad and no other: 1885998 at Meta."""
    shown = [one for one, name in zip(spec.creatives, known, strict=True) if name in (adset.said.creatives or known)]
    is_split = "creative" in (spec.grid.said.each or ())
    if len(shown) > 1 and not is_split and any(params.is_dynamic(one.said) for one in shown):
        yield error(
            adset.at("creatives"),
            "a creative with images is the only one of its ad set",
            'creatives = ["..."] in each [[audience]], or each = ["creative"] in [grid]',
        )


def _names(spec: Spec, now: datetime) -> Iterator[Problem]:
    templates = (
        ("campaign", spec.campaign.said.name, spec.campaign.at("name")),
        ("ad set", spec.adset.said.name, spec.adset.at("name")),
        ("ad", spec.ad.said.name, spec.ad.at("name")),
    )
    wrong = False
    for level, template, place in templates:
        for one in tokens(template or ""):
            if one not in TOKENS[level]:
                wrong = True
                what = f"the name of {'an' if level[0] == 'a' else 'a'} {level} has no {{{one}}}"
                yield error(place, what, ", ".join(f"{{{name}}}" for name in TOKENS[level]))
    if not wrong and spec.creatives:
        yield from _made_names(spec, now)


def _made_names(spec: Spec, now: datetime) -> Iterator[Problem]:
    made = list(expanding.groups(spec))
    adsets = expanding.adset_names(spec, made, now)
    for number, (group, name, ads) in enumerate(zip(made, adsets, expanding.ad_names(spec, made, now), strict=True)):
        if name in adsets[:number]:
            yield error(group.adset.place, f"two ad sets would be called {name!r}", "{n} in the name, or other names")
        for one in dict.fromkeys(ad for ad in ads if ads.count(ad) > 1):
            yield error(
                group.adset.place, f"two ads of {name!r} would be called {one!r}", "{creative} or {n} in the name"
            )
        for one in (name, *ads):
            if len(one) > LONGEST_NAME:
                yield error(group.adset.place, f"a name of {len(one)} characters", f"at most {LONGEST_NAME}")


def _files(spec: Spec) -> tuple[dict[str, Checked], list[Problem]]:
    """What is in the files that the spec names, and what is wrong with them where they are shown."""
    named = list(_named_files(spec))
    files: dict[str, Checked] = {}
    for places, names in _by_placements(spec).items():
        paths = [Path(spec.folder) / Path(name).expanduser() for name in names]
        files |= zip(names, check_many(paths, places), strict=True)
    problems: list[Problem] = []
    for name, kind, place in named:
        file = files[name]
        problems += [
            _from(place, one.level, one.what if name in one.what else f"{name}: {one.what}", one.allowed)
            for one in file.problems
        ]
        if file.kind not in (kind, "unknown"):
            problems.append(error(place, f"{name} is a {file.kind}, no {kind}", f"{file.kind} = {name!r}"))
    return {name: files[name] for name, _, _ in named}, problems


def _by_placements(spec: Spec) -> dict[tuple[str, ...], list[str]]:
    """The files by where the ad sets that show them name placements; () is wherever Meta likes."""
    wanted: dict[str, set[str]] = {}
    for place, entry in enumerate(spec.creatives):
        name = expanding.creative_name(entry, place)
        shown = [one.said.placements or () for one in spec.adsets if name in (one.said.creatives or (name,))]
        for file, _, _ in _files_of(entry):
            wanted.setdefault(file, set()).update(*shown)
    found: dict[tuple[str, ...], list[str]] = {}
    for file, placements in wanted.items():
        found.setdefault(tuple(sorted(placements)), []).append(file)
    return found


def _named_files(spec: Spec) -> Iterator[tuple[str, str, Place]]:
    for entry in spec.creatives:
        yield from _files_of(entry)


def _files_of(entry: Entry[Creative]) -> Iterator[tuple[str, str, Place]]:
    holders: list[Entry[Any]] = [entry, *(entry.said.cards or ())]
    for holder in holders:
        for key, kind in (("image", "image"), ("video", "video"), ("thumbnail", "image")):
            if name := getattr(holder.said, key, None):
                yield name, kind, holder.at(key)
    for name in entry.said.images or ():
        yield name, "image", entry.at("images")


def _from(place: Place, level: str, what: str, allowed: str) -> Problem:
    return (error if level == "error" else warning)(place, what, allowed)


def _unchecked(spec: Spec, known: Known | None) -> tuple[str, ...]:
    """What only the account can tell, in the order of what matters."""
    if known:
        return ()
    said = spec.account.said
    found = ["its least daily budget"]
    found += [] if said.currency else ["its currency"]
    found += [] if said.timezone else ["its time zone"]
    found.append("whether it may promote the Page" if said.page else "which Page it promotes")
    found += ["whether it has the pixel"] if said.pixel or any(one.said.pixel for one in spec.adsets) else []
    named = said.dsa_beneficiary and said.dsa_payor
    found += (
        ["its defaults for the Digital Services Act"]
        if not named
        and any(
            legality.reaches_europe(one.said) and not (one.said.dsa_beneficiary and one.said.dsa_payor)
            for one in spec.adsets
        )
        else []
    )
    return tuple(found)
