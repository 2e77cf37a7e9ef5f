"""Settings of where files are kept: ROTO_STORAGE_ROOT (see `base`), or a bucket."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*")
_ENDPOINT = re.compile(r"https?://[^\s/@?#]+")


class StorageSettings(BaseSettings):
    """With ``s3_bucket`` files are kept there, below ``s3_prefix``, and nowhere else.

    Who may is found as boto3 finds it (AWS_ACCESS_KEY_ID, a profile, the machine's role): no key
    of the bucket is a setting of ours. ``s3_endpoint`` is for stores that are not Amazon's, and
    ``s3_public_endpoint`` is what artists' machines and farm nodes call it, when that differs.
    ``s3_url_seconds``: for how long an address that is handed out opens its one file.
    ``s3_encryption`` is asked for with every write; ``s3_kms_key`` names the key of aws:kms.
    ``s3_abort_days``, ``s3_old_version_days``: of the rules that ``roto admin s3 setup`` writes.
    ``upload_days``: after how many days without a sign of life an upload is removed, unfinished or
    complete; shots that were made of it have its files.
    """

    s3_bucket: str = ""
    s3_prefix: str = ""
    s3_endpoint: str = ""
    s3_public_endpoint: str = ""
    s3_region: str = ""
    s3_encryption: Literal["AES256", "aws:kms", "none"] = "AES256"
    s3_kms_key: str = ""
    s3_url_seconds: int = Field(default=900, ge=10, le=7 * 86400)
    s3_abort_days: int = Field(default=8, ge=1)
    s3_old_version_days: int = Field(default=30, ge=1)
    upload_days: float = Field(default=7.0, gt=0)

    @field_validator("s3_bucket")
    @classmethod
    def _is_a_bucket(cls, value: str) -> str:
        if value and not _BUCKET.fullmatch(value):
            raise ValueError(f"{value!r} cannot be the name of a bucket")
        return value

    @field_validator("s3_prefix")
    @classmethod
    def _is_a_prefix(cls, value: str) -> str:
        value = value.strip("/")
        if value and (not _PREFIX.fullmatch(value) or {".", ".."} & set(value.split("/"))):
            raise ValueError("write a folder's name such as roto or shows/roto")
        return value

    @field_validator("s3_endpoint", "s3_public_endpoint")
    @classmethod
    def _is_an_endpoint(cls, value: str) -> str:
        value = value.rstrip("/")
        if value and not _ENDPOINT.fullmatch(value):
            raise ValueError("write https://objects.studio.example, without path, user or password")
        return value

    @model_validator(mode="after")
    def _fits(self) -> Self:
        others = ("prefix", "endpoint", "public_endpoint", "region", "kms_key")
        told = [name for name in others if getattr(self, f"s3_{name}")]
        if told and not self.s3_bucket:
            raise ValueError(f"ROTO_S3_{told[0].upper()} says nothing without ROTO_S3_BUCKET")
        if self.s3_kms_key and self.s3_encryption != "aws:kms":
            raise ValueError("ROTO_S3_KMS_KEY needs ROTO_S3_ENCRYPTION=aws:kms")
        if self.s3_bucket and self.s3_abort_days <= self.upload_days:
            raise ValueError(
                "ROTO_S3_ABORT_DAYS must be more than ROTO_UPLOAD_DAYS, or the bucket drops "
                "uploads that may still be resumed"
            )
        return self
