"""Whatever is written, the answer is success or Meta's error, and a restart gives the same account."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making import Maker
from test_mock_ground import Ground

from adopt.mock.call import Call, File
from adopt.mock.values import ENUMS, PARAMETERS

EDGES = {"campaign": "campaigns", "ad set": "adsets", "ad": "ads", "creative": "adcreatives", "video": "advideos"}
NESTED = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 70), st.text(max_size=5), st.sampled_from(["US", "DE", "1"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "geo_locations", "countries", "age_min", "age_max", "targeting_automation", "advantage_audience",
                    "id", "name", "link_data", "video_data", "link", "image_hash", "child_attachments", "type", "value",
                    "page_id", "pixel_id", "creative_id", "creative_features_spec", "enroll_status", "bodies", "text",
                    "images", "hash", "roas_average_floor", "event_type", "window_days", "rename_prefix", "regions",
                    "adset_id", "daily_budget", "call_to_action", "object_story_spec", "custom_event_type", "genders",
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)  # fmt: skip
ODD = st.one_of(
    NESTED,
    st.sampled_from(
        ["", "0", "-1", "1e9", "99999999999999999999", "nan", "true", "[]", "{}", "null", "2026-11-20", "x"]
    ),
    st.text(max_size=8),
)
KINDS = st.sampled_from(sorted(EDGES))


def odd_params(what: str) -> st.SearchStrategy[dict[str, Any]]:
    """Some parameters of a write, each with a legal word of its type, or with anything."""
    table = PARAMETERS[what]

    def values(name: str) -> st.SearchStrategy[Any]:
        kind = table[name].lstrip("@")
        return st.one_of(ODD, st.sampled_from(ENUMS[kind])) if kind in ENUMS else ODD

    names = st.lists(st.sampled_from(sorted(table)), max_size=4, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: values(name) for name in chosen}))


@pytest.fixture(scope="module")
def maker() -> Maker:
    return Maker(Ground(days=1, ad_sets=4))


@pytest.fixture(scope="module")
def made(maker: Maker) -> dict[str, str]:
    campaign, ad_set, ad = maker.whole()
    return {"campaign": campaign, "ad set": ad_set, "ad": ad, "creative": maker.creative()}


def usual(maker: Maker, made: dict[str, str], kind: str) -> dict[str, Any]:
    """Parameters that would make an object of a kind."""
    return {
        "campaign": maker.campaign_params(),
        "ad set": maker.ad_set_params(made["campaign"]),
        "ad": maker.ad_params(made["ad set"], made["creative"]),
        "creative": maker.creative_params(),
        "video": {},
    }[kind]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in nested parameters."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The same with one place taken by something else."""
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def full(maker: Maker, made: dict[str, str], kind: str) -> dict[str, Any]:
    """Legal parameters with much in them."""
    card = {"link": "https://shop.example", "name": "A card", "call_to_action": {"type": "SHOP_NOW"}}
    link = {"link": "https://shop.example", "child_attachments": [card, card], "call_to_action": {"type": "SHOP_NOW"}}
    feed = {"bodies": [{"text": "a"}], "titles": [{"text": "b"}], "call_to_action_types": ["SHOP_NOW"],
            "link_urls": [{"website_url": "https://shop.example"}], "images": [], "videos": []}  # fmt: skip
    more = {
        "ad set": {
            "targeting": {
                "geo_locations": {"countries": ["US"], "cities": [{"key": "1", "country": "US"}]},
                "genders": [1],
                "targeting_automation": {"advantage_audience": 0},
            },
            "attribution_spec": [{"event_type": "CLICK_THROUGH", "window_days": 7}],
            "bid_constraints": {"roas_average_floor": 100},
            "adlabels": [{"name": "one"}],
            "pacing_type": ["day_parting"],
            "adset_schedule": [{"start_minute": 0, "end_minute": 60, "days": [1]}],
        },
        "creative": {
            "object_story_spec": {"page_id": maker.page, "link_data": link},
            "asset_feed_spec": feed,
            "degrees_of_freedom_spec": {"creative_features_spec": {"text_translation": {"enroll_status": "OPT_IN"}}},
        },
        "ad": {"creative": maker.creative_params(), "tracking_specs": [{"action.type": ["offsite_conversion"]}]},
    }
    return usual(maker, made, kind) | more.get(kind, {})


def check(answer: tuple[int, Any]) -> None:
    status, body = answer
    assert status in (200, 400)
    assert status == 200 or {"message", "type", "code", "fbtrace_id"} <= set(body["error"])


@settings(max_examples=400)
@given(kind=KINDS, whole=st.booleans(), data=st.data())
def test_any_create_is_made_or_refused(
    maker: Maker,
    made: dict[str, str],
    kind: str,
    whole: bool,  # noqa: FBT001
    data: st.DataObject,
) -> None:
    params = (usual(maker, made, kind) if whole else {}) | data.draw(odd_params(f"create {kind}"))
    check(maker.ground.call("POST", f"{maker.account}/{EDGES[kind]}", **params))


@settings(max_examples=400)
@given(kind=st.sampled_from(["campaign", "ad set", "ad", "creative"]), drawn=st.booleans(), data=st.data())
def test_any_change_is_made_or_refused(
    maker: Maker,
    made: dict[str, str],
    kind: str,
    drawn: bool,  # noqa: FBT001
    data: st.DataObject,
) -> None:
    owners = {edge: maker.ground.get(f"{maker.account}/{edge}", limit="1")["data"] for edge in EDGES.values()}
    ident = owners[EDGES[kind]][0]["id"] if drawn and owners[EDGES[kind]] else made[kind]
    params = data.draw(odd_params(f"update {kind}"))
    if params.get("status") in ("DELETED", "ARCHIVED"):
        params["status"] = "PAUSED"
    check(maker.ground.call("POST", ident, **params))
    check(maker.ground.call("GET", ident, fields="name,effective_status,created_time"))


@settings(max_examples=400)
@given(kind=st.sampled_from(["campaign", "ad set", "ad", "creative"]), odd=ODD, data=st.data())
def test_one_odd_value_deep_inside_is_taken_or_refused(
    maker: Maker, made: dict[str, str], kind: str, odd: Any, data: st.DataObject
) -> None:
    params = full(maker, made, kind)
    path = data.draw(st.sampled_from(places(params)[1:]))
    check(maker.ground.call("POST", f"{maker.account}/{EDGES[kind]}", **replaced(params, path, odd)))


@settings(max_examples=150)
@given(kind=st.sampled_from(["campaign", "ad set", "ad"]), data=st.data())
def test_any_copy_is_made_or_refused(maker: Maker, made: dict[str, str], kind: str, data: st.DataObject) -> None:
    check(maker.ground.call("POST", f"{made[kind]}/copies", **data.draw(odd_params(f"copy {kind}"))))


@settings(max_examples=150)
@given(
    edge=st.sampled_from(["adimages", "advideos"]), content=st.binary(max_size=2000), params=odd_params("create video")
)
def test_any_file_is_taken_or_refused(maker: Maker, edge: str, content: bytes, params: dict[str, Any]) -> None:
    call = Call("POST", (maker.account, edge), params, maker.ground.token, files={"source": File("a", content)})
    answer = maker.ground.graph.answer(call)
    check((answer.status, answer.body))


def test_an_account_that_was_written_to_at_random_is_the_same_after_a_restart(maker: Maker) -> None:
    maker.ground.advance(30)
    again = Ground(days=1, ad_sets=4, written=tuple(maker.ground.graph.written))
    again.advance(30)
    fields = {"campaigns": "name,effective_status,daily_budget,adlabels", "adsets": "name,effective_status,targeting",
              "ads": "name,effective_status,creative", "adcreatives": "name,body,object_story_spec"}  # fmt: skip
    for edge, names in fields.items():
        how = {"fields": names, "limit": "5000"}
        found = maker.ground.get(f"{maker.account}/{edge}", **how)
        assert again.get(f"{maker.account}/{edge}", **how)["data"] == found["data"]
