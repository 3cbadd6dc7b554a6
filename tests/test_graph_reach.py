from collections.abc import Iterator

import httpx
import pytest
from scripted import TOKEN, Desk, Reply, free_port, scripted

from adopt.errors import Invalid, NeedsPerson, Unreachable
from adopt.graph.client import META, Graph


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


def test_nothing_listening_names_the_variable_to_check(desk: Desk) -> None:
    with pytest.raises(Unreachable) as caught:
        desk.graph(f"http://127.0.0.1:{free_port()}").get("1")
    assert "nothing answers at http://127.0.0.1:" in str(caught.value)
    assert "ADOPT_GRAPH_URL" in caught.value.try_next
    assert desk.slept == [0.5, 1.0]


def test_a_host_without_a_name_is_unreachable(desk: Desk) -> None:
    with pytest.raises(Unreachable):
        desk.graph("http://graph.invalid").get("1")


def test_meta_out_of_reach_points_at_the_network() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Name or service not known", request=request)

    with (
        Graph(META, TOKEN, transport=httpx.MockTransport(refuse), sleep=lambda _: None) as graph,
        pytest.raises(Unreachable) as caught,
    ):
        graph.get("1")
    assert caught.value.try_next == "check the network: DNS, HTTPS_PROXY, VPN, firewall"
    assert graph.calls == 0


def test_a_certificate_nobody_trusts_is_not_tried_again() -> None:
    tries = []

    def distrust(request: httpx.Request) -> httpx.Response:
        tries.append(request)
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", request=request)

    with (
        Graph("https://127.0.0.1:1", TOKEN, transport=httpx.MockTransport(distrust), sleep=lambda _: None) as graph,
        pytest.raises(Unreachable) as caught,
    ):
        graph.get("1")
    assert len(tries) == 1
    assert "SSL_CERT_FILE" in caught.value.try_next


def test_a_web_server_that_is_not_meta_is_unreachable(desk: Desk) -> None:
    with scripted(Reply(b"<html>hello</html>", 200)) as server, pytest.raises(Unreachable, match="is not Meta"):
        desk.graph(server).get("1")


@pytest.mark.parametrize(
    "url", ["", "graph.facebook.com", "ftp://x", "http://", "http://[", "http://a:b@c", "http://x:y"]
)
def test_a_url_that_is_none_is_said_at_once(url: str) -> None:
    with pytest.raises(Invalid, match="Graph URL"):
        Graph(url, TOKEN)


@pytest.mark.parametrize("url", ["http://x:1", "http://x:1/", "http://x:1/v25.0", "http://x:1/v25.0/"])
def test_a_url_may_end_in_a_slash_or_version(url: str) -> None:
    with Graph(url, TOKEN) as graph:
        assert graph.url == "http://x:1/v26.0"


@pytest.mark.parametrize("token", ["", "  ", "EAAone EAAtwo", "EAAone\r\nX: y", "EAAü"])
def test_a_token_that_can_be_none_is_said_without_showing_it(token: str) -> None:
    with pytest.raises(NeedsPerson) as caught:
        Graph("http://127.0.0.1:1", token)
    assert "EAA" not in str(caught.value)
    assert "adopt auth login" in caught.value.try_next


def test_a_proxy_of_another_kind_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks4://127.0.0.1:1")
    with pytest.raises(Unreachable, match="proxy") as caught:
        Graph(META, TOKEN)
    assert "HTTPS_PROXY" in caught.value.try_next


def test_a_proxy_is_not_asked_for_a_server_on_this_machine(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    with scripted({"id": "1"}) as server:
        assert desk.graph(server).get("1") == {"id": "1"}
