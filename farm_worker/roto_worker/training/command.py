"""``roto train``: the product's own small checkpoint, from generated clips."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from roto_shapes.errors import RotoError

app = typer.Typer(help="Train the product's own nano SAM 2.", no_args_is_help=True)


@app.command()
def nano(
    *,
    minutes: Annotated[
        float, typer.Option(help="Training time the learning rate is planned over, all sessions.")
    ],
    out: Annotated[Path, typer.Option(help="The checkpoint to write: a .safetensors file.")],
    state: Annotated[
        Path | None, typer.Option(help="Where to keep the run itself; default: OUT as .state.pt.")
    ] = None,
    resume: Annotated[bool, typer.Option(help="Go on with the run kept in STATE.")] = False,
    from_weights: Annotated[
        Path | None,
        typer.Option(help="Begin with this nano checkpoint, at a lower rate, not from nothing."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Clips, prompts and first weights follow from it.")] = 0,
    size: Annotated[int, typer.Option(help="Side of the pictures, a multiple of 32.")] = 128,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 1,
) -> None:
    """Train on clips generated on the way; one JSON line of losses every 50 steps.

    Ctrl-C or SIGTERM ends the run after the step it is at; --resume goes on from there.
    """
    import torch

    from .trainer import Plan, Trainer, train

    torch.set_num_threads(threads)
    kept = state or out.with_suffix(".state.pt")
    if resume and not kept.is_file():
        raise RotoError(
            f"there is no run to go on with in {kept}",
            code="bad_request",
            hint="Leave --resume away to begin, or name the file with --state.",
        )
    if resume and from_weights:
        raise RotoError(
            "--resume and --from-weights exclude each other",
            code="bad_request",
            hint="--resume goes on with a kept run; --from-weights begins a new one.",
        )
    plan = Plan(minutes=minutes, seed=seed, image_size=size)
    if resume:
        trainer = Trainer.resume(kept, minutes=minutes)
    elif from_weights:
        trainer = Trainer.begin_from(from_weights, plan)
    else:
        trainer = Trainer(plan)
    with _signals_noted() as told:
        train(trainer, kept, typer.echo, stop=lambda: bool(told))
    trainer.export(out)
    typer.echo(f"{out}: {os.path.getsize(out) / 1e6:.1f} MB; the run is kept in {kept}")


@app.command()
def export(
    state: Annotated[Path, typer.Argument(help="A run kept by `roto train nano`.")],
    out: Annotated[Path, typer.Argument(help="The checkpoint to write: a .safetensors file.")],
) -> None:
    """Write the averaged weights of a run, finished or not, as a checkpoint."""
    from .trainer import Trainer

    Trainer.resume(state).export(out)


@app.command()
def evaluate(
    checkpoint: Annotated[Path, typer.Argument(help="A .safetensors or .pt checkpoint.")],
    *,
    size: Annotated[int, typer.Option(help="The model's input size in pixels.")] = 128,
    footage: Annotated[
        Path | None,
        typer.Option(help="Also real clips: a folder of <clip>/frames/ and <clip>/masks/."),
    ] = None,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 1,
) -> None:
    """Clicks and tracking on generated clips no training saw, and on real ones."""

    from ..engines.sam2.engine import Sam2Segmenter
    from ..engines.sam2.settings import Settings
    from .evaluate import mean_of, on_footage, on_generated

    segmenter = Sam2Segmenter.from_checkpoint(
        checkpoint, model=checkpoint.stem, image_size=size, settings=Settings(threads=threads)
    )
    made = on_generated(segmenter, size=size)
    clicks = " / ".join(f"{made.clicks[count]:.3f}" for count in sorted(made.clicks))
    typer.echo(f"generated pictures, IoU after 1 / 2 / 3 clicks: {clicks}")
    typer.echo(f"generated clips: {_line(made)}; last frame from a mask {made.last:.3f}")
    if footage is not None:
        rows = on_footage(segmenter, footage)
        for name, row in rows.items():
            typer.echo(f"{name}: {_line(row)}")
        typer.echo(f"mean of {len(rows)}: {_line(mean_of(rows))}")


@contextmanager
def _signals_noted() -> Iterator[list[int]]:
    """Signals to end arrive in a list instead of ending the process."""
    told: list[int] = []
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(kind, lambda number, _: told.append(number)) for kind in kinds]
    try:
        yield told
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)


def _line(row: object) -> str:
    parts = ((name, getattr(row, name)) for name in ("mask", "click", "box", "copy"))
    return "J from " + ", ".join(f"{name} {value:.3f}" for name, value in parts)
