"""The dashboard: what the keys do, over a door to the operations."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Footer

from adopt.errors import AdoptError
from adopt.model import Activity, AdSetRow, Branch, Change, Currency, Finding, Job, Outcome, Plan, Ref, Why
from adopt.tui.live import Feed, Known
from adopt.tui.overview import AdSets, OverviewView
from adopt.tui.rows import Rows
from adopt.tui.screens import AskScreen, ChooseScreen, LineScreen, TextScreen, WhyScreen
from adopt.tui.subjects import subject, undone_by
from adopt.tui.topbar import StatusLine, TopBar
from adopt.tui.views import ActivityView, CampaignsView, HealthView, JobsView, PlanView, RulesView
from adopt.wording.text import clean
from adopt.wording.words import count

if TYPE_CHECKING:
    from adopt.client import Client

T = TypeVar("T")
_TEXTUALS = ("", "Scroll Left", "Scroll Right", "Page Left", "Page Right", "Copy selected text")
_BEAT_S = 0.1  # between two looks whether there is something new; the feed keeps the pace
_VIEWS = {
    "overview": "Ad sets",
    "plans": "Plans",
    "jobs": "Jobs",
    "activity": "Activity",
    "campaigns": "Campaigns",
    "rules": "Rules",
    "health": "Health",
}


class Way(NamedTuple):
    """A way to a first account: what it says, and what leads to doors of it."""

    label: str
    go: "Callable[[], Doors | None]"


class Doors(NamedTuple):
    """How the dashboard reaches accounts, and what it may start beside itself."""

    account: str | None  # the first; None where none is set up yet
    of: Callable[[str], "Client"]  # a door to an account; asked anew after a break
    ways: Mapping[str, Way]  # to an account where there is none
    environment: Mapping[str, str]  # of commands
    commands: Sequence[str]  # the names that the shell knows


class Dashboard(App[None]):
    """The live face of an account."""

    TITLE = "adopt"
    CSS_PATH = "look.tcss"
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (22, "-low"), (32, "-high")]  # noqa: RUF012 - the same
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"view('{name}')", title, show=False) for n, (name, title) in enumerate(_VIEWS.items(), 1)),
        Binding("h", "hold", "Hold"),
        Binding("a", "account", "Account", show=False),
        Binding("colon", "command", "Command", key_display=":"),
        Binding("question_mark", "keys", "Keys", key_display="?"),
        Binding("f5", "again", "Refresh", show=False),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, doors: Doors) -> None:
        super().__init__()
        self._doors = doors
        self._feed: Feed | None = None
        self._painted: Known | None = None
        self._asked: Rows[Any] | None = None  # the list that the evidence was opened from

    # -- life -----------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """The bars, and between them the view that is open."""
        yield TopBar()
        with ContentSwitcher(initial="overview"):
            yield OverviewView(id="overview")
            yield from (PlanView(), JobsView(), ActivityView(), CampaignsView(), RulesView(), HealthView())
        yield StatusLine()
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to follow the account, or lead to one."""
        self.set_interval(_BEAT_S, self._paint)
        self.query_one(AdSets).focus()
        if self._doors.account:
            self._follow(self._doors.account)
        else:
            self._welcome()

    def on_unmount(self) -> None:
        """Stop asking."""
        if self._feed:
            self._feed.close()

    @property
    def door(self) -> "Client":
        """The door to the account that is shown."""
        if self._feed is None:
            raise RuntimeError("no account is shown yet")
        return self._feed.door

    def _follow(self, account: str) -> None:
        if self._feed:
            self._feed.close()
        self._feed = Feed(partial(self._doors.of, account))
        self.run_worker(self._feed.run, thread=True, group="feed")

    def _paint(self) -> None:
        """Draw what is newer than what is drawn."""
        known = self._feed.known if self._feed else None
        if known is None or (known is self._painted and not known.trouble):
            return
        self._painted = known
        base = self.screen_stack[0]
        base.set_class(bool(known.trouble), "-stale")
        base.set_class(bool(known.overview and known.overview.hold), "-held")
        base.query_one(TopBar).show(known)
        base.query_one(StatusLine).show(known)
        if known.fetched:
            self._paint_views(base, known)

    def _paint_views(self, base: Screen[Any], known: Known) -> None:
        base.query_one(OverviewView).show(known)
        base.query_one(PlanView).tell(known.plan)
        base.query_one(JobsView).tell(known)
        base.query_one(ActivityView).tell(known)
        code = known.overview.currency if known.overview else None
        base.query_one(CampaignsView).tell(known.tree, code or "USD")
        base.query_one(RulesView).show(known.rules)

    # -- where one is ---------------------------------------------------------------------------

    def action_view(self, name: str) -> None:
        """Open a view; its list takes the keys."""
        self.query_one(ContentSwitcher).current = name
        view = self.query_one(f"#{name}")
        (view if isinstance(view, Rows) else self.query_one(AdSets)).focus()
        if name == "health":
            self.action_examine()

    def action_again(self) -> None:
        """Ask for everything anew."""
        if self._feed:
            self._feed.again()

    def on_overview_view_spanned(self, event: OverviewView.Spanned) -> None:
        """Points of the chart that sum other spans of days."""
        if self._feed:
            self._feed.span(event.days)

    def action_filter(self) -> None:
        """Only rows that hold a text."""
        rows = self._rows()
        if rows:
            self.push_screen(
                LineScreen("Filter", "a part of the name; nothing shows all", rows.needle),
                lambda text: rows.filter(text) if text is not None else None,
            )

    def action_sort(self) -> None:
        """By the next column."""
        rows = self._rows()
        if rows:
            rows.sort()

    def action_keys(self) -> None:
        """The keys that work now."""
        keys: dict[str, list[str]] = {}
        for one in self.screen.active_bindings.values():
            if one.binding.description not in (*_TEXTUALS, *_VIEWS.values()):
                keys.setdefault(one.binding.description, []).append(self.get_key_display(one.binding))
        lines = [f"{', '.join(dict.fromkeys(of)):<18}{said}" for said, of in keys.items()]
        views = [f"{n:<18}{title}" for n, title in enumerate(_VIEWS.values(), 1)]
        self.push_screen(TextScreen("Keys", "\n".join([*views, "", *lines])))

    def action_account(self) -> None:
        """Another ad account."""

        def choose(found: Sequence[Any]) -> None:
            choices = [
                (one.id, f"{one.name}  {one.id}  {one.currency}, polled {one.last_poll:%Y-%m-%d}") for one in found
            ]
            self.push_screen(ChooseScreen("Account", choices), self._switch)

        self._do(self.door.known_accounts, choose)

    def _switch(self, account: str | None) -> None:
        if account:
            self._follow(account)

    def _rows(self) -> Rows[Any] | None:
        """The list that has the keys."""
        return self.focused if isinstance(self.focused, Rows) else None

    def _row(self) -> Any:
        rows = self._rows()
        return rows.current if rows else None

    # -- looking --------------------------------------------------------------------------------

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Open what a row is about."""
        self._asked = event.rows
        match event.row:
            case AdSetRow(id=name) | Branch(object=Ref(id=name)) | Change(object=Ref(id=name)):
                self._open_why(name)
            case Activity(object=Ref(id=name)):
                self._open_why(name)
            case Activity() as entry:
                more = "\n".join(f"{key}: {value}" for key, value in entry.data.items())
                self.push_screen(TextScreen(f"Entry {entry.id}", f"{clean(entry.text)}\n\n{more}"))
            case Job() as job:
                self.push_screen(TextScreen(f"Job {job.id}", _job_text(job)))
            case Finding() as found:
                parts = (found.what, found.why, found.do and f"to do: {found.do}", found.fix and f"a fix: {found.fix}")
                self.push_screen(TextScreen(found.check, "\n\n".join(filter(None, parts))))

    def _open_why(self, name: str) -> None:
        account = self.door.settings.account or ""
        self._do(lambda: self.door.why(name), lambda known: self.push_screen(WhyScreen(known, account)))

    def on_why_screen_other(self, event: WhyScreen.Other) -> None:
        """The evidence for the previous or the next row."""
        screen, rows = self.screen, self._asked
        if rows is None or not isinstance(screen, WhyScreen):
            return
        rows.action_move(event.by)
        row = subject(rows.current)
        if row:
            self._do(lambda: self.door.why(row.object.id), screen.show)

    def on_why_screen_undone(self, event: WhyScreen.Undone) -> None:
        """Take a change back."""
        self._undo_newest(event.known)

    # -- doing ----------------------------------------------------------------------------------

    def action_turn(self) -> None:
        """Pause what runs, start what is paused."""
        about = subject(self._row())
        if about:
            self._by_hand(about.object, "status", "PAUSED" if about.status == "ACTIVE" else "ACTIVE")

    def action_budget(self) -> None:
        """Another budget, where the object holds one."""
        about = subject(self._row())
        if about is None or about.budget_at is None or about.budget is None:
            self.notify("no budget is held here", severity="warning")
            return
        holder, currency = about.budget_at, Currency(self._currency())
        self.push_screen(
            LineScreen(
                f"Budget of {holder.level} {clean(holder.name)[:40]}: {currency.show(about.budget)}", "50, +20%, -5.00"
            ),
            lambda text: self._by_hand(holder, "budget", text) if text else None,
        )

    def action_undo(self) -> None:
        """Take back what a row tells of, or the newest change of an object."""
        row = self._row()
        name, about = undone_by(row), subject(row)
        if name:
            self._undo(name)
        elif about:
            self._do(lambda: self.door.why(about.object.id), self._undo_newest)

    def _undo_newest(self, known: Why) -> None:
        made = next((one for one in known.outcomes if one.state == "applied"), None)
        if made is None:
            self.notify("adopt made no change here that could be undone", severity="warning")
        else:
            self._undo(made.id)

    def _undo(self, name: str) -> None:
        self._do(lambda: self.door.undo_plan(name), self._confirm)

    def _by_hand(self, ref: Ref, field: str, value: str) -> None:
        self._do(lambda: self.door.hand_plan(ref.level, ref.id, field, value), self._confirm)

    def action_approve(self) -> None:
        """Make the chosen changes of the plan that waits."""
        view = self.query_one(PlanView)
        plan, chosen = view.plan, view.chosen
        if plan is None or not chosen:
            self.notify("no change is chosen", severity="warning")
        elif len(chosen) == len(plan.changes):
            self._confirm(plan)
        else:
            names = [f"{plan.id}.{n}" for n in chosen]
            self._do(lambda: self.door.subset_plan(plan.id, names), self._confirm)

    def action_refuse(self) -> None:
        """Refuse the plan that waits, with a reason."""
        plan = self.query_one(PlanView).plan
        if plan:
            self.push_screen(
                LineScreen(f"Refuse plan {plan.id}", "why, for the log; escape leaves it waiting"),
                lambda said: (
                    None if said is None else self._do(lambda: self.door.refuse_plan(plan.id, said), self._refused)
                ),
            )

    def _refused(self, plan: Plan) -> None:
        self.notify(f"plan {plan.id} is refused")
        self.action_again()

    def _confirm(self, plan: Plan) -> None:
        """Ask for a yes to a plan, naming each thing and the money."""
        if not plan.changes:
            said = [refusal.sentence for refusal in plan.refusals] or list(plan.notes) or ["there is nothing to change"]
            self.notify("\n".join(said), title="Nothing to do", severity="warning", markup=False)
            return
        text = _plan_text(plan)
        self.push_screen(
            AskScreen(f"Make {count(len(plan.changes), 'change')}?", text),
            lambda yes: self._do(lambda: self.door.apply(plan), self._tell) if yes else None,
        )

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        """What became of each change."""
        bad = any(one.state not in ("applied", "already") for one in outcomes)
        said = "\n".join(clean(f"{one.change.object.name}: {one.state}. {one.sentence}") for one in outcomes[:5])
        self.notify(said, severity="warning" if bad else "information", markup=False)
        self.action_again()

    def action_hold(self) -> None:
        """Press the red button, or release it."""
        now = self._painted.overview if self._painted else None
        if now and now.hold:
            self.push_screen(
                AskScreen("Let changes go on?", f"Held since {now.hold.at:%Y-%m-%d %H:%M} UTC: {now.hold.reason}"),
                lambda yes: self._press(on=False) if yes else None,
            )
        else:
            self.push_screen(
                LineScreen("HOLD: stop every change", "why, for the log; enter presses it, escape does not"),
                lambda said: None if said is None else self._press(on=True, reason=said),
            )

    def _press(self, *, on: bool, reason: str = "") -> None:
        self._do(lambda: self.door.press_hold(on, reason), lambda _: self.action_again())

    def action_retry(self) -> None:
        """A failed or cancelled job goes on."""
        if isinstance(job := self._row(), Job):
            self._do(lambda: self.door.retry_job(job.id), lambda done: self._moved(done, "is queued again"))

    def action_cancel(self) -> None:
        """A job ends before its next step."""
        if isinstance(job := self._row(), Job):
            self.push_screen(
                AskScreen("Cancel it?", f"{job.kind} {job.name}\n{job.shown}; what it has made stays"),
                lambda yes: (
                    self._do(
                        lambda: self.door.cancel_job(job.id),
                        lambda done: self._moved(done, "ends before its next step"),
                    )
                    if yes
                    else None
                ),
            )

    def _moved(self, job: Job, said: str) -> None:
        self.notify(f"job {job.id} {'is cancelled' if job.state == 'cancelled' else said}")
        self.action_again()

    def action_examine(self) -> None:
        """What the doctor finds now."""
        self._do(self.door.doctor, self.query_one(HealthView).show)

    def action_mend(self) -> None:
        """What the doctor can mend, after a yes."""
        fixes = [one.fix for one in self.query_one(HealthView).seen if one.fix]
        if not fixes:
            self.notify("there is nothing that adopt can mend by itself")
            return
        self.push_screen(
            AskScreen("Mend it?", "\n".join(fixes)),
            lambda yes: self._do(self.door.mend, self._mended) if yes else None,
        )

    def _mended(self, said: Sequence[str]) -> None:
        self.notify("\n".join(said) or "nothing was left to mend", markup=False)
        self.action_examine()

    def on_campaigns_view_wanted(self, event: CampaignsView.Wanted) -> None:
        """The ads of an ad set, from Meta."""
        branch, view = event.branch, self.query_one(CampaignsView)
        self._do(
            lambda: tuple(_ad(row) for row in self.door.rows("ad", branch.object.id, limit=None)),
            lambda ads: view.open(branch, ads) if ads else self.notify("this ad set has no ads"),
        )

    # -- the shell's grammar --------------------------------------------------------------------

    def action_command(self) -> None:
        """A command as the shell has it, without its first word."""
        self.push_screen(
            LineScreen(
                ": a command of adopt", "for example: plan, why 238..., launch spec.toml", "", self._doors.commands
            ),
            lambda line: self._command(line) if line else None,
        )

    def _command(self, line: str) -> None:
        names = {title.split()[-1].lower(): view for view, title in _VIEWS.items()}
        if line in (*_VIEWS, *names):
            self.action_view(line if line in _VIEWS else names[line])
            return
        try:
            words = shlex.split(line)
        except ValueError as error:
            self.notify(f"{line}: {error}", severity="error", markup=False)
            return
        self._do(lambda: self._run(words), lambda said: self.push_screen(TextScreen(f"adopt {line}"[:70], said)))

    def _run(self, words: Sequence[str]) -> str:
        """What a command prints; nothing can be asked, so what would ask says how to say yes."""
        environment = {**os.environ, **self._doors.environment, "NO_COLOR": "1"}
        if account := self.door.settings.account:
            environment["ADOPT_AD_ACCOUNT_ID"] = account
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "adopt", *words],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        said = "\n".join(filter(None, (done.stdout.rstrip(), done.stderr.rstrip())))
        self.action_again()
        return f"{said}\n\nexit {done.returncode}" if done.returncode else said

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers: the views, the red button, and Textual's own."""
        for name, title in _VIEWS.items():
            yield SystemCommand(title, f"Open {title.lower()}", partial(self.action_view, name))
        yield SystemCommand("Hold", "Stop every change, or let them go on", self.action_hold)
        yield SystemCommand("Account", "Show another ad account", self.action_account)
        yield SystemCommand("Command", "Run a command of adopt", self.action_command)
        yield from super().get_system_commands(screen)

    # -- first start ----------------------------------------------------------------------------

    def _welcome(self) -> None:
        """Lead to an account where none is set up."""
        choices = [(name, way.label) for name, way in self._doors.ways.items()]
        self.push_screen(ChooseScreen("No ad account is set up yet", choices), self._go)

    def _go(self, name: str | None) -> None:
        if name is None:
            self.exit()
            return
        with self.suspend():
            found = self._doors.ways[name].go()
        if found is None or found.account is None:
            self._welcome()
            return
        self._doors = found
        self._follow(found.account)

    # -- asking in threads ----------------------------------------------------------------------

    def _do(self, call: Callable[[], T], then: Callable[[T], Any]) -> None:
        """Call in a thread, then go on with what it gave; an error is told as it says itself."""

        def work() -> None:
            try:
                found = call()
            except AdoptError as error:
                self.call_from_thread(self._fail, error)
            else:
                self.call_from_thread(then, found)

        self.run_worker(work, thread=True)

    def _fail(self, error: AdoptError) -> None:
        more = f"\ntry: {error.try_next}" if error.try_next else ""
        self.notify(f"{clean(error.message)}{more}", title="Error", severity="error", timeout=10, markup=False)

    def _currency(self) -> str:
        now = self._painted.overview if self._painted else None
        return (now.currency if now else None) or "USD"


def _plan_text(plan: Plan) -> str:
    """Each change of a plan with its reason, then what the figures are."""
    currency = Currency(plan.currency)
    changes = [
        f"{clean(one.object.name)} ({one.object.level})\n  {one.show(currency)}\n  {one.sentence}"
        for one in plan.changes
    ]
    return "\n".join([*changes, "", f"target {plan.target}, times in {plan.timezone}"])


def _job_text(job: Job) -> str:
    """A job with its steps and its error in full."""
    lines = [f"{job.kind} {clean(job.name)}", f"{job.shown}, of {job.lane or 'no account'}", ""]
    for step in job.steps:
        said = step.error.message if step.error else step.note
        lines.append(f"{step.state:<10}{step.name}  {step.object or ''}  {clean(said)}".rstrip())
    if job.error:
        lines += ["", f"error: {clean(job.error.message)}", f"try: {job.error.next}" if job.error.next else ""]
    return "\n".join(lines)


def _ad(row: Mapping[str, Any]) -> Branch:
    """An ad as Meta answers it."""
    ref = Ref(level="ad", id=str(row["id"]), name=str(row.get("name", row["id"])))
    status = str(row.get("status", ""))
    return Branch(object=ref, status=status, effective_status=str(row.get("effective_status", status)))
