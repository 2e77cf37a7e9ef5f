"""Files that come and go over HTTP: the node's cache, transfers that are cut, what is sent when."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from helpers_runtime import task_spec

from roto_client.contract.stored import stored
from roto_shapes.errors import RotoError
from roto_worker.runtime import transfer as transfers
from roto_worker.runtime.config import ConfigError, WorkerConfig, parse_mounts
from roto_worker.runtime.farm_client import FarmClient, ServerUnavailableError, StaleAttemptError
from roto_worker.runtime.heartbeat import StopFlag
from roto_worker.runtime.node_cache import NodeCache, place_of
from roto_worker.runtime.remote import RemoteFiles
from roto_worker.runtime.roots import AllowedRoots, PathRefusedError
from roto_worker.runtime.transfer import AddressExpiredError, Location, Transfer
from roto_worker.runtime.workspace import Going, Remote
from roto_worker.stages.context import TaskStopped

Request = BaseHTTPRequestHandler
TOKEN = "rototask_mine"


class QuietServer(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Whoever asks may hang up."""


class Shelf:
    """An HTTP server of files: cuts, refuses and counts as told."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut_after: list[int] = []
        self.refuse: list[int] = []
        self.asked: list[tuple[str, str, str, str]] = []
        shelf = self

        class Handler(Request):
            def do_GET(self) -> None:
                shelf.get(self)

            def do_PUT(self) -> None:
                shelf.put(self)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._http = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def get(self, request: Request) -> None:
        if self._refused(request):
            return
        data = self.files[request.path.lstrip("/")]
        start = int((request.headers.get("Range") or "bytes=0-")[6:-1])
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(data) - start))
        request.end_headers()
        end = start + self.cut_after.pop(0) if self.cut_after else len(data)
        request.wfile.write(data[start:end])
        request.close_connection = True

    def put(self, request: Request) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        if self._refused(request):
            return
        self.files[request.path.lstrip("/")] = body
        request.send_response(200)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def _refused(self, request: Request) -> bool:
        headers = request.headers
        self.asked.append(
            (request.command, request.path, headers.get("Range", ""),
             headers.get("Authorization", ""))
        )  # fmt: skip
        if not self.refuse:
            return False
        request.send_response(self.refuse.pop(0))
        request.send_header("Content-Length", "0")
        request.end_headers()
        return True


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    monkeypatch.setattr(transfers, "FIRST_PAUSE_SECONDS", 0.01)
    made = Shelf()
    yield made
    made.close()


def never() -> None:
    """Nobody stops it."""


def own(key: str, size: int) -> Location:
    return Location(key, size, f"/{key}")


# -- transfers -------------------------------------------------------------------------------------


def test_a_download_goes_on_where_it_was_cut(shelf: Shelf, tmp_path: Path) -> None:
    data = shelf.files["a/b.bin"] = os.urandom(1_000_000)
    shelf.cut_after = [300_000, 200_000]
    target = tmp_path / "b.bin"
    Transfer(shelf.url, TOKEN, never).fetch(own("a/b.bin", len(data)), target)
    assert target.read_bytes() == data
    assert [asked[2] for asked in shelf.asked] == ["", "bytes=262144-", "bytes=458752-"]


@pytest.mark.parametrize(
    ("status", "error"),
    [(409, StaleAttemptError), (404, RotoError), (403, RotoError)],
)
def test_a_refusal_of_the_server_is_final(
    shelf: Shelf, tmp_path: Path, status: int, error: type[Exception]
) -> None:
    shelf.refuse = [status]
    with pytest.raises(error):
        Transfer(shelf.url, TOKEN, never).fetch(own("a", 1), tmp_path / "a")
    assert len(shelf.asked) == 1


def test_a_server_in_trouble_is_asked_again_and_given_up(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"data")
    shelf.refuse = [503, 500, 429]
    Transfer(shelf.url, TOKEN, never).send(path, own("a", 4))
    assert shelf.files["a"] == b"data"
    shelf.refuse = [503] * transfers.TRIES
    with pytest.raises(ServerUnavailableError):
        Transfer(shelf.url, TOKEN, never).send(path, own("a", 4))


def test_the_token_goes_to_the_server_and_to_nobody_else(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    path = tmp_path / "a"
    path.touch()
    work = Transfer(shelf.url, TOKEN, never)
    work.send(path, own("a", 0))
    work.send(path, Location("b", 0, f"{shelf.url}/b?signed", {"x-amz-a": "1"}))
    assert [asked[3] for asked in shelf.asked] == [f"Bearer {TOKEN}", ""]
    assert shelf.files["b?signed"] == b"", "an empty file is one, too"


def test_an_address_that_ran_out_is_told_apart(shelf: Shelf, tmp_path: Path) -> None:
    shelf.refuse = [403]
    with pytest.raises(AddressExpiredError):
        Transfer(shelf.url, TOKEN, never).fetch(Location("a", 1, f"{shelf.url}/a"), tmp_path / "a")


def test_another_size_than_was_told_is_no_file(shelf: Shelf, tmp_path: Path) -> None:
    shelf.files["a"] = b"longer"
    with pytest.raises(RotoError, match="6 bytes, 3 were told"):
        Transfer(shelf.url, TOKEN, never).fetch(own("a", 3), tmp_path / "a")


def test_a_stop_ends_a_transfer(shelf: Shelf, tmp_path: Path) -> None:
    shelf.files["a"] = bytes(5_000_000)

    def stop() -> None:
        if shelf.asked:
            raise TaskStopped("cancelled")

    with pytest.raises(TaskStopped):
        Transfer(shelf.url, TOKEN, stop).fetch(own("a", 5_000_000), tmp_path / "a")
    assert (tmp_path / "a").stat().st_size < 5_000_000


# -- the cache -------------------------------------------------------------------------------------


def put(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    cache = NodeCache(tmp_path / "cache", 30)
    for number, name in enumerate("abc"):
        cache.make_room(10)
        path = cache.take(f"p/{name}", 10, put(bytes(10)))
        os.utime(path, (number, number))
    changed = cache.path("p/a").stat().st_mtime
    assert cache.find("p/a", 10) is not None  # used now
    assert cache.path("p/a").stat().st_mtime == changed, "what was decoded of it stays good"
    cache.make_room(10)
    assert [cache.find(f"p/{name}", 10) is not None for name in "abc"] == [True, False, True]
    assert cache.size() == (20, 2)
    assert cache.clean() == 20
    assert cache.size() == (0, 0)


def test_another_size_is_another_file(tmp_path: Path) -> None:
    cache = NodeCache(tmp_path / "cache", 100)
    cache.take("p/a", 3, put(b"old"))
    assert cache.find("p/a", 4) is None
    assert cache.take("p/a", 4, put(b"new!")).read_bytes() == b"new!"


def test_files_of_two_servers_are_two(tmp_path: Path) -> None:
    one, other = (NodeCache(tmp_path / "cache", 100, url) for url in ("http://a", "http://b"))
    one.take("p/a", 3, put(b"one"))
    assert other.find("p/a", 3) is None


def test_what_is_in_use_stays_readable(tmp_path: Path) -> None:
    cache = NodeCache(tmp_path / "cache", 10)
    kept = cache.take("p/a", 10, put(b"0123456789"))
    held = tmp_path / "held"
    os.link(kept, held)
    cache.make_room(10)
    assert not kept.exists()
    assert held.read_bytes() == b"0123456789"


def test_cleaning_does_not_disturb_a_fetch(tmp_path: Path) -> None:
    cache = NodeCache(tmp_path / "cache", 100)
    cache.take("p/old/b", 2, put(b"bb"))

    def fetch(path: Path) -> None:
        assert cache.clean() == 2
        path.write_bytes(b"a")

    assert cache.take("p/a", 1, fetch).read_bytes() == b"a"
    assert not cache.path("p/old").exists()


def test_a_fetch_that_fails_leaves_nothing(tmp_path: Path) -> None:
    cache = NodeCache(tmp_path / "cache", 100)

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("cut")

    with pytest.raises(OSError, match="cut"):
        cache.take("p/a", 8, fail)
    assert cache.size() == (0, 0)
    assert [path.name for path in cache.folder.rglob("*") if path.is_file()] == [".lock"]


def test_leavings_of_the_dead_are_removed(tmp_path: Path) -> None:
    cache = NodeCache(tmp_path / "cache", 100)
    kept = cache.take("p/a", 1, put(b"a"))
    old, new = (kept.with_name(f".{name}.part") for name in ("old", "new"))
    old.touch()
    new.touch()
    os.utime(old, (1, 1))
    cache.make_room(1)
    assert (old.exists(), new.exists(), kept.exists()) == (False, True, True)


@pytest.mark.parametrize("key", ["../a", "/etc/passwd", "a//b", "a/../b", "", "a/.", "a\0b"])
def test_a_key_stays_inside(tmp_path: Path, key: str) -> None:
    with pytest.raises(RotoError, match="no key"):
        place_of(tmp_path, key)


# -- an attempt's files ----------------------------------------------------------------------------

HOME = "projects/" + "a" * 32 + "/" + "b" * 32


class Directory(FarmClient):
    """Answers where files are as the server does for a directory, of a shelf's files."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(shelf.url, "rotofarm_x")
        self.shelf = shelf
        self.page = 2
        self.signed = False
        self.bodies: list[dict[str, Any]] = []

    def locate(self, work: str, body: Any, *, token: str = "") -> dict[str, Any]:
        assert token == TOKEN
        self.bodies.append(body)
        for key in body.get("remove", ()):
            self.shelf.files.pop(key, None)
        found = sorted(
            key
            for key in self.shelf.files
            for wanted in body.get("read", ())
            if key > body.get("after", "")
            and (key == wanted or (wanted.endswith("/") and key.startswith(wanted)))
        )
        page = found[: self.page]
        asked = len(self.bodies)
        return {
            "read": [self._at(key, len(self.shelf.files[key]), asked) for key in page],
            "write": [self._at(one["key"], one["size"], asked) for one in body.get("write", ())],
            "next": page[-1] if len(found) > self.page else None,
            "expires_in": 60,
        }

    def _at(self, key: str, size: int, asked: int) -> dict[str, Any]:
        url = f"{self.shelf.url}/{key}#{asked}" if self.signed else f"/{key}"
        return {"key": key, "size": size, "url": url, "headers": {}}


@pytest.fixture
def remote(shelf: Shelf, tmp_path: Path) -> tuple[RemoteFiles, Directory]:
    """A track of frames 2 to 4 of an uploaded plate of five."""
    spec = task_spec(tmp_path, "track", params={
        "objects": [{"id": "c" * 32, "name": "hero", "prompts": [{"frame": 2}]}],
        "frame_range": [2, 4], "engine": "flow", "model": "auto",
    })  # fmt: skip
    spec["output_dir"] = stored(f"{HOME}/attempts/{spec['attempt_id']}")
    spec["log_path"] = stored(f"{HOME}/logs/x.log")
    spec["resume_dirs"] = [stored(f"{HOME}/attempts/earlier")]
    spec["shot"]["plate"] = {
        "kind": "sequence", "path": stored(f"{HOME}/source/v001/p.%04d.png"),
    }  # fmt: skip
    for frame in range(1, 6):
        shelf.files[f"{HOME}/source/v001/p.{frame:04d}.png"] = bytes([frame])
    shelf.files[f"{HOME}/attempts/earlier/.checkpoint/state.npz"] = b"state"
    client = Directory(shelf)
    cache = NodeCache(tmp_path / "cache", 1000)
    transfer = Transfer(shelf.url, TOKEN, never)
    home = tmp_path / "home"
    return RemoteFiles(client, transfer, cache, spec, TOKEN, home, lambda _: None), client


def test_what_the_stage_reads_is_brought_and_no_more(
    remote: tuple[RemoteFiles, Directory], tmp_path: Path
) -> None:
    files, client = remote
    files.make_folders()
    files.bring()
    plate = Path(files.spec["shot"]["plate"]["path"]).parent
    assert sorted(path.name for path in plate.iterdir()) == [
        "p.0002.png", "p.0003.png", "p.0004.png",
    ]  # fmt: skip
    earlier = Path(files.spec["resume_dirs"][0])
    assert (earlier / ".checkpoint/state.npz").read_bytes() == b"state"
    assert Path(files.spec["output_dir"]).is_dir()
    kept = {path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()}
    assert kept == {".lock", "p.0002.png", "p.0003.png", "p.0004.png"}, "no unfinished work is kept"
    before = len(client.shelf.asked)
    again = RemoteFiles(
        client, files._transfer, files._cache, files._stored, TOKEN, tmp_path / "two",
        lambda _: None,
    )  # fmt: skip
    again.make_folders()
    again.bring()
    fetched = [asked[1] for asked in client.shelf.asked[before:]]
    assert fetched == [f"/{HOME}/attempts/earlier/.checkpoint/state.npz"]


def test_a_checkpoint_is_sent_after_its_frames(remote: tuple[RemoteFiles, Directory]) -> None:
    files, client = remote
    files.make_folders()
    output = Path(files.spec["output_dir"])
    key = f"{HOME}/attempts/{files.spec['attempt_id']}"
    (output / ".checkpoint/held/c").mkdir(parents=True)
    (output / "hero").mkdir()
    files.send_checkpoint()
    assert client.shelf.asked == [], "there is none"
    (output / "hero/2.png").write_bytes(b"two")
    (output / ".checkpoint/held/c/4.png").write_bytes(b"held")
    (output / "hero/.3.png.partial").write_bytes(b"half")
    (output / ".checkpoint/state.npz").write_bytes(b"state 1")
    files.send_checkpoint()
    sent = [asked[1] for asked in client.shelf.asked]
    assert sent[-1] == f"/{key}/.checkpoint/state.npz"
    assert sorted(sent[:-1]) == [f"/{key}/.checkpoint/held/c/4.png", f"/{key}/hero/2.png"]
    files.send_checkpoint()
    assert len(client.shelf.asked) == len(sent), "nothing is sent twice"

    time.sleep(0.01)
    (output / "hero/2.png").unlink()
    (output / "hero/2.png").write_bytes(b"TWO")
    (output / ".checkpoint/held/c/4.png").unlink()
    (output / "track.json").write_bytes(b"{}")
    files.send()
    assert {name: data for name, data in client.shelf.files.items() if name.startswith(key)} == {
        f"{key}/.checkpoint/state.npz": b"state 1",
        f"{key}/hero/2.png": b"TWO",
        f"{key}/track.json": b"{}",
    }, "what was for others only is gone, what changed is new"


def test_addresses_that_ran_out_are_asked_for_again(
    remote: tuple[RemoteFiles, Directory],
) -> None:
    files, client = remote
    client.signed = True
    client.shelf.refuse = [403, 400]
    files.make_folders()
    files.bring()
    plate = Path(files.spec["shot"]["plate"]["path"]).parent
    assert len(list(plate.iterdir())) == 3
    refused = {asked[1].removeprefix("/") for asked in client.shelf.asked[:2]}
    again = [body["read"] for body in client.bodies if not body["read"][0].endswith("/")]
    assert {key for keys in again for key in keys} <= refused | set(client.shelf.files)
    assert again, "the same files, by other addresses"
    assert all(asked[3] == "" for asked in client.shelf.asked), "and no token to the store"

    output = Path(files.spec["output_dir"])
    (output / "shapes.json").write_bytes(b"{}")
    client.shelf.refuse = [403]
    files.send()
    key = f"{HOME}/attempts/{files.spec['attempt_id']}/shapes.json"
    assert client.shelf.files[key] == b"{}"
    client.shelf.refuse = [403] * 20
    (output / "other.json").write_bytes(b"{}")
    with pytest.raises(AddressExpiredError):
        files.send()


@pytest.mark.parametrize(
    ("reason", "stale", "left", "told"),
    [
        ("", False, True, True),  # it failed
        ("drain", False, True, True),
        ("cancelled", False, False, True),
        ("lost", True, False, False),
    ],
)
def test_what_an_attempt_leaves_that_did_not_finish(
    remote: tuple[RemoteFiles, Directory], reason: str, stale: bool, left: bool, told: bool
) -> None:
    files, client = remote
    stop = StopFlag()
    going = Going(stop)
    files._transfer._check = going.check
    workspace = Remote(files, AllowedRoots(None), going, 1000.0)
    workspace.bring()
    output = Path(files.spec["output_dir"])
    (output / ".checkpoint").mkdir()
    (output / ".checkpoint/state.npz").write_bytes(b"state 2")
    Path(files.spec["log_path"]).write_text("{}\n")
    if reason:
        stop.stop(reason, stale=stale)
        with pytest.raises(TaskStopped):
            workspace.send()
    workspace.close()
    key = f"{HOME}/attempts/{files.spec['attempt_id']}/.checkpoint/state.npz"
    assert (key in client.shelf.files) is left
    assert (f"{HOME}/logs/x.log" in client.shelf.files) is told


def test_the_log_is_sent(remote: tuple[RemoteFiles, Directory]) -> None:
    files, client = remote
    files.make_folders()
    files.send_log()
    Path(files.spec["log_path"]).write_text("{}\n")
    files.send_log()
    assert client.shelf.files[f"{HOME}/logs/x.log"] == b"{}\n"


def test_what_is_too_large_for_the_cache_is_not_kept(
    remote: tuple[RemoteFiles, Directory], tmp_path: Path
) -> None:
    files, client = remote
    client.shelf.files[f"{HOME}/source/v001/p.0003.png"] = bytes(2000)
    files.make_folders()
    files.bring()
    plate = Path(files.spec["shot"]["plate"]["path"]).parent
    assert (plate / "p.0003.png").stat().st_size == 2000
    assert files._cache.size() == (2, 2)


# -- where a node may go ---------------------------------------------------------------------------


def test_a_plate_of_another_project_is_refused(tmp_path: Path) -> None:
    storage = tmp_path / "storage/projects"
    theirs = storage / "them/shot/source/plate.mov"
    ours = storage / "us/shot/source/plate.mov"
    for path in (theirs, ours):
        path.parent.mkdir(parents=True)
        path.touch()
    spec = task_spec(tmp_path)
    spec["output_dir"] = str(storage / "us/shot/attempts" / spec["attempt_id"])
    for roots in (AllowedRoots(None), AllowedRoots([tmp_path])):
        spec["shot"]["plate"]["path"] = str(ours)
        roots.check_task(spec)
        spec["shot"]["plate"]["path"] = str(theirs)
        with pytest.raises(PathRefusedError, match="another project"):
            roots.check_task(spec)
        link = ours.with_name("link.mov")
        link.unlink(missing_ok=True)
        link.symlink_to(theirs)
        spec["shot"]["plate"]["path"] = str(link)
        with pytest.raises(PathRefusedError, match="another project"):
            roots.check_task(spec)


def test_nothing_is_published_into_the_storage(tmp_path: Path) -> None:
    """The server took the folder when it was one; what it is now, a link says."""
    storage, folder = tmp_path / "storage/projects", tmp_path / "delivery"
    theirs = storage / "them/uploads/one"
    theirs.mkdir(parents=True)
    folder.mkdir()
    spec = task_spec(tmp_path, kind="publish", params={"folder": str(folder), "files": []})
    spec["output_dir"] = str(storage / "us/shot/attempts" / spec["attempt_id"])
    for roots in (AllowedRoots(None), AllowedRoots([tmp_path])):
        roots.check_task(spec)
    folder.rmdir()
    folder.symlink_to(theirs)
    for roots in (AllowedRoots(None), AllowedRoots([tmp_path])):
        with pytest.raises(PathRefusedError, match="own storage"):
            roots.check_task(spec)


def test_what_the_storage_has_is_no_path_of_the_node() -> None:
    """A process that died had a log on the server: its successor does not write it here."""
    assert AllowedRoots(None).log_path({"log_path": "storage:projects/x.log"}) is None


def test_mounts_are_written_by_name() -> None:
    assert parse_mounts("shows=/Volumes/shows; scans = /data ;") == {
        "shows": "/Volumes/shows", "scans": "/data",
    }  # fmt: skip
    for wrong in ("shows", "shows=data", "=/data", "a=/x;a=/y"):
        with pytest.raises(ConfigError, match="NAME=FOLDER"):
            parse_mounts(wrong)


def test_a_storage_is_shared_or_remote() -> None:
    given: dict[str, Any] = {"server": "http://s", "redis": "redis://r"}
    assert WorkerConfig.from_json(WorkerConfig(**given, storage="remote").to_json()).storage == (
        "remote"
    )
    with pytest.raises(ConfigError, match="shared or remote"):
        WorkerConfig(**given, storage="s3")
