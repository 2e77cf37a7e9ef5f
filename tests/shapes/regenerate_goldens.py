"""Writes the goldens anew: ``python tests/shapes/regenerate_goldens.py``, then read the diff."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from shapes.helpers_goldens import GOLDENS, golden_files


def main() -> None:
    files = golden_files()
    GOLDENS.mkdir(exist_ok=True)
    for path in GOLDENS.iterdir():
        if path not in files:
            path.unlink()
    for path, text in files.items():
        path.write_bytes(text.encode("utf-8"))


if __name__ == "__main__":
    main()
