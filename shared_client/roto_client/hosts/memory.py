"""What a panel remembers from one day to the next: choices per project, and the last project.

One small JSON file per host in the user's config folder, written whole and private. Nothing here
is needed: a damaged file is put aside and the defaults hold.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

from ..api.config import config_dir

_log = logging.getLogger("roto_client.hosts")


class HostMemory:
    """The choices made in host ``host``. ``folder``: where the file lies, None = the user's."""

    def __init__(self, host: str, folder: Optional[Path] = None) -> None:
        self._host, self._folder = host, folder
        self._lock = threading.Lock()

    @property
    def path(self) -> Path:
        """The file."""
        return (self._folder or config_dir()) / f"{self._host}.json"

    def recall(self, project: str = "") -> Dict[str, Any]:
        """What was chosen for ``project`` (without one: for the last project), over the last
        choices of any project. ``project`` is among them."""
        stored = self._read()
        name = project or str(stored.get("last_project") or "")
        chosen = {**_dict(stored, "any"), **_dict(_dict(stored, "projects"), name)}
        return {**chosen, "project": name} if name else chosen

    def remember(self, project: str, choices: Mapping[str, Any]) -> None:
        """Keep ``choices`` (JSON values) for ``project``. Raises OSError if that cannot be."""
        with self._lock:
            stored = self._read()
            projects = _dict(stored, "projects")
            projects[project] = {**_dict(projects, project), **choices}
            text = json.dumps(
                {"last_project": project, "any": dict(choices), "projects": projects}, indent=1
            )
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
            draft.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with open(os.open(draft, flags, 0o600), "w", encoding="utf-8") as file:
                file.write(text + "\n")
            os.replace(draft, self.path)

    def _read(self) -> Dict[str, Any]:
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            _log.warning("%s cannot be read, its choices are forgotten: %s", self.path, error)
            return {}
        return stored if isinstance(stored, dict) else {}


def _dict(stored: Mapping[str, Any], name: str) -> Dict[str, Any]:
    value = stored.get(name)
    return dict(value) if isinstance(value, dict) else {}
