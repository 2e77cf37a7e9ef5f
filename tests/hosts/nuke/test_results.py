"""A version in the script: nodes, undo, replacing, and what Nuke is told about mattes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from artist import Curves
from helpers_script import plate, roto_under

from shapes.helpers_shapes import document, layer, moving_blob

OFFSET = -1000


@pytest.fixture
def roto(nuke: Any) -> Any:
    return roto_under(plate(nuke, "/show/plate.%04d.exr", (1001, 1040), size=(1920, 1080)))


def version(roto: Any, number: int, keep: str = "", names: Any = None, x: float = 0.0) -> Any:
    """Prepared shapes and mattes of a version, as after fetching it."""
    from megaton_roto_nuke.results import Mattes, Result
    from megaton_roto_nuke.written import NOBODY, Frame, write_shapes

    shape = moving_blob("s1", frames=(1001, 1011 + number, 1040), name="body")
    base = document(layer(shape, layer_id="l1", name="hero"))
    name = f"{roto.node.name()}_v{number:03d}"
    shapes = write_shapes(base, OFFSET, name, keep, names or NOBODY)
    result = Result(
        uid=roto.uid,
        job=f"job{number}",
        shot="shot",
        version=number,
        offset=OFFSET,
        names=shapes.names,
        mark=shapes.mark,
        frame=Frame.of(base, OFFSET),
        attention=(("hero", 12, 15, 13), ("hero", 30, 30, 30)),
    )
    mattes = [Mattes("hero", f"/out/it's hero $1/matte_v{number:03d}.%04d.exr", 1001, 1040)]
    return result, shapes, mattes


def nodes_of(made: list[Any]) -> list[Any]:
    """The Roto node, then the Read nodes."""
    return sorted(made, key=lambda node: node.Class() != "Roto")


def test_a_first_version_is_one_undo_entry(nuke: Any, host: Any, roto: Any) -> None:
    from megaton_roto_nuke import results

    result, shapes, mattes = version(roto, 1)
    entries, nodes = len(host.undo), len(nuke.allNodes())
    made, read = nodes_of(results.apply(roto, result, shapes, mattes, None))
    assert [entry.name for entry in host.undo[entries:]] == ["Megaton Roto: version 1"]
    assert made.Class() == "Roto"
    assert made.name() == "MegatonRoto1_v001"
    assert made.input(0) is roto.node
    assert made["curves"].toScript() == shapes.curves
    assert results.Result.of(made) == result
    assert results.roto_of(roto.uid) is made
    assert made["mr_attention"].values() == ["13: hero (12-15)", "30: hero"]
    assert read.name() == "hero_matte_v001"
    nuke.undo()
    assert len(nuke.allNodes()) == nodes


def test_mattes_are_read_as_data_on_their_script_frames(nuke: Any, roto: Any) -> None:
    from megaton_roto_nuke import results

    _, read = nodes_of(results.apply(roto, *version(roto, 1), None))
    values = {name: read[name].value() for name in read.knobs() if name in KNOBS}
    assert values == KNOBS
    assert (read.firstFrame(), read.lastFrame()) == (1, 40)
    assert read.metadata("input/frame", 1) == 1001


KNOBS = {
    "file": "/out/it's hero $1/matte_v001.%04d.exr",
    "first": 1001,
    "last": 1040,
    "origfirst": 1001,
    "origlast": 1040,
    "before": "black",
    "after": "black",
    "on_error": "black",
    "raw": True,
    "frame_mode": "start at",
    "frame": "1",
}


def test_a_version_takes_the_place_of_the_last(nuke: Any, host: Any, roto: Any) -> None:
    from megaton_roto_nuke import results

    made, read = nodes_of(results.apply(roto, *version(roto, 1), None))
    merge = nuke.nodes.Grade()
    merge.setInput(0, made)
    place = made.xpos(), made.ypos()
    curves = Curves(made)
    curves.add_root_shape("garbage")
    curves.done()
    held = results.Result.of(made)
    newer = version(roto, 2, made["curves"].toScript(), held.names)
    entries, nodes = len(host.undo), len(nuke.allNodes())
    again, read_again = nodes_of(results.apply(roto, *newer, made))
    assert again is made
    assert read_again is read
    assert len(host.undo) == entries + 1
    assert len(nuke.allNodes()) == nodes
    assert (made.xpos(), made.ypos()) == place
    assert merge.input(0) is made
    assert Curves(made).names() == ["garbage", "body"]
    assert Curves(made).frames("body") == [1, 13, 40]
    assert results.Result.of(made).version == 2
    assert read["file"].value() == "/out/it's hero $1/matte_v002.%04d.exr"
    nuke.undo()
    old = nuke.toNode("MegatonRoto1_v001")
    assert Curves(old).frames("body") == [1, 12, 40]
    assert results.Result.of(old).version == 1


def test_or_stands_beside_it(nuke: Any, roto: Any) -> None:
    from megaton_roto_nuke import results

    first, first_read = nodes_of(results.apply(roto, *version(roto, 1), None))
    second, second_read = nodes_of(results.apply(roto, *version(roto, 2), None))
    assert second is not first
    assert second_read is not first_read
    assert second.xpos() > first.xpos()
    assert results.roto_of(roto.uid) is second
    assert second.name() == "MegatonRoto1_v002"


def test_a_result_survives_saving(nuke: Any, roto: Any, tmp_path: Path) -> None:
    from megaton_roto_nuke import results

    result, shapes, mattes = version(roto, 1)
    results.apply(roto, result, shapes, mattes, None)
    nuke.scriptSaveAs(str(tmp_path / "shot.nk"))
    nuke.scriptOpen(str(tmp_path / "shot.nk"))
    again = results.roto_of(result.uid)
    assert results.Result.of(again) == result
    assert again["curves"].toScript() == shapes.curves
    assert again["mr_correct"].command().endswith("actions.correct_here(nuke.thisNode())")


def test_going_to_a_stretch_that_needs_a_look(nuke: Any, roto: Any, host: Any) -> None:
    from megaton_roto_nuke import results

    made, _ = nodes_of(results.apply(roto, *version(roto, 1), None))
    made["mr_attention"].setValue("30: hero")
    made["mr_jump"].execute()
    assert nuke.frame() == 30
    made["mr_attention"].setValue("13: hero (12-15)")
    made["mr_jump"].execute()
    assert nuke.frame() == 13
    assert not host.messages


def test_other_peoples_nodes_are_not_results(nuke: Any, roto: Any) -> None:
    from megaton_roto_nuke import results
    from megaton_roto_nuke.state import StateError

    theirs = nuke.createNode("Roto")
    assert results.Result.of(theirs) is None
    assert results.roto_of(roto.uid) is None
    theirs.addKnob(nuke.String_Knob("mr_result", ""))
    theirs["mr_result"].setValue("mr1:not ours")
    with pytest.raises(StateError):
        results.Result.of(theirs)
    # One that is damaged is not in the way of those that are not.
    made, _ = nodes_of(results.apply(roto, *version(roto, 1), None))
    assert results.roto_of(roto.uid) is made
