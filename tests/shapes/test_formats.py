"""The registry of formats and the lossy report."""

from __future__ import annotations

import re

import pytest

from roto_shapes.document import Key, dumps, loads
from roto_shapes.errors import DocumentError, RotoError
from roto_shapes.formats import FORMATS, read, write
from roto_shapes.formats.base import LossyReport
from shapes.helpers_shapes import document, l_points, layer, moving_blob, one_shape


def test_the_formats() -> None:
    assert {name: entry.extension for name, entry in FORMATS.items()} == {
        "nuke": "nk",
        "silhouette": "fxs",
        "fusion": "setting",
        "aftereffects": "jsx",
        "aftereffects-data": "ae.json",
        "lottie": "lottie.json",
        "svg": "svg",
        "blender": "blender.json",
        "json": "json",
    }
    assert [name for name, entry in FORMATS.items() if entry.read] == [
        "nuke",
        "silhouette",
        "fusion",
        "json",
    ]


def test_an_unknown_format() -> None:
    with pytest.raises(RotoError) as caught:
        write(document(), "maya")
    assert caught.value.code == "unknown_format"
    assert "silhouette" in caught.value.hint


@pytest.mark.parametrize("name", FORMATS)
def test_an_unsound_document_is_refused_and_an_empty_one_written(name) -> None:
    with pytest.raises(DocumentError):
        write(document(width=0), name)
    written = write(document(), name)
    assert written.text
    assert written.report.as_list() == []


@pytest.mark.parametrize("name", FORMATS)
def test_writing_does_not_change_the_document(name) -> None:
    doc = document(layer(moving_blob(visible=[(1001, 1003), (1004, 1009)])))
    before = dumps(doc)
    write(doc, name)
    assert dumps(doc) == before


def test_json_is_lossless() -> None:
    doc = document(layer(moving_blob()), prompts=[{"frame": 1}], extra={"later": 1})
    written = write(doc, "json")
    assert loads(written.text) == read(written.text, "json").document == doc
    assert FORMATS["json"].project(doc) is doc
    assert len(written.report) == 0


@pytest.mark.parametrize("name", ["nuke", "silhouette"])
def test_host_formats_report_what_stays_behind(name) -> None:
    keys = [Key(1001, l_points(), origin="artist")]
    doc = one_shape(*keys)
    doc.prompts, doc.provenance = [{"frame": 1}], {"model": "x"}
    lines = write(doc, name).report.lines()
    assert lines[0] == "document: prompts, provenance: kept in the JSON document only"
    assert lines[1].startswith("hero / main: origin, lock and host data")


def test_a_format_that_is_only_written() -> None:
    with pytest.raises(RotoError) as caught:
        read("<svg/>", "svg")
    assert caught.value.code == "unknown_format"
    assert "silhouette" in caught.value.hint


def test_a_file_named_json_is_a_document() -> None:
    by_extension = {entry.extension: name for name, entry in FORMATS.items()}
    assert by_extension["json"] == "json"
    assert len(by_extension) == len(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_far_frames_overscan_and_wide_pixels(name) -> None:
    keys = [Key(-120000, l_points(-5000)), Key(250000, l_points(9000))]
    doc = one_shape(*keys)
    doc.pixel_aspect, doc.frame_range = 2.0, (-120000, 250000)
    text = write(doc, name).text
    assert not re.search(r"\d\.\d+[eE][-+]?\d", text)
    entry = FORMATS[name]
    if entry.read:
        got = entry.read(text).document
        assert [key.frame for key in got.layers[0].shapes[0].keys] == [-120000, 250000]
        assert got.layers[0].shapes[0].keys[1].points[0].x == pytest.approx(9100, abs=1e-2)


def test_a_report_s_lines_are_lines_whatever_the_names() -> None:
    report = LossyReport()
    report.add("\ud800 a\nb\x1b[31m", "lost")
    assert report.lines() == ["\ufffd a\ufffdb\ufffd[31m: lost"]
    assert report.as_list() == [{"where": "\ud800 a\nb\x1b[31m", "what": "lost"}]


def test_a_report_does_not_repeat_itself() -> None:
    report = LossyReport()
    for where in ("a", "b", "a"):
        report.add(where, "lost")
    assert report.as_list() == [{"where": "a", "what": "lost"}, {"where": "b", "what": "lost"}]
    assert len(report) == 2
