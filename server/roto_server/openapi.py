"""Writes the public API's OpenAPI document: ``python -m roto_server.openapi server/openapi.json``.

The checked-in file is what clients are made from; a test fails when it is not current.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from .app import create_app
from .settings import Settings


def document() -> dict[str, Any]:
    """The OpenAPI document of this version."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder), environment="development"))
        app.state.database.dispose()
        app.state.bell.close()
        return app.openapi()


def text() -> str:
    """The document as the checked-in file has it."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
