"""Frames that need you."""

from __future__ import annotations

import pytest

from roto_shapes.attention import Stretch, needs_you


def series(text: str, first: int = 1001) -> dict[int, float]:
    """One digit per frame: tenths; a space is a frame that was not tracked."""
    return {first + i: int(digit) / 10 for i, digit in enumerate(text) if digit != " "}


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [
        ("", []),
        ("999995", []),
        ("4", [(1001, 1001, 1001, 0.4)]),
        ("992129", [(1003, 1005, 1004, 0.1)]),
        ("93993999", [(1002, 1005, 1002, 0.3)]),
        ("939993399", [(1002, 1002, 1002, 0.3), (1006, 1007, 1006, 0.3)]),
        ("9499992199", [(1007, 1008, 1008, 0.1), (1002, 1002, 1002, 0.4)]),
        ("93   39", [(1002, 1002, 1002, 0.3), (1006, 1006, 1006, 0.3)]),
    ],
)
def test_stretches(confidence: str, expected: list[tuple[int, int, int, float]]) -> None:
    assert needs_you(series(confidence)) == [Stretch(*one) for one in expected]


def test_order_of_the_frames_does_not_matter() -> None:
    frames = series("9219932")
    shuffled = dict(sorted(frames.items(), key=lambda item: item[0] * 7 % 5))
    assert needs_you(shuffled) == needs_you(frames)


def test_threshold_and_bridge_are_the_callers() -> None:
    frames = series("9789789")
    assert [tuple(one[:2]) for one in needs_you(frames, 0.85, 0)] == [(1002, 1003), (1005, 1006)]
    assert [tuple(one[:2]) for one in needs_you(frames, 0.85)] == [(1002, 1006)]


def test_reads_as_a_frame_range() -> None:
    assert [str(one) for one in needs_you(series("939993399"))] == ["1002", "1006-1007"]
