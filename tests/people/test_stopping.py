"""A server that is told to stop: it says so, finishes what runs, closes sockets so that clients
come back elsewhere, keeps what has arrived, and ends with 0 in bounded time. Real processes."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from helpers_people import ROTO, START_SECONDS, House, Process, running_house
from helpers_several import SEGMENT, Listener, wait_for

SERVICE_RESTART = 1012
END_SECONDS = 90


@pytest.fixture
def own_house(empty_database: str, tmp_path: Path) -> Iterator[House]:
    """One server that stays red for 15 s before it stops, with previews that wait for 25 s."""
    settings = {"ROTO_DRAIN_SECONDS": "15", "ROTO_PREVIEW_WAIT_SECONDS": "25"}
    with running_house(tmp_path / "house", empty_database, **settings) as house:
        yield house


def readiness(process: Process) -> tuple[int, dict[str, object]]:
    answer = httpx.get(process.url + "/readyz", timeout=60)
    return answer.status_code, answer.json()["checks"]


def test_it_turns_red_while_it_still_serves_then_ends_with_0(own_house: House) -> None:
    process = own_house.processes[0]
    project = own_house.project()
    shot = own_house.shot(project, own_house.admin)
    listener = Listener(own_house.url, own_house.admin.key, 0)
    listener.start()
    wait_for("it listens", lambda: listener.connections)
    family = psutil.Process(process.popen.pid)
    process.popen.send_signal(signal.SIGTERM)
    wait_for("it is red", lambda: readiness(process)[0] == 503)
    _, checks = readiness(process)
    assert checks == {
        "server": {
            "ok": False,
            "message": "The server was told to stop and takes no more requests in a moment.",
            "setting": "ROTO_DRAIN_SECONDS",
            "about": "",
            "remedy": "",
        }
    }
    with own_house.client(own_house.admin.key) as api:
        assert api.post(f"/shots/{shot}/segment", json=SEGMENT).status_code == 202
    assert process.popen.wait(END_SECONDS) == 0
    assert not family.is_running()
    wait_for("the socket is told why", lambda: listener.codes)
    listener.close()
    assert listener.codes == [SERVICE_RESTART]
    assert listener.seen
    assert "Traceback" not in process.log.read_text()


@pytest.mark.one_database
def test_a_running_request_is_answered(own_house: House) -> None:
    """A preview that waits for a worker (there is none) longer than the server stays red."""
    process = own_house.processes[0]
    shot = own_house.shot(own_house.project(), own_house.admin)
    answers: list[int] = []
    hero = {"name": "hero", "points": [{"x": 8.5, "y": 8.5, "positive": True}]}
    body = {"frame": 1001, "objects": [hero]}

    def ask() -> None:
        with own_house.client(own_house.admin.key) as api:
            answers.append(api.post(f"/shots/{shot}/preview", json=body, timeout=90).status_code)

    asking = threading.Thread(target=ask)
    asking.start()
    query = "SELECT count(*) FROM previews"
    wait_for("it waits", lambda: _scalar(own_house, query) == 1)
    process.popen.send_signal(signal.SIGTERM)
    assert process.popen.wait(END_SECONDS) == 0
    asking.join(60)
    assert answers == [202]


@pytest.mark.one_database
def test_an_upload_keeps_its_bytes_and_is_continued_at_the_next_start(
    empty_database: str, tmp_path: Path
) -> None:
    """The client sends more slowly than the server is willing to wait."""
    settings = {"ROTO_FINISH_SECONDS": "1"}
    with running_house(tmp_path / "house", empty_database, **settings) as house:
        data = os.urandom(3 * 2**20)
        file = {"name": "p.1001.exr", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        with house.client(house.admin.key) as api:
            made = api.post("/uploads", json={"project_id": house.project(), "files": [file]})
            upload = made.json()["id"]
        sent = 2 * 2**20 + 5000
        half_way = send_half(house, f"/uploads/{upload}/files/0", data, sent)
        storage = house.folder / "storage"
        wait_for("it has begun to arrive", lambda: list(storage.rglob("p.1001.exr")))
        path = next(storage.rglob("p.1001.exr"))
        wait_for("the first step is written", lambda: path.stat().st_size >= 2**20)
        wait_for("the server has read it all", lambda: is_read(half_way))
        process = house.processes[0]
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(END_SECONDS) == 0
        half_way.close()
        assert path.stat().st_size == sent
        house.processes.remove(process)
        house.start()
        with house.client(house.admin.key) as api:
            offset = api.get(f"/uploads/{upload}").json()["files"][0]["offset"]
            assert offset == sent
            rest = api.patch(
                f"/uploads/{upload}/files/0",
                content=data[offset:],
                headers={"Upload-Offset": str(offset)},
            )
            assert rest.status_code == 200
            assert api.post(f"/uploads/{upload}/complete").json()["state"] == "complete"


@pytest.mark.one_database
def test_a_hung_disk_cannot_keep_it_from_ending(empty_database: str, tmp_path: Path) -> None:
    """A thread that hangs in the file system (in a pipe that nobody reads) is left behind."""
    with running_house(tmp_path / "house", empty_database, ROTO_FINISH_SECONDS="1") as house:
        project = house.project()
        file = {"name": "p.1001.exr", "size": 0, "sha256": hashlib.sha256(b"").hexdigest()}
        with house.client(house.admin.key) as api:
            made = api.post("/uploads", json={"project_id": project, "files": [file]})
            upload = made.json()["id"]
        incoming = house.folder / "storage/projects" / project / "uploads" / f"{upload}.incoming"
        incoming.mkdir(parents=True)
        os.mkfifo(incoming / "p.1001.exr")
        process = house.processes[0]
        asked = socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2])))
        asked.sendall(
            f"POST /api/v1/uploads/{upload}/complete HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {house.admin.key}\r\nContent-Length: 0\r\n\r\n".encode()
        )
        wait_for("a thread hangs", lambda: opens_a_file(process))
        process.popen.send_signal(signal.SIGTERM)
        code = process.popen.wait(END_SECONDS)
        asked.close()
        assert code == 1
        assert "end_forced" in process.log.read_text()


@pytest.mark.one_database
def test_a_mail_server_that_says_nothing_cannot_keep_it_from_ending_in_order(
    empty_database: str, tmp_path: Path
) -> None:
    """It may take longer over a mail than a stopping server has; the mail waits for the next."""
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        running_house(tmp_path / "house", empty_database) as house,
    ):
        house.processes.pop().stop()
        process = house.launch(ROTO_SMTP_URL=f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        wait_for("it serves", lambda: serves(process), START_SECONDS)
        with house.client() as api:
            api.post("/auth/password/forgot", json={"email": house.admin.email})
        silent.settimeout(60)
        taken, _ = silent.accept()
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(END_SECONDS) == 0
        taken.close()
        assert "end_forced" not in process.log.read_text()
        assert _scalar(house, "SELECT count(*) FROM outgoing_mails") == 1


@pytest.mark.one_database
def test_ctrl_c_does_not_wait_for_load_balancers(own_house: House) -> None:
    process = own_house.processes[0]
    process.popen.send_signal(signal.SIGINT)
    assert process.popen.wait(END_SECONDS) == 0
    line = next(line for line in process.log.read_text().splitlines() if '"stopping"' in line)
    assert json.loads(line)["drain_seconds"] == 0


@pytest.mark.one_database
def test_the_embedded_server_ends_with_all_its_parts(empty_database: str, tmp_path: Path) -> None:
    assert empty_database
    data_dir = tmp_path / "d"
    inherited = {name: value for name, value in os.environ.items() if name[:5] != "ROTO_"}
    with subprocess.Popen(
        [*ROTO, "serve", "--embedded", "--data-dir", str(data_dir), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=inherited,
    ) as process:
        try:
            announced = data_dir / "server.json"
            wait_for("it is announced", announced.exists, seconds=140)
            facts = json.loads(announced.read_text())
            log = data_dir / "logs" / "worker-0.log"
            wait_for(
                "the worker is there",
                lambda: log.exists() and "registered" in log.read_text(),
                seconds=140,
            )
            key = Path(facts["api_key_file"]).read_text().strip()
            listener = Listener(facts["url"], key, 0)
            listener.start()
            wait_for("it listens", lambda: listener.connections)
            children = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=END_SECONDS)
        finally:
            process.kill()
    assert process.returncode == 0, output
    assert not psutil.wait_procs(children, timeout=20)[1]
    wait_for("the socket is told why", lambda: listener.codes)
    listener.close()
    assert listener.codes == [SERVICE_RESTART]


def serves(process: Process) -> bool:
    try:
        return httpx.get(process.url + "/healthz", timeout=60).status_code == 200
    except httpx.TransportError:
        return False


def send_half(house: House, path: str, data: bytes, sent: int) -> socket.socket:
    """A request whose body stops after ``sent`` bytes; the connection stays."""
    line = socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2])))
    line.sendall(
        f"PATCH /api/v1{path} HTTP/1.1\r\nHost: x\r\nUpload-Offset: 0\r\n"
        f"Authorization: Bearer {house.admin.key}\r\nContent-Length: {len(data)}\r\n\r\n".encode()
    )
    line.sendall(data[:sent])
    return line


def is_read(line: socket.socket) -> bool:
    """Whether what was sent on the line lies in no queue of the system: the server has read it."""
    ours, its = (f"{end[1]:04X}" for end in (line.getsockname(), line.getpeername()))
    waiting = {}
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues = row.split()[:5]
        to_send, to_read = (int(number, 16) for number in queues.split(":"))
        waiting[local[-4:], remote[-4:]] = to_send, to_read
    to_send, _ = waiting.get((ours, its), (1, 1))
    _, to_read = waiting.get((its, ours), (1, 1))
    return to_send == to_read == 0


def opens_a_file(process: Process) -> bool:
    """Whether a thread of the process is in the system call that opens files."""
    tasks = Path(f"/proc/{process.popen.pid}/task").iterdir()
    return any(_call(task).startswith("257 ") for task in tasks)


def _call(task: Path) -> str:
    try:
        return (task / "syscall").read_text()
    except OSError:  # It has ended meanwhile.
        return ""


def _scalar(house: House, query: str) -> int:
    with house.database.engine.connect() as connection:
        return int(connection.exec_driver_sql(query).scalar_one())
