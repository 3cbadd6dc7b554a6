"""The official SDK's tables against the simulator's: every field, parameter and enum it knows, less a short list."""

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from facebook_business.adobjects.ad import Ad
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adasyncrequest import AdAsyncRequest
from facebook_business.adobjects.adasyncrequestset import AdAsyncRequestSet
from facebook_business.adobjects.adcreative import AdCreative
from facebook_business.adobjects.adimage import AdImage
from facebook_business.adobjects.adlabel import AdLabel
from facebook_business.adobjects.adset import AdSet
from facebook_business.adobjects.advideo import AdVideo
from facebook_business.adobjects.campaign import Campaign
from facebook_business.adobjects.highdemandperiod import HighDemandPeriod

from adopt.mock.properties import FIELDS
from adopt.mock.values import ENUMS, PARAMETERS

# Names the SDK lists as fields only because they can be written, or that it keeps for itself.
WRITE_ONLY: dict[Any, str] = {
    Campaign: "adbatch budget_schedule_specs execution_options iterative_split_test_configs",
    AdSet: "",
    Ad: "adset_spec audience_id dataset_split_specs date_format draft_adgroup_id execution_options filename "
    "include_demolink_hashes",
    AdCreative: "execution_options image_file is_dco_internal media_optimization_spec",
    AdImage: "bytes copy_from filename",
    AdLabel: "",
    HighDemandPeriod: "",
    AdAsyncRequest: "",
    AdAsyncRequestSet: "ad_specs creative_spec",
    AdVideo: "ad_placements_validation_only creative_folder_id filename filepath validation_ad_placements video_id "
    "video_state",
}
KINDS = {
    Campaign: "campaign", AdSet: "ad set", Ad: "ad", AdCreative: "creative", AdImage: "image", AdLabel: "label",
    AdVideo: "video", HighDemandPeriod: "period", AdAsyncRequest: "request", AdAsyncRequestSet: "request set",
}  # fmt: skip
CREATES: dict[str, Callable[..., Any]] = {
    "campaign": AdAccount.create_campaign,
    "ad set": AdAccount.create_ad_set,
    "ad": AdAccount.create_ad,
    "creative": AdAccount.create_ad_creative,
    "label": AdAccount.create_ad_label,
    "video": AdAccount.create_ad_video,
    "period": AdSet.create_budget_schedule,
    "request set": AdAccount.create_async_ad_request_set,
}
UPDATES: dict[str, Callable[..., Any]] = {
    "campaign": Campaign.api_update,
    "ad set": AdSet.api_update,
    "ad": Ad.api_update,
    "creative": AdCreative.api_update,
    "label": AdLabel.api_update,
    "video": AdVideo.api_update,
    "account": AdAccount.api_update,
}
COPIES: dict[str, Callable[..., Any]] = {
    "campaign": Campaign.create_copy,
    "ad set": AdSet.create_copy,
    "ad": Ad.create_copy,
}
# Taken and ignored, like any name Meta does not know: settings of programmes the simulator has no part of.
IGNORED = {
    "create ad set": "budget_source campaign_spec daily_imps date_format time_start time_stop tune_for_category",
    "update ad set": "campaign_spec daily_imps date_format time_start time_stop tune_for_category",
    "create ad": "draft_adgroup_id",
}
ENUM_OF = {
    "bid_strategy": AdSet.BidStrategy,
    "billing_event": AdSet.BillingEvent,
    "cta": AdCreative.CallToActionType,
    "destination_type": AdSet.DestinationType,
    "objective": Campaign.Objective,
    "optimization_goal": AdSet.OptimizationGoal,
    "special_ad_categories": Campaign.SpecialAdCategories,
    "special_ad_category_country": Campaign.SpecialAdCategoryCountry,
    "status": Ad.Status,
    "status_option": Ad.StatusOption,
    "ad_execution_options": Ad.ExecutionOptions,
}


def words(holder: type) -> set[str]:
    return {value for name, value in vars(holder).items() if not name.startswith("_") and isinstance(value, str)}


def parameters(method: Callable[..., Any]) -> set[str]:
    """The parameters an SDK method knows, read from its table."""
    table = re.search(r"param_types = \{(.*?)\n        \}", inspect.getsource(method), re.DOTALL)
    assert table is not None
    return set(re.findall(r"'(\w+)': '[^']+'", table[1]))


@pytest.mark.parametrize("holder", KINDS, ids=lambda holder: holder.__name__)
def test_every_field_of_the_sdk_can_be_read(holder: Any) -> None:
    unknown = words(holder.Field) - FIELDS[KINDS[holder]]
    if holder is AdVideo:  # its fields include all that an upload takes
        unknown -= parameters(AdAccount.create_ad_video)
    assert unknown == set(WRITE_ONLY[holder].split())


@pytest.mark.parametrize(
    ("what", "method"),
    [(f"{verb} {kind}", method) for verb, table in (("create", CREATES), ("update", UPDATES), ("copy", COPIES))
     for kind, method in table.items()],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
def test_every_parameter_of_the_sdk_is_known(what: str, method: Callable[..., Any]) -> None:
    assert parameters(method) - set(PARAMETERS[what]) == set(IGNORED.get(what, "").split())


@pytest.mark.parametrize("name", ENUM_OF)
def test_every_word_of_an_enum_is_known(name: str) -> None:
    assert words(ENUM_OF[name]) - set(ENUMS[name]) == set()
