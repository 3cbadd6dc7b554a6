"""An ad set's prior stays what it was at first sight."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adopt.store import priors
from adopt.store.database import Store, open_store

ABOUT = ("act_1", "purchase", "CPA €30.00")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "adopt.db") as opened:
        yield opened


def test_nothing_is_frozen_at_first(store: Store) -> None:
    assert priors.frozen(store, *ABOUT) == {}


def test_the_first_prior_of_an_ad_set_stays(store: Store) -> None:
    priors.freeze(store, *ABOUT, {"1": (3.0, 3.5)}, 1)
    priors.freeze(store, *ABOUT, {"1": (8.0, 9.0), "2": (0.1, 1 / 3)}, 2)
    assert priors.frozen(store, *ABOUT) == {"1": (3.0, 3.5), "2": (0.1, 1 / 3)}


@pytest.mark.parametrize(
    "other", [("act_2", *ABOUT[1:]), ("act_1", "lead", "CPA €30.00"), ("act_1", "purchase", "CPA €31.00")]
)
def test_each_account_result_and_target_has_its_own(store: Store, other: tuple[str, str, str]) -> None:
    priors.freeze(store, *ABOUT, {"1": (1.0, 2.0)}, 1)
    priors.freeze(store, *other, {"1": (5.0, 6.0)}, 1)
    assert (priors.frozen(store, *ABOUT), priors.frozen(store, *other)) == ({"1": (1.0, 2.0)}, {"1": (5.0, 6.0)})


def test_a_prior_is_known_from_the_poll_on_that_it_was_fitted_on(store: Store) -> None:
    priors.freeze(store, *ABOUT, {"1": (1.0, 2.0)}, 4)
    priors.freeze(store, *ABOUT, {"2": (3.0, 4.0)}, 7)
    priors.freeze(store, *ABOUT, {"3": (5.0, 6.0)}, None)
    assert [sorted(priors.frozen(store, *ABOUT, poll)) for poll in (3, 4, 6, 7, None)] == [
        [],
        ["1"],
        ["1"],
        ["1", "2"],
        ["1", "2", "3"],
    ]
