"""Results in real Blender: masks made, updated and read back (`scenes_results.py`,
`scenes_readback.py`), and mattes in the compositor (`scenes_mattes.py`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosts.blender.helpers_blender import in_blender

READBACK = [
    "nothing_touched_is_nothing_to_send",
    "a_moved_point_goes_out_alone",
    "pixels_that_are_no_squares",
    "a_key_more_and_one_less",
    "a_pose_without_a_key_is_keyed_and_sent",
    "a_pose_of_another_mask_stays",
    "a_transform_is_taken_off_again",
    "renamed_deleted_and_added",
    "moved_along_with_the_plate",
    "saved_and_opened",
    "refusals",
]
RESULTS = [
    "only_the_stretch_changes",
    "an_older_version_comes_beside",
    "another_topology_is_built_anew",
    "a_point_more_goes_out_and_comes_back",
    "edits_of_others_do_not_take_his",
    "a_new_job_spares_an_edited_mask",
    "undo_is_one_step",
    "in_another_scene_and_editor",
]


@pytest.mark.parametrize("scene", READBACK)
def test_readback(scene: str, tmp_path: Path) -> None:
    in_blender("scenes_readback", scene, tmp_path)


@pytest.mark.parametrize("scene", RESULTS)
def test_results(scene: str, tmp_path: Path) -> None:
    in_blender("scenes_results", scene, tmp_path)


@pytest.mark.parametrize(
    "scene",
    [
        "into_an_empty_file",
        "into_an_artists_compositor",
        "of_an_image_plate",
        "one_undo_step",
        "none_fetched",
    ],
)
def test_mattes(scene: str, tmp_path: Path) -> None:
    in_blender("scenes_mattes", scene, tmp_path)
