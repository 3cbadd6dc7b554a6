"""Kinds of business: what its ads are for, how Meta counts what they bring, and the words its owner uses."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What an ad set's people do in the end, and the settings and action types by which Meta knows it."""

    name: str  # among the kinds of action
    indicator: str  # the action type that `results` names
    objective: str
    goal: str
    destination: str
    event: str = ""  # of the pixel
    on_site: bool = True  # people land on a page of the business
    valued: bool = False  # each has a value


PURCHASE = Outcome(
    "purchases", "offsite_conversion.fb_pixel_purchase", "OUTCOME_SALES", "OFFSITE_CONVERSIONS", "WEBSITE", "PURCHASE",
    valued=True,
)  # fmt: skip
WEBSITE_LEAD = Outcome(
    "website leads", "offsite_conversion.fb_pixel_lead", "OUTCOME_LEADS", "OFFSITE_CONVERSIONS", "WEBSITE", "LEAD"
)
FORM_LEAD = Outcome(
    "form leads", "onsite_conversion.lead_grouped", "OUTCOME_LEADS", "LEAD_GENERATION", "ON_AD", on_site=False
)
INSTALL = Outcome("installs", "mobile_app_install", "OUTCOME_APP_PROMOTION", "APP_INSTALLS", "APP", on_site=False)
OF_GOALS = {
    "LEAD_GENERATION": FORM_LEAD,
    "QUALITY_LEAD": FORM_LEAD,
    "APP_INSTALLS": INSTALL,
    "APP_INSTALLS_AND_OFFSITE_CONVERSIONS": INSTALL,
}
OF_EVENTS = {"PURCHASE": PURCHASE, "LEAD": WEBSITE_LEAD}


@dataclass(frozen=True)
class Business:
    """One kind of business: its account's three campaigns a block, in order, and its names."""

    name: str
    result: str  # in one word, as `adopt init --result` takes it
    outcomes: tuple[Outcome, Outcome, Outcome]
    campaigns: tuple[str, str, str]
    site: str
    call: str  # to action, under its ads
    category: str  # of its page
    cold: tuple[str, ...]  # audiences that do not know it yet
    warm: tuple[str, ...]
    formats: tuple[str, ...]
    hooks: tuple[str, ...]
    store: str = ""  # the address of its app

    @property
    def valued(self) -> bool:
        """Tell whether what people do has a value, so that a return on ad spend can be aimed at."""
        return self.outcomes[0].valued

    @property
    def username(self) -> str:
        """Give its name on Instagram."""
        return self.name.lower().replace(" ", ".")


_FORMATS = ("UGC video", "Static", "Carousel", "Reel 9x16", "Founder-style video", "Motion graphic", "Product demo")
_SHOPS_CAMPAIGNS = ("Prospecting | Purchase | ABO", "Retargeting | Purchase | ABO", "Scale | Advantage+ budget | CBO")
_CLOTHES = Business(
    name="Fernhill Outfitters",
    result="purchase",
    outcomes=(PURCHASE, PURCHASE, PURCHASE),
    campaigns=_SHOPS_CAMPAIGNS,
    site="shop.example",
    call="SHOP_NOW",
    category="Clothing (Brand)",
    cold=(
        "Broad 25-54", "Broad 35+ Women", "Broad All | Adv+ audience", "LAL 1% Purchasers 180d",
        "LAL 3% Add to cart 90d", "LAL 5% Top 25% site time", "INT Trail running", "INT Home espresso",
        "INT Yoga and pilates", "INT Minimalist design", "INT Slow travel", "INT Outdoor cooking",
        "Stack Wellness + Fitness", "Stack Home + Interior",
    ),
    warm=(
        "Site visitors 14d", "Site visitors 30d excl. buyers", "Add to cart 7d", "Checkout started 14d",
        "IG engagers 60d", "Video viewers 75% 30d", "Past buyers 180d | Cross-sell",
    ),
    formats=_FORMATS,
    hooks=(
        "Unboxing", "Before and after", "3 reasons why", "Free shipping", "Bestsellers", "New season", "20% off bundle",
        "Problem-solution", "Five-star reviews", "How it is made", "Gift guide", "Last chance",
    ),
)  # fmt: skip
_FURNITURE = Business(
    name="Alderwood Furniture",
    result="purchase",
    outcomes=(PURCHASE, PURCHASE, PURCHASE),
    campaigns=_SHOPS_CAMPAIGNS,
    site="furniture.example",
    call="SHOP_NOW",
    category="Furniture Store",
    cold=(
        "Broad 30-64", "Broad Homeowners", "Broad All | Adv+ audience", "LAL 1% Purchasers 365d",
        "LAL 2% Swatch orders 180d", "LAL 3% Store visits", "INT Mid-century modern", "INT Interior design",
        "INT House hunting", "INT Solid oak", "INT Open-plan living", "Recently moved", "Stack Home + Garden",
    ),
    warm=(
        "Site visitors 60d", "Sofa pages 30d", "Swatch ordered 90d", "Add to cart 30d", "Showroom booked 60d",
        "Video viewers 75% 60d", "Catalogue downloads 180d",
    ),
    formats=_FORMATS,
    hooks=(
        "Room tour", "Ten-year guarantee", "Free swatches", "Pay monthly", "White-glove delivery", "Made to order",
        "Before and after", "Workshop visit", "Showroom weekend", "Five-star reviews", "Trade-in", "Small spaces",
    ),
)  # fmt: skip
_SOLAR = Business(
    name="Brightline Solar",
    result="lead",
    outcomes=(WEBSITE_LEAD, FORM_LEAD, WEBSITE_LEAD),
    campaigns=("Leads | Website quote | ABO", "Leads | Instant form | ABO", "Scale | Website quote | CBO"),
    site="solar.example",
    call="GET_QUOTE",
    category="Solar Energy Company",
    cold=(
        "Broad 35-64", "Broad Homeowners", "Broad All | Adv+ audience", "LAL 1% Signed contracts",
        "LAL 2% Qualified leads 180d", "LAL 5% Calculator finished", "INT Home improvement", "INT Electric cars",
        "INT Energy saving", "INT Heat pumps", "Recently moved", "Stack Home + Sustainability",
    ),
    warm=(
        "Calculator started 30d", "Site visitors 30d excl. leads", "Form opened 14d", "Video viewers 50% 60d",
        "Page engagers 90d", "Unqualified leads 180d", "Open quotes 60d",
    ),
    formats=_FORMATS,
    hooks=(
        "Roof check", "Bill before and after", "What a neighbour saves", "Zero deposit", "Subsidy deadline",
        "Installed in a day", "25-year warranty", "Five questions", "Myths about solar", "Battery included",
        "Meet the installer", "Savings calculator",
    ),
)  # fmt: skip
_APP = Business(
    name="Pocket Planner",
    result="app_install",
    outcomes=(INSTALL, INSTALL, INSTALL),
    campaigns=("Installs | New users | ABO", "Installs | Lapsed users | ABO", "Scale | Installs | CBO"),
    site="planner.example",
    call="INSTALL_MOBILE_APP",
    category="App Page",
    cold=(
        "Broad 18-44", "Broad Students", "Broad All | Adv+ audience", "LAL 1% Subscribers", "LAL 3% Day-7 retained",
        "LAL 5% Trial started", "INT Productivity", "INT Bullet journals", "INT Time management", "INT Note taking",
        "INT Remote work", "Stack Study + Focus",
    ),
    warm=(
        "Lapsed 30d", "Trial ended 14d", "Store page visitors 14d", "Video viewers 75% 30d", "IG engagers 60d",
        "Newsletter readers", "Uninstalled 90d",
    ),
    formats=("UGC video", "Static", "Screen recording", "Reel 9x16", "Voice-over demo", "Motion graphic", "Playable"),
    hooks=(
        "Plan a week", "Before and after", "3 reasons why", "Free for 30 days", "Widgets", "New season",
        "Five-minute habit", "Problem-solution", "Five-star reviews", "Dark mode", "Exam plan", "App of the day",
    ),
    store="http://play.google.com/store/apps/details?id=com.example.pocketplanner",
)  # fmt: skip
BUSINESSES = {"ecommerce": _CLOTHES, "leads": _SOLAR, "app": _APP, "high-ticket": _FURNITURE}


def described() -> list[str]:
    """Give a line about each kind of business: its name, what its ads are for, and how to count it."""
    found = []
    for kind, one in BUSINESSES.items():
        ways = ", ".join(f"{way.name} by {way.objective} and {way.goal}" for way in dict.fromkeys(one.outcomes))
        found.append(f"{kind}: {one.name}, {ways}; adopt init --result {one.result}")
    return found
