"""The worker's commands: `worker`, `vectorize`, `models`, `engines`, `clip`, `train`, `doctor`."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer


def register(app: typer.Typer) -> None:
    """Add this package's commands to `roto`. Imports no array or model library."""
    app.command("worker")(worker)
    app.command("doctor")(doctor)
    for module, add in _ROOMS.items():
        try:
            add(app, import_module(module, __package__))
        except ModuleNotFoundError as error:
            # A room that is left out of an installation takes its commands with it, no more.
            if not (error.name or "").startswith(f"{__package__}."):
                raise


def _add_models(app: typer.Typer, room: Any) -> None:
    app.add_typer(room.models_app, name="models")
    app.add_typer(room.engines_app, name="engines")


_ROOMS: dict[str, Callable[[typer.Typer, Any], None]] = {
    ".vectorize.command": lambda app, room: app.command("vectorize")(room.vectorize_command),
    ".engines.sam2.command": _add_models,
    ".synthetic.command": lambda app, room: app.add_typer(room.app, name="clip"),
    ".training.command": lambda app, room: app.add_typer(room.app, name="train"),
}


def worker(
    *,
    server: Annotated[str, typer.Option(envvar="ROTO_SERVER", help="URL of the job server.")] = "",
    redis: Annotated[
        str, typer.Option(envvar="ROTO_REDIS_URL", help="URL of the server's Redis.")
    ] = "",
    queues: Annotated[str, typer.Option(help="What to take: gpu, cpu or gpu,cpu.")] = "gpu,cpu",
    slot: Annotated[
        int, typer.Option(help="Number of this worker on its node; one per GPU or CPU share.")
    ] = 0,
    node: Annotated[
        str, typer.Option(envvar="ROTO_NODE", help="Name of this machine; default its host name.")
    ] = "",
    scratch: Annotated[
        Path | None,
        typer.Option(envvar="ROTO_WORKER_SCRATCH", help="Fast local disk for unfinished work."),
    ] = None,
    drain_seconds: Annotated[
        float,
        typer.Option(
            envvar="ROTO_WORKER_DRAIN_SECONDS",
            help="After SIGTERM: time to finish the running task before giving it back.",
        ),
    ] = 20.0,
    supervise: Annotated[
        bool, typer.Option(help="Restart the worker process when it dies.")
    ] = True,
) -> None:
    """Work for a job server until stopped. The farm token comes from ROTO_FARM_TOKEN_FILE."""
    from .runtime.config import WorkerConfig, default_scratch, farm_token
    from .runtime.process import main
    from .runtime.supervisor import Supervisor

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    config = WorkerConfig(
        server=server,
        redis=redis,
        queues=[part.strip() for part in queues.split(",") if part.strip()],
        slot=slot,
        node=node or socket.gethostname(),
        scratch=os.fspath(scratch or default_scratch()),
        drain_seconds=drain_seconds,
    )
    farm_token()  # a missing token is told here, once, not by every restart
    raise typer.Exit(Supervisor(config).run() if supervise else main(config))


def doctor(
    *,
    server: Annotated[
        str, typer.Option(help="URL of the job server to look at, if not the usual one.")
    ] = "",
    redis: Annotated[
        str, typer.Option(envvar="ROTO_REDIS_URL", help="URL of the Redis to look at.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look at this machine and the server, and tell what is wrong and how to fix it."""
    from .doctor import examine, show

    findings = examine(server=server, redis_url=redis)
    show(findings, as_json=as_json)
    raise typer.Exit(1 if any(finding.problem for finding in findings) else 0)
