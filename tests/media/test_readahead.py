"""Reading ahead changes nothing but the time, and holds few frames."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from roto_shapes.errors import RotoError
from roto_worker.media.plate import decoding_threads
from roto_worker.media.readahead import ReadAhead
from roto_worker.media.source import Image8, PlateInfo


class Counted:
    """A source that remembers what was read, from which thread, and fails on frame 13."""

    def __init__(self) -> None:
        self.info = PlateInfo(2, 2, 1.0, (24, 1), (1, 100), None, {})
        self.reads: list[int] = []
        self.threads: set[int] = set()
        self.closed = False

    def read(self, frame: int) -> Image8:
        self.reads.append(frame)
        self.threads.add(threading.get_ident())
        if frame == 13:
            raise RotoError("frame 13 is missing", code="missing_frame")
        return np.full((2, 2, 3), frame, np.uint8)

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("step", [1, -1])
def test_each_frame_is_decoded_once_in_a_straight_run(step: int) -> None:
    counted = Counted()
    ahead = ReadAhead(counted, 3, behind=3)
    order = range(14, 101) if step > 0 else range(100, 13, -1)
    for frame in order:
        assert ahead.read(frame)[0, 0, 0] == frame
        assert ahead.read(frame)[0, 0, 0] == frame
        assert len(ahead._frames) <= 7
    ahead.close()
    wanted = set(order)
    assert sorted(set(counted.reads) & wanted) == sorted(wanted)
    # At the first read the direction is a guess; nothing else may be decoded twice.
    assert sum(counted.reads.count(frame) - 1 for frame in wanted) <= 3
    assert len(counted.threads) == 1
    assert threading.get_ident() not in counted.threads
    assert counted.closed


def test_several_threads_decode_side_by_side() -> None:
    class Slow(Counted):
        """Answers once two frames are being read at a time."""

        both = threading.Barrier(2, timeout=20)

        def read(self, frame: int) -> Image8:
            self.both.wait()
            return super().read(frame)

    counted = Slow()
    ahead = ReadAhead(counted, 3, threads=2)
    frames = range(21, 31)
    assert [int(ahead.read(frame)[0, 0, 0]) for frame in frames] == list(frames)
    counted.both.abort()  # whoever reads ahead alone
    ahead.close()
    assert len(counted.threads) == 2
    assert max(counted.reads.count(frame) for frame in frames) == 1


@pytest.mark.parametrize(
    ("width", "height", "cores", "threads"),
    [(1920, 1080, 1, 1), (1920, 1080, 2, 1), (1920, 1080, 8, 2), (1920, 1080, 64, 4),
     (3840, 2160, 64, 2), (7680, 4320, 64, 1)],
)  # fmt: skip
def test_how_many_depends_on_cores_and_on_the_size_of_a_frame(
    width: int, height: int, cores: int, threads: int
) -> None:
    info = PlateInfo(width, height, 1.0, (24, 1), (1, 100), None, {})
    assert decoding_threads(info, cores) == threads


@pytest.mark.parametrize("lag", [1, 4])
def test_a_second_reader_that_follows_costs_no_frame_twice(lag: int) -> None:
    counted = Counted()
    ahead = ReadAhead(counted, 2)
    for frame in range(20, 60):
        ahead.read(frame)
        assert ahead.read(max(20, frame - lag))[0, 0, 0] == max(20, frame - lag)
    ahead.close()
    assert max(counted.reads.count(frame) for frame in counted.reads) == 1
    assert min(counted.reads) == 20


def test_a_bad_frame_hurts_only_when_it_is_asked_for() -> None:
    ahead = ReadAhead(Counted(), 3)
    assert [int(ahead.read(frame)[0, 0, 0]) for frame in (10, 11, 12)] == [10, 11, 12]
    with pytest.raises(RotoError) as caught:
        ahead.read(13)
    assert caught.value.code == "missing_frame"
    assert ahead.read(14)[0, 0, 0] == 14
    ahead.close()


def test_jumping_about_gives_the_right_frames() -> None:
    ahead = ReadAhead(Counted(), 2)
    for frame in np.random.default_rng(0).integers(20, 100, 200).tolist():
        assert ahead.read(frame)[1, 1, 2] == frame
    ahead.close()
