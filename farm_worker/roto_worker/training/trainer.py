"""The training loop: one image batch and one video batch a step, planned over minutes.

Everything a step depends on is in the state file, so a run can be stopped, carried to another
machine and taken up again: its next step is the same to the last bit on the same build.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from math import cos, pi
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..engines.sam2.build import fill_from
from .batches import Batches, Recipe
from .losses import tracking_loss
from .network import Batch, build_trainable
from .optimizers import MatrixOptimizer

Report = Callable[[str], None]
REPORT_EVERY = 50
"""Steps."""
REFINING_RATE = 5e-4
REFINING_WARM_UP = 60
"""Peak rate and warm-up steps of a run that begins with finished weights."""


@dataclass(frozen=True)
class Plan:
    """How a run goes. ``minutes`` of training is what the learning rate is planned over.

    ``from_weights``: the run began with a finished network, which needs none of what gets a fresh
    one off the ground (short clips only, full balance of object and surroundings).
    """

    minutes: float
    from_weights: bool = False
    seed: int = 0
    image_size: int = 128
    peak_rate: float = 7e-4
    last_rate: float = 1e-5
    warm_up_steps: int = 150
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    averaging: float = 0.998
    save_every_seconds: float = 300.0


@dataclass
class Progress:
    """``seconds`` counts training only, over all sessions of a run."""

    step: int = 0
    seconds: float = 0.0


class Trainer:
    """A network in training, its averaged weights and its optimizer."""

    def __init__(self, plan: Plan, recipe: Recipe | None = None) -> None:
        self.plan = plan
        self.progress = Progress()
        torch.manual_seed(plan.seed)
        self.network = build_trainable(plan.image_size)
        self.recipe = replace(recipe or Recipe(), image_size=plan.image_size)
        self._batches = Batches(plan.seed, self.recipe)
        self._optimizer = MatrixOptimizer(self.network, plan.weight_decay)
        self.average = {name: w.detach().clone() for name, w in self.network.state_dict().items()}

    def step(self) -> dict[str, float]:
        """Train on the next batches; returns the losses."""
        started = time.perf_counter()
        number = self.progress.step
        done = self.share_done
        torch.manual_seed((self.plan.seed << 32) + number)
        self.network.rng = np.random.default_rng([self.plan.seed, number, 3])
        long = (done > 0.2 or self.plan.from_weights) and number % 3 == 0
        losses: dict[str, float] = {}
        for kind, batch in (
            ("image", self._batches.images(number)),
            ("video", self._batches.videos(number, long=long)),
        ):
            found = self._losses(batch, done)
            found["total"].backward()
            losses |= {f"{kind}_{name}": value.item() for name, value in found.items()}
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.plan.clip_norm)
        losses["gradient"] = norm.item()
        self._optimizer.step(self.learning_rate)
        self._update_average()
        self.progress.step += 1
        self.progress.seconds += time.perf_counter() - started
        return losses

    @property
    def share_done(self) -> float:
        """0 at the beginning of the plan, 1 at its end."""
        return min(self.progress.seconds / (60 * self.plan.minutes), 1.0)

    @property
    def learning_rate(self) -> float:
        plan, warm = self.plan, (self.progress.step + 1) / self.plan.warm_up_steps
        wave = 0.5 * (1 + cos(pi * self.share_done))
        return min(warm, 1.0) * (plan.last_rate + (plan.peak_rate - plan.last_rate) * wave)

    def _losses(self, batch: Batch, done: float) -> dict[str, torch.Tensor]:
        network = self.network
        video = batch.num_frames > 1
        network.prob_to_use_pt_input_for_train = 0.5 if video else 1.0
        network.prob_to_use_box_input_for_train = 0.35
        network.num_frames_to_correct_for_train = 2 if video else 1
        network.num_init_cond_frames_for_train = 2 if video else 1
        network.num_correction_pt_per_frame = 2
        # Full balance gets a fresh network off the ground; less of it makes tighter outlines.
        balance = 0.4 if self.plan.from_weights else max(1.0 - 3 * done, 0.4)
        return tracking_loss(network(batch), batch.masks, balance=balance)

    @torch.no_grad()
    def _update_average(self) -> None:
        keep = min(self.plan.averaging, (1 + self.progress.step) / (10 + self.progress.step))
        for name, weight in self.network.state_dict().items():
            self.average[name].lerp_(weight, 1 - keep)

    def save(self, path: Path) -> None:
        """Write the whole state; an older file at ``path`` stays whole until this one is."""
        state = {
            "plan": asdict(self.plan),
            "recipe": asdict(self.recipe),
            "progress": asdict(self.progress),
            "network": self.network.state_dict(),
            "average": self.average,
            "optimizer": self._optimizer.state_dict(),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        torch.save(state, part)
        os.replace(part, path)

    @classmethod
    def resume(cls, path: Path, **changes: Any) -> Trainer:
        """The run saved at ``path``; ``changes`` replace fields of its plan."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        trainer = cls(replace(Plan(**state["plan"]), **changes), Recipe(**state["recipe"]))
        trainer.network.load_state_dict(state["network"])
        trainer.average = state["average"]
        trainer._optimizer.load_state_dict(state["optimizer"])
        trainer.progress = Progress(**state["progress"])
        return trainer

    @classmethod
    def begin_from(cls, weights: Path, plan: Plan, recipe: Recipe | None = None) -> Trainer:
        """A new run whose network starts with a checkpoint that `export` wrote.

        Raises `CheckpointError` for a file that cannot be read or is of another network.
        """
        gentle = replace(
            plan, from_weights=True, peak_rate=REFINING_RATE, warm_up_steps=REFINING_WARM_UP
        )
        trainer = cls(gentle, recipe)
        fill_from(trainer.network, weights)
        trainer.average = {n: w.detach().clone() for n, w in trainer.network.state_dict().items()}
        return trainer

    def export(self, path: Path) -> None:
        """Write the averaged weights in half precision, as the product loads them."""
        from safetensors.torch import save_file

        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: weight.half() for name, weight in self.average.items()}, path)


def train(
    trainer: Trainer, state: Path, report: Report, stop: Callable[[], bool] = lambda: False
) -> None:
    """Run until the plan's minutes are used up or ``stop`` says so, saving as the plan says."""
    saved = trainer.progress.seconds
    sums: dict[str, float] = {}
    since = trainer.progress.step
    while trainer.share_done < 1 and not stop():
        for name, value in trainer.step().items():
            sums[name] = sums.get(name, 0.0) + value
        count = trainer.progress.step - since
        if trainer.progress.step % REPORT_EVERY == 0:
            means = {name: round(value / count, 4) for name, value in sums.items()}
            minutes = trainer.progress.seconds / 60
            report(
                json.dumps(
                    {"step": trainer.progress.step, "minutes": round(minutes, 2)}
                    | {"rate": round(trainer.learning_rate, 7)}
                    | means
                )
            )
            sums, since = {}, trainer.progress.step
        if trainer.progress.seconds - saved >= trainer.plan.save_every_seconds:
            trainer.save(state)
            saved = trainer.progress.seconds
    trainer.save(state)
