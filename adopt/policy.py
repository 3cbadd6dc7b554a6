"""One account's policy: what good means, how it is decided, which rules act, inside which guardrails.

Read from `config/policy/act_ID.toml`; every error says the file, the place and what would be allowed.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args, get_type_hints

import msgspec
from msgspec import Struct

from adopt.errors import Invalid
from adopt.language.recipes import RECIPES, RecipeName
from adopt.model import Currency

if TYPE_CHECKING:  # the language is loaded where a rule is written in it
    from adopt.language.checking import About
    from adopt.language.spoken import Spoken

Window: TypeAlias = Literal["default", "1d_click", "7d_click", "28d_click", "1d_view", "1d_ev"]
Preset: TypeAlias = Literal["safe-stop", "revive", "throttle", "scale-20", "allocate"]

_RULE_IS = 'a rule takes use = "a preset", or when = "a condition" and do = "an action"'
_HORIZONS = (10, 1_000)  # expected results: below, next to nothing could be proven; above, next to nothing is gained
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Span(timedelta):
    """A length of time as a policy writes it: `30m`, `12h`, `3d`, `2w`."""

    @classmethod
    def parse(cls, text: object) -> "Span":
        """The length that the text names; ValueError with what is allowed."""
        match = re.fullmatch(r"(\d{1,4})([mhdw])", str(text).strip())
        if not match:
            raise ValueError(f"{text!r} is no length of time; write for example 30m, 12h, 3d or 2w")
        return cls(**{_UNITS[match[2]]: int(match[1])})

    def __str__(self) -> str:
        seconds = int(self.total_seconds())
        if seconds % 86400 == 0:
            return f"{seconds // 86400}d"
        return f"{seconds // 3600}h" if seconds % 3600 == 0 else f"{seconds // 60}m"


class Share(Fraction):
    """A share as a policy writes it: `20%`, `12.5%`."""

    @classmethod
    def parse(cls, text: object) -> "Share":
        """The share that the text names; ValueError with what is allowed."""
        match = re.fullmatch(r"(\d{1,4}(?:\.\d{1,4})?)\s*%", str(text).strip())
        if not match:
            raise ValueError(f"{text!r} is no share; write for example 20% or 12.5%")
        return cls(Fraction(match[1]) / 100)

    def of(self, amount: int) -> int:
        """This share of an amount of 0 or more, rounded down."""
        return amount * self.numerator // self.denominator

    def __str__(self) -> str:
        return f"{float(self * 100):.8g}%"  # all the digits that parse admits


class Matcher(str):
    """A `never_touch` entry: `name ~ 'regex'`, `name == 'exact'`, likewise `id`, `campaign` (id or name)."""

    __slots__ = ("_pattern", "_value", "field")

    field: Literal["name", "id", "campaign"]
    _value: str
    _pattern: re.Pattern[str] | None

    @classmethod
    def parse(cls, text: object) -> "Matcher":
        """The matcher that the text names; ValueError with what is allowed."""
        match = re.fullmatch(r"\s*(name|id|campaign)\s*(~|==)\s*(['\"])(.*)\3\s*", str(text))
        if not match:
            raise ValueError(
                f"{text!r} is no matcher; write for example \"name ~ 'DNT'\", \"id == '238...'\" "
                "or \"campaign == 'Retargeting'\""
            )
        try:
            pattern = re.compile(match[4]) if match[2] == "~" else None
        except re.error as error:
            raise ValueError(f"{match[4]!r} is no regular expression: {error}") from error
        made = cls(str(text).strip())
        made.field = match[1]  # type: ignore[assignment] # the pattern admits only these
        made._value, made._pattern = match[4], pattern
        return made

    def matches(self, *values: str) -> bool:
        """Whether any of the values is meant."""
        if self._pattern is None:
            return self._value in values
        return any(self._pattern.search(value) for value in values)


class Target(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What good means: exactly one of a CPA in major units and a ROAS."""

    cpa: Decimal | None = None
    roas: Decimal | None = None
    result: str = "purchase"
    attribution: Window | Literal["account"] = "7d_click"

    def __post_init__(self) -> None:
        if (self.cpa is None) == (self.roas is None):
            raise ValueError("a target is exactly one of cpa and roas")
        goal = self.roas if self.cpa is None else self.cpa
        if goal is None or not goal.is_finite() or goal <= 0:
            raise ValueError("a target is an amount above 0, for example 30.00")

    @property
    def window(self) -> Window:
        """The attribution window whose figures are judged."""
        return "default" if self.attribution == "account" else self.attribution

    def show(self, currency: Currency) -> str:
        """The target for a person: `CPA $30.00`, `ROAS 2.50`."""
        if self.cpa is not None:
            return f"CPA {currency.show(currency.parse(self.cpa))}"
        return f"ROAS {self.roas:.2f}"


class Decision(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a verdict is reached, and whether it may act."""

    method: Literal["evidence", "account", "wilson", "threshold"] = "evidence"
    alpha: float = 0.05  # evidence: chance that an ad set which meets its target is ever paused, however often we look
    horizon: int | None = (
        None  # evidence: expected results after which nothing more is proven; before, a pause is sooner
    )
    confidence: float = 0.95  # wilson, as what follows: of its interval, for one look
    window: Span = Span(days=28)  # the days that are judged
    min_clicks: int = 100  # matured link clicks before Wilson judges
    min_spend: float = 3.0  # target CPAs spent before Wilson or the threshold judges
    worse_than: float = 1.5  # threshold: times the target CPA above which it pauses; of a target ROAS, its inverse
    better_than: float = 0.8  # threshold: times the target CPA below which it is good
    one_look_a_day: bool = True  # Wilson's confidence is for one look; more looks a day would break it sooner
    autonomy: Literal["apply", "approve", "shadow"] = "apply"

    @property
    def compares_totals(self) -> bool:
        """Whether it holds the totals of a window against the target, rather than evidence since an epoch began."""
        return self.method in ("wilson", "threshold")

    def __post_init__(self) -> None:
        if not 0 < self.alpha <= 1 / 2:
            raise ValueError("alpha must be above 0 and at most 0.5, for example 0.05")
        if self.horizon is not None and not _HORIZONS[0] <= self.horizon <= _HORIZONS[1]:
            raise ValueError("horizon must be from 10 to 1000 expected results, for example 100")
        if self.horizon is not None and self.method != "evidence":
            raise ValueError(f'horizon belongs to method = "evidence", not to "{self.method}"; leave it out')
        if not 1 / 2 <= self.confidence < 1:
            raise ValueError("confidence must be from 0.5 to below 1, for example 0.95")
        if self.min_clicks < 0 or not 0 <= self.min_spend < inf:
            raise ValueError("min_clicks and min_spend must be 0 or more, for example 100 and 3.0")
        if not 0 < self.better_than <= 1 <= self.worse_than < inf:
            raise ValueError("better_than must be above 0 and at most 1, worse_than 1 or more, for example 0.8 and 1.5")
        if self.window < timedelta(days=1):
            raise ValueError("window must be a day or more, for example 28d")


class Guardrails(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What stands between plan and apply."""

    never_touch: tuple[Matcher, ...] = ()
    min_daily_budget: Decimal | None = None  # an ad set's, major units
    max_daily_budget: Decimal | None = None
    max_account_daily_budget: Decimal | None = None  # the sum of all running daily budgets
    max_step: Share = Share(1, 5)  # an increase, per change
    max_step_24h: Share = Share(1, 2)  # an ad set's increase over 24 hours
    max_account_step_24h: Share = Share(1, 5)  # the account's increase over 24 hours
    max_changes_per_plan: Share = Share(3, 10)  # of the ad sets the account runs; at least one
    min_age: Span = Span(days=3)
    cooldown: Span = Span(hours=24)  # between our budget changes of one ad set
    revive_every: Span = Span(days=3)

    def __post_init__(self) -> None:
        named = ("min_daily_budget", "max_daily_budget", "max_account_daily_budget")
        for name in named:
            amount = getattr(self, name)
            if amount is not None and not (amount.is_finite() and amount > 0):
                raise ValueError(f"{name} must be an amount above 0, for example 5.00")
        if self.min_daily_budget and self.max_daily_budget and self.min_daily_budget > self.max_daily_budget:
            raise ValueError("min_daily_budget must not be above max_daily_budget")


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A preset or a recipe by its name, or a condition and what to do where it holds: only listed rules act."""

    name: str
    use: Literal[Preset, RecipeName] | None = None
    when: str | None = None
    do: str | None = None
    every: Span | None = None  # since our last change of an object
    schedule: str | None = None  # hours of the account's wall clock
    probe: bool = True  # revive: what adopt paused is tried again after 14, 28 and 56 days

    def __post_init__(self) -> None:
        if not self.probe and self.use != "revive":
            raise ValueError(f'rule {self.name!r}: probe belongs to a rule with use = "revive"')
        written = self.when is not None and self.do is not None
        if (self.use is not None) == written or (self.when is None) != (self.do is None):
            raise ValueError(f"rule {self.name!r}: {_RULE_IS}")
        if self.use is not None and self.use not in RECIPES and (self.every or self.schedule):
            raise ValueError(f"rule {self.name!r}: {self.use} has its own pace and takes no every and no schedule")

    def spoken(self, about: "About") -> "Spoken | None":
        """What a written rule or a recipe says; None for a preset, which knows more than the language."""
        if self.use is not None and self.use not in RECIPES:
            return None
        from adopt.language.spoken import read

        if self.when is not None and self.do is not None:
            return read(self.when, self.do, self.schedule, about)
        recipe = RECIPES.get(self.use) if self.use else None
        if recipe is None:
            return None
        condition = recipe.condition(roas=about.target == "ratio")
        return read(condition, recipe.do, self.schedule or recipe.schedule, about)

    @property
    def pace(self) -> Span | None:
        """How long it leaves an object alone after our last change of it."""
        recipe = RECIPES.get(self.use) if self.use else None
        return self.every or (Span.parse(recipe.every) if recipe and recipe.every else None)


class Schedule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When the daemon does what: `4h`, a cron expression of five fields in the account's zone, or `off`."""

    optimize: str = "4h"
    poll: str = "1h"
    check: str = "1d"  # the token, and what the doctor examines
    digest: str = "0 8 * * *"  # of the day before, for who asked to hear it

    def __post_init__(self) -> None:
        for name, text in self.slots.items():
            if len(text.split()) != 1:
                if not re.fullmatch(r"[\d*,/a-z-]+( [\d*,/a-z-]+){4}", text, re.IGNORECASE):
                    raise ValueError(f'{name}: {text!r} is no schedule; "4h", "0 6 * * 1" as in cron, or "off"')
            elif Span.parse(text) < timedelta(minutes=5):
                raise ValueError(f"{name}: {text!r} is too often; 5m is the least")

    @property
    def slots(self) -> dict[str, str]:
        """What is done by time, and when; without what is off."""
        named = {"optimize": self.optimize, "poll": self.poll, "check": self.check, "digest": self.digest}
        return {name: text for name, text in named.items() if text != "off"}


class Policy(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Target, decision, guardrails, schedule and rules of one account."""

    target: Target
    decision: Decision = Decision()
    guardrails: Guardrails = Guardrails()
    schedule: Schedule = Schedule()
    rule: tuple[Rule, ...] = (
        Rule(name="stop losers", use="safe-stop"),
        Rule(name="bring back", use="revive"),
        Rule(name="doubt", use="throttle"),
        Rule(name="move budgets", use="allocate"),
    )

    def __post_init__(self) -> None:
        if self.decision.horizon is not None and self.target.cpa is None:
            raise ValueError("decision.horizon takes a target cpa: its chance is exact for results, not for revenue")
        for rule in self.rule:
            if rule.use is None or rule.use in RECIPES:
                self._require_spoken(rule)

    def _require_spoken(self, rule: Rule) -> None:
        try:
            rule.spoken(self.about)
        except Invalid as error:
            raise ValueError(f"rule {rule.name!r}: {error.message}") from None

    def rules_using(self, *uses: str) -> frozenset[str]:
        """The names of the rules that use some presets."""
        return frozenset(rule.name for rule in self.rule if rule.use in uses)

    @property
    def about(self) -> "About":
        """What the rules are checked against."""
        from adopt.language.checking import About

        return About("money" if self.target.cpa is not None else "ratio", self.target.result)


def load(path: Path) -> Policy:
    """The policy in a file; Invalid with the place and what would be allowed."""
    try:
        return msgspec.toml.decode(path.read_text("utf-8-sig"), type=Policy, dec_hook=_decode)
    except FileNotFoundError:
        raise Invalid(
            f"there is no policy at {path}", try_next="adopt init, or pass --target-cpa or --target-roas"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise Invalid(f"{path}: {_allowed(str(error))}", try_next=f"edit {path}") from error


def with_target(policy: Policy | None, *, cpa: str | None, roas: str | None) -> Policy | None:
    """The policy with another target; the default policy around a target where there is no file."""
    if cpa is None and roas is None:
        return policy
    kept = policy.target if policy else Target(cpa=Decimal(1))
    try:
        target = Target(
            cpa=Decimal(cpa) if cpa is not None else None,
            roas=Decimal(roas) if roas is not None else None,
            result=kept.result,
            attribution=kept.attribution,
        )
    except (ValueError, ArithmeticError) as error:
        given = f"--target-cpa {cpa}" if cpa is not None else f"--target-roas {roas}"
        raise Invalid(f"{given}: not a target; a number above 0 is allowed, and only one of the two") from error
    try:
        return msgspec.structs.replace(policy, target=target) if policy else Policy(target=target)
    except ValueError as error:
        raise Invalid(str(error), try_next="a target of the policy's own kind, or edit its rules") from error


TEMPLATE = """\
# The policy of {account}. `adopt plan` shows what it would do; nothing acts but the rules listed here.

[target]                        # what "good" means: exactly one of cpa, roas
{target}
result = "{result}"           # the result type that counts
attribution = "{attribution}"      # or 1d_click, 28d_click, 1d_view, 1d_ev, "account" (each ad set's own)

[decision]
method = "evidence"             # may look at any time; or "account", "wilson" for one look a day, or
                                # "threshold": CPA after min_spend, as ad managers do it, without a promise
alpha = {alpha}                    # chance that an ad set which meets its target is ever paused
# horizon = 100                 # with a target cpa: losers are proven sooner, by a threshold that holds for the first
                                # 100 expected results; what is not proven by then is only throttled
autonomy = "apply"              # "approve": a plan waits for `adopt apply ID`; "shadow": nothing is
                                # written, and `adopt rule score` shows what would have been right

[guardrails]
never_touch = []                # for example ["name ~ 'DNT'", "campaign == 'Retargeting'"]
# min_daily_budget = "5.00"     # an ad set's floor and ceiling, in the account's currency
# max_daily_budget = "500.00"
# max_account_daily_budget = "2000.00"
max_step = "20%"                # an increase, per change
max_step_24h = "50%"            # and in 24 hours, an ad set
max_account_step_24h = "20%"    # and in 24 hours, the account
max_changes_per_plan = "30%"    # of the ad sets the account runs; at least one
min_age = "3d"
cooldown = "24h"

[[rule]]
name = "stop losers"
use = "safe-stop"               # pause what is worse than the target

[[rule]]
name = "bring back"
use = "revive"                  # only what adopt itself paused, with a quarter of its budget at first
# probe = false                 # unless this is set, it also tries again, with a twentieth of the budget,
                                # 14 days after a first pause, 28 after a second and 56 after a third

[[rule]]
name = "doubt"
use = "throttle"                # cut the budget of what is probably worse than the target, and give it back

[[rule]]
name = "move budgets"
use = "allocate"                # move daily budgets to where the next unit of money earns most, 20% a day
"""


def render(account: str, target: Target) -> str:
    """The policy file that `adopt init` writes for a target."""
    line = f'cpa = "{target.cpa}"' if target.cpa is not None else f'roas = "{target.roas}"'
    return TEMPLATE.format(
        account=account,
        target=line,
        result=target.result,
        attribution=target.attribution,
        alpha=Decision().alpha,
    )


def _decode(kind: type, value: Any) -> Any:
    if issubclass(kind, Span | Share | Matcher):
        return kind.parse(value)
    raise NotImplementedError(kind)


def _allowed(message: str) -> str:
    """The decoder's message, in which it only says what is wrong, with what would be allowed there."""
    place = re.search(r"at `\$\.?([^`]*)`", message)
    path = re.findall(r"[a-z_0-9]+", re.sub(r"\[\d+\]", "", place[1])) if place else []
    if re.search(r"unknown field|missing required field", message):
        return f"{message}; allowed: {', '.join(_at(path).__struct_fields__)}"
    if "enum value" in message:
        return f"{message}; allowed: {', '.join(_choices(get_type_hints(_at(path[:-1]))[path[-1]]))}"
    if "decimal" in message:
        return f'{message}; write an amount like "30.00"'
    return message


def _at(path: Sequence[str]) -> type[Struct]:
    """The table of a policy that a path leads to."""
    tables: dict[str, type[Struct]] = {
        "target": Target,
        "decision": Decision,
        "guardrails": Guardrails,
        "schedule": Schedule,
        "rule": Rule,
    }
    return tables[path[0]] if path else Policy


def _choices(annotation: Any) -> list[str]:
    """The literal values that an annotation admits."""
    known = [one for one in get_args(annotation) if one is not type(None)]
    found = [_choices(one) if get_args(one) else [str(one)] for one in known]
    return [choice for choices in found for choice in choices]
