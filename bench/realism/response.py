"""An experiment on budgets: how conversions answer steps that nothing else explains."""

from datetime import datetime
from typing import Final

import numpy as np

from adopt.mock.account import Options
from adopt.mock.calendar import HOUR
from adopt.mock.parameters import Parameters
from bench.realism.flight import Flight
from bench.realism.frame import Flags, Floats

BEGINS: Final = datetime(2026, 4, 5, 23, 30)  # noqa: DTZ001 - where the account is
STEPS: Final = (0.5, 0.7, 1.0, 1.4, 2.0)
PERIODS, LENGTH = 8, 7  # budgets set so often, for so many days
ROUNDS = 30  # of Newton's method, at most


def respond(seed: int, ad_sets: int) -> tuple[float, float]:
    """Give the elasticity of true conversions on spend, as estimated and as configured."""
    flight, chance = Flight(Options(seed=seed, ad_sets=ad_sets, days=0), BEGINS), np.random.default_rng(seed)
    own = [one for one in flight.ask(f"{flight.account}/adsets", fields="id,daily_budget") if "daily_budget" in one]
    for _ in range(PERIODS):
        for one, step in zip(own, chance.choice(STEPS, len(own)), strict=True):
            flight.write(one["id"], daily_budget=str(round(int(one["daily_budget"]) * step)))
        flight.advance(24 * LENGTH)
    flight.graph.world.report()
    return _fit(flight, {one["id"] for one in own})


def _fit(flight: Flight, own: set[str]) -> tuple[float, float]:
    delivery, calendar = flight.graph.world.delivery, flight.graph.world.calendar
    t, sales = delivery.traits, delivery.orders.all()
    sets, days = len(t.quality), PERIODS * LENGTH
    spend = np.array([np.bincount(t.set_of_ad, day["spend"], sets) for day in delivery.days]).T[:, 1 : days + 1]
    day = calendar.days_at(((sales.cause - calendar.start) // HOUR).astype(np.int64))
    cells = np.bincount(t.set_of_ad[sales.ad] * (day.max() + 1) + day, minlength=sets * (day.max() + 1))
    bought = cells.reshape(sets, -1)[:, 1 : days + 1].astype(np.float64)
    chosen = np.array([one.id in own for one in flight.graph.objects.ad_sets])
    spend, bought = spend[chosen], bought[chosen]
    depth = spend / t.reference[chosen][:, None]
    p = Parameters()
    local = 1 - p.eta * depth / (1 + depth) - (1 - p.beta) * depth / (depth + p.kappa)
    return elasticity(spend, bought), float(np.average(local, weights=bought))


def elasticity(spend: Floats, bought: Floats) -> float:
    """Give the Poisson slope of counts on log spend, with an effect for each row and each column."""
    known: Flags = spend > 0
    rows, columns = np.nonzero(known)
    logs, counts = np.log(spend[known]), bought[known]
    design = np.column_stack(
        [logs, rows[:, None] == np.arange(len(spend)), columns[:, None] == np.arange(1, spend.shape[1])]
    )
    design = design[:, np.abs(design).sum(axis=0) > 0].astype(np.float64)
    mean = np.maximum(counts, 0.5)
    found = np.zeros(design.shape[1])
    for _ in range(ROUNDS):
        weighted = design * mean[:, None]
        target = np.log(mean) + (counts - mean) / mean
        after = np.linalg.lstsq(weighted.T @ design, weighted.T @ target, rcond=None)[0]
        mean = np.exp(np.clip(design @ after, -20, 20))
        if np.abs(after - found).max() < 1e-8:
            break
        found = after
    return float(after[0])
