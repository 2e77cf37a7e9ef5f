"""Which server, and with which key.

The server: what the caller names, else ROTO_SERVER, else ``server`` in the config file, else the
embedded server running on this machine. The key: what the caller names, else ROTO_API_KEY, else
the file ROTO_API_KEY_FILE names, else what `roto login` stored for that very server, else the
embedded server's own key if it is that server. A stored key never goes to another server.

The config file is ``config.toml`` in the user's config folder (``~/.config/megaton-roto`` on
Linux), a few ``name = "text"`` lines. Keys are in the OS keyring, or in ``api-keys.json`` beside
it, readable by its owner only.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping

from .errors import InputError, ServerUnavailableError, SignInError
from .transport import server_url

APP = "megaton-roto"

_log = logging.getLogger("roto_client")


@dataclass(frozen=True)
class Connection:
    """A server's address and the key for it. The texts say where each came from."""

    server: str
    token: str
    server_from: str
    token_from: str


def discover(server: str | None = None, token: str | None = None) -> Connection:
    """The server and key to use, as the module says.

    Raises ServerUnavailableError when no server is named anywhere, SignInError when there is no
    key for it, InputError when an address or a file cannot be read.
    """
    url, server_from = find_server(server)
    key, token_from = _find_key(url, token)
    return Connection(url, key, server_from, token_from)


def find_server(server: str | None = None) -> tuple[str, str]:
    """The server's address and where it is named."""
    embedded = embedded_server()
    named = (
        (server, "the command line"),
        (os.environ.get("ROTO_SERVER"), "ROTO_SERVER"),
        (read_config().get("server"), str(config_file())),
        (embedded.get("url"), "the embedded server running here"),
    )
    for url, source in named:
        if url:
            return server_url(url), source
    raise ServerUnavailableError(
        "No server is named, and no embedded one runs here.",
        hint="Give --server URL, set ROTO_SERVER, `roto login --server URL`, or start one with "
        "`roto serve --embedded`.",
    )


def _find_key(url: str, token: str | None) -> tuple[str, str]:
    if token:
        return token.strip(), "the command line"
    if os.environ.get("ROTO_API_KEY"):
        return os.environ["ROTO_API_KEY"].strip(), "ROTO_API_KEY"
    key_file = os.environ.get("ROTO_API_KEY_FILE")
    if key_file:
        return _read_key(Path(key_file), "ROTO_API_KEY_FILE"), "ROTO_API_KEY_FILE"
    stored = stored_key(url)
    if stored:
        return stored
    embedded = embedded_server()
    if embedded and server_url(embedded["url"]) == url:
        source = "the embedded server's data folder"
        return _read_key(Path(embedded["api_key_file"]), source), source
    raise SignInError(
        f"There is no API key for {url}.",
        hint=f"`roto login --server {url}` gets one through your browser; ROTO_API_KEY works too.",
    )


# -- the config file


def config_dir() -> Path:
    """The user's config folder of this product (it may not exist)."""
    from platformdirs import user_config_path

    return user_config_path(APP)


def config_file() -> Path:
    """Where the config file is, or would be."""
    return config_dir() / "config.toml"


def read_config() -> dict[str, str]:
    """The config file's settings; empty when there is none. InputError names a line it cannot
    read. Of TOML only comments and ``name = "text"`` lines are understood: Python 3.9 has no
    reader of its own."""
    try:
        text = config_file().read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    settings = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            name, value = _setting(line, number)
            settings[name] = value
    return settings


def _setting(line: str, number: int) -> tuple[str, str]:
    name, equals, rest = (part.strip() for part in line.partition("="))
    try:
        if not equals:
            raise ValueError
        if rest[:1] == "'" == rest[-1:] and len(rest) > 1:
            return name, rest[1:-1]
        value, end = json.JSONDecoder().raw_decode(rest)
        if isinstance(value, str) and rest[end:].strip()[:1] in ("", "#"):
            return name, value
        raise ValueError
    except ValueError:
        raise InputError(
            f"{config_file()}, line {number}: {line.strip()!r} is not a setting.",
            hint='A line reads: server = "https://roto.studio.example"',
        ) from None


def write_config(**settings: str) -> Path:
    """Add ``settings`` to the config file (comments are kept) and return its path."""
    path = config_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [line for line in old if line.partition("=")[0].strip() not in settings]
    new = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in settings.items()]
    _write_private(path, "\n".join([*kept, *new]) + "\n")
    return path


# -- stored keys


def stored_key(url: str) -> tuple[str, str] | None:
    """The key `roto login` stored for the server ``url`` and where, or None."""
    keyring = _keyring()
    if keyring:
        try:
            key = keyring.get_password(APP, url)
        except Exception as error:
            # Backends raise what they like: D-Bus, Keychain, a locked vault. The file remains.
            _log.debug("the keyring fails: %r", error)
            key = None
        if key:
            return str(key), "the keyring"
    key = _key_file_content().get(url)
    return (key, str(_key_file())) if key else None


def store_key(url: str, key: str) -> str:
    """Keep ``key`` for the server ``url``; says where. The keyring if there is a working one."""
    keyring = _keyring()
    if keyring:
        try:
            keyring.set_password(APP, url, key)
        except Exception as error:
            _log.debug("the keyring fails: %r", error)
            keyring = None
    kept = {other: value for other, value in _key_file_content().items() if other != url}
    if keyring is None:
        kept[url] = key
    if kept or _key_file().exists():
        _write_private(_key_file(), json.dumps(kept, indent=1))
    return "the keyring" if keyring else str(_key_file())


def _keyring() -> Any:
    """The keyring module when the machine has a keyring to speak of, else None."""
    try:
        import keyring
        from keyring.backends import fail, null

        backend = keyring.get_keyring()
    except Exception as error:
        # Not installed, or a desktop's service that does not answer as it should.
        _log.debug("no keyring: %r", error)
        return None
    return None if isinstance(backend, (fail.Keyring, null.Keyring)) else keyring


def _key_file() -> Path:
    return config_dir() / "api-keys.json"


def _key_file_content() -> dict[str, str]:
    try:
        keys = json.loads(_key_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise InputError(
            f"{_key_file()} is damaged.", hint="Delete it and `roto login` again."
        ) from None
    return keys if isinstance(keys, dict) else {}


def _read_key(path: Path, source: str) -> str:
    try:
        key = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SignInError(
            f"The key file {path} ({source}) cannot be read: {error.strerror}.",
            hint="Only the user who started the server may read its key.",
        ) from error
    if not key:
        raise SignInError(f"The key file {path} ({source}) is empty.")
    return key


def _write_private(path: Path, text: str) -> None:
    """Write ``path`` atomically, never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with open(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    os.replace(draft, path)


# -- the embedded server


def data_dir() -> Path:
    """The embedded server's data folder: ROTO_DATA_DIR or the user's data folder."""
    from platformdirs import user_data_path

    named = os.environ.get("ROTO_DATA_DIR")
    return Path(named) if named else user_data_path(APP)


def embedded_server(folder: Path | None = None) -> Mapping[str, Any]:
    """``{url, api_key_file, pid}`` of the embedded server of ``folder`` (default: `data_dir`);
    empty when none runs."""
    try:
        told = json.loads(((folder or data_dir()) / "server.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(told, dict) or not {"url", "api_key_file", "pid"} <= set(told):
        return {}
    return told if _alive(told["pid"]) else {}


def _alive(pid: Any) -> bool:
    if os.name == "nt":
        # os.kill would end the process there; the connection itself shows whether it runs.
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
