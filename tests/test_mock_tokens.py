"""Signing in at the simulator, and what each token may do."""

import hmac
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from test_mock_ground import Flight, flying

from adopt.mock import control
from adopt.mock.control import ControlError

BACK = "http://localhost:18400/connect/meta/callback"


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    with flying(tmp_path_factory.mktemp("home"), "--days", "3") as started:
        yield started


@pytest.fixture
def stranger(flight: Flight) -> Iterator[httpx.Client]:
    """A client without a token."""
    with httpx.Client(base_url=flight.ready["base_url"], trust_env=False, timeout=20) as client:
        yield client


def asked(flight: Flight, **more: str) -> dict[str, str]:
    return {"client_id": flight.ready["app_id"], "redirect_uri": BACK, "state": "s p&", "scope": "ads_read", **more}


def sent_back(client: httpx.Client, params: dict[str, str]) -> dict[str, str]:
    answer = client.get("/v26.0/dialog/oauth", params=params)
    assert answer.status_code == 302
    url = urlsplit(answer.headers["location"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == BACK
    return {name: values[0] for name, values in parse_qs(url.query or url.fragment).items()}


def exchange(client: httpx.Client, flight: Flight, **params: str) -> httpx.Response:
    app = {"client_id": flight.ready["app_id"], "client_secret": flight.ready["app_secret"]}
    return client.get("/v26.0/oauth/access_token", params={**app, **params})


def error(answer: httpx.Response) -> tuple[int, int, int | None]:
    found = answer.json()["error"]
    return answer.status_code, found["code"], found.get("error_subcode")


def test_a_person_is_asked_by_name_and_permission(flight: Flight, stranger: httpx.Client) -> None:
    page = stranger.get("/v26.0/dialog/oauth", params=asked(flight, state='"><script>'))
    assert page.headers["content-type"].startswith("text/html")
    for shown in ("Fernhill Outfitters", flight.account, "ads_read", "Continue", "Cancel"):
        assert shown in page.text
    assert "<script>" not in page.text


def test_a_code_becomes_a_token_that_may_do_what_was_agreed(flight: Flight, stranger: httpx.Client) -> None:
    back = sent_back(stranger, asked(flight, answer="yes"))
    assert back["state"] == "s p&"
    token = exchange(stranger, flight, code=back["code"], redirect_uri=BACK).json()
    assert token["token_type"] == "bearer"
    assert 7100 < token["expires_in"] <= 7200
    held = {"access_token": token["access_token"]}
    granted = [one["permission"] for one in stranger.get("/me/permissions", params=held).json()["data"]]
    assert granted == ["public_profile", "ads_read"]
    assert stranger.get(f"/{flight.account}/campaigns", params=held).is_success
    ad_set = flight.get(f"/{flight.account}/adsets")["data"][0]["id"]
    assert error(stranger.post(f"/{ad_set}", params=held, data={"name": "No"})) == (403, 200, None)
    assert error(stranger.get(f"/{flight.ready['page_id']}/instagram_accounts", params={"access_token": "x"}))[1] == 190


def test_a_code_is_good_once_and_only_where_it_was_sent(flight: Flight, stranger: httpx.Client) -> None:
    code = sent_back(stranger, asked(flight, answer="yes"))["code"]
    assert error(exchange(stranger, flight, code=code, redirect_uri="http://localhost/"))[1:] == (100, 36008)
    assert exchange(stranger, flight, code=code, redirect_uri=BACK).is_success
    assert error(exchange(stranger, flight, code=code, redirect_uri=BACK))[1:] == (100, 36009)
    assert error(exchange(stranger, flight, code="nonsense", redirect_uri=BACK))[1] == 100
    assert error(exchange(stranger, flight, code=code, client_secret="wrong"))[1] == 1
    assert error(exchange(stranger, flight, code=code, client_id="1"))[1] == 101


def test_who_declines_is_sent_back_too(flight: Flight, stranger: httpx.Client) -> None:
    back = sent_back(stranger, asked(flight, answer="no"))
    assert (back["error"], back["error_reason"], back["state"]) == ("access_denied", "user_denied", "s p&")
    assert "code" not in back


def test_the_implicit_flow_gives_a_token_in_the_fragment(flight: Flight, stranger: httpx.Client) -> None:
    back = sent_back(stranger, asked(flight, answer="yes", response_type="token"))
    assert stranger.get("/me", params={"access_token": back["access_token"]}).is_success


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "http://evil.example/"},
        {"redirect_uri": "http://[oops"},
        {"redirect_uri": "javascript:alert(1)"},
        {"client_id": "1"},
        {"response_type": "shoes"},
    ],
)
def test_a_wrong_dialog_is_an_error_page(flight: Flight, stranger: httpx.Client, change: dict[str, str]) -> None:
    page = stranger.get("/dialog/oauth", params={**asked(flight, answer="yes"), **change})
    assert page.status_code == 400
    assert "Error" in page.text


def test_a_short_token_becomes_a_long_one(flight: Flight, stranger: httpx.Client) -> None:
    code = sent_back(stranger, asked(flight, answer="yes"))["code"]
    short = exchange(stranger, flight, code=code, redirect_uri=BACK).json()["access_token"]
    long = exchange(stranger, flight, grant_type="fb_exchange_token", fb_exchange_token=short).json()
    assert 5_183_900 < long["expires_in"] <= 5_184_000
    app = f"{flight.ready['app_id']}|{flight.ready['app_secret']}"
    told = stranger.get("/debug_token", params={"input_token": long["access_token"], "access_token": app}).json()[
        "data"
    ]
    assert (told["is_valid"], told["type"], told["scopes"]) == (True, "USER", ["public_profile", "ads_read"])
    assert told["expires_at"] - told["issued_at"] == 5_184_000
    assert exchange(stranger, flight, grant_type="client_credentials").json()["access_token"] == app


def test_a_token_dies_of_time_and_of_a_changed_password(flight: Flight, stranger: httpx.Client) -> None:
    token = control.new_token(flight.control_url, expires="30m", scopes=["ads_read"])["access_token"]
    other = control.new_token(flight.control_url)["access_token"]
    assert stranger.get("/me", params={"access_token": token}).is_success
    flight.advance("1h")
    answer = stranger.get("/me", params={"access_token": token})
    assert error(answer) == (400, 190, 463)
    assert "invalid_token" in answer.headers["www-authenticate"]
    control.revoke_token(flight.control_url, other)
    assert error(stranger.get("/me", params={"access_token": other})) == (400, 190, 460)
    states = {one["access_token"]: one["state"] for one in control.tokens(flight.control_url)}
    assert (states[token], states[other]) == ("expired", "revoked")


def test_a_token_is_not_made_of_unknown_permissions(flight: Flight) -> None:
    with pytest.raises(ControlError, match="ads_shoes"):
        control.new_token(flight.control_url, scopes=["ads_shoes"])


def test_a_token_made_outlives_a_restart(tmp_path: Path) -> None:
    options = ("--days", "1", "--state", f"{tmp_path}/world.json")
    with flying(tmp_path, *options) as first:
        token = control.new_token(first.control_url)["access_token"]
    with flying(tmp_path, *options) as second:
        assert second.client.get("/me", headers={"Authorization": f"Bearer {token}"}).is_success


def test_the_proof_must_fit_the_token(flight: Flight) -> None:
    token, secret = flight.ready["access_token"], flight.ready["app_secret"]
    proof = hmac.new(secret.encode(), token.encode(), sha256).hexdigest()
    assert flight.get("/me", appsecret_proof=proof)["id"]
    assert flight.get("/me", appsecret_proof="0" * 64)["error"]["code"] == 100


def test_leaving_takes_every_permission_back(flight: Flight, stranger: httpx.Client) -> None:
    token = control.new_token(flight.control_url)["access_token"]
    assert stranger.delete("/me/permissions", params={"access_token": token}).json() == {"success": True}
    assert error(stranger.get("/me", params={"access_token": token})) == (400, 190, 460)
