"""Two servers that reach PostgreSQL through a real PgBouncer in transaction mode, which gives every
transaction another connection: nothing of ours may stay behind in one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from helpers_people import House, running_house
from helpers_several import METRICS_TOKEN, SEGMENT, Listener, gauge, wait_for

from helpers_services import free_port
from roto_server import migrations
from roto_server.db.engines import PoolLimits
from roto_server.db.session import Database

SHARED_CONNECTIONS = 4
SETTINGS = {
    "ROTO_METRICS_TOKEN": METRICS_TOKEN,
    "ROTO_RECONCILE_SECONDS": "0.5",
    "ROTO_LEADER_SECONDS": "4",
}


@contextmanager
def running_pgbouncer(database_url: str) -> Iterator[str]:
    """The URL of the same database through a pooler with few connections."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed: apt-get install pgbouncer")
    parts = urlsplit(database_url)
    host = parse_qs(parts.query).get("host", [parts.hostname or "127.0.0.1"])[0]
    port, name, user = free_port(), parts.path.lstrip("/"), parts.username or "postgres"
    # Not below pytest's folder, which is closed to other users; pgbouncer refuses to be root.
    folder = Path(tempfile.mkdtemp(prefix="roto-pgbouncer-"))
    (folder / "users.txt").write_text(f'"{user}" ""\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n{name} = host={host} port={parts.port or 5432} dbname={name} user={user}\n"
        "[pgbouncer]\npool_mode = transaction\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = any\nauth_file = {folder}/users.txt\n"
        f"default_pool_size = {SHARED_CONNECTIONS}\nmax_client_conn = 200\n"
        f"logfile = {folder}/pgbouncer.log\nadmin_users = {user}\n"
    )
    options = {}
    if os.geteuid() == 0:
        # PostgreSQL's own user: nobody else gets at its socket.
        owner = Path(host).stat().st_uid
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner, -1)
        options = {"user": owner}
    process = subprocess.Popen(
        [program, str(folder / "pgbouncer.ini")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **options,
    )
    url = f"postgresql://{user}@127.0.0.1:{port}/{name}"

    def answers() -> bool:
        assert process.poll() is None, (folder / "pgbouncer.log").read_text()
        try:
            with psycopg.connect(url, connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    try:
        wait_for("pgbouncer answers", answers, seconds=60)
        yield url
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder)


@pytest.fixture
def pooled(empty_database: str, tmp_path: Path) -> Iterator[House]:
    """Two servers behind PgBouncer."""
    with (
        running_pgbouncer(empty_database) as url,
        running_house(tmp_path / "house", url, servers=2, **SETTINGS) as house,
    ):
        yield house


@pytest.mark.postgresql
def test_servers_work_through_a_pooler_in_transaction_mode(pooled: House) -> None:
    """Many requests at once on both, events on both, one leader, which is handed over."""
    key = pooled.admin.key
    shots = [pooled.shot(pooled.project(), pooled.admin) for _ in range(24)]
    listener = Listener(pooled.processes[0].url, key, 0)
    listener.start()
    statuses: list[int] = []

    def work(number: int) -> None:
        with pooled.client(key, process=number % 2) as api:
            for shot in shots[number::6]:
                statuses.append(api.post(f"/shots/{shot}/segment", json=SEGMENT).status_code)
                statuses.append(api.get("/jobs").status_code)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(set(statuses)) == [200, 202]
    assert len(statuses) == 2 * len(shots)
    wait_for("its events are told", lambda: len(listener.seen) >= len(shots))
    listener.close()
    assert listener.seen == sorted(set(listener.seen))

    def leaders() -> list[int]:
        return [n for n, one in enumerate(pooled.processes) if gauge(one, "reconciler_leading")]

    found: list[int] = []

    def one_leads() -> bool:
        found[:] = leaders()
        return len(found) == 1

    wait_for("one leads", one_leads)
    first = pooled.processes.pop(found[0])
    first.popen.kill()
    first.popen.wait()
    wait_for("the other leads", lambda: leaders() == [0], seconds=30)
    for process in (first, *pooled.processes):
        assert "Traceback" not in process.log.read_text()


@pytest.mark.postgresql
def test_a_connection_keeps_nothing_of_ours(empty_database: str) -> None:
    """Time limits end with their transaction; nothing is prepared; no lock stays."""
    database = Database(empty_database, PoolLimits(statement_seconds=7, idle_transaction_seconds=9))
    migrations.upgrade(database)
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        within = [
            connection.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in ("statement_timeout", "idle_in_transaction_session_timeout")
        ]
        assert within == ["7s", "9s"]
        for _ in range(10):
            connection.exec_driver_sql("SELECT count(*) FROM jobs WHERE id = %s", ("x",))
        connection.rollback()
        driver.autocommit = True
        after = [
            driver.execute(f"SHOW {name}").fetchone()
            for name in ("statement_timeout", "idle_in_transaction_session_timeout")
        ]
        assert after == [("0",), ("0",)]
        assert driver.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
        held = (
            "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'"
        )
        assert driver.execute(held).fetchone() == (0,)
        driver.autocommit = False
    database.dispose()
