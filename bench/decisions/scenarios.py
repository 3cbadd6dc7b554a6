"""The worlds D1 to D15 of the benchmark, as specifications."""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace


class Delay(Struct, frozen=True):
    """Exponential scales mixed at a horizon of 720 hours and cut off at an attribution window."""

    weights: tuple[float, ...]
    window_h: float


# Within 1, 24 and 72 hours: 41, 75 and 90 % in the fast case, 37, 52 and 65 % in the slow one (Chapelle 2014).
FAST: Final = Delay((0.341, 0.024, 0.140, 0.207, 0.029, 0.259), 168.0)
CRITEO: Final = Delay((0.35, 0.06, 0.01, 0.05, 0.07, 0.46), 672.0)


class Spec(Struct, frozen=True, kw_only=True):
    """What a world is drawn from; money is in dollars, one target CPA is worth 30."""

    days: int = 30
    step_h: float = 1.0
    ad_sets: int | None = None  # fixed, whatever the suite's size
    an_account: int = 40
    budget: float = 60.0  # median a day
    spread: float = 0.8  # of log budgets
    median: float = 0.88  # of efficiency: target CPA / true CPA
    within: float = 0.45
    between: float = 0.15
    delay: Delay = FAST
    learned: bool = False  # whether the delay curve has to be learned on the way
    weekly: float = 0.0  # amplitude of the week in the conversion rate
    shocks: float = 0.0  # log spread of an account's day
    day_cv: float = 0.0  # of a gamma factor a day and ad set
    fading: float = 0.0  # share of ad sets that lose half of their efficiency and more
    blooming: float = 0.0  # share that starts at less than half and recovers on day 8 to 16
    orders: bool = False  # judged by ROAS, with heavy-tailed order values
    outage_h: int = 0
    duplicates: float = 0.0  # share of conversions that is counted twice until it is corrected
    refunds: float = 0.0  # share that is taken back
    cap: float = 1.0  # of an ad set's budget, relative to its base
    total: float = 1.0  # of an account's budget, relative to the sum of bases
    loss: float = 0.0  # of results, for three days after a large change
    beta: float | None = None  # exponent of the response to budget; linear without one

    @property
    def is_boundary(self) -> bool:
        """Whether every ad set exactly meets the target."""
        return self.median == 1.0 and self.within == 0.0


BASE: Final = Spec()
ON_TARGET: Final = Spec(median=1.0, within=0.0, between=0.0)
# Worth growing: an equal split of the tripled budget loses about two thirds of the best profit.
GROWTH: Final = Spec(days=60, an_account=20, fading=0.30, day_cv=0.2, cap=5.0, total=3.0, beta=0.8, median=1.15)

SCENARIOS: Final[dict[str, Spec]] = {
    "D1": replace(BASE, learned=True),
    "D2": replace(BASE, learned=True, delay=CRITEO),
    "D3/fast": ON_TARGET,
    "D3/slow": replace(ON_TARGET, delay=CRITEO),
    "D4": replace(ON_TARGET, day_cv=0.5),
    "D5": replace(ON_TARGET, orders=True),
    "D6": replace(BASE, weekly=0.3, shocks=0.15),
    "D7": replace(BASE, fading=0.35),
    "D8": replace(BASE, blooming=0.30),
    "D9": replace(BASE, budget=15.0),
    "D10": replace(BASE, budget=300.0),
    "D11": replace(BASE, within=0.25, between=0.08, median=0.97),
    "D12": replace(BASE, median=0.60),
    "D13/loss0": GROWTH,
    "D13/loss10": replace(GROWTH, loss=0.10),
    "D13/loss20": replace(GROWTH, loss=0.20),
    "D14": replace(BASE, ad_sets=12, an_account=12, days=10, step_h=0.25),
    "D15": replace(BASE, outage_h=24, duplicates=0.10, refunds=0.03),
}

WHY: Final[dict[str, str]] = {
    "D1": "the base world",
    "D2": "slow reporting, its curve to be learned",
    "D3": "every ad set exactly on target",
    "D4": "on target, noisy days (CV 0.5)",
    "D5": "on target by ROAS, heavy-tailed orders",
    "D6": "weekdays and account shocks",
    "D7": "a third of the ad sets fades",
    "D8": "a third starts badly and recovers",
    "D9": "$15 a day",
    "D10": "$300 a day",
    "D11": "close calls",
    "D12": "mostly losers",
    "D13": "growth to three times the budget",
    "D14": "a look every 15 minutes against one an hour",
    "D15": "tracking outage, duplicates, counts revised down",
}
