"""Campaigns, ad sets, creatives and ads as a client writes them to the simulator."""

import json
from typing import Any

from test_mock_ground import Ground

LINK = "https://shop.example/bundle"


class Maker:
    """Writes objects to a ground; every parameter can be replaced, and None leaves one out."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.account = ground, ground.account
        self.page, self.pixel = ground.graph.world.account.page, ground.graph.world.account.pixel

    def campaign_params(self, **other: Any) -> dict[str, Any]:
        usual = {
            "name": "Autumn",
            "objective": "OUTCOME_SALES",
            "special_ad_categories": [],
            "is_adset_budget_sharing_enabled": False,
            "status": "PAUSED",
        }
        return given(usual | other)

    def ad_set_params(self, campaign: str, **other: Any) -> dict[str, Any]:
        usual = {
            "name": "Broad",
            "campaign_id": campaign,
            "daily_budget": 2000,
            "optimization_goal": "OFFSITE_CONVERSIONS",
            "billing_event": "IMPRESSIONS",
            "bid_strategy": "LOWEST_COST_WITHOUT_CAP",
            "promoted_object": {"pixel_id": self.pixel, "custom_event_type": "PURCHASE"},
            "targeting": {
                "geo_locations": {"countries": ["US"]},
                "targeting_automation": {"advantage_audience": 1},
            },
            "status": "PAUSED",
        }
        return given(usual | other)

    def creative_params(self, **other: Any) -> dict[str, Any]:
        call = {"type": "SHOP_NOW", "value": {"link": LINK}}
        story = {"link": LINK, "message": "Now in blue", "name": "The bundle", "call_to_action": call}
        return given({"name": "Blue", "object_story_spec": {"page_id": self.page, "link_data": story}} | other)

    def ad_params(self, ad_set: str, shows: str, **other: Any) -> dict[str, Any]:
        usual = {"name": "Blue", "adset_id": ad_set, "creative": {"creative_id": shows}, "status": "PAUSED"}
        return given(usual | other)

    def campaign(self, **other: Any) -> str:
        return self._made("campaigns", self.campaign_params(**other))

    def ad_set(self, campaign: str, **other: Any) -> str:
        return self._made("adsets", self.ad_set_params(campaign, **other))

    def creative(self, **other: Any) -> str:
        return self._made("adcreatives", self.creative_params(**other))

    def ad(self, ad_set: str, shows: str, **other: Any) -> str:
        return self._made("ads", self.ad_params(ad_set, shows, **other))

    def whole(self, status: str = "ACTIVE") -> tuple[str, str, str]:
        """A campaign, an ad set and an ad."""
        campaign = self.campaign(status=status)
        ad_set = self.ad_set(campaign, status=status)
        return campaign, ad_set, self.ad(ad_set, self.creative(), status=status)

    def _made(self, edge: str, params: dict[str, Any]) -> str:
        status, body = self.ground.call("POST", f"{self.account}/{edge}", **params)
        assert status == 200, json.dumps(body)
        return str(body["id"])


def given(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}
