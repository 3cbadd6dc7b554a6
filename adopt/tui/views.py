"""The other views: a waiting plan, jobs, the log, campaigns, rules, and the doctor's findings."""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.message import Message

from adopt.model import Activity, Branch, Change, Currency, Finding, Job, JobStep, Plan, RuleCount
from adopt.tui.cells import day, state
from adopt.tui.live import Known
from adopt.tui.pieces import Piece, Tone
from adopt.tui.rows import Column, Rows

_LEVELS: dict[str, tuple[str, Tone]] = {
    "ok": ("✓ ok", "good"),
    "info": ("·", "dim"),
    "note": ("· note", "dim"),
    "warning": ("! warning", "warn"),
    "error": ("✕ error", "bad"),
}
_JOBS: dict[str, Tone] = {"failed": "bad", "completed": "good", "running": "accent", "cancelled": "dim"}
_FILTER = [Binding("slash", "app.filter", "Filter"), Binding("s", "app.sort", "Sort")]


class PlanView(Rows[Change]):
    """The plan that waits for a yes: each change, chosen or not."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Why"),
        Binding("space", "mark", "Leave out/in"),
        Binding("y", "app.approve", "Approve"),
        Binding("n", "app.refuse", "Refuse"),
    ]

    def __init__(self) -> None:
        super().__init__(
            (), lambda change: (change.object.id, change.field), lambda change: change.object.name, id="plans",
            empty="no plan waits for a yes; adopt plan makes one, and so does the daemon",
        )  # fmt: skip
        self.plan: Plan | None = None
        self._left_out: frozenset[tuple[str, str]] = frozenset()

    @property
    def chosen(self) -> list[int]:
        """The numbers of the changes that are not left out."""
        changes = self.plan.changes if self.plan else ()
        return [n for n, one in enumerate(changes, 1) if (one.object.id, one.field) not in self._left_out]

    def tell(self, plan: Plan | None) -> None:
        """The plan, if one waits."""
        if (plan and plan.id) != (self.plan and self.plan.id):
            self._left_out = frozenset()
            self.plan = plan
            self.columns(self._columns_for(Currency(plan.currency if plan else "USD")))
        self.show(plan.changes if plan else ())
        self.entitle()

    def action_mark(self) -> None:
        """Leave the change out of what is approved, or take it in again."""
        if self.current:
            self._left_out ^= {(self.current.object.id, self.current.field)}
            self.refresh()
            self.entitle()

    def entitle(self) -> None:
        """Say which plan it is, and how much of it is chosen."""
        if self.plan is None or not self.plan.changes:
            self.head("Plans")
            return
        until = day(self.plan.expires_at, self.plan.timezone)
        chosen = f"{len(self.chosen)} of {len(self.plan.changes)} changes chosen"
        self.head(f"Plan {self.plan.id}: {chosen}, target {self.plan.target}, waits until {until}")

    def _columns_for(self, currency: Currency) -> tuple[Column[Change], ...]:
        def mark(change: Change, _: int) -> list[Piece]:
            out = (change.object.id, change.field) in self._left_out
            return [Piece("[ ]", "dim") if out else Piece("[x]", "good")]

        return (
            Column("", 3, mark),
            Column("Object", 24, lambda change, _: change.object.name, gives=1),
            Column("Change", 30, lambda change, _: change.show(currency)),
            Column("Rule", 14, lambda change, _: change.rule, spare=1),
            Column("Because", 30, lambda change, _: change.sentence, gives=1, spare=2),
        )


class JobsView(Rows[Job]):
    """Launches and other jobs as they come on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Steps"),
        Binding("r", "app.retry", "Retry"),
        Binding("c", "app.cancel", "Cancel"),
        *_FILTER,
    ]

    def __init__(self) -> None:
        columns: tuple[Column[Job], ...] = (
            Column("Job", 9, lambda job, _: job.id[:8], spare=2),
            Column("Kind", 8, lambda job, _: job.kind, order=lambda job: job.kind),
            Column("Name", 24, lambda job, _: job.name, gives=1),
            Column("State", 16, _job_state, order=lambda job: (job.has_ended, job.state)),
            Column("Steps", 9, lambda job, _: _steps(job), spare=1),
            Column("Since", 11, lambda job, _: day(job.at, None), order=lambda job: -job.at.timestamp()),
            Column(
                "Error", 30, lambda job, _: [Piece(job.error.message if job.error else "", "bad")], gives=1, spare=3
            ),
        )
        super().__init__(
            columns, lambda job: job.id, lambda job: f"{job.kind} {job.name} {job.state}", id="jobs",
            empty="no job was ever queued; adopt launch SPEC.toml queues one",
        )  # fmt: skip

        self.caption = "Jobs, times in UTC:"

    def tell(self, known: Known) -> None:
        """The jobs as they are now."""
        self.show(known.jobs)


class ActivityView(Rows[Activity]):
    """The log, the newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open"),
        Binding("u", "app.undo", "Undo"),
        Binding("f", "follow", "Follow"),
        *_FILTER,
    ]

    def __init__(self) -> None:
        super().__init__((), lambda row: row.id, lambda row: f"{row.kind} {row.text}", id="activity")
        self._zone: str | None = ""
        self._follows = True

    def tell(self, known: Known) -> None:
        """The entries as they are now; while it follows, the cursor stays at the newest."""
        zone = known.overview.timezone if known.overview else None
        if zone != self._zone:
            self._zone = zone
            self.columns(_log_columns(zone))
        self.show(tuple(reversed(known.activity)))
        if self._follows:
            self.cursor = 0
        self.entitle()

    def action_follow(self) -> None:
        """Stay at the newest entry, or on the one under the cursor."""
        self._follows = not self._follows
        self.cursor = 0 if self._follows else self.cursor
        self.entitle()

    def action_move(self, by: int) -> None:
        """Move the cursor, and stop following."""
        self._follows = False
        super().action_move(by)
        self.entitle()

    def entitle(self) -> None:
        """Say whether the newest is followed."""
        self.head(f"Activity {self.says}{' · following' if self._follows else ''}")


class _Place(NamedTuple):
    """A level that was left by drilling down, and the row it was left at."""

    name: str
    rows: Sequence[Branch]
    cursor: int


class CampaignsView(Rows[Branch]):
    """Campaigns, their ad sets and ads: down with enter, back with escape, without losing the place."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right", "down", "Down"),
        Binding("escape,left,backspace", "back", "Back"),
        Binding("p", "app.turn", "Pause/start"),
        Binding("b", "app.budget", "Budget"),
        Binding("y", "why", "Why"),
        *_FILTER,
    ]

    class Wanted(Message):
        """The ads of an ad set are wanted, which only Meta knows."""

        def __init__(self, branch: Branch) -> None:
            super().__init__()
            self.branch = branch

    def __init__(self) -> None:
        super().__init__((), lambda branch: branch.object.id, lambda branch: branch.object.name, id="campaigns")
        self._above: list[_Place] = []
        self._path: list[str] = []
        self._code = ""  # of the currency that its columns show

    def tell(self, tree: Sequence[Branch], code: str) -> None:
        """The tree as it is now; the level that is open stays open."""
        if code != self._code:
            self._code = code
            self.columns(_branch_columns(Currency(code)))
        rows: Sequence[Branch] = tree
        above = []
        for place, id_ in zip(self._above, self._path, strict=True):
            found = next((branch for branch in rows if branch.object.id == id_), None)
            if found is None or (not found.below and found.object.level == "adset"):
                self.entitle()
                return
            above.append(_Place(found.object.name, rows, place.cursor))
            rows = found.below
        self._above = above
        self.show(rows)
        self.entitle()

    def action_down(self) -> None:
        """To what is below the object under the cursor."""
        branch = self.current
        if branch is None:
            return
        if branch.object.level == "adset" and not branch.below:
            self.post_message(self.Wanted(branch))
        elif branch.below:
            self.open(branch, branch.below)

    def open(self, branch: Branch, below: Sequence[Branch]) -> None:
        """One level down."""
        self._above.append(_Place(branch.object.name, self.seen, self.cursor))
        self._path.append(branch.object.id)
        self.filter("")
        self.show(below)
        self.cursor = 0
        self.entitle()

    def action_back(self) -> None:
        """One level up, to the row that was left."""
        if not self._above:
            return
        place = self._above.pop()
        self._path.pop()
        self.show(place.rows)
        self.cursor = min(place.cursor, max(0, len(self.seen) - 1))
        self.entitle()

    def action_why(self) -> None:
        """The evidence for the object under the cursor."""
        self.action_choose()

    def entitle(self) -> None:
        """Say where in the tree one is."""
        names = ["Campaigns", *(place.name for place in self._above)]
        self.head(f"{' > '.join(names)} {self.says}")


class RulesView(Rows[RuleCount]):
    """What each rule has said, and what became of it."""

    BINDINGS: ClassVar[list[BindingType]] = list(_FILTER)

    def __init__(self) -> None:
        columns: tuple[Column[RuleCount], ...] = (
            Column("Rule", 24, lambda row, _: row.rule, gives=1, order=lambda row: row.rule),
            Column("Fired", 8, lambda row, _: f"{row.fired:,}", right=True, order=lambda row: -row.fired),
            Column("Applied", 8, lambda row, _: f"{row.applied:,}", right=True, order=lambda row: -row.applied),
            Column("Undone", 8, lambda row, _: f"{row.undone:,}", right=True, order=lambda row: -row.undone),
            Column("Last (UTC)", 12, lambda row, _: day(row.last, None) if row.last else "never"),
        )
        super().__init__(
            columns, lambda row: row.rule, lambda row: row.rule, id="rules", empty="the policy has no rule"
        )
        self.caption = "Rules"


class HealthView(Rows[Finding]):
    """What the doctor found."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open"),
        Binding("r", "app.examine", "Examine anew"),
        Binding("f", "app.mend", "Fix"),
    ]

    def __init__(self) -> None:
        columns: tuple[Column[Finding], ...] = (
            Column("", 10, lambda row, _: [Piece(*_LEVELS[row.level])], order=lambda row: row.level),
            Column("Check", 16, lambda row, _: row.check),
            Column("Found", 40, lambda row, _: row.what, gives=1),
            Column("To do", 30, lambda row, _: row.do, gives=1, spare=1),
        )
        super().__init__(
            columns, lambda row: (row.check, row.what), lambda row: row.what, id="health", empty="examining..."
        )
        self.caption = "Health, as adopt doctor finds it:"


def step_columns() -> tuple[Column[JobStep], ...]:
    """The columns of a job's steps."""
    return (
        Column("Step", 24, lambda step, _: step.name, gives=1),
        Column("State", 10, lambda step, _: "asked" if step.state == "intended" else step.state),
        Column("Object", 20, lambda step, _: step.object or "", spare=1),
        Column("Tries", 5, lambda step, _: f"{step.attempts}", right=True),
        Column("Since", 11, lambda step, _: day(step.at, None), spare=2),
        Column("Note", 30, lambda step, _: step.error.message if step.error else step.note, gives=1),
    )


def _log_columns(zone: str | None) -> tuple[Column[Any], ...]:
    return (
        Column("When", 11, lambda row, _: day(row.at, zone)),
        Column("", 9, lambda row, _: [Piece(*_LEVELS[row.level])], spare=1),
        Column("What", 9, lambda row, _: row.kind, order=lambda row: row.kind),
        Column("Text", 40, lambda row, _: row.text, gives=1),
    )


def _branch_columns(currency: Currency) -> tuple[Column[Any], ...]:
    def budget(branch: Branch, _: int) -> str:
        if branch.budget is None:
            return ""
        return f"{currency.show(branch.budget)} {'a day' if branch.budget_field == 'daily_budget' else 'in all'}"

    return (
        Column("Name", 30, lambda branch, _: branch.object.name, gives=1, order=lambda b: b.object.name.casefold()),
        Column("State", 16, lambda branch, _: [state(branch.effective_status)], order=lambda b: b.effective_status),
        Column("Budget", 18, budget, right=True, order=lambda b: -(b.budget or 0)),
        Column("Below", 6, lambda branch, _: f"{len(branch.below):,}" if branch.below else "", right=True, spare=1),
        Column("Id", 20, lambda branch, _: branch.object.id, spare=2),
    )


def _job_state(job: Job, _: int) -> list[Piece]:
    return [Piece(job.shown, _JOBS.get(job.state, ""))]


def _steps(job: Job) -> str:
    done = sum(step.state == "done" for step in job.steps)
    return f"{done} of {len(job.steps)}" if job.steps else ""
