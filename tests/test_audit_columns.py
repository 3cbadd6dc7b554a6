"""What headers mean."""

import pytest

from adopt.audit.columns import Ambiguous, currency_of, phrase, resolve

META = [
    "Campaign name",
    "Ad set name",
    "Ad name",
    "Day",
    "Reporting starts",
    "Reporting ends",
    "Amount spent (USD)",
    "Impressions",
    "Reach",
    "Link clicks",
    "Clicks (all)",
    "Results",
    "Result indicator",
    "Cost per result (USD)",
    "Purchases",
    "Website purchases",
    "Purchases conversion value",
    "Purchase ROAS (return on ad spend)",
    "Ad set budget",
    "Ad set budget type",
    "Ad set delivery",
    "Attribution setting",
    "Starts",
    "Ends",
    "Currency",
    "Account name",
]


def taken(headers: list[str], **choices: str) -> dict[str, str]:
    return {name: column.header for name, column in resolve(headers, choices, None).taken.items()}


def test_an_export_of_ads_manager_is_understood() -> None:
    assert taken(META) == {
        "campaign": "Campaign name",
        "adset": "Ad set name",
        "ad": "Ad name",
        "day": "Day",
        "since": "Reporting starts",
        "until": "Reporting ends",
        "spend": "Amount spent (USD)",
        "impressions": "Impressions",
        "clicks": "Link clicks",
        "results": "Results",
        "result_type": "Result indicator",
        "revenue": "Purchases conversion value",
        "roas": "Purchase ROAS (return on ad spend)",
        "budget": "Ad set budget",
        "delivery": "Ad set delivery",
        "attribution": "Attribution setting",
        "currency": "Currency",
    }


def test_the_same_in_snake_case_means_the_same() -> None:
    snake = [phrase(header).replace(" ", "_") for header in META]
    assert taken(snake).keys() == taken(META).keys()
    assert taken(snake)["spend"] == "amount_spent"


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("spend", "spend"),
        ("Spent", "spend"),
        ("cost", "spend"),
        ("Amount spent", "spend"),
        ("spend_eur", "spend"),
        ("clicks_all", "clicks"),
        ("link_clicks", "clicks"),
        ("linkClicks", "clicks"),
        ("leads", "results"),
        ("conversions", "results"),
        ("orders", "results"),
        ("Approved_Conversion", "results"),
        ("revenue", "revenue"),
        ("purchase_value", "revenue"),
        ("adset", "adset"),
        ("ADSET_NAME", "adset"),
        ("ad_id", "ad_id"),
        ("xyz_campaign_id", "campaign_id"),
        ("date", "day"),
        ("date_start", "since"),
        ("\ufeffDay", "day"),
    ],
)
def test_plain_names_are_known(header: str, meaning: str) -> None:
    assert taken([header]) == {meaning: header.strip()}


@pytest.mark.parametrize(
    "header", ["Cost per result", "CTR (all)", "CPC (cost per link click)", "amount", "Sales", "Frequency"]
)
def test_ratios_and_guesses_are_left_alone(header: str) -> None:
    found = resolve([header], {}, None)
    assert (dict(found.taken), found.unused) == ({}, (header,))


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Amount spent (USD)", "USD"),
        ("Cost (€)", "EUR"),
        ("spend_gbp", "GBP"),
        ("Spend ($)", None),
        ("Clicks (ALL)", None),
        ("Clicks (all)", None),
        ("spend", None),
    ],
)
def test_a_header_may_name_the_currency(header: str, code: str | None) -> None:
    assert currency_of(header) == code


def test_link_clicks_are_preferred_to_all_clicks() -> None:
    assert taken(["Clicks (all)", "Link clicks"]) == {"clicks": "Link clicks"}
    assert resolve(["Clicks (all)"], {}, None).taken["clicks"].kind == "all"


def test_two_kinds_of_results_are_ambiguous() -> None:
    assert resolve(["leads", "orders"], {}, None).ambiguous == (Ambiguous("results", ("leads", "orders")),)
    assert resolve(["leads", "orders"], {}, "lead").taken["results"].header == "leads"
    assert taken(["leads", "orders"], results="orders") == {"results": "orders"}


def test_all_purchases_are_preferred_to_those_of_the_website() -> None:
    assert taken(["Website purchases", "Purchases"]) == {"results": "Purchases"}


def test_two_columns_of_spend_are_ambiguous() -> None:
    assert resolve(["cost", "spend"], {}, None).ambiguous == (Ambiguous("spend", ("cost", "spend")),)


def test_a_column_is_chosen_by_name_or_place() -> None:
    headers = ["Ad Set", "x", "Outlay (net)"]
    assert taken(headers, spend="Outlay (net)")["spend"] == "Outlay (net)"
    assert taken(headers, spend="outlay net")["spend"] == "Outlay (net)"
    assert taken(headers, spend="#3")["spend"] == "Outlay (net)"
    assert resolve(headers, {"spend": "Outlays"}, None).strangers == ("Outlays",)
    assert resolve(headers, {"spend": "#4"}, None).strangers == ("#4",)


def test_a_chosen_column_is_not_a_rival_for_another_meaning() -> None:
    assert taken(["cost", "spend"], revenue="cost") == {"spend": "spend", "revenue": "cost"}


def test_columns_of_one_name_are_kept_together() -> None:
    found = resolve(["Results", "Results"], {}, None)
    assert (found.taken["results"].place, found.taken["results"].twins, found.ambiguous) == (0, (1,), ())
