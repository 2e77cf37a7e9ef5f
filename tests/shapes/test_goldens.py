"""Every format writes the rich document as it did when someone last looked at the difference."""

from __future__ import annotations

import pytest

from roto_shapes.formats import FORMATS, read
from shapes.helpers_goldens import GOLDENS, golden_files, rich_document
from shapes.helpers_shapes import assert_same

FILES = golden_files()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_golden(path) -> None:
    assert path.read_bytes().decode("utf-8") == FILES[path], (
        "if this change is meant: python tests/shapes/regenerate_goldens.py, and read the diff"
    )


def test_no_golden_is_left_over() -> None:
    assert {path.name for path in GOLDENS.iterdir()} == {path.name for path in FILES}


@pytest.mark.parametrize("name", [name for name, entry in FORMATS.items() if entry.read])
def test_goldens_read_as_their_projection(name) -> None:
    entry = FORMATS[name]
    text = (GOLDENS / f"rich.{entry.extension}").read_bytes().decode("utf-8")
    assert_same(read(text, name).document, entry.project(rich_document()), 1e-4)
