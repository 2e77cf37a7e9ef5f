"""The worker's commands: `worker`, `vectorize`, `models`, `engines`, `clip`, `train`, `doctor`."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer


def register(app: typer.Typer) -> None:
    """Add this package's commands to `roto`. Imports no array or model library."""
    app.add_typer(_worker_app(), name="worker")
    app.command("doctor")(doctor)
    for module, add in _ROOMS.items():
        try:
            add(app, import_module(module, __package__))
        except ModuleNotFoundError as error:
            # A room that is left out of an installation takes its commands with it, no more.
            if not (error.name or "").startswith(f"{__package__}."):
                raise


def _worker_app() -> typer.Typer:
    """`roto worker` itself works; what is said of a node's workers is below it."""
    app = typer.Typer()
    app.callback(invoke_without_command=True)(worker)
    app.command("storage")(worker_storage)
    return app


def _add_models(app: typer.Typer, room: Any) -> None:
    app.add_typer(room.models_app, name="models")
    app.add_typer(room.engines_app, name="engines")


_ROOMS: dict[str, Callable[[typer.Typer, Any], None]] = {
    ".vectorize.command": lambda app, room: app.command("vectorize")(room.vectorize_command),
    ".engines.sam2.command": _add_models,
    ".synthetic.command": lambda app, room: app.add_typer(room.app, name="clip"),
    ".training.command": lambda app, room: app.add_typer(room.app, name="train"),
}


Scratch = Annotated[
    Path | None,
    typer.Option(envvar="ROTO_WORKER_SCRATCH", help="Fast local disk for unfinished work."),
]


def worker(
    context: typer.Context,
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
    scratch: Scratch = None,
    storage: Annotated[
        str,
        typer.Option(
            envvar="ROTO_WORKER_STORAGE",
            help="shared: the server's storage is mounted here; remote: it is not, and files come "
            "and go over HTTP.",
        ),
    ] = "shared",
    places: Annotated[
        str,
        typer.Option(
            envvar="ROTO_WORKER_PLACES",
            help="Where this node mounts the studio's places: shows=/Volumes/shows;scans=/data.",
        ),
    ] = "",
    cache_gb: Annotated[
        float,
        typer.Option(
            envvar="ROTO_WORKER_CACHE_GB", help="Of a remote node: disk for files fetched before."
        ),
    ] = 50.0,
    send_seconds: Annotated[
        float,
        typer.Option(
            envvar="ROTO_WORKER_SEND_SECONDS",
            help="Of a remote node: how often unfinished work is sent, for others to go on from.",
        ),
    ] = 30.0,
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
    if context.invoked_subcommand:
        return
    from .runtime.config import WorkerConfig, default_scratch, farm_token, parse_mounts
    from .runtime.logs import configure_logging, secrets_of
    from .runtime.process import main
    from .runtime.supervisor import Supervisor

    config = WorkerConfig(
        server=server,
        redis=redis,
        queues=[part.strip() for part in queues.split(",") if part.strip()],
        slot=slot,
        node=node or socket.gethostname(),
        scratch=os.fspath(scratch or default_scratch()),
        storage=storage,
        mounts=parse_mounts(places),
        cache_gb=cache_gb,
        send_seconds=send_seconds,
        drain_seconds=drain_seconds,
    )
    configure_logging(secrets_of(config))
    farm_token()  # a missing token is told here, once, not by every restart
    raise typer.Exit(Supervisor(config).run() if supervise else main(config))


def worker_storage(
    *,
    scratch: Scratch = None,
    clean: Annotated[
        bool, typer.Option("--clean", help="Let go of the cache and of dead processes' scratch.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """What workers keep on this machine: unfinished work, reports not yet sent, caches, models."""
    import json
    from dataclasses import asdict

    from .runtime import kept
    from .runtime.config import default_scratch

    folder = scratch or default_scratch()
    if clean:
        typer.echo(f"{kept.clean(folder) / 1e6:.1f} MB let go of.", err=True)
    found = kept.look(folder)
    if not found:
        typer.echo(f"Nothing is kept in {folder}, and there are no models.", err=True)
    for one in found:
        if as_json:
            typer.echo(json.dumps({**asdict(one), "path": str(one.path)}))
            continue
        slot = "" if one.slot is None else f" of slot {one.slot}"
        told = f"{one.files} files, {one.bytes / 1e6:.1f} MB"
        typer.echo(f"{one.what + slot:<20}  {told:<24}  {one.path}")


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
