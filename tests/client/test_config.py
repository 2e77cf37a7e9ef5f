"""Which server and which key: precedence, and a key never going to another server."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from roto_client.api import discover
from roto_client.api.config import (
    config_file,
    embedded_server,
    find_server,
    read_config,
    store_key,
    stored_key,
    write_config,
)
from roto_client.api.errors import InputError, ServerUnavailableError, SignInError

RunEmbedded = Callable[..., str]


@pytest.fixture
def run_embedded() -> RunEmbedded:
    """Leave the files of a running embedded server behind."""

    def write(url: str = "http://127.0.0.1:8710", pid: int | None = None) -> str:
        folder = Path(os.environ["ROTO_DATA_DIR"])
        folder.mkdir(exist_ok=True)
        (folder / "api-key").write_text("roto_embedded\n")
        told = {"url": url, "api_key_file": str(folder / "api-key"), "pid": pid or os.getpid()}
        (folder / "server.json").write_text(json.dumps(told))
        return url

    return write


def test_nothing_is_known() -> None:
    with pytest.raises(ServerUnavailableError, match="No server") as caught:
        discover()
    assert "roto serve --embedded" in caught.value.hint


def test_server_precedence(run_embedded: RunEmbedded, monkeypatch: pytest.MonkeyPatch) -> None:
    run_embedded()
    assert find_server() == ("http://127.0.0.1:8710", "the embedded server running here")
    write_config(server="http://config:1/")
    assert find_server() == ("http://config:1", str(config_file()))
    monkeypatch.setenv("ROTO_SERVER", "http://env:2")
    assert find_server() == ("http://env:2", "ROTO_SERVER")
    assert find_server("http://arg:3") == ("http://arg:3", "the command line")


def test_key_precedence(
    run_embedded: RunEmbedded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = run_embedded()
    assert discover().token == "roto_embedded"
    store_key(url, "roto_stored")
    assert discover().token == "roto_stored"
    (tmp_path / "key").write_text("roto_file\n")
    monkeypatch.setenv("ROTO_API_KEY_FILE", str(tmp_path / "key"))
    assert discover().token == "roto_file"
    monkeypatch.setenv("ROTO_API_KEY", " roto_env ")
    assert (discover().token, discover().token_from) == ("roto_env", "ROTO_API_KEY")
    assert discover(token="roto_arg").token == "roto_arg"


def test_a_stored_key_does_not_go_to_another_server(run_embedded: RunEmbedded) -> None:
    run_embedded()
    store_key("https://studio.example", "roto_studio")
    write_config(server="https://studio.example")
    assert discover().token == "roto_studio"
    with pytest.raises(SignInError, match=r"https://evil\.example"):
        discover("https://evil.example")
    assert discover("http://127.0.0.1:8710").token == "roto_embedded"


def test_an_embedded_server_that_died_is_not_running(run_embedded: RunEmbedded) -> None:
    run_embedded(pid=2**22 + 1)
    assert embedded_server() == {}
    Path(os.environ["ROTO_DATA_DIR"], "server.json").write_text("{half")
    assert embedded_server() == {}


def test_key_files_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROTO_API_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(SignInError, match="cannot be read"):
        discover("http://h")
    (tmp_path / "none").write_text("\n")
    with pytest.raises(SignInError, match="is empty"):
        discover("http://h")


def test_keys_are_kept_privately_and_per_server() -> None:
    where = store_key("http://a", "roto_a")
    store_key("http://b", "roto_b")
    store_key("http://a", "roto_a2")
    assert stored_key("http://a") == ("roto_a2", where)
    assert stored_key("http://b") == ("roto_b", where)
    assert stored_key("http://c") is None
    assert Path(where).stat().st_mode & 0o777 == 0o600
    Path(where).write_text("{half")
    with pytest.raises(InputError, match="damaged"):
        stored_key("http://a")


def test_a_working_keyring_is_preferred_and_a_locked_one_does_no_harm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import keyring
    from keyring.backend import KeyringBackend
    from keyring.errors import KeyringLocked, PasswordSetError

    class Memory(KeyringBackend):
        priority = 1
        kept: dict[tuple[str, str], str] = {}  # noqa: RUF012
        locked = False

        def get_password(self, service: str, username: str) -> str | None:
            if self.locked:
                raise OSError("D-Bus is gone") from KeyringLocked()
            return self.kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            if self.locked:
                raise PasswordSetError
            self.kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            raise NotImplementedError

    ring = Memory()
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    monkeypatch.setattr(keyring.core, "_keyring_backend", ring)
    assert store_key("http://a", "roto_a") == "the keyring"
    assert stored_key("http://a") == ("roto_a", "the keyring")
    ring.locked = True
    assert store_key("http://a", "roto_file").endswith("api-keys.json")
    assert stored_key("http://a") == ("roto_file", store_key("http://a", "roto_file"))
    ring.locked = False
    assert store_key("http://a", "roto_a") == "the keyring"
    assert "roto_file" not in (config_file().parent / "api-keys.json").read_text()


def test_no_keyring_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert store_key("http://a", "k").endswith("api-keys.json")


def test_the_config_file_is_a_small_part_of_toml() -> None:
    path = write_config(server="http://a", project='say "ß"')
    text = path.read_text()
    path.write_text("# mine\n\n" + text + "other = 'C:\\x'  \nlast = \"y\" # why\n")
    expected = {"server": "http://a", "project": 'say "ß"', "other": "C:\\x", "last": "y"}
    assert read_config() == expected
    import tomllib

    assert tomllib.loads(path.read_text()) == expected
    write_config(server="http://b")
    assert "# mine" in path.read_text()
    assert read_config()["server"] == "http://b"


@pytest.mark.parametrize("line", ["server", "server = 5", 'server = "a" b', "[server]", "a = 'b"])
def test_a_line_that_is_no_setting_is_named(line: str) -> None:
    path = write_config(server="http://a")
    path.write_text(f"# fine\n{line}\n")
    with pytest.raises(InputError, match="line 2"):
        read_config()
