import pytest

from adopt.cli.universal import UNIVERSAL, Globals, nearest, take, wants_json
from adopt.errors import Invalid


@pytest.mark.parametrize(
    ("argv", "said", "rest"),
    [
        ("adset list", Globals(), "adset list"),
        ("-o json adset list", Globals(output="json"), "adset list"),
        ("adset list -o json", Globals(output="json"), "adset list"),
        ("adset -o=json list", Globals(output="json"), "adset list"),
        ("adset list -ojson", Globals(output="json"), "adset list"),
        ("adset list --output=csv", Globals(output="csv"), "adset list"),
        ("adset list --output jsonl -l 5", Globals(output="jsonl"), "adset list -l 5"),
        ("optimize -qy", Globals(quiet=True, yes=True), "optimize"),
        ("optimize -qvo json", Globals(quiet=True, verbose=True, output="json"), "optimize"),
        ("log -vf", Globals(verbose=True), "log -f"),
        ("-a 1 plan --no-input --no-color", Globals(account="1", no_input=True, no_color=True), "plan"),
        ("plan --ad-account-id act_1", Globals(account="act_1"), "plan"),
        ("adset budget 1 -20%", Globals(), "adset budget 1 -20%"),
        ("adset budget 1 -- -y", Globals(), "adset budget 1 -- -y"),
        ("log - -q", Globals(quiet=True), "log -"),
        ("-o json -o csv plan", Globals(output="csv"), "plan"),
        ("log -l5 --yesterday", Globals(), "log -l5 --yesterday"),
    ],
)
def test_options_of_every_command_are_taken_out_wherever_they_stand(argv: str, said: Globals, rest: str) -> None:
    assert take(argv.split()) == (said, rest.split())


@pytest.mark.parametrize(
    ("argv", "message", "try_next"),
    [
        ("plan -o jsn", "--output: 'jsn' is no output format; there are table, json, jsonl, csv", "--output json"),
        ("plan -o xml", "'xml' is no output format", "--output json"),
        ("plan -o", "--output needs a value", "--output FORMAT"),
        ("plan --output=", "--output needs a value", "--output FORMAT"),
        ("plan --yes=no", "--yes takes no value, and was given 'no'", "--yes"),
    ],
)
def test_what_cannot_be_read_says_what_is_allowed(argv: str, message: str, try_next: str) -> None:
    with pytest.raises(Invalid) as caught:
        take(argv.split())
    assert message in caught.value.message
    assert caught.value.try_next == try_next


def test_each_option_has_one_sentence_of_help() -> None:
    assert all(one.help.endswith(".") and one.help.count(".") <= 1 + ("act_." in one.help) for one in UNIVERSAL)


def test_every_option_is_a_field_that_commands_can_read() -> None:
    assert {one.field for one in UNIVERSAL} == set(Globals._fields)


@pytest.mark.parametrize("argv", ["-o json plan --bogus", "plan -o=json", "plan --output json", "plan -ojson"])
def test_a_caller_who_wants_json_gets_it_for_a_bad_command_line_too(argv: str) -> None:
    assert wants_json(argv.split())


def test_a_mistyped_name_has_a_nearest_one() -> None:
    assert nearest("adste", ["adset", "ad", "audit"]) == "adset"
    assert nearest("zebra", ["adset", "ad", "audit"]) is None
