"""The vocabulary: frozen structs and enums that every room shares.

Money is an integer of the account currency's minor units, times are aware,
days are the account's days, ids are strings. Imports nothing of adopt.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Struct

Money: TypeAlias = int  # minor units of the account's currency
Count: TypeAlias = int | float  # conversions; Meta's corrections may make one negative or fractional
Level: TypeAlias = Literal["account", "campaign", "adset", "ad"]
Kind: TypeAlias = Literal["pause", "throttle", "hold", "scale", "revive"]
Field: TypeAlias = Literal["status", "daily_budget", "lifetime_budget"]  # of an object, that a change may set
State: TypeAlias = Literal["intended", "applied", "already", "stale", "failed", "unknown"]
JobState: TypeAlias = Literal["queued", "running", "completed", "failed", "cancelled"]
Stage: TypeAlias = Literal["", "uploading", "processing", "creating", "watching"]  # what a job was last doing

# Currencies without a minor unit at Meta: docs/marketing-api/currencies.
_WHOLE = frozenset(["CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"])
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "AUD": "A$", "CAD": "C$", "BRL": "R$", "INR": "₹", "KRW": "₩"}

# Attribution windows kept for every insights row; "default" is each ad set's own setting.
WINDOWS = ("default", "1d_click", "7d_click", "28d_click", "1d_view", "1d_ev")


class Currency(Struct, frozen=True):
    """An ISO 4217 code with Meta's offset: how many minor units make one."""

    code: str

    @property
    def offset(self) -> int:
        """Minor units in one major unit: 1 or 100."""
        return 1 if self.code in _WHOLE else 100

    def parse(self, text: str | int | Decimal) -> Money:
        """Minor units of an amount in major units, rounded half to even; ValueError if it is no amount."""
        try:
            amount = Decimal(text)
            return int((amount * self.offset).to_integral_value(ROUND_HALF_EVEN))
        except (InvalidOperation, OverflowError, ValueError) as error:
            raise ValueError(f"{text!r} is no amount of money") from error

    def major(self, amount: Money) -> str:
        """The amount in major units as a plain decimal string: `30.00`."""
        return str(amount) if self.offset == 1 else f"{Decimal(amount) / self.offset:.2f}"

    def show(self, amount: Money) -> str:
        """The amount for a person: `$1,234.50`, `-€3.00`, `CHF 12.00`."""
        whole, minor = divmod(abs(amount), self.offset)
        text = f"{whole:,}" if self.offset == 1 else f"{whole:,}.{minor:02d}"
        sign = _SIGNS.get(self.code, f"{self.code} " if self.code else "")
        return f"{'-' if amount < 0 else ''}{sign}{text}"


class Ref(Struct, frozen=True, kw_only=True, gc=False):
    """One object at Meta: its level, id and the name it had when seen."""

    level: Level
    id: str
    name: str


class Account(Struct, frozen=True, kw_only=True):
    """An ad account as Meta answers it; `id` has its `act_`."""

    id: str
    name: str
    currency: str
    timezone: str
    status: int = 1  # Meta's account_status: 1 active, 2 disabled, 3 unsettled, ...
    min_daily_budget: Money | None = None  # Meta's least for an ad set: docs/marketing-api/reference/ad-account

    @property
    def money(self) -> Currency:
        """The currency all money of this account is in."""
        return Currency(self.currency)


class Campaign(Struct, frozen=True, kw_only=True, gc=False):
    """A campaign; a budget here makes it CBO, and its ad sets then have none."""

    id: str
    name: str
    status: str
    effective_status: str
    objective: str | None = None
    daily_budget: Money | None = None
    lifetime_budget: Money | None = None


class AdSet(Struct, frozen=True, kw_only=True, gc=False):
    """An ad set; `daily_budget` is None under a campaign budget."""

    id: str
    name: str
    campaign_id: str
    status: str
    effective_status: str
    daily_budget: Money | None = None
    lifetime_budget: Money | None = None
    created: datetime | None = None
    learning: str | None = None  # learning_stage_info.status: LEARNING, SUCCESS, FAIL
    attribution: str | None = None  # the ad set's own setting: 7d_click, 7d_click+1d_view, ...


def budget_field(one: AdSet | Campaign) -> Field:
    """Which of its budgets an object holds: the one in all, unless it has one a day."""
    return "daily_budget" if one.daily_budget is not None else "lifetime_budget"


def budget_of(one: AdSet | Campaign) -> Money | None:
    """The budget that an object holds, a day or in all; None where its parent or its children do."""
    return one.daily_budget if one.daily_budget is not None else one.lifetime_budget


class DailyInsights(Struct, frozen=True, kw_only=True, gc=False):
    """One ad set's insights of one account day; results and revenue by attribution window, in the order of WINDOWS."""

    ad_set: str
    date: date
    spend: Money
    impressions: int
    clicks: int  # link clicks
    results: tuple[Count, ...]
    revenue: tuple[Money, ...]


class Poll(Struct, frozen=True, kw_only=True):
    """One answer of Meta about an account, whole, with its as-of time."""

    account: Account
    as_of: datetime
    since: date
    until: date
    result: str  # the declared result type the rows count: purchase, lead, ...
    campaigns: tuple[Campaign, ...]
    ad_sets: tuple[AdSet, ...]
    insights: tuple[DailyInsights, ...]
    backfilled: bool = False
    id: int | None = None


class History(Struct, frozen=True, kw_only=True, gc=False):
    """What we remember of one object beside its insights."""

    base: Money | None = None  # the last budget a person set
    paused_by: Literal["adopt", "person"] | None = None
    first_seen: datetime | None = None
    touched: datetime | None = None  # our last applied change to it
    revived: datetime | None = None
    budget_day_ago: Money | None = None  # what its budget was 24 hours before now
    budget_edits: int = 0  # our budget changes in the last hour
    budget_rule: str | None = None  # the rule that set the budget it has; None where a person did
    epoch: int = 1  # how many hypotheses were tested on it: targets, result types, attribution settings and probes
    epoch_since: datetime | None = None  # when the last of them began; None is at first sight
    paused_at: datetime | None = None  # our last pause, while it holds
    paused_count: int = 0  # how often we paused it
    probed: datetime | None = None  # when we tried it again after a pause, while the epoch lasts that this began
    throttled: datetime | None = None  # our last budget change by a rule that throttles or allocates


class Evidence(Struct, frozen=True, kw_only=True, gc=False):
    """The figures a verdict stands on, over the policy's window."""

    method: str
    metric: Literal["cpa", "roas"]  # what the target and the interval are about
    since: date | None
    until: date | None
    spend: Money
    impressions: int
    clicks: int
    matured_clicks: int
    results: Count
    revenue: Money | None
    cpa: Money | None  # None without a result
    roas: float | None
    low: float | None  # the interval of CPA (minor units) or ROAS at the stated confidence; None is unbounded
    high: float | None
    confidence: float
    spend_needed: Money | None = None  # until there is enough data to judge
    clicks_needed: int | None = None
    flags: tuple[str, ...] = ()
    matured_spend: Money | None = None  # these and below: the evidence method's
    due: float | None = None  # results that the matured spend should have bought at the target
    e_value: float | None = None  # against meeting the target: a pause at 1/alpha
    alpha: float | None = None  # of this epoch
    p_good: float | None = None  # chance that it meets the target
    doubted: float | None = None  # a chance below this lowers the budget
    restored: float | None = None  # and one above this gives it back
    expected: float | None = None  # target CPA / true CPA, as believed
    spend_to_pause: Money | None = None  # matured spend without a further result until a pause is proven
    horizon: int | None = None  # expected results after which nothing more is proven, where one is declared


class Verdict(Struct, frozen=True, kw_only=True, gc=False):
    """What the engine concludes of one object, and why."""

    object: Ref
    kind: Kind
    reason: str  # a stable code; the sentence says it to a person
    sentence: str
    stake: Money  # money lost above target, or still to win below it, in the window
    evidence: Evidence
    status: str = ""
    budget: Money | None = None


class BudgetMove(Struct, frozen=True, kw_only=True, gc=False):
    """A budget that is set in the same write as a status."""

    field: Field
    before: Money
    after: Money

    def show(self, currency: Currency) -> str:
        """What it does, for a person: `$50.00 -> $60.00 a day`."""
        span = "a day" if self.field == "daily_budget" else "in all"
        return f"{currency.show(self.before)} -> {currency.show(self.after)} {span}"


class Change(Struct, frozen=True, kw_only=True, gc=False):
    """One field of one object, before and after, with the rule that proposed it; a start may come with a budget.

    Both are one write: Meta makes all of it or nothing, so that nothing ever starts with a budget it should not have.
    """

    object: Ref
    field: Field
    before: str | Money
    after: str | Money
    rule: str
    sentence: str
    stake: Money = 0
    trims: tuple[str, ...] = ()  # guardrails that made it smaller
    budget: BudgetMove | None = None  # beside a status
    is_probe: bool = False  # a start that begins an epoch: what was proven before counts no more

    @property
    def fields(self) -> tuple[Field, ...]:
        """What it sets."""
        return (self.field, self.budget.field) if self.budget else (self.field,)

    @property
    def befores(self) -> tuple[str | Money, ...]:
        """The values of those fields as the plan saw them."""
        return (self.before, self.budget.before) if self.budget else (self.before,)

    @property
    def afters(self) -> tuple[str | Money, ...]:
        """The values that they are to have."""
        return (self.after, self.budget.after) if self.budget else (self.after,)

    @property
    def reverse(self) -> "Change":
        """What takes it back, both parts of it."""
        back = self.budget and BudgetMove(field=self.budget.field, before=self.budget.after, after=self.budget.before)
        return msgspec.structs.replace(self, before=self.after, after=self.before, budget=back)

    @property
    def parts(self) -> "tuple[Change, ...]":
        """The same as changes of one field each."""
        if self.budget is None:
            return (self,)
        field, before, after = self.budget.field, self.budget.before, self.budget.after
        alone = msgspec.structs.replace(self, budget=None)
        return alone, msgspec.structs.replace(alone, field=field, before=before, after=after)

    @property
    def is_budget(self) -> bool:
        """Whether it moves money rather than a status."""
        return self.field != "status"

    def show(self, currency: Currency) -> str:
        """What it does, for a person: `ACTIVE -> PAUSED`, `$50.00 -> $60.00 a day`."""
        if self.field == "status":
            beside = f", {self.budget.show(currency)}" if self.budget else ""
            return f"{self.before} -> {self.after}{beside}"
        return BudgetMove(field=self.field, before=int(self.before), after=int(self.after)).show(currency)


class Refusal(Struct, frozen=True, kw_only=True, gc=False):
    """A change that a rule proposed and a guardrail refused."""

    change: Change
    guardrail: str
    sentence: str


Origin: TypeAlias = Literal["engine", "person", "undo"]


class Plan(Struct, frozen=True, kw_only=True):
    """Ordered changes with a digest, a verdict for every object, and what was refused and why."""

    id: str  # the digest: sixteen hex digits over all that an approval is given for
    account: str
    currency: str
    timezone: str
    made_at: datetime
    expires_at: datetime
    origin: Origin
    method: str
    target: str  # `cpa 30.00 USD`, `roas 2.50`
    attribution: str
    changes: tuple[Change, ...]
    refusals: tuple[Refusal, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    notes: tuple[str, ...] = ()
    promise: str = ""  # what the decision method holds to, with its assumptions
    delay: str = ""  # how long results take to arrive, as the plan assumed
    poll: int | None = None
    is_shadow: bool = False  # decided to be scored later, not to be carried out

    @property
    def is_intact(self) -> bool:
        """Whether the digest still fits what is approved: false for an edited file."""
        return self.id == digest(self.account, self.made_at, self.expires_at, self.origin, self.changes)


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one change."""

    id: str  # CHANGE: the plan's id and the change's place in it, `3fa1c2d4e5f60718.1`
    change: Change
    state: State
    sentence: str
    at: datetime


class Fault(Struct, frozen=True, kw_only=True):
    """An error as it is kept: what happened, what to type next, and Meta's own codes."""

    kind: str  # the class: Temporary, NeedsPerson, Rejected...
    message: str
    next: str = ""
    code: int | None = None
    subcode: int | None = None
    fbtrace_id: str | None = None
    retry_after_s: float | None = None


class JobStep(Struct, frozen=True, kw_only=True):
    """One step of a job: its intent, and its result once that is known."""

    name: str
    state: Literal["intended", "done", "refused"]  # intended without a worker on it: nobody knows whether it was made
    stage: Stage
    attempts: int
    object: str | None  # the id of what it made
    fraction: float | None
    note: str
    error: Fault | None
    begun_at: datetime
    at: datetime


class Job(Struct, frozen=True, kw_only=True):
    """A piece of work that is kept until it has ended; `lane` lets one job of an ad account run at a time."""

    id: str
    key: str
    kind: str
    lane: str
    name: str
    state: JobState
    stage: Stage
    due: datetime
    failures: int
    error: Fault | None
    created_at: datetime
    at: datetime
    steps: tuple[JobStep, ...] = ()

    @property
    def has_ended(self) -> bool:
        """Whether it waits for nothing but a person."""
        return self.state in ("completed", "failed", "cancelled")

    @property
    def shown(self) -> str:
        """The state as a person sees it: Queued, Uploading 40 %, Processing, Creating, Completed, Failed, Unknown..."""
        if self.has_ended or not self.stage:
            return self.state.capitalize()
        if self.error is not None and self.error.kind == "Unknown":
            return "Unknown"
        opened = self.steps[-1] if self.steps else None
        share = opened.fraction if opened and opened.state == "intended" and opened.stage == "uploading" else None
        return self.stage.capitalize() + (f" {share:.0%}".replace("%", " %") if share is not None else "")


class Activity(Struct, frozen=True, kw_only=True):
    """One thing that happened; ids ascend in the order of commits."""

    id: int
    at: datetime
    account: str
    kind: str  # poll, plan, change, hold, note
    level: Literal["info", "warning", "error"]
    text: str
    object: Ref | None = None
    data: Mapping[str, Any] = {}


class Hold(Struct, frozen=True, kw_only=True):
    """The red button, pressed: no write is made until it is released."""

    at: datetime
    reason: str


class Later(Struct, frozen=True, kw_only=True):
    """What really came of an object after a moment, as far as the polls have seen by `until`."""

    until: datetime
    spend: Money
    results: Count  # reported after the moment, also those of what was spent before it
    revenue: Money
    cpa: Money | None
    roas: float | None
    due: float  # results, or their worth in pieces of evidence, that should have come in at the target
    p_good: float | None  # chance that it meets the target, by this alone
    says: Literal["bad", "good", "open"]


class Done(Struct, frozen=True, kw_only=True):
    """A change that somebody really made, as adopt noticed it."""

    at: datetime
    before: str | Money | None
    after: str | Money | None
    by: Literal["engine", "person", "undo"]


class WouldBe(Struct, frozen=True, kw_only=True):
    """A change that a policy would have made, what was done instead, and what came after."""

    at: datetime
    plan: str
    change: Change
    evidence: Evidence | None
    counterfactual: bool  # an earlier change of the object was not made: from then on nobody knows
    backfilled: bool  # decided on rows that were first seen later
    done: tuple[Done, ...]  # within a week
    by_person: bool  # whether a person did the same within that week
    later: Later
    support: Literal["supported", "contradicted", "open"]  # what the later figures alone say of it


class Guard(Struct, frozen=True, kw_only=True):
    """A guardrail and what it made of a change."""

    name: str
    outcome: Literal["passed", "trimmed", "refused"]
    sentence: str = ""


class Why(Struct, frozen=True, kw_only=True):
    """All that is known about why an object was changed or left alone."""

    object: Ref
    verdict: Verdict | None  # of the latest plan that judged it
    plan: str | None
    made_at: datetime | None
    proposed: Change | None  # what that plan changes in it
    refusals: tuple[Refusal, ...]
    outcomes: tuple[Outcome, ...]  # every change made to it, newest first
    target: str
    attribution: str
    currency: str
    timezone: str
    at: datetime | None = None  # asked about: the verdict is of the last pass by then
    guards: tuple[Guard, ...] = ()  # what stood between the proposed change and the plan
    instead: str = ""  # what to expect without the change, or until the next verdict
    is_shadow: bool = False
    shadows: tuple[WouldBe, ...] = ()  # what was decided of it in shadow, by what came after


class Tally(Struct, frozen=True, kw_only=True):
    """How the changes of a rule, or all pauses, look by what came after."""

    name: str
    changes: int
    supported: int
    contradicted: int
    open: int
    by_person: int
    spend: Money  # what was spent all the same after the first of each object


class Remark(Struct, frozen=True, kw_only=True):
    """What a pass had to say beside its changes."""

    at: datetime
    text: str


class Span(NamedTuple):
    """Which passes are replayed: from and to when, how far apart, and whether also before the first poll."""

    since: datetime | None
    until: datetime | None
    every: timedelta
    backfilled: bool


class Hindsight(Struct, frozen=True, kw_only=True):
    """What a policy would have done pass by pass, held against what really came: a backtest, or a shadow's score."""

    kind: Literal["backtest", "shadow"]
    account: str
    currency: str
    timezone: str
    target: str
    attribution: str
    method: str
    since: datetime | None  # the first and the last pass
    until: datetime | None
    passes: int
    backfilled: int  # of the passes: seen with hindsight
    first_poll: datetime | None
    known_until: datetime | None
    changes: tuple[WouldBe, ...]
    refused: Mapping[str, int]  # by guardrail, how often
    changes_a_day: float | None
    pauses: Tally  # the first of each ad set
    rules: tuple[Tally, ...]
    remarks: tuple[Remark, ...]
    notes: tuple[str, ...]


class Finding(Struct, frozen=True, kw_only=True):
    """What a check of the doctor found: what, why it matters, and what to do."""

    check: str
    level: Literal["ok", "note", "warning", "error"]
    what: str
    why: str = ""
    do: str = ""
    fix: str = ""  # what `adopt doctor --fix` will do about it; empty where it can do nothing
    data: Mapping[str, Any] = {}


class Doubt(Struct, frozen=True, kw_only=True):
    """Something doubtful about a written rule."""

    rule: str
    kind: Literal["guard", "overlap", "windows"]
    sentence: str


class Heard(Struct, frozen=True, kw_only=True):
    """What a rule saw of one object of the last poll, and what it would do."""

    object: Ref
    holds: bool
    saw: str
    does: str


class Chance(Struct, frozen=True, kw_only=True):
    """How often a pause rule ever holds in 14 days, looked at every hour: shares of simulated ad sets."""

    rule: str
    spends: float  # targets a day
    is_own: bool  # whether that is the median of the account's ad sets
    on_target: float  # exactly on target, results reported at once
    on_target_late: float  # and with 40 % of them reported 1.5 days later on average
    twice: float  # at twice the target, reported late: rightly paused


class RuleReport(Struct, frozen=True, kw_only=True):
    """What a check of a policy's rules found."""

    rules: int
    doubts: tuple[Doubt, ...]
    chances: tuple[Chance, ...]
    runs: int


class Presence(Struct, frozen=True, kw_only=True):
    """The daemon that runs."""

    pid: int
    version: str
    since: datetime
    api: int = 0  # that it speaks; 0 for none
    socket: str = ""  # where it is asked
    graph_url: str = ""  # that it asks itself
    has_own_token: bool = False  # of its environment, rather than each account's connection


class Status(Struct, frozen=True, kw_only=True):
    """Where an account stands, from what is remembered; asks nobody."""

    account: str | None
    name: str | None
    graph_url: str
    signed_in: bool
    currency: str | None
    timezone: str | None
    target: str | None
    last_poll: datetime | None
    running: int
    paused: int
    daily_budget: Money
    spend_today: Money
    results_today: Count
    plan: str | None  # the latest plan, and what became of it
    plan_state: str | None
    plan_changes: int
    in_doubt: int
    hold: Hold | None
    version: str
    autonomy: str | None = None
    shadow_changes: int = 0  # that would have been made
    shadow_since: datetime | None = None
    daemon: Presence | None = None


class Rate(Struct, frozen=True, kw_only=True, gc=False):
    """A CPA (minor units) or a ROAS with its interval; None is unknown, or without a limit."""

    value: Count | None
    low: Count | None
    high: Count | None


class Measured(Struct, frozen=True, kw_only=True, gc=False):
    """What some days spent and brought, by the target's result type and attribution."""

    spend: Money
    results: Count
    revenue: Money
    cpa: Rate | None = None  # None without clicks or spend to form one
    roas: Rate | None = None  # None without revenue


class Goal(Struct, frozen=True, kw_only=True):
    """The target of a policy."""

    metric: Literal["cpa", "roas"]
    value: Count  # minor units, or a ratio
    result: str
    attribution: str


class AdSetRow(Struct, frozen=True, kw_only=True, gc=False):
    """An ad set on the dashboard: how it stands, its last seven days, what the last pass said and what comes next."""

    id: str
    name: str
    campaign_id: str
    campaign: str
    status: str
    effective_status: str
    learning: str | None
    budget: Money | None
    budget_field: Field | None
    budget_of: Literal["adset", "campaign"] | None  # which of the two holds it
    week: Measured
    verdict: Kind | None = None
    reason: str = ""
    rule: str | None = None  # that changes it, or would
    next: str = ""  # a few words
    changed_at: datetime | None = None  # by adopt
    changed: str = ""


class Overview(Struct, frozen=True, kw_only=True):
    """All that a dashboard shows of an account, from what is remembered; asks nobody."""

    account: str
    name: str | None
    currency: str | None
    timezone: str | None
    as_of: datetime | None  # of the last poll
    goal: Goal | None
    spend_today: Money
    daily_budget: Money  # of all that runs
    week: Measured  # that day and the six before it
    week_before: Measured
    confidence: float  # of every interval here, each for one look
    plan: str | None  # the latest, what became of it, and how many changes it has
    plan_state: str | None
    plan_changes: int
    hold: Hold | None
    rows: tuple[AdSetRow, ...]


class Day(Struct, frozen=True, kw_only=True, gc=False):
    """A point of a series: the day, and what it and the days before it in its span spent and brought."""

    date: date
    figures: Measured


class Mark(Struct, frozen=True, kw_only=True, gc=False):
    """A change of ours, to be drawn into a series."""

    at: datetime
    id: str
    kind: Literal["pause", "start", "budget"]
    by: Origin
    object: Ref
    text: str


class Series(Struct, frozen=True, kw_only=True):
    """An account day by day, oldest first, and what was changed meanwhile."""

    currency: str | None
    timezone: str | None
    goal: Goal | None
    confidence: float
    span: int  # days that each point sums
    days: tuple[Day, ...]
    marks: tuple[Mark, ...]


class Branch(Struct, frozen=True, kw_only=True, gc=False):
    """A campaign, ad set or ad with what is below it."""

    object: Ref
    status: str
    effective_status: str
    budget: Money | None = None
    budget_field: Field | None = None
    below: "tuple[Branch, ...]" = ()


class KnownAccount(Struct, frozen=True, kw_only=True):
    """An ad account that was polled, and when last."""

    id: str
    name: str
    currency: str
    timezone: str
    last_poll: datetime


class RuleCount(Struct, frozen=True, kw_only=True):
    """How often a rule has spoken, and what became of it."""

    rule: str
    fired: int  # changes in plans, also the same one again
    last: datetime | None
    applied: int
    undone: int


class Event(Struct, frozen=True, kw_only=True):
    """Something new: an entry of the log, or how a job or the red button now stands."""

    cursor: int  # of the log: what comes after it has not been told yet
    kind: Literal["activity", "job", "hold"]
    activity: Activity | None = None
    job: Job | None = None
    hold: Hold | None = None  # None with the kind hold: it is released


class Connection(Struct, frozen=True, kw_only=True):
    """Whom we are at Meta, by one token; the token itself lies in the vault under the id."""

    id: str
    graph_url: str
    kind: Literal["user", "system_user"]
    user_id: str
    user_name: str
    app_id: str
    scopes: tuple[str, ...]
    accounts: tuple[str, ...]
    made_at: datetime
    expires_at: datetime | None = None  # of the token; None for never
    data_until: datetime | None = None  # then a person has to agree anew

    @property
    def ends_at(self) -> datetime | None:
        """When the token or the agreement ends, whichever is first; None for never."""
        return min((moment for moment in (self.expires_at, self.data_until) if moment), default=None)

    @property
    def days_left(self) -> int | None:
        """Whole days from when it was made until it ends; None for never."""
        return (self.ends_at - self.made_at).days if self.ends_at else None

    def days_to(self, now: datetime) -> int | None:
        """The days until it ends by the calendar of `now`, 0 for today, below 0 once it has; None for never."""
        if self.ends_at is None:
            return None
        return -1 if self.ends_at <= now else (self.ends_at.astimezone(now.tzinfo).date() - now.date()).days

    def ending(self, now: datetime) -> str:
        """When it ends: `never ends`, `ends in 14 days`, `ends tomorrow`, `ends today`, `has ended`."""
        days = self.days_to(now)
        if days is None:
            return "never ends"
        return {-1: "has ended", 0: "ends today", 1: "ends tomorrow"}.get(days, f"ends in {days} days")


Concern: TypeAlias = Literal["changes", "approvals", "troubles", "launches", "digest"]


class Channel(Struct, frozen=True, kw_only=True):
    """Where somebody is told things, what of, and when not: a stretch of the account's day, in minutes of it."""

    id: str
    service: str
    shown: str  # its URL, without what is secret
    concerns: tuple[Concern, ...]
    quiet: tuple[int, int] | None = None  # from, until; troubles are told all the same


class Message(Struct, frozen=True, kw_only=True):
    """What one channel is told at once."""

    channel: str
    title: str
    text: str
    level: Literal["info", "warning", "error"]


def digest(account: str, moment: datetime, expires: datetime, origin: Origin, changes: tuple[Change, ...]) -> str:
    """Sixteen hex digits over what an approval is given for; the moment makes a plan that recurs another plan."""
    text = msgspec.json.encode([account, moment, expires, origin, changes])
    return hashlib.sha256(text).hexdigest()[:16]
