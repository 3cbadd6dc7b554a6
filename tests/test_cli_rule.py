"""`adopt rule`, by the real program."""

import json
from pathlib import Path

from cli_program import adopt
from flight import Flight

RULES = """
[target]
cpa = "30.00"

[[rule]]
name = "k1"
use = "classic-2x"

[[rule]]
name = "cheap"
when = "cpa(3d) > 1.2 * target"
do = "pause"

[[rule]]
name = "back"
when = "cpa(7d) < target"
do = "revive"

[[rule]]
name = "night"
when = "budget > 0"
do = "budget = 50%"
schedule = "00:00-07:00"
every = "24h"
"""


def written(home: Path, text: str = RULES) -> str:
    path = home / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_check_says_what_is_doubtful_and_how_often_a_rule_is_wrong(tmp_path: Path) -> None:
    ran = adopt(tmp_path, "rule", "check", written(tmp_path), "--runs", "200")
    assert ran.code == 0, ran.err
    assert "4 rules read, 4 doubts" in ran.out
    assert "cheap: no data guard" in ran.out
    assert "cheap: overlap: holds together with back: cheap because cpa(3d) is $" in ran.out
    assert "k1: other windows: looks at lifetime, and back at 7d" in ran.out
    assert "200 simulated ad sets a figure" in ran.out


def test_check_gives_a_program_all_it_found(tmp_path: Path) -> None:
    ran = adopt(tmp_path, "rule", "check", written(tmp_path), "--runs", "100", "-o", "json")
    found = json.loads(ran.out)
    assert (found["rules"], found["runs"], len(found["doubts"])) == (4, 100, 4)
    assert [(one["rule"], one["spends"]) for one in found["chances"]] == [
        (rule, spends) for rule in ("k1", "cheap") for spends in (1.0, 3.0)
    ]
    assert found["chances"][0]["on_target"] < found["chances"][2]["on_target"]


def test_check_of_a_rule_that_cannot_be_read_names_file_rule_and_column(tmp_path: Path) -> None:
    path = written(tmp_path, RULES.replace("cpa(3d) > 1.2 * target", "cpa(3d) > roas"))
    ran = adopt(tmp_path, "rule", "check", path)
    assert (ran.code, ran.out) == (2, "")
    assert f"{path}: rule 'cheap': when, column 9: money (cpa(3d)) cannot be compared with a ratio (roas)" in ran.err


def test_the_recipes_are_listed_with_their_sources_and_what_cannot_be_had_with_why(tmp_path: Path) -> None:
    found = {one["name"]: one for one in json.loads(adopt(tmp_path, "rule", "preset", "-o", "json").out)}
    assert found["classic-2x"]["source"] == "adscook (K1)"
    assert found["safe-stop"]["is_available"]
    assert (found["r9"]["is_available"], "reach" in found["r9"]["line"]) == (False, True)
    assert "results(lifetime) == 0" in adopt(tmp_path, "rule", "preset", "classic-2x").out
    assert adopt(tmp_path, "rule", "preset", "nonsense").code == 2


def test_rules_are_listed_shown_and_tested_on_the_last_poll(fly: Flight) -> None:
    assert fly.adopt("init", "--no-input", *fly.targets()).code == 0
    policy = next((fly.home / "config" / "policy").glob("*.toml"))
    policy.write_text(RULES, encoding="utf-8")
    assert [one["name"] for one in fly.json("rule", "list")] == ["k1", "cheap", "back", "night"]
    assert "budget = 50%" in fly.adopt("rule", "show", "night").out
    ran = fly.adopt("rule", "test", "cheap")
    assert (ran.code, "adopt plan" in ran.err) == (2, True)
    assert fly.adopt("plan").code == 0
    heard = fly.json("rule", "test", "cheap")
    assert len(heard) == len(fly.json("adset", "list", "-l", "1000", "--fields", "id"))
    assert {"holds", "saw", "does", "object"} == set(heard[0])
    assert all("cpa(3d) is $" in one["saw"] or "does not exist yet" in one["saw"] for one in heard)
    assert "outside its hours" in fly.adopt("rule", "test", "night").out
    assert fly.adopt("rule", "test", "nonsense").code == 2
    assert "(yours)" in fly.adopt("rule", "check", "--runs", "50").out
    fly.adopt("rule", "list", "-o", "csv")


def test_a_written_rule_pauses_and_a_night_is_over_by_seven(fly: Flight) -> None:
    fly.adopt("init", "--no-input", *fly.targets())
    policy = next((fly.home / "config" / "policy").glob("*.toml"))
    head = policy.read_text(encoding="utf-8").split("[[rule]]")[0].replace('max_changes_per_plan = "30%"', "")
    rule = RULES[RULES.index('[[rule]]\nname = "night"') :].replace('every = "24h"', "")
    policy.write_text(head.replace('"30%"', '"100%"') + rule, encoding="utf-8")
    before = {one["id"]: one["daily_budget"] for one in budgets(fly)}
    fly.advance("13h")  # it was noon
    plan = fly.json("optimize")["plan"]
    assert plan["changes"]
    assert all(change["after"] == change["before"] // 2 for change in plan["changes"])
    fly.advance("7h")
    back = fly.json("optimize")["plan"]["changes"]
    assert len(back) == len(plan["changes"])
    assert {one["id"]: one["daily_budget"] for one in budgets(fly)} == before


def budgets(fly: Flight) -> list[dict[str, str]]:
    """The ad sets with a daily budget of their own."""
    found = fly.json("adset", "list", "-l", "1000", "--fields", "id,daily_budget")
    return [one for one in found if one.get("daily_budget")]
