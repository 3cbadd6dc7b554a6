"""The poll log of a policy: what it has seen so far."""

import numpy as np

from bench.decisions.worlds import Floats, Poll, Setting


class Log:
    """Polls in order, as cumulative rows and as what each step added."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.size = len(setting.base)
        self.now_h = 0.0
        self.polls: list[Poll] = []
        zero = np.zeros(self.size)
        self._none = Poll(0.0, zero, zero, zero, zero)
        self._spent, self._new, self._earned = (np.zeros((self.size, 64)) for _ in range(3))

    def record(self, poll: Poll) -> None:
        """Take in one more poll."""
        at, before = len(self.polls), self.last
        if at == self._spent.shape[1]:
            self._spent, self._new, self._earned = (_doubled(m) for m in (self._spent, self._new, self._earned))
        self._spent[:, at] = poll.spend - before.spend
        self._new[:, at] = poll.results - before.results
        self._earned[:, at] = poll.revenue - before.revenue
        self.now_h = poll.hour
        self.polls.append(poll)

    @property
    def last(self) -> Poll:
        """The newest poll; nothing before the first."""
        return self.polls[-1] if self.polls else self._none

    @property
    def spent(self) -> Floats:
        """Spend of each step, (n, steps so far)."""
        return self._spent[:, : len(self.polls)]

    @property
    def new(self) -> Floats:
        """New results of each step, likewise."""
        return self._new[:, : len(self.polls)]

    @property
    def earned(self) -> Floats:
        """New revenue of each step, likewise."""
        return self._earned[:, : len(self.polls)]

    @property
    def is_midnight(self) -> bool:
        """Whether a day has just ended."""
        return abs(self.now_h / 24 - round(self.now_h / 24)) < 1e-9

    def ago(self, hours: float) -> Poll:
        """The poll that many hours ago; nothing before the first."""
        back = len(self.polls) - 1 - round(hours / self.setting.step_h)
        return self.polls[back] if back >= 0 else self._none

    def within(self, hours: float, skipped: float = 0.0) -> Poll:
        """What the last hours added, leaving out the newest of them."""
        new, old = self.ago(skipped), self.ago(hours)
        return Poll(
            new.hour,
            *(getattr(new, name) - getattr(old, name) for name in ("spend", "clicks", "results", "revenue")),
        )

    def matured(self, by_lag: Floats, rows: slice = slice(None), at_h: float | None = None) -> Floats:
        """Spend whose results have had time to arrive by a moment, (rows,); the shares go by age in steps."""
        count = len(self.polls) if at_h is None else round(at_h / self.setting.step_h)
        return np.asarray(self.spent[rows, :count] @ by_lag[:count][::-1])


def lags_h(count: int, step_h: float) -> Floats:
    """The ages in hours of so many steps' middles, the newest first."""
    return np.asarray((np.arange(count) + 0.5) * step_h, dtype=np.float64)


def _doubled(matrix: Floats) -> Floats:
    return np.concatenate([matrix, np.zeros_like(matrix)], axis=1)
