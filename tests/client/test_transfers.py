"""Uploads and downloads that are cut, damaged, interrupted and taken up again."""

from __future__ import annotations

import errno
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from helpers_client import QUICK, TOKEN, FakeServer, Handler, answering, cut, matching

from roto_client.api import Output, Progress, RotoClient, Uploader, UploadNotes
from roto_client.api.download import download_file, safe_relative
from roto_client.api.errors import ConflictError, ServerUnavailableError, TransferError

PROJECT = "a" * 32


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = []
    for number, size in enumerate((250_000, 0, 120_001)):
        path = tmp_path / f"p.{number}.exr"
        path.write_bytes(bytes((number + i * 7) % 251 for i in range(size)))
        paths.append(path)
    return paths


def uploader(client: RotoClient, tmp_path: Path, **options: Any) -> Uploader:
    notes = UploadNotes(tmp_path / "notes")
    return Uploader(client.transport, notes=notes, patience=QUICK, piece=100_000, **options)


def received(server: FakeServer, upload_id: str) -> list[bytes]:
    return [bytes(v) for (upload, _), v in server.received.items() if upload == upload_id]


def patches(server: FakeServer) -> int:
    return sum(method == "PATCH" for method, _ in server.requests)


def take_in(handler: Handler, count: int) -> None:
    """Keep ``count`` bytes of the piece a PATCH brings: /api/v1/uploads/ID/files/INDEX."""
    *_, upload_id, _, index = handler.path.split("/")
    have = handler.server.received[upload_id, int(index)]
    have += handler.rfile.read(min(count, int(handler.headers["Content-Length"])))
    handler.server.uploads[upload_id]["files"][int(index)]["offset"] = len(have)


def cut_in_the_middle(handler: Handler) -> None:
    """Take in 40 000 bytes of the piece, then break the connection."""
    take_in(handler, 40_000)
    cut(handler)


def answer_lost(handler: Handler) -> None:
    """Take in the whole piece, but let the answer get lost."""
    take_in(handler, int(handler.headers["Content-Length"]))
    cut(handler)


def test_upload_of_several_files(
    client: RotoClient, server: FakeServer, files: list[Path], tmp_path: Path
) -> None:
    told: list[Progress] = []
    sender = uploader(client, tmp_path, watcher=told.append)
    upload = sender.send(PROJECT, sender.look_at(files))
    assert upload.state == "complete"
    assert received(server, upload.id) == [path.read_bytes() for path in files]
    assert [p.stage for p in told] == ["hashing"] * 3 + ["uploading"] * 5
    done = [p.done for p in told if p.stage == "uploading"]
    assert done == sorted(done)
    assert (told[-1].done, told[-1].total, told[-1].fraction) == (370_001, 370_001, 1.0)


@pytest.mark.parametrize("fault", [cut, cut_in_the_middle, answer_lost])
def test_upload_goes_on_after_a_cut_connection(
    client: RotoClient, server: FakeServer, files: list[Path], tmp_path: Path, fault: Any
) -> None:
    server.faults += [matching("PATCH", "files/0", fault), matching("PATCH", "files/2", fault)]
    sender = uploader(client, tmp_path)
    upload = sender.send(PROJECT, sender.look_at(files))
    assert received(server, upload.id) == [path.read_bytes() for path in files]
    assert len(server.uploads) == 1


def test_upload_goes_on_in_a_new_process(
    client: RotoClient, server: FakeServer, files: list[Path], tmp_path: Path
) -> None:
    gone: list[Any] = [matching("PATCH", "files/2", cut) for _ in range(QUICK.tries)]
    server.faults += gone
    sender = uploader(client, tmp_path)
    with pytest.raises(ServerUnavailableError):
        sender.send(PROJECT, sender.look_at(files))
    before = patches(server)

    fresh = uploader(RotoClient(server.url, TOKEN, retry=QUICK), tmp_path)
    upload = fresh.send(PROJECT, fresh.look_at(files))
    assert patches(server) - before == 2  # the two pieces of the last file, none of the first
    assert received(server, upload.id) == [path.read_bytes() for path in files]
    assert len(server.uploads) == 1


def test_a_finished_upload_is_not_sent_again_and_a_vanished_one_is(
    client: RotoClient, server: FakeServer, files: list[Path], tmp_path: Path
) -> None:
    sender = uploader(client, tmp_path)
    looked = sender.look_at(files)
    first = sender.send(PROJECT, looked)
    before = patches(server)
    assert sender.send(PROJECT, looked).id == first.id
    assert patches(server) == before
    server.uploads.clear()
    again = sender.send(PROJECT, looked)
    assert again.id != first.id
    assert again.state == "complete"


def test_damaged_bytes_are_sent_once_more(
    client: RotoClient, server: FakeServer, files: list[Path], tmp_path: Path
) -> None:
    def damaging(handler: Handler) -> bool:
        if not handler.path.endswith("/complete"):
            return False
        upload_id = handler.path.split("/")[4]
        server.received[upload_id, 0][5] ^= 0xFF
        server.faults.remove(damaging)
        return False

    server.faults.append(damaging)
    sender = uploader(client, tmp_path)
    upload = sender.send(PROJECT, sender.look_at(files))
    assert received(server, upload.id) == [path.read_bytes() for path in files]


def test_a_file_that_changes_meanwhile_is_not_sent_as_if_nothing_happened(
    client: RotoClient, files: list[Path], tmp_path: Path
) -> None:
    sender = uploader(client, tmp_path)
    looked = sender.look_at(files)
    files[2].write_bytes(b"rendered again")
    with pytest.raises(TransferError, match=r"p\.2\.exr changed"):
        sender.send(PROJECT, looked)


def test_unreadable_notes_only_cost_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    notes = UploadNotes(tmp_path)
    notes.put("k", upload_id="1")
    notes.put("k", shot_id="2")
    assert notes.get("k") == {"upload_id": "1", "shot_id": "2"}
    (tmp_path / "k.json").write_text("{half")
    assert notes.get("k") == {}
    notes.forget("k")
    notes.forget("k")
    (tmp_path / "file").touch()
    UploadNotes(tmp_path / "file").put("k", upload_id="1")
    assert "could not be noted" in caplog.text


# -- downloads

CONTENT = bytes(range(256)) * 4000


def make_output(server: FakeServer, name: str = "mattes/hero.1001.exr") -> tuple[str, Output]:
    job_id = server.add_job("0" * 32)["id"]
    return job_id, Output.from_json(server.add_output(job_id, name, CONTENT))


def short_body(handler: Handler) -> None:
    """Promise everything, send a part, break."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CONTENT)))
    handler.send_header("X-Roto-Version", handler.server.version)
    handler.end_headers()
    handler.wfile.write(CONTENT[:300_000])
    handler.wfile.flush()
    cut(handler)


def test_download_all_and_not_twice(client: RotoClient, server: FakeServer, tmp_path: Path) -> None:
    job_id = server.add_job("0" * 32)["id"]
    for frame in range(1001, 1008):
        server.add_output(job_id, f"mattes/hero.{frame}.exr", b"x" * frame, frame=frame)
    server.add_output(job_id, "shapes/s.nk", b"Roto {}", role="shapes")
    server.add_output(job_id, "empty.txt", b"")
    counted: list[int] = []
    paths = client.download_all(job_id, tmp_path / "out", progress=counted.append)
    assert len(paths) == 9
    assert (tmp_path / "out/mattes/hero.1003.exr").read_bytes() == b"x" * 1003
    assert (tmp_path / "out/empty.txt").read_bytes() == b""
    assert sum(counted) == sum(path.stat().st_size for path in paths)
    before = len(server.requests)
    client.download_all(job_id, tmp_path / "out", wanted=lambda o: o.role == "shapes")
    client.download_all(job_id, tmp_path / "out")
    fetched = [path for _, path in server.requests[before:] if "outputs/" in path]
    assert fetched == []
    assert not list((tmp_path / "out").rglob(".*"))


def test_another_jobs_results_are_not_replaced(
    client: RotoClient, server: FakeServer, tmp_path: Path
) -> None:
    one, two = (server.add_job("0" * 32)["id"] for _ in range(2))
    for job_id, content in ((one, b"first"), (two, b"second")):
        server.add_output(job_id, "mattes/hero_v001.1001.exr", content)
        server.add_output(job_id, "overlay.mp4", content, role="overlay")
    client.download_all(one, tmp_path)
    with pytest.raises(ConflictError, match=r"hero_v001\.1001\.exr is there already"):
        client.download_all(two, tmp_path)
    assert (tmp_path / "overlay.mp4").read_bytes() == b"first"
    (tmp_path / "mattes/hero_v001.1001.exr").unlink()
    client.download_all(two, tmp_path)
    assert (tmp_path / "overlay.mp4").read_bytes() == b"second"


def test_download_resumes_after_a_cut(
    client: RotoClient, server: FakeServer, tmp_path: Path
) -> None:
    job_id, output = make_output(server)
    server.faults.append(matching("GET", "outputs/", short_body))
    ranges: list[str | None] = []

    def note_range(handler: Handler) -> bool:
        ranges.append(handler.headers.get("Range"))
        return False

    server.faults.append(note_range)
    counted: list[int] = []
    target = client.download(job_id, output, tmp_path / "a.exr", counted.append)
    assert target.read_bytes() == CONTENT
    assert ranges == ["bytes=262144-"]  # whole pieces of 64 KiB are kept
    assert sum(counted) == len(CONTENT)


def test_download_resumes_from_what_an_earlier_process_left(
    client: RotoClient, server: FakeServer, tmp_path: Path
) -> None:
    job_id, output = make_output(server)
    (tmp_path / ".a.exr.part").write_bytes(CONTENT[:1000])
    assert client.download(job_id, output, tmp_path / "a.exr").read_bytes() == CONTENT
    assert not (tmp_path / ".a.exr.part").exists()


def test_two_fetches_of_one_result_do_not_meet(
    client: RotoClient, server: FakeServer, tmp_path: Path
) -> None:
    """A second press, or a second host, while the first is in the midst of it."""
    job_id, output = make_output(server)
    target = tmp_path / "a.exr"
    half, go_on = threading.Event(), threading.Event()

    def slowly(handler: Handler) -> bool:
        if "outputs/" not in handler.path or half.is_set():
            return False
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.send_header("X-Roto-Version", handler.server.version)
        handler.end_headers()
        handler.wfile.write(CONTENT[:500_000])
        handler.wfile.flush()
        half.set()
        go_on.wait(60)
        handler.wfile.write(CONTENT[500_000:])
        return True

    server.faults.append(slowly)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(client.download, job_id, output, target)
        assert half.wait(20)
        part = tmp_path / ".a.exr.part"
        deadline = time.monotonic() + 20
        while not part.exists() or part.stat().st_size < 1 << 18:
            assert time.monotonic() < deadline, "the first half is not written"
            time.sleep(0.01)
        try:
            assert client.download(job_id, output, target).read_bytes() == CONTENT
        finally:
            target.unlink(missing_ok=True)
            go_on.set()
        assert first.result(60).read_bytes() == CONTENT
    assert [path.name for path in tmp_path.glob("*a.exr*")] == ["a.exr"]
    assert len([path for _, path in server.requests if "outputs/" in path]) == 2


@pytest.mark.parametrize(
    "code", [errno.ENOLCK, errno.EAGAIN], ids=["no locks here", "held elsewhere"]
)
def test_without_the_lock_a_fetch_leaves_nothing(
    client: RotoClient,
    server: FakeServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
) -> None:
    def refused(*_: object) -> None:
        raise OSError(code, "refused")

    monkeypatch.setattr("fcntl.flock", refused)
    job_id, output = make_output(server)
    (tmp_path / ".a.exr.part").write_bytes(b"another's")
    server.faults += [matching("GET", "outputs/", answering(200, body=b"")) for _ in range(4)]
    with pytest.raises(Exception, match="no bytes"):
        client.download(job_id, output, tmp_path / "a.exr")
    assert client.download(job_id, output, tmp_path / "a.exr").read_bytes() == CONTENT
    assert (tmp_path / ".a.exr.part").read_bytes() == b"another's"
    of_another = {".a.exr.part"} | ({".a.exr.part.lock"} if code == errno.EAGAIN else set())
    assert {path.name for path in tmp_path.glob("*a.exr*")} == {"a.exr"} | of_another


def test_what_a_killed_fetch_left_is_taken_up(
    client: RotoClient, server: FakeServer, tmp_path: Path
) -> None:
    """Its lock lies there too, and nobody holds it."""
    job_id, output = make_output(server)
    (tmp_path / ".a.exr.part").write_bytes(CONTENT[:1000])
    (tmp_path / ".a.exr.part.lock").touch()
    ranges: list[str | None] = []

    def note_range(handler: Handler) -> bool:
        if "outputs/" in handler.path:
            ranges.append(handler.headers.get("Range"))
        return False

    server.faults.append(note_range)
    assert client.download(job_id, output, tmp_path / "a.exr").read_bytes() == CONTENT
    assert ranges == ["bytes=1000-"]
    assert [path.name for path in tmp_path.glob("*a.exr*")] == ["a.exr"]


@pytest.mark.parametrize(
    "left",
    [b"x" * 1000, b"x" * len(CONTENT), b"x" * (len(CONTENT) + 9)],
    ids=["a wrong start", "wrong bytes of the right number", "too many"],
)
def test_what_was_left_is_not_trusted(
    client: RotoClient, server: FakeServer, tmp_path: Path, left: bytes
) -> None:
    job_id, output = make_output(server)
    (tmp_path / ".a.exr.part").write_bytes(left)
    assert client.download(job_id, output, tmp_path / "a.exr").read_bytes() == CONTENT


def test_a_server_that_ignores_range_is_believed(
    client: RotoClient, server: FakeServer, tmp_path: Path
) -> None:
    job_id, output = make_output(server)
    (tmp_path / ".a.exr.part").write_bytes(CONTENT[:1000])
    server.faults.append(matching("GET", "outputs/", answering(200, body=CONTENT)))
    assert client.download(job_id, output, tmp_path / "a.exr").read_bytes() == CONTENT


def test_damaged_bytes_never_take_the_name(
    client: RotoClient, server: FakeServer, tmp_path: Path
) -> None:
    job_id, output = make_output(server)
    wrong = answering(200, body=CONTENT[:-1] + b"!")
    server.faults += [matching("GET", "outputs/", wrong) for _ in range(2)]
    (tmp_path / "a.exr").write_bytes(b"the version before")
    with pytest.raises(TransferError, match="SHA-256"):
        client.download(job_id, output, tmp_path / "a.exr")
    assert [path.name for path in tmp_path.glob("*a.exr*")] == ["a.exr"]
    assert (tmp_path / "a.exr").read_bytes() == b"the version before"


def test_one_damaged_transfer_is_made_good(
    client: RotoClient, server: FakeServer, tmp_path: Path
) -> None:
    job_id, output = make_output(server)
    wrong = answering(200, body=CONTENT[:-1] + b"!")
    server.faults.append(matching("GET", "outputs/", wrong))
    counted: list[int] = []
    target = download_file(client.transport, job_id, output, tmp_path / "a", counted.append)
    assert target.read_bytes() == CONTENT
    assert sum(counted) == len(CONTENT)


def test_a_server_that_sends_nothing_is_given_up(
    client: RotoClient, server: FakeServer, tmp_path: Path
) -> None:
    job_id, output = make_output(server)
    server.faults += [matching("GET", "outputs/", answering(200, body=b"")) for _ in range(9)]
    with pytest.raises(Exception, match="no bytes"):
        client.download(job_id, output, tmp_path / "a.exr")


@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "a/../../b", "C:/x", "a\\b", "", "x\0y"])
def test_names_that_leave_the_folder(name: str) -> None:
    with pytest.raises(TransferError, match="outside"):
        safe_relative(name)
