"""ID mattes, decoded by a reader of its own, against the mattes they were made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from helpers_cryptomatte import decode, float_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hosts.blender import helpers_id_mattes
from roto_shapes.errors import RotoError
from roto_worker.export.cryptomatte import identities, levels_for, ranked, write_cryptomatte

Matte = NDArray[np.float32]
RNG = np.random.default_rng(3)


def of(mattes: Mapping[str, Matte]) -> Callable[[str], Matte]:
    return lambda name: mattes[name]


def written(path: Path, mattes: Mapping[str, Matte], **options: object):
    ids = identities(list(mattes))
    levels = levels_for(list(mattes), [of(mattes)])
    write_cryptomatte(path, ids, of(mattes), levels=levels, **options)
    return decode(path)


def codes(*shape: int) -> Matte:
    """Random mattes as the track stage hands them over: 16-bit codes."""
    return RNG.integers(0, 65536, shape).astype(np.float32) / np.float32(65535)


def disjoint_over(mattes: Mapping[str, Matte]) -> dict[str, Matte]:
    """What each object keeps, pixel by pixel in plain Python: the later one is on top."""
    kept = {name: np.zeros_like(matte) for name, matte in mattes.items()}
    for place in np.ndindex(next(iter(mattes.values())).shape):
        left = np.float32(1)
        for name in reversed(mattes):
            kept[name][place] = min(mattes[name][place], left)
            left -= kept[name][place]
    return kept


# "Example code and conversions" in the specification, the reference implementation's own unit
# test, and the manifests of two public sample renders (Arnold and V-Ray).
KNOWN_FLOATS = {
    "torus": -1.54943624832e30,
    "равнина": -1.31926312124e-25,
    "hello": 6.0705627102400005616e-17,
    "cube": -4.08461912519e15,
    "sphere": 2.79018604383e15,
    "plane": 3.66557617593e-11,
    "mädchen": 6.2361298211599995797e25,
}
KNOWN_DIGITS = {
    "bunny": "13851a76",
    "default": "42c9679f",
    'name containing a "quote"  ': "af8bfa09",
    "name_containing/slash": "b0a04231",
    "равнина": "9623511e",
    "name, with, comma": "62fa4db8",
    "rect_][_bot": "c2f7d6c0",
    "sphere_?_2": "86de553a",
    # Exponents of 0 and 255: MurmurHash3 gives 805d7cd5, 003bdd10, 7fb570fb, 7ff7637c.
    "hero_106": "80dd7cd5",
    "hero_526": "00bbdd10",
    "hero_184": "7f3570fb",
    "hero_324": "7f77637c",
}


def test_known_ids() -> None:
    for name, value in KNOWN_FLOATS.items():
        (bits,) = identities([name]).values()
        assert float(float_of(f"{bits:08x}")) == pytest.approx(value, rel=1e-11), name
    for name, digits in KNOWN_DIGITS.items():
        assert f"{identities([name])[name]:08x}" == digits, name


@given(st.text(st.characters(codec="utf-8"), min_size=1))
@settings(max_examples=300)
def test_every_id_is_a_normal_float(name: str) -> None:
    value = float_of(f"{identities([name])[name]:08x}")
    assert np.isfinite(value)
    assert abs(value) >= np.finfo(np.float32).tiny


def test_the_file_is_what_the_specification_says(tmp_path: Path) -> None:
    mattes = {"hero": codes(17, 33), "arm": codes(17, 33)}
    path = tmp_path / "a.exr"
    found = written(path, mattes, pixel_aspect=2.0, metadata={"roto/job": "3" * 32})
    assert found.channels == [f"CryptoObject00.{c}" for c in "RGBA"]
    assert found.formats == {"float"}
    assert (found.hash, found.conversion) == ("MurmurHash3_32", "uint32_to_float32")
    assert found.attributes["compression"] == "zips"
    assert found.attributes["roto/job"] == "3" * 32
    keys = [name for name in found.attributes if name.startswith("cryptomatte/")]
    assert sorted(keys) == [
        f"cryptomatte/3ae39a5/{what}" for what in ("conversion", "hash", "manifest", "name")
    ]
    assert max(map(len, keys)) <= 31, "old EXR readers know no longer names"
    assert found.pixel_aspect == 2.0
    assert found.ids.shape == (2, 17, 33)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.exr"]


def test_mattes_that_fit_beside_each_other_come_back_to_the_bit(tmp_path: Path) -> None:
    """Soft edges that sum up to 1, as of objects that touch, and one that is alone."""
    ramp = np.tile(np.arange(65, dtype=np.float32) / 64, (9, 1))
    alone = np.zeros_like(ramp)
    alone[:, :1] = 0.7
    mattes = {"left": 1 - ramp, "right": ramp.copy()}
    mattes["left"][:, 0] = 0
    mattes["small"] = alone
    found = written(tmp_path / "a.exr", mattes)
    for name, matte in mattes.items():
        assert np.array_equal(found.matte(name), matte), name
    assert (found.ids[found.coverages == 0] == 0).all()
    assert (found.ids[found.coverages > 0] != 0).all()


def test_overlapping_soft_mattes_go_disjoint_over_each_other(tmp_path: Path) -> None:
    mattes = {"wall": codes(23, 31), "hero": codes(23, 31), "hat": codes(23, 31)}
    found = written(tmp_path / "a.exr", mattes)
    for name, expected in disjoint_over(mattes).items():
        assert np.array_equal(found.matte(name), expected), name
    assert np.array_equal(found.matte("hat"), mattes["hat"]), "the top object keeps all of its own"
    assert found.coverages.sum(axis=0).max() <= 1 + 1e-6
    assert (np.diff(found.coverages, axis=0) <= 0).all(), "largest coverage first"


def test_of_equal_coverages_the_upper_object_comes_first() -> None:
    """Also where a third one, below them, outranks both."""
    mattes = {n: np.full((1, 1), c, np.float32) for n, c in [("c", 0.5), ("b", 0.25), ("a", 0.25)]}
    ids = identities(list(mattes))
    found, coverages = ranked(ids, of(mattes), 6)
    assert found[:, 0, 0].tolist() == [ids["c"], ids["a"], ids["b"], 0, 0, 0]
    assert coverages[:, 0, 0].tolist() == [0.5, 0.25, 0.25, 0, 0, 0]


def test_seven_objects_on_one_pixel_take_a_fourth_layer(tmp_path: Path) -> None:
    share = np.float32(1 / 16)
    mattes = {f"o{i}": np.zeros((3, 5), np.float32) for i in range(9)}
    for i in range(7):
        mattes[f"o{i}"][1, 2] = share * (i % 3 + 1)
    mattes["o7"][0, 0] = 1
    found = written(tmp_path / "a.exr", mattes)
    assert found.ids.shape[0] == 8
    assert found.channels[-1] == "CryptoObject03.A"
    for name, matte in mattes.items():
        assert np.array_equal(found.matte(name), matte), name
    with pytest.raises(ValueError, match="more than 6 objects meet on 1 pixels"):
        write_cryptomatte(tmp_path / "b.exr", identities(list(mattes)), of(mattes), levels=6)
    assert not (tmp_path / "b.exr").exists()


def test_levels_are_those_of_the_deepest_frame_and_no_frame_is_read_in_vain() -> None:
    names = [f"o{i}" for i in range(12)]
    thin = {name: np.full((1, 2), 0.05, np.float32) for name in names}
    apart = {name: np.zeros((1, 12), np.float32) for name in names}
    for i, name in enumerate(names):
        apart[name][0, i] = 1
    solid = {name: np.ones((2, 2), np.float32) for name in names}
    assert levels_for(names, [of(apart)]) == 6
    assert levels_for(names, [of(solid)]) == 6, "hidden objects are on no pixel"
    assert levels_for(names, [of(solid), of(thin), of(apart)]) == 12
    assert levels_for(names[:11], [of(thin)]) == 12, "whole layers"

    def unread(name: str) -> Matte:
        raise AssertionError(name)

    few = [levels_for(names[:count], [unread]) for count in range(1, 7)]
    assert few == [2, 2, 4, 4, 6, 6], "whole layers, and none that stays empty"


HOSTILE = [
    'a "quote"',
    "back\\slash",
    "sla/sh",
    "comma, colon: {brace} [bracket] <tag> & ampersand 'tick'",
    "línea\nnueva\ttab",
    "日本語",
    "🦢 swan",
    "e\u0301 composed",
    "é composed",
    " spaces ",
    "*?%s%d$var",
    "null",
    "0",
]


def test_hostile_names_round_trip_through_the_manifest(tmp_path: Path) -> None:
    mattes = {name: np.zeros((1, len(HOSTILE)), np.float32) for name in HOSTILE}
    for i, name in enumerate(HOSTILE):
        mattes[name][0, i] = 0.5
    found = written(tmp_path / "a.exr", mattes)
    assert list(found.manifest) == HOSTILE
    for name, matte in mattes.items():
        assert np.array_equal(found.matte(name), matte), name
    text = found.attributes["cryptomatte/3ae39a5/manifest"]
    assert isinstance(text, str)
    assert "日本語" in text, "letters as they are: some decoders know no \\u escapes"
    assert json.loads(text) == found.manifest


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "no objects"),
        (["hero", "arm", "hero"], "Two objects are called 'hero'"),
        (["hero_80773", "x", "hero_96006"], "'hero_80773' and 'hero_96006' have the same id"),
        ([""], "without a name"),
        (["half \ud83d pair"], "UTF-8"),
    ],
)
def test_names_that_cannot_be_told_apart_are_refused(names: list[str], words: str) -> None:
    with pytest.raises(RotoError, match=words) as caught:
        identities(names)
    assert caught.value.code in {"no_objects", "bad_request"}


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (np.array([[0, np.nan]], np.float32), "not numbers"),
        (np.array([[0, np.inf]], np.float32), "not numbers"),
        (np.array([[0, 255]], np.uint8), "uint8"),
        (np.array([[0, 1]], np.complex64), "complex64"),
        (np.zeros((1, 3), np.float32), "size"),
        (np.zeros((1, 2, 1), np.float32), "size"),
    ],
)
def test_what_is_no_matte_is_refused_by_its_name(tmp_path: Path, bad: Matte, words: str) -> None:
    mattes = {"hero": bad, "arm": np.zeros((1, 2), np.float32)}
    with pytest.raises(RotoError, match=words) as caught:
        write_cryptomatte(tmp_path / "a.exr", identities(list(mattes)), of(mattes))
    assert caught.value.code == "bad_matte"
    assert "'hero'" in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_mattes_of_other_types_and_values_out_of_range(tmp_path: Path) -> None:
    mattes = {
        "half": np.array([[0.25, 0, 0, 0]], np.float16),
        "mask": np.array([[False, True, False, False]]),
        "double": np.array([[0, 0, -0.5, 1.5]], np.float64),
    }
    found = written(tmp_path / "a.exr", mattes)
    assert found.matte("half").tolist() == [[0.25, 0, 0, 0]]
    assert found.matte("mask").tolist() == [[0, 1, 0, 0]]
    assert found.matte("double").tolist() == [[0, 0, 0, 1]]
    assert mattes["double"].tolist() == [[0, 0, -0.5, 1.5]], "the caller's array is left alone"


@given(
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(1, 9),
    st.integers(0, 2**32 - 1),
    st.floats(0, 1),
)
@settings(max_examples=60, deadline=None)
def test_ranks_hold_exactly_what_disjoint_over_keeps(
    height: int, width: int, count: int, seed: int, empty: float
) -> None:
    rng = np.random.default_rng(seed)
    mattes = {}
    for i in range(count):
        matte = rng.integers(0, 9, (height, width)).astype(np.float32) / 8
        mattes[f"o{i}"] = np.where(rng.random((height, width)) < empty, 0, matte / count)
    mattes = {name: matte.astype(np.float32) for name, matte in mattes.items()}
    ids = identities(list(mattes))
    found, coverages = ranked(ids, of(mattes), levels_for(list(mattes), [of(mattes)]))
    for name, expected in disjoint_over(mattes).items():
        mine = np.where(found == ids[name], coverages, 0)
        assert np.array_equal(mine.sum(axis=0, dtype=np.float32), expected)
        assert (np.count_nonzero(found == ids[name], axis=0) <= 1).all()
    assert (np.diff(coverages, axis=0) <= 0).all()
    assert np.array_equal(found == 0, coverages == 0)


@pytest.mark.parametrize("place", helpers_id_mattes.FILES, ids=lambda place: place.stem)
def test_the_file_that_real_hosts_are_tested_with_is_what_we_write(
    tmp_path: Path, place: Path
) -> None:
    """If this fails on purpose: ``python -m hosts.blender.helpers_id_mattes``, then test-hosts."""
    names = helpers_id_mattes.FILES[place]
    helpers_id_mattes.write(tmp_path / "a.exr", names)
    fresh, stored = decode(tmp_path / "a.exr"), decode(place)
    assert np.array_equal(fresh.ids, stored.ids)
    assert np.array_equal(fresh.coverages, stored.coverages)
    assert fresh.manifest == stored.manifest
    for name, matte in helpers_id_mattes.kept(names).items():
        assert np.array_equal(stored.matte(name), matte), name
