"""The rule language: what can be said, what cannot and why, and when a schedule holds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adopt.language.actions import parse_action
from adopt.language.checking import About, check
from adopt.language.figures import ANYTIME, FIGURES, MEASURED, allowed_parts
from adopt.language.parser import parse
from adopt.language.recipes import RECIPES, UNSAYABLE
from adopt.language.schedules import Schedule
from adopt.language.syntax import Binary, Figure, Length, Node, Number, Rank, Scope, Text, Unary, Unreadable, show

CPA, ROAS = About("money"), About("ratio")

# -- parsing ------------------------------------------------------------------------------------

windows = st.sampled_from(
    ["", "today", "yesterday", "3d", "prior_3d", "mature_7d", "lifetime", "since_change", "first_7d"]
)
words = st.text(st.characters(codec="utf-8", exclude_characters="\n\r'\""), min_size=1, max_size=8)
figures = st.builds(
    lambda name, window, key, part: Figure(name, part, window, key if name == "actions" else ""),
    st.sampled_from([*FIGURES, "frequency", "nonsense"]),
    windows,
    words,
    st.sampled_from(["", "campaign", "account", "wilson_high", "low"]),
)
atoms = st.one_of(
    st.sampled_from(["0", "2", "0.7", "20%", ".5", "1000.25"]).map(Number),
    st.sampled_from(["36h", "3d", "2w"]).map(Length),
    words.map(Text),
    figures,
    st.builds(Rank, figures, st.sampled_from(get_args(Scope))),
)


def compound(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Trees that join others by any sign."""
    signs = ["+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "~", "and", "or"]
    return st.one_of(
        st.builds(Unary, st.sampled_from(["-", "not"]), parts), st.builds(Binary, st.sampled_from(signs), parts, parts)
    )


trees = st.recursive(atoms, compound, max_leaves=12)
SIGNS = [*"()[]'\"<=~+-*/.,", "==", "and", "or", "not", "rank", "since", "'first'", "actions['purchase']"]
pieces = st.sampled_from([*FIGURES, *SIGNS, "1", "7d", "20%", " ", "\n", "é", "\x00", "cpa(3d)", "1e9"])


@given(trees)
def test_a_tree_is_what_its_text_says(tree: Node) -> None:
    assert parse(show(tree)) == tree


@given(st.one_of(st.text(max_size=60), st.lists(pieces, max_size=30).map(" ".join), st.lists(pieces).map("".join)))
def test_any_text_is_a_condition_or_says_where_it_is_none(text: str) -> None:
    assert column_of(lambda: check(parse(text), CPA)) in range(max(len(text), 1) + 1)


@given(trees)
def test_any_tree_means_something_or_says_where_it_does_not(tree: Node) -> None:
    text = show(tree)
    assert column_of(lambda: check(parse(text), ROAS)) in range(max(len(text), 1) + 1)


@pytest.mark.parametrize("text", ["(" * 5000, "not " * 5000, "-" * 5000 + "1", "1" + " + 1" * 5000, "'" * 5000])
def test_a_text_without_end_is_refused_and_not_recursed_into(text: str) -> None:
    with pytest.raises(Unreadable):
        parse(text)


def test_signs_bind_as_in_arithmetic() -> None:
    assert parse("1 + 2 * 3 < 4 and not 5 > 6 or 7 > 8") == parse("(((1 + (2 * 3)) < 4) and (not (5 > 6))) or (7 > 8)")
    assert parse("1 - 2 - 3 > 0") == parse("(1 - 2) - 3 > 0")
    assert parse("-1 * 2 < 3") == parse("(-1) * 2 < 3")


def test_nodes_know_their_columns() -> None:
    tree = parse("spend(3d) > 2 * target")
    assert isinstance(tree, Binary)
    assert (tree.at, tree.left.at, tree.right.at) == (11, 1, 15)


# -- meaning ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("cpa.wilson_low > target and spend(3d) > 2 * target and not learning", CPA),
        ("roas.wilson_high < target", ROAS),
        ("roas.high < target and p_good < 10%", ROAS),
        ("cpa.high < target and e_value < 5", CPA),
        ("spend / results > cpa.account(7d) * 1.5", CPA),
        ("spend(today) / budget > 80%", CPA),
        ("budget * age > 100 + 50", CPA),
        ("results(7d) / age < 1", CPA),
        ("ctr(7d) < 0.7 * ctr(7d, since='first')", CPA),
        ("rank(roas(7d), 'campaign') <= 3", CPA),
        ("actions['purchase'](3d) == results(3d)", CPA),
        ("name ~ '^DNT' or campaign == 'Retargeting' or status != 'ACTIVE'", CPA),
        ("age >= 36h and age < 2w", CPA),
        ("-spend < 0", CPA),
    ],
)
def test_what_fits_means_something(text: str, about: About) -> None:
    assert show(check(parse(text), about)) == text


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("cpa > roas", 5, "beside money (cpa) may stand money or a number"),
        ("roas > target", 6, "a ratio (roas) cannot be compared with money (target)"),
        ("spend * spend > 3", 7, "cannot be multiplied with"),
        ("2 / spend > 3", 3, "cannot be divided by"),
        ("name * 2 > 3", 6, "cannot be multiplied with"),
        ("status / 2 > 3", 8, "cannot be divided by"),
        ("ctr + results > 2", 5, "a ratio (ctr) cannot be added to a count (results)"),
        ("name + 'x' == 'y'", 6, "cannot be reckoned with"),
        ("age > 3", 5, "beside a length of time (age) may stand a length of time: age, 3d, 36h"),
        ("learning > 3", 10, "may stand and, or"),
        ("name > 'x'", 6, "with == or !="),
        ("spend > 'a'", 7, "a text ('a')"),
        ("cpa", 1, "a condition is a comparison"),
        ("cpa > 1 and spend", 13, "money (spend) is none"),
        ("not cpa", 1, "allowed: a condition"),
        ("-learning == learning", 1, "allowed: a figure or a number"),
        ("spnd > 3", 1, "did you mean spend?"),
        ("xyzzy > 3", 1, "There are spend, impressions"),
        ("target > 1 and frequency > 2", 16, "adopt polls days"),
        ("reach > 2", 1, "adopt polls days"),
        ("roas.low < 2", 1, "allowed: cpa.low without a window, roas.wilson_low"),
        ("cpa.low(7d) < target", 1, "allowed: cpa.low without a window, cpa.wilson_low"),
        ("ctr.low < 1", 1, "allowed: ctr.campaign, ctr.account"),
        ("budget.account > 1", 1, "allowed: budget alone"),
        ("budget(3d) > 2", 1, "has no window"),
        ("cpa(5) > 1", 5, "allowed: today, yesterday, 3d"),
        ("cpa(0d) > 1", 5, "is no window"),
        ("ctr(7d, since='last') > 1", 15, "'first' should stand"),
        ("ctr(today, since='first') > 1", 18, "'first' should stand"),
        ("actions['lead'] > 2", 1, "allowed: actions['purchase'], results"),
        ("actions > 2", 9, "[ should stand"),
        ("actions[purchase] > 2", 9, "actions['purchase']"),
        ("rank(roas, 'ad') < 2", 12, "'campaign' or 'account'"),
        ("rank(budget, 'account') < 2", 6, "budget has no rank"),
        ("rank(cpa.account, 'account') < 2", 6, "rank(cpa, 'account')"),
        ("name ~ '('", 8, "no regular expression"),
        ("'x' ~ name", 5, "matches name"),
        ("1 < 2 < 3", 7, "do not chain"),
        ("cpa = 3", 5, "= where == should stand"),
        ("cpa > 3 spend", 9, "the rule should end"),
        ("name ~ 'x", 8, "no closing '"),
        ("cpa > 1.2.3", 7, "is no number"),
        ("cpa > 3$", 8, "means nothing here"),
        ("", 1, "the end"),
        ("cpa >", 5, "the end"),
        ("cpa.and > 3", 5, "should stand"),
    ],
)
def test_what_does_not_fit_says_where_and_what_would(text: str, column: int, says: str) -> None:
    with pytest.raises(Unreadable) as caught:
        check(parse(text), CPA)
    assert caught.value.column == column
    assert says in caught.value.message


@pytest.mark.parametrize("name", MEASURED)
def test_each_measured_figure_has_windows_and_the_parts_it_names(name: str) -> None:
    called = "actions['purchase']" if name == "actions" else name
    parts = [part for part in allowed_parts(name) if part not in ANYTIME]
    for text in (f"{called}(3d) > 1", *(f"{called}.{part}(3d) > 1" for part in parts)):
        check(parse(text), CPA)


# -- what is done -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("pause", "throttle", "revive", "notify", "tag 'probation'"),
        *("budget +20%", "budget -20%", "budget +5.00", "budget -5.00", "budget = 40.00", "budget = 50%"),
    ],
)
def test_an_action_is_what_its_text_says(text: str) -> None:
    assert parse_action(text).show() == text


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("stop", 1, "allowed: pause"),
        ("", 1, "allowed: pause"),
        ("pause now", 7, "allowed: pause"),
        ("budget", 6, "a budget takes"),
        ("budget 20", 8, "a budget takes"),
        ("budget -100%", 9, "cannot become nothing"),
        ("budget = 0", 10, "cannot become nothing"),
        ("tag", 3, "in quotes"),
    ],
)
def test_an_unknown_action_says_what_is_allowed(text: str, column: int, says: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_action(text)
    assert caught.value.column == column
    assert says in caught.value.message


@given(st.one_of(st.text(max_size=30), st.from_regex(r"(pause|budget|tag) ?[+=-]? ?[\d.'%]*", fullmatch=True)))
def test_any_text_is_an_action_or_says_where_it_is_none(text: str) -> None:
    assert column_of(lambda: parse_action(text)) in range(max(len(text), 1) + 1)


# -- when ---------------------------------------------------------------------------------------


def local(zone: str, *when: int, fold: int = 0) -> datetime:
    """A wall-clock moment in a zone."""
    return datetime(*when, tzinfo=ZoneInfo(zone), fold=fold)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "when", "holds"),
    [
        ("mon-fri 06:00-20:00", (2026, 3, 9, 6, 0), True),
        ("mon-fri 06:00-20:00", (2026, 3, 9, 20, 0), False),
        ("mon-fri 06:00-20:00", (2026, 3, 8, 12, 0), False),
        ("sat-mon 06:00-20:00", (2026, 3, 8, 12, 0), True),
        ("mon,wed 06:00-20:00", (2026, 3, 10, 12, 0), False),
        ("mon,tue-wed 06:00-20:00", (2026, 3, 10, 12, 0), True),
        ("22:00-06:00", (2026, 3, 9, 23, 0), True),
        ("22:00-06:00", (2026, 3, 9, 5, 59), True),
        ("fri 22:00-06:00", (2026, 3, 14, 5, 0), True),
        ("fri 22:00-06:00", (2026, 3, 13, 5, 0), False),
        ("00:00-24:00", (2026, 3, 9, 23, 59), True),
        ("06:00-08:00; 20:00-22:00", (2026, 3, 9, 21, 0), True),
        ("06:00-08:00; 20:00-22:00", (2026, 3, 9, 12, 0), False),
    ],
)
@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin"])
def test_a_schedule_holds_by_the_wall_clock(text: str, when: tuple[int, ...], holds: bool, zone: str) -> None:  # noqa: FBT001
    assert Schedule.parse(text).holds(local(zone, *when)) is holds


@pytest.mark.parametrize(
    ("zone", "spring", "autumn"),
    [
        ("America/New_York", (2026, 3, 8), (2026, 11, 1)),
        ("Europe/Berlin", (2026, 3, 29), (2026, 10, 25)),
    ],
)
def test_a_change_of_summer_time_moves_no_hour_of_a_schedule(
    zone: str, spring: tuple[int, ...], autumn: tuple[int, ...]
) -> None:
    def hours_held(text: str, day: tuple[int, ...]) -> float:
        start = local(zone, *day).astimezone(UTC)
        moments = [(start + timedelta(minutes=15 * n)).astimezone(ZoneInfo(zone)) for n in range(25 * 4)]
        today = [moment for moment in moments if moment.day == day[2]]
        return sum(Schedule.parse(text).holds(moment) for moment in today) / 4

    assert (hours_held("00:00-07:00", spring), hours_held("00:00-07:00", autumn)) == (6, 8)
    assert (hours_held("06:00-20:00", spring), hours_held("06:00-20:00", autumn)) == (14, 14)


@given(st.one_of(st.text(max_size=30), st.from_regex(r"[a-z,-]{0,9} ?\d\d:\d\d-\d\d:\d\d", fullmatch=True)))
def test_any_text_is_a_schedule_or_says_where_it_is_none(text: str) -> None:
    assert column_of(lambda: Schedule.parse(text)) in range(max(len(text), 1) + 1)


# -- recipes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RECIPES)
def test_each_recipe_says_something_under_a_cpa_or_a_roas(name: str) -> None:
    recipe = RECIPES[name]
    parse_action(recipe.do)
    if recipe.schedule:
        Schedule.parse(recipe.schedule)
    assert any(_is_sayable(recipe.condition(roas=about is ROAS), about) for about in (CPA, ROAS))


def test_what_cannot_be_said_is_no_recipe() -> None:
    assert not set(RECIPES) & set(UNSAYABLE)


def _is_sayable(text: str, about: Any) -> bool:
    return column_of(lambda: check(parse(text), about)) == 0


def column_of(read: Callable[[], object]) -> int:
    """The column that is complained of; 0 where there is nothing to complain."""
    try:
        read()
    except Unreadable as error:
        return error.column
    return 0
