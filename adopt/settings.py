"""One frozen Settings: flag over environment over config.toml, and the paths of everything adopt keeps."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from msgspec import Struct

from adopt.errors import Invalid, NeedsPerson

GRAPH_URL = "https://graph.facebook.com"
_KNOWN = {"ad_account_id": "an ad account, like act_1234567890", "graph_url": f"a web address, like {GRAPH_URL}"}
_LOOPBACK = re.compile(r"https?://(localhost|[\w-]+\.localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?")
_WEB = re.compile(r"https://[\w.-]+(:[0-9]{1,5})?(/[\w./-]*)?")


class Token:
    """An access token that shows itself only when asked by name."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and self._text == other.reveal()

    def __hash__(self) -> int:
        return hash(self._text)

    def reveal(self) -> str:
        """The token itself, for the Authorization header and nothing else."""
        return self._text


class Places(Struct, frozen=True, kw_only=True):
    """The four folders: what a person writes, what must be kept, what happened, what can be made again."""

    config: Path
    data: Path
    state: Path
    cache: Path

    def prepare(self) -> "Places":
        """The same places, made where they are missing, for nobody else to read."""
        for folder in (self.config, self.data, self.state, self.cache):
            _make(folder)
        return self


class Settings(Struct, frozen=True, kw_only=True):
    """Where to look, whom to be, where to keep things."""

    places: Places
    graph_url: str = GRAPH_URL
    token: Token | None = None
    account: str | None = None
    master_key: Token | None = None  # of the vault, handed over as text
    master_key_file: Path | None = None  # or in a file

    @property
    def config_path(self) -> Path:
        """The file of defaults: config.toml."""
        return self.places.config / "config.toml"

    @property
    def database(self) -> Path:
        """The database of everything seen and done."""
        return self.places.data / "adopt.db"

    @property
    def policy_path(self) -> Path:
        """The policy of the ad account."""
        return self.policy_folder / f"{self.require_account()}.toml"

    @property
    def policy_folder(self) -> Path:
        """The folder of the policies, a file an ad account."""
        return self.places.config / "policy"

    @property
    def daemon_lock(self) -> Path:
        """The file whose lock the daemon holds for life."""
        return self.places.state / "daemon.lock"

    @property
    def daemon_log(self) -> Path:
        """The daemon's diary."""
        return self.places.state / "log" / "daemon.jsonl"

    @property
    def workers_path(self) -> Path:
        """The folder in which each worker holds the lock of its file."""
        return self.places.state / "workers"

    @property
    def lock_path(self) -> Path:
        """The file that one run at a time holds, an account each."""
        return self.places.state / f"{self.require_account()}.lock"

    def require_token(self) -> Token:
        """The token; NeedsPerson says what to type where there is none."""
        if self.token is None:
            raise NeedsPerson("there is no access token", try_next="adopt auth login, or adopt demo")
        return self.token

    def require_account(self) -> str:
        """The ad account with its act_; says what to type where there is none, the token first."""
        if self.account is None:
            self.require_token()
            raise Invalid("no ad account was named", try_next="adopt init, or -a ID, or export ADOPT_AD_ACCOUNT_ID=ID")
        return self.account


def load(environment: Mapping[str, str], *, account: str | None = None) -> Settings:
    """The settings of this run; `account` is the flag."""
    where = places(environment)
    config = _read(where.config / "config.toml")
    named = [
        ("--ad-account-id", account),
        ("ADOPT_AD_ACCOUNT_ID", environment.get("ADOPT_AD_ACCOUNT_ID")),
        ("AD_ACCOUNT_ID", environment.get("AD_ACCOUNT_ID")),
    ]
    chosen = next(((source, value) for source, value in named if value), None)
    token = environment.get("ADOPT_ACCESS_TOKEN") or environment.get("ACCESS_TOKEN")
    url = environment.get("ADOPT_GRAPH_URL")
    return Settings(
        places=where,
        graph_url=_url("ADOPT_GRAPH_URL", url) if url else config.get("graph_url", GRAPH_URL),
        token=Token(token.strip()) if token and token.strip() else None,
        account=_account(*chosen) if chosen else config.get("ad_account_id"),
        master_key=Token(key) if (key := environment.get("ADOPT_MASTER_KEY")) else None,
        master_key_file=_master_key_file(environment),
    )


def places(environment: Mapping[str, str]) -> Places:
    """The folders that the environment names: ADOPT_HOME's four, or XDG's."""
    home = environment.get("ADOPT_HOME")
    if home:
        top = Path(home).expanduser().absolute()
        return Places(config=top / "config", data=top / "data", state=top / "state", cache=top / "cache")
    return Places(
        config=_xdg(environment, "XDG_CONFIG_HOME", ".config"),
        data=_xdg(environment, "XDG_DATA_HOME", ".local/share"),
        state=_xdg(environment, "XDG_STATE_HOME", ".local/state"),
        cache=_xdg(environment, "XDG_CACHE_HOME", ".cache"),
    )


def save_config(settings: Settings) -> Path:
    """Write config.toml: the account and, where it is not Meta's own, the Graph URL; whole or not at all."""
    lines = ["# Defaults of adopt. A flag or an environment variable wins over them.\n"]
    if settings.account:
        lines.append(f'ad_account_id = "{settings.account}"\n')
    if settings.graph_url != GRAPH_URL:
        lines.append(f'graph_url = "{settings.graph_url}"\n')
    return write_private(settings.config_path, "".join(lines))


def write_private(path: Path, text: str) -> Path:
    """Write a file that only its owner reads, whole or not at all."""
    _make(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return path


def account_id(text: str) -> str:
    """An ad account id with its act_; ValueError if the text is none."""
    match = re.fullmatch(r"(?:act_)?([0-9]{1,20})", text.strip())
    if not match:
        raise ValueError(f"{text!r} is no ad account; write for example act_1234567890")
    return f"act_{match[1]}"


def _master_key_file(environment: Mapping[str, str]) -> Path | None:
    """The file that Docker, Kubernetes or systemd hands the vault's master key over in."""
    if named := environment.get("ADOPT_MASTER_KEY_FILE"):
        return Path(named).expanduser()
    folder = environment.get("CREDENTIALS_DIRECTORY")
    path = Path(folder) / "adopt-master-key" if folder else None
    return path if path and path.exists() else None


def _account(source: str, text: str) -> str:
    try:
        return account_id(text)
    except ValueError as error:
        raise Invalid(f"{source}: {error}", try_next="adopt account list") from None


def _url(source: str, text: str) -> str:
    """A Graph URL without a slash at its end; in the clear only on this machine, since the token goes there."""
    url = text.strip().rstrip("/")
    if not (_WEB.fullmatch(url) or _LOOPBACK.fullmatch(url)):
        raise Invalid(
            f"{source}: {text!r} is no Graph address; https, or http on this machine (127.0.0.1), is allowed",
            try_next=f"{source}={GRAPH_URL}",
        )
    return url


def _read(path: Path) -> dict[str, str]:
    """What config.toml says, checked; nothing where there is none."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        _refuse(path, str(error))
    except OSError as error:
        _refuse(path, error.strerror or "it cannot be read")
    return {key: _checked(path, key, value) for key, value in found.items()}


def _checked(path: Path, key: str, value: Any) -> str:
    if key not in _KNOWN:
        _refuse(path, f"{key}: there is no such setting; allowed: {', '.join(_KNOWN)}")
    if not isinstance(value, str):
        _refuse(path, f"{key}: {value!r} is no text; allowed is {_KNOWN[key]}")
    try:
        return account_id(value) if key == "ad_account_id" else _url(key, value)
    except (ValueError, Invalid) as error:
        _refuse(path, f"{key}: {error}" if isinstance(error, ValueError) else str(error))


def _refuse(path: Path, reason: str) -> NoReturn:
    raise Invalid(f"{path}: {reason}", try_next=f"edit {path}")


def _xdg(environment: Mapping[str, str], name: str, default: str) -> Path:
    """XDG says that a path which is not absolute is ignored."""
    said = environment.get(name, "")
    home = environment.get("HOME")
    top = Path(said) if said.startswith("/") else (Path(home) if home else Path.home()) / default
    return top / "adopt"


def _make(folder: Path) -> None:
    """A folder for its owner alone; parents above it are made as the system does."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(f"{folder} cannot be made: {error.strerror}", try_next="export ADOPT_HOME=FOLDER") from error
