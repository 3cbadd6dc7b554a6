"""The place a sign-in comes back to: one answer, in time, under its state."""

from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adopt.errors import Invalid, NeedsPerson
from adopt.operations.callback import Callback, listening


def back(callback: Callback, said: str) -> str:
    return f"{callback.redirect}?{said}"


def test_the_first_answer_under_the_state_is_taken_and_no_other() -> None:
    callback = Callback(18400)
    address = back(callback, f"code=abc&state={callback.state}")
    assert callback.take(address).status == 200
    assert callback.take(address).status == 410
    assert callback.wait(0.1) == "abc"


def test_nobody_in_time_is_told_and_a_late_answer_is_refused() -> None:
    callback = Callback(18400)
    with pytest.raises(NeedsPerson, match="nobody agreed"):
        callback.wait(0.01)
    assert callback.take(back(callback, f"code=abc&state={callback.state}")).status == 410


@given(state=st.text(), more=st.text())
def test_no_other_state_is_ever_taken(state: str, more: str) -> None:
    callback = Callback(18400)
    page = callback.take(back(callback, f"code=abc&state={quote(state)}&{more}"))
    assert page.status == 400 or state == callback.state


def test_an_answer_with_neither_code_nor_error_leaves_the_sign_in_open() -> None:
    callback = Callback(18400)
    assert callback.take(back(callback, f"state={callback.state}")).status == 400
    assert callback.take(back(callback, f"code=abc&state={callback.state}")).status == 200


def test_it_listens_on_this_machine_alone_and_closes() -> None:
    with listening(0) as callback:
        assert httpx.get(f"http://127.0.0.1:{callback.port}/x").status_code == 404
        with pytest.raises(Invalid, match="--port"), listening(callback.port):
            pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{callback.port}/x")
