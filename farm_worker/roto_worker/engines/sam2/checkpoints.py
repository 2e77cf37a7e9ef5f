"""Where checkpoints lie on this node: find, fetch, verify, copy in. Needs no torch.

They live in ``ROTO_MODELS_DIR`` (default: the user's data directory). A verified file has its
hash beside it in ``<file>.sha256``, so a worker's start does not read gigabytes again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import platformdirs

from roto_shapes.errors import RotoError

from .catalog import MODELS, Model

CHUNK = 1 << 20
Progress = Callable[[int, int | None], None]
"""Called with bytes done and, where known, bytes in all."""


class CheckpointError(RotoError):
    """A checkpoint is missing, damaged or cannot be fetched."""

    code = "checkpoint_invalid"


class UnknownModelError(RotoError):
    """No such model, and no such file."""

    code = "unknown_model"


def models_dir() -> Path:
    """The node's directory of checkpoints (it need not exist)."""
    override = os.environ.get("ROTO_MODELS_DIR")
    if override:
        return Path(override)
    return Path(platformdirs.user_data_dir("megaton-roto")) / "models"


def model_named(name: str) -> Model:
    """The catalogue entry of ``name``.

    Raises:
        UnknownModelError: the catalogue has no such model.
    """
    model = MODELS.get(name)
    if model is None:
        raise UnknownModelError(
            f"there is no model called {name!r}", hint=f"Known models: {', '.join(MODELS)}."
        )
    return model


def path_of(model: Model) -> Path:
    """Where ``model``'s file belongs, whether it is there or not."""
    folder = Path(__file__).with_name("weights") if model.shipped else models_dir()
    return folder / model.filename


def installed() -> list[Model]:
    """The fetched models whose file is on this node, cheapest first."""
    fetched = [model for model in MODELS.values() if not model.shipped]
    return sorted((m for m in fetched if path_of(m).is_file()), key=lambda model: model.cost)


def shipped() -> list[Model]:
    """The models that come with the product: for tests and trials, never chosen by ``auto``."""
    return [model for model in MODELS.values() if model.shipped]


def find(model: str, *, prefer_large: bool) -> Path | None:
    """The checkpoint file for ``auto``, a catalogue name or a file path.

    ``auto`` takes the best installed model where there is a GPU (``prefer_large``), the cheapest
    where there is none; None when nothing is installed.

    Raises:
        UnknownModelError: neither a known name nor an existing file.
        CheckpointError: a known name whose file is not on this node.
    """
    if model == "auto":
        have = installed()
        return path_of(have[-1 if prefer_large else 0]) if have else None
    if model in MODELS:
        path = path_of(MODELS[model])
        if not path.is_file():
            raise CheckpointError(
                f"the checkpoint of {model} is not on this node",
                hint=f"Run `roto models fetch {model}` there, or copy {path.name} into "
                f"{path.parent}.",
            )
        return path
    path = Path(model)
    if path.suffix in {".pt", ".safetensors"} and path.is_file():
        return path
    raise UnknownModelError(
        f"{model!r} is neither a known model nor a checkpoint file on this node",
        hint=f"Known models: {', '.join(MODELS)}; or the path of a .pt or .safetensors file.",
    )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, from its ``.sha256`` sidecar when that is newer than the file."""
    sidecar = path.with_name(path.name + ".sha256")
    if sidecar.is_file() and sidecar.stat().st_mtime_ns >= path.stat().st_mtime_ns:
        return sidecar.read_text(encoding="ascii").strip()
    return _hash_file(path)


def verify(model: Model) -> str:
    """Read the whole file and compare it with the catalogue; returns the hash.

    Raises:
        CheckpointError: absent, or its bytes are not the released ones.
    """
    path = path_of(model)
    if not path.is_file():
        raise CheckpointError(
            f"{path.name} is not in {path.parent}", hint=f"Run `roto models fetch {model.name}`."
        )
    found = _hash_file(path)
    if found != model.sha256:
        raise CheckpointError(
            f"{path} is damaged: sha256 {found}, released {model.sha256}",
            hint=f"Delete it and run `roto models fetch {model.name}` again.",
        )
    if not model.shipped:  # the product's own folder may be read-only
        path.with_name(path.name + ".sha256").write_text(found + "\n", encoding="ascii")
    return found


def fetch(model: Model, *, url: str | None = None, progress: Progress | None = None) -> Path:
    """Download ``model``, going on where an earlier try stopped, and verify it.

    Raises:
        CheckpointError: the address cannot be reached, or the bytes are not the released ones.
    """
    target = path_of(model)
    if model.shipped:
        verify(model)
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        _download(url or model.url, part, progress)
    except OSError as error:  # every requests exception is one
        raise CheckpointError(
            f"cannot fetch {model.name}: {error}",
            hint="Run the same command again to go on where it stopped; without a network, copy "
            f"the file and run `roto models fetch {model.name} --from FILE`. A proxy is taken "
            "from HTTPS_PROXY, a studio's own certificates from ROTO_CA_BUNDLE.",
        ) from error
    return _publish(part, target, model)


def copy_in(model: Model, source: Path) -> Path:
    """Take ``model`` from a file carried here by hand, verified like a download.

    Raises:
        CheckpointError: unreadable, not the released bytes, or a model that comes with the product.
    """
    if model.shipped:
        raise CheckpointError(f"{model.name} comes with the product and is not copied in")
    target = path_of(model)
    part = target.with_name(target.name + ".copy")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, part)
    except OSError as error:
        raise CheckpointError(f"cannot copy {source}: {error.strerror}") from error
    return _publish(part, target, model)


def _download(url: str, part: Path, progress: Progress | None) -> None:
    import requests

    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    verify_tls: bool | str = os.environ.get("ROTO_CA_BUNDLE") or True
    with requests.get(
        url, headers=headers, stream=True, timeout=(10, 60), verify=verify_tls
    ) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            return
        answer.raise_for_status()
        resumed = answer.status_code == requests.codes.partial_content
        done = have if resumed else 0
        length = answer.headers.get("Content-Length")
        total = done + int(length) if length else None
        with part.open("ab" if resumed else "wb") as file:
            for chunk in answer.iter_content(CHUNK):
                file.write(chunk)
                done += len(chunk)
                if progress:
                    progress(done, total)
    if total is not None and done < total:
        raise OSError(f"the connection ended after {done} of {total} bytes")


def _publish(part: Path, target: Path, model: Model) -> Path:
    found = _hash_file(part)
    if found != model.sha256:
        part.unlink()
        raise CheckpointError(
            f"the file for {model.name} has sha256 {found}, released is {model.sha256}",
            hint="The file is another one, or damaged on the way. It was removed; try again.",
        )
    part.replace(target)
    target.with_name(target.name + ".sha256").write_text(found + "\n", encoding="ascii")
    return target


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
