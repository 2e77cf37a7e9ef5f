"""Values as they are written on a command line."""

from __future__ import annotations

import pytest

from roto_client.api.errors import InputError
from roto_client.cli.options import changes_of, frame_span, handles_of, numbers, rate_of
from roto_shapes.errors import RangeError


def test_values_that_can_be_read() -> None:
    assert (handles_of("8"), handles_of("8,12"), handles_of("0,0")) == ((8, 8), (8, 12), (0, 0))
    assert rate_of("24") == (24, 1)
    assert rate_of("24000/1001") == rate_of("23.976") == (24000, 1001)
    assert (rate_of("29.97"), rate_of("25.0")) == ((30000, 1001), (25, 1))
    assert numbers("--at", "12,-7.5", "X,Y") == (12.0, -7.5)
    assert (frame_span("-5-10"), frame_span(None)) == ((-5, 10), None)
    assert changes_of(name="a", label="", color=None) == {"name": "a", "label": ""}


@pytest.mark.parametrize("text", ["", "a", "-8", "8,", "1,2,3", "8.5", "8;12"])
def test_handles_that_cannot_be_read(text: str) -> None:
    with pytest.raises(InputError, match="--handles") as caught:
        handles_of(text)
    assert "8,12" in caught.value.hint


@pytest.mark.parametrize("text", ["", "fast", "24/1/1", "24/", "inf", "nan"])
def test_rates_that_cannot_be_read(text: str) -> None:
    with pytest.raises(InputError, match="no frame rate"):
        rate_of(text)


@pytest.mark.parametrize("text", ["", "here", "1", "1,2,3", "1;2"])
def test_numbers_that_cannot_be_read(text: str) -> None:
    with pytest.raises(InputError, match="--at") as caught:
        numbers("--at", text, "X,Y")
    assert caught.value.hint == "Write it as X,Y."


def test_nothing_to_change_and_no_range() -> None:
    with pytest.raises(InputError, match="Nothing is to be changed"):
        changes_of(name=None, color=None)
    with pytest.raises(RangeError):
        frame_span("10-1")
