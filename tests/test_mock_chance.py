from statistics import NormalDist

import numpy as np
import pytest

from adopt.mock.chance import binomial, keys_of, normal, philox, poisson, uniforms
from adopt.mock.orders import click_delay
from adopt.mock.parameters import Parameters

MANY = 200_000


def words(*values: int) -> tuple[np.ndarray, ...]:
    return tuple(np.array([value], np.uint64) for value in values)


@pytest.mark.parametrize(
    ("counters", "keys", "expected"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_words_its_authors_published(
    counters: tuple[int, ...], keys: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    assert tuple(int(word[0]) for word in philox(words(*counters), words(*keys))) == expected


def test_a_draw_depends_on_its_key_and_counter_alone() -> None:
    keys = keys_of(7, ["a", "b", "c"], "stream")
    together = uniforms(keys, np.arange(50)[:, None])[0]
    assert together.shape == (50, 3)
    assert np.array_equal(together[20:30, 1], uniforms(keys[1:2], np.arange(20, 30))[0])
    assert len(np.unique(together)) == together.size


def test_large_columns_are_drawn_like_small_ones() -> None:
    keys = keys_of(1, ["x"], "s")
    assert np.array_equal(uniforms(keys, np.arange(100_000))[3][99_000:], uniforms(keys, np.arange(99_000, 100_000))[3])


def test_the_normal_quantile_is_right_to_six_figures() -> None:
    u = np.array([1e-9, 1e-5, 0.01, 0.07, 0.3, 0.5, 0.7, 0.99, 1 - 1e-8])
    assert normal(u) == pytest.approx([NormalDist().inv_cdf(float(x)) for x in u], abs=1e-6)


@pytest.mark.parametrize("mean", [0.03, 0.7, 4.0, 11.9, 12.1, 300.0])
def test_poisson_counts_have_mean_and_variance_of_the_law(mean: float) -> None:
    u = uniforms(keys_of(3, ["p"], str(mean)), np.arange(MANY))[0]
    counts = poisson(np.full(MANY, mean), u)
    assert counts.mean() == pytest.approx(mean, rel=0.02)
    assert counts.var() == pytest.approx(mean, rel=0.03)


@pytest.mark.parametrize(("n", "p"), [(1, 0.3), (60, 0.012), (8, 0.85), (400, 0.02), (5000, 0.01)])
def test_binomial_counts_have_mean_and_variance_of_the_law(n: int, p: float) -> None:
    u = uniforms(keys_of(3, ["b"], f"{n}{p}"), np.arange(MANY))[0]
    counts = binomial(np.full(MANY, n), p, u)
    assert counts.max() <= n
    assert counts.mean() == pytest.approx(n * p, rel=0.02)
    assert counts.var() == pytest.approx(n * p * (1 - p), rel=0.03)


def test_more_people_never_give_fewer_clicks_on_the_same_draw() -> None:
    u = uniforms(keys_of(3, ["b"], "monotone"), np.arange(1000))[0]
    small, large = binomial(np.full(1000, 100), 0.02, u), binomial(np.full(1000, 130), 0.02, u)
    assert (large >= small).all()
    assert (large > small).any()


@pytest.mark.parametrize(("hours", "share"), [(1, 0.51), (24, 0.85), (72, 0.95), (168, 1.0)])
def test_conversions_follow_clicks_by_the_published_delays(hours: float, share: float) -> None:
    which, wait, *_ = uniforms(keys_of(5, ["d"], "delay"), np.arange(MANY))
    assert (click_delay(Parameters(), which, wait) <= hours).mean() == pytest.approx(share, abs=0.012)
