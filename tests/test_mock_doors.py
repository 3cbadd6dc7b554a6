"""The simulator's HTTP: as loose as Meta is loose, and as broken as one asks it to be."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_mock_ground import Flight, flying

from adopt.mock import control
from adopt.mock.control import ControlError


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    with flying(tmp_path_factory.mktemp("home"), "--days", "3") as started:
        yield started


@pytest.fixture
def ad_set(flight: Flight) -> Iterator[str]:
    control.forget_faults(flight.control_url)
    yield flight.get(f"/{flight.account}/adsets", limit="1")["data"][0]["id"]
    control.forget_faults(flight.control_url)


def name_of(flight: Flight, ident: str) -> str:
    return str(flight.get(f"/{ident}", fields="name")["name"])


def test_an_account_is_found_with_or_without_its_prefix(flight: Flight) -> None:
    assert flight.get(f"/{flight.account[4:]}") == flight.get(f"/{flight.account}") == {"id": flight.account}


def test_the_method_can_be_a_parameter(flight: Flight, ad_set: str) -> None:
    assert flight.get(f"/{ad_set}", method="post", name="By GET") == {"success": True}
    assert name_of(flight, ad_set) == "By GET"
    assert flight.post(f"/{ad_set}", method="get", fields="name") == {"name": "By GET", "id": ad_set}


@pytest.mark.parametrize("kind", ["", "text/plain", "application/json; charset=utf-8"])
def test_json_is_taken_whatever_it_says_it_is(flight: Flight, ad_set: str, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = flight.client.post(f"/{ad_set}", content=json.dumps({"name": f"As {kind}"}).encode(), headers=headers)
    assert answer.json() == {"success": True}
    assert name_of(flight, ad_set) == f"As {kind}"


def test_lists_come_in_php_fashion_too(flight: Flight) -> None:
    found = flight.get(f"/{flight.account}/adsets?effective_status[]=PAUSED&effective_status[1]=ACTIVE", limit="50")
    assert len(found["data"]) == 12


def test_an_answer_takes_the_form_it_was_asked_for(flight: Flight) -> None:
    url = f"/{flight.account}"
    call = flight.client.get(url, params={"callback": "cb.x"})
    assert call.text == f'/**/ cb.x({{"id":"{flight.account}"}});'
    assert call.headers["content-type"].startswith("text/javascript")
    assert flight.client.get(url, params={"callback": "<b>"}).json() == {"id": flight.account}
    assert flight.client.get(url, params={"pretty": "1"}).text.startswith("{\n")
    assert flight.client.get(url, params={"debug": "all"}).json()["__debug__"] == {}
    assert flight.client.get("/1", params={"suppress_http_code": "1"}).status_code == 200
    for harmless in ("locale", "format", "pretty", "date_format"):
        assert flight.client.get(url, params={harmless: "json"}).status_code == 200


def test_long_answers_are_packed_for_those_who_can_unpack(flight: Flight) -> None:
    path, params = f"/{flight.account}/ads", {"fields": "name,targeting", "limit": "100"}
    params["fields"] = "name,effective_status"
    packed = flight.client.get(path, params=params)
    plain = flight.client.get(path, params=params, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_head_and_options_are_answered(flight: Flight) -> None:
    head = flight.client.head(f"/{flight.account}")
    assert (head.status_code, head.content) == (200, b"")
    assert "x-app-usage" in head.headers
    options = flight.client.options(f"/{flight.account}")
    assert (options.status_code, "POST" in options.headers["access-control-allow-methods"]) == (200, True)


def test_every_answer_carries_the_headers_of_meta(flight: Flight) -> None:
    wanted = {
        "x-app-usage", "x-ad-account-usage", "x-business-use-case-usage", "facebook-api-version", "x-fb-trace-id",
        "x-fb-debug", "x-fb-rev", "date",
    }  # fmt: skip
    for path in (f"/{flight.account}", "/1", "/v1.0/me", f"/{flight.account}/shoes"):
        assert wanted <= set(flight.client.get(path).headers)


def test_a_body_beyond_measure_is_refused_before_it_is_read(flight: Flight) -> None:
    host, port = urlsplit(flight.ready["base_url"]).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"POST /me HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 413")


def fault(flight: Flight, kind: str, **how: Any) -> None:
    control.fault(flight.control_url, kind, **how)


def test_the_nth_call_that_matches_goes_wrong(flight: Flight, ad_set: str) -> None:
    fault(flight, "error", method="POST", path=ad_set, nth=2, code=2, status=503)
    assert [flight.client.post(f"/{ad_set}", data={"name": "A"}).status_code for _ in range(3)] == [200, 503, 200]
    assert flight.client.get(f"/{ad_set}").status_code == 200


def test_faults_are_listed_and_forgotten(flight: Flight, ad_set: str) -> None:
    fault(flight, "hang", path="/nowhere", times=0)
    flight.get(f"/{ad_set}")
    (found,) = control.faults(flight.control_url)
    assert (found["kind"], found["path"], found["seen"]) == ("hang", "/nowhere", 0)
    control.forget_faults(flight.control_url)
    assert control.faults(flight.control_url) == []


@pytest.mark.parametrize("how", [{"nth": 0}, {"times": -1}, {"status": 99}, {"seconds": -1}, {"shoes": 1}])
def test_an_impossible_fault_is_refused(flight: Flight, how: dict[str, Any]) -> None:
    with pytest.raises(ControlError):
        fault(flight, "error", **how)


def test_a_broken_gateway_answers_a_page(flight: Flight, ad_set: str) -> None:
    fault(flight, "html")
    answer = flight.client.get(f"/{ad_set}")
    assert (answer.status_code, answer.headers["content-type"][:9]) == (502, "text/html")


def test_an_answer_breaks_off(flight: Flight, ad_set: str) -> None:
    fault(flight, "cut", method="POST")
    with pytest.raises(httpx.TransportError):
        flight.client.post(f"/{ad_set}", data={"name": "Cut"})
    assert name_of(flight, ad_set) == "Cut"


def test_a_slow_answer_is_whole(flight: Flight, ad_set: str) -> None:
    fault(flight, "slow", seconds=0.2)
    assert flight.get(f"/{ad_set}") == {"id": ad_set}


def test_lists_lag_behind_writes(flight: Flight, ad_set: str) -> None:
    before = name_of(flight, ad_set)
    flight.post(f"/{ad_set}", name="Written just now")
    made = flight.post(f"/{flight.account}/adlabels", name="Late label")["id"]
    fault(flight, "lag", seconds=600, times=2)
    listed = {one["id"]: one["name"] for one in flight.get(f"/{flight.account}/adsets", fields="name")["data"]}
    assert listed[ad_set] != "Written just now"
    assert made not in [one["id"] for one in flight.get(f"/{flight.account}/adlabels")["data"]]
    assert name_of(flight, ad_set) == "Written just now" != before
    assert made in [one["id"] for one in flight.get(f"/{flight.account}/adlabels")["data"]]


def test_a_token_is_taken_back_in_the_middle_of_a_run(flight: Flight, ad_set: str) -> None:
    token = control.new_token(flight.control_url)["access_token"]
    fault(flight, "revoke", nth=2)
    with httpx.Client(base_url=flight.ready["base_url"], params={"access_token": token}, trust_env=False) as client:
        codes = [client.get(f"/{ad_set}").json().get("error", {}).get("error_subcode") for _ in range(3)]
    assert codes == [None, 460, 460]


def test_an_operation_of_a_batch_is_done_and_its_answer_lost(flight: Flight, ad_set: str) -> None:
    fault(flight, "null", path=ad_set)
    operations = [{"method": "POST", "relative_url": ad_set, "body": "name=Lost"}, {"relative_url": "me"}]
    first, second = flight.post("/", batch=json.dumps(operations))
    assert first is None
    assert second["code"] == 200
    assert name_of(flight, ad_set) == "Lost"


def test_a_batch_holds_files_tokens_and_dependencies(flight: Flight, ad_set: str) -> None:
    weak = control.new_token(flight.control_url, scopes=["ads_read"])["access_token"]
    operations = [
        {"method": "POST", "relative_url": ad_set, "body": f"name=No&access_token={weak}"},
        {"method": "GET", "relative_url": "me", "depends_on": "nothing"},
        {"method": "GET", "relative_url": f"/v25.0/{ad_set}/?fields=id", "omit_response_on_success": True},
        {"method": "POST", "relative_url": f"{flight.account}/adimages", "attached_files": "missing"},
        {"method": "GET", "relative_url": "http://[oops"},
        {"method": "POST", "relative_url": "", "body": "batch=[]"},
        {"method": "GET", "relative_url": ad_set, "include_headers": False},
    ]
    answers = flight.post("/", batch=json.dumps(operations), include_headers="false")
    assert [one and one["code"] for one in answers] == [403, 400, None, 400, 400, 400, 200]
    assert set(answers[6]) == {"code", "body"}


def test_fifty_clients_at_once(flight: Flight) -> None:
    def client(_: int) -> int:
        with httpx.Client(base_url=flight.ready["base_url"], headers=flight.client.headers, trust_env=False) as one:
            return sum(one.get(f"/{flight.account}/adsets", timeout=60).is_success for _ in range(4))

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(client, range(50))) == 200


PIECES = st.one_of(
    st.sampled_from([
        b"GET ", b"POST ", b"/me", b"/v26.0/", b" HTTP/1.1\r\n", b"Host: graph.facebook.com\r\n", b"\r\n", b"%00", b"?",
        b"Content-Type: multipart/form-data; boundary=x\r\n", b"Content-Type: application/json\r\n", b"--x\r\n", b"{",
        b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", b"fields=a{b", b"batch=[[", b"&",
        b"Authorization: Bearer \xff\r\n", b'Content-Disposition: form-data; name="a"\r\n\r\n', b"callback=", b"=",
    ]),
    st.binary(max_size=12),
)  # fmt: skip


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(PIECES, max_size=14))
def test_any_bytes_get_an_answer_or_a_closed_door(flight: Flight, pieces: list[bytes]) -> None:
    host, port = urlsplit(flight.ready["base_url"]).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"".join(pieces) + b"\r\n\r\n")
        line.shutdown(socket.SHUT_WR)
        said = b""
        try:
            while data := line.recv(65536):
                said += data
        except ConnectionResetError:
            pass
    assert b"HTTP/1.1 500" not in said
    assert flight.client.get("/me").is_success
