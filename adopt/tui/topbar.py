"""The lines above and below the screens: the account and how fresh it is; jobs, daemon and what is held."""

from collections.abc import Sequence

from adopt.model import Currency, Measured, Overview, Rate
from adopt.tui.cells import rate
from adopt.tui.lines import Lines
from adopt.tui.live import Known
from adopt.tui.pieces import Piece, Tone
from adopt.wording.text import clean, cut
from adopt.wording.words import count, when


class TopBar(Lines):
    """The account, its money against its budget, and the figure that the target is about."""

    known = Known()

    def show(self, known: Known) -> None:
        """Draw it for what is known now."""
        self.known = known
        self.again()

    def lines(self, width: int, height: int) -> Sequence[Sequence[Piece]]:
        """Two lines where they do not fit into one; the red button takes the next, from side to side."""
        now = self.known.overview
        if now is None or now.currency is None:
            said = f" ✕ {clean(self.known.trouble)}" if self.known.trouble else " no poll of this account yet"
            return [[Piece(" adopt ", "accent"), Piece(said, "bad" if self.known.trouble else "dim")]]
        figures = _figures(now, Currency(now.currency))
        groups = [self._connection(width), *figures] if self.known.trouble else [*figures, self._connection(width)]
        found = _flow(groups, width)
        if now.hold:
            since = f" HOLD since {when(now.hold.at, now.timezone)}: no change is made."
            found = [*found[: max(1, height - 1)], [Piece(f"{since} {now.hold.reason}  (h lets them go on)", "bad")]]
        return found

    def _connection(self, width: int) -> list[Piece]:
        if self.known.trouble:
            old = f" ✕ what is shown is {_span(self.known.age)} old, trying again: "
            return [Piece(f"{old}{cut(clean(self.known.trouble), max(10, width - len(old)))}", "bad")]
        now = self.known.overview
        polled = f"Meta's data of {when(now.as_of, now.timezone)}" if now and now.as_of else ""
        return [Piece("● live ", "good"), Piece(polled, "dim")]


class StatusLine(Lines):
    """What waits and what runs beside the account."""

    known = Known()

    def show(self, known: Known) -> None:
        """Draw it for what is known now."""
        self.known = known
        self.again()

    def lines(self, width: int, height: int) -> Sequence[Sequence[Piece]]:  # noqa: ARG002 - one line
        """One line."""
        known, now = self.known, self.known.overview
        opened = [job for job in known.jobs if not job.has_ended]
        failed = sum(job.state == "failed" for job in known.jobs)
        parts = [
            Piece(f" jobs {len(opened)} open" if opened else " no job open"),
            Piece(f", {failed} failed", "bad") if failed else Piece(""),
            Piece(" │ ", "dim"),
            *_plan(now),
            Piece(" │ ", "dim"),
            _daemon(known),
            Piece(" │ ", "dim"),
            Piece(_footing(now), "dim"),
        ]
        return [parts]


def _figures(now: Overview, currency: Currency) -> list[list[Piece]]:
    goal = now.goal
    metric = goal.metric if goal else "roas"
    week = now.week.roas if metric == "roas" else now.week.cpa
    beside = "cpa" if metric == "roas" else "roas"
    other = now.week.cpa if metric == "roas" else now.week.roas
    name, account = now.name or "", now.account
    return [
        [Piece(" adopt ", "accent"), Piece(f"{name} ", "bold"), Piece(account, "dim")],
        [
            Piece("today "),
            Piece(currency.show(now.spend_today), "bold"),
            Piece(f" of {currency.show(now.daily_budget)}"),
        ],
        [
            Piece(f"{metric.upper()} 7d "),
            Piece(rate(week, metric, currency) or "none yet", "bold"),
            Piece(_ends(week, metric, currency)),
            _trend(now, metric),
            Piece(f" target {_target(now, currency)}", "dim"),
        ],
        [Piece(f"{goal.result if goal else 'results'} {now.week.results:,}")],
        [Piece(f"{beside.upper()} {rate(other, beside, currency)}")] if other else [],
    ]


def _ends(found: Rate | None, metric: str, currency: Currency) -> str:
    if found is None or found.low is None or found.high is None:
        return ""
    if metric == "roas":
        return f" ({found.low:.2f}-{found.high:.2f})"
    return f" ({currency.show(round(found.low))}-{currency.show(round(found.high))})"


def _trend(now: Overview, metric: str) -> Piece:
    """Whether this week is better than the one before, where both are known."""

    def of(week: Measured) -> float | None:
        found = week.roas if metric == "roas" else week.cpa
        return None if found is None or found.value is None else float(found.value)

    new, old = of(now.week), of(now.week_before)
    if new is None or old is None or new == old:
        return Piece("")
    is_better = (new > old) == (metric == "roas")
    tone: Tone = "good" if is_better else "bad"
    return Piece(f" {'▲' if new > old else '▼'}", tone)


def _target(now: Overview, currency: Currency) -> str:
    if now.goal is None:
        return "none"
    return f"{now.goal.value:.2f}" if now.goal.metric == "roas" else currency.show(round(now.goal.value))


def _plan(now: Overview | None) -> list[Piece]:
    if now is None or now.plan is None:
        return [Piece("no plan yet", "dim")]
    if now.plan_state == "waiting" and now.plan_changes:
        return [Piece(f"plan waits: {count(now.plan_changes, 'change')} (2)", "warn")]
    return [Piece(f"plan {now.plan_state}, {count(now.plan_changes, 'change')}")]


def _footing(now: Overview | None) -> str:
    if now is None or now.currency is None:
        return ""
    setting = now.goal.attribution if now.goal else "account"
    named = "own attribution" if setting == "account" else f"attribution {setting}"
    return f"{named}, intervals {now.confidence * 100:g} %, {now.timezone}"


def _flow(groups: Sequence[list[Piece]], width: int) -> list[list[Piece]]:
    """The groups side by side, on the next line where there is no room."""
    lines: list[list[Piece]] = [[]]
    taken = 0
    for group in filter(None, groups):
        cells = sum(len(piece.text) for piece in group)
        if taken and taken + 3 + cells > width:
            lines.append([Piece(" ")])
            taken = 1
        elif taken:
            lines[-1].append(Piece("   "))
            taken += 3
        lines[-1] += group
        taken += cells
    return lines


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"  # noqa: PLR2004


def _daemon(known: Known) -> Piece:
    """Which daemon runs; without one nothing happens by itself."""
    if known.daemon is None:
        return Piece("! no daemon runs", "warn")
    return Piece(f"daemon {known.daemon.version} pid {known.daemon.pid}")
