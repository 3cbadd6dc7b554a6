"""Files as people have them, read into objects and their days."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adopt.audit.choices import Choices
from adopt.audit.reading import Cell, Export, read
from adopt.errors import Invalid

HEADER = "Ad set name,Day,Amount spent (USD),Impressions,Link clicks,Purchases,Purchases conversion value"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "export.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def took(path: Path, **choices: Any) -> Export:
    return read(path, Choices(**choices))


def sums(export: Export) -> dict[str, tuple[Any, ...]]:
    """Spend, impressions, clicks, results and revenue of each object."""
    return {
        item.object.id: tuple(
            sum(getattr(cell, name) or 0 for cell in item.cells)
            for name in ("spend", "impressions", "clicks", "results", "revenue")
        )
        for item in export.items
    }


def refused(path: Path, **choices: Any) -> str:
    with pytest.raises(Invalid) as found:
        read(path, Choices(**choices))
    return f"{found.value.message} | {found.value.try_next}"


def says(lines: tuple[str, ...], part: str) -> bool:
    return any(part in line for line in lines)


def test_a_daily_export_becomes_days_of_ad_sets(write: Write) -> None:
    export = took(write(f"{HEADER}\nA,2024-06-13,10.50,100,5,1,30\nA,2024-06-14,2,20,1,0,0\nB,2024-06-13,1,10,1,0,0\n"))
    assert [item.object.name for item in export.items] == ["A", "B"]
    assert export.items[0].cells == (
        Cell(
            since=date(2024, 6, 13),
            until=date(2024, 6, 13),
            spend=1050,
            impressions=100,
            clicks=5,
            results=1,
            revenue=3000,
        ),
        Cell(
            since=date(2024, 6, 14), until=date(2024, 6, 14), spend=200, impressions=20, clicks=1, results=0, revenue=0
        ),
    )
    assert (export.level, export.currency.code, export.result, export.basis) == (
        "adset",
        "USD",
        "purchase",
        "link clicks",
    )
    assert (export.rows, export.skipped, export.until) == (3, 0, date(2024, 6, 14))


def test_a_lifetime_export_becomes_one_cell_an_object(write: Write) -> None:
    export = took(write("adset,spend,link_clicks,leads\nA,10,5,1\n"))
    assert [(cell.since, cell.spend, cell.revenue) for item in export.items for cell in item.cells] == [
        (None, 1000, None)
    ]
    assert says(export.notes, "no days")


def test_a_row_over_several_days_is_a_period(write: Write) -> None:
    export = took(
        write("adset,Reporting starts,Reporting ends,spend,leads,link_clicks\nA,2024-06-01,2024-06-30,5,1,9\n")
    )
    assert [(cell.since, cell.until) for cell in export.items[0].cells] == [(date(2024, 6, 1), date(2024, 6, 30))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends_make_no_difference(
    write: Write, encoding: str, separator: str, end: str
) -> None:
    text = "Ad set name,Amount spent (EUR),Link clicks,Leads\nKöln,10.5,5,1\nMünchen,2,1,0\n"
    export = took(write(text.replace(",", separator).replace("\n", end), encoding))
    assert sums(export) == {"Köln": (1050, 0, 5, 1, 0), "München": (200, 0, 1, 0, 0)}


@pytest.mark.parametrize(
    ("spend", "impressions"),
    [
        ('"1,234.56"', '"12,345"'),
        ('"1.234,56"', "12.345"),
        ('"1 234,56"', "12 345"),
        ('"1\u202f234,56\xa0€"', "12\xa0345"),
        ('"€1,234.56"', "12345"),
        ("1'234.56", "12'345"),
        ("1234.56", "12345.0"),
    ],
)
def test_numbers_are_read_as_the_file_writes_them(write: Write, spend: str, impressions: str) -> None:
    export = took(write(f"adset,spend,impressions,link_clicks,leads\nA,{spend},{impressions},5,1\n"))
    assert sums(export) == {"A": (123456, 12345, 5, 1, 0)}


def test_the_header_s_neighbours_decide_what_a_lone_comma_means(write: Write) -> None:
    text = 'adset,spend,impressions,link_clicks,leads\nA,"1,234","12,5","1,0",1\n'
    assert "no whole number" in refused(write(text))
    assert sums(took(write(text.replace('"12,5"', "12")))) == {"A": (123, 12, 1, 1, 0)}
    export = took(write(text.replace('"12,5"', "12").replace('"1,0"', "1")))
    assert sums(export)["A"][0] == 123400
    assert says(export.warnings, "--decimal ,")
    assert sums(took(export.path, decimal=","))["A"][0] == 123


def test_two_ways_to_write_numbers_in_one_file_are_refused(write: Write) -> None:
    path = write('adset,spend,link_clicks,leads\nA,"1,234.56",1,1\nB,"1.234,56",1,1\n')
    assert "'1,234.56' on line 2 and '1.234,56' on line 3" in refused(path)


def test_days_and_months_are_told_apart_by_the_file(write: Write) -> None:
    text = "adset,date,spend,link_clicks,leads\nA,{},1,1,1\nA,{},1,1,1\n"
    assert took(write(text.format("05/06/2024", "13/06/2024"))).until == date(2024, 6, 13)
    assert took(write(text.format("06/05/2024", "06/13/2024"))).until == date(2024, 6, 13)
    assert "days in two ways" in refused(write(text.format("13/06/2024", "06/13/2024")))
    export = took(write(text.format("05/06/2024", "06/06/2024")))
    assert export.until == date(2024, 6, 6)
    assert says(export.notes, "day first; --dates mdy")
    assert took(export.path, dates="mdy").until == date(2024, 6, 6)


def test_the_total_row_does_not_count_twice(write: Write) -> None:
    rows = ["A,2024-06-13,10,1,1,1,0", "B,2024-06-13,5.5,1,1,0,0"]
    for name in ("", "-", "—", "Total", "Results from 2 ad sets"):
        for place in (0, 2):
            lines = [*rows[:place], f"{name},2024-06-13,15.50,2,2,1,0", *rows[place:]]
            export = took(write("\n".join([HEADER, *lines])))
            assert sums(export) == {"A": (1000, 1, 1, 1, 0), "B": (550, 1, 1, 0, 0)}
            assert (export.rows, export.skipped) == (2, 1)
            assert says(export.notes, "1 total row in agreement with the other rows, not counted: $15.50")


def test_a_nameless_row_that_is_no_total_is_a_warning(write: Write) -> None:
    export = took(write(f"{HEADER}\nA,2024-06-13,10,1,1,1,0\n,2024-06-13,7,1,1,1,0\n"))
    assert (export.rows, export.skipped) == (1, 1)
    assert says(export.warnings, "1 row without a name left out, first on line 3, with $7.00 of spend")


def test_an_ad_set_called_total_stays_if_it_is_not_the_sum(write: Write) -> None:
    export = took(write(f"{HEADER}\nA,2024-06-13,10,1,1,1,0\nTotal,2024-06-13,7,1,1,1,0\n"))
    assert list(sums(export)) == ["A", "Total"]


def test_subtotals_of_days_and_groups_are_left_out(write: Write) -> None:
    total = "A,All,All,3,1,1\nA,2024-06-13,All,3,1,1\n"
    groups = "A,2024-06-13,18-24,2,1,1\nA,2024-06-13,25-34,1,0,0\n"
    export = took(write(f"adset,day,age,spend,link_clicks,leads\n{total}{groups}"))
    assert sums(export) == {"A": (300, 0, 1, 1, 0)}
    assert says(export.notes, "2 rows of a subtotal (All) left out, first on line 2")
    assert not export.warnings


def test_rows_without_a_day_in_a_daily_file_are_left_out_and_said(write: Write) -> None:
    export = took(write(f"{HEADER}\nA,2024-06-13,10,1,1,1,0\nB,,7,1,1,1,0\n"))
    assert list(sums(export)) == ["A"]
    assert says(export.notes, "1 row without a day left out, first on line 3: $7.00 of spend")


def test_ad_sets_of_one_name_stay_apart_by_campaign(write: Write) -> None:
    export = took(write("campaign,adset,spend,link_clicks,leads\nX,Broad,1,1,1\nY,Broad,2,1,1\nX,Broad,4,1,1\n"))
    assert sums(export) == {"X / Broad": (500, 0, 2, 2, 0), "Y / Broad": (200, 0, 1, 1, 0)}
    assert {item.object.name for item in export.items} == {"Broad"}
    assert says(export.warnings, "1 row of a name and period that had one already")


def test_ids_are_preferred_to_names(write: Write) -> None:
    text = "campaign,adset_id,adset,spend,link_clicks,leads\nX,11,Old,1,1,1\nX,11,New,2,1,1\nX,12,New,4,1,1\n"
    assert sums(took(write(text))) == {"11": (300, 0, 2, 2, 0), "12": (400, 0, 1, 1, 0)}


def test_ids_that_a_spreadsheet_shortened_are_not_used(write: Write) -> None:
    text = "adset_id,adset,spend,link_clicks,leads\n1.20209E+17,A,1,1,1\n1.20209E+17,B,2,1,1\n"
    export = took(write(text))
    assert list(sums(export)) == ["A", "B"]
    assert says(export.warnings, "shortened the ids")


def test_ads_are_pooled_into_ad_sets_unless_asked(write: Write) -> None:
    path = write("campaign,adset,ad,spend,link_clicks,leads\nX,S,a,1,1,1\nX,S,b,2,1,0\nY,T,a,4,1,1\n")
    assert sums(took(path)) == {"X / S": (300, 0, 2, 1, 0), "Y / T": (400, 0, 1, 1, 0)}
    assert list(sums(took(path, level="ad"))) == ["X / S / a", "X / S / b", "Y / T / a"]
    assert sums(took(path, level="campaign"))["X"] == (300, 0, 2, 1, 0)


def test_without_ad_sets_the_next_level_is_judged_and_said(write: Write) -> None:
    export = took(write("campaign,spend,link_clicks,leads\nX,1,1,1\n"))
    assert export.level == "campaign"
    assert says(export.notes, "the file names no ad sets: each campaign is judged")
    assert "no column for ad;" in refused(export.path, level="ad")


def test_several_results_must_be_chosen(write: Write) -> None:
    text = (
        "Ad set name,Day,Amount spent (USD),Link clicks,Results,Result indicator\n"
        "A,2024-06-13,10,5,1,actions:lead\nA,2024-06-14,10,5,,\n"
        "B,2024-06-13,7,5,2,actions:offsite_conversion.fb_pixel_purchase\nB,2024-06-14,7,5,,\nC,2024-06-14,3,5,,\n"
    )
    path = write(text)
    assert "--result actions:lead or --result actions:offsite" in refused(path)
    assert "has no result 'install'" in refused(path, result="install")
    leads = took(path, result="lead")
    assert sums(leads) == {"A": (2000, 0, 10, 1, 0), "C": (300, 0, 5, 0, 0)}
    assert (leads.result, leads.rows, leads.skipped) == ("lead", 3, 2)
    assert says(leads.notes, "2 rows of another result left out, first on line 4: $14.00 of spend")
    assert list(sums(took(path, result="purchase"))) == ["B", "C"]


def test_one_result_type_names_the_result(write: Write) -> None:
    text = "Ad set name,Amount spent (USD),Link clicks,Results,Result type\nA,10,5,1,Website purchases\n"
    assert took(write(text)).result == "purchase"


def test_leads_beside_orders_must_be_chosen_unless_the_target_is_a_roas(write: Write) -> None:
    path = write("campaign,spend,clicks,leads,orders,revenue\nX,10,5,3,1,40\n")
    assert "--column results=leads or --column results=orders" in refused(path)
    assert sums(took(path, columns={"results": "orders"}))["X"][3] == 1
    assert took(path, result="leads").result == "lead"
    assert took(path, goal="roas").result == "purchase"


def test_a_roas_needs_revenue_or_a_roas_to_form_it_from(write: Write) -> None:
    path = write("adset,spend,link_clicks,purchases,Purchase ROAS (return on ad spend)\nA,10,5,1,2.345\nB,4,1,0,-\n")
    assert sums(took(path, goal="roas")) == {"A": (1000, 0, 5, 1, 2345), "B": (400, 0, 1, 0, 0)}
    assert "no column for revenue" in refused(write("adset,spend,link_clicks,purchases\nA,10,5,1\n"), goal="roas")


def test_what_is_missing_is_listed_with_what_was_found(write: Write) -> None:
    assert refused(write("customer,date,units\n4,19970101,2\n")) == (
        f"{write('x,y')} has no column for adset, spend, results; found: x, y"
        " | --column adset=HEADER --column spend=HEADER --column results=HEADER"
    ).replace("found: x, y", "found: customer, date, units")


def test_a_choice_that_fits_no_column_or_meaning_is_refused(write: Write) -> None:
    path = write("adset,spend,leads\nA,1,1\n")
    assert "has no column 'Outlay'; found: adset, spend, leads" in refused(path, columns={"spend": "Outlay"})
    assert "columns can be campaign, " in refused(path, columns={"money": "spend"})
    assert "counts leads, not purchase" in refused(path, result="purchase")


def test_without_link_clicks_the_next_best_is_used_and_said(write: Write) -> None:
    assert took(write("adset,spend,clicks,leads\nA,1,1,1\n")).basis == "all clicks"
    export = took(write("adset,spend,impressions,leads\nA,1,1,1\n"))
    assert export.basis == "impressions"
    assert says(export.notes, "rates are formed over impressions")
    assert took(write("adset,spend,leads\nA,1,1\n")).basis == "nothing"


def test_a_currency_is_named_by_choice_column_or_header_else_two_decimals(write: Write) -> None:
    text = "adset,spend{},currency,link_clicks,leads\nA,1234,{},1,1\n"
    assert sums(took(write(text.format(" (USD)", "JPY"))))["A"][0] == 1234
    assert sums(took(write(text.format(" (JPY)", ""))))["A"][0] == 1234
    export = took(write(text.format("", "")))
    assert (export.currency.code, sums(export)["A"][0]) == ("", 123400)
    assert says(export.notes, "two decimals")
    assert sums(took(export.path, currency="jpy"))["A"][0] == 1234
    assert "no currency code" in refused(export.path, currency="euro")
    assert "mixes currencies: EUR, USD" in refused(write("adset,spend,currency,leads\nA,1,EUR,1\nB,1,USD,1\n"))


def test_mixed_attribution_settings_warn(write: Write) -> None:
    text = "adset,spend,link_clicks,leads,Attribution setting\nA,1,1,1,7-day click\nB,1,1,1,{}\n"
    assert took(write(text.format("7-day click"))).attribution == "7d_click"
    assert not took(write(text.format("7-day click"))).warnings
    export = took(write(text.format("1-day click")))
    assert export.attribution == "default"
    assert says(export.warnings, "attribution settings are mixed")


def test_delivery_and_budget_are_kept(write: Write) -> None:
    header = "Ad set name,Ad set delivery,Ad set budget,spend,link clicks,leads"
    first, second = took(write(f"{header}\nA,inactive,25.00,1,1,1\nB,active,Using campaign budget,1,1,1\n")).items
    assert (first.delivery, first.budget, first.shares_budget) == ("inactive", 2500, False)
    assert (second.delivery, second.budget, second.shares_budget) == ("active", None, True)


def test_corrections_may_be_negative(write: Write) -> None:
    export = took(write("adset,date,spend,link_clicks,leads\nA,2024-06-13,10,5,3\nA,2024-06-14,-2.5,-1,-1\n"))
    assert sums(export) == {"A": (750, 0, 4, 2, 0)}


def test_copies_of_rows_count_and_warn(write: Write) -> None:
    export = took(write(f"{HEADER}\nA,2024-06-13,10,1,1,1,0\nA,2024-06-13,10,1,1,1,0\n"))
    assert sums(export)["A"][0] == 2000
    assert says(export.warnings, "1 row repeated figure by figure")


def test_overlapping_periods_warn(write: Write) -> None:
    rows = "A,2024-06-01,2024-06-30,1,1,1\nA,2024-06-15,2024-07-15,1,1,1\n"
    assert says(took(write(f"adset,date_start,date_stop,spend,link_clicks,leads\n{rows}")).warnings, "periods overlap")


def test_names_may_hold_separators_quotes_and_line_breaks(write: Write) -> None:
    export = took(write('adset,spend,link_clicks,leads\n"A, ""B""\nC",1,1,1\n5" pipes,2,1,1\n'))
    assert [item.object.name for item in export.items] == ['A, "B"\nC', '5" pipes']


def test_empty_rows_titles_and_separator_hints_are_passed_over(write: Write) -> None:
    export = took(write("sep=;\nMy report;;\n\nadset;spend;leads;link_clicks\n\n;;;\nA;1,5;1;3\n\n"))
    assert sums(export) == {"A": (150, 0, 3, 1, 0)}
    assert says(export.notes, "header stands on line 4")


def test_columns_of_one_name_must_agree(write: Write) -> None:
    text = "adset,spend,leads,leads\nA,1,1,{}\n"
    assert sums(took(write(text.format(1))))["A"][3] == 1
    assert "line 2: two columns are called 'leads' and differ" in refused(write(text.format(2)))
    assert sums(took(write(text.format(2)), columns={"results": "#4"}))["A"][3] == 2


def test_short_rows_are_filled_and_said(write: Write) -> None:
    export = took(write("adset,spend,link_clicks,leads\nA,1\nB,2,1,1\nC,1,1,1,,\n"))
    assert list(sums(export)) == ["A", "B", "C"]
    assert says(export.notes, "rows with fewer cells than the header, read as empty there: 1")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("adset,spend,leads\nA,1,1\nB,x,1\n", "export.csv, line 3, column 'spend': 'x' is no number"),
        ("adset,spend,leads\nA,1,1.5x\n", "export.csv, line 2, column 'leads': '1.5x' is no number"),
        ("adset,date,spend,leads\nA,June,1,1\n", "export.csv, line 2, column 'date': 'June' is no day"),
        ('adset,spend,leads\n"A\nA",1,1\nB,1e99,1\n', "export.csv, line 4, column 'spend': '1e99' is too large"),
        ("adset,spend,leads\nA,1,1,9\n", "export.csv, line 2, column 4: the row has 4 cells and the header 3"),
        ('adset,spend,leads\nA,1,1\n"B,1,1\nC,1,1\n', "export.csv, line 3: a quote opens here and is not closed"),
        ('adset,spend,leads\n"A"x,1,1\n', "export.csv, line 2: there is text after a closing quote"),
        (f"adset,spend,leads\nA,1,{'1' * 1_000_001}\n", "export.csv, line 2 is longer than 1,000,000 characters"),
        (f"adset,spend,leads\n{'A' * 200_000},1,1\n", "export.csv, line 2: a cell is longer"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(write: Write, text: str, where: str) -> None:
    assert where in refused(write(text))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b" \n\n ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"PK\x03\x04rest", "an Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "an old Excel workbook"),
        (b"\x1f\x8brest", "compressed"),
        (b"%PDF-1.4", "a PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a binary file"),
        (b"adset,spend\n\x81\x8d\xff,1\n", "is not text"),
        (b"just some words\n", "has no header"),
        (b"adset,spend,leads\n", "has no row of an object"),
        (b"adset,spend,leads\n,5,1\n", "left out: 1 total"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    assert why in refused(path)


def test_a_data_row_of_header_words_is_no_header(write: Write) -> None:
    path = write("kampagne,kosten,klicks,erfolge\nLeads,1,2,3\n")
    choices = {"adset": "kampagne", "spend": "kosten", "clicks": "klicks", "results": "erfolge"}
    assert sums(took(path, columns=choices)) == {"Leads": (100, 0, 2, 3, 0)}


def test_a_pipe_is_refused_rather_than_read_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no file that can be read twice" in refused(tmp_path / "pipe")


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    assert "there is no file" in refused(tmp_path / "none.csv")
    assert "is a directory" in refused(tmp_path)
    assert "cannot be read" in refused(Path("a\0b"))
