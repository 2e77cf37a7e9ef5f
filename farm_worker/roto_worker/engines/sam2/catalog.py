"""The SAM 2.1 checkpoints the product knows, and how a checkpoint's size is recognised.

Addresses, sizes and hashes are those of Meta's release of 29 September 2024 (Apache-2.0). The nano
checkpoint is our own (``roto train``) and comes with the product; ``weights/nano.md`` says what it
is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OFFICIAL_BASE_URL = "https://dl.fbaipublicfiles.com/segment_anything_2/092824/"


@dataclass(frozen=True)
class Model:
    """One checkpoint: ``config`` names the yaml that describes its network.

    ``config`` starting with ``package:`` is a file of the sam2 package, else one beside this
    module. ``cost`` orders the models by the time a frame takes.
    """

    name: str
    filename: str
    config: str
    sha256: str
    cost: int
    trunk: tuple[int, int]
    """Hiera's embedding width and block count: what tells the sizes apart in a state dict."""
    shipped: bool = False
    """The file lies in ``weights`` beside this module; ``auto`` never takes it."""

    @property
    def url(self) -> str:
        return OFFICIAL_BASE_URL + self.filename


NANO_CONFIG = "nano.yaml"
NANO_TRUNK = (32, 8)

MODELS: Mapping[str, Model] = {
    model.name: model
    for model in (
        Model(
            "sam2.1_hiera_tiny",
            "sam2.1_hiera_tiny.pt",
            "package:sam2.1/sam2.1_hiera_t.yaml",
            "7402e0d864fa82708a20fbd15bc84245c2f26dff0eb43a4b5b93452deb34be69",
            cost=1,
            trunk=(96, 12),
        ),
        Model(
            "sam2.1_hiera_small",
            "sam2.1_hiera_small.pt",
            "package:sam2.1/sam2.1_hiera_s.yaml",
            "6d1aa6f30de5c92224f8172114de081d104bbd23dd9dc5c58996f0cad5dc4d38",
            cost=2,
            trunk=(96, 16),
        ),
        Model(
            "sam2.1_hiera_base_plus",
            "sam2.1_hiera_base_plus.pt",
            "package:sam2.1/sam2.1_hiera_b+.yaml",
            "a2345aede8715ab1d5d31b4a509fb160c5a4af1970f199d9054ccfb746c004c5",
            cost=3,
            trunk=(112, 24),
        ),
        Model(
            "sam2.1_hiera_large",
            "sam2.1_hiera_large.pt",
            "package:sam2.1/sam2.1_hiera_l.yaml",
            "2647878d5dfa5098f2f8649825738a9345572bae2d4350a2468587ece47dd318",
            cost=4,
            trunk=(144, 48),
        ),
        Model(
            "nano",
            "nano.safetensors",
            NANO_CONFIG,
            "3cbffbae56ae042b3df4b7fc23a318121ce9753abec97f8d007fd33fca04eef6",
            cost=0,
            trunk=NANO_TRUNK,
            shipped=True,
        ),
    )
}

_PATCH = "image_encoder.trunk.patch_embed.proj.weight"
_BLOCK = "image_encoder.trunk.blocks."


def trunk_of(shapes: Mapping[str, Sequence[int]]) -> tuple[int, int]:
    """Embedding width and block count of a state dict, given as ``{name: shape}``.

    Raises:
        KeyError: the state dict is not one of SAM 2.
    """
    width = shapes[_PATCH][0]
    blocks = {name[len(_BLOCK) :].split(".")[0] for name in shapes if name.startswith(_BLOCK)}
    return int(width), len(blocks)


def config_for_trunk(trunk: tuple[int, int]) -> str | None:
    """The network description that fits ``trunk``, or None for a size the product does not know."""
    return next((model.config for model in MODELS.values() if model.trunk == trunk), None)
