"""The commands as far as they go without Meta: setting up, holding, and what is said where nothing answers."""

import json
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from cli_program import CANARY, NOBODY, adopt, environment_of, on_terminal, signed_in

INIT = ("init", "-a", "1234567890", "--no-input", "--target-cpa", "30")
FAILING = [
    ["plan"],
    ["plan", "-o", "json"],
    ["optimize", "--dry-run"],
    ["optimize", "-q", "--target-cpa", "30"],
    ["adset", "list"],
    ["adset", "get", "1"],
    ["adset", "pause", "1"],
    ["adset", "budget", "1", "-20%"],
    ["campaign", "start", "1"],
    ["insights", "get"],
    ["account", "list", "-o", "jsonl"],
    ["init", "--no-input", "-a", "1", "--target-cpa", CANARY],
    ["why", CANARY],
    ["apply", CANARY],
    ["undo", CANARY],
    [CANARY],
    ["plan", f"--{CANARY}"],
]


def test_init_writes_a_config_and_a_policy(tmp_path: Path) -> None:
    ran = adopt(tmp_path, *INIT)
    config, policy = tmp_path / "config" / "config.toml", tmp_path / "config" / "policy" / "act_1234567890.toml"
    assert (ran.code, ran.err) == (0, "")
    assert str(config) in ran.out
    assert tomllib.loads(config.read_text()) == {"ad_account_id": "act_1234567890", "graph_url": NOBODY}
    assert tomllib.loads(policy.read_text())["target"] == {
        "cpa": "30",
        "result": "purchase",
        "attribution": "7d_click",
    }
    assert stat.S_IMODE(policy.stat().st_mode) == 0o600


def test_init_takes_a_roas_a_result_and_an_attribution(tmp_path: Path) -> None:
    options = ("--target-roas", "2.5", "--result", "lead", "--attribution", "1d_click")
    adopt(tmp_path, "init", "-a", "act_1", "--no-input", *options)
    policy = tomllib.loads((tmp_path / "config" / "policy" / "act_1.toml").read_text())
    assert policy["target"] == {"roas": "2.5", "result": "lead", "attribution": "1d_click"}


def test_init_keeps_a_policy_unless_forced(tmp_path: Path) -> None:
    adopt(tmp_path, *INIT)
    again = adopt(tmp_path, *INIT[:-1], "40")
    assert (again.code, again.err.splitlines()[0].endswith("exists already")) == (2, True)
    assert adopt(tmp_path, *INIT[:-1], "40", "--force").code == 0
    policy = tmp_path / "config" / "policy" / "act_1234567890.toml"
    assert tomllib.loads(policy.read_text())["target"]["cpa"] == "40"


@pytest.mark.parametrize(
    "options",
    [
        ["--target-cpa", "x"],
        ["--target-cpa", "-3"],
        ["--target-cpa", "nan"],
        ["--target-cpa", "inf"],
        ["--target-cpa", "0"],
        ["--target-cpa", "3", "--target-roas", "2"],
        ["--target-cpa", "3", "--attribution", "9d_click"],
        ["--target-cpa", "3", "--result", 'pur"chase'],
        [],
    ],
)
def test_init_refuses_what_no_target_can_be_and_writes_nothing(tmp_path: Path, options: list[str]) -> None:
    ran = adopt(tmp_path, "init", "-a", "1", "--no-input", *options)
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 2
    assert not (tmp_path / "config").exists()


def test_init_asks_on_a_terminal(tmp_path: Path) -> None:
    code, shown = on_terminal(tmp_path, "init", "-a", "1", keys="\n30\n")
    assert code == 0
    assert "What is good" in shown
    policy = tomllib.loads((tmp_path / "config" / "policy" / "act_1.toml").read_text())
    assert policy["target"]["cpa"] == "30"


def test_init_never_asks_a_pipe(tmp_path: Path) -> None:
    ran = adopt(tmp_path, "init", "-a", "1", stdin="cpa\n30\n")
    assert ran.code == 2
    assert "Nobody is here to answer" in ran.err


def test_init_says_what_it_wrote_as_json(tmp_path: Path) -> None:
    found = json.loads(adopt(tmp_path, *INIT, "-o", "json").out)
    assert found["account"] == "act_1234567890"
    assert Path(found["policy"]).exists()


def test_the_red_button_holds_until_it_is_released(tmp_path: Path) -> None:
    assert json.loads(adopt(tmp_path, "hold", "-o", "json").out)["hold"] is False
    adopt(tmp_path, "hold", "on", "--reason", "sale")
    held = json.loads(adopt(tmp_path, "hold", "status", "-o", "json").out)
    assert (held["hold"], held["reason"]) == (True, "sale")
    assert "hold       on since" in adopt(tmp_path, "status").out
    adopt(tmp_path, "hold", "off")
    assert json.loads(adopt(tmp_path, "hold", "-o", "json").out)["hold"] is False


def test_a_fresh_machine_is_told_where_to_start(tmp_path: Path) -> None:
    ran = adopt(tmp_path, "status")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "next: adopt auth login, or adopt demo")


def test_an_empty_log_says_so(tmp_path: Path) -> None:
    assert adopt(tmp_path, "log", "-a", "1").out == "nothing found\n"
    assert json.loads(adopt(tmp_path, "log", "-a", "1", "-o", "json").out) == []


@pytest.mark.parametrize("argv", [["plan"], ["optimize"], ["adset", "list"], ["account", "list"], ["insights", "get"]])
def test_without_a_token_every_door_to_meta_is_exit_3(tmp_path: Path, argv: list[str]) -> None:
    ran = adopt(tmp_path, *argv, "-a", "1", *(["--target-cpa", "3"] if argv[0] in ("plan", "optimize") else []))
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.splitlines() == [
        "error: there is no access token",
        "try: adopt auth login, or adopt demo",
    ]


def test_a_dotenv_file_signs_nobody_in(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"ADOPT_ACCESS_TOKEN={CANARY}\n")
    command = [sys.executable, "-m", "adopt", "account", "list"]
    done = subprocess.run(
        command, env=environment_of(tmp_path), cwd=tmp_path, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 3


def test_where_nothing_answers_is_exit_5(tmp_path: Path) -> None:
    ran = adopt(tmp_path, "account", "list", **signed_in())
    assert (ran.code, ran.out) == (5, "")
    assert len(ran.err.splitlines()) == 2


@pytest.mark.parametrize("argv", FAILING, ids=" ".join)
def test_a_token_is_never_shown_or_kept(tmp_path: Path, argv: list[str]) -> None:
    ran = adopt(tmp_path, *argv, **signed_in())
    assert ran.code not in (0, 1)
    assert CANARY not in ran.out
    assert CANARY not in ran.err
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert kept == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "is no saved plan: Object missing required field"),
        ("not json", "is no saved plan: JSON is malformed"),
        ("", "is no saved plan"),
    ],
)
def test_what_is_no_plan_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    ran = adopt(tmp_path, "apply", str(path), **signed_in())
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_a_plan_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    ran = adopt(tmp_path, "apply", "plan.json", **signed_in())
    assert (ran.code, ran.err.splitlines()[0]) == (2, "error: plan.json cannot be read: No such file or directory")
