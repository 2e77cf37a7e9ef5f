"""Every format against documents and texts made to break it."""

from __future__ import annotations

import contextlib
import copy
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roto_shapes.document import ValueKey, dumps
from roto_shapes.errors import DocumentError
from roto_shapes.formats import FORMATS, read, write
from shapes.helpers_hostile_documents import NAMES, hostile_documents
from shapes.helpers_shapes import SLIDING, TURNING, document, layer, moving_blob

READABLE = [name for name, entry in FORMATS.items() if entry.read]
_ANY = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def without_point_feather(doc):
    """Nuke's feather of points comes back within float32 (see test_nuke_read), no nearer."""
    for la in doc.layers:
        for sh in la.shapes:
            if isinstance(sh.feather, list):
                sh.feather = [0.0 for _ in sh.feather]
    return doc


@pytest.mark.parametrize("name", READABLE)
@_ANY
@given(hostile_documents())
def test_what_is_read_back_is_the_projection_exactly(name, doc) -> None:
    entry = FORMATS[name]
    assert entry.project is not None
    before = copy.deepcopy(doc)
    text = write(doc, name).text
    got, due = read(text, name).document, entry.project(doc)
    if name == "nuke":
        got, due = without_point_feather(got), without_point_feather(due)
    assert got == due
    assert doc == before
    assert write(doc, name).text == text


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in READABLE])
@settings(_ANY, max_examples=15)
@given(hostile_documents())
def test_every_writer_writes_it(name, doc) -> None:
    if any(la.transform and la.transform.keys[1:] for la in doc.layers):
        doc.layers = [la for la in doc.layers if la.transform is None]
    first, last = doc.frame_range
    for la in doc.layers:
        for sh in la.shapes:
            sh.visible = [(max(first - 9, a), min(last + 9, b)) for a, b in sh.visible]
            sh.visible = [span for span in sh.visible if span[0] <= span[1]]
    write(doc, name).text.encode("utf-8")


@pytest.mark.parametrize("name", READABLE)
def test_hostile_names_stay_apart_and_in_their_places(name) -> None:
    """As many layers and shapes, in the same order, under names that are as near as may be."""
    layers = [
        layer(moving_blob(f"s{i}", name=one), layer_id=f"l{i}", name=one, group=[one])
        for i, one in enumerate(NAMES)
    ]
    doc = document(*layers)
    got = read(write(doc, name).text, name).document
    assert [len(la.shapes) for la in got.layers] == [1] * len(NAMES)
    kept = [la.name for la in got.layers]
    assert any("é漢字 🎬" in one for one in kept)
    if name != "nuke":  # which has no quotes and braces in names, and says so
        assert {'say "hi"', "a{b", "back\\slash\\", "<&>'\"]]>--"} <= set(kept)


def spoiled(text: str, rng: random.Random) -> str:
    """Some pieces of a text cut out, moved, or replaced by what parsers stumble over."""
    words = ("nan", "inf", "1e999", "x7f800000", "null", "True", "9" * 30)
    tokens = [*'{}[]()<>"=,;:/\\-.01x& \n\x00', *words]
    for _ in range(rng.randint(1, 3)):
        start, source = rng.randrange(len(text)), rng.randrange(len(text))
        end = start + rng.choice((0, 0, 1, 2, 5, 20, 200))
        piece = rng.choice([*tokens, text[source : source + rng.choice((1, 5, 30))]])
        text = text[:start] + piece + text[end:]
    return text


@pytest.mark.parametrize("name", READABLE)
@settings(_ANY, max_examples=150)
@given(st.integers(0, 2**32 - 1))
def test_no_text_makes_a_reader_fail_but_with_a_reason(name, seed) -> None:
    fade = [ValueKey(1005, 0.25), ValueKey(1009, 1.0, "hold"), ValueKey(1020, 0.5)]
    doc = document(
        layer(
            moving_blob("a", frames=(1001, 1004), visible=[(1002, 1004)], opacity=fade),
            moving_blob("b", frames=(1001,), kind="bspline", mode="subtract"),
            transform=SLIDING,
        ),
        layer(
            moving_blob("c", frames=(1001,), feather=[1.0] * 8), layer_id="l2", transform=TURNING
        ),
    )
    text = spoiled(write(doc, name).text, random.Random(seed))
    with contextlib.suppress(DocumentError):
        dumps(read(text, name).document)
