"""The product version and the rule which versions talk to each other."""

from __future__ import annotations

PRODUCT_VERSION = "0.1.0"
VERSION_HEADER = "X-Roto-Version"
API_PREFIX = "/api/v1"


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
