"""After Effects' part, played by the emulator in a process of its own."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from pathlib import Path
from typing import Any

from shapes.helpers_ae import NODE

EMULATOR = Path(__file__).resolve().parents[1] / "hosts/aftereffects/emulator/session.js"


class Session:
    """The emulator of After Effects in a process of its own: its project lives over many scripts.

    One line of JSON goes in, one comes out.
    """

    def __init__(self, patience: float = 120.0, **world: str) -> None:
        """``world``: facts of the machine, as the emulator names them (``version``, ``os``)."""
        command = [str(NODE), "--expose-internals", str(EMULATOR), json.dumps(world)]
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

    def undo(self) -> str:
        """Edit > Undo; the name of what was undone."""
        return str(self.ask({"undo": True})["result"])

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
