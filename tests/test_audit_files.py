"""Whatever a file holds: verdicts, or a sentence why not. And real files, where they are at hand."""

import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adopt.audit.choices import Choices
from adopt.audit.reading import read
from adopt.errors import Invalid
from adopt.model import Verdict
from adopt.operations.audit import audit
from adopt.policy import Target

DATA = Path(__file__).parents[2] / "shared" / "data"

NAMES = [
    "Ad set name",
    "Campaign name",
    "Ad ID",
    "Day",
    "Reporting starts",
    "Reporting ends",
    "Amount spent (EUR)",
    "Impressions",
    "Link clicks",
    "Clicks (all)",
    "Results",
    "Result type",
    "Purchases conversion value",
    "roas",
    "Currency",
    "age",
    "x",
    "",
]
HEADERS = st.lists(st.sampled_from(NAMES), max_size=12)
CELLS = st.one_of(
    st.sampled_from(
        ["", "-", "A", "B", "All", "1", "2.5", "1,234.56", "-3", "2024-06-13", "03/04/2024", "EUR", "lead"]
    ),
    st.text(max_size=8),
)
LINES = st.lists(st.lists(CELLS, max_size=13).map(",".join), max_size=8)


def attempt(content: bytes, **choices: str) -> tuple[Verdict, ...] | None:
    """The verdicts of a file, None where it is refused."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(content)
        file.flush()
        try:
            export = read(Path(file.name), Choices(**choices))  # type: ignore[arg-type]
        except Invalid as error:
            assert error.message  # noqa: PT017
            return None
        return audit(export, Target(roas=Decimal(2)) if choices["goal"] == "roas" else Target(cpa=Decimal(30)))


@given(st.binary(max_size=400), st.sampled_from(["cpa", "roas"]))
def test_any_bytes_give_verdicts_or_a_refusal(content: bytes, goal: str) -> None:
    attempt(content, goal=goal)
    attempt(b"Ad set name,Amount spent (EUR),Link clicks,Results\n" + content, goal=goal)


@settings(max_examples=300)
@given(HEADERS, LINES, st.sampled_from(["cpa", "roas"]), st.sampled_from(["utf-8", "utf-16"]))
def test_any_table_gives_verdicts_or_a_refusal(headers: list[str], lines: list[str], goal: str, encoding: str) -> None:
    text = "\n".join([",".join(headers), *lines])
    attempt(text.encode(encoding, "surrogatepass"), goal=goal)


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.integers(1, 28), st.integers(-500, 10**9), st.integers(0, 10**6)),
        min_size=1,
    ),
    st.sampled_from([(".", ""), (".", ","), (",", "."), (",", "\xa0")]),
)
def test_every_row_counts_once_in_every_locale(rows: list[tuple[str, int, int, int]], locale: tuple[str, str]) -> None:
    mark, separator = locale

    def money(minor: int) -> str:
        text = f"{Decimal(minor) / 100:,.2f}".replace(",", "\0").replace(".", mark)
        return text.replace("\0", separator)

    lines = [f"{name}\t2024-06-{day:02}\t{money(minor)}\t{clicks}\t1" for name, day, minor, clicks in rows]
    with tempfile.NamedTemporaryFile(suffix=".tsv") as file:
        file.write("\n".join(["adset\tday\tspend\tlink_clicks\tleads", *lines]).encode())
        file.flush()
        export = read(Path(file.name), Choices())
    cells = [cell for item in export.items for cell in item.cells]
    assert sum(cell.spend for cell in cells) == sum(minor for _, _, minor, _ in rows)
    assert sum(cell.clicks for cell in cells) == sum(clicks for _, _, _, clicks in rows)
    assert (export.rows, export.skipped) == (len(rows), 0)


def real(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not at hand")
    return path


@pytest.mark.parametrize(
    ("name", "columns", "level", "objects", "rows", "spend", "results"),
    [
        ("kag_ads.csv", {"results": "Approved_Conversion"}, "ad", 1143, 1143, 5870523, 1079),
        ("school_adset_daily.csv", {}, "adset", 17, 226, 315169, 340),
        ("furniture_ad_daily.csv", {}, "adset", 26, 945, 1014385, 45),
        ("fake_ab_test.csv", {}, "campaign", 2, 60, 14554500, 30798),
        ("fake_marketing.csv", {"results": "orders"}, "campaign", 11, 308, 3059087982, 8043),
        ("fake_skincare.csv", {}, "campaign", 5, 445, 14005400, 3414),
    ],
)
def test_a_real_file_is_read_whole(  # what is known of a file
    name: str, columns: dict[str, str], level: str, objects: int, rows: int, spend: int, results: int
) -> None:
    export = read(real(name), Choices(columns=columns))
    cells = [cell for item in export.items for cell in item.cells]
    assert (export.level, len(export.items), export.rows, export.skipped) == (level, objects, rows, 0)
    assert abs(sum(cell.spend for cell in cells) - spend) <= rows
    assert sum(cell.results for cell in cells) == results


def test_orders_without_spend_cannot_be_audited() -> None:
    with pytest.raises(Invalid, match="has no column for adset, spend, results; found: customer, date, units, amount"):
        read(real("cdnow_orders.csv"), Choices())


def test_two_conversions_of_a_real_file_must_be_chosen() -> None:
    with pytest.raises(Invalid, match="Total_Conversion, Approved_Conversion"):
        read(real("kag_ads.csv"), Choices())
