"""CEP played for a panel: its page gets After Effects' bridge and Node's files from the test."""

from __future__ import annotations

import base64
import json
import os
import queue
import subprocess
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path(__file__).with_name("cep.js")


class Session:
    """The emulator of After Effects in a process of its own: its project lives over many scripts.

    One line of JSON goes in, one comes out.
    """

    def __init__(self, command: list[str], patience: float = 120.0) -> None:
        self.patience = patience
        self.times: list[float] = []
        """Milliseconds of each script the panel ran."""
        self.complaints: list[str] = []
        """Why scripts of the panel failed that After Effects only calls ``EvalScript error.``"""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._answers: queue.Queue[str] = queue.Queue()
        self._trouble: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._overhear, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")

    def _overhear(self) -> None:
        assert self._process.stderr is not None
        self._trouble.extend(self._process.stderr)

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """A question of the session's protocol and its answer."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise AssertionError("the emulator ended: " + "".join(self._trouble)) from None
        line = self._answers.get(timeout=self.patience)
        assert line, "the emulator ended: " + "".join(self._trouble)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def run(self, script: str) -> str:
        """What the artist does in the program by hand: it must not fail."""
        answer = self.ask({"eval": script, "artist": True})
        assert "error" not in answer, answer["error"]
        return str(answer["result"])

    def load(self, script: Path) -> None:
        """The panel's host script, as CEP loads it when the panel opens."""
        answer = self.ask({"load": str(script)})
        assert "error" not in answer, answer["error"]

    def panel_asks(self, script: str) -> str:
        """A script of the panel, through ``evalScript``."""
        answer = self.ask({"eval": script})
        self.times.append(float(answer.get("ms", 0.0)))
        if "error" in answer:
            self.complaints.append(f"{answer['error']} in {script[:300]}")
        return str(answer["result"])

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


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
