"""The program flown against accounts that sell nothing: it counts leads and installs, judges and acts by them."""

from pathlib import Path

import pytest
from flight import flight

from adopt.mock import control


@pytest.mark.parametrize(("preset", "result"), [("leads", "lead"), ("app", "app_install")])
def test_it_is_set_up_and_pauses_only_what_is_bad(tmp_path: Path, preset: str, result: str) -> None:
    options = ("--preset", preset, "--seed", "1", "--days", "40", "--now", "2026-03-10T12:00:00-04:00")
    with flight(tmp_path, *options) as fly:
        assert (fly.door["result"], fly.door["target_roas"]) == (result, None)
        assert fly.adopt("init", "--no-input", "--result", result, "--attribution", "account", *fly.targets()).code == 0
        done = fly.json("optimize")
        paused = {one["change"]["object"]["id"] for one in done["outcomes"] if one["change"]["after"] == "PAUSED"}
        assert {one["state"] for one in done["outcomes"]} == {"applied"}
        truth = control.truth(fly.control)
        good = {one["id"] for one in truth["ad_sets"] if one["good"]}
        assert paused
        assert not paused & good
        noun = result.replace("_", " ")
        assert f"break-even: {truth['target_cpa']} USD for each {noun}" in fly.adopt("mock", "truth").out
