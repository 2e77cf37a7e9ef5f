"""One small generated clip for the whole suite."""

from __future__ import annotations

import pytest

from roto_worker.synthetic.clip import Clip, generate_clip


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return generate_clip(tmp_path_factory.mktemp("clip"), 320, 180, 14)
