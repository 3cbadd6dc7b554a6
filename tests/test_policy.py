"""A policy file: each field reads back, and each bad value says the file, the place and what is allowed."""

import tomllib
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from adopt.errors import Invalid
from adopt.model import WINDOWS, Currency
from adopt.policy import (
    Decision,
    Guardrails,
    Matcher,
    Policy,
    Preset,
    Rule,
    Share,
    Span,
    Target,
    Window,
    load,
    render,
    with_target,
)

RULE = "[[rule]]\nname = 'a'\n"
TARGET = '[target]\ncpa = "30.00"\n'


def read(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "act_1.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


# -- what reads back ----------------------------------------------------------------------------


def test_a_target_is_all_a_policy_needs(tmp_path: Path) -> None:
    assert read(tmp_path, TARGET) == Policy(target=Target(cpa=Decimal("30.00")))


@pytest.mark.parametrize("target", [Target(cpa=Decimal("30.00")), Target(roas=Decimal("2.5"), result="lead")])
@pytest.mark.parametrize("attribution", [*get_args(Window), "account"])
def test_the_file_that_init_writes_is_the_default_policy(tmp_path: Path, target: Target, attribution: Any) -> None:
    target = replace(target, attribution=attribution)
    assert read(tmp_path, render("act_1", target)) == Policy(target=target)


def test_the_file_that_init_writes_names_every_field_that_has_a_default(tmp_path: Path) -> None:
    text = render("act_1", Target(cpa=Decimal(30)))
    unsaid = {
        "confidence",
        "window",
        "min_clicks",
        "min_spend",
        "one_look_a_day",
        "revive_every",
        "worse_than",
        "better_than",
    }
    fields = {*Decision.__struct_fields__, *Guardrails.__struct_fields__} - unsaid
    assert [name for name in sorted(fields) if f"{name} = " not in text] == []
    assert read(tmp_path, text.replace("\n# m", "\nm")).guardrails.max_daily_budget == Decimal(500)


quoted = st.text(st.characters(exclude_characters="'\n\r", exclude_categories=["Cs", "Cc"]), max_size=8)
matchers = st.builds(
    lambda field, value: Matcher.parse(f"{field} == '{value}'"), st.sampled_from(["name", "id", "campaign"]), quoted
)
shares = st.integers(0, 99_999_999).map(lambda n: Share(n, 1_000_000))
minutes = st.integers(0, 9_999).map(lambda n: Span(minutes=n))
windows = st.one_of(st.integers(1, 9_999).map(lambda n: Span(days=n)), st.just(Span(weeks=4)))
amounts = st.one_of(st.none(), st.decimals("0.01", 10**9, places=2))
goals = st.decimals("0.0001", 10**9, places=4)
rules = st.lists(st.builds(Rule, name=quoted, use=st.sampled_from(get_args(Preset))), max_size=4).map(tuple)


@st.composite
def any_policy(draw: st.DrawFn) -> Policy:
    floor, ceiling = draw(amounts), draw(amounts)
    if floor and ceiling and floor > ceiling:
        floor, ceiling = ceiling, floor
    goal = draw(st.sampled_from(["cpa", "roas"]))
    return Policy(
        target=Target(
            **{goal: draw(goals)},
            result=draw(st.sampled_from(["purchase", "lead", "offsite_conversion.custom.123"])),
            attribution=draw(st.sampled_from([*get_args(Window), "account"])),
        ),
        decision=Decision(
            confidence=draw(st.floats(0.5, 0.9999)),
            window=draw(windows),
            min_clicks=draw(st.integers(0, 10**6)),
            min_spend=draw(st.floats(0, 1000)),
            one_look_a_day=draw(st.booleans()),
            autonomy=draw(st.sampled_from(["apply", "approve", "shadow"])),
        ),
        guardrails=Guardrails(
            never_touch=tuple(draw(st.lists(matchers, max_size=3))),
            min_daily_budget=floor,
            max_daily_budget=ceiling,
            max_account_daily_budget=draw(amounts),
            **{name: draw(shares) for name in ("max_step", "max_step_24h", "max_account_step_24h")},
            max_changes_per_plan=draw(shares),
            **{name: draw(minutes) for name in ("min_age", "cooldown", "revive_every")},
        ),
        rule=draw(rules),
    )


def written(value: object) -> str:
    """A value as TOML text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(written(one) for one in value)}]"
    if isinstance(value, Rule):
        return f"{{name = {written(value.name)}, use = {written(value.use)}}}"
    if isinstance(value, int | float) and not isinstance(value, Fraction):
        return repr(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def as_toml(policy: Policy) -> str:
    """A whole policy as TOML text."""
    lines = [f"rule = {written(policy.rule)}"]
    for table in ("target", "decision", "guardrails"):
        known = {name: value for name, value in asdict(getattr(policy, table)).items() if value is not None}
        lines += [f"[{table}]", *(f"{name} = {written(value)}" for name, value in known.items())]
    return "\n".join(lines)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_policy())
def test_every_field_reads_back_from_toml(tmp_path: Path, policy: Policy) -> None:
    assert read(tmp_path, as_toml(policy)) == policy


def test_a_file_saved_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, f"\ufeff{TARGET}").target == Target(cpa=Decimal("30.00"))


def test_amounts_may_stand_without_quotes(tmp_path: Path) -> None:
    assert read(tmp_path, "[target]\ncpa = 30.50\n").target.cpa == Decimal("30.50")
    assert read(tmp_path, "[target]\nroas = 2\n").target.roas == Decimal(2)


# -- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "allowed"),
    [
        ("", "missing required field `target`", "target, decision, guardrails, schedule, rule"),
        ("[target]\n", "$.target", "exactly one of cpa and roas"),
        ('[target]\ncpa = "3"\nroas = "2"\n', "$.target", "exactly one of cpa and roas"),
        ('[target]\ncpa = "0"\n', "$.target", "an amount above 0"),
        ('[target]\ncpa = "-3"\n', "$.target", "an amount above 0"),
        ('[target]\ncpa = "nan"\n', "$.target", "an amount above 0"),
        ('[target]\ncpa = "inf"\n', "$.target", "an amount above 0"),
        ("[target]\nroas = nan\n", "$.target", "an amount above 0"),
        ('[target]\ncpa = "thirty"\n', "$.target.cpa", 'like "30.00"'),
        ("[target]\ncpa = true\n", "$.target.cpa", 'like "30.00"'),
        ('[target]\ncpa = "3"\nattribution = "14d"\n', "$.target.attribution", ", ".join([*WINDOWS, "account"])),
        ('[target]\ncpa = "3"\nresult = 3\n', "$.target.result", "Expected `str`"),
        ('[target]\ncpa = "3"\ntarget = 3\n', "$.target", "cpa, roas, result, attribution"),
        ("target = 3\n", "$.target", "Expected `object`"),
        (f'{TARGET}[decision]\nmethod = "bayes"\n', "$.decision.method", "allowed: evidence, account, wilson"),
        (f'{TARGET}[decision]\nautonomy = "perhaps"\n', "$.decision.autonomy", "apply, approve, shadow"),
        (f"{TARGET}[decision]\nconfidence = 95\n", "$.decision", "for example 0.95"),
        (f"{TARGET}[decision]\nconfidence = nan\n", "$.decision", "for example 0.95"),
        (f'{TARGET}[decision]\nwindow = "28"\n', "$.decision.window", "30m, 12h, 3d or 2w"),
        (f"{TARGET}[decision]\nwindow = 28\n", "$.decision.window", "30m, 12h, 3d or 2w"),
        (f'{TARGET}[decision]\nwindow = "23h"\n', "$.decision", "for example 28d"),
        (f"{TARGET}[decision]\nmin_clicks = -1\n", "$.decision", "min_clicks and min_spend must be 0 or more"),
        (f"{TARGET}[decision]\nmin_clicks = 1.5\n", "$.decision.min_clicks", "Expected `int`"),
        (f"{TARGET}[decision]\nmin_spend = inf\n", "$.decision", "min_clicks and min_spend must be 0 or more"),
        (f"{TARGET}[decision]\nmin_spend = nan\n", "$.decision", "min_clicks and min_spend must be 0 or more"),
        (f"{TARGET}[decision]\nalpha = 5\n", "$.decision", "for example 0.05"),
        (f"{TARGET}[decision]\npower = 0.8\n", "$.decision", ", ".join(Decision.__struct_fields__)),
        (f'{TARGET}[guardrails]\nmax_step = "20"\n', "$.guardrails.max_step", "20% or 12.5%"),
        (f'{TARGET}[guardrails]\nmax_step = "-20%"\n', "$.guardrails.max_step", "20% or 12.5%"),
        (f'{TARGET}[guardrails]\nmin_age = "3 days"\n', "$.guardrails.min_age", "30m, 12h, 3d or 2w"),
        (f'{TARGET}[guardrails]\nmax_daily_budget = "x"\n', "$.guardrails.max_daily_budget", 'like "30.00"'),
        (f'{TARGET}[guardrails]\nmax_daily_budget = "nan"\n', "$.guardrails", "max_daily_budget must be an amount"),
        (f'{TARGET}[guardrails]\nmin_daily_budget = "-1"\n', "$.guardrails", "min_daily_budget must be an amount"),
        (
            f'{TARGET}[guardrails]\nmin_daily_budget = "9"\nmax_daily_budget = "8"\n',
            "$.guardrails",
            "min_daily_budget must not be above max_daily_budget",
        ),
        (f'{TARGET}[guardrails]\nnever_touch = ["DNT"]\n', "$.guardrails.never_touch[0]", "\"name ~ 'DNT'\""),
        (f"{TARGET}[guardrails]\nnever_touch = [\"name ~ '['\"]\n", "never_touch[0]", "no regular expression"),
        (f'{TARGET}[guardrails]\nnever_touch = "DNT"\n', "$.guardrails.never_touch", "Expected `array`"),
        (f'{TARGET}[guardrails]\nmax_stepp = "2%"\n', "$.guardrails", ", ".join(Guardrails.__struct_fields__)),
        (f'{TARGET}[[rule]]\nname = "a"\nuse = "surfing"\n', "$.rule[0].use", "safe-stop, revive"),
        (f'{TARGET}[[rule]]\nname = "a"\nuse = "surfing"\n', "$.rule[0].use", "classic-2x, classic-2x-rolling"),
        (f'{TARGET}[[rule]]\nuse = "revive"\n', "$.rule[0]", "allowed: name, use"),
        (f'{TARGET}[[rule]]\nname = "a"\nuse = "revive"\nwhen = "x"\n', "$.rule[0]", "a rule takes use ="),
        (f'{TARGET}[[rule]]\nname = "a"\nwhen = "spend > 1"\n', "$.rule[0]", "a rule takes use ="),
        (f'{TARGET}[[rule]]\nname = "a"\n', "$.rule[0]", "a rule takes use ="),
        (f'{TARGET}[[rule]]\nname = "a"\nuse = "revive"\nevery = "1d"\n', "$.rule[0]", "takes no every"),
        (f'{TARGET}[[rule]]\nname = "a"\nuse = "s1"\n', "rule 'a'", "when, column 10: a ratio (roas(3d))"),
        (f'{TARGET}{RULE}when = "spnd > 1"\ndo = "pause"\n', "rule 'a': when, column 1", "did you mean spend?"),
        (f'{TARGET}{RULE}when = "spend > 1"\ndo = "stop"\n', "rule 'a': do, column 1", "pause, throttle"),
        (
            f'{TARGET}{RULE}when = "spend > 1"\ndo = "pause"\nschedule = "8-9"\n',
            "rule 'a': schedule, column 1",
            "mon-fri 06:00-20:00",
        ),
        (f"rule = 3\n{TARGET}", "$.rule", "Expected `array`"),
        (f"{TARGET}[rules]\n", "unknown field `rules`", "target, decision, guardrails, schedule, rule"),
        ("not toml", "line 1, column 5", "Expected '='"),
    ],
)
def test_a_bad_value_says_the_file_the_place_and_what_is_allowed(
    tmp_path: Path, text: str, place: str, allowed: str
) -> None:
    with pytest.raises(Invalid) as caught:
        read(tmp_path, text)
    path = tmp_path / "act_1.toml"
    assert str(caught.value).startswith(f"{path}: ")
    assert (place in str(caught.value), allowed in str(caught.value)) == (True, True), caught.value
    assert caught.value.try_next == f"edit {path}"


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        load(tmp_path / "act_1.toml")
    assert caught.value.message == f"there is no policy at {tmp_path}/act_1.toml"
    assert caught.value.try_next == "adopt init, or pass --target-cpa or --target-roas"


def test_what_is_no_text_file_is_invalid(tmp_path: Path) -> None:
    path = tmp_path / "act_1.toml"
    path.write_bytes(b"\xff\xfe[")
    with pytest.raises(Invalid, match="utf-8"):
        load(path)
    with pytest.raises(Invalid, match="Is a directory"):
        load(tmp_path)


# -- the small languages ------------------------------------------------------------------------


@given(minutes)
def test_a_length_of_time_reads_back(span: Span) -> None:
    assert Span.parse(str(span)) == span


@given(shares)
def test_a_share_reads_back(share: Share) -> None:
    assert Share.parse(str(share)) == share


@pytest.mark.parametrize(
    ("text", "span"),
    [("30m", timedelta(minutes=30)), ("12h", timedelta(hours=12)), ("3d", timedelta(3)), (" 2w ", timedelta(14))],
)
def test_a_length_of_time_is_a_number_and_a_unit(text: str, span: timedelta) -> None:
    assert Span.parse(text) == span


@pytest.mark.parametrize("text", ["", "3", "d", "-3d", "3 d", "1.5h", "3y", "99999d", 3, None])
def test_what_is_no_length_of_time_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="write for example 30m, 12h, 3d or 2w"):
        Span.parse(text)


@pytest.mark.parametrize(("text", "share"), [("20%", Fraction(1, 5)), ("12.5 %", Fraction(1, 8)), ("0%", Fraction(0))])
def test_a_share_is_exact(text: str, share: Fraction) -> None:
    assert Share.parse(text) == share


@pytest.mark.parametrize(
    ("text", "values", "meant"),
    [
        ("name ~ 'DNT'", ("my DNT set",), True),
        ("name ~ 'dnt'", ("my DNT set",), False),
        ("name ~ '(?i)dnt'", ("my DNT set",), True),
        ("name ~ '^$'", ("",), True),
        ("name == 'DNT'", ("my DNT set",), False),
        ("name == 'it's'", ("it's",), True),
        ('name == "🔒"', ("🔒",), True),
        ("campaign == 'b'", ("a", "b"), True),
        (" id=='238' ", ("238",), True),
        ("name == ''", (), False),
    ],
)
def test_a_matcher_means_what_it_says(text: str, values: tuple[str, ...], meant: bool) -> None:  # noqa: FBT001
    assert Matcher.parse(text).matches(*values) is meant


@pytest.mark.parametrize(
    ("target", "code", "shown"),
    [
        (Target(cpa=Decimal(30)), "USD", "CPA $30.00"),
        (Target(cpa=Decimal(3000)), "JPY", "CPA ¥3,000"),
        (Target(roas=Decimal("2.5")), "USD", "ROAS 2.50"),
    ],
)
def test_a_target_is_shown_in_the_account_s_currency(target: Target, code: str, shown: str) -> None:
    assert target.show(Currency(code)) == shown


def test_each_ad_set_s_own_attribution_is_read_from_meta_s_default_column() -> None:
    assert Target(cpa=Decimal(1), attribution="account").window == "default"
    assert Target(cpa=Decimal(1), attribution="1d_view").window == "1d_view"


# -- a target from the command line -------------------------------------------------------------


def test_a_target_from_the_command_line_keeps_the_rest_of_the_policy() -> None:
    kept = Policy(target=Target(cpa=Decimal(3), result="lead", attribution="1d_view"), rule=())
    assert with_target(kept, cpa=None, roas="2") == Policy(
        target=Target(roas=Decimal(2), result="lead", attribution="1d_view"), rule=()
    )
    assert with_target(None, cpa="30", roas=None) == Policy(target=Target(cpa=Decimal(30)))
    assert with_target(kept, cpa=None, roas=None) is kept
    assert with_target(None, cpa=None, roas=None) is None


@pytest.mark.parametrize("text", ["", "abc", "0", "-1", "nan", "inf", "-Infinity", "sNaN", "$30", "1,000"])
def test_what_is_no_target_on_the_command_line_is_named(text: str) -> None:
    for given_as in ("cpa", "roas"):
        with pytest.raises(Invalid) as caught:
            with_target(None, **{"cpa": None, "roas": None, given_as: text})
        assert caught.value.message.startswith(f"--target-{given_as} {text}: not a target; a number above 0")


def test_two_targets_on_the_command_line_are_one_too_many() -> None:
    with pytest.raises(Invalid, match="only one of the two"):
        with_target(None, cpa="3", roas="2")


def test_the_template_is_toml_that_other_programs_read() -> None:
    found = tomllib.loads(render("act_1", Target(cpa=Decimal(30))))
    assert list(found) == ["target", "decision", "guardrails", "rule"]
