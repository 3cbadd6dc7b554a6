"""The policies by name."""

from collections.abc import Callable
from typing import Final

from adopt.policy import Decision
from bench.decisions import baselines
from bench.decisions.evidence import Evidence, Options
from bench.decisions.growth import Growth, Steps
from bench.decisions.living import Policy
from bench.decisions.stopping import BestStop
from bench.decisions.worlds import World

Maker = Callable[[World], Policy]

# A maker hands on the setting only. Two baselines are given more than a buyer could know, to be hard to beat:
# `bayes_5` the true delay curve, `dp` that and the law the ad sets are drawn from.
POLICIES: Final[dict[str, Maker]] = {
    "evidence": lambda world: (Growth if world.spec.beta else Evidence)(world.setting),
    "wilson_hourly": lambda world: baselines.Wilson(world.setting),
    "account": lambda world: (Growth if world.spec.beta else Evidence)(
        world.setting, Options(Decision(method="account"))
    ),
    "proof": lambda world: Evidence(world.setting, Options(throttles=False)),
    "wilson_guarded": lambda world: baselines.GuardedWilson(world.setting),
    "bayes_5": lambda world: baselines.Bayes(world.setting, world.spec.delay),
    "three_day": lambda world: (Steps if world.spec.beta else baselines.ThreeDays)(world.setting),
    "lifetime": lambda world: baselines.Lifetime(world.setting),
    "k1": lambda world: baselines.K1(world.setting),
    "k16": lambda world: baselines.K16(world.setting),
    "s1_k16": lambda world: baselines.S1K16(world.setting),
    "s2_revive": lambda world: baselines.S2Revive(world.setting),
    "never": lambda world: baselines.Rule(world.setting),
    "dp": lambda world: BestStop(world.setting, world.spec),
}
MAIN: Final = ("evidence", "wilson_hourly")


def applies(policy: str, world_is_boundary: bool, world_grows: bool) -> bool:  # noqa: FBT001
    """Whether a policy makes sense in a world: without a prior or with growth nothing tells the best stop."""
    return policy != "dp" or not (world_is_boundary or world_grows)
