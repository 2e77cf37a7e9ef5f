"""Scenes merged and split, before they become shots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roto_client.api.conforming import Scenes
from roto_client.api.errors import InputError

FOUND = Scenes(((1, 20), (21, 40), (41, 60)), {21: 0.9, 41: 0.8})


def test_scenes_are_merged_and_split_by_frame() -> None:
    assert FOUND.edited((), ()) == FOUND
    merged = FOUND.edited([21], [])
    assert (merged.ranges, merged.scores) == (((1, 40), (41, 60)), {41: 0.8})
    split = FOUND.edited([], [2, 60])
    assert split.ranges == ((1, 1), (2, 20), (21, 40), (41, 59), (60, 60))
    assert split.scores == FOUND.scores
    assert FOUND.edited([21, 41], [31]).ranges == ((1, 30), (31, 60))


@pytest.mark.parametrize(
    ("merge", "split", "message"),
    [
        ([1], [], "No scene after the first begins at frame 1."),
        ([22], [], "No scene after the first begins at frame 22."),
        ([], [21], "Frame 21 divides no scene."),
        ([21], [21], "Frame 21 divides no scene."),
        ([], [1], "Frame 1 divides no scene."),
        ([], [61], "Frame 61 divides no scene."),
    ],
)
def test_frames_where_nothing_can_be(merge: list[int], split: list[int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        FOUND.edited(merge, split)


@given(
    begins=st.sets(st.integers(-50, 50), min_size=1),
    data=st.data(),
)
def test_what_is_edited_covers_the_same_frames_once(begins: set[int], data: st.DataObject) -> None:
    starts = sorted(begins)
    ranges = tuple(zip(starts, [*(one - 1 for one in starts[1:]), 60], strict=True))
    merge = data.draw(
        st.lists(st.sampled_from(starts[1:]), unique=True) if starts[1:] else st.just([])
    )
    free = [frame for frame in range(starts[0] + 1, 61) if frame not in begins]
    split = data.draw(st.lists(st.sampled_from(free), unique=True) if free else st.just([]))
    edited = Scenes(ranges, {}).edited(merge, split).ranges
    covered = [frame for first, last in edited for frame in range(first, last + 1)]
    assert covered == list(range(starts[0], 61))
    assert len(edited) == len(ranges) - len(merge) + len(split)
