"""Who adopt is at Meta: the token of this run, signing in and out, and the vault that keeps what is secret."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from adopt.errors import AdoptError, Invalid, NeedsPerson
from adopt.model import Connection
from adopt.settings import Settings, Token
from adopt.store.database import Store, open_store

if TYPE_CHECKING:
    from adopt.operations.callback import Callback
    from adopt.store.vault import Facts, Vault
    from adopt.store.vault.keepers import Keeper, KeeperName


class Standing(NamedTuple):
    """A connection as Meta tells it now; as it was kept, with the error, where Meta tells nothing good."""

    connection: Connection
    is_kept: bool  # here, or only given by the environment
    error: AdoptError | None = None


class Access:
    """The connections of these settings; opens what it needs and closes it again."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def token(self) -> Token:
        """The token of this run: of the environment, else of the account's connection; NeedsPerson without one."""
        if self.settings.token is not None or not self.settings.database.exists():
            return self.settings.require_token()
        with self._store() as store:
            found = self._connection(store)
            return self._token_of(store, found) if found else self.settings.require_token()

    def is_signed_in(self) -> bool:
        """Whether there is a token; opens no vault."""
        if self.settings.token is not None or not self.settings.database.exists():
            return self.settings.token is not None
        with self._store() as store:
            return self._connection(store) is not None

    def connections(self) -> tuple[Connection, ...]:
        """Every connection, the latest first."""
        from adopt.store import connections

        if not self.settings.database.exists():
            return ()
        with self._store() as store:
            return connections.listing(store)

    def standings(self) -> tuple[Standing, ...]:
        """Every token there is, and what Meta says of it now; that of the environment, which wins, first."""
        kept = tuple(self._standing(one) for one in self.connections())
        return kept if self.settings.token is None else (self._given(self.settings.token), *kept)

    def vault(self) -> "Facts | None":
        """Who keeps the master key; None where nothing secret is kept."""
        from adopt.store.vault import facts

        if not self.settings.database.exists():
            return None
        with self._store() as store:
            return facts(store)

    def sign_in(self, token: Token, keep_in: "KeeperName | None" = None) -> Connection:
        """A token examined and kept; the first one makes the vault, with this keeper."""
        from adopt.operations.connecting import connect

        with self._store() as store:
            return connect(store, self._made(store, keep_in), self.settings.graph_url, token.reveal())

    @contextmanager
    def signing_in(self, port: int | None = None) -> "Iterator[Callback]":
        """The place that a browser comes back to, open meanwhile."""
        from adopt.operations.callback import PORT, listening

        with listening(PORT if port is None else port) as callback:
            yield callback

    def dialog(self, app_id: str, callback: "Callback") -> str:
        """The address of the page on which a person agrees to this app."""
        from adopt.graph import oauth

        return oauth.dialog(self.settings.graph_url, app_id, callback.redirect, callback.state)

    def fetch(self, app_id: str, secret: Token, code: str, callback: "Callback") -> Token:
        """The token worth about 60 days, for the code that came back."""
        from adopt.graph.oauth import App
        from adopt.operations.connecting import fetch

        return Token(fetch(self.settings.graph_url, App(app_id, secret.reveal()), code, callback.redirect))

    def sign_out(self, name: str | None = None) -> Connection:
        """A connection and its token forgotten: the one named, or the only one."""
        from adopt.store import connections

        known = self.connections()
        if name is None and len(known) != 1:
            said = ", ".join(f"{one.id} ({one.user_name})" for one in known)
            raise Invalid(
                f"which one? There are {said}" if known else "nobody is signed in",
                try_next="adopt auth logout ID" if known else "adopt auth login",
            )
        with self._store() as store:
            return connections.drop(store, name or known[0].id)

    def keep(self, store: Store, owner: str, name: str, text: str) -> None:
        """Another secret kept; the first one makes the vault."""
        self._made(store, None).put(owner, name, text)

    def secret(self, store: Store, owner: str, name: str) -> str | None:
        """A secret that was kept."""
        return self._opened(store).get(owner, name)

    def rotate(self) -> int:
        """Every secret sealed by a new data key; how many there were."""
        with self._store() as store:
            return self._opened(store).rotate(datetime.now(UTC))

    def move(self, to: "KeeperName | None" = None) -> "tuple[Facts, Facts]":
        """A new master key, in the same keeper or another one; the vault's facts before and after."""
        from adopt.store.vault import facts

        with self._store() as store:
            vault, before = self._opened(store), facts(store)
            name = to or before.keeper  # type: ignore[union-attr] # it was opened
            keepers = self._keepers()
            moved = vault.move(name, keepers[name], datetime.now(UTC))
            if before and moved.master.id != before.master:
                keepers[before.keeper].drop(before.master)
            return before, facts(store)  # type: ignore[return-value] # both are there

    def reset(self) -> int:
        """The vault emptied without its key, for a master key that is lost; how many secrets are gone."""
        from adopt.store.vault import clear

        with self._store() as store:
            return clear(store)

    def _standing(self, connection: Connection) -> Standing:
        from adopt.operations.connecting import examined

        try:
            with self._store() as store:
                token = self._token_of(store, connection).reveal()
            return Standing(examined(connection.graph_url, token), is_kept=True)
        except AdoptError as error:
            return Standing(connection, is_kept=True, error=error)

    def _given(self, token: Token) -> Standing:
        """The environment's token; all that is known of one that is refused is the refusal."""
        from adopt.operations.connecting import examined, nobody

        try:
            return Standing(examined(self.settings.graph_url, token.reveal()), is_kept=False)
        except AdoptError as error:
            return Standing(nobody(self.settings.graph_url), is_kept=False, error=error)

    def _connection(self, store: Store) -> Connection | None:
        from adopt.store import connections

        return connections.of(store, self.settings.graph_url, self.settings.account)

    def _token_of(self, store: Store, connection: Connection) -> Token:
        from adopt.operations.connecting import TOKEN

        text = self._opened(store).get(connection.id, TOKEN)
        if text is None:
            raise NeedsPerson(f"the token of {connection.user_name} is gone", try_next="adopt auth login")
        return Token(text)

    def _opened(self, store: Store) -> "Vault":
        from adopt.store.vault import open_vault

        vault = open_vault(store, self._keepers())
        if vault is None:
            raise Invalid("there is no vault yet: nobody has signed in", try_next="adopt auth login")
        return vault

    def _made(self, store: Store, keep_in: "KeeperName | None") -> "Vault":
        from adopt.store.vault import facts, make_vault
        from adopt.store.vault.keepers import first_choice

        known = facts(store)
        if known and keep_in and keep_in != known.keeper:
            raise Invalid(
                f"the master key is kept by {known.keeper} already", try_next=f"adopt auth move --to {keep_in}"
            )
        key, path = self._handed()
        choice = (keep_in,) if keep_in else first_choice(key, path)
        return make_vault(store, self._keepers(), choice, datetime.now(UTC))

    def _keepers(self) -> "dict[KeeperName, Keeper]":
        from adopt.store.vault.keepers import keepers

        key, path = self._handed()
        return keepers(self.settings.places.data, text=key, path=path)

    def _handed(self) -> tuple[str | None, Path | None]:
        key = self.settings.master_key
        return (key.reveal() if key else None), self.settings.master_key_file

    def _store(self) -> Store:
        return open_store(self.settings.database)
