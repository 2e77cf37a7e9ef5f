"""The MegatonRoto node: what it keeps, through undo, copy and paste, and saving."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helpers_script import look_at, plate, roto_under, sample


@pytest.fixture
def roto(nuke: Any) -> Any:
    return roto_under(plate(nuke, "/show/plate.%04d.exr", (1001, 1040)))


def test_making_one_is_one_undo_entry(nuke: Any, host: Any) -> None:
    before = len(host.undo)
    roto_under(None)
    # Creating, and the test's own setInput.
    assert [entry.name for entry in host.undo[before:]] == [
        "Megaton Roto: new node",
        "MegatonRoto1.setInput",
    ]


def test_points_are_keys_on_their_frames(nuke: Any, host: Any, roto: Any) -> None:
    before = len(host.undo)
    roto.place_point(1, 10.0, 20.0, True, 1001)
    roto.place_point(1, 30.0, 40.0, True, 1001)
    roto.place_point(1, 50.0, 60.0, True, 1010)
    roto.place_point(1, 5.0, 6.0, False, 1001)
    assert len(host.undo) == before + 4
    kinds = [(p.positive, p.number, p.knob.getKeyList()) for p in roto.points(1)]
    assert kinds == [(True, 1, [1001, 1010]), (True, 2, [1001]), (False, 1, [1001])]
    assert roto.node["mr1_pos1"].getValueAt(1010) == [50.0, 60.0]


def test_only_the_chosen_objects_knobs_show(nuke: Any, roto: Any) -> None:
    roto.place_point(1, 10.0, 20.0, True, 1001)
    key = roto.add_object("hero")
    roto.place_point(key, 10.0, 20.0, True, 1001)
    roto.show("hero")
    assert not roto.node["mr1_pos1"].visible()
    assert roto.node["mr2_pos1"].visible()
    roto.show("object1")
    assert roto.node["mr1_pos1"].visible()
    assert not roto.node["mr2_pos1"].visible()


def test_absent_and_prompts_exclude_each_other(nuke: Any, roto: Any) -> None:
    roto.place_point(1, 10.0, 20.0, True, 1001)
    roto.place_box(1, [1.0, 2.0, 30.0, 40.0], 1001)
    roto.mark_absent(1, 1001)
    assert roto.node["mr1_absent"].value() == "1001"
    assert roto.node["mr1_pos1"].getKeyList() == []
    assert roto.node["mr1_box"].getKeyList() == []
    roto.place_point(1, 10.0, 20.0, True, 1001)
    assert roto.node["mr1_absent"].value() == ""


def test_objects_are_named_once_and_soundly(nuke: Any, roto: Any) -> None:
    from megaton_roto_nuke.errors import NodeError
    from roto_shapes.errors import RotoError

    with pytest.raises(NodeError, match="already"):
        roto.add_object("object1")
    with pytest.raises(RotoError):
        roto.add_object("a/b")


def test_a_removed_object_leaves_nothing(nuke: Any, roto: Any) -> None:
    roto.place_point(1, 10.0, 20.0, True, 1001)
    roto.remove_object(1)
    assert not [name for name in roto.node.knobs() if name.startswith("mr1_")]
    assert roto.add_object("new") == 2


def test_saved_with_the_script_and_opened_again(nuke: Any, tmp_path: Path, roto: Any) -> None:
    from megaton_roto_nuke.node import by_uid

    roto.place_point(1, 10.5, 20.25, True, 1001)
    roto.place_box(1, [1.0, 2.0, 30.0, 40.0], 1010)
    roto.place_outlines(1, 1020, [{"closed": True, "points": [[1, 2, 0, 0, 0, 0, True]]}])
    roto.note_job({"id": "job1", "version": 1})
    uid = roto.uid
    nuke.scriptSaveAs(str(tmp_path / "shot.nk"))
    nuke.scriptOpen(str(tmp_path / "shot.nk"))
    again = by_uid(uid)
    assert again.jobs() == [{"id": "job1", "version": 1}]
    assert again.node["mr1_pos1"].getValueAt(1001) == [10.5, 20.25]
    assert again.node["mr1_box"].getKeyList() == [1010]
    assert list(again.outlines(1)) == [1020]
    assert again.name_of(1) == "object1"
    assert not again.node["mr_state"].visible()
    assert again.node["mr_submit"].command() == roto_command(again)


def roto_command(again: Any) -> str:
    return "import megaton_roto_nuke.actions as actions; actions.submit(nuke.thisNode())"


def test_a_pasted_copy_is_another_node(nuke: Any, tmp_path: Path, roto: Any) -> None:
    from megaton_roto_nuke.node import by_uid, roto_nodes

    roto.place_point(1, 10.0, 20.0, True, 1001)
    first = roto.uid
    for node in nuke.allNodes():
        node.setSelected(node.name() == roto.node.name())
    nuke.nodeCopy(str(tmp_path / "clip.nk"))
    copy = nuke.nodePaste(str(tmp_path / "clip.nk"))
    assert {one.node.name() for one in roto_nodes()} == {roto.node.name(), copy.name()}
    uids = {one.node.name(): one.uid for one in roto_nodes()}
    assert uids[roto.node.name()] == first
    assert uids[copy.name()] != first
    assert by_uid(first).node is roto.node
    assert copy["mr1_pos1"].getKeyList() == [1001]


def test_a_renamed_node_stays_itself(nuke: Any, roto: Any) -> None:
    uid = roto.uid
    roto.node.setName("Hero_roto")
    assert roto.uid == uid


def test_undo_takes_a_point_back(nuke: Any, roto: Any) -> None:
    roto.place_point(1, 10.0, 20.0, True, 1001)
    roto.place_point(1, 10.0, 20.0, True, 1002)
    nuke.undo()
    assert nuke.toNode("MegatonRoto1")["mr1_pos1"].getKeyList() == [1001]


@pytest.mark.parametrize(
    ("text", "frames"),
    [("", []), ("1001", [1001]), ("1003 1001-1002,7", [7, 1001, 1002, 1003]), ("-2--1", [-2, -1])],
)
def test_frames_as_text(nuke: Any, text: str, frames: list[int]) -> None:
    from megaton_roto_nuke.frames import frames_in, frames_text

    assert frames_in(text) == frames
    assert frames_in(frames_text(frames)) == frames


@pytest.mark.parametrize("text", ["x", "5-3", "1-99999999"])
def test_frames_that_are_none(nuke: Any, text: str) -> None:
    from megaton_roto_nuke.errors import NodeError
    from megaton_roto_nuke.frames import frames_in

    with pytest.raises(NodeError):
        frames_in(text)


# -- the viewer


@pytest.mark.parametrize(
    ("size", "aspect", "sampled", "pixel"),
    [
        ((1920, 1080), 1.0, (0.0, 0.0), (960.0, 540.0)),
        ((1920, 1080), 1.0, (-1.0, -0.5625 * 16 / 9), (0.0, -27.0 * 0 - 0.0)),
        ((1828, 1556), 2.0, (1.0, 0.0), (1828.0, 778.0)),
        ((160, 120), 1.0, (0.5, 0.25), (120.0, 80.0)),
    ],
)
def test_a_sample_in_pixels(nuke: Any, size: Any, aspect: float, sampled: Any, pixel: Any) -> None:
    from megaton_roto_nuke.viewer import in_pixels

    x, y = sampled
    if sampled[1] < -0.9:
        # The bottom edge: half the height in halves of the displayed width.
        y = -size[1] / (size[0] * aspect)
    found = in_pixels((x, y, x, y), *size, aspect)
    assert found.middle == pytest.approx(pixel)


def test_picking_is_of_something_new_in_the_right_picture(nuke: Any, roto: Any) -> None:
    from megaton_roto_nuke import viewer
    from megaton_roto_nuke.errors import NodeError

    with pytest.raises(NodeError, match="no viewer"):
        viewer.picked(roto.node.format())
    look_at(nuke, roto.node)
    sample(nuke, 0.5, 0.25, 0.5, 0.25)
    assert viewer.picked(roto.node.format()).middle == pytest.approx((120.0, 80.0))
    with pytest.raises(NodeError, match="since the last time"):
        viewer.picked(roto.node.format())
    other = plate(nuke, "/show/other.%04d.exr", (1, 2), size=(2048, 1152))
    look_at(nuke, other)
    sample(nuke, 0.25, 0.25, 0.25, 0.25)
    with pytest.raises(NodeError, match="2048 x 1152"):
        viewer.picked(roto.node.format())
    look_at(nuke, roto.node)
    sample(nuke, 1.2, 0.25, 1.2, 0.25)
    with pytest.raises(NodeError, match="outside"):
        viewer.picked(roto.node.format())


def test_picking_does_not_depend_on_proxy_mode(nuke: Any, roto: Any) -> None:
    from megaton_roto_nuke import viewer

    nuke.root().setProxy(True)
    look_at(nuke, roto.node)
    sample(nuke, -0.5, -0.25, 0.5, 0.25)
    found = viewer.picked(roto.node.format())
    assert found == pytest.approx((40.0, 40.0, 120.0, 80.0))
