from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from engine_accounts import CPA_30, NOW, ordinary
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adopt.engine.judging import judge
from adopt.engine.planning import make_plan
from adopt.model import BudgetMove, Change, Currency, Plan, Ref, digest

WHOLE = ("CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND")
currencies = st.sampled_from(["USD", "EUR", "GBP", "CHF", "INR", "", *WHOLE]).map(Currency)
amounts = st.integers(-(10**15), 10**15)


@pytest.mark.parametrize("code", WHOLE)
def test_meta_s_eleven_currencies_have_no_minor_unit(code: str) -> None:
    assert Currency(code).offset == 1


@pytest.mark.parametrize("code", ["USD", "EUR", "GBP", "CHF", "KWD", "SEK"])
def test_every_other_currency_counts_in_hundredths_at_meta(code: str) -> None:
    assert Currency(code).offset == 100


@given(currencies, amounts)
def test_an_amount_in_major_units_reads_back(currency: Currency, amount: int) -> None:
    back = currency.parse(currency.major(amount))
    assert (back, type(back)) == (amount, int)


@given(currencies, amounts)
def test_an_amount_as_it_is_shown_reads_back(currency: Currency, amount: int) -> None:
    shown = currency.show(amount)
    digits = "".join(letter for letter in shown if letter in "0123456789.-")
    assert currency.parse(digits) == amount


@given(amounts)
def test_a_yen_is_a_minor_unit(amount: int) -> None:
    assert Currency("JPY").parse(amount) * 100 == Currency("USD").parse(amount)


@given(currencies, st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_an_amount_is_the_nearest_minor_unit(currency: Currency, amount: Decimal) -> None:
    minor = currency.parse(amount)
    assert type(minor) is int
    assert abs(Decimal(minor) - amount * currency.offset) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("code", "text", "minor"),
    [
        ("USD", "30", 3000),
        ("USD", "30.00", 3000),
        ("USD", " 30.5 ", 3050),
        ("USD", "-3", -300),
        ("USD", "0.125", 12),
        ("USD", "0.135", 14),
        ("USD", "1e2", 10000),
        ("JPY", "30", 30),
        ("JPY", "30.5", 30),
        ("JPY", "31.5", 32),
    ],
)
def test_an_amount_is_parsed_half_to_even(code: str, text: str, minor: int) -> None:
    assert Currency(code).parse(text) == minor


@pytest.mark.parametrize("text", ["", "abc", "1,000", "$5", "nan", "inf", "-Infinity", "sNaN", "1.2.3", "0x10"])
def test_what_is_no_amount_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="no amount of money"):
        Currency("USD").parse(text)


@pytest.mark.parametrize(
    ("code", "amount", "shown", "major"),
    [
        ("USD", 123450, "$1,234.50", "1234.50"),
        ("USD", -5, "-$0.05", "-0.05"),
        ("EUR", -300, "-€3.00", "-3.00"),
        ("CHF", 1200, "CHF 12.00", "12.00"),
        ("JPY", 1234567, "¥1,234,567", "1234567"),
        ("KRW", -1, "-₩1", "-1"),
        ("USD", 0, "$0.00", "0.00"),
    ],
)
def test_an_amount_is_shown_as_people_write_it(code: str, amount: int, shown: str, major: str) -> None:
    assert (Currency(code).show(amount), Currency(code).major(amount)) == (shown, major)


# -- the digest of a plan -----------------------------------------------------------------------


def a_plan() -> Plan:
    """A plan of two changes with their reasons."""
    seen = ordinary()
    return make_plan(
        seen, judge(seen, CPA_30), replace(CPA_30, guardrails=replace(CPA_30.guardrails, max_changes_per_plan=1))
    )


LATER = NOW + timedelta(days=1)
CHANGE = Change(
    object=Ref(level="adset", id="1", name="One"),
    field="daily_budget",
    before=1000,
    after=1200,
    rule="scale winners",
    sentence="It is good.",
    stake=5,
    trims=("max_step",),
)


START = replace(
    CHANGE,
    field="status",
    before="PAUSED",
    after="ACTIVE",
    budget=BudgetMove(field="daily_budget", before=10_000, after=2_500),
)


def test_a_start_with_a_budget_is_one_change_of_two_fields() -> None:
    assert (START.fields, START.befores, START.afters) == (
        ("status", "daily_budget"),
        ("PAUSED", 10_000),
        ("ACTIVE", 2_500),
    )
    assert START.show(Currency("USD")) == "PAUSED -> ACTIVE, $100.00 -> $25.00 a day"
    assert (CHANGE.fields, CHANGE.befores, CHANGE.afters) == (("daily_budget",), (1_000,), (1_200,))


def test_what_takes_a_change_back_takes_all_of_it_back() -> None:
    back = START.reverse
    assert (back.befores, back.afters) == (START.afters, START.befores)
    assert back.reverse == START
    assert CHANGE.reverse.reverse == CHANGE


def test_the_parts_of_a_change_are_changes_of_one_field() -> None:
    assert [(p.field, p.before, p.after, p.budget) for p in START.parts] == [
        ("status", "PAUSED", "ACTIVE", None),
        ("daily_budget", 10_000, 2_500, None),
    ]
    assert CHANGE.parts == (CHANGE,)


@pytest.mark.parametrize(
    "other",
    [
        replace(CHANGE, object=Ref(level="campaign", id="1", name="One")),
        replace(CHANGE, object=Ref(level="adset", id="2", name="One")),
        replace(CHANGE, object=Ref(level="adset", id="1", name="Two")),
        replace(CHANGE, field="lifetime_budget"),
        replace(CHANGE, before=1001),
        replace(CHANGE, before="1000"),
        replace(CHANGE, after=1201),
        replace(CHANGE, rule="by hand"),
        replace(CHANGE, sentence="It is bad."),
        replace(CHANGE, stake=6),
        replace(CHANGE, trims=()),
        replace(CHANGE, budget=BudgetMove(field="daily_budget", before=1, after=2)),
    ],
)
def test_a_digest_changes_with_anything_in_a_change(other: Change) -> None:
    assert digest("act_1", NOW, LATER, "engine", (CHANGE,)) != digest("act_1", NOW, LATER, "engine", (other,))


def test_a_digest_changes_with_account_moment_expiry_origin_number_and_order() -> None:
    other = replace(CHANGE, after=1300)
    found = {
        digest("act_1", NOW, LATER, "engine", (CHANGE, other)),
        digest("act_1", NOW, LATER, "engine", (other, CHANGE)),
        digest("act_1", NOW, LATER, "engine", (CHANGE,)),
        digest("act_1", NOW, LATER, "engine", ()),
        digest("act_2", NOW, LATER, "engine", (CHANGE,)),
        digest("act_1", NOW + timedelta(microseconds=1), LATER, "engine", (CHANGE,)),
        digest("act_1", NOW, LATER + timedelta(microseconds=1), "engine", (CHANGE,)),
        digest("act_1", NOW, LATER, "person", (CHANGE,)),
        digest("act_1", NOW, LATER, "undo", (CHANGE,)),
    }
    assert len(found) == 9
    assert {len(one) for one in found} == {16}


@given(
    st.builds(
        Change,
        object=st.builds(Ref, level=st.sampled_from(["adset", "campaign"]), id=st.text(), name=st.text()),
        field=st.sampled_from(["status", "daily_budget"]),
        before=st.one_of(st.text(), st.integers(0, 2**53)),
        after=st.one_of(st.text(), st.integers(0, 2**53)),
        rule=st.text(),
        sentence=st.text(),
        stake=st.integers(0, 2**53),
    ),
    st.datetimes(timezones=st.sampled_from([UTC, NOW.tzinfo]), min_value=datetime(2000, 1, 1)),  # noqa: DTZ001
)
def test_a_digest_outlives_json(change: Change, moment: datetime) -> None:
    made = replace(a_plan(), changes=(change,), made_at=moment)
    made = replace(made, id=digest(made.account, moment, made.expires_at, made.origin, made.changes))
    assert msgspec.json.decode(msgspec.json.encode(made), type=Plan).is_intact


def test_a_plan_reads_back_from_json_as_it_was() -> None:
    plan = a_plan()
    text = msgspec.json.encode(plan)
    back = msgspec.json.decode(text, type=Plan)
    assert (back, back.is_intact, msgspec.json.encode(back)) == (plan, True, text)


def test_an_edited_plan_is_not_intact() -> None:
    plan = a_plan()
    assert len(plan.changes) == 2
    first, *rest = plan.changes
    edited = [
        replace(plan, changes=()),
        replace(plan, changes=plan.changes[::-1]),
        replace(plan, changes=(replace(first, after="ACTIVE"), *rest)),
        replace(plan, made_at=plan.made_at + timedelta(seconds=1)),
        replace(plan, expires_at=plan.expires_at + timedelta(days=30)),
        replace(plan, origin="person"),
        replace(plan, account="act_2"),
        replace(plan, id="0" * 16),
    ]
    assert [one.is_intact for one in edited] == [False] * len(edited)
