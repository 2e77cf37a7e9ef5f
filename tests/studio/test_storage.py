"""The storage protocol, on a directory and on a real HTTP object store alike."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from helpers_s3 import BUCKET, CREDENTIALS, Store, running_store

from roto_server import moving
from roto_server.moving import Move
from roto_server.settings.storage import StorageSettings
from roto_server.storage import DirectoryStorage, PiecedFile, Storage
from roto_server.storage.s3 import S3Storage
from roto_shapes.errors import RotoError

MIB = 1 << 20


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with running_store() as running:
        yield running


@pytest.fixture
def s3(store: Store, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> S3Storage:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    prefix = re.sub(r"[^a-z0-9]", "-", request.node.name.lower())
    return S3Storage(
        StorageSettings(s3_bucket=BUCKET, s3_prefix=prefix, s3_endpoint=store.endpoint)
    )


@pytest.fixture(params=["directory", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "directory":
        return DirectoryStorage(tmp_path / "storage")
    made: S3Storage = request.getfixturevalue("s3")
    return made


def put(storage: Storage, key: str, data: bytes) -> None:
    with storage.write(key, len(data), key.rpartition("/")[0]) as part:
        part.write(data)


@pytest.mark.parametrize(
    "key", ["../up", "a/../b", "/a", "a//b", "a/./b", "a\\b", "a/\0", "", "a/"]
)
def test_keys_that_lead_elsewhere(storage: Storage, key: str) -> None:
    for ask in (storage.size, storage.has_folder, storage.listing, storage.remove_folder,
                storage.address, storage.sha256):  # fmt: skip
        with pytest.raises(RotoError) as refused:
            ask(key)
        assert refused.value.code == "path_refused"


def test_what_lies_below_a_folder(storage: Storage) -> None:
    before = time.time() - 5
    put(storage, "p/one/a.bin", b"1")
    put(storage, "p/one/deep/.seeds/b.bin", b"22")
    put(storage, "p/one-more/c.bin", b"333")
    assert storage.listing("p/one") == {"a.bin": 1, "deep/.seeds/b.bin": 2}
    assert storage.folders("p") == ["one", "one-more"]
    assert storage.folders("p/one") == ["deep"]
    assert storage.listing("p/on") == {}
    assert storage.folders("nothing") == []
    assert storage.has_folder("p/one")
    assert not storage.has_folder("p/on")
    assert all(before < file.modified < time.time() + 5 for file in storage.walk("p"))
    storage.remove_folder("p/one")
    storage.remove_folder("p/one")
    assert storage.listing("p") == {"one-more/c.bin": 3}


def test_bytes_of_a_file(storage: Storage) -> None:
    data = bytes(range(256)) * 4000
    put(storage, "p/a.bin", data)
    assert storage.size("p/a.bin") == len(data)
    assert storage.size("p/b.bin") is None
    assert storage.read("p/a.bin") == data
    assert storage.read("p/b.bin") is None
    assert b"".join(storage.stream("p/a.bin", 1000, 2000)) == data[1000:3000]
    assert b"".join(storage.stream("p/a.bin", len(data) - 5)) == data[-5:]
    assert b"".join(storage.stream("p/a.bin", 7, 0)) == b""
    assert storage.sha256("p/a.bin") == hashlib.sha256(data).hexdigest()
    with pytest.raises(RotoError) as gone:
        list(storage.stream("p/b.bin"))
    assert gone.value.code == "not_found"
    with pytest.raises(RotoError), storage.write("p/c.bin", 10, "p") as part:
        part.write(b"less")
    assert storage.size("p/c.bin") is None


def test_moving_a_folder_is_taken_up_again(storage: Storage) -> None:
    put(storage, "p/a/1.bin", b"1")
    put(storage, "p/a/x/2.bin", b"22")
    storage.move_folder("p/a", "q/b")
    storage.move_folder("p/a", "q/b")
    assert storage.listing("q/b") == {"1.bin": 1, "x/2.bin": 2}
    assert not storage.has_folder("p/a")
    put(storage, "p/a/3.bin", b"3")
    with pytest.raises(RotoError) as refused:
        storage.move_folder("p/a", "q/b")
    assert refused.value.code == "conflict"
    storage.move_folder("nothing", "anywhere")


def test_a_second_name(storage: Storage) -> None:
    put(storage, "p/a.bin", b"bytes")
    storage.link("p/a.bin", "q/b.bin")
    storage.remove("p/a.bin")
    storage.remove("p/a.bin")
    assert storage.read("q/b.bin") == b"bytes"
    put(storage, "p/a.bin", b"other")
    with pytest.raises(RotoError):
        storage.link("p/a.bin", "q/b.bin")
    assert storage.read("q/b.bin") == b"bytes"


def test_the_newest_file(storage: Storage) -> None:
    matte = re.compile(r"\d+\.png")
    assert storage.newest("p/hero", matte) is None
    put(storage, "p/hero/1001.png", b"1")
    time.sleep(1.1)  # a store tells whole seconds
    put(storage, "p/hero/1000.png", b"2")
    put(storage, "p/hero/1002.tmp", b"3")
    assert storage.newest("p/hero", matte) == "p/hero/1000.png"


def test_publishing_says_where_it_is(storage: Storage) -> None:
    put(storage, "p/attempts/a/f.bin", b"1")
    for _ in range(2):
        published = storage.publish("p/attempts/a", "p/masks/v001")
        assert storage.listing(published) == {"f.bin": 1}
    assert published == ("p/masks/v001" if storage.is_shared else "p/attempts/a")


def test_pieces_in_any_order(storage: Storage) -> None:
    size = storage.pieces.piece_size(1)
    data = bytes(range(256)) * (size // 256) + b"the rest"
    file = PiecedFile("p/in/clip.mov", len(data), size)
    file = PiecedFile(file.key, file.size, size, storage.pieces.begin(file))
    assert (file.count, file.length(1)) == (2, 8)
    for number in (1, 0, 1):
        with storage.pieces.write(file, number) as part:
            part.write(data[number * size :][:size])
    assert storage.pieces.arrived(file) in (None, frozenset({0, 1}))
    assert storage.size(file.key) is None
    with storage.pieces.closing("p/in"):
        storage.pieces.finish(file)
    assert storage.sha256(file.key) == hashlib.sha256(data).hexdigest()


def test_a_piece_that_is_cut_does_not_count(storage: Storage) -> None:
    file = PiecedFile("p/in/clip.mov", 100, storage.pieces.piece_size(100))
    file = PiecedFile(file.key, file.size, file.piece_size, storage.pieces.begin(file))
    with pytest.raises(RotoError) as cut, storage.pieces.write(file, 0) as part:
        part.write(b"x" * 99)
    assert cut.value.code == "bad_request"
    with pytest.raises(RotoError) as more, storage.pieces.write(file, 0) as part:
        part.write(b"x" * 101)
    assert more.value.code == "too_large"
    assert not storage.pieces.arrived(file)
    storage.pieces.abort(file)
    storage.pieces.abort(file)


def test_who_finishes_waits_for_nobody(tmp_path: Path) -> None:
    """A late writer cannot change a file that is being verified, nor one that was."""
    pieces = DirectoryStorage(tmp_path).pieces
    file = PiecedFile("in/clip.mov", 10, pieces.piece_size(10))
    with pieces.write(file, 0) as part:
        part.write(b"first take")
        with pytest.raises(RotoError) as busy, pieces.closing("in"):
            pass
        assert busy.value.code == "conflict"
    with pieces.closing("in"):
        with pytest.raises(RotoError) as late, pieces.write(file, 0):
            pass
        assert late.value.code == "conflict"
        pieces.finish(file)
    with pieces.write(file, 0) as part:
        part.write(b"too late!!")
    assert (tmp_path / "in/clip.mov").read_bytes() == b"first take"


def test_finished_objects_do_not_change(s3: S3Storage) -> None:
    """An address for a piece opens nothing once the file is finished."""
    file = PiecedFile("p/in/a.bin", 5, s3.pieces.piece_size(5))
    file = PiecedFile(file.key, 5, file.piece_size, s3.pieces.begin(file))
    signed = s3.pieces.sign(file, 0, 60)
    assert signed is not None
    sent = httpx.put(signed.url, content=b"first", headers=signed.headers, timeout=60)
    assert sent.status_code == 200
    s3.pieces.finish(file)
    # S3 says 404 NoSuchUpload, moto 500.
    assert httpx.put(signed.url, content=b"later", headers=signed.headers, timeout=60).is_error
    assert s3.read("p/in/a.bin") == b"first"


def test_addresses_say_how_long_what_and_how_much(s3: S3Storage) -> None:
    """moto believes any signature; what we sign is looked at here."""
    put(s3, "p/a.bin", b"bytes")
    read, write = s3.presign_get("p/a.bin", 60), s3.presign_put("p/b.bin", 5, 90)
    assert read is not None
    assert write is not None
    for signed, seconds in ((read, "60"), (write, "90")):
        asked = parse_qs(urlsplit(signed.url).query)
        assert asked["X-Amz-Expires"] == [seconds]
        assert len(asked["X-Amz-Signature"][0]) == 64
        assert CREDENTIALS["AWS_SECRET_ACCESS_KEY"] not in signed.url
    signed_headers = parse_qs(urlsplit(write.url).query)["X-Amz-SignedHeaders"][0].split(";")
    assert {"content-length", "x-amz-server-side-encryption"} <= set(signed_headers)
    assert write.headers == {"x-amz-server-side-encryption": "AES256"}
    assert httpx.get(read.url, headers=read.headers, timeout=60).content == b"bytes"
    assert (
        httpx.put(write.url, headers=write.headers, content=b"12345", timeout=60).status_code == 200
    )
    assert s3.read("p/b.bin") == b"12345"


def test_everything_written_is_encrypted(s3: S3Storage, store: Store) -> None:
    put(s3, "p/written.bin", b"1")
    s3.link("p/written.bin", "p/linked.bin")
    s3.move_folder("p", "q")
    file = PiecedFile("q/pieces.bin", 1, MIB)
    file = PiecedFile(file.key, 1, MIB, s3.pieces.begin(file))
    with s3.pieces.write(file, 0) as part:
        part.write(b"1")
    s3.pieces.finish(file)
    empty = PiecedFile("q/empty.bin", 0, MIB)
    s3.pieces.finish(empty)
    assert set(s3.listing("q")) == {"written.bin", "linked.bin", "pieces.bin", "empty.bin"}
    for name in s3.listing("q"):
        facts = store.client.head_object(**s3.bucket.place(f"q/{name}"))
        assert facts["ServerSideEncryption"] == "AES256", name


def test_a_store_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    away = S3Storage(StorageSettings(s3_bucket=BUCKET, s3_endpoint="http://127.0.0.1:9"))
    with pytest.raises(RotoError) as refused:
        away.check_writable()
    assert refused.value.code == "storage_failed"


@pytest.mark.parametrize("largest", [1, 5 << 30, 5 << 40])
def test_no_file_has_too_many_pieces(s3: S3Storage, largest: int) -> None:
    file = PiecedFile("x", largest, s3.pieces.piece_size(largest))
    assert file.count <= 10_000
    assert file.piece_size >= 5 * MIB


def test_a_move_whose_draft_lost_a_file_is_not_whole(tmp_path: Path) -> None:
    storage = DirectoryStorage(tmp_path)
    for name in ("masks/a.png", "masks/b.png"):
        path = tmp_path / "projects/p1/s1" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    move = Move("s1", "projects/p1/s1", "projects/p2/s1", "projects/p2/s1.d", (0, None, 0))
    assert not moving.is_copied(storage, move)
    moving.copy(storage, move)
    assert moving.is_copied(storage, move)
    storage.remove("projects/p2/s1.d/masks/b.png")
    assert not moving.is_copied(storage, move)
