"""Movies as people write them on a command line."""

from __future__ import annotations

from typing import Any

import pytest

from roto_client.api.errors import InputError
from roto_client.api.outputs import video


@pytest.mark.parametrize(
    ("told", "wish"),
    [
        ("overlay", {"kind": "overlay", "codec": "h264"}),
        ("cutout", {"kind": "cutout", "codec": "prores4444"}),
        ("cutout:h264", {"kind": "cutout", "codec": "h264"}),
        ("cutout:color=0,0.5,1", {"kind": "cutout", "codec": "h264", "color": [0, 0.5, 1]}),
        (
            "greenscreen:prores4444:objects=hero,the car:side=1280",
            {
                "kind": "greenscreen",
                "codec": "prores4444",
                "objects": ["hero", "the car"],
                "longest_side": 1280,
            },
        ),
    ],
)
def test_a_movie_and_what_is_wished_of_it(told: str, wish: dict[str, Any]) -> None:
    assert video(told) == wish


@pytest.mark.parametrize(
    "told",
    ["", "hologram", "cutout:", "cutout:cinepak", "cutout:color=red", "cutout:side=", "cutout:x=1"],
)
def test_a_movie_that_is_none(told: str) -> None:
    with pytest.raises(InputError, match="There is no video"):
        video(told)
