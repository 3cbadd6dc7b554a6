"""The verdicts of a pass as columns: a row's figures and its sentence are made when it is read."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from operator import eq
from typing import Final, NamedTuple, overload

import numpy as np

from adopt.engine.figures import MOST_NATS, figures
from adopt.engine.judgement import Belief, Bools, Brief, Judgement
from adopt.engine.sentences import Speaker
from adopt.engine.snapshot import Floats, Integers
from adopt.engine.standing import STATES, Standings
from adopt.model import Kind, Level, Ref, Verdict

_AT_ONCE: Final = 4096  # rows whose figures are worked out together

KIND_OF: Final[Mapping[str, Kind]] = {
    "no_spend": "hold",
    "no_clicks": "hold",
    "unpriced": "hold",
    "overcounted": "hold",
    "too_little": "hold",
    "unripe": "hold",
    "comeback": "revive",
    "probe": "revive",
    "stays_paused": "hold",
    "parent_paused": "hold",
    "misses_target": "pause",
    "past_threshold": "pause",
    "proven_bad": "pause",
    "bad_campaign": "hold",
    "good_in_campaign": "hold",
    "beats_target": "scale",
    "within_threshold": "scale",
    "proven_good": "scale",
    "on_trial": "hold",
    "doubted": "throttle",
    "restored": "scale",
    "unsure": "hold",
    "between": "hold",
    "open": "hold",
}
REASONS: Final = tuple(KIND_OF)


def coded(cases: Sequence[tuple[str, Bools | None]], otherwise: str, count: int) -> Integers:
    """The place in REASONS (n,) of the first case that holds in each row; a case of None holds in none."""
    reasons = np.full(count, REASONS.index(otherwise), dtype=np.int64)
    for reason, holds in reversed(cases):
        if holds is not None:
            reasons[holds] = REASONS.index(reason)
    return reasons


def stakes(reasons: Integers, judged: Judgement) -> Integers:
    """The money (n,) a verdict is about: lost by a loser, won by a winner, either way for what is held."""
    gain = (np.rint(judged.worth) - np.rint(judged.totals.spend)).astype(np.int64)
    won = np.maximum(np.where(_of(reasons, ("pause", "throttle")), -gain, gain), 0)
    return np.where(_of(reasons, ("hold",)), np.abs(gain), won)


def _of(reasons: Integers, kinds: Collection[str]) -> Bools:
    return np.array([KIND_OF[reason] in kinds for reason in REASONS])[reasons]


class Part(NamedTuple):
    """The verdicts of one judgement."""

    judged: Judgement
    stand: Standings
    brief: Brief
    reasons: Integers  # (n,), places in REASONS
    stakes: Integers  # (n,), minor units

    def read(self, rows: Integers) -> Iterator[Verdict]:
        """The verdicts of rows."""
        refs, stand, brief = self.judged.totals.refs, self.stand, self.brief
        say = Speaker(brief.target, brief.currency, brief.clicks).say
        for start in range(0, rows.size, _AT_ONCE):
            chunk = rows[start : start + _AT_ONCE]
            columns = (chunk, self.reasons[chunk], self.stakes[chunk], stand.states[chunk])
            for evidence, (row, code, stake, state) in zip(
                figures(self.judged, brief, chunk), zip(*(c.tolist() for c in columns), strict=True), strict=True
            ):
                reason = REASONS[code]
                yield Verdict(
                    object=refs[row],
                    kind=KIND_OF[reason],
                    reason=reason,
                    sentence=say(reason, evidence),
                    stake=stake,
                    evidence=evidence,
                    status=STATES[state],
                    budget=stand.budgets[row],
                )

    def anytime(self) -> Mapping[str, Floats]:
        """What the evidence method found of each row, by the names rules know it by; NaN of another method."""
        rows, believed = np.arange(self.reasons.size), self.judged.belief
        if believed is None:
            return dict.fromkeys(("low", "high", "e_value", "p_good"), np.full(rows.size, np.nan))
        return {
            "low": self.judged.low(rows),
            "high": self.judged.high(rows),
            "e_value": np.exp(np.minimum(believed.log_e(rows), MOST_NATS)),
            "p_good": believed.p_good,
        }


class Verdicts(Sequence[Verdict]):
    """Those of the ad sets, then those of the campaigns that hold a budget; a verdict is made when it is read."""

    def __init__(self, *parts: Part) -> None:
        self.parts = parts
        empty = (np.zeros(0, dtype=np.int64),)
        self.reasons = np.concatenate([*(part.reasons for part in parts), *empty])
        self.stakes = np.concatenate([*(part.stakes for part in parts), *empty])

    def __len__(self) -> int:
        return self.reasons.size

    @overload
    def __getitem__(self, index: int) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Verdict, ...]: ...
    def __getitem__(self, index: int | slice) -> Verdict | tuple[Verdict, ...]:
        rows = np.arange(len(self))[index]
        return tuple(self.read(rows)) if isinstance(index, slice) else next(self.read(np.atleast_1d(rows)))

    def __iter__(self) -> Iterator[Verdict]:
        return self.read(np.arange(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment] # as of any sequence that is equal to another kind

    def read(self, rows: Integers) -> Iterator[Verdict]:
        """The verdicts of ascending rows, their figures worked out together."""
        start = 0
        for part in self.parts:
            end = start + part.reasons.size
            yield from part.read(rows[(rows >= start) & (rows < end)] - start)
            start = end

    def level(self, level: Level) -> Part | None:
        """Those of the ad sets, or of the campaigns that hold a budget; None where nothing was judged."""
        place = ("adset", "campaign").index(level)
        return self.parts[place] if place < len(self.parts) else None

    @property
    def due(self) -> Floats:
        """The results (n,) due at the target; 0 of a method that counts none."""
        return self._believed(lambda belief: belief.due)

    @property
    def expected(self) -> Floats:
        """Target CPA / true CPA (n,), as believed."""
        return self._believed(lambda belief: belief.mean)

    def _believed(self, column: Callable[[Belief], Floats]) -> Floats:
        found = (part.judged.belief for part in self.parts)
        columns = (np.zeros(p.reasons.size) if b is None else column(b) for p, b in zip(self.parts, found, strict=True))
        return np.concatenate([*columns, np.zeros(0)])

    def refs(self, rows: Integers) -> Iterator[Ref]:
        """What the verdicts of ascending rows are about."""
        start = 0
        for part in self.parts:
            end = start + part.reasons.size
            yield from (part.judged.totals.refs[row] for row in (rows[(rows >= start) & (rows < end)] - start).tolist())
            start = end

    def because(self, *reasons: str) -> Integers:
        """The ascending rows of verdicts with some reasons."""
        return np.flatnonzero(np.isin(self.reasons, [REASONS.index(reason) for reason in reasons]))

    def of(self, *kinds: Kind) -> Iterator[Verdict]:
        """The verdicts of some kinds."""
        return self.read(np.flatnonzero(_of(self.reasons, kinds)))
