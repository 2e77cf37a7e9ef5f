"""`roto admin ...`: the real command, beside a server that runs and without one."""

from __future__ import annotations

import csv
import getpass
import json
import os
import re
import uuid
from pathlib import Path

import pytest
from helpers_admin import Shell, soon
from helpers_people import PASSWORD, House
from sqlalchemy import text

from roto_server import migrations
from roto_server.db.session import Database
from roto_server.db.types import utc_now
from roto_server.settings.people import SHORTEST_SECRET


@pytest.fixture
def shell(house: House) -> Shell:
    """A shell on the house's machine."""
    return Shell({**house.environment, "ROTO_PUBLIC_URL": house.url})


@pytest.fixture
def alone(empty_database: str, tmp_path: Path) -> Shell:
    """A shell on a machine where no server runs; the schema is there."""
    inherited = {name: value for name, value in os.environ.items() if name[:5] != "ROTO_"}
    shell = Shell(
        {
            **inherited,
            "ROTO_DATABASE_URL": empty_database,
            "ROTO_DATA_DIR": str(tmp_path / "data"),
            "ROTO_SECRET_KEY": "s" * SHORTEST_SECRET,
        }
    )
    shell.admin("migrate")
    return shell


def test_a_link_leads_to_the_embedded_server_that_runs(alone: Shell) -> None:
    """It takes any port; the configured default would lead to nobody."""
    words = ("user", "create", "--email", address(), "--name", "Ada")
    assert "http://127.0.0.1:8710/reset#" in alone.admin(*words)
    folder = Path(alone.environment["ROTO_DATA_DIR"])
    folder.mkdir(exist_ok=True)
    told = {"url": "http://127.0.0.1:28777", "api_key_file": "", "pid": os.getpid()}
    (folder / "server.json").write_text(json.dumps(told))
    words = ("user", "create", "--email", address(), "--name", "Eve")
    assert "http://127.0.0.1:28777/reset#" in alone.admin(*words)


def address() -> str:
    return f"{uuid.uuid4().hex[:12]}@studio.example"


def sign_in(house: House, email: str, password: str) -> int:
    with house.client() as visitor:
        body = {"email": email, "password": password}
        return visitor.post("/auth/login", json=body).status_code


def test_a_first_administrator_gets_in_by_the_link_that_is_printed(
    house: House, shell: Shell
) -> None:
    email = address()
    printed = shell.admin("user", "create", "--email", email, "--name", "Ada", "--role", "admin")
    found = re.fullmatch(re.escape(house.url) + r"/reset#token=([\w-]+)&invited=1", printed)
    assert found, printed
    with house.client() as visitor:
        body = {"token": found[1], "password": PASSWORD}
        assert visitor.post("/auth/password/reset", json=body).status_code == 204
    assert sign_in(house, email, PASSWORD) == 200
    [row] = shell.rows("user", "list", "--query", email)
    assert (row["name"], row["role"], row["state"]) == ("Ada", "admin", "active")
    [entry] = shell.rows("audit", "list", "--target", row["id"], "--action", "user.created")
    assert (entry["actor_kind"], entry["via"]) == ("command", getpass.getuser())
    assert entry["after"] == {"role": "admin"}
    shell.admin("user", "role", email, "viewer")


def test_a_password_comes_by_standard_input_and_is_shown_nowhere(
    house: House, shell: Shell
) -> None:
    email, password = address(), f"four {uuid.uuid4().hex} words"
    create = ("user", "create", "--email", email, "--name", "Ada", "--password-stdin")
    weak = shell.run(*create, stdin="password123\n")
    assert weak.returncode == 2
    assert "first that would be tried" in weak.stderr
    told = shell.admin(*create, stdin=password + "\n")
    assert told == f"{email} can sign in."
    assert sign_in(house, email, password) == 200
    twice = shell.run(*create, stdin=password + "\n")
    assert (twice.returncode, "already" in twice.stderr) == (2, True)
    other = f"other {password}"
    told += shell.admin("user", "reset-password", email, "--password-stdin", stdin=other + "\n")
    assert sign_in(house, email, password) == 401
    assert sign_in(house, email, other) == 200
    assert password not in told + json.dumps(shell.rows("audit", "list", "--limit", "20"))


def test_people_are_shown_disabled_enabled_renamed_and_forgotten(
    house: House, shell: Shell, tmp_path: Path
) -> None:
    ada = house.person("artist", "Ada", email_confirmed_at=utc_now())
    project = house.project((ada, "artist"))
    assert shell.admin("user", "role", ada.email, "supervisor").endswith("supervisor, active.")
    assert shell.admin("user", "rename", ada.id, "Ada \u00c5").startswith("Ada \u00c5 (")
    shown = shell.admin("user", "show", ada.email)
    assert f"show {project}" in shown
    document = tmp_path / "ada.json"
    shell.admin("user", "export", ada.email, "--output", str(document))
    assert document.stat().st_mode & 0o077 == 0
    assert json.loads(document.read_text())["account"]["email"] == ada.email
    again = shell.run("user", "export", ada.email, "--output", str(document))
    assert (again.returncode, "exists" in again.stderr) == (2, True)
    assert json.loads(shell.admin("user", "export", ada.id))["account"]["name"] == "Ada \u00c5"
    with house.client(ada.key) as client:
        assert client.get("/projects").status_code == 200
        assert shell.admin("user", "disable", ada.email).endswith("disabled.")
        assert client.get("/projects").status_code in (401, 403)
    assert shell.admin("user", "enable", ada.email).endswith("active.")
    unsure = shell.run("user", "delete", ada.email, stdin="n\n")
    assert unsure.returncode == 1
    assert shell.admin("user", "delete", ada.email, "--yes") == f"{ada.id} is deleted."
    gone = shell.run("user", "show", ada.email)
    assert (gone.returncode, gone.stdout) == (2, "")
    assert "There is no user" in gone.stderr


def test_a_running_server_sees_configuration_and_maintenance(house: House, shell: Shell) -> None:
    ada = house.person("artist")
    with house.client(ada.key) as client:

        def notices() -> dict[str, object]:
            answer: dict[str, object] = client.get("/notices").json()
            return answer

        shell.admin("config", "set", "message_of_the_day", "From the shell")
        soon(lambda: notices()["message_of_the_day"] == "From the shell")
        assert shell.admin("config", "get", "message_of_the_day") == "From the shell"
        [change, *_] = shell.rows("config", "history", "message_of_the_day")
        assert change["changed_by"] == getpass.getuser()
        shell.admin("config", "set", "message_of_the_day", "--default")
        soon(lambda: notices()["message_of_the_day"] == "")
        back = shell.admin("config", "rollback", str(change["change"]))
        assert back == "message_of_the_day is From the shell."
        shell.admin("config", "set", "message_of_the_day", "--default")


def test_a_key_is_made_listed_and_revoked(house: House, shell: Shell) -> None:
    ada = house.person("artist")
    secret = shell.admin(
        "token", "create", "--scope", "user", "--name", "pipeline", "--user", ada.email,
        "--scopes", "read", "--days", "7",
    )  # fmt: skip
    with house.client(secret) as client:
        assert client.get("/users/me").json()["id"] == ada.id
        assert client.post("/uploads", json={}).status_code in (403, 422)
        rows = shell.rows("token", "list", "--user", ada.email)
        [row] = [row for row in rows if row["name"] == "pipeline"]
        assert (row["scopes"], row["state"]) == (["read"], "good")
        assert row["expires_at"] is not None
        assert secret not in json.dumps(rows)
        assert row["prefix"] in shell.admin("token", "revoke", row["id"])
        assert client.get("/users/me").status_code == 401
    listed = shell.rows("token", "list", "--user", ada.email, "--all")
    assert "revoked" in {row["state"] for row in listed}
    assert shell.run("token", "revoke", "0" * 32).returncode == 2


def test_the_audit_log_is_exported_verified_and_its_loss_noticed(
    alone: Shell, empty_database: str, tmp_path: Path
) -> None:
    for name in ("Ada", "Bea", "Cyd"):
        alone.admin("user", "create", "--email", f"{name}@studio.example", "--name", name)
    told = alone.admin("audit", "verify")
    assert told.startswith("3 entries are whole.")
    head = told.rpartition(" ")[2]
    alone.admin("config", "set", "session_days", "5")
    assert alone.admin("audit", "verify", "--known", head).startswith("4 entries")
    file = tmp_path / "audit.csv"
    alone.admin("audit", "export", str(file), "--csv", "--action", "user.")
    with file.open(newline="") as lines:
        assert [row["action"] for row in csv.DictReader(lines)] == ["user.created"] * 3
    assert len(alone.admin("audit", "export", "--action", "user.").splitlines()) == 3
    database = Database(empty_database)
    with database.engine.begin() as connection:
        if database.is_sqlite:
            connection.execute(text("DROP TRIGGER audit_delete"))
        else:
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        # The end of a chain can be cut off without a broken link ...
        connection.execute(text("DELETE FROM audit WHERE seq >= 3"))
    assert alone.run("audit", "verify").returncode == 0
    # ... but not unnoticed by who kept where it ended.
    cut = alone.run("audit", "verify", "--known", head)
    assert (cut.returncode, "cut or rewritten" in cut.stdout) == (1, True)
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit WHERE seq = 1"))
    database.dispose()
    broken = alone.run("audit", "verify")
    assert (broken.returncode, "Entry 2 was changed" in broken.stdout) == (1, True)


def test_maintenance_is_turned_on_and_off(alone: Shell) -> None:
    assert alone.admin("maintenance", "status") == "Maintenance is off."
    on = alone.admin("maintenance", "on", "New disks", "--farm-waits", "--until", "2030-01-02")
    assert "New disks" in on
    [now] = alone.rows("maintenance", "status")
    assert (now["on"], now["farm_waits"]) == (True, True)
    assert alone.admin("maintenance", "off") == "Maintenance is off."
    actions = [row["action"] for row in alone.rows("audit", "list")]
    assert actions == ["maintenance.off", "maintenance.on"]


def test_the_last_administrator_stays_for_operators_too(alone: Shell) -> None:
    email = "ada@studio.example"
    alone.admin(
        "user", "create", "--email", email, "--name", "Ada", "--role", "admin", "--password-stdin",
        stdin=PASSWORD,
    )  # fmt: skip
    for words in (("role", email, "artist"), ("disable", email), ("delete", email, "--yes")):
        refused = alone.run("user", *words)
        assert (refused.returncode, "last active administrator" in refused.stderr) == (2, True)


def test_a_wrong_request_is_told_and_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'roto.db'}"
    database = Database(url)
    migrations.upgrade(database)
    database.dispose()
    inherited = {name: value for name, value in os.environ.items() if name[:5] != "ROTO_"}
    shell = Shell({**inherited, "ROTO_DATABASE_URL": url, "ROTO_DATA_DIR": str(tmp_path)})
    for words in (
        ("user", "role", "nobody@studio.example", "artist"),
        ("user", "role", "nobody@studio.example", "god"),
        ("user", "create", "--email", "no address", "--name", "x"),
        ("user", "create", "--email", "x@studio.example", "--name", ""),
        ("user", "create", "--email", "x@studio.example", "--name", "x", "--mail"),
        ("config", "set", "nothing", "1"),
        ("config", "set", "session_days"),
        ("config", "set", "session_days", "soon"),
        ("config", "rollback", "77"),
        ("audit", "verify", "--known", "7"),
        ("token", "create", "--scope", "user", "--name", "x", "--scopes", "all"),
        ("token", "create", "--scope", "user", "--name", "x"),
    ):
        refused = shell.run(*words)
        assert refused.returncode == 2, words
        assert refused.stderr.strip()
        assert "Traceback" not in refused.stderr
    assert shell.rows("user", "list") == []
    assert shell.rows("audit", "list") == []
