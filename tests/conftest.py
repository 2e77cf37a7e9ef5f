"""What holds for every test: examples that stay, and logging that no test leaves changed.

Property tests draw the same examples in every run, so that a red run means a changed program.
``HYPOTHESIS_PROFILE=explore`` (make test-long) draws new ones.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=500)
_PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "steady")
settings.load_profile(_PROFILE)

# Hypothesis also draws the numbers and words that stand in our modules, of those which happen to be
# imported by then: another choice of tests, or another order, drew other examples of the same test.
# Hypothesis has no setting for that; its version is pinned.
assert hasattr(providers, "_get_local_constants"), "hypothesis finds our constants by another way"
if _PROFILE == "steady":
    providers._get_local_constants = lambda: providers._local_constants


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A command that a test calls configures its whole process; the next test starts as before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    # Blender's own Python has no structlog.
    structlog = sys.modules.get("structlog")
    configured = structlog.get_config() if structlog and structlog.is_configured() else None
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog = sys.modules.get("structlog")
    if structlog is None:
        return
    if configured is not None:
        structlog.configure(**configured)
    else:
        structlog.reset_defaults()
