"""An ad set's prior: fitted on the other ad sets at first sight, and frozen from then on."""

from collections.abc import Mapping

from adopt.store.database import Store, transaction


def freeze(
    store: Store, account: str, result: str, target: str, rows: Mapping[str, tuple[float, float]], poll: int | None
) -> None:
    """The first prior, as (a, b), of each ad set kept for this result and target for ever; later ones change nothing.

    `poll` is the one it was fitted on: before it, nobody could know it.

    Read it back before it is used: another process may have been the first.
    """
    with transaction(store):
        store.run_many(
            "INSERT INTO prior VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(account, result, target, ad_set, a, b, poll) for ad_set, (a, b) in rows.items()],
        )


def frozen(
    store: Store, account: str, result: str, target: str, as_of_poll: int | None = None
) -> dict[str, tuple[float, float]]:
    """The priors, as (a, b), that are kept for a result and target, by ad set; as they were kept at a poll, if said."""
    rows = store.rows(
        "SELECT ad_set, a, b FROM prior WHERE account = ? AND result = ? AND target = ? AND (?4 IS NULL OR poll <= ?4)",
        [account, result, target, as_of_poll],
    )
    return {ad_set: (a, b) for ad_set, a, b in rows}
