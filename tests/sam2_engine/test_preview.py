"""Previews by SAM 2: the image is encoded for the first click on a frame only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import pytest
from helpers_runtime import preview_spec
from helpers_sam2 import FIRST, MovingShapes, random_network

from roto_client.contract import check_farm_body, check_preview_spec
from roto_worker.engines.base import Detailer, EngineInfo
from roto_worker.engines.sam2.engine import Sam2Segmenter
from roto_worker.engines.sam2.network import Network
from roto_worker.preview import PreviewFrames, answer

pytestmark = pytest.mark.sam2


def spec(plate: Path, frame: int, **prompt: Any) -> dict[str, Any]:
    asked = preview_spec(plate, frame, engine="sam2", model="nano")
    asked["objects"] = [{"name": "disc", "prompt": {"frame": frame, **prompt}}]
    check_preview_spec(asked)
    return asked


def test_the_second_click_costs_no_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = MovingShapes(2)
    for frame in (FIRST, FIRST + 1):
        cv2.imwrite(str(tmp_path / f"plate.{frame}.png"), source.read(frame)[..., ::-1])
    encoded: list[int] = []
    encode = Network.encode

    def counted(self: Network, images: Any) -> Any:
        encoded.append(len(images))
        return encode(self, images)

    monkeypatch.setattr(Network, "encode", counted)
    info = EngineInfo("sam2", "nano", None, "cpu")
    engine = Sam2Segmenter(random_network(), info)
    assert isinstance(engine, Detailer)
    frames, plate = PreviewFrames(), tmp_path / "plate.%04d.png"
    click = {"x": 25.0, "y": 30.0, "positive": True}
    away = {"x": 5.0, "y": 5.0, "positive": False}

    first = answer(spec(plate, FIRST, points=[click]), engine, info, frames)
    check_farm_body("preview_completion", {"result": first})
    assert (first["width"], first["height"]) == (96, 64)
    assert encoded == [1]
    again = answer(spec(plate, FIRST, points=[click, away]), engine, info, frames)
    assert len(again["objects"][0]["candidates"]) == 1, "two clicks are meant as given"
    answer(spec(plate, FIRST, box=[15, 20, 35, 40]), engine, info, frames)
    assert encoded == [1]
    answer(spec(plate, FIRST + 1, points=[click]), engine, info, frames)
    assert encoded == [1, 1]
    assert answer(spec(plate, FIRST, points=[click]), engine, info, frames) == first
    assert encoded == [1, 1]
