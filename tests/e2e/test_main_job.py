"""The main job as a person and as cron run it: real program, real HTTP, real files."""

import json

from flight import Flight


def test_a_dry_run_shows_changes_and_makes_none(fly: Flight) -> None:
    plan = fly.json("optimize", "--dry-run", *fly.targets())
    assert plan["changes"]
    assert fly.calls("POST") == []
    for change in plan["changes"]:
        assert fly.value(change) == change["before"]


def test_every_ad_set_has_a_verdict_with_a_sentence(fly: Flight) -> None:
    plan = fly.json("plan", *fly.targets())
    judged = {v["object"]["id"] for v in plan["verdicts"] if v["object"]["level"] == "adset"}
    assert judged == {row["id"] for row in fly.json("adset", "list", "--all", "--fields", "id")}
    assert all(v["sentence"] for v in plan["verdicts"])


def test_a_saved_plan_is_applied_exactly_and_once(fly: Flight) -> None:
    path = fly.home / "p.json"
    assert fly.adopt("plan", *fly.targets(), "--out", str(path)).code == 0
    plan = json.loads(path.read_bytes())
    done = json.loads(fly.adopt("apply", str(path), "-y", "-o", "json").out)
    assert [o["state"] for o in done["outcomes"]] == ["applied"] * len(plan["changes"])
    for change in plan["changes"]:
        assert fly.value(change) == change["after"]
    fly.forget_calls()
    again = fly.adopt("apply", str(path), "-y")
    assert again.code == 0
    assert not [call for call in fly.calls("POST") if not call.endswith(" /")]


def test_an_edited_plan_is_refused(fly: Flight) -> None:
    path = fly.home / "p.json"
    fly.adopt("plan", *fly.targets(), "--out", str(path))
    plan = json.loads(path.read_bytes())
    plan["changes"][0]["after"] = "ARCHIVED"
    path.write_text(json.dumps(plan))
    ran = fly.adopt("apply", str(path), "-y")
    assert ran.code == 2
    assert "was edited" in ran.err


def test_cron_says_nothing_and_the_log_tells_all(fly: Flight) -> None:
    assert fly.adopt("init", "--no-input", *fly.targets()).code == 0
    ran = fly.adopt("optimize", "-q")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    kinds = [entry["kind"] for entry in fly.json("log")]
    assert kinds[:2] == ["poll", "plan"]
    assert "change" in kinds


def test_by_wilson_a_second_look_on_the_same_day_changes_nothing(fly: Flight) -> None:
    fly.adopt("init", "--no-input", *fly.targets())
    policy = fly.home / "config" / "policy" / f"{fly.account}.toml"
    policy.write_text(policy.read_text().replace('method = "evidence"', 'method = "wilson"'))
    fly.adopt("optimize", "-q")
    fly.advance("2h")
    second = fly.json("optimize")
    assert second["outcomes"] == []
    assert {r["guardrail"] for r in second["plan"]["refusals"]} >= {"one_look_a_day"}


def test_by_evidence_a_second_look_may_act_but_on_nothing_that_was_just_changed(fly: Flight) -> None:
    fly.adopt("init", "--no-input", *fly.targets())
    first = fly.json("optimize")
    fly.advance("2h")
    second = fly.json("optimize")
    touched = {o["change"]["object"]["id"] for o in first["outcomes"]}
    assert not touched & {o["change"]["object"]["id"] for o in second["outcomes"]}
    assert "at most 5 % of ad sets" in second["plan"]["promise"]


def test_undo_puts_back_what_a_plan_changed(fly: Flight) -> None:
    fly.adopt("init", "--no-input", *fly.targets())
    done = fly.json("optimize")
    before = [o["change"] for o in done["outcomes"]]
    assert fly.adopt("undo", done["plan"]["id"], "-y").code == 0
    for change in before:
        assert fly.value(change) == change["before"]


def test_undo_takes_back_nothing_that_the_policy_names_since(fly: Flight) -> None:
    fly.adopt("init", "--no-input", *fly.targets())
    made = fly.json("optimize")["outcomes"][0]
    change = made["change"]
    policy = fly.home / "config" / "policy" / f"{fly.account}.toml"
    line = f"never_touch = [\"id == '{change['object']['id']}'\"]"
    policy.write_text(policy.read_text().replace("never_touch = []", line))
    ran = fly.adopt("undo", made["id"], "-y")
    assert (ran.code, "never_touch" in ran.err) == (8, True)
    assert fly.value(change) == change["after"]


def test_what_a_person_paused_is_shown_and_not_touched(fly: Flight) -> None:
    paused = {
        row["id"] for row in fly.json("adset", "list", "--all", "--fields", "id,status") if row["status"] == "PAUSED"
    }
    plan = fly.json("plan", *fly.targets())
    back = [v["object"]["id"] for v in plan["verdicts"] if v["kind"] == "revive"]
    assert back
    assert set(back) <= paused
    assert {r["change"]["object"]["id"] for r in plan["refusals"] if r["guardrail"] == "paused_by_you"} == set(back)
    assert not {c["object"]["id"] for c in plan["changes"]} & paused


def test_the_evidence_is_there_for_an_ad_set_left_alone(fly: Flight) -> None:
    plan = fly.json("plan", *fly.targets())
    held = next(v for v in plan["verdicts"] if v["kind"] == "hold" and v["object"]["level"] == "adset")
    why = fly.json("why", held["object"]["id"])
    assert why["verdict"] == held


def test_a_pass_after_the_first_asks_three_calls(fly: Flight) -> None:
    fly.json("plan", *fly.targets())
    fly.forget_calls()
    fly.json("plan", *fly.targets())
    paths = [call.split()[1] for call in fly.calls()]
    assert paths == [f"/{fly.account}", f"/{fly.account}/adsets", f"/{fly.account}/insights"]
