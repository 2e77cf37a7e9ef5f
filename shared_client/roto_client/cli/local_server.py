"""A job server of one's own, started as a child process and stopped with a `with` block."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from roto_shapes.errors import RotoError

from ..api import RotoClient
from ..api.config import embedded_server

START_SECONDS = 180.0
STOP_SECONDS = 45.0


def roto_command(*arguments: str) -> list[str]:
    """The command line of `roto` in this very Python."""
    return [sys.executable, "-m", "roto_client.cli", *arguments]


class LocalServer:
    """`roto serve --embedded` in ``data_dir``, reading plates below ``roots``.

    What it writes goes to ``log``. It dies with this process, however that ends.
    """

    def __init__(self, data_dir: Path, roots: Sequence[Path], log: Path) -> None:
        self.data_dir = data_dir
        self.roots = roots
        self.log = log
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> RotoClient:
        """Start it and wait until it is ready. RotoError ``server_unavailable`` if it is not."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as log:
            self._child = subprocess.Popen(
                [
                    *(sys.executable, "-m", "roto_server.embedded.tether", str(os.getpid())),
                    *roto_command("serve", "--embedded", "--port", "0"),
                    *("--data-dir", str(self.data_dir)),
                ],
                env={**os.environ, "ROTO_ALLOWED_ROOTS": os.pathsep.join(map(str, self.roots))},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            told = self._wait_ready(self._child)
        except BaseException:
            self._stop()
            raise
        key = Path(told["api_key_file"]).read_text(encoding="utf-8").strip()
        return RotoClient(told["url"], key)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _wait_ready(self, child: subprocess.Popen[bytes]) -> Mapping[str, Any]:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if child.poll() is not None:
                raise self._did_not_start(f"ended with exit code {child.returncode}")
            told = embedded_server(self.data_dir)
            # An earlier server's file may still lie there.
            if told.get("pid") == child.pid and _is_ready(told["url"]):
                return told
            time.sleep(0.1)
        raise self._did_not_start(f"was not ready after {START_SECONDS:.0f} s")

    def _did_not_start(self, what: str) -> RotoError:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:]
        return RotoError(
            f"The server {what}. It said:\n  " + "\n  ".join(lines),
            hint=f"All of it is in {self.log}; `roto doctor` looks for what is wrong here.",
            code="server_unavailable",
        )

    def _stop(self) -> None:
        child = self._child
        if child is None or child.poll() is not None:
            return
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _is_ready(url: str) -> bool:
    import requests

    session = requests.Session()
    session.trust_env = False
    try:
        return session.get(f"{url}/readyz", timeout=5).status_code == 200
    except requests.RequestException:
        return False
    finally:
        session.close()
