"""`adopt audit FILE.csv`, as a person and a program call it."""

import json
from pathlib import Path

import pytest

from adopt.cli.run import run

TEXT = "Ad set name,Amount spent (USD),Link clicks,Leads,Orders\nA,1000,2000,5,1\nB,1000,2000,100,20\n"


@pytest.fixture
def export(tmp_path: Path) -> str:
    path = tmp_path / "export.csv"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


def test_json_is_the_bare_array_and_notes_go_to_stderr(export: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", export, "--target-cpa", "30", "--result", "lead", "-o", "json"]) == 0
    out, err = capfd.readouterr()
    verdicts = json.loads(out)
    assert [(one["object"]["name"], one["kind"], one["stake"]) for one in verdicts] == [
        ("B", "scale", 200000),
        ("A", "pause", 85000),
    ]
    assert "columns: adset = Ad set name, spend = Amount spent (USD), clicks = Link clicks, results = Leads" in err
    assert "not used: Orders" in err


def test_a_person_sees_verdicts_numbers_and_sentences(export: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", export, "--target-cpa", "30", "--column", "results=Orders"]) == 0
    out, _ = capfd.readouterr()
    titles, first, sentence, *_ = out.splitlines()
    assert titles.split() == ["verdict", "object", "at", "stake", "spend", "results", "CPA"]
    assert first.split() == ["pause", "A", "$970.00", "$1,000.00", "1", "$1,000.00"]
    assert sentence.strip().startswith("$1,000.00 bought 1 purchase at $1,000.00 each")
    assert out.splitlines()[-1] == "2 pause; target CPA $30.00, USD, attribution and days as exported"


@pytest.mark.parametrize(("output", "lines"), [("jsonl", 2), ("csv", 3), ("plain", 2)])
def test_other_formats_have_a_line_a_verdict(
    export: str, output: str, lines: int, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", export, "--target-cpa", "30", "--result", "lead", "-o", output, "-q"]) == 0
    out, err = capfd.readouterr()
    assert (len(out.splitlines()), err) == (lines, "")


@pytest.mark.parametrize(
    ("options", "why", "advice"),
    [
        ([], "no target", "--target-cpa 30, or --target-roas 2"),
        (["--target-cpa", "30"], "several columns for results: Leads, Orders", "--column results=Leads or --column"),
        (["--target-cpa", "0"], "not a target", ""),
        (["--target-cpa", "30", "--target-roas", "2"], "only one of the two", ""),
        (["--target-roas", "2"], "no column for revenue", "--column revenue=HEADER"),
        (["--target-cpa", "30", "--column", "Leads"], "'Leads' is no NAME=HEADER", "--column results=Leads"),
        (["--target-cpa", "30", "--column", "results=x"], "no column 'x'; found: Ad set name", ""),
        (["--target-cpa", "30", "--level", "set"], "none of campaign, adset, ad", ""),
    ],
)
def test_what_is_unclear_is_exit_2_with_what_to_type(
    export: str, options: list[str], why: str, advice: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", export, *options]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert why in err
    assert advice in err


def test_a_missing_file_is_exit_2(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "/nowhere/x.csv", "--target-cpa", "30", "-o", "json"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert json.loads(err)["error"]["message"] == "there is no file /nowhere/x.csv"
