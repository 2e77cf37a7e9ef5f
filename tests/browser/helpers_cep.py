"""CEP played for a panel: its page gets After Effects' bridge and Node's files from the test."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from browser.helpers_ae_session import Session

SCRIPT = Path(__file__).with_name("cep.js")


class NodeFiles:
    """Node's ``fs`` of a panel, on this machine's files. ``calls`` are the names that were used."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def call(self, name: str, facts: str) -> str:
        self.calls.append(name)
        try:
            return json.dumps({"value": getattr(self, f"_{name}")(*json.loads(facts))})
        except OSError as error:
            code = {2: "ENOENT", 13: "EACCES", 17: "EEXIST"}.get(error.errno or 0, "EIO")
            return json.dumps({"error": {"code": code, "message": f"{code}: {error}"}})

    def _stat(self, path: str) -> dict[str, Any]:
        found = os.stat(path)
        return {
            "size": found.st_size,
            "mtimeMs": found.st_mtime * 1000,
            "file": Path(path).is_file(),
            "directory": Path(path).is_dir(),
        }

    def _realpath(self, path: str) -> str:
        return os.path.realpath(path, strict=True)

    def _readdir(self, path: str) -> list[str]:
        return sorted(os.listdir(path))

    def _mkdir(self, path: str, parents: bool) -> None:
        Path(path).mkdir(parents=parents, exist_ok=parents)

    def _rename(self, path: str, to: str) -> None:
        Path(path).rename(to)

    def _unlink(self, path: str) -> None:
        Path(path).unlink()

    def _read(self, path: str, position: int, length: int) -> str:
        with Path(path).open("rb") as file:
            file.seek(position)
            return base64.b64encode(file.read(length)).decode()

    def _write(self, path: str, data: str, more: bool) -> None:
        with Path(path).open("ab" if more else "wb") as file:
            file.write(base64.b64decode(data))


def play_cep(page: Page, session: Session, home: Path, extension: Path) -> NodeFiles:
    """Give a page, before it is loaded, what CEP gives a panel in ``extension``.

    Scripts go to the session, files are this machine's, ``home`` is the artist's folder.
    """
    files = NodeFiles()
    for folder in (home, home / "data", home / "temp"):
        folder.mkdir(exist_ok=True)
    paths = {
        "extension": extension.as_uri(),
        "userData": (home / "data").as_uri(),
        "home": str(home),
        "temp": str(home / "temp"),
    }
    page.expose_function("aeEval", session.panel_asks)
    page.expose_function("aeNode", files.call)
    page.add_init_script(f"window.aePaths = {json.dumps(paths)};\n{SCRIPT.read_text()}")
    return files
