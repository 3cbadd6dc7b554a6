"""Names as a media buyer writes them."""

from adopt.mock.businesses import Business
from adopt.mock.chance import key_of

_PLACES = ("US | Adv+ placements", "US | Feeds + Reels", "US+CA | Adv+ placements", "US | Feeds only")


def campaign_name(business: Business, place: int, block: int) -> str:
    """Name a campaign by its place in its block of three."""
    return business.campaigns[place] + (f" | {block + 1:02d}" if block else "")


def ad_set_name(business: Business, seed: int, index: int, *, warm: bool) -> str:
    """Name an ad set by audience and placement."""
    key = key_of(seed, "ad set name", index)
    audiences = business.warm if warm else business.cold
    shift = key_of(seed, "ad set names") + index
    return f"{audiences[shift % len(audiences)]} | {_PLACES[key % len(_PLACES)]}" + _version(index // 12, 0)


def ad_name(business: Business, seed: int, ad_set: int, place: int) -> str:
    """Name an ad by format, hook and version."""
    key = key_of(seed, "ad name", ad_set)
    form = business.formats[(key + place) % len(business.formats)]
    hook = business.hooks[(key // 64 + place * 5) % len(business.hooks)]
    return f"{form} - {hook} - v{key // 4096 % 3 + 1}"


def _version(block: int, least: int) -> str:
    return f" | {block + 1:02d}" if block > least else ""


def token_text(seed: int, what: str | int) -> str:
    """Give the text of an access token."""
    return "EAAG" + "".join(f"{key_of(seed, what, part):016x}" for part in range(4))
