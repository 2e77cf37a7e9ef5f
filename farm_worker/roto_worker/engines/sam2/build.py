"""Builds a SAM 2 video predictor from a checkpoint file or from a network description.

The package's own builder goes through Hydra's process-wide state; this one reads the same yaml
files with OmegaConf, so it works from any thread. Weights are loaded with ``weights_only`` or as
safetensors: a checkpoint can carry no code.
"""

from __future__ import annotations

import pickle
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf

from roto_shapes.errors import RotoError

from .catalog import config_for_trunk, trunk_of
from .checkpoints import CheckpointError

SIDE_STEP = 32
"""The trunk halves its input five times."""
PREDICTOR = "sam2.sam2_video_predictor.SAM2VideoPredictor"
# What the package's builder sets when it "applies post-processing", except hole filling, which
# needs its CUDA extension.
POSTPROCESSING = {
    "sam_mask_decoder_extra_args": {
        "dynamic_multimask_via_stability": True,
        "dynamic_multimask_stability_delta": 0.05,
        "dynamic_multimask_stability_thresh": 0.98,
    },
    "binarize_mask_from_pts_for_mem_enc": True,
}


def best_device() -> torch.device:
    """CUDA, else Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def build_network(config: str, *, image_size: int | None = None, **overrides: Any) -> Any:
    """An untrained predictor described by ``config`` (see `catalog.Model.config`), in eval mode.

    ``image_size`` is the side of the square the plate is resized to, in pixels.

    Raises:
        RotoError: ``bad_request``: ``image_size`` is no multiple of 32 from 64 on.
    """
    if image_size is not None and (image_size < 64 or image_size % SIDE_STEP):
        raise RotoError(
            f"the sam2 engine cannot work at an image size of {image_size}",
            code="bad_request",
            hint=f"Use a multiple of {SIDE_STEP} from 64 on, such as 256, 512 or 1024.",
        )
    description = OmegaConf.load(_config_path(config)).model
    settings: dict[str, Any] = {"_target_": PREDICTOR, **POSTPROCESSING, **overrides}
    if image_size is not None:
        settings["image_size"] = image_size
    return instantiate(OmegaConf.merge(description, settings), _recursive_=True).eval()


def load_checkpoint(path: Path, *, image_size: int | None, device: torch.device) -> Any:
    """The predictor whose weights are in ``path`` (Meta's ``.pt`` or ``.safetensors``).

    The network size is read off the weights themselves, so any file name will do.

    Raises:
        CheckpointError: not a readable checkpoint, or not one of a known SAM 2 size.
        RotoError: ``bad_request``: see `build_network`.
    """
    weights = _read_weights(path)
    try:
        config = config_for_trunk(trunk_of({name: tuple(w.shape) for name, w in weights.items()}))
    except KeyError:
        config = None
    if config is None:
        raise CheckpointError(
            f"{path} holds no SAM 2 network of a known size",
            hint="Use a SAM 2.1 tiny, small, base+ or large checkpoint, or the product's nano.",
        )
    predictor = build_network(config, image_size=image_size)
    _fill(predictor, weights, path)
    return predictor.to(device)


def fill_from(network: torch.nn.Module, path: Path) -> None:
    """Give ``network`` the weights in ``path``.

    Raises:
        CheckpointError: not a readable checkpoint, or one of another network.
    """
    _fill(network, _read_weights(path), path)


def _fill(network: torch.nn.Module, weights: dict[str, Any], path: Path) -> None:
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(
            f"{path} does not fit its network: {str(error).splitlines()[0]}",
            hint="The file is of another SAM 2 release or size, or damaged.",
        ) from error


def _config_path(config: str) -> Path:
    if config.startswith("package:"):
        return Path(str(files("sam2") / "configs")) / config.removeprefix("package:")
    return Path(__file__).with_name(config)


def _read_weights(path: Path) -> dict[str, Any]:
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        return dict(content["model"])
    except (OSError, RuntimeError, KeyError, TypeError, ValueError, EOFError) as error:
        raise CheckpointError(f"{path} is not a readable checkpoint: {error}") from error
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path} holds more than weights and was refused",
            hint="Use the file as released by its authors, or convert it to .safetensors.",
        ) from error


def _read_safetensors(path: Path) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} is not a readable checkpoint: {error}") from error
