"""One sweep of SAM 2 over a plate, in memory that does not grow with the plate.

The package's predictor keeps every frame and every output. What a next frame really needs is the
prompted frames, the last ``num_maskmem - 1`` memories and the last ``max_obj_ptrs_in_encoder - 1``
object pointers; `Sweep` keeps those and calls the package's own single-frame step, so its logits
are the package's, bit for bit.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np
import sam2.sam2_video_predictor as package
import torch
from PIL import Image

from roto_shapes.prompts import FramePrompt

from ...media.source import FrameSource
from .frames import LazyFrames

# Of one frame's output; the rest of it is constant or derived.
KEPT = ("maskmem_features", "pred_masks", "obj_ptr", "object_score_logits")


class Sweep:
    """A run over frames from a prompted one, in one direction.

    ``prompts`` are those the run may know: on its first frame, and on the next prompted frame
    ahead if there is one. Frames are plate numbers; ``frame_range`` bounds the run.
    """

    def __init__(
        self,
        predictor: Any,
        source: FrameSource,
        prompts: Mapping[str, Sequence[FramePrompt]],
        *,
        frame_range: tuple[int, int],
        start: int,
        direction: int,
    ) -> None:
        self.objects = list(prompts)
        self.start = start
        self.direction = direction
        self.frame = start
        self._first = frame_range[0]
        self._predictor = predictor
        self._keep = max(predictor.num_maskmem, predictor.max_obj_ptrs_in_encoder)
        frames = LazyFrames(source, frame_range, predictor.image_size)
        self._state = _open_state(predictor, frames, source.info.height, source.info.width)
        for object_id, given in prompts.items():
            for prompt in given:
                self._add(object_id, prompt)
        predictor.propagate_in_video_preflight(self._state)

    @torch.inference_mode()
    def step(self) -> tuple[int, dict[str, tuple[torch.Tensor, torch.Tensor, torch.Tensor]]]:
        """The current frame, and per object: plate-size logits ``[H, W]``, low-resolution logits
        and the object score logit. Then moves one frame on."""
        frame, index = self.frame, self.frame - self._first
        lows = []
        with _autocast(self._predictor.device):
            for slot in range(len(self.objects)):
                lows.append(self._track(index, slot))
            _, plate_size = self._predictor._get_orig_video_res_output(self._state, torch.cat(lows))
        answers = {}
        for slot, object_id in enumerate(self.objects):
            score = self._output(slot, index)["object_score_logits"]
            answers[object_id] = (plate_size[slot, 0], lows[slot][0, 0], score[0, 0])
        self._forget(index)
        self.frame += self.direction
        return frame, answers

    def save(self) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
        """The memory window as arrays and JSON; the prompted frames are not part of it."""
        arrays: dict[str, np.ndarray[Any, Any]] = {}
        types: dict[str, str] = {}
        for slot in range(len(self.objects)):
            for index, output in self._outputs(slot)["non_cond_frame_outputs"].items():
                for name in KEPT:
                    key = f"{slot}/{index}/{name}"
                    tensor = output[name].detach().cpu()
                    types[key] = str(tensor.dtype).removeprefix("torch.")
                    arrays[key] = _as_array(tensor)
        meta = {
            "start": self.start,
            "direction": self.direction,
            "frame": self.frame,
            "objects": self.objects,
            "types": types,
        }
        return arrays, meta

    def load(self, arrays: Mapping[str, np.ndarray[Any, Any]], meta: Mapping[str, Any]) -> None:
        """Put a saved memory window back into a sweep opened with the same prompts."""
        device = self._predictor.device
        positions = self._state["constants"]["maskmem_pos_enc"]
        for key, array in arrays.items():
            slot, index, name = key.split("/")
            memory = self._outputs(int(slot))["non_cond_frame_outputs"].setdefault(
                int(index), {"maskmem_pos_enc": list(positions)}
            )
            memory[name] = _as_tensor(array, meta["types"][key]).to(device)
        self.frame = int(meta["frame"])

    def _outputs(self, slot: int) -> dict[str, dict[int, dict[str, Any]]]:
        outputs: dict[str, dict[int, dict[str, Any]]] = self._state["output_dict_per_obj"][slot]
        return outputs

    def _output(self, slot: int, index: int) -> dict[str, Any]:
        outputs = self._outputs(slot)
        prompted = outputs["cond_frame_outputs"].get(index)
        return prompted if prompted is not None else outputs["non_cond_frame_outputs"][index]

    def _track(self, index: int, slot: int) -> torch.Tensor:
        outputs = self._outputs(slot)
        if index in outputs["cond_frame_outputs"]:
            prompted: torch.Tensor = outputs["cond_frame_outputs"][index]["pred_masks"]
            return prompted.to(self._predictor.device)
        output, low = self._predictor._run_single_frame_inference(
            inference_state=self._state,
            output_dict=outputs,
            frame_idx=index,
            batch_size=1,
            is_init_cond_frame=False,
            point_inputs=None,
            mask_inputs=None,
            reverse=self.direction < 0,
            run_mem_encoder=True,
        )
        outputs["non_cond_frame_outputs"][index] = output
        tracked: torch.Tensor = low
        return tracked

    def _forget(self, index: int) -> None:
        for slot in range(len(self.objects)):
            memories = self._outputs(slot)["non_cond_frame_outputs"]
            for old in [other for other in memories if abs(index - other) >= self._keep]:
                del memories[old]

    def _add(self, object_id: str, prompt: FramePrompt) -> None:
        index = prompt.frame - self._first
        state = self._state
        with _autocast(self._predictor.device):
            if prompt.absent or prompt.mask_png is not None:
                mask = _mask_of(prompt, state["video_height"], state["video_width"])
                self._predictor.add_new_mask(state, index, object_id, mask)
            if prompt.points or prompt.box is not None:
                points = [(click.x, click.y) for click in prompt.points]
                labels = [int(click.positive) for click in prompt.points]
                self._predictor.add_new_points_or_box(
                    state,
                    index,
                    object_id,
                    points=self._model_pixels(points) if points else None,
                    labels=labels if points else None,
                    box=None if prompt.box is None else self._model_pixels(prompt.box).flatten(),
                )

    def _model_pixels(self, points: Any) -> np.ndarray[Any, Any]:
        """Our points have pixel edges on integers; the package adds half a *model* pixel itself."""
        plate = (self._state["video_width"], self._state["video_height"])
        half = np.array(plate, np.float32) * (0.5 / self._predictor.image_size)
        return np.asarray(points, np.float32).reshape(-1, 2) - half


@contextmanager
def _loader(frames: LazyFrames, height: int, width: int) -> Iterator[None]:
    original = package.load_video_frames
    package.load_video_frames = lambda **_: (frames, height, width)
    try:
        yield
    finally:
        package.load_video_frames = original


def _open_state(predictor: Any, frames: LazyFrames, height: int, width: int) -> dict[str, Any]:
    with _loader(frames, height, width), _autocast(predictor.device):
        state: dict[str, Any] = predictor.init_state("", offload_video_to_cpu=True)
    return state


def _autocast(device: torch.device) -> AbstractContextManager[Any]:
    """bfloat16 on CUDA, as the weights were trained; exact float32 elsewhere."""
    if device.type == "cuda":
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return nullcontext()


def _mask_of(prompt: FramePrompt, height: int, width: int) -> torch.Tensor:
    if prompt.mask_png is None:
        return torch.zeros((height, width), dtype=torch.bool)
    grey = np.asarray(Image.open(io.BytesIO(prompt.mask_png)).convert("L"))
    return torch.from_numpy(grey >= 128)


def _as_array(tensor: torch.Tensor) -> np.ndarray[Any, Any]:
    raw = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
    array: np.ndarray[Any, Any] = raw.contiguous().numpy()
    return array


def _as_tensor(array: np.ndarray[Any, Any], dtype: str) -> torch.Tensor:
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    return tensor.view(torch.bfloat16) if dtype == "bfloat16" else tensor
