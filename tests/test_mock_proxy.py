"""The TLS door: clients that call only Meta's own hosts, untouched but for their environment."""

import json
import os
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from test_mock_ground import Flight, flying
from test_mock_media import movie

from adopt.mock.authority import authority, server_context

SDK = """
import json, sys
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adset import AdSet
from facebook_business.adobjects.advideo import AdVideo
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError

token, account, app, secret, clip = sys.argv[1:]
api = FacebookAdsApi.init(app, secret, token)
found = {"accounts": [one["id"] for one in User("me").get_ad_accounts()]}
found["ad_sets"] = len(list(AdAccount(account).get_ad_sets(params={"limit": 5})))
ad_set = next(iter(AdAccount(account).get_ad_sets()))
batch, names = api.new_batch(), []
for _ in range(50):
    AdSet(ad_set["id"]).api_get(fields=["name"], batch=batch, success=lambda one: names.append(one.json()["name"]))
batch.execute()
found["batch"] = len(names)
rows = AdAccount(account).get_insights(fields=["spend"], params={"level": "account", "date_preset": "yesterday"})
found["spend"] = rows[0]["spend"]
video = AdVideo(parent_id=account)
video["filepath"] = clip
video.remote_create()
video.waitUntilEncodingReady(interval=1, timeout=30)
found["video"] = AdVideo(video["id"]).api_get(fields=["status"])["status"]["video_status"]
try:
    AdSet("1").api_get()
except FacebookRequestError as error:
    found["error"] = [error.api_error_code(), error.api_error_subcode()]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    with flying(tmp_path_factory.mktemp("home"), "--days", "5", "--proxy") as started:
        yield started


def through(flight: Flight) -> httpx.Client:
    trust = ssl.create_default_context(cafile=flight.ready["SSL_CERT_FILE"])
    return httpx.Client(proxy=flight.ready["HTTPS_PROXY"], verify=trust, trust_env=False, timeout=20)


def bearer(flight: Flight) -> dict[str, str]:
    return {"Authorization": f"Bearer {flight.ready['access_token']}"}


def environment(flight: Flight) -> dict[str, str]:
    names = ("HTTPS_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return {**kept, **{name: flight.ready[name] for name in names}}


def test_metas_hosts_are_the_simulators(flight: Flight) -> None:
    with through(flight) as client:
        for host in ("graph.facebook.com", "graph-video.facebook.com", "www.facebook.com", "rupload.facebook.com"):
            answer = client.get(f"https://{host}/v26.0/{flight.account}", headers=bearer(flight))
            assert answer.json() == {"id": flight.account}


def test_links_lead_back_through_the_door(flight: Flight) -> None:
    with through(flight) as client:
        url = (
            f"https://graph.facebook.com/v26.0/{flight.account}/ads?limit=2&access_token={flight.ready['access_token']}"
        )
        first = client.get(url).json()
        assert first["paging"]["next"].startswith("https://graph.facebook.com/v26.0/")
        assert client.get(first["paging"]["next"]).json()["data"][0] not in first["data"]


def test_other_hosts_are_refused(flight: Flight) -> None:
    with through(flight) as client, pytest.raises(httpx.ProxyError, match="403"):
        client.get("https://example.com/")


def test_what_is_no_connect_is_refused(flight: Flight) -> None:
    answer = httpx.get(flight.ready["HTTPS_PROXY"], trust_env=False)
    assert answer.status_code == 405
    assert "CONNECT" in answer.text


def test_the_authority_speaks_for_meta_alone_and_is_kept(tmp_path: Path) -> None:
    bundle = authority(tmp_path)
    made = bundle.read_bytes()
    server_context(tmp_path)
    assert authority(tmp_path).read_bytes() == made
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    (tmp_path / "mock-ca.key").write_text("no key")
    assert authority(tmp_path).read_bytes() != made


def test_a_lost_answer_is_a_lost_answer_through_tls(flight: Flight) -> None:
    ad_set = flight.get(f"/{flight.account}/adsets", limit="1")["data"][0]["id"]
    flight_fault(flight, kind="drop_after", method="POST")
    with through(flight) as client, pytest.raises(httpx.TransportError):
        client.post(f"https://graph.facebook.com/{ad_set}", data={"name": "Lost"}, headers=bearer(flight))
    assert flight.get(f"/{ad_set}", fields="name")["name"] == "Lost"


def flight_fault(flight: Flight, **how: object) -> None:
    assert httpx.post(f"{flight.control_url}/fault", json=how, trust_env=False).is_success


def test_the_official_sdk_runs_untouched(flight: Flight, tmp_path: Path) -> None:
    ready, clip = flight.ready, tmp_path / "clip.mp4"
    clip.write_bytes(movie(200_000))
    words = [ready["access_token"], flight.account, ready["app_id"], ready["app_secret"], str(clip)]
    ran = subprocess.run(
        [sys.executable, "-c", SDK, *words], env=environment(flight), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert (found["accounts"], found["ad_sets"], found["batch"]) == ([flight.account], 12, 50)
    assert float(found["spend"]) > 0
    assert found["video"] == "ready"
    assert found["error"] == [100, 33]
