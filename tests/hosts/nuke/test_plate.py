"""Which file is behind a node, and how its frames are meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helpers_script import plate, roto_under

FILE = "/show/sh010/plate.%04d.exr"


def behind(roto: Any) -> Any:
    from megaton_roto_nuke import plate as plates

    return plates.behind(roto)


def below(nuke: Any, node_class: str, above: Any) -> Any:
    node = getattr(nuke.nodes, node_class)()
    node.setInput(0, above)
    return node


def test_a_read_behind_dots_and_switched_off_nodes(nuke: Any) -> None:
    read = plate(nuke, FILE, (1001, 1040), colorspace="AlexaV3LogC", size=(2048, 1152))
    grade = below(nuke, "Grade", below(nuke, "Dot", below(nuke, "NoOp", read)))
    grade["disable"].setValue(True)
    found = behind(roto_under(grade))
    assert found.path == FILE
    assert (found.offset, found.frame_range) == (0, (1001, 1040))
    assert (found.width, found.height, found.pixel_aspect) == (2048, 1152, 1.0)
    assert (found.colorspace, found.first_frame, found.rendered) == ("AlexaV3LogC", None, False)


@pytest.mark.parametrize("node_class", ["Grade", "Reformat", "TimeOffset", "Blur"])
def test_what_changes_the_picture_or_its_frames_is_rendered(nuke: Any, node_class: str) -> None:
    from megaton_roto_nuke.plate import NeedsRender

    found = behind(roto_under(below(nuke, node_class, plate(nuke, FILE, (1, 5)))))
    assert isinstance(found, NeedsRender)
    assert node_class in found.why


@pytest.mark.parametrize(
    ("mode", "text", "offset"),
    [
        ("start at", "1", -1000),
        ("start at", "1001", 0),
        ("offset", "-100", -100),
        ("expression", "frame+10", -10),
        ("expression", "frame - 7", 7),
        ("expression", "frame", 0),
        ("expression", "", 0),
    ],
)
def test_frame_modes_that_shift(nuke: Any, mode: str, text: str, offset: int) -> None:
    read = plate(nuke, FILE, (1001, 1040), frame_mode=mode, frame=text)
    found = behind(roto_under(read))
    assert found.offset == offset
    assert found.frame_range == (1001 + offset, 1040 + offset)


@pytest.mark.parametrize("text", ["frame*2", "1200-frame", "nonsense", "frame+0.5"])
def test_frame_modes_that_do_more_are_rendered(nuke: Any, text: str) -> None:
    from megaton_roto_nuke.plate import NeedsRender

    read = plate(nuke, FILE, (1001, 1040), frame_mode="expression", frame=text)
    assert isinstance(behind(roto_under(read)), NeedsRender)


def test_where_nuke_reads_another_frame_than_we_think_it_is_rendered(
    nuke: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fake_nuke import nodes

    from megaton_roto_nuke.plate import NeedsRender

    monkeypatch.setattr(nodes.Node, "metadata", lambda self, key, time=None, view="": 17)
    assert isinstance(behind(roto_under(plate(nuke, FILE, (1001, 1040)))), NeedsRender)


def test_proxy_mode_changes_nothing(nuke: Any) -> None:
    read = plate(nuke, FILE, (1001, 1040), proxy="/show/proxy.%04d.jpg", size=(2048, 1152))
    roto = roto_under(read)
    full = behind(roto)
    nuke.root().setProxy(True)
    assert behind(roto) == full


def test_tcl_in_the_name_and_proxies(nuke: Any) -> None:
    from megaton_roto_nuke.errors import NodeError

    read = plate(nuke, FILE, (1001, 1040), proxy="/show/proxy.%04d.jpg")
    read["file"].setValue("/mnt/[getenv SHOW]/plate.%04d.exr")
    roto = roto_under(read)
    assert behind(roto).path == "/mnt/show/plate.%04d.exr"
    nuke.root().setProxy(True)
    with pytest.raises(NodeError, match="proxy mode"):
        behind(roto)


def test_relative_names(nuke: Any, tmp_path: Path) -> None:
    from megaton_roto_nuke.errors import NodeError

    read = plate(nuke, FILE, (1001, 1040))
    read["file"].setValue("in/plate.####.exr")
    roto = roto_under(read)
    with pytest.raises(NodeError, match="relative"):
        behind(roto)
    nuke.scriptSaveAs(str(tmp_path / "shot.nk"))
    assert behind(roto).path == f"{tmp_path}/in/plate.####.exr"
    nuke.root()["project_directory"].setValue("/show/sh010")
    assert behind(roto).path == "/show/sh010/in/plate.####.exr"


def test_windows_names(nuke: Any) -> None:
    read = plate(nuke, FILE, (1001, 1040))
    read["file"].setValue("P:\\show\\plate.%04d.exr")
    assert behind(roto_under(read)).path == "P:/show/plate.%04d.exr"


def test_movies_have_a_first_frame(nuke: Any) -> None:
    read = plate(nuke, "/show/plate.mov", (1, 48))
    assert behind(roto_under(read)).first_frame == 1


def test_what_is_not_connected_or_named(nuke: Any) -> None:
    from megaton_roto_nuke.errors import NodeError

    with pytest.raises(NodeError, match="no input"):
        behind(roto_under(None))
    with pytest.raises(NodeError, match="No Read"):
        behind(roto_under(nuke.nodes.Dot()))
    with pytest.raises(NodeError, match="names no file"):
        behind(roto_under(nuke.nodes.Read()))
    read = plate(nuke, FILE, (1, 2))
    read["disable"].setValue(True)
    with pytest.raises(NodeError, match="disabled"):
        behind(roto_under(read))


@pytest.mark.parametrize(
    ("items", "chosen", "raw", "told"),
    [
        (["default (sRGB)"], "default (sRGB)", False, "sRGB"),
        (["default"], "default", False, None),
        (["ACES/ACES - ACEScg"], "ACES/ACES - ACEScg", False, "ACES - ACEScg"),
        (["Gamma 2.4 (Rec.709)"], "Gamma 2.4 (Rec.709)", False, "Gamma 2.4 (Rec.709)"),
        (["sRGB"], "sRGB", True, None),
    ],
)
def test_colour_spaces(nuke: Any, items: list[str], chosen: str, raw: bool, told: Any) -> None:
    read = plate(nuke, FILE, (1, 2))
    read["colorspace"].setValues(items)
    read["colorspace"].setValue(chosen)
    read["raw"].setValue(raw)
    assert behind(roto_under(read)).colorspace == told


def test_the_frames_an_artist_asks_for(nuke: Any) -> None:
    from megaton_roto_nuke.errors import NodeError
    from megaton_roto_nuke.plate import chosen_range

    roto = roto_under(plate(nuke, FILE, (1001, 1040)))
    assert chosen_range(roto, (1001, 1040)) == (1001, 1040)
    roto.node["mr_range"].setValue("1010-1020")
    assert chosen_range(roto, (1001, 1040)) == (1010, 1020)
    for wrong in ("900-1010", "x"):
        roto.node["mr_range"].setValue(wrong)
        with pytest.raises(NodeError):
            chosen_range(roto, (1001, 1040))


@pytest.mark.parametrize(
    ("rate", "fraction"), [(24.0, (24, 1)), (23.976, (24000, 1001)), (12.5, (12500, 1000))]
)
def test_frame_rates(nuke: Any, rate: float, fraction: tuple[int, int]) -> None:
    from megaton_roto_nuke.plate import frame_rate

    nuke.root()["fps"].setValue(rate)
    assert frame_rate() == fraction
