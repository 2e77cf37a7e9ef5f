from __future__ import annotations

from collections.abc import Iterator

import pytest

torch = pytest.importorskip("torch", reason="sam2 is not installed: make setup")
pytest.importorskip("sam2", reason="sam2 is not installed: make setup")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Bit equality holds for one number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
