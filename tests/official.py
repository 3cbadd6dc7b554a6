"""Meta's own SDK, its calls led to a simulator: an independent client."""

from collections.abc import Iterator
from contextlib import contextmanager

from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession
from test_mock_ground import Flight


@contextmanager
def official_sdk(flight: Flight) -> Iterator[FacebookAdsApi]:
    """The SDK signed in to a running simulator, for as long as it is needed."""
    meta = FacebookSession.GRAPH
    FacebookSession.GRAPH = flight.ready["base_url"]  # read when a session is made, and when it calls
    session = FacebookSession(access_token=flight.ready["access_token"])
    session.requests.trust_env = False
    try:
        yield FacebookAdsApi(session, api_version="v26.0")
    finally:
        session.requests.close()
        FacebookSession.GRAPH = meta
