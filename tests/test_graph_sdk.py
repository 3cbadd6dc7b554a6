"""Meta's own SDK as the oracle: every name that is sent or read exists in its tables."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from facebook_business.adobjects.ad import Ad
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adcampaignlearningstageinfo import AdCampaignLearningStageInfo
from facebook_business.adobjects.adcreative import AdCreative
from facebook_business.adobjects.adsactionstats import AdsActionStats
from facebook_business.adobjects.adset import AdSet
from facebook_business.adobjects.adsinsights import AdsInsights
from facebook_business.adobjects.attributionspec import AttributionSpec
from facebook_business.adobjects.campaign import Campaign
from facebook_business.api import FacebookAdsApi
from facebook_business.apiconfig import ads_api_config
from facebook_business.session import FacebookSession
from scripted import scripted

from adopt.graph import insights, objects
from adopt.graph.client import META, Graph
from adopt.model import WINDOWS, Account

NOUNS = {"account": AdAccount, "campaign": Campaign, "adset": AdSet, "ad": Ad, "creative": AdCreative}


def names(table: type) -> set[str]:
    return {value for key, value in vars(table).items() if not key.startswith("_")}


def unknown(used: Iterable[str], table: type) -> set[str]:
    return set(used) - names(table)


@pytest.mark.parametrize("noun", NOUNS)
def test_the_fields_of_each_noun_exist(noun: str) -> None:
    assert unknown(objects.FIELDS[noun], NOUNS[noun].Field) == set()


def test_the_fields_of_an_account_and_its_structure_exist() -> None:
    assert unknown(objects.ACCOUNT_FIELDS, AdAccount.Field) == set()
    assert unknown(objects.CAMPAIGN_FIELDS, Campaign.Field) == set()
    assert unknown([*objects.AD_SET_FIELDS, "campaign"], AdSet.Field) == set()
    assert unknown(["status"], AdCampaignLearningStageInfo.Field) == set()
    assert unknown(["event_type", "window_days"], AttributionSpec.Field) == set()


def test_the_fields_of_insights_exist() -> None:
    assert unknown([*insights.DAILY_FIELDS, *insights.REPORT_FIELDS], AdsInsights.Field) == set()
    assert unknown(["action_type", "value", *WINDOWS[1:]], AdsActionStats.Field) == set()


def test_the_windows_and_the_level_exist() -> None:
    assert unknown(WINDOWS, AdsInsights.ActionAttributionWindows) == set()
    assert "adset" in names(AdsInsights.Level)


def test_what_is_away_is_a_status_on_every_level() -> None:
    for noun in (Campaign, AdSet, Ad):
        assert unknown(objects._GONE, noun.EffectiveStatus) == set()  # noqa: SLF001 # the oracle looks inside


def test_the_version_is_the_one_of_the_sdk() -> None:
    with Graph(META, "EAAmadeup") as graph:
        assert graph.url == f"https://graph.facebook.com/{ads_api_config['API_VERSION']}"


def test_the_sdk_takes_every_parameter_of_insights_with_its_value() -> None:
    account = Account(id="act_1", name="", currency="USD", timezone="UTC")
    days = (date(2026, 11, 20), date(2026, 11, 22))
    with scripted({"data": []}) as server, Graph(server.url, "EAAmadeup") as graph:
        insights.daily(graph, account, *days, "purchase")
        list(insights.report(graph, "1", level="ad", since=days[0], until=days[1], breakdowns=["age"], sort="spend"))
        list(insights.report(graph, "1", date_preset="last_7d", time_increment="all_days"))
    for request in server.requests:
        checked = AdAccount("act_1", api=_offline()).get_insights(pending=True)
        params = {key: decoded(value) for key, value in request.query.items() if key not in ("limit", "fields")}
        assert set(params) <= set(checked._param_checker._type_check_info)  # noqa: SLF001 # the oracle is in there
        checked.add_params(params)  # warns, which is an error here, at a value of the wrong type


def decoded(value: str) -> Any:
    return json.loads(value) if value[0] in "[{" else value


def _offline() -> FacebookAdsApi:
    return FacebookAdsApi(FacebookSession(access_token="made-up"))
