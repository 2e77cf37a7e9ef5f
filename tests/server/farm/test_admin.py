"""`roto admin` as a person types it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import typer
from sqlalchemy import select
from typer.testing import CliRunner

from roto_server.access.tokens import token_digest
from roto_server.cli import register
from roto_server.db.models import Token
from roto_server.db.session import Database
from roto_shapes.errors import RotoError


@pytest.fixture
def roto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setenv("ROTO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("ROTO_DATABASE_URL", raising=False)
    app = typer.Typer()
    register(app)
    return app


def run(roto: typer.Typer, *words: str) -> str:
    result = CliRunner().invoke(roto, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def test_migrate_then_token_then_backup_and_restore(
    roto: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RotoError, match="this server needs"):
        run(roto, "admin", "token", "create", "--scope", "farm", "--name", "node1")
    assert "schema is at" in run(roto, "admin", "migrate")
    secret = run(roto, "admin", "token", "create", "--scope", "farm", "--name", "node1")
    assert re.fullmatch(r"rotofarm_[\w-]{43}", secret)
    assert "2 rows" in run(roto, "admin", "backup", str(tmp_path / "b.tar.gz"))
    monkeypatch.setenv("ROTO_DATA_DIR", str(tmp_path / "second"))
    assert "are restored" in run(roto, "admin", "restore", str(tmp_path / "b.tar.gz"))
    database = Database(f"sqlite:///{tmp_path / 'second' / 'roto.db'}")
    with database.reading() as session:
        assert session.scalars(select(Token.sha256)).one() == token_digest(secret)
    database.dispose()


@pytest.mark.parametrize("words", [("--scope", "god", "--name", "x"), ("--scope", "user")])
def test_a_wrong_token_request_is_explained(roto: typer.Typer, words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(roto, ["admin", "token", "create", *words])
    assert result.exit_code == 2


def test_a_database_that_does_not_answer_is_named(
    roto: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROTO_DATABASE_URL", "postgresql://roto:x@127.0.0.1:1/roto")
    with pytest.raises(RotoError, match="database does not answer") as refused:
        run(roto, "admin", "migrate")
    assert refused.value.code == "server_unavailable"


def test_registering_imports_nothing_heavy() -> None:
    import subprocess

    code = (
        "import sys, typer; from roto_server.cli import register; register(typer.Typer());"
        "heavy = {'sqlalchemy', 'fastapi', 'uvicorn', 'redis', 'rq'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
