"""Property tests draw the same examples in every run, so that a red run means a changed program.

``HYPOTHESIS_PROFILE=explore`` (make test-long) draws new ones.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
