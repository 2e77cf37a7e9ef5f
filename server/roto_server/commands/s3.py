"""`roto admin s3`: the bucket's own rules, and whether it is as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .opening import read_settings

if TYPE_CHECKING:
    from ..settings import Settings
    from ..storage.s3_client import Bucket

s3_app = typer.Typer(help="The bucket that files are kept in.", no_args_is_help=True)


@s3_app.command("setup")
def setup() -> None:
    """Write the bucket's rules: what is left over goes by itself, and pages may send to it.

    Rules of others stay. Needs s3:PutLifecycleConfiguration and s3:PutBucketCORS, which the server
    itself does not.
    """
    from ..storage.s3_rules import set_up

    bucket, settings = _bucket()
    set_up(bucket, origins_of(settings))
    typer.echo(f"The rules of {bucket.name} are written.")


@s3_app.command("check")
def check() -> None:
    """Say what the bucket lacks; ends with 1 when it lacks something."""
    from ..storage.s3_rules import look

    bucket, settings = _bucket()
    findings = look(bucket, origins_of(settings))
    for one in findings:
        typer.echo(f"{'ok     ' if one.good else 'MISSING'}  {one.name}: {one.told}")
    if not all(one.good for one in findings):
        raise typer.Exit(1)


def origins_of(settings: Settings) -> list[str]:
    """The pages that may send: the server's own, and those of ROTO_CORS_ORIGINS."""
    return [settings.public_url, *settings.cors_origins]


def _bucket() -> tuple[Bucket, Settings]:
    from roto_shapes.errors import RotoError

    settings = read_settings()
    if not settings.s3_bucket:
        raise RotoError(
            "ROTO_S3_BUCKET is not set: files are kept in ROTO_STORAGE_ROOT.", code="bad_request"
        )
    from ..storage.s3_client import Bucket

    return Bucket(settings), settings
