"""Pages of this server that people may be sent to after signing in."""

from __future__ import annotations

import re

DASHBOARD_AREAS = (
    "jobs", "review", "shots", "projects", "upload", "farm", "statistics", "people", "audit",
    "settings", "profile",
)  # fmt: skip
"""First parts of the dashboard's addresses."""

# The sign-in page has the same in JavaScript: pages/files/page.js. It goes on from itself where the
# address was too long for a provider's flow.
OWN_PAGE = re.compile(
    r"/(account|sign-in|device(\?code=[A-Za-z0-9-]{1,20})?"
    rf"|({'|'.join(DASHBOARD_AREAS)})(/[A-Za-z0-9_-]{{1,64}}){{0,4}}"
    r"(\?[A-Za-z0-9_.~%&=+,:*-]{0,4000})?)"
)


def is_own_page(path: str) -> bool:
    """Whether people may be sent there after a sign-in."""
    return OWN_PAGE.fullmatch(path) is not None
