"""The operations as methods for every face, in process; what is heavy is imported when its method runs.

Each method opens what it needs and closes it again. Whatever may write to Meta
holds the account's lock, and settles first what an earlier run left in doubt.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from adopt import policy as policies
from adopt.access import Access
from adopt.errors import AdoptError, Invalid, NeedsPerson, Refused, Temporary, Unreachable
from adopt.language.recipes import PRESETS, RECIPES, UNSAYABLE
from adopt.model import (
    Account,
    Activity,
    Finding,
    Heard,
    Hindsight,
    Hold,
    Job,
    JobStep,
    Level,
    Outcome,
    Plan,
    Presence,
    RuleReport,
    Span,
    Status,
    Verdict,
    Why,
)
from adopt.policy import Policy, Rule, Target
from adopt.settings import GRAPH_URL, Settings, save_config, write_private
from adopt.store.database import Store, open_store

if TYPE_CHECKING:
    from adopt.audit.choices import Choices
    from adopt.audit.reading import Export
    from adopt.graph.client import Graph
    from adopt.launch.checking import Report
    from adopt.launch.known import Known
    from adopt.launch.media import Checked
    from adopt.launch.media.files import Gathered
    from adopt.launch.tree import Launch
    from adopt.operations.doctor.patient import Patient
    from adopt.operations.launching import Room
    from adopt.operations.working import Kind, Worker


class Written(NamedTuple):
    """The files that `init` wrote."""

    config: Path
    policy: Path


class Preset(Struct, frozen=True):
    """What `use` may name: what it is, what it says, and where it comes from or why it cannot be had."""

    name: str
    line: str
    when: str
    do: str
    source: str
    is_available: bool


@contextmanager
def connect(settings: Settings, *, wait_s: float = 0.0) -> Iterator["Client"]:
    """The operations over these settings, for as long as they are needed; `wait_s` is the patience with another run."""
    yield Client(settings, wait_s=wait_s)


def audit(path: Path, target: Target, choices: "Choices") -> "tuple[Export, tuple[Verdict, ...]]":
    """A second opinion on an export: how it was read, and its verdicts, most money first; needs no account."""
    from adopt.audit.reading import read
    from adopt.operations.audit import audit

    export = read(path, choices)
    told = replace(target, result=export.result, attribution=export.attribution)
    return export, audit(export, told)


def check_media(
    names: Sequence[str], placements: Sequence[str], *, deep: bool = False
) -> "tuple[Gathered, Iterator[Checked]]":
    """The files that are meant, and their checks as they are made; needs no account and no network."""
    from adopt.launch.media import check_many
    from adopt.launch.media.files import gather

    gathered = gather(names)
    return gathered, check_many(gathered.paths, placements, deep=deep)


def check_links(urls: Sequence[str]) -> "list[Checked]":
    """What is wrong with the links of ads; asks their servers."""
    from adopt.launch.media import Checked
    from adopt.launch.media.links import check_links

    return [Checked(path=url, kind="link", problems=found) for url, found in check_links(urls).items()]


def start_launch(folder: Path) -> tuple[Path, ...]:
    """Write a spec to start from, with a picture and a clip, into a folder; nothing is overwritten."""
    from adopt.launch.starting import start

    return start(folder)


def presets() -> tuple[Preset, ...]:
    """The presets, the published recipes, and the recipes that cannot be had, with why."""
    own = (Preset(name, line, "", "", "adopt", is_available=True) for name, line in PRESETS.items())
    known = (Preset(n, r.line, r.when, r.do, r.source, is_available=True) for n, r in RECIPES.items())
    absent = (Preset(name, why, "", "", "not available", is_available=False) for name, why in UNSAYABLE.items())
    return (*own, *known, *absent)


class Client:
    """What a face can ask for, for one ad account."""

    def __init__(self, settings: Settings, *, wait_s: float = 0.0) -> None:
        self.settings = settings
        self.access = Access(settings)
        self.wait_s = wait_s

    # -- the main job ---------------------------------------------------------------------------

    def plan(self, cpa: str | None = None, roas: str | None = None, most: int | None = None) -> Plan:
        """What would change now; the poll is kept, nothing is changed."""
        from adopt.operations.deciding import decide

        with self._at_work() as (store, graph):
            return decide(store, graph, self.settings.require_account(), self.policy(cpa, roas), most)

    def optimize(
        self, cpa: str | None = None, roas: str | None = None, most: int | None = None
    ) -> tuple[Plan, tuple[Outcome, ...]]:
        """Poll, judge, plan, and apply what the policy's autonomy lets pass; in shadow, nothing."""
        from adopt.operations.applying import apply, require_no_hold
        from adopt.operations.deciding import decide
        from adopt.operations.shadowing import decide_in_shadow

        policy = self.policy(cpa, roas)
        with self._telling(), self._at_work() as (store, graph):
            require_no_hold(store)
            account = self.settings.require_account()
            if policy.decision.autonomy == "shadow":
                return decide_in_shadow(store, graph, account, policy, most), ()
            plan = decide(store, graph, account, policy, most)
            return plan, apply(store, graph, plan) if policy.decision.autonomy == "apply" else ()

    def apply(self, plan: Plan) -> tuple[Outcome, ...]:
        """Carry out a plan of this account."""
        from adopt.operations.applying import apply

        account = self.settings.require_account()
        if plan.is_shadow:
            raise Refused(
                f"plan {plan.id} was made in shadow: it takes earlier changes for made that were not",
                try_next="adopt plan, then adopt apply",
            )
        if plan.account != account:
            raise Invalid(f"plan {plan.id} is of {plan.account}, not of {account}", try_next=f"add -a {plan.account}")
        with self._at_work() as (store, graph):
            return apply(store, graph, plan)

    def hand_plan(self, level: Level, object_id: str, field: str, value: str) -> Plan:
        """The plan of one change a person asks for: `status` ACTIVE or PAUSED, `budget` 50, +20%, -5.00."""
        from adopt.operations.hand import plan_by_hand

        with self._at_work() as (store, graph):
            account, policy = self.settings.require_account(), self._policy_or_none() or _NO_TARGET
            return plan_by_hand(store, graph, account, policy, level, object_id, field, value)

    def undo_plan(self, name: str) -> Plan:
        """The plan that takes back a change or a plan."""
        from adopt.operations.hand import plan_undo

        with self._at_work() as (store, graph):
            account, policy = self.settings.require_account(), self._policy_or_none() or _NO_TARGET
            return plan_undo(store, graph, account, policy, name)

    # -- what is remembered ---------------------------------------------------------------------

    def find_plan(self, name: str) -> Plan:
        """A kept plan by its id or the beginning of it."""
        from adopt.store import plans

        with self._store() as store:
            return plans.find(store, name)

    def why(self, name: str, at: datetime | None = None) -> Why:
        """The evidence for an ad set, a campaign or a change; with `at`, as the last pass by then judged it."""
        from adopt.operations.explaining import why
        from adopt.operations.shadowing import score_of
        from adopt.store import plans

        with self._store() as store:
            account = self.settings.require_account()
            found = why(store, account, name, at)
            if at is not None or not plans.shadowed(store, account)[0]:
                return found
            return replace(found, shadows=score_of(store, account, found.object.id, self.policy()))

    def status(self) -> Status:
        """Where things stand, from what is remembered."""
        from adopt.operations.asking import status

        with self._store() as store:
            account = self.settings.account
            policy = self._policy_or_none() if account else None
            found = status(store, self.settings.graph_url, account, policy, signed_in=self.access.is_signed_in())
            return replace(found, daemon=self.daemon())

    def daemon(self) -> Presence | None:
        """The daemon that runs, if one does."""
        from adopt.operations.presence import daemon

        return daemon(self.settings.daemon_lock)

    def clock(self) -> tuple[str | None, datetime]:
        """The account's time zone, and now: in a simulated account, the last moment that it showed."""
        from adopt.store import polls

        with self._store() as store:
            last = polls.newest(store, self.settings.account or "")
            zone = polls.objects(store, last.account)[0].timezone if last else None
            is_simulated = self.settings.graph_url != GRAPH_URL
            return zone, last.as_of if last and is_simulated else _now()

    def doctor(self) -> tuple[Finding, ...]:
        """What may keep adopt from doing its work; changes nothing."""
        from adopt.operations.doctor import diagnose

        with ExitStack() as opened:
            return diagnose(self._patient(opened))

    def mend(self) -> tuple[str, ...]:
        """What the doctor can mend by itself, mended; a sentence for each."""
        from adopt.operations.doctor.mending import mend

        with ExitStack() as opened:
            return mend(self._patient(opened))

    def _patient(self, opened: ExitStack) -> "Patient":
        """What can be opened and read without making anything that is not there."""
        from adopt.operations.doctor.patient import Patient, examined, laid_out

        settings, policy, broken = self.settings, None, None
        file = examined(settings.database)
        try:
            policy = self.policy() if settings.account else None
        except AdoptError as error:
            broken = error
        store = opened.enter_context(self._store()) if file and file.is_usable else None
        graph = opened.enter_context(self._graph()) if self.access.is_signed_in() else None
        known = laid_out(store, settings.account, policy) if store and settings.account and policy else None
        snapshot, headers = known or (None, ())
        now = self.clock()[1] if store else _now()
        return Patient(settings, now, policy, broken, store, graph, snapshot, headers, file)

    def log(self, cursor: int = 0, limit: int = 50) -> tuple[Activity, ...]:
        """What happened after a cursor; the latest where there is none."""
        from adopt.store import activity

        account = self.settings.require_account()
        with self._store() as store:
            if cursor:
                return activity.since(store, account, cursor, limit=limit)
            return activity.tail(store, account, limit=limit)

    def hold(self, press: bool | None = None, reason: str = "") -> Hold | None:  # noqa: FBT001 - on, off, or only asked
        """Press or release the red button, or ask how it stands."""
        from adopt.store import hold

        with self._store() as store:
            if press is None:
                return hold.hold(store)
            return hold.set_hold(store, press, reason, _now())

    # -- jobs -----------------------------------------------------------------------------------

    def jobs(self, *, open_only: bool = False, limit: int = 50) -> tuple[Job, ...]:
        """The latest jobs, newest first."""
        from adopt.store import queue

        with self._store() as store:
            return queue.listing(store, open_only=open_only, limit=limit)

    def job(self, name: str) -> Job:
        """A job by its id or the beginning of it."""
        from adopt.store import queue

        with self._store() as store:
            return queue.find(store, name)

    def jobs_named(self, ids: Sequence[str]) -> tuple[Job, ...]:
        """The jobs with these ids, as they are now, in their order."""
        from adopt.store import queue

        with self._store() as store:
            return queue.named(store, ids)

    def retry_job(self, name: str) -> Job:
        """A failed or cancelled job back in the queue."""
        from adopt.store import queue

        with self._store() as store:
            return queue.retry(store, name, _now)

    def cancel_job(self, name: str) -> Job:
        """A job cancelled, at once or before its next step."""
        from adopt.store import queue

        with self._store() as store:
            return queue.cancel(store, name, _now)

    @contextmanager
    def working_off(self) -> Iterator[Callable[[], bool]]:
        """Due jobs carried out meanwhile; gives whether that is over. Leaving early lets the running step finish."""
        from threading import Event

        from adopt.operations.applying import require_no_hold
        from adopt.operations.working import beside

        self.gather_messages()
        with beside(self.worker().run_due, Event()) as is_over:
            yield is_over
        with self._store() as store:
            require_no_hold(store)

    def gather_messages(self) -> int:
        """What people are to be told, as jobs; how many."""
        from adopt.channels import Channels

        return Channels(self.access).gather()

    def worker(self) -> "Worker":
        """A worker for every kind of job."""
        from adopt.operations.working import Worker

        return Worker(self._opener(), self.settings.workers_path, self.kinds())

    def enqueue_pass(self, kind: str, account: str, due: datetime) -> bool:
        """A pass of an account in the queue, unless one waits there already; whether it is new."""
        from adopt.operations import passing

        with self._store() as store:
            return passing.enqueue(store, kind, account, self.settings.graph_url, due, _now)

    def poll(self) -> None:
        """Ask Meta for what may have changed, and keep it; nothing is judged or changed."""
        from adopt.operations import watching

        with self._telling(), self._at_work() as (store, graph):
            watching.poll(store, graph, self.settings.require_account(), self.policy().target)

    def _passes(self) -> "dict[str, Kind]":
        """How the passes of the timetable are made: each by a client of its account."""
        from adopt.operations import passing

        def of(account: str) -> "Client":
            return Client(replace(self.settings, account=account), wait_s=passing.PATIENCE_S)

        return {
            "optimize": passing.kind(self.settings.graph_url, lambda account: of(account).optimize()),
            "poll": passing.kind(self.settings.graph_url, lambda account: of(account).poll()),
        }

    def is_anyone_at_work(self) -> bool:
        """Whether a worker lives that begins what is queued."""
        from adopt.operations.working import is_anyone_at_work

        return is_anyone_at_work(self.settings.workers_path)

    def _opener(self) -> Callable[[], Store]:
        return partial(open_store, self.settings.database)

    def kinds(self) -> "dict[str, Kind]":
        """What each kind of job is carried out by."""
        from adopt.channels import Channels
        from adopt.operations import discarding, launching, reviewing, telling
        from adopt.operations.reaching import Reach
        from adopt.operations.working import Kind

        reach = Reach(self.settings, lambda settings: Access(settings).token())
        return {
            "launch": Kind(partial(launching.run, reach)),
            "discard": Kind(partial(discarding.run, reach)),
            "review": Kind(partial(reviewing.run, reach), lingers=True),
            telling.KIND: Channels(self.access).kind(),
            **self._passes(),
        }

    # -- launches -------------------------------------------------------------------------------

    def launch(self, launch: "Launch", *, again: str = "", due: datetime | None = None) -> tuple[Job, bool]:
        """A launch in the queue, and whether it is new there."""
        from adopt.operations import launching

        with self._store() as store:
            return launching.enqueue(store, self.settings, launch, _now, again=again, due=due)

    def zone_of(self, account_id: str) -> str:
        """The time zone of an ad account: as the last poll saw it, else as Meta tells it."""
        from adopt.graph import objects
        from adopt.store import polls

        with self._store() as store:
            if polls.newest(store, account_id):
                return polls.objects(store, account_id)[0].timezone
        with self._graph() as graph:
            return objects.account(graph, account_id).timezone

    def room_for(self, launch: "Launch") -> "Room":
        """What a launch could spend a day, beside what runs, of what the policy allows."""
        from adopt.operations import launching

        with self._store() as store:
            return launching.room_known(store, self.settings, launch)

    def ended_launch(self, name: str) -> tuple[Job, tuple[JobStep, ...]]:
        """A launch that has ended, and the steps of it that made something."""
        from adopt.operations import discarding

        with self._store() as store:
            job = discarding.require_ended(store, name)
            return job, discarding.made_by(job)

    def discard(self, name: str) -> Job:
        """What a launch has made, deleted; the job that did it."""
        from threading import Event

        from adopt.operations import discarding
        from adopt.operations.applying import require_no_hold
        from adopt.operations.working import Worker
        from adopt.store import queue

        with self._store() as store:
            require_no_hold(store)
            _, job = discarding.enqueue(store, name, _now)
            if job.state in ("failed", "cancelled"):
                queue.retry(store, job.id, _now)
            kinds = {"discard": self.kinds()["discard"]}
            Worker(self._opener(), self.settings.workers_path, kinds).run_due(Event())
            return self.job(job.id)

    # -- rules ----------------------------------------------------------------------------------

    def check_rules(self, path: Path | None, runs: int) -> RuleReport:
        """What is doubtful about the rules of a policy file, the account's own without one."""
        from adopt.operations.ruling import check

        policy = policies.load(path) if path else self.policy()
        with self._store() as store:
            return check(store, self.settings.account, policy, runs)

    def test_rule(self, name: str) -> tuple[tuple[Heard, ...], str]:
        """What a rule sees of the last poll."""
        from adopt.operations.ruling import test

        with self._store() as store:
            return test(store, self.settings.require_account(), self.policy(), name)

    def backtest(self, policy: Policy, span: Span, tell: Callable[[int, int], None]) -> Hindsight:
        """What a policy would have done over the recorded polls; `tell` hears how many passes of how many are done."""
        from adopt.operations.backtesting import backtest

        with self._store() as store:
            return backtest(store, self.settings.require_account(), policy, span, tell)

    def policy_of(self, path: Path | None, rule: str | None) -> Policy:
        """The policy in a file, the account's own without one; with that rule alone, if one is named."""
        from adopt.operations.ruling import only

        policy = policies.load(path) if path else self.policy()
        return only(policy, rule) if rule else policy

    def score(self) -> Hindsight:
        """What was decided in shadow, by what came after."""
        from adopt.operations.shadowing import score

        with self._store() as store:
            return score(store, self.settings.require_account(), self.policy())

    def find_rule(self, name: str) -> tuple[Rule, str, str]:
        """A rule of the policy, its condition and its action as they are read."""
        from adopt.operations.ruling import find, says

        policy = self.policy()
        rule = find(policy, name)
        return (rule, *says(rule, policy))

    # -- launches -------------------------------------------------------------------------------

    def check_launch(self, path: Path) -> "tuple[Report, str]":
        """What is wrong with a spec and what it would make; and why the account could not be asked, if it could not."""
        from adopt.launch.checking import examine
        from adopt.launch.reading import read

        spec, problems = read(path)
        known, now, why = self._survey(spec.account.said.id)
        return examine(spec, problems, now, known), why

    def _survey(self, account: str | None) -> "tuple[Known | None, datetime, str]":
        """What is known of the account now, and why it is not known if it is not."""
        account = self.settings.account or account
        if account is None or not self.access.is_signed_in():
            return None, _now(), "no ad account is set" if account is None else "there is no token"
        from adopt.operations.surveying import survey

        try:
            with self._graph() as graph:
                return survey(graph, account), graph.moment, ""
        except (Unreachable, Temporary, NeedsPerson) as error:
            return None, _now(), error.message

    # -- what Meta shows ------------------------------------------------------------------------

    def accounts(self) -> tuple[Account, ...]:
        """The ad accounts that the token sees."""
        from adopt.graph import objects

        with self._graph() as graph:
            return objects.accounts(graph)

    def rows(
        self,
        noun: str,
        parent: str | None = None,
        fields: Sequence[str] = (),
        limit: int | None = 25,
        statuses: Sequence[str] = (),
    ) -> Iterator[dict[str, Any]]:
        """The objects of a noun under the account or a parent, as Meta answers them; all without a limit."""
        from adopt.graph import objects

        above = "me" if noun == "account" else parent or self.settings.require_account()
        params = {"effective_status": list(statuses)} if statuses else {}
        with self._graph() as graph:
            yield from objects.rows(graph, f"{above}/{objects.edge_of(noun)}", fields, limit, params)

    def node(self, noun: str, object_id: str, fields: Sequence[str] = ()) -> dict[str, Any]:
        """One object as Meta answers it."""
        from adopt.graph import objects

        path = objects.act(object_id) if noun == "account" else object_id
        with self._graph() as graph:
            return objects.node(graph, path, fields or objects.FIELDS[noun])

    def insights(self, object_id: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Insights rows as Meta answers them."""
        from adopt.graph import insights

        with self._graph() as graph:
            yield from insights.report(graph, object_id, **params)

    # -- setting up -----------------------------------------------------------------------------

    def policy(self, cpa: str | None = None, roas: str | None = None) -> Policy:
        """The account's policy; a target given by flag stands in for it."""
        kept = policies.with_target(self._policy_or_none(), cpa=cpa, roas=roas)
        return kept or policies.load(self.settings.policy_path)

    def init(self, target: Target, *, force: bool = False) -> Written:
        """Write config.toml and the account's policy file; an existing policy is kept unless forced."""
        path = self.settings.policy_path
        if path.exists() and not force:
            raise Invalid(f"{path} exists already", try_next="edit it, or adopt init --force to write it anew")
        write_private(path, policies.render(self.settings.require_account(), target))
        return Written(save_config(self.settings), path)

    def _policy_or_none(self) -> Policy | None:
        path = self.settings.policy_path
        return policies.load(path) if path.exists() else None

    # -- what a method opens --------------------------------------------------------------------

    @contextmanager
    def _store(self) -> Iterator[Store]:
        with open_store(self.settings.database) as store:
            yield store

    @contextmanager
    def _graph(self) -> Iterator["Graph"]:
        from adopt.graph.client import Graph

        with Graph(self.settings.graph_url, self.access.token().reveal()) as graph:
            yield graph

    @contextmanager
    def _at_work(self) -> Iterator[tuple[Store, "Graph"]]:
        """Alone on the account, with nothing of an earlier run left in doubt."""
        from adopt.operations.applying import settle_doubts
        from adopt.operations.lock import account_lock

        with account_lock(self.settings.lock_path, self.wait_s), self._store() as store, self._graph() as graph:
            settle_doubts(store, graph, self.settings.require_account())
            yield store, graph

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Keep for the log, once, what only a person can mend, and how long the token still lasts."""
        from adopt.operations.telling import note_age, note_trouble
        from adopt.store import connections

        account = self.settings.require_account()
        try:
            yield
        except NeedsPerson as error:
            with self._store() as store:
                note_trouble(store, account, error, _now())
            raise
        with self._store() as store:
            known = connections.of(store, self.settings.graph_url, account)
            if known and self.settings.token is None:
                now = self.clock()[1]
                note_age(store, account, replace(known, made_at=now).days_left, now)


_NO_TARGET = Policy(target=Target(cpa=Decimal(1)))  # a person's own change needs guardrails, not a target


def _now() -> datetime:
    return datetime.now(UTC)
