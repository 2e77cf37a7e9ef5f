"""The storage that the settings name."""

from __future__ import annotations

from ..folders import folder_for
from ..settings import Settings
from .base import Storage
from .directory import DirectoryStorage


def open_storage(settings: Settings) -> Storage:
    """The bucket ROTO_S3_BUCKET, or the directory ROTO_STORAGE_ROOT, made if it is missing.

    Raises:
        RotoError: ``storage_failed``, naming the setting.
    """
    if settings.s3_bucket:
        from .s3 import S3Storage  # boto3 takes its time, and most servers need none

        return S3Storage(settings)
    with folder_for("ROTO_STORAGE_ROOT", settings.storage_root):
        return DirectoryStorage(settings.storage_root)
