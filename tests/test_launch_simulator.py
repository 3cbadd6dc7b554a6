"""What is checked and expanded is what the simulator takes: nothing that passes the check is refused there."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flight import Flight, flight
from launch_carrying import carry_out, client
from launch_specs import GOOD

from adopt.launch.checking import check
from adopt.launch.known import Known
from adopt.model import Account

NOW = datetime.now(UTC)
MORE = {
    "shared": [
        ("[campaign]", '[campaign]\ndaily_budget = "80.00"\nbid_strategy = "cost_cap"'),
        ('daily_budget = "30.00"', 'bid_amount = "12.50"'),
    ],
    "dynamic": [
        ('image = "picture.png"', 'images = ["picture.png"]\ntexts = ["Blue", "Bluer"]\nheadlines = ["Now"]'),
        ('[[creative]]\nname = "Clip"\nvideo = "clip.mp4"\n', ""),
    ],
    "lifetime": [('daily_budget = "30.00"', 'lifetime_budget = "90000.00"\nstart = "midnight"\nend = "2099-01-31"')],
    "europe": [('countries = ["US"]', 'countries = ["DE", "FR"]\ndsa_beneficiary = "Shop"\ndsa_payor = "Shop"')],
    "split": [
        ('countries = ["US"]', 'countries = ["US"]\nplacements = ["feed", "audience_network"]'),
        ("[campaign]", '[grid]\neach = ["audience", "placement", "creative"]\n[campaign]'),
    ],
    "traffic": [
        ('objective = "sales"', 'objective = "traffic"\nspecial_ad_categories = ["housing"]'),
        ('ages = "25-44"', 'ages = "18+"\nadvantage_audience = false'),
    ],
    "roas": [
        (
            'countries = ["US"]',
            (
                'countries = ["US"]\ngoal = "value"\nbid_strategy = "min_roas"\nmin_roas = "1.5"\n'
                'attribution = "7d_click+1d_view"'
            ),
        )
    ],
    "leads": [
        ('objective = "sales"', 'objective = "leads"'),
        ('text = "Now in blue"', 'lead_form = "77"'),
        ('countries = ["US"]', 'countries = ["US"]\ngoal = "lead_generation"'),
    ],
    "bare": [('page = "1029384756"', ""), ('objective = "sales"', 'objective = "awareness"')],
    "cards": [
        (
            'image = "picture.png"',
            'cards = [{ image = "picture.png", headline = "One" }, { image = "picture.png", headline = "Two" }]',
        ),
        ('video = "clip.mp4"', 'post = "1029384756_77"'),
    ],
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    with flight(tmp_path_factory.mktemp("shop"), "--seed", "1") as flown:
        yield flown


def facts(shop: Flight) -> Known:
    account = shop.json("account", "get", shop.account)
    return Known(
        account=Account(id=shop.account, name="", currency=account["currency"], timezone=account["timezone_name"])
    )


def test_the_example_is_launched_unchanged(shop: Flight, tmp_path: Path) -> None:
    assert shop.adopt("launch", "init", str(tmp_path)).code == 0
    report = shop.json("launch", "check", str(tmp_path / "launch.toml"))
    assert report["problems"] == report["unchecked"] == []
    wanted = {"campaigns": 1, "adsets": 2, "ads": 4, "daily_budget": 4000, "currency": "USD"}
    assert {name: report[name] for name in wanted} == wanted
    launch = check(tmp_path / "launch.toml", NOW, facts(shop)).launch
    assert launch is not None
    results = carry_out(shop, launch)
    assert shop.json("ad", "get", results["ad.2.2"], "--fields", "name,status")["name"] == "Clip"


@pytest.mark.parametrize("kind", MORE)
def test_what_passes_the_check_is_taken(shop: Flight, tmp_path: Path, kind: str) -> None:
    shop.adopt("launch", "init", str(tmp_path))
    text = GOOD
    for old, new in MORE[kind]:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "spec.toml"
    path.write_text(for_account(shop, text), encoding="utf-8")
    ran = shop.adopt("launch", "check", str(path), "-o", "json")
    assert ran.code == 0, ran.out
    report = check(path, NOW, facts(shop))
    assert report.launch is not None
    assert len(carry_out(shop, report.launch)) > len(report.launch.ads)


def for_account(shop: Flight, text: str) -> str:
    """The spec with the simulated account's Page and pixel."""
    with client(shop) as http:
        page = http.get(f"{shop.account}/promote_pages").json()["data"][0]["id"]
        pixel = http.get(f"{shop.account}/adspixels").json()["data"][0]["id"]
    return text.replace("1029384756", page).replace("5566778899", pixel)
