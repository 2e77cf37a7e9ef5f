"""The acceptance documents name tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {
    "P": "people",
    "S": "server",
    "B": "browser",
    "H": "hosts",
    "T": "studio",
    "M": "media",
    "N": "shapes",
    "C": "client",
    "R": "runtime",
}
SCRIPTS = ROOT / "server" / "dashboard" / "tests"
SCRIPT = re.compile(r"`([\w/]+\.test\.tsx?)`")
"""A file of vitest's: from the root, or below `SCRIPTS`."""
NAMED = re.compile(r"`(?:(?P<folder>[A-Z])/(?P<file>[\w/]+\.py))?(?:::(?P<test>\w+))?`")


def named(document: Path) -> list[tuple[Path, str]]:
    """Files and beginnings of test names; a name alone belongs to the file before it."""
    found = []
    file = Path()
    for match in NAMED.finditer(document.read_text(encoding="utf-8")):
        if match["file"]:
            file = ROOT / "tests" / FOLDERS[match["folder"]] / match["file"]
        if match["file"] or match["test"]:
            found.append((file, match["test"] or ""))
    return found


@pytest.mark.parametrize("document", sorted((ROOT / "docs").glob("acceptance-*.md")))
def test_what_it_names_is_there(document: Path) -> None:
    names = named(document)
    assert names
    missing = [
        f"{file.relative_to(ROOT)}::{test}"
        for file, test in names
        if not file.is_file() or f"def {test}" not in file.read_text(encoding="utf-8")
    ]
    assert missing == []


@pytest.mark.parametrize("document", sorted((ROOT / "docs").glob("acceptance-*.md")))
def test_scripts_it_names_are_there(document: Path) -> None:
    names = SCRIPT.findall(document.read_text(encoding="utf-8"))
    assert [n for n in names if not any((root / n).is_file() for root in (ROOT, SCRIPTS))] == []
