"""The trainer on the real network: every trap of a small network from nothing, and resuming."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from sam2.modeling.position_encoding import apply_rotary_enc
from typer.testing import CliRunner

from roto_shapes.errors import RotoError
from roto_worker.engines.sam2.build import load_checkpoint
from roto_worker.engines.sam2.checkpoints import CheckpointError
from roto_worker.training.batches import Batches, Recipe
from roto_worker.training.command import app
from roto_worker.training.losses import tracking_loss
from roto_worker.training.network import Batch, build_trainable
from roto_worker.training.optimizers import MatrixOptimizer
from roto_worker.training.trainer import Plan, Trainer, train

SMALL = Recipe(image_size=64, clip_frames=4, images=2, videos=2, video_frames=3, fresh=2, window=8)


@pytest.fixture(scope="module")
def batches() -> Batches:
    return Batches(1, SMALL)


@pytest.fixture
def network() -> Any:
    torch.manual_seed(3)
    built = build_trainable(64)
    built.rng = np.random.default_rng(0)
    built.num_correction_pt_per_frame = 1
    return built


def test_batches_depend_on_seed_and_step_only(batches: Batches) -> None:
    again = Batches(1, SMALL)
    again.images(0)
    for one, other in ((batches.images(7), again.images(7)), (batches.videos(7), again.videos(7))):
        assert torch.equal(one.flat_img_batch, other.flat_img_batch)
        assert torch.equal(one.masks, other.masks)
    assert not torch.equal(batches.images(8).flat_img_batch, batches.images(7).flat_img_batch)


def test_every_prompted_object_shows_on_its_frame(batches: Batches) -> None:
    for step in range(6):
        for batch in (batches.images(step), batches.videos(step), batches.videos(step, long=True)):
            assert batch.masks[0].flatten(1).any(dim=1).all()
            assert batch.flat_obj_to_img_idx.max() < len(batch.flat_img_batch)
    assert len(batches.videos(0).masks) == 3
    assert len(batches.videos(0, long=True).masks) == 4


def test_a_fresh_network_calls_no_object_absent(network: Any, batches: Batches) -> None:
    network.prob_to_use_pt_input_for_train = 1.0
    for output in network(batches.videos(0)):
        for score in output["multistep_object_score_logits"]:
            assert (score > 0).all()
        assert (output["pred_masks"] > -100).all()


def test_gradients_reach_prompts_memory_and_trunk(network: Any, batches: Batches) -> None:
    network.prob_to_use_pt_input_for_train = 1.0
    batch = batches.videos(0)
    tracking_loss(network(batch), batch.masks, balance=1.0)["total"].backward()
    for part in (
        network.sam_prompt_encoder.point_embeddings[1],
        network.sam_mask_decoder.transformer.layers[0].cross_attn_token_to_image.q_proj,
        network.memory_attention.layers[0].cross_attn_image.k_proj,
        network.memory_encoder.fuser,
        network.image_encoder.trunk.blocks[0],
    ):
        assert any(p.grad is not None and p.grad.abs().max() > 0 for p in part.parameters())


def test_memory_attention_starts_local(network: Any) -> None:
    """With nothing learned, a place attends most to the same place of the memory."""
    attention = network.memory_attention.layers[0].cross_attn_image
    query = attention.q_proj(torch.zeros(1, 1, 16, 128))
    key = attention.k_proj(torch.zeros(1, 1, 16, 64))
    turns = attention.compute_cis(end_x=4, end_y=4)
    query, key = apply_rotary_enc(query, key, freqs_cis=turns)
    scores = (query @ key.transpose(-1, -2))[0, 0]
    assert torch.equal(scores.argmax(dim=1), torch.arange(16))


def test_another_first_mask_changes_later_frames(network: Any, batches: Batches) -> None:
    batch = batches.videos(1)
    network.prob_to_use_pt_input_for_train = 0.0
    network.eval()
    moved = Batch(batch.flat_img_batch, batch.masks.roll(24, dims=-1), batch.flat_obj_to_img_idx)
    with torch.inference_mode():
        here = network(batch)[-1]["pred_masks"]
        there = network(moved)[-1]["pred_masks"]
    assert (here - there).abs().max() > 1e-4


def test_cross_attentions_start_tied(network: Any) -> None:
    transformer = network.sam_mask_decoder.transformer
    for attention in (
        transformer.final_attn_token_to_image,
        transformer.layers[0].cross_attn_token_to_image,
        transformer.layers[1].cross_attn_image_to_token,
    ):
        assert torch.equal(attention.q_proj.weight, attention.k_proj.weight)
    memory = network.memory_attention.layers[0].cross_attn_image
    assert torch.equal(memory.q_proj.bias, memory.k_proj.bias)
    assert memory.q_proj.bias.std() > 0.5


def test_empty_masks_do_not_pay() -> None:
    """The trap of the focal loss: on a small object, a rough guess must cost less than nothing."""
    truth = torch.zeros(1, 1, 64, 64, dtype=torch.bool)
    truth[..., 28:34, 28:34] = True
    rough = torch.full((1, 1, 64, 64), -4.0)
    rough[..., 24:38, 24:38] = 4.0
    costs = [_loss(logits, truth) for logits in (rough, torch.full_like(rough, -4.0))]
    assert costs[0] < costs[1]


def test_an_absent_object_costs_its_score_only() -> None:
    truth = torch.zeros(1, 1, 64, 64, dtype=torch.bool)
    logits = torch.randn(1, 1, 64, 64)
    sure = _loss(logits, truth, score=-9.0)
    assert sure < 0.01
    assert _loss(logits, truth, score=9.0) > 5


def test_a_few_steps_lower_the_loss_on_the_same_batch(network: Any, batches: Batches) -> None:
    network.prob_to_use_pt_input_for_train = 1.0
    batch = batches.images(0)
    optimizer = MatrixOptimizer(network, 0.0)
    losses = []
    for _ in range(8):
        network.rng = np.random.default_rng(0)
        torch.manual_seed(0)
        loss = tracking_loss(network(batch), batch.masks, balance=1.0)["total"]
        loss.backward()
        optimizer.step(5e-4)
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]


def test_a_resumed_run_takes_the_very_same_step(tmp_path: Path) -> None:
    plan = Plan(minutes=60, image_size=64, warm_up_steps=2)
    trainer = Trainer(plan, SMALL)
    for _ in range(2):
        trainer.step()
    trainer.save(tmp_path / "run.pt")
    losses = trainer.step()
    other = Trainer.resume(tmp_path / "run.pt")
    assert other.step() == losses
    for name, weight in trainer.network.state_dict().items():
        assert torch.equal(weight, other.network.state_dict()[name]), name
        assert torch.equal(trainer.average[name], other.average[name]), name


def test_a_run_ends_saves_and_exports_what_the_product_loads(tmp_path: Path) -> None:
    trainer = Trainer(Plan(minutes=1e-4, image_size=64), SMALL)
    train(trainer, tmp_path / "run.pt", lambda line: None)
    trainer.export(tmp_path / "nano.safetensors")
    assert (tmp_path / "run.pt").is_file()
    assert (tmp_path / "nano.safetensors").stat().st_size < 20e6
    predictor = load_checkpoint(
        tmp_path / "nano.safetensors", image_size=64, device=torch.device("cpu")
    )
    assert predictor.image_size == 64


def test_a_run_begun_from_weights_has_them_and_none_of_a_fresh_start(tmp_path: Path) -> None:
    finished = Trainer(Plan(minutes=60, image_size=64, seed=5), SMALL)
    finished.export(tmp_path / "finished.safetensors")
    plan = Plan(minutes=60, image_size=64, seed=6)
    run = Trainer.begin_from(tmp_path / "finished.safetensors", plan, SMALL)
    for name, weight in run.network.state_dict().items():
        assert torch.equal(weight, finished.average[name].half().float()), name
        assert torch.equal(weight, run.average[name]), name
    assert run.plan.peak_rate < plan.peak_rate
    assert "video_total" in run.step()
    run.save(tmp_path / "run.pt")
    assert Trainer.resume(tmp_path / "run.pt").plan.from_weights


def test_weights_that_do_not_fit_begin_no_run(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(b"no weights")
    with pytest.raises(CheckpointError, match="not a readable checkpoint"):
        Trainer.begin_from(path, Plan(minutes=1, image_size=64), SMALL)
    save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(CheckpointError, match="does not fit"):
        Trainer.begin_from(path, Plan(minutes=1, image_size=64), SMALL)


def test_the_command_begins_from_weights(tmp_path: Path) -> None:
    weights, out = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    Trainer(Plan(minutes=1, image_size=64), SMALL).export(weights)
    words = ("--minutes", "0.0001", "--size", "64", "--from-weights", str(weights))
    done = _roto("nano", *words, "--out", str(out))
    assert done.exit_code == 0, done.output
    assert out.is_file()
    assert isinstance(_roto("nano", *words, "--out", str(out), "--resume").exception, RotoError)


def test_the_command_trains_stops_and_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "nano.safetensors"
    usual = signal.getsignal(signal.SIGTERM)
    first = _roto("nano", "--minutes", "0.0001", "--out", str(out), "--size", "64")
    assert first.exit_code == 0, first.output
    assert signal.getsignal(signal.SIGTERM) is usual
    run = torch.load(tmp_path / "nano.state.pt", weights_only=True)
    assert run["progress"]["step"] == 1
    again = _roto("nano", "--minutes", "0.0001", "--out", str(out), "--resume")
    assert again.exit_code == 0, again.output
    missing = _roto("nano", "--minutes", "1", "--out", str(tmp_path / "no.safetensors"), "--resume")
    assert isinstance(missing.exception, RotoError)
    copied = tmp_path / "copy.safetensors"
    assert _roto("export", str(tmp_path / "nano.state.pt"), str(copied)).exit_code == 0
    assert copied.read_bytes() == out.read_bytes()


def test_asked_to_stop_a_run_saves_and_ends(tmp_path: Path) -> None:
    trainer = Trainer(Plan(minutes=60, image_size=64), SMALL)
    train(trainer, tmp_path / "run.pt", lambda line: None, stop=lambda: trainer.progress.step >= 2)
    assert Trainer.resume(tmp_path / "run.pt").progress.step == 2


def _roto(*words: str) -> Any:
    return CliRunner().invoke(app, words)


def _loss(logits: torch.Tensor, truth: torch.Tensor, score: float = 9.0) -> float:
    output = {
        "multistep_pred_multimasks": [logits],
        "multistep_pred_ious": [torch.ones(1, 1)],
        "multistep_object_score_logits": [torch.full((1, 1), score)],
    }
    return tracking_loss([output], truth, balance=1.0)["total"].item()
