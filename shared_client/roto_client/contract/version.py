"""The product version and the rule which versions talk to each other."""

from __future__ import annotations

PRODUCT_VERSION = "0.2.0"
VERSION_HEADER = "X-Roto-Version"
API_PREFIX = "/api/v1"
REQUEST_ID_HEADER = "X-Request-Id"
"""Of a request and its answer: 1 to 64 of ``A-Za-z0-9._-``, which every log line of it carries."""

ORIGIN_REQUEST_HEADER = "X-Roto-Origin-Request"
"""Of the answer to a claim: the id of the request that the work comes from. A header, so that
workers of other versions need not know it."""

TASK_TOKEN_HEADER = "X-Roto-Task-Token"  # noqa: S105
"""Of the answer to a task's claim: the token the attempt's reports need. Not in the spec, which is
logged and kept."""


def versions_fit(mine: str, theirs: str) -> bool:
    """Whether two product versions may talk: same major, minor at most one apart (N and N-1).

    A version that cannot be read does not fit.
    """
    try:
        my_major, my_minor = (int(part) for part in mine.split(".")[:2])
        their_major, their_minor = (int(part) for part in theirs.split(".")[:2])
    except ValueError:
        return False
    return my_major == their_major and abs(my_minor - their_minor) <= 1
