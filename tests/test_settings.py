import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from adopt.errors import Invalid, NeedsPerson
from adopt.settings import GRAPH_URL, Places, Settings, Token, account_id, load, places, save_config, write_private

CANARY = "canary-0123456789abcdef"


def at(home: Path, **more: str) -> dict[str, str]:
    return {"ADOPT_HOME": str(home), **more}


def configure(home: Path, text: str) -> Path:
    path = home / "config" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_an_empty_environment_gives_the_defaults(tmp_path: Path) -> None:
    top = tmp_path
    where = Places(config=top / "config", data=top / "data", state=top / "state", cache=top / "cache")
    assert load(at(tmp_path)) == Settings(places=where, graph_url=GRAPH_URL, token=None, account=None)


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    configure(tmp_path, 'ad_account_id = "1"\n')
    assert load(at(tmp_path)).account == "act_1"
    assert load(at(tmp_path, ADOPT_AD_ACCOUNT_ID="2")).account == "act_2"
    assert load(at(tmp_path, ADOPT_AD_ACCOUNT_ID="2"), account="act_3").account == "act_3"


def test_our_own_variables_win_over_those_of_the_official_command(tmp_path: Path) -> None:
    theirs = at(tmp_path, ACCESS_TOKEN="theirs", AD_ACCOUNT_ID="1")
    ours = {**theirs, "ADOPT_ACCESS_TOKEN": "ours", "ADOPT_AD_ACCOUNT_ID": "2"}
    assert (load(theirs).require_token().reveal(), load(theirs).account) == ("theirs", "act_1")
    assert (load(ours).require_token().reveal(), load(ours).account) == ("ours", "act_2")


def test_a_dotenv_file_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text(f"ADOPT_ACCESS_TOKEN={CANARY}\nACCESS_TOKEN={CANARY}\n")
    monkeypatch.chdir(tmp_path)
    assert load(at(tmp_path)).token is None


@pytest.mark.parametrize("text", ["123", "act_123", " act_123 "])
def test_an_account_is_accepted_with_and_without_its_prefix(text: str) -> None:
    assert account_id(text) == "act_123"


@pytest.mark.parametrize("text", ["", "act_", "12x", "../../etc", "act_1/..", "act_act_1", "\u0661\u0662"])
def test_what_is_no_account_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="act_1234567890"):
        account_id(text)


def test_a_bad_account_says_where_it_came_from(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="AD_ACCOUNT_ID: 'nine' is no ad account"):
        load(at(tmp_path, AD_ACCOUNT_ID="nine"))


@pytest.mark.parametrize(
    "url",
    [
        "https://graph.facebook.com/",
        "https://proxy.example.com:8443/graph",
        "http://127.0.0.1:8800",
        "http://localhost:1",
        "http://[::1]:80",
        "http://adopt.localhost:9",
    ],
)
def test_a_graph_address_loses_its_last_slash(tmp_path: Path, url: str) -> None:
    assert load(at(tmp_path, ADOPT_GRAPH_URL=url)).graph_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://graph.facebook.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://127.0.0.1:80@example.com",
        "ftp://127.0.0.1",
        "graph.facebook.com",
        "https://user:password@example.com",
    ],
)
def test_a_token_is_not_sent_in_the_clear_to_another_machine(tmp_path: Path, url: str) -> None:
    with pytest.raises(Invalid, match=r"ADOPT_GRAPH_URL: .* is no Graph address"):
        load(at(tmp_path, ADOPT_GRAPH_URL=url))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ad_account_id = 5\n", "ad_account_id: 5 is no text; allowed is an ad account, like act_1234567890"),
        ('ad_account_id = "x"\n', "ad_account_id: 'x' is no ad account; write for example act_1234567890"),
        ('account = "1"\n', "account: there is no such setting; allowed: ad_account_id, graph_url"),
        ('graph_url = "http://example.com"\n', "graph_url: 'http://example.com' is no Graph address"),
        ("ad_account_id = \n", "Invalid value (at line 1, column 17)"),
        ("[a\n", "(at line 1, column 3)"),
    ],
)
def test_a_bad_config_says_the_file_the_place_and_what_is_allowed(tmp_path: Path, text: str, message: str) -> None:
    path = configure(tmp_path, text)
    with pytest.raises(Invalid) as caught:
        load(at(tmp_path))
    assert caught.value.message.startswith(f"{path}: ")
    assert message in caught.value.message
    assert caught.value.try_next == f"edit {path}"


def test_a_config_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = configure(tmp_path, "")
    path.write_bytes(b'ad_account_id = "\xff"')
    with pytest.raises(Invalid, match=r"config\.toml: 'utf-8' codec"):
        load(at(tmp_path))


def test_a_config_that_is_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "config" / "config.toml").mkdir(parents=True)
    with pytest.raises(Invalid, match=r"config\.toml: Is a directory"):
        load(at(tmp_path))


def test_a_token_shows_itself_only_when_asked() -> None:
    token = Token(CANARY)
    settings = replace(load({"ADOPT_HOME": "/nowhere"}), token=token)
    for shown in (repr(token), str(token), f"{token}", f"{settings}", repr(settings), f"{token!r:>20}"):
        assert CANARY not in shown
    assert token.reveal() == CANARY


def test_equal_tokens_are_equal() -> None:
    assert Token("a") == Token("a")
    assert Token("a") != Token("b")
    assert Token("a") != "a"
    assert hash(Token("a")) == hash(Token("a"))


def test_a_blank_token_is_none(tmp_path: Path) -> None:
    assert load(at(tmp_path, ADOPT_ACCESS_TOKEN="  ")).token is None


def test_a_missing_token_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(NeedsPerson) as caught:
        load(at(tmp_path)).require_token()
    assert caught.value.exit_code == 3
    assert "adopt auth login" in caught.value.try_next


def test_a_missing_account_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        load(at(tmp_path, ADOPT_ACCESS_TOKEN="t")).require_account()
    assert "adopt init" in caught.value.try_next


def test_without_a_token_the_token_comes_first(tmp_path: Path) -> None:
    with pytest.raises(NeedsPerson):
        load(at(tmp_path)).require_account()


def test_paths_follow_the_account(tmp_path: Path) -> None:
    settings = load(at(tmp_path), account="7")
    assert settings.policy_path == tmp_path / "config" / "policy" / "act_7.toml"
    assert settings.lock_path == tmp_path / "state" / "act_7.lock"
    assert settings.database == tmp_path / "data" / "adopt.db"


def test_without_adopt_home_the_folders_are_those_of_xdg() -> None:
    found = places({"HOME": "/home/me", "XDG_DATA_HOME": "/big/data", "XDG_CACHE_HOME": "not/absolute"})
    assert found == Places(
        config=Path("/home/me/.config/adopt"),
        data=Path("/big/data/adopt"),
        state=Path("/home/me/.local/state/adopt"),
        cache=Path("/home/me/.cache/adopt"),
    )


def test_folders_and_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    settings = load(at(tmp_path / "home"), account="7")
    settings.places.prepare()
    for folder in ("config", "data", "state", "cache"):
        assert stat.S_IMODE((tmp_path / "home" / folder).stat().st_mode) == 0o700
    assert stat.S_IMODE(save_config(settings).stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_made_says_what_to_type(tmp_path: Path) -> None:
    where = load(at(tmp_path / "file")).places
    (tmp_path / "file").write_text("")
    with pytest.raises(Invalid) as caught:
        where.prepare()
    assert caught.value.try_next == "export ADOPT_HOME=FOLDER"


def test_a_saved_config_reads_back(tmp_path: Path) -> None:
    saved = load(at(tmp_path, ADOPT_GRAPH_URL="http://127.0.0.1:8800"), account="7")
    save_config(saved)
    assert load(at(tmp_path)) == saved


def test_the_usual_graph_address_is_not_written_down(tmp_path: Path) -> None:
    path = save_config(load(at(tmp_path), account="7"))
    assert "graph_url" not in path.read_text()


def test_a_saved_config_keeps_the_graph_address_it_had(tmp_path: Path) -> None:
    configure(tmp_path, 'graph_url = "http://127.0.0.1:8800"\n')
    save_config(load(at(tmp_path), account="7"))
    assert load(at(tmp_path)).graph_url == "http://127.0.0.1:8800"


def test_a_token_is_never_saved(tmp_path: Path) -> None:
    path = save_config(load(at(tmp_path, ADOPT_ACCESS_TOKEN=CANARY), account="7"))
    assert CANARY not in path.read_text()


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    write_private(path, "one")
    write_private(path, "two")
    assert path.read_text() == "two"
    assert [child.name for child in path.parent.iterdir()] == ["file"]
