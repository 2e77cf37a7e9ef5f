"""The dashboard's folders import one way: looks and API, who is signed in, areas, the app."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "server/dashboard/src"
SHARED = ("ui", "api")
APP = frozenset({"app/shortcuts"})
"""What areas may import of the app: keys are everybody's."""
VIEWER = "review"
"""The area whose picture others show: prompts and corrections are drawn on it."""
_IMPORT = re.compile(r"""(?:from|import\()\s*["'](\.{1,2}/[^"']+)["']""")
MOST_LINES = 400


def sources() -> list[Path]:
    return sorted(path for path in SOURCES.rglob("*.ts*") if path.name != "schema.ts")


def imported(path: Path) -> set[str]:
    """Modules of ours that ``path`` imports, below the sources, without endings."""
    found = _IMPORT.findall(path.read_text(encoding="utf-8"))
    return {
        (path.parent / one).resolve().relative_to(SOURCES.resolve()).as_posix() for one in found
    }


def may_import(area: str, module: str) -> bool:
    other = module.partition("/")[0]
    if other == area or area in ("app", "main.tsx"):
        return True
    if area == "api":
        return False
    if area in SHARED:
        return other in SHARED
    if other in SHARED:
        return True
    if area == "session":
        return False
    return other in ("session", VIEWER) or module in APP


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(SOURCES).as_posix())
def test_folders_import_one_way(path: Path) -> None:
    area = path.relative_to(SOURCES).parts[0]
    wrong = {module for module in imported(path) if not may_import(area, module)}
    assert wrong == set()


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(SOURCES).as_posix())
def test_modules_are_rooms_and_not_halls(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(SOURCES).as_posix())
def test_names_are_drawn_where_every_browser_can(path: Path) -> None:
    """By http of another machine a browser has no ``randomUUID``: ``newKey`` needs none."""
    assert "randomUUID" not in path.read_text(encoding="utf-8")


def test_there_are_sources() -> None:
    assert len(sources()) > 30
