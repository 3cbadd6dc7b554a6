"""The channels by which adopt tells people what happened; their URLs lie in the vault."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from adopt.access import Access
from adopt.model import Channel, Concern
from adopt.operations import telling
from adopt.operations.working import Kind
from adopt.store import channels
from adopt.store.database import open_store


class Channels:
    """What a face can ask of the channels."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._database = access.settings.database

    def add(self, url: str, concerns: Sequence[Concern], quiet: tuple[int, int] | None) -> Channel:
        """A channel that hears from now on; Invalid if its URL stands for nothing."""
        from adopt.notify import address

        known = address(url)
        channel = Channel(
            id=secrets.token_hex(3),
            service=known.service,
            shown=known.shown,
            concerns=tuple(concerns),
            quiet=quiet,
        )
        with open_store(self._database) as store:
            self._access.keep(store, channels.secret_of(channel.id), telling.URL, url.strip())
            channels.add(store, channel)
        return channel

    def listing(self) -> tuple[Channel, ...]:
        """Every channel."""
        with open_store(self._database) as store:
            return channels.listing(store)

    def remove(self, name: str) -> Channel:
        """A channel gone, and its URL with it."""
        with open_store(self._database) as store:
            return channels.drop(store, name)

    def test(self, name: str | None) -> tuple[Channel, ...]:
        """The channels that took a message just now, by the shortest way; raises what the first that did not said."""
        from adopt.notify import send

        with open_store(self._database) as store:
            meant = (channels.find(store, name),) if name else channels.listing(store)
            for channel in meant:
                message = telling.test_message(channel)
                url = self._access.secret(store, channels.secret_of(channel.id), telling.URL)
                send(url or "", message.title, message.text, message.level)
        return meant

    def gather(self) -> int:
        """What is to be told, as jobs; how many."""
        with open_store(self._database) as store:
            return telling.gather(store, lambda: datetime.now(UTC))

    def kind(self) -> Kind:
        """How messages are sent by a worker."""
        return telling.deliver(self._url)

    def _url(self, name: str) -> str | None:
        with open_store(self._database) as store:
            return self._access.secret(store, channels.secret_of(name), telling.URL)
