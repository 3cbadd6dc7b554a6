"""Sameness: what must be the same in two simulations, and what must not."""

import json
from datetime import datetime
from typing import Final

import numpy as np

from adopt.mock.account import Options
from adopt.mock.newcomers import Schedule, new_ad, new_ad_set
from bench.realism.flight import Flight
from bench.realism.frame import Flags

BEGINS: Final = datetime(2026, 9, 1, 12)  # noqa: DTZ001 - noon where the account is
SMALL, HALF = 3, 30  # ad sets, days
OTHER: Final = 1_000_003  # added to a seed: another one
FIELDS: Final = "ad_id,spend,impressions,reach,inline_link_clicks,actions,action_values"


def twins(seed: int) -> Flags:
    """Tell whether a seed tells one story: twice, in two halves, beside a newcomer; and another seed another."""
    story = _story(seed, HALF, HALF)
    same = (
        _story(seed, HALF, HALF) == story,
        _story(seed, 2 * HALF) == story,
        _story(seed, HALF, HALF, newcomer=True) == story,
        _story(seed + OTHER, 2 * HALF) != story,
    )
    return np.array(same)


def _story(seed: int, *parts: int, newcomer: bool = False) -> str:
    """Give what an account's first ads report after living so many days at a time."""
    flight = Flight(Options(seed=seed, ad_sets=SMALL, days=1), BEGINS)
    ads = {ad.id for ad in flight.graph.world.account.ads}
    if newcomer:
        _join(flight)
    for days in parts:
        flight.advance(24 * days)
        flight.graph.world.report()
    return json.dumps([row for row in flight.insights("ad", FIELDS) if row["ad_id"] in ads])


def _join(flight: Flight) -> None:
    """Let an ad set with an ad join the account."""
    world = flight.graph.world
    options, money = world.account.options, world.account.money
    ad_set = new_ad_set(options, money, "9001", "Newcomer", 0, Schedule(money.minor(100)))
    ad = new_ad(options, ad_set, len(world.account.ad_sets), "9002", "9003", "Newcomer")
    world.grow(world.now(), ad_sets=(ad_set,), ads=(ad,))
