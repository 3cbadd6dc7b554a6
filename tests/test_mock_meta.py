"""Meta's own command line, compiled and untouched, against the simulator behind its TLS door."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from test_mock_ground import Flight, flying

META = shutil.which("meta")
pytestmark = pytest.mark.skipif(META is None, reason="meta-ads needs Python 3.12")


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    with flying(tmp_path_factory.mktemp("home"), "--days", "5", "--proxy") as started:
        yield started


def run(flight: Flight, *words: str) -> subprocess.CompletedProcess[str]:
    names = ("HTTPS_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    environment = {
        **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
        **{name: flight.ready[name] for name in names},
        "ACCESS_TOKEN": flight.ready["access_token"],
        "AD_ACCOUNT_ID": flight.account,
    }
    command = [str(META), "--no-color", "--no-input", "ads", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def do(flight: Flight, *words: str) -> str:
    ran = run(flight, *words)
    assert ran.returncode == 0, f"{' '.join(words)}: {ran.stdout}{ran.stderr}"
    return ran.stdout + ran.stderr


def made(flight: Flight, *words: str) -> str:
    found = re.search(r"\(ID: (\d+)\)", do(flight, *words))
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    "line",
    [
        "adaccount list", "adaccount current", "campaign list", "adset list", "ad list", "creative list", "page list",
        "dataset list", "guidance list", "study list", "catalog list", "insights get",
        "insights get --date-preset last_7d --time-increment daily --breakdown publisher_platform --limit 3",
        "insights get --fields spend,actions --sort spend_descending",
    ],
)  # fmt: skip
def test_it_reads(flight: Flight, line: str) -> None:
    assert do(flight, *line.split())


def test_it_gets_what_is_around_the_account(flight: Flight) -> None:
    pixel = re.findall(r"\b\d{15}\b", do(flight, "dataset", "list"))[0]
    do(flight, "adaccount", "get", flight.account)
    do(flight, "page", "get", flight.ready["page_id"])
    do(flight, "dataset", "get", pixel)
    do(flight, "dataset", "assign-user", pixel)
    do(flight, "dataset", "connect", pixel, "--ad-account-id", flight.account)
    assert "Mine" in do(flight, "dataset", "get", made(flight, "dataset", "create", "--name", "Mine"))


def test_it_builds_a_campaign_from_first_to_last(flight: Flight, tmp_path: Path) -> None:
    Image.new("RGB", (1080, 1080), "teal").save(tmp_path / "teal.png")
    pixel = re.findall(r"\b\d{15}\b", do(flight, "dataset", "list"))[0]
    campaign = made(flight, "campaign", "create", "--name", "By hand", "--objective", "OUTCOME_SALES")
    budget = ("--daily-budget", "5000", "--bid-strategy", "LOWEST_COST_WITHOUT_CAP")
    aim = ("--optimization-goal", "OFFSITE_CONVERSIONS", "--billing-event", "IMPRESSIONS", "--pixel-id", pixel)
    who = ("--custom-event-type", "PURCHASE", "--targeting-countries", "US")
    ad_set = made(flight, "adset", "create", "--campaign-id", campaign, "--name", "US", *budget, *aim, *who)
    story = (
        "--page-id",
        flight.ready["page_id"],
        "--body",
        "Hi",
        "--title",
        "T",
        "--link-url",
        "https://shop.example/",
    )
    picture = ("--image", str(tmp_path / "teal.png"), "--call-to-action", "SHOP_NOW")
    creative = made(flight, "creative", "create", "--name", "Teal", *story, *picture)
    domain = ("--conversion-domain", "shop.example", "--pixel-id", pixel)
    ad = made(flight, "ad", "create", "--adset-id", ad_set, "--name", "Teal", "--creative-id", creative, *domain)
    do(flight, "adset", "update", ad_set, "--daily-budget", "6000")
    for kind, ident in (("campaign", campaign), ("adset", ad_set), ("ad", ad), ("creative", creative)):
        assert ident in do(flight, kind, "get", ident)
        do(flight, kind, "update", ident, "--name", "Renamed")
    assert ad_set in do(flight, "adset", "list", campaign)
    assert ad in do(flight, "ad", "list", ad_set)
    do(flight, "insights", "get", "--campaign-id", campaign)
    for kind, ident in (("ad", ad), ("adset", ad_set), ("campaign", campaign), ("creative", creative)):
        do(flight, kind, "delete", ident, "--force")


def test_it_keeps_a_catalog(flight: Flight) -> None:
    catalog = made(flight, "catalog", "create", "--name", "Shoes")
    do(flight, "catalog", "update", catalog, "--name", "Boots")
    assert "Boots" in do(flight, "catalog", "get", catalog)
    assert catalog in do(flight, "catalog", "list")
    chosen = made(flight, "product-set", "create", "--catalog-id", catalog, "--name", "Red", "--filter", "{}")
    assert chosen in do(flight, "product-set", "list", "--catalog-id", catalog)
    do(flight, "catalog", "delete", catalog, "--force")


def test_it_tells_an_error_by_its_exit_code(flight: Flight) -> None:
    ran = run(flight, "campaign", "get", "1")
    assert ran.returncode == 4
    assert "(100)" in ran.stderr
