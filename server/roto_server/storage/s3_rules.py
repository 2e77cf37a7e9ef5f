"""What the bucket itself is told: rules of its own for what is left over, and pages that may send.

The rules only touch what nothing of ours can point to: pieces of uploads that were given up, and
versions that were overwritten or removed. Results stay in the folders of their attempts, so no rule
by age may ever be made for those; what is left of failed attempts the server removes, and
``roto admin orphans`` finds the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from roto_shapes.errors import RotoError

from .s3_client import Bucket, s3_errors

RULE = "megaton-roto-leftovers"
_PROBE = "roto-check"
_NONE = frozenset(
    {"NoSuchLifecycleConfiguration", "NoSuchCORSConfiguration",
     "NoSuchPublicAccessBlockConfiguration", "NoSuchPublicAccessBlock"}
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing the bucket was looked at for; ``told`` says what is, and what to do if it is not
    ``good``."""

    name: str
    good: bool
    told: str


def lifecycle_rule(bucket: Bucket) -> dict[str, Any]:
    """The bucket's rule for what we leave over, as S3 takes it."""
    settings = bucket.settings
    prefix = f"{settings.s3_prefix}/" if settings.s3_prefix else ""
    return {
        "ID": RULE,
        "Status": "Enabled",
        "Filter": {"Prefix": prefix},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": settings.s3_abort_days},
        "NoncurrentVersionExpiration": {"NoncurrentDays": settings.s3_old_version_days},
    }


def cors_rule(origins: Sequence[str]) -> dict[str, Any]:
    """Pages of these origins may send pieces and read results."""
    return {
        "ID": RULE,
        "AllowedOrigins": list(origins),
        "AllowedMethods": ["PUT", "GET", "HEAD"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 3600,
    }


def set_up(bucket: Bucket, origins: Sequence[str]) -> None:
    """Write both rules; the bucket's other rules stay as they are. Repeatable.

    Raises:
        RotoError: ``storage_failed``.
    """
    rules = [*_others(_lifecycle(bucket)), lifecycle_rule(bucket)]
    cors = [*_others(_cors(bucket)), cors_rule(origins)]
    with s3_errors("the bucket's rules"):
        bucket.client.put_bucket_lifecycle_configuration(
            Bucket=bucket.name, LifecycleConfiguration={"Rules": rules}
        )
        bucket.client.put_bucket_cors(Bucket=bucket.name, CORSConfiguration={"CORSRules": cors})


def look(bucket: Bucket, origins: Sequence[str]) -> list[Finding]:
    """Whether the bucket is as `set_up` leaves it, can be used, and is closed to the public."""
    findings = [_asked("writing", bucket, _writing)]
    if not findings[0].good:
        return findings
    ours = [rule for rule in _lifecycle(bucket) if rule.get("ID") == RULE]
    cors = [rule for rule in _cors(bucket) if rule.get("ID") == RULE]
    fits = bool(ours) and all(ours[0].get(k) == v for k, v in lifecycle_rule(bucket).items())
    allowed = set(cors[0]["AllowedOrigins"]) if cors else set()
    advice = "Run `roto admin s3 setup`."
    return [
        *findings,
        Finding("lifecycle", fits, "The rule for leftovers is there." if fits else advice),
        Finding(
            "pages",
            allowed >= set(origins),
            "Pages may send to it." if allowed >= set(origins) else advice,
        ),
        _asked("public access", bucket, _closed),
    ]


def _asked(name: str, bucket: Bucket, ask: Any) -> Finding:
    try:
        return ask(bucket)  # type: ignore[no-any-return]
    except RotoError as error:
        return Finding(name, False, f"{error.message} {error.hint}")


def _writing(bucket: Bucket) -> Finding:
    place = bucket.place(_PROBE)
    with s3_errors("the bucket"):
        answer = bucket.client.put_object(**place, Body=b"roto", **bucket.encryption)
        bucket.client.delete_object(**place)
    wanted, got = bucket.settings.s3_encryption, answer.get("ServerSideEncryption", "none")
    good = wanted in (got, "none")
    told = f"Objects are encrypted: {got}." if good else f"Asked for {wanted}, it says {got}."
    return Finding("writing", good, told)


def _closed(bucket: Bucket) -> Finding:
    found = _or_none(
        lambda: bucket.client.get_public_access_block(Bucket=bucket.name)[
            "PublicAccessBlockConfiguration"
        ]
    )
    good = bool(found) and all(found.values())
    told = "Public access is blocked." if good else "Block public access for the bucket."
    return Finding("public access", good, told)


def _others(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [rule for rule in rules if rule.get("ID") != RULE]


def _lifecycle(bucket: Bucket) -> list[dict[str, Any]]:
    found = _or_none(
        lambda: bucket.client.get_bucket_lifecycle_configuration(Bucket=bucket.name)["Rules"]
    )
    return list(found or ())


def _cors(bucket: Bucket) -> list[dict[str, Any]]:
    found = _or_none(lambda: bucket.client.get_bucket_cors(Bucket=bucket.name)["CORSRules"])
    return list(found or ())


def _or_none(ask: Any) -> Any:
    """What the bucket says; None when it has no such thing."""
    with s3_errors("the bucket's rules"):
        try:
            return ask()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _NONE:
                return None
            raise
