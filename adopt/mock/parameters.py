"""The market's parameters, with what they mean and how far real accounts differ in them; and kinds of business."""

import msgspec
import numpy as np

from adopt.mock.chance import key_of, normals

Range = tuple[float, float]


class Parameters(msgspec.Struct, frozen=True):
    """What a simulated market is made of; money is US dollars, `sd` of logarithms, `phi` the AR(1) of days."""

    cpm: float = 14.0
    cpm_ad_set_sd: float = 0.35
    slow_phi: float = 0.985
    slow_sd: float = 0.12
    fast_phi: float = 0.75
    fast_sd: float = 0.09
    cpm_quick_phi: float = 0.5
    cpm_quick_sd: float = 0.09
    cpm_drift_phi: float = 0.98
    cpm_drift_sd: float = 0.10
    cpm_hour_sd: float = 0.17
    eta: float = 0.10
    quality_discount: float = 0.3
    ctr: float = 0.012
    ctr_ad_set_sd: float = 0.30
    ctr_ad_sd: float = 0.35
    ctr_day_phi: float = 0.3
    ctr_day_sd: float = 0.13
    shock_phi: float = 0.3
    shock_sd: float = 0.14
    landed: float = 0.85
    carts: float = 0.064
    checkouts: float = 0.23
    aov: float = 90.0
    aov_sigma: float = 0.80
    aov_day_sd: float = 0.08
    margin: float = 0.5
    pace_aim: float = 0.95
    pace_week: float = 1.0
    pace_phi: float = 0.6
    pace_sd: float = 0.09
    pace_noise: float = 0.05
    pace_noise_learning: float = 0.10
    pace_hour_sd: float = 0.12
    gamma: float = 2.0
    taste_phi: float = 0.3
    taste_sd: float = 0.2
    active: float = 0.12
    refill: float = 0.01
    tired_clicks: float = 0.43
    tired_buyers: float = 0.10
    similar: float = 0.3
    kappa: float = 0.5
    beta: float = 0.65
    learning_cost: float = 0.05
    learning_sd: float = 0.15
    delay_soon: float = 0.50
    delay_day: float = 0.30
    delay_soon_hours: float = 0.35
    delay_day_hours: float = 9.0
    delay_late_hours: float = 60.0
    view_hours: float = 6.0
    views: float = 0.22
    tracked: float = 0.85
    recovered: float = 0.5
    withdrawn: float = 0.009
    not_caused_click: float = 0.25
    not_caused_view: float = 0.35
    refunded: float = 0.02
    organic: float = 2.0
    organic_with_ads: float = 0.5

    @property
    def seen(self) -> float:
        """Give the share of conversions that reports show sooner or later."""
        return self.tracked + (1 - self.tracked) * self.recovered

    @property
    def target(self) -> float:
        """Give the dollars that a purchase may cost, in ads, at break-even."""
        return self.aov * self.margin


MEANING: dict[str, tuple[str, str, Range]] = {
    "cpm": ("base CPM", "USD", (3, 45)),
    "cpm_ad_set_sd": ("spread of CPM between ad sets", "log", (0.2, 0.8)),
    "slow_phi": ("market CPM, slow swing", "a day", (0.97, 0.995)),
    "slow_sd": ("market CPM, slow swing", "log", (0.05, 0.2)),
    "fast_phi": ("market CPM, fast swing", "a day", (0.6, 0.85)),
    "fast_sd": ("market CPM, fast swing", "log", (0.05, 0.18)),
    "cpm_quick_phi": ("an ad set's CPM, quick swing", "a day", (0.2, 0.6)),
    "cpm_quick_sd": ("an ad set's CPM, quick swing", "log", (0.05, 0.15)),
    "cpm_drift_phi": ("an ad set's CPM, slow drift", "a day", (0.9, 0.995)),
    "cpm_drift_sd": ("an ad set's CPM, slow drift", "log", (0.05, 0.2)),
    "cpm_hour_sd": ("hourly noise of CPM", "log", (0.1, 0.33)),
    "eta": ("CPM on the rate of spend", "elasticity", (0, 0.3)),
    "quality_discount": ("better ads pay less", "elasticity", (0, 0.5)),
    "ctr": ("base link CTR", "share", (0.005, 0.03)),
    "ctr_ad_set_sd": ("spread of CTR between ad sets", "log", (0.2, 0.6)),
    "ctr_ad_sd": ("spread of CTR between ads", "log", (0.2, 1.0)),
    "ctr_day_phi": ("an ad's CTR from day to day", "a day", (0, 0.5)),
    "ctr_day_sd": ("an ad's CTR from day to day", "log", (0.05, 0.2)),
    "shock_phi": ("the account's conversion rate from day to day", "a day", (0, 0.6)),
    "shock_sd": ("the account's conversion rate from day to day", "log", (0.08, 0.36)),
    "landed": ("landing-page views a link click", "share", (0.62, 0.97)),
    "carts": ("carts a landing, of those who do not buy", "share", (0.02, 0.27)),
    "checkouts": ("checkouts a cart, of those who do not buy", "share", (0.13, 0.8)),
    "aov": ("mean order value", "USD", (1, 2000)),
    "aov_sigma": ("spread of order values", "log", (0, 1.0)),
    "aov_day_sd": ("order values from day to day", "log", (0, 0.2)),
    "margin": ("of an order, what ads may cost at break-even", "share", (0.1, 1)),
    "pace_aim": ("spend aimed at, of the budget", "share", (0.9, 1)),
    "pace_week": ("how far weekdays differ in spend, of the usual", "x", (0.4, 1.1)),
    "pace_phi": ("daily spend over budget", "a day", (0.3, 0.8)),
    "pace_sd": ("daily spend over budget", "log", (0.03, 0.15)),
    "pace_noise": ("noise of daily spend", "log", (0.03, 0.15)),
    "pace_noise_learning": ("noise of daily spend while learning", "log", (0.03, 0.2)),
    "pace_hour_sd": ("noise of an hour's share of the day", "log", (0.05, 0.3)),
    "gamma": ("concentration on what works", "power", (1, 4)),
    "taste_phi": ("delivery's liking from day to day", "a day", (0, 0.8)),
    "taste_sd": ("delivery's liking from day to day", "log", (0.1, 0.5)),
    "active": ("of an audience, online on a day", "share", (0.05, 0.3)),
    "refill": ("of an audience, renewed a day", "share", (0, 0.05)),
    "tired_clicks": ("CTR on frequency", "-power", (0.1, 0.6)),
    "tired_buyers": ("CVR on frequency", "-power", (0, 0.3)),
    "similar": ("how far other creatives tire people of one", "share", (0, 1)),
    "kappa": ("saturation scale, of the reference spend", "x", (0.2, 2)),
    "beta": ("conversions on spend, far out", "elasticity", (0.5, 0.9)),
    "learning_cost": ("loss of conversions while learning", "log", (-0.1, 0.25)),
    "learning_sd": ("noise of conversions while learning", "log", (0.1, 0.3)),
    "delay_soon": ("of buyers, in the first hour or so", "share", (0.2, 0.9)),
    "delay_day": ("of buyers, within a day or so", "share", (0.05, 0.5)),
    "delay_soon_hours": ("their mean delay", "h", (0.05, 1)),
    "delay_day_hours": ("their mean delay", "h", (3, 15)),
    "delay_late_hours": ("mean delay of the rest", "h", (24, 90)),
    "view_hours": ("mean delay after a view", "h", (2, 12)),
    "views": ("of attributed conversions, after a view", "share", (0.1, 0.4)),
    "tracked": ("of conversions, seen", "share", (0.6, 0.98)),
    "recovered": ("of those not seen, modelled later", "share", (0, 0.8)),
    "withdrawn": ("of those reported, taken back within 150 days", "share", (0, 0.05)),
    "not_caused_click": ("of conversions after a click, not caused by it", "share", (0, 0.7)),
    "not_caused_view": ("of conversions after a view, not caused by it", "share", (0, 0.7)),
    "refunded": ("of orders, sent back", "share", (0, 0.2)),
    "organic": ("orders without ads, of those with", "x", (0, 10)),
    "organic_with_ads": ("how far their daily shock is that of ads", "correlation", (0, 1)),
}
PRESETS = {
    "ecommerce": Parameters(),
    "leads": Parameters(
        cpm=18.0, ctr=0.014, aov=40.0, aov_sigma=0.0, aov_day_sd=0.0, margin=0.6, landed=0.8, carts=0.12,
        checkouts=0.5, delay_soon=0.78, delay_day=0.17, views=0.12, tracked=0.9, refunded=0.0, organic=1.0,
    ),
    "app": Parameters(
        cpm=7.0, ctr=0.010, aov=8.0, aov_sigma=0.9, margin=0.6, landed=0.92, carts=0.25, checkouts=0.6,
        delay_soon=0.65, delay_day=0.25, views=0.3, tracked=0.7, refunded=0.0, organic=1.5,
    ),
    "high-ticket": Parameters(
        cpm=22.0, ctr=0.010, aov=900.0, aov_sigma=0.6, margin=0.35, carts=0.04, checkouts=0.3,
        delay_soon=0.35, delay_day=0.30, views=0.25, refunded=0.06, organic=3.0,
    ),
}  # fmt: skip

# How far accounts of one kind differ, in logarithms; a CPA makes an order value, as dear things cost dear buyers.
CPM_SD, CTR_SD, CVR_SD = 0.57, 0.66, 0.81
VALUE_ON_COST, VALUE_SD = 0.4, 0.6
WEEK, WEEK_SD = 0.65, 0.3  # weekdays' pattern of spend, of the usual: median, log sd


def spread(preset: Parameters, seed: int) -> Parameters:
    """Draw one of the accounts of a kind: its prices, clicks, conversions and order values."""
    key = np.array([key_of(seed, "account level")], np.uint64)
    price, pull, buyers, worth = (float(column[0]) for column in normals(key, 0))
    week = float(normals(key, 1)[0][0])
    cpm = _within("cpm", preset.cpm * float(np.exp(CPM_SD * price)))
    ctr = _within("ctr", preset.ctr * float(np.exp(CTR_SD * pull)))
    cost = cpm / preset.cpm / (ctr / preset.ctr) * float(np.exp(-CVR_SD * buyers))
    aov = _within("aov", preset.aov * cost**VALUE_ON_COST * float(np.exp(VALUE_SD * worth)))
    return msgspec.structs.replace(
        preset,
        cpm=cpm,
        ctr=ctr,
        aov=aov,
        margin=_within("margin", preset.target * cost / aov),
        pace_week=_within("pace_week", float(np.exp(WEEK_SD * week)) * WEEK),
    )


def _within(name: str, value: float) -> float:
    least, most = MEANING[name][2]
    return min(max(value, least), most)
