"""Fetching, verifying and loading checkpoints, against a real HTTP server on loopback."""

from __future__ import annotations

import dataclasses
import hashlib
import pickle
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import torch
from helpers_sam2 import random_network
from safetensors.torch import save_file

from roto_worker.engines.sam2 import catalog, checkpoints
from roto_worker.engines.sam2.build import build_network, load_checkpoint
from roto_worker.engines.sam2.checkpoints import CheckpointError, UnknownModelError

pytestmark = pytest.mark.sam2

CONTENT = bytes(range(256)) * 9000
CPU = torch.device("cpu")


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv("ROTO_MODELS_DIR", str(folder))
    return folder


@pytest.fixture
def model() -> catalog.Model:
    """The tiny model, as if its released file had our bytes."""
    tiny = catalog.MODELS["sam2.1_hiera_tiny"]
    return dataclasses.replace(tiny, sha256=hashlib.sha256(CONTENT).hexdigest())


class Mirror(ThreadingHTTPServer):
    """Serves CONTENT with Range; ``cut_after`` breaks the connection after so many bytes, once."""

    cut_after: int | None = None
    ranges: list[str | None]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/tiny.pt"


class Handler(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        body = CONTENT[start:]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut, self.server.cut_after = self.server.cut_after, None
        self.wfile.write(body[:cut])

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    server = Mirror(("127.0.0.1", 0), Handler)
    server.ranges = []
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_fetch_publishes_a_verified_file(
    models: Path, model: catalog.Model, mirror: Mirror
) -> None:
    seen: list[tuple[int, int | None]] = []
    path = checkpoints.fetch(
        model, url=mirror.url, progress=lambda done, total: seen.append((done, total))
    )
    assert path == models / model.filename
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert checkpoints.sha256_of(path) == model.sha256
    assert [p.name for p in models.glob("*.part")] == []


def test_fetch_goes_on_where_the_connection_broke(
    models: Path, model: catalog.Model, mirror: Mirror
) -> None:
    mirror.cut_after = 1_500_000
    with pytest.raises(CheckpointError, match="cannot fetch") as caught:
        checkpoints.fetch(model, url=mirror.url)
    assert "go on where it stopped" in caught.value.hint
    assert not (models / model.filename).exists()
    part = models / f"{model.filename}.part"
    arrived = part.stat().st_size
    assert 0 < arrived <= 1_500_000
    checkpoints.fetch(model, url=mirror.url)
    assert mirror.ranges == [None, f"bytes={arrived}-"]
    assert (models / model.filename).read_bytes() == CONTENT


def test_wrong_bytes_are_refused_and_removed(
    models: Path, model: catalog.Model, mirror: Mirror
) -> None:
    other = dataclasses.replace(model, sha256="0" * 64)
    with pytest.raises(CheckpointError, match="sha256"):
        checkpoints.fetch(other, url=mirror.url)
    assert list(models.iterdir()) == []


def test_offline_copy_is_verified(models: Path, model: catalog.Model, tmp_path: Path) -> None:
    carried = tmp_path / "carried.pt"
    carried.write_bytes(CONTENT)
    assert checkpoints.copy_in(model, carried) == models / model.filename
    carried.write_bytes(CONTENT + b"!")
    with pytest.raises(CheckpointError):
        checkpoints.copy_in(model, carried)


def test_verify_finds_damage(models: Path, model: catalog.Model, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is not in"):
        checkpoints.verify(model)
    path = checkpoints.path_of(model)
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    assert checkpoints.verify(model) == model.sha256
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoints.verify(model)


@pytest.mark.parametrize(
    ("model_name", "error"),
    [("sam3", UnknownModelError), ("sam2.1_hiera_large", CheckpointError)],
)
def test_find_says_what_to_do(models: Path, model_name: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        checkpoints.find(model_name, prefer_large=False)
    assert getattr(caught.value, "hint", "")


def test_auto_prefers_the_cheap_one_without_a_gpu(models: Path) -> None:
    assert checkpoints.find("auto", prefer_large=True) is None
    models.mkdir()
    for name in ("sam2.1_hiera_tiny", "sam2.1_hiera_large"):
        checkpoints.path_of(catalog.MODELS[name]).write_bytes(b"weights")
    cheap = checkpoints.find("auto", prefer_large=False)
    best = checkpoints.find("auto", prefer_large=True)
    assert cheap is not None
    assert best is not None
    assert (cheap.name, best.name) == ("sam2.1_hiera_tiny.pt", "sam2.1_hiera_large.pt")


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_size_is_read_off_the_weights(tmp_path: Path, suffix: str) -> None:
    network = random_network()
    path = tmp_path / f"ours{suffix}"
    if suffix == ".pt":
        torch.save({"model": network.state_dict()}, path)
    else:
        save_file({k: v.contiguous() for k, v in network.state_dict().items()}, path)
    loaded = load_checkpoint(path, image_size=256, device=CPU)
    assert loaded.image_size == 256
    for name, weight in network.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight)


@pytest.mark.parametrize("name", list(catalog.MODELS))
def test_every_official_network_is_recognised_by_its_shapes(name: str) -> None:
    model = catalog.MODELS[name]
    network = build_network(model.config)
    shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    assert catalog.trunk_of(shapes) == model.trunk
    assert catalog.config_for_trunk(model.trunk) == model.config


class Malicious:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("owned"),))


@pytest.mark.parametrize(
    "content",
    [b"", b"not a checkpoint", pickle.dumps({"model": Malicious()}, protocol=2)],
    ids=["empty", "text", "code"],
)
def test_what_is_no_checkpoint_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "bad.pt"
    path.write_bytes(content)
    with pytest.raises(CheckpointError):
        load_checkpoint(path, image_size=None, device=CPU)
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("content", [b"", b"no weights", b"\x08" + 7 * b"\0" + b'{"a":{}}'])
def test_damaged_safetensors_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="not a readable checkpoint"):
        load_checkpoint(path, image_size=None, device=CPU)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.pt"
    torch.save({"model": {"weight": torch.zeros(3)}}, path)
    with pytest.raises(CheckpointError, match="known size"):
        load_checkpoint(path, image_size=None, device=CPU)
