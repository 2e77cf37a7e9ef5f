"""Matrix products on the CPU through oneDNN.

PyTorch sends float32 products to MKL, which on AMD processors stops at AVX2: oneDNN's kernels made
them 2.3 times faster there (Zen 5, one thread), in the same float32. The operator is the one that
torch's own compiler emits for frozen CPU graphs.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class PackedLinear(nn.Module):
    """A float32 `nn.Linear` whose weight lies in oneDNN's own layout."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self._packed = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), None)
        self._bias = None if linear.bias is None else linear.bias.detach()

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return _multiply(rows, self._packed, self._bias)


class OneByOne(nn.Module):
    """A layer that computes a batch part by part: to the bits each part has on its own.

    PyTorch's transposed convolution has one kernel for a single image and one for several.
    """

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self._layer = layer

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        return torch.cat([self._layer(part.contiguous()) for part in batch.split(1)]).contiguous()


def pack(module: nn.Module) -> None:
    """Make the layers below ``module`` the CPU's, in place; the weights cannot be saved after."""
    for name, child in module.named_children():
        if type(child) is nn.Linear:
            setattr(module, name, PackedLinear(child))
        elif type(child) is nn.ConvTranspose2d:
            setattr(module, name, OneByOne(child))
        else:
            pack(child)


def can_pack(device: torch.device) -> bool:
    """Whether oneDNN is there for products on ``device``."""
    return device.type == "cpu" and bool(torch.backends.mkldnn.is_available())


def times_transposed(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """``left @ right.T`` of two float32 matrices."""
    if can_pack(left.device):
        return _multiply(left, right, None)
    return functional.linear(left, right)


def _multiply(rows: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    return torch.ops.mkldnn._linear_pointwise(rows, weight, bias, "none", [], "")
