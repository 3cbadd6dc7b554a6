"""Hand-made bad specs: every one is told with its line, its key, what is wrong, and what would be allowed."""

import json
import tomllib
from pathlib import Path

import pytest
from launch_specs import GOOD, KNOWN, NOW, checked, spoilt

from adopt.errors import Invalid
from adopt.launch.checking import check
from adopt.launch.starting import start

# What is replaced in the good spec, by what; below it the line, the key, what is said, and what would be allowed.
BAD = r"""
objective = "sales" -> objective = "sails"
    7: campaign.objective: 'sails' is not known here; allowed: sales? One of: awareness, traffic, engagement,...
objective = "sales" -> objective = 3
    7: campaign.objective: 3 is not known here; allowed: awareness, traffic, engagement, leads, app_promotion...
objective = "sales" -> (nothing)
    5: campaign: the campaign has no objective; allowed: awareness, traffic, engagement, leads, app_promotion...
name = "Autumn {date}" -> (nothing)
    5: campaign: the campaign has no name; allowed: [campaign] name = "Autumn {date}"
name = "Autumn {date}" -> name = "Autumn {dat}"
    6: campaign.name: the name of a campaign has no {dat}; allowed: {date}
name = "Autumn {date}" -> name = ""
    6: campaign.name: it is empty; allowed: a text, or leave the key out
daily_budget = "30.00" -> daily_budget = 30.0
    10: adset.daily_budget: 30.0 is a binary fraction, and money is exact; allowed: an amount in quotes, such...
daily_budget = "30.00" -> daily_budget = "30,00"
    10: adset.daily_budget: '30,00' is no amount above 0; allowed: major units without a sign, such as "30.00"
daily_budget = "30.00" -> daily_budget = "-30"
    10: adset.daily_budget: '-30' is no amount above 0; allowed: major units without a sign, such as "30.00"
daily_budget = "30.00" -> daily_budget = "30.005"
    10: adset.daily_budget: 30.005 has more decimals than there are; allowed: USD has two decimals
daily_budget = "30.00" -> daily_budget = "1.00"
    10: adset.daily_budget: $1.00 is less than this ad account may spend; allowed: $5.00 or more
daily_budget = "30.00" -> daily_budget = true
    10: adset.daily_budget: true or false where an amount is wanted; allowed: an amount in quotes, such as "3...
daily_budget = "30.00" -> (nothing)
    13: audience.1: there is no budget; allowed: daily_budget = "30.00" in [campaign], or in [adset] or each...
daily_budget = "30.00" -> daily_budget = "30"\nlifetime_budget = "300"
    11: adset.lifetime_budget: two budgets; allowed: daily_budget or lifetime_budget
daily_budget = "30.00" -> lifetime_budget = "300.00"
    10: adset.lifetime_budget: a lifetime budget needs an end; allowed: end = "2026-12-31" in [adset]
daily_budget = "30.00" -> dayly_budget = "30.00"
    10: adset.dayly_budget: there is no key 'dayly_budget' here; allowed: daily_budget? One of: name, creativ...
[campaign] -> [campaign]\ndaily_budget = "30.00"
    11: adset.daily_budget: the campaign carries the budget; allowed: a budget in [campaign], or in [adset],...
[campaign] -> [campaign]\nbid_strategy = "cost_cap"
    6: campaign.bid_strategy: a campaign without a budget has no bid strategy; allowed: bid_strategy in [adset]
[campaign] -> [campaign]\nspecial_ad_categories = ["houses"]
    6: campaign.special_ad_categories: 'houses' is not known here; allowed: housing? One of: none, credit, em...
[campaign] -> [campaign]\nspecial_ad_categories = ["issues_elections_politics"]
    6: campaign.special_ad_categories: politics needs its countries; allowed: special_ad_category_countries =...
[campaign] -> [campaign]\nspecial_ad_categories = ["housing"]
    19: audience.2.ages: housing, employment and credit reach all ages; allowed: ages = "18+"
[campaign] -> [campaign]\nbuying_type = "reserved"
    6: campaign.buying_type: 'reserved' is not known here; allowed: auction
[campaign] -> [campaign]\nspend_cap = "10.001"
    6: campaign.spend_cap: 10.001 has more decimals than there are; allowed: USD has two decimals
[campaign] -> [campain]
    1: campaign: the campaign has no name; allowed: [campaign] name = "Autumn {date}"
[campaign] -> [[campaign]]
    5: campaign: a list where a table is wanted; allowed: [campaign]
[campaign] -> status = "on"\n[campaign]
    5: account.status: there is no key 'status' here; allowed: id, currency, timezone, page, instagram, pixel...
countries = ["US"] -> (nothing)
    13: audience.1: no place is named; allowed: countries = ["US"] in [adset] or each [[audience]]
countries = ["US"] -> countries = ["UK"]
    11: adset.countries: 'UK' is no country; allowed: GB? A code of two letters (ISO 3166), such as US
countries = ["US"] -> countries = "United States"
    11: adset.countries: 'United States' is no country; allowed: a code of two letters (ISO 3166), such as US
countries = ["US"] -> countries = ["US", "US"]
    11: adset.countries: US is listed twice; allowed: each once
countries = ["US"] -> countries = ["DE"]
    11: adset.countries: ads in the European Union must name their beneficiary; allowed: dsa_beneficiary = "....
countries = ["US"] -> countries = ["US"]\ngoal = "link_click"
    12: adset.goal: 'link_click' is not known here; allowed: link_clicks? One of: reach, impressions, ad_reca...
countries = ["US"] -> countries = ["US"]\ngoal = "app_installs"
    12: adset.goal: app_installs is not available for sales; allowed: offsite_conversions, value, conversatio...
countries = ["US"] -> countries = ["US"]\nbilling_event = "link_clicks"
    12: adset.billing_event: link_clicks cannot be billed for offsite_conversions; allowed: impressions
countries = ["US"] -> countries = ["US"]\ndestination = "on_post"
    12: adset.destination: on_post is no destination of sales; allowed: website, messenger, phone_call
countries = ["US"] -> countries = ["US"]\nevent = "purchases"
    12: adset.event: 'purchases' is not known here; allowed: purchase? One of: purchase, lead, complete_regis...
countries = ["US"] -> countries = ["US"]\ngoal = "link_clicks"\nevent = "purchase"
    13: adset.event: link_clicks counts no event; allowed: goal = offsite_conversions or value
countries = ["US"] -> countries = ["US"]\nbid_strategy = "cost_cap"
    12: adset.bid_strategy: this bid strategy needs an amount; allowed: bid_amount = "12.00" in [adset]
countries = ["US"] -> countries = ["US"]\nbid_amount = "5.00"
    12: adset.bid_amount: an amount without a strategy that has one; allowed: bid_strategy = bid_cap or cost_cap
countries = ["US"] -> countries = ["US"]\nbid_strategy = "min_roas"
    12: adset.bid_strategy: min_roas needs a floor and the goal value; allowed: min_roas = "1.5" and goal = "...
countries = ["US"] -> countries = ["US"]\nmin_roas = "2"
    12: adset.min_roas: a floor without the strategy that has one; allowed: bid_strategy = "min_roas"
countries = ["US"] -> countries = ["US"]\nmin_roas = "-2"
    12: adset.min_roas: '-2' is no return on ad spend; allowed: a ratio in quotes, such as "1.5"
countries = ["US"] -> countries = ["US"]\nattribution = "7d"
    12: adset.attribution: '7d' is no attribution setting; allowed: 1d_click, 7d_click, 1d_view, 1d_ev, or so...
countries = ["US"] -> countries = ["US"]\nplacements = ["feeds"]
    12: adset.placements: 'feeds' is not known here; allowed: feed? One of: feed, story, reel, right_column,...
countries = ["US"] -> countries = ["US"]\nplacements = ["right_column"]\nplatforms = ["instagram"]
    13: adset.platforms: none of these platforms has these placements; allowed: other platforms, or leave the...
countries = ["US"] -> countries = ["US"]\nstart = "tomorrow"
    12: adset.start: 'tomorrow' is no moment; allowed: "now", "midnight", "09:00", "2026-12-01" or "2026-12-0...
countries = ["US"] -> countries = ["US"]\nend = "09:00"
    12: adset.end: 09:00:00 is no end; allowed: "2026-12-31" or "2026-12-31 18:00"
countries = ["US"] -> countries = ["US"]\nend = "2026-11-01"
    12: adset.end: 2026-11-02 00:00 is past; allowed: a moment to come
countries = ["US"] -> countries = ["US"]\nstart = 2026-12-01\nend = 2026-12-01 09:00:00
    13: adset.end: it runs for less than a day; allowed: an end 24 hours after the start or later
countries = ["US"] -> countries = ["US"]\ntargeting = 3
    12: adset.targeting: a number where a table is wanted; allowed: Meta's own names: { interests = [{ id = 6...
countries = ["US"] -> countries = ["US"]\nadvantage_audience = "on"
    12: adset.advantage_audience: 'on' is neither; allowed: true or false, without quotes
countries = ["US"] -> countries = ["US"]\nname = "{audience} {wo}"
    12: adset.name: the name of an ad set has no {wo}; allowed: {date}, {audience}, {placement}, {creative}, {n}
countries = ["US"] -> countries = ["US"]\nname = "Same"
    17: audience.2: two ad sets would be called 'Same'; allowed: {n} in the name, or other names
ages = "25-44" -> ages = "44-25"
    18: audience.2.ages: '44-25' is no range of ages; allowed: "25-44" or "25+", within 13 and 65
ages = "25-44" -> ages = "25-44"\nadvantage_audience = true
    19: audience.2.advantage_audience: with advantage_audience the oldest cannot be below 65; allowed: ages =...
ages = "25-44" -> genders = ["woman"]
    18: audience.2.genders: 'woman' is not known here; allowed: women, men; both where the key is left out
ages = "25-44" -> creatives = ["Bleu"]
    18: audience.2.creatives: there is no creative 'Bleu'; allowed: Blue? One of: Blue, Clip
name = "Women" -> (nothing)
    16: audience.2: the audience has no name; allowed: name = "Women 25-44"
pixel = "5566778899" -> (nothing)
    13: audience.1: offsite_conversions needs a pixel; allowed: pixel = "1234567890" in [account]
pixel = "5566778899" -> pixel = "12"
    3: account.pixel: the ad account has no pixel 12; allowed: 5566778899
page = "1029384756" -> page = "my page"
    2: account.page: 'my page' is no id; allowed: digits, such as "102938475610293"
page = "1029384756" -> id = "99"
    2: account.id: the ad account has act_1234567890, not act_99; allowed: act_1234567890, or another account...
page = "1029384756" -> currency = "EUR"
    2: account.currency: the ad account has USD, not EUR; allowed: USD, or another account with -a
page = "1029384756" -> timezone = "Mars/Base"
    2: account.timezone: 'Mars/Base' is no time zone; allowed: such as Europe/Berlin
link = "https://shop.example/" -> link = "shop.example"
    21: ad.link: 'shop.example' is no address of a page; allowed: https:// and so on, such as https://shop.ex...
link = "https://shop.example/" -> (nothing)
    24: creative.1: the ad leads nowhere; allowed: link = "https://..." in [ad] or in the creative
text = "Now in blue" -> call_to_action = "buy_it"
    22: ad.call_to_action: 'buy_it' is not known here; allowed: buy? One of: add_to_cart, apply_now, ask_abou...
text = "Now in blue" -> name = "Ad"
    13: audience.1: two ads of 'Broad' would be called 'Ad'; allowed: {creative} or {n} in the name
image = "picture.png" -> image = "blue.png"
    26: creative.1.image: blue.png cannot be read: no such file or directory; allowed: a file that can be read
image = "picture.png" -> image = "clip.mp4"
    26: creative.1.image: clip.mp4 is a video, no image; allowed: video = 'clip.mp4'
image = "picture.png" -> image = "picture.png"\nvideo = "clip.mp4"
    27: creative.1.video: image and video at once; allowed: exactly one of image, video, cards, post
image = "picture.png" -> (nothing)
    24: creative.1: nothing to show; allowed: exactly one of image, video, cards, post
image = "picture.png" -> cards = [{ image = "picture.png" }]
    26: creative.1.cards: a carousel of 1; allowed: 2 to 10 cards
image = "picture.png" -> cards = [{ image = "picture.png" }, { picture = "picture.png" }]
    26: creative.1.cards.2.picture: there is no key 'picture' here; allowed: image, video, link, headline, de...
image = "picture.png" -> post = "12"
    26: creative.1.post: '12' is no id of a post; allowed: the Page's id, _ and the post's, such as "1029_3847"
name = "Clip" -> name = "Blue"
    13: audience.1: two ads of 'Broad' would be called 'Blue'; allowed: {creative} or {n} in the name
name = "Clip" -> thumbnail = "clip.mp4"
    29: creative.2.thumbnail: clip.mp4 is a video, no image; allowed: video = 'clip.mp4'
[ad] -> [grid]\neach = ["country"]\n[ad]
    21: grid.each: 'country' is not known here; allowed: audience, placement, creative
[ad] -> [grid]\ncreatives = "none.csv"\n[ad]
    21: grid.creatives: there is no file none.csv; allowed: a CSV file beside the spec
"""
LINES = BAD.strip().splitlines()


@pytest.mark.parametrize(("change", "said"), list(zip(LINES[::2], LINES[1::2], strict=True)))
def test_a_bad_spec_is_told(tmp_path: Path, change: str, said: str) -> None:
    old, new = change.split(" -> ")
    report = checked(tmp_path, spoilt(old, "" if new == "(nothing)" else new.replace(r"\n", "\n")))
    assert report.launch is None
    told = [str(one).replace(f"{tmp_path}/spec.toml:", "").replace(f"{tmp_path}/", "") for one in report.problems]
    wanted = said.strip().removesuffix("...")
    assert [one for one in told if one.startswith(wanted)], told


UNREADABLE = [
    (b"[ad", 1, "this is no TOML: "),
    (b'[campaign]\nname = "open\n', 2, "this is no TOML: "),
    (b"[adset]\n[adset]\n", 2, "this is no TOML: "),
    (b"a = 1\n\xff\xfe", 2, "this is no text in UTF-8"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", 1, "this is no text in UTF-8"),
    (b"a = 1\n\x00", 2, "this is no TOML: "),
    (b"a = " + b"[" * 5000 + b"]" * 5000, 1, "its tables are nested too deeply"),
    (b"#" * 1_000_001, 1, "it has more than 1,000,000 bytes"),
    (b"a = " + b"9" * 5000, 1, "this is no TOML: "),
]


@pytest.mark.parametrize(("content", "line", "what"), UNREADABLE)
def test_what_is_no_spec_is_told_by_its_line(tmp_path: Path, content: bytes, line: int, what: str) -> None:
    path = tmp_path / "launch.toml"
    path.write_bytes(content)
    with pytest.raises(Invalid) as told:
        check(path, NOW)
    assert told.value.message.startswith(f"{path}:{line}: {what}")


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = spoilt('objective = "sales"', 'objective = "sails"').replace("25-44", "44-25").replace("picture", "no")
    assert [one.line for one in checked(tmp_path, text).problems] == [7, 18, 26]


def test_windows_files_are_read(tmp_path: Path) -> None:
    start(tmp_path)
    path = tmp_path / "spec.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("25-44", "44-25").replace("\n", "\r\n").encode())
    assert [one.line for one in check(path, NOW, KNOWN).problems] == [18]


def test_json_says_the_same_as_toml(tmp_path: Path) -> None:
    tree = tomllib.loads(GOOD)
    as_json = checked(tmp_path, json.dumps(tree, indent=1), name="spec.json")
    assert as_json.launch == checked(tmp_path, GOOD).launch
    assert as_json.launch is not None
    bad = json.dumps(tree, indent=1).replace("25-44", "44-25")
    line = next(number for number, line in enumerate(bad.splitlines(), 1) if "44-25" in line)
    assert [(one.line, one.key) for one in checked(tmp_path, bad, name="spec.json").problems] == [
        (line, "audience.2.ages")
    ]


@pytest.mark.parametrize(("text", "line"), [("[1,\n2", 2), ('{"a": 1,\n "a": 2}', 1), ('{"a": NaN}', 1), ("3", 1)])
def test_bad_json_is_told_by_its_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(Invalid, match=rf"spec\.json:{line}: "):
        checked(tmp_path, text, name="spec.json")


def test_a_huge_grid_is_refused_before_it_is_made(tmp_path: Path) -> None:
    rows = "name,ages\n" + "\n".join(f"A{number},25-44" for number in range(400))
    (tmp_path / "audiences.csv").write_text(rows, encoding="utf-8")
    report = checked(tmp_path, spoilt("[ad]", '[grid]\naudiences = "audiences.csv"\n[ad]'))
    assert [one.what for one in report.problems] == ["it would make 402 ad sets with 804 ads"]
    assert report.problems[0].allowed == "at most 500 ads in one launch"


def test_rows_of_a_csv_are_audiences_told_by_their_line(tmp_path: Path) -> None:
    rows = "name;ages;countries\r\nDE;18+;DE|FR\r\n\r\nOld;65-20;US\r\n"
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + rows.encode())
    report = checked(tmp_path, spoilt("[ad]", '[grid]\naudiences = "a.csv"\n[ad]'))
    told = [(Path(one.file).name, one.line, one.key) for one in report.problems]
    assert told == [("a.csv", 2, "row 2, countries")] * 2 + [("a.csv", 4, "row 4, ages")]


@pytest.mark.parametrize(
    ("rows", "line", "what"),
    [
        ("", 1, "it is empty"),
        ("name,name\n", 1, "the column 'name' is there twice"),
        ("name,\n", 1, "a column has no name"),
        ("name\nA,B\n", 2, "2 cells under 1 names"),
        ('name\n"A\n', 2, "this is no CSV: unexpected end of data"),
        ("nam\nA\nB\n", 2, "there is no key 'nam' here"),
        ("name\n" + "A\n" * 1001, 1002, "more than 1,000 rows"),
    ],
)
def test_a_bad_csv_is_told_by_its_line(tmp_path: Path, rows: str, line: int, what: str) -> None:
    (tmp_path / "a.csv").write_text(rows, encoding="utf-8")
    report = checked(tmp_path, spoilt("[ad]", '[grid]\naudiences = "a.csv"\n[ad]'))
    assert [(one.line, one.what) for one in report.problems if one.file.endswith("a.csv")][:1] == [(line, what)]
