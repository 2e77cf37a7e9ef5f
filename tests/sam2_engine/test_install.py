from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from roto_worker.engines.sam2.install import InstallError, check_sums, is_installed

pytestmark = pytest.mark.sam2


def wheelhouse(folder: Path) -> Path:
    wheel = folder / "sam2-1.1.0-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    digest = hashlib.sha256(b"wheel").hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  {wheel.name}\n")
    return wheel


def test_an_intact_wheelhouse_passes(tmp_path: Path) -> None:
    wheelhouse(tmp_path)
    check_sums(tmp_path)


def test_changed_added_or_unlisted_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="SHA256SUMS"):
        check_sums(tmp_path)
    wheel = wheelhouse(tmp_path)
    stranger = tmp_path / "stranger-1-py3-none-any.whl"
    stranger.write_bytes(b"x")
    with pytest.raises(InstallError, match="stranger"):
        check_sums(tmp_path)
    stranger.unlink()
    wheel.write_bytes(b"changed")
    with pytest.raises(InstallError, match="sam2"):
        check_sums(tmp_path)


def test_this_environment_has_the_pinned_versions() -> None:
    assert is_installed()
