"""A CUDA device that is only pretended: the engine's GPU code runs, its arithmetic on the CPU.

Every tensor says it is on ``cuda``, and what waits for the device is counted. What a real device
alone can show stays untested: its kernels, bfloat16, streams that really run beside each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.overrides import TorchFunctionMode, resolve_name

CUDA, CPU = torch.device("cuda"), torch.device("cpu")
READING = {"item", "tolist", "cpu", "numpy", "nonzero", "__bool__", "__int__", "__float__"}
MAKING = {"torch.tensor", "torch.arange", "torch.zeros", "torch.ones", "torch.full", "torch.empty"}


class Pretended(TorchFunctionMode):
    """Tensors on ``cuda``, but those that are pinned or, while ``watching``, made with no device.

    ``waits``: the calls since ``watching`` that would wait for the device: reading from it, and
    copies to it that were not called non-blocking.
    """

    def __init__(self) -> None:
        super().__init__()
        self.watching = False
        self.waits: list[str] = []
        self.synchronized = 0

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        name = str(resolve_name(func))
        if name == "torch.Tensor.device.__get__":
            return CPU if _is_on_host(args[0]) else CUDA
        pinned = kwargs.pop("pin_memory", False)
        if self.watching:
            self._note(name, args, kwargs)
        host = pinned or self._stays_on_host(name, args, kwargs)
        args = tuple(_here(one) for one in args)
        kwargs = {key: _here(value) for key, value in kwargs.items()}
        found = func(*args, **kwargs)
        if host:
            for one in found if isinstance(found, (tuple, list)) else (found,):
                if isinstance(one, torch.Tensor):
                    put_on_host(one)
        return found

    def _note(self, name: str, args: Any, kwargs: dict[str, Any]) -> None:
        tensor, _, method = name.removeprefix("torch.").rpartition(".")
        if tensor == "Tensor" and method in READING and not _is_on_host(args[0]):
            self.waits.append(name)
        moved = name == "torch.Tensor.to" and any(map(_is_cuda, (*args, *kwargs.values())))
        if moved and _is_on_host(args[0]) and not kwargs.get("non_blocking"):
            self.waits.append(name)

    def _stays_on_host(self, name: str, args: Any, kwargs: dict[str, Any]) -> bool:
        given = (*args, *kwargs.values())
        if any(map(_is_cuda, given)):
            return False
        tensors = [one for one in given if isinstance(one, torch.Tensor)]
        made = self.watching and name in MAKING and kwargs.get("device") is None
        return made if not tensors else all(map(_is_on_host, tensors))


def put_on_host(tensor: torch.Tensor) -> torch.Tensor:
    tensor.is_pretended_host = True  # type: ignore[attr-defined]
    return tensor


def _is_on_host(tensor: torch.Tensor) -> bool:
    return getattr(tensor, "is_pretended_host", False)


def _is_cuda(value: Any) -> bool:
    return (
        value == "cuda"
        if isinstance(value, str)
        else isinstance(value, torch.device) and value.type == "cuda"
    )


def _here(value: Any) -> Any:
    return CPU if isinstance(value, (str, torch.device)) and _is_cuda(value) else value


@contextmanager
def pretended_cuda(
    monkeypatch: pytest.MonkeyPatch, *, free: int = 8 << 30, each: int = 64 << 20
) -> Iterator[Pretended]:
    """Inside, ``torch.cuda`` is a device with ``free`` bytes where a frame takes ``each``."""
    device = Pretended()

    class Event:
        def record(self) -> None: ...

        def synchronize(self) -> None:
            device.synchronized += 1

    cuda = SimpleNamespace(
        is_available=lambda: True,
        Event=Event,
        empty_cache=lambda: None,
        synchronize=lambda: None,
        reset_peak_memory_stats=lambda: None,
        memory_allocated=lambda: 0,
        max_memory_allocated=lambda: each,
        mem_get_info=lambda: (free, 2 * free),
        get_device_name=lambda index: "pretended",
    )
    with monkeypatch.context() as patch, device:
        for name, value in vars(cuda).items():
            patch.setattr(torch.cuda, name, value)
        # By hand, since the mode above is not seen on the thread that reads ahead.
        patch.setattr(torch.Tensor, "pin_memory", put_on_host)
        patch.setattr(torch.nn.Module, "cuda", lambda module: module)
        patch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
        yield device
