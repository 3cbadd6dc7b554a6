"""What Meta's rules say of a spec: what is required, what goes with what. Source: as in `allowed`."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from adopt.launch import allowed, params, timing
from adopt.launch.known import Known, Setting
from adopt.launch.problems import Problem, error, listed
from adopt.launch.spec import AdSet, Campaign, Creative, Entry, Spec
from adopt.launch.values import OLDEST

_BUDGETS = ("daily_budget", "lifetime_budget")
_KINDS = ("image", "video", "cards", "post", "images")
# docs/marketing-api/ad-creative/asset-feed-spec/options: how many a feed takes, and how long.
_FEED = {"images": (10, 0), "texts": (5, 1024), "headlines": (5, 255), "descriptions": (5, 255)}
_LONGEST_PARTY = 512
_CARDS = (2, 10)


def campaign_problems(spec: Spec) -> Iterator[Problem]:
    """What is wrong with the campaign and where budgets stand."""
    entry = spec.campaign
    said = entry.said
    if entry.lacks("name"):
        yield error(entry.place, "the campaign has no name", '[campaign] name = "Autumn {date}"')
    if entry.lacks("objective"):
        yield error(entry.place, "the campaign has no objective", listed(allowed.OBJECTIVES))
    if "ISSUES_ELECTIONS_POLITICS" in (said.special_ad_categories or ()) and not said.special_ad_category_countries:
        yield error(
            entry.at("special_ad_categories"), "politics needs its countries", 'special_ad_category_countries = ["US"]'
        )
    if said.daily_budget and said.lifetime_budget:
        yield error(entry.at("lifetime_budget"), "two budgets", "daily_budget or lifetime_budget")
    if said.bid_strategy and not params.is_shared(said):
        yield error(
            entry.at("bid_strategy"), "a campaign without a budget has no bid strategy", "bid_strategy in [adset]"
        )


def adset_problems(
    spec: Spec, entry: Entry[AdSet], setting: Setting, known: Known | None, now: datetime
) -> Iterator[Problem]:
    """What is wrong with one ad set."""
    yield from _money(entry, spec.campaign)
    yield from _bidding(entry, spec.campaign.said)
    if spec.campaign.said.objective:
        yield from _purpose(spec, entry, spec.campaign.said.objective)
    yield from _people(spec, entry, known)
    yield from _times(entry, spec.campaign.said, setting, now)
    if (
        entry.said.placements
        and entry.said.platforms
        and not params.positions(entry.said.placements, entry.said.platforms)["publisher_platforms"]
    ):
        yield error(
            entry.at("platforms"),
            "none of these platforms has these placements",
            "other platforms, or leave the key out",
        )


def _money(entry: Entry[AdSet], campaign: Entry[Campaign]) -> Iterator[Problem]:
    given = [name for name in _BUDGETS if getattr(entry.said, name) is not None]
    if params.is_shared(campaign.said):
        for name in given:
            yield error(
                entry.at(name), "the campaign carries the budget", "a budget in [campaign], or in [adset], not in both"
            )
    elif all(entry.lacks(name) for name in _BUDGETS) and not set(_BUDGETS) & set(campaign.keys):
        yield error(
            entry.place,
            "there is no budget",
            'daily_budget = "30.00" in [campaign], or in [adset] or each [[audience]]',
        )
    elif len(given) > 1:
        yield error(entry.at("lifetime_budget"), "two budgets", "daily_budget or lifetime_budget")


def _bidding(entry: Entry[AdSet], campaign: Campaign) -> Iterator[Problem]:
    said, shared = entry.said, params.is_shared(campaign)
    if said.bid_strategy and shared:
        yield error(
            entry.at("bid_strategy"),
            "the campaign carries the budget and its bid strategy",
            "bid_strategy in [campaign]",
        )
        return
    strategy = campaign.bid_strategy if shared else said.bid_strategy
    if strategy in allowed.CAPPED and not said.bid_amount:
        yield error(entry.at("bid_strategy"), "this bid strategy needs an amount", 'bid_amount = "12.00" in [adset]')
    if said.bid_amount and strategy not in allowed.CAPPED:
        yield error(
            entry.at("bid_amount"), "an amount without a strategy that has one", "bid_strategy = bid_cap or cost_cap"
        )
    if strategy == "LOWEST_COST_WITH_MIN_ROAS" and not (said.min_roas and said.goal == "VALUE"):
        yield error(
            entry.at("bid_strategy"), "min_roas needs a floor and the goal value", 'min_roas = "1.5" and goal = "value"'
        )
    if said.min_roas and strategy != "LOWEST_COST_WITH_MIN_ROAS":
        yield error(entry.at("min_roas"), "a floor without the strategy that has one", 'bid_strategy = "min_roas"')


def _purpose(spec: Spec, entry: Entry[AdSet], objective: str) -> Iterator[Problem]:
    said, goals = entry.said, allowed.GOALS[objective]
    goal = params.goal_of(said, objective)
    name = objective.removeprefix("OUTCOME_").lower()
    if goal not in goals:
        yield error(entry.at("goal"), f"{goal.lower()} is not available for {name}", listed(_low(goals)))
        return
    if said.billing_event and said.billing_event not in allowed.billed(goal):
        what = f"{said.billing_event.lower()} cannot be billed for {goal.lower()}"
        yield error(entry.at("billing_event"), what, listed(_low(allowed.billed(goal))))
    if said.destination and said.destination not in (there := allowed.DESTINATIONS[objective]):
        what = f"{said.destination.lower()} is no destination of {name}"
        yield error(entry.at("destination"), what, listed(_low(there)) or "leave the key out")
    yield from _promoted(spec, entry, objective, goal)


def _promoted(spec: Spec, entry: Entry[AdSet], objective: str, goal: str) -> Iterator[Problem]:
    said = entry.said
    if params.is_of_app(said, objective, goal):
        if not said.app or not said.app_store:
            yield error(
                entry.at("goal"), "no app is named", 'app = "1234567890" and app_store = "https://..." in [adset]'
            )
    elif goal in allowed.CONVERSIONS:
        if entry.lacks("pixel") and spec.account.lacks("pixel"):
            yield error(entry.at("goal"), f"{goal.lower()} needs a pixel", 'pixel = "1234567890" in [account]')
        if not (said.event or allowed.EVENT_OF.get(objective)):
            yield error(entry.at("goal"), f"{goal.lower()} needs an event", listed(_low(allowed.EVENTS)))
    elif said.event:
        yield error(entry.at("event"), f"{goal.lower()} counts no event", "goal = offsite_conversions or value")


def _people(spec: Spec, entry: Entry[AdSet], known: Known | None) -> Iterator[Problem]:
    said, targeting = entry.said, entry.said.targeting or {}
    if entry.lacks("countries") and not (said.custom_audiences or targeting.get("geo_locations")):
        yield error(entry.place, "no place is named", 'countries = ["US"] in [adset] or each [[audience]]')
    automatic = params.is_automatic(said)
    if automatic and said.ages and said.ages.oldest < OLDEST:
        what = "with advantage_audience the oldest cannot be below 65"
        yield error(
            entry.at("advantage_audience"), what, f'ages = "{said.ages.youngest}+", or advantage_audience = false'
        )
    if allowed.CONSTRAINED & set(spec.campaign.said.special_ad_categories or ()):
        if said.ages and said.ages != (18, OLDEST):
            yield error(entry.at("ages"), "housing, employment and credit reach all ages", 'ages = "18+"')
        if said.genders:
            yield error(entry.at("genders"), "housing, employment and credit reach all genders", "leave the key out")
    yield from _parties(spec, entry, known)


def _parties(spec: Spec, entry: Entry[AdSet], known: Known | None) -> Iterator[Problem]:
    for name, other in (("dsa_beneficiary", known and known.beneficiary), ("dsa_payor", known and known.payor)):
        given = getattr(entry.said, name) or getattr(spec.account.said, name)
        if reaches_europe(entry.said) and not given and other is False:
            yield error(
                entry.at("countries"),
                f"ads in the European Union must name their {name[4:]}",
                f'{name} = "..." in [account]',
            )
        if given and len(given) > _LONGEST_PARTY:
            where = entry if getattr(entry.said, name) else spec.account
            yield error(where.at(name), f"{len(given)} characters", f"at most {_LONGEST_PARTY}")


def reaches_europe(said: AdSet) -> bool:
    """Whether the Digital Services Act asks who pays."""
    places = (said.targeting or {}).get("geo_locations")
    groups = places.get("country_groups") if isinstance(places, dict) else None
    countries = places.get("countries") if isinstance(places, dict) else None
    named = {*(said.countries or ()), *(str(one) for one in (countries if isinstance(countries, list) else ()))}
    return bool(allowed.EUROPE & named) or bool(groups)


def _times(entry: Entry[AdSet], campaign: Campaign, setting: Setting, now: datetime) -> Iterator[Problem]:
    said = entry.said
    ends = timing.ends(said.end, setting.zone)
    if said.end is not None and ends is None:
        yield error(entry.at("end"), f"{said.end} is no end", '"2026-12-31" or "2026-12-31 18:00"')
    if ends is None:
        if (said.lifetime_budget or campaign.lifetime_budget) and entry.lacks("end"):
            yield error(entry.at("lifetime_budget"), "a lifetime budget needs an end", 'end = "2026-12-31" in [adset]')
        return
    runs = timing.length(said.start, said.end, now, setting.zone)
    if ends <= now:
        yield error(entry.at("end"), f"{ends:%Y-%m-%d %H:%M} is past", "a moment to come")
    elif runs is not None and runs < timedelta(days=1):
        yield error(entry.at("end"), "it runs for less than a day", "an end 24 hours after the start or later")


def creative_problems(spec: Spec, entry: Entry[Creative]) -> Iterator[Problem]:
    """What is wrong with one creative, its files apart."""
    said = entry.said
    kinds = [kind for kind in _KINDS if getattr(said, kind) is not None]
    if len(kinds) > 1 or all(entry.lacks(kind) for kind in _KINDS):
        what = f"{' and '.join(kinds)} at once" if kinds else "nothing to show"
        yield error(entry.at(kinds[-1]) if kinds else entry.place, what, f"exactly one of {', '.join(_KINDS)}")
    if said.cards is not None and not _CARDS[0] <= len(said.cards) <= _CARDS[1]:
        yield error(entry.at("cards"), f"a carousel of {len(said.cards)}", f"{_CARDS[0]} to {_CARDS[1]} cards")
    for card in said.cards or ():
        if (card.said.image is None) == (card.said.video is None):
            yield error(card.place, "a card shows one thing", "image or video")
        if not (card.said.link or said.link):
            yield error(card.place, "the card leads nowhere", 'link = "https://..."')
    if entry.lacks("link") and not (said.post or said.lead_form or _all_linked(said)):
        yield error(entry.place, "the ad leads nowhere", 'link = "https://..." in [ad] or in the creative')
    yield from _dynamic(entry)
    if said.thumbnail and not said.video:
        yield error(entry.at("thumbnail"), "only a video has a thumbnail", "video = ..., or leave the key out")
    if _needs_form(spec) and not (said.lead_form or said.post):
        yield error(entry.place, "the goal is leads on Facebook, and no form is named", 'lead_form = "1234567890"')


def _dynamic(entry: Entry[Creative]) -> Iterator[Problem]:
    """What is wrong with lists to choose from."""
    said = entry.said
    for name, (most, longest) in _FEED.items():
        given = getattr(said, name) or ()
        if given and said.images is None:
            yield error(entry.at(name), "only images has lists beside it", 'images = ["a.png", "b.png"]')
        if len(given) > most:
            yield error(entry.at(name), f"{len(given)} of them", f"at most {most}")
        for one in given if longest else ():
            if len(one) > longest:
                yield error(entry.at(name), f"{len(one)} characters", f"at most {longest}")


def _all_linked(said: Creative) -> bool:
    return bool(said.cards) and all(card.said.link for card in said.cards or ())


def _needs_form(spec: Spec) -> bool:
    return any((one.said.goal or "") in allowed.OF_FORMS for one in spec.adsets)


def _low(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)
