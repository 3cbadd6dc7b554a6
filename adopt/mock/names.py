"""Names as a media buyer writes them."""

from adopt.mock.chance import key_of

CAMPAIGNS = (
    "Prospecting | Purchase | ABO",
    "Retargeting | Purchase | ABO",
    "Scale | Advantage+ budget | CBO",
)
_COLD = (
    "Broad 25-54",
    "Broad 35+ Women",
    "Broad All | Adv+ audience",
    "LAL 1% Purchasers 180d",
    "LAL 3% Add to cart 90d",
    "LAL 5% Top 25% site time",
    "INT Trail running",
    "INT Home espresso",
    "INT Yoga and pilates",
    "INT Minimalist design",
    "INT Slow travel",
    "INT Outdoor cooking",
    "Stack Wellness + Fitness",
    "Stack Home + Interior",
)
_WARM = (
    "Site visitors 14d",
    "Site visitors 30d excl. buyers",
    "Add to cart 7d",
    "Checkout started 14d",
    "IG engagers 60d",
    "Video viewers 75% 30d",
    "Past buyers 180d | Cross-sell",
)
_PLACES = ("US | Adv+ placements", "US | Feeds + Reels", "US+CA | Adv+ placements", "US | Feeds only")
_FORMATS = ("UGC video", "Static", "Carousel", "Reel 9x16", "Founder-style video", "Motion graphic", "Product demo")
_HOOKS = (
    "Unboxing",
    "Before and after",
    "3 reasons why",
    "Free shipping",
    "Bestsellers",
    "New season",
    "20% off bundle",
    "Problem-solution",
    "Five-star reviews",
    "How it is made",
    "Gift guide",
    "Last chance",
)


def campaign_name(place: int, block: int) -> str:
    """Name a campaign by its place in its block of three."""
    return CAMPAIGNS[place] + (f" | {block + 1:02d}" if block else "")


def ad_set_name(seed: int, index: int, *, warm: bool) -> str:
    """Name an ad set by audience and placement."""
    key = key_of(seed, "ad set name", index)
    audiences = _WARM if warm else _COLD
    shift = key_of(seed, "ad set names") + index
    return f"{audiences[shift % len(audiences)]} | {_PLACES[key % len(_PLACES)]}" + _version(index // 12, 0)


def ad_name(seed: int, ad_set: int, place: int) -> str:
    """Name an ad by format, hook and version."""
    key = key_of(seed, "ad name", ad_set)
    form = _FORMATS[(key + place) % len(_FORMATS)]
    hook = _HOOKS[(key // 64 + place * 5) % len(_HOOKS)]
    return f"{form} - {hook} - v{key // 4096 % 3 + 1}"


def _version(block: int, least: int) -> str:
    return f" | {block + 1:02d}" if block > least else ""


def token_text(seed: int, what: str | int) -> str:
    """Give the text of an access token."""
    return "EAAG" + "".join(f"{key_of(seed, what, part):016x}" for part in range(4))
