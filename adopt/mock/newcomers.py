"""Objects made while an account runs: their hidden traits are drawn from their ids, like everything else."""

from dataclasses import dataclass, replace

import numpy as np

from adopt.mock.account import Ad, AdSet, Money, Options
from adopt.mock.businesses import FORM_LEAD, OF_GOALS
from adopt.mock.chance import Floats, key_of, normals, uniforms
from adopt.mock.equations import conversions_a_click, price_of, reference_of
from adopt.mock.owners import QUALITY, QUALITY_SD
from adopt.mock.parameters import Parameters

PEOPLE = (2e4, 2e7)  # an audience's size, at least and at most
REVIEW_HOURS, REVIEW_SD, LONGEST_REVIEW = 0.7, 1.2, 24.0  # median, log sd, most
DISAPPROVED = 0.02
LIKENESS_SD = 0.05  # log sd of a copy's traits about those of what it copies


@dataclass(frozen=True)
class Goal:
    """What an optimisation goal does to price, clicks and purchases, as factors."""

    cpm: float
    ctr: float
    cvr: float


PLAIN = Goal(1.0, 1.0, 1.0)
GOALS = {
    "LINK_CLICKS": Goal(0.6, 1.6, 0.25),
    "LANDING_PAGE_VIEWS": Goal(0.7, 1.4, 0.4),
    "REACH": Goal(0.35, 0.4, 0.3),
    "IMPRESSIONS": Goal(0.35, 0.4, 0.3),
    "POST_ENGAGEMENT": Goal(0.45, 0.5, 0.2),
    "THRUPLAY": Goal(0.5, 0.5, 0.25),
    "TWO_SECOND_CONTINUOUS_VIDEO_VIEWS": Goal(0.4, 0.4, 0.25),
    "AD_RECALL_LIFT": Goal(0.4, 0.4, 0.3),
}  # every other goal asks for conversions


@dataclass(frozen=True)
class Schedule:
    """When and for how much an ad set may deliver: minor units, and Unix seconds with 0 for none."""

    budget: int = 0
    lifetime: int = 0
    cap: int = 0
    begins: int = 0
    ends: int = 0
    on: bool = True


def new_ad_set(  # noqa: PLR0913 # what an ad set is made of
    options: Options,
    money: Money,
    ident: str,
    name: str,
    campaign: int,
    schedule: Schedule,
    *,
    people: float | None = None,
    goal: str = "OFFSITE_CONVERSIONS",
    like: AdSet | None = None,
) -> AdSet:
    """Draw an ad set from its id; from its audience's size and goal where given; a copy is like what it copies."""
    made = _like(options, ident, like) if like else _drawn(options, money, ident, people, GOALS.get(goal, PLAIN))
    return replace(
        made,
        id=ident,
        name=name,
        campaign=campaign,
        budget=schedule.budget,
        starts=0,
        paused=None,
        lifetime=schedule.lifetime,
        begins=schedule.begins,
        ends=schedule.ends,
        cap=schedule.cap,
        on=schedule.on,
        on_meta=OF_GOALS.get(goal) is FORM_LEAD,
    )


def new_ad(  # what an ad is made of
    options: Options,
    ad_set: AdSet,
    place: int,
    ident: str,
    creative: str,
    name: str,
    *,
    video: bool = False,
    on: bool = True,
) -> Ad:
    """Draw an ad in the ad set at a place; the same creative appeals alike wherever it runs."""
    key = np.array([key_of(options.seed, creative, "appeal")], np.uint64)
    ctr = ad_set.ctr * float(np.exp(options.parameters.ctr_ad_sd * normals(key, 0)[0][0]))
    return Ad(id=ident, creative=creative, name=name, ad_set=place, ctr=ctr, video=video, on=on)


@dataclass(frozen=True)
class Review:
    """One review of an ad: the moment it is over, and how it went."""

    over: float
    approved: bool


def review_of(seed: int, ident: str, moment: float) -> Review:
    """Draw the review of an ad handed in at a moment."""
    key = np.array([key_of(seed, ident, "review")], np.uint64)
    hours = REVIEW_HOURS * float(np.exp(REVIEW_SD * normals(key, int(moment))[0][0]))
    luck = float(uniforms(key, int(moment), 1)[0][0])
    return Review(moment + 3600 * min(hours, LONGEST_REVIEW), luck >= DISAPPROVED)


def _drawn(options: Options, money: Money, ident: str, people: float | None, goal: Goal) -> AdSet:
    keys = np.array([key_of(options.seed, ident, "traits")], np.uint64)
    price, pull, worth, good = (float(column[0]) for column in normals(keys, 0))
    spread = float(uniforms(keys, 1)[0][0])
    size = 3e5 * (2e6 / 3e5) ** spread if people is None else min(max(people, PEOPLE[0]), PEOPLE[1])
    p, unit = options.parameters, money.dollar * money.offset
    made = AdSet(
        id=ident,
        name="",
        campaign=0,
        budget=0,
        starts=0,
        paused=None,
        quality=QUALITY * float(np.exp(QUALITY_SD * good)),
        audience=size,
        cpm=p.cpm * unit * float(np.exp(p.cpm_ad_set_sd * price)),
        ctr=p.ctr * float(np.exp(p.ctr_ad_set_sd * pull)),
        aov=p.aov * unit * float(np.exp(0.06 * worth)),
    )
    spend = 0.1 * float(reference_of(p, np.array(size), np.array(made.cpm)))
    rate = cvr_of(p, made, money.minor(p.target), spend)
    changed = replace(made, cvr=rate * goal.cvr, cpm=made.cpm * goal.cpm, ctr=made.ctr * goal.ctr)
    return replace(changed, quality=made.quality * goal.cvr * goal.ctr / goal.cpm)


def _like(options: Options, ident: str, like: AdSet) -> AdSet:
    keys = np.array([key_of(options.seed, ident, "traits")], np.uint64)
    price, pull, rate, _ = (float(np.exp(LIKENESS_SD * column[0])) for column in normals(keys, 0))
    quality = like.quality * rate * pull / price
    return replace(like, cpm=like.cpm * price, ctr=like.ctr * pull, cvr=like.cvr * rate, quality=quality)


def cvr_of(p: Parameters, ad_set: AdSet, target: int, spend: float) -> float:
    """Give the conversion rate at which an ad set of average ads has its quality, at a day's spend."""
    base, ctr = np.array([ad_set.cpm]), np.array([ad_set.ctr])
    depth: Floats = spend / reference_of(p, np.array([ad_set.audience]), base)
    reported = 1000 * ctr / price_of(p, base, ctr) * conversions_a_click(p, depth) * p.seen
    return float(np.minimum(ad_set.quality / (target * reported), 0.5)[0])
