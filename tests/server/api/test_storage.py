"""Storage in a directory: keys stay inside, writes are whole or not there."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from roto_server.storage import DirectoryStorage
from roto_shapes.errors import RotoError


@pytest.fixture
def storage(tmp_path: Path) -> DirectoryStorage:
    return DirectoryStorage(tmp_path / "storage")


def write(storage: DirectoryStorage, key: str, data: bytes) -> None:
    with storage.append(key, 0, len(data)) as part:
        part.write(data)


@pytest.mark.parametrize(
    "key", ["../x", "a/../../x", "/etc/passwd", "a//b", "", ".", "a/./b", "a\\b", "a\0b", "a/"]
)
def test_keys_that_lead_elsewhere(storage: DirectoryStorage, key: str) -> None:
    for use in (storage.locate, storage.size, storage.remove, storage.sha256, storage.has_folder):
        with pytest.raises(RotoError) as caught:
            use(key)
        assert caught.value.code == "path_refused"


def test_a_file_is_found_where_it_was_put(storage: DirectoryStorage) -> None:
    write(storage, "a/b.bin", b"bytes")
    assert storage.locate("a/b.bin").read_bytes() == b"bytes"
    assert storage.size("a/b.bin") == 5
    assert storage.sha256("a/b.bin") == hashlib.sha256(b"bytes").hexdigest()
    for absent in ("a", "a/c.bin"):
        with pytest.raises(RotoError) as caught:
            storage.locate(absent)
        assert caught.value.code == "not_found"


def test_links_within_are_followed_and_links_out_refused(
    storage: DirectoryStorage, tmp_path: Path
) -> None:
    write(storage, "v001/x", b"1")
    (storage.root / "latest").symlink_to(storage.root / "v001")
    assert storage.locate("latest/x").read_bytes() == b"1"
    (storage.root / "out").symlink_to(tmp_path)
    (tmp_path / "secret").write_text("s")
    with pytest.raises(RotoError) as caught:
        storage.locate("out/secret")
    assert caught.value.code == "path_refused"


def test_a_root_that_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "mount").symlink_to(tmp_path / "disk")
    storage = DirectoryStorage(tmp_path / "mount")
    write(storage, "x", b"1")
    assert storage.locate("x").read_bytes() == b"1"


def test_publishing_twice_is_harmless_and_never_replaces(storage: DirectoryStorage) -> None:
    write(storage, "new/x", b"1")
    storage.publish("new", "done/v001")
    storage.publish("new", "done/v001")
    assert storage.locate("done/v001/x").read_bytes() == b"1"
    write(storage, "other/x", b"2")
    with pytest.raises(RotoError):
        storage.publish("other", "done/v001")
    assert storage.locate("done/v001/x").read_bytes() == b"1"
    with pytest.raises(RotoError) as caught:
        storage.publish("never", "done/v002")
    assert caught.value.code == "storage_failed"


def test_links_never_overwrite(storage: DirectoryStorage) -> None:
    write(storage, "a", b"1")
    write(storage, "b", b"2")
    with pytest.raises(RotoError) as caught:
        storage.link("a", "b")
    assert caught.value.code == "storage_failed"
    assert storage.locate("b").read_bytes() == b"2"


def test_without_hard_links_files_are_copied(
    storage: DirectoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    write(storage, "a", b"1")
    storage.link("a", "c/b")
    assert storage.locate("c/b").read_bytes() == b"1"


def test_removing_a_folder_that_is_not_there(storage: DirectoryStorage) -> None:
    write(storage, "f/g/x", b"1")
    storage.remove_folder("f")
    storage.remove_folder("f")
    storage.remove("f/g/x")
    assert not storage.has_folder("f")


def test_a_write_that_stops_half_way_leaves_nothing_of_its_piece(tmp_path: Path) -> None:
    """The kernel takes 1000 bytes of 1500 and refuses the rest, as a disk that fills up does."""
    code = """
import resource, sys
from pathlib import Path
from roto_server.storage import DirectoryStorage
from roto_shapes.errors import RotoError
storage = DirectoryStorage(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    with storage.append("x", 0, 5000) as part:
        part.write(b"a" * 400)
        part.write(b"b" * 1500)
except RotoError as error:
    sys.exit(f"{error.code} {storage.size('x')}")
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.stderr.strip() == "storage_failed 400"
