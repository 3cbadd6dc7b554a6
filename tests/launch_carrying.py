"""Carries a launch out against a simulator in the plainest way: what Meta refuses fails the test."""

import json
from pathlib import Path
from typing import Any

import httpx
from flight import Flight

from adopt.launch.tree import Launch, resolved


def client(flight: Flight) -> httpx.Client:
    """A client of the simulator, signed in."""
    headers = {"Authorization": f"Bearer {flight.door['access_token']}"}
    return httpx.Client(base_url=flight.door["base_url"], headers=headers, timeout=20, trust_env=False)


def carry_out(flight: Flight, launch: Launch) -> dict[str, str]:
    """The ids of what was made, by key."""
    base = client(flight)
    account = flight.account
    results: dict[str, str] = {}

    def made(edge: str, key: str, params: dict[str, Any]) -> None:
        data = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in resolved(params, results).items()
        }
        answer = base.post(f"{account}/{edge}", data=data)
        assert answer.status_code == 200, f"{key}: {answer.text}"
        results[key] = answer.json()["id"]

    with base:
        results["page"] = base.get(f"{account}/promote_pages").json()["data"][0]["id"]
        for one in launch.media:
            content = Path(one.path).read_bytes()
            if one.kind == "image":
                answer = base.post(f"{account}/adimages", files={"filename": ("a.png", content)}).json()
                results[one.key] = next(iter(answer["images"].values()))["hash"]
            else:
                answer = base.post(f"{account}/advideos", files={"source": ("a.mp4", content)}).json()
                results[one.key] = answer["id"]
                results[one.key.replace("video", "thumbnail")] = "https://pictures.example/thumbnail.png"
        for creative in launch.creatives:
            made("adcreatives", creative.key, creative.params)
        made("campaigns", "campaign", launch.campaign.params)
        for adset in launch.campaign.adsets:
            made("adsets", adset.key, adset.params)
            for ad in adset.ads:
                made("ads", ad.key, ad.params)
    return results
