import msgspec
import numpy as np
import pytest
from making import Maker
from test_mock_ground import NOON, Ground, purchases

from adopt.mock.account import Options
from adopt.mock.clock import Beginning, Clock
from adopt.mock.drawing import draw_account
from adopt.mock.parameters import MEANING, PRESETS, Parameters, spread
from adopt.mock.reporting import Table
from adopt.mock.truth import truth
from adopt.mock.world import World


def make(seed: int, **options: object) -> World:
    options = {"ad_sets": 24, "days": 120, "realistic": True, **options}
    return World(Options(seed=seed, **options), Clock(Beginning(NOON, 0.0), machine=lambda: 0.0))  # type: ignore[arg-type]


def by_ad_set(world: World, table: Table, name: str) -> np.ndarray:
    owner, sets = world.delivery.traits.set_of_ad, len(world.account.ad_sets)
    return np.stack([np.bincount(owner, day, sets) for day in table.counts[name][:-1]])


@pytest.mark.parametrize("preset", PRESETS)
def test_every_level_of_a_preset_is_one_that_is_met(preset: str) -> None:
    levels = msgspec.structs.asdict(PRESETS[preset])
    assert set(levels) == set(MEANING)
    assert [name for name, (_, _, (least, most)) in MEANING.items() if not least <= levels[name] <= most] == []


def test_accounts_of_a_kind_differ_as_real_ones_do() -> None:
    drawn = [spread(Parameters(), seed) for seed in range(200)]
    assert 0.35 < np.std(np.log([one.cpm for one in drawn])) < 0.7
    assert 0.45 < np.std(np.log([one.ctr for one in drawn])) < 0.9
    cost = np.array([one.target for one in drawn])
    rate = np.array([one.cpm / one.ctr for one in drawn]) / cost
    assert 0.5 < np.std(np.log(rate)) < 1.0
    assert 0.6 < np.std(np.log([1 / one.margin for one in drawn])) < 1.3


@pytest.mark.parametrize("preset", PRESETS)
def test_ad_sets_of_every_kind_sell_near_what_they_may_cost(preset: str) -> None:
    world = make(3, preset=preset, days=30, ad_sets=36)
    table = world.report()
    bought = table.purchases["7d_click"].sum() + table.purchases["1d_view"].sum()
    cost = table.counts["spend"].sum() / bought
    assert 0.5 < cost / world.account.target_cpa < 2
    assert bought > 100


def test_the_kind_of_business_changes_how_late_people_buy() -> None:
    def late(preset: str) -> float:
        world = make(1, preset=preset, days=20, realistic=False)
        world.report()
        sales = world.reporting.happened()
        return float((sales.done - sales.cause > 86400).mean())

    assert late("leads") < 0.6 * late("ecommerce") < late("ecommerce") < 0.8 * late("high-ticket")


@pytest.mark.parametrize("seed", range(3))
def test_a_busy_owners_budgets_end_where_the_account_has_them(seed: int) -> None:
    world = make(seed)
    edits = [edit for ad_set in world.account.ad_sets for edit in ad_set.edits]
    assert len(edits) > 20
    world.report()
    budgets = [ad_set.budget for ad_set in world.account.ad_sets]
    assert world.delivery.settings.of["ad_set_budget"].tolist() == budgets
    assert [campaign.budget for campaign in world.account.campaigns] == world.delivery.settings.of[
        "campaign_budget"
    ].tolist()
    for ad_set in world.account.ad_sets:
        chain = [edit.after for edit in ad_set.edits]
        assert chain[:-1] == [edit.before for edit in ad_set.edits[1:]]
        assert not chain or chain[-1] == ad_set.budget


@pytest.mark.parametrize("seed", range(3))
def test_days_of_a_realistic_account_look_like_an_accounts_days(seed: int) -> None:
    world = make(seed)
    table = world.report()
    spend, shown = (by_ad_set(world, table, name) for name in ("spend", "impressions"))
    follows, moves, prices = [], [], []
    for column in range(spend.shape[1]):
        days = spend[:, column] > 0
        if days.sum() < 20:
            continue
        cost, seen = np.log(spend[days, column]), np.log(shown[days, column])
        follows.append(np.corrcoef(cost[1:], cost[:-1])[0, 1])
        prices.append(np.corrcoef((cost - seen)[1:], (cost - seen)[:-1])[0, 1])
        moves.append(np.corrcoef(np.diff(cost), np.diff(seen))[0, 1])
    assert 0.25 < np.mean(follows) < 0.98
    assert 0.40 < np.mean(prices) < 0.95
    assert 0.65 < np.mean(moves) < 0.99
    ads = np.sort(table.counts["spend"].sum(axis=0))[::-1]
    ads = ads[ads > 0]
    assert 0.35 < ads[: len(ads) // 10].sum() / ads.sum() < 0.85


def test_ads_that_joined_late_have_no_earlier_days() -> None:
    world = make(2)
    shown = world.report().counts["impressions"]
    late = [(n, ad.starts) for n, ad in enumerate(world.account.ads) if ad.starts]
    assert len(late) > 5
    assert all(shown[:starts, n].sum() == 0 for n, starts in late)
    assert sum(bool(shown[starts:, n].any()) for n, starts in late) > len(late) / 2


def test_a_busy_owners_acts_are_in_the_activity_log() -> None:
    ground = Ground(realistic=True, days=60)
    rows = ground.get(f"{ground.account}/activities", fields="event_type,event_time,extra_data", limit="1000")["data"]
    edits = sum(len(one.edits) for one in (*ground.graph.world.account.ad_sets, *ground.graph.world.account.campaigns))
    assert sum("budget" in row["event_type"] for row in rows) == edits > 0


def test_truth_stands_beside_what_the_account_reports() -> None:
    ground = Ground(realistic=True, days=40, ad_sets=36)
    told = truth(ground.graph.world, ground.graph.objects)
    rows = {row["adset_id"]: row for row in ground.rows(fields="adset_id,spend,actions", date_preset="maximum")}
    for one in told["ad_sets"]:
        row = rows.get(one["id"], {"spend": "0.00"})
        assert float(one["reported"]["spend"]) == pytest.approx(float(row["spend"]), abs=0.005)
        assert one["reported"]["conversions"] == purchases(row)
        assert float(one["reported"]["spend"]) <= float(one["spend"])
        assert one["incremental_conversions"] <= one["conversions"]
        assert one["reported"]["conversions"] <= one["conversions"]
    shop = told["shop"]
    assert shop["orders"] == shop["organic_orders"] + shop["orders_after_ads"]
    assert 0.5 < shop["organic_orders"] / shop["orders_after_ads"] < 4
    assert shop["incremental_orders"] < shop["orders_after_ads"]


def test_another_preset_tells_another_story_with_the_same_ids() -> None:
    one, two = (draw_account(Options(preset=preset)) for preset in ("ecommerce", "high-ticket"))
    assert [a.id for a in one.ad_sets] == [a.id for a in two.ad_sets]
    assert one.target_cpa < two.target_cpa


def test_learning_begins_anew_with_what_the_owner_did_in_the_history() -> None:
    ground = Ground(seed=3, ad_sets=24, days=60, realistic=True)
    fields = "created_time,learning_stage_info"
    rows = ground.get(f"{ground.account}/adsets", fields=fields, date_format="U", limit=100)["data"]
    told = {row["id"]: row for row in rows}
    world, moved = ground.graph.world, 0
    for ad_set in world.account.ad_sets:
        edited = told[ad_set.id]["learning_stage_info"]["last_sig_edit_ts"]
        far = [world.moment_of(one.day, one.hour) for one in ad_set.edits if abs(one.after / one.before - 1) > 0.2]
        assert edited >= max([told[ad_set.id]["created_time"], *far])
        moved += edited > told[ad_set.id]["created_time"]
    assert moved > len(rows) / 2


@pytest.mark.parametrize("spec", [[("CLICK_THROUGH", 1)], [("CLICK_THROUGH", 7), ("VIEW_THROUGH", 1)]])
def test_learning_is_told_in_the_ad_set_s_own_windows(spec: list[tuple[str, int]]) -> None:
    ground = Ground(days=1)
    maker = Maker(ground)
    windows = [{"event_type": kind, "window_days": days} for kind, days in spec]
    made = maker.ad_set(maker.campaign(), attribution_spec=windows)
    told = ground.get(made, fields="learning_stage_info")["learning_stage_info"]
    assert told["attribution_windows"] == [
        {"CLICK_THROUGH": f"{days}d_click", "VIEW_THROUGH": f"{days}d_view"}[kind] for kind, days in spec
    ]
    assert (told["status"], told["conversions"]) == ("LEARNING", 0)
