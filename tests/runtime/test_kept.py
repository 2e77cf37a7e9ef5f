"""What a node keeps, and what of it is let go of."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from roto_client.cli import build_app
from roto_worker.runtime import kept
from roto_worker.runtime.node_cache import CACHE_FOLDER, NodeCache
from roto_worker.runtime.scratch import SlotScratch


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The scratch folder of a node with one model; attempts may log below it."""
    models = tmp_path / "models"
    models.mkdir()
    (models / "tiny.pt").write_bytes(b"x" * 100)
    monkeypatch.setenv("ROTO_MODELS_DIR", str(models))
    monkeypatch.setenv("ROTO_WORKER_ROOTS", str(tmp_path))
    return tmp_path / "scratch"


def _abandoned(node: Path, slot: int, log: Path) -> Path:
    """An attempt whose process died, and a report it had not sent."""
    with closing(SlotScratch(node, slot)) as scratch:
        home = scratch.attempts / f"attempt-{slot}"
        (home / "work").mkdir(parents=True)
        (home / "work" / "half.png").write_bytes(b"x" * 10)
        marker = {"attempt_id": home.name, "log_path": str(log)}
        (home / "attempt.json").write_text(json.dumps(marker))
        (scratch.reports / f"report-{slot}.json").write_bytes(b"{}")
        return home


def _cached(node: Path) -> None:
    cache = NodeCache(node / CACHE_FOLDER, limit_bytes=1000)
    cache.make_room(5)
    cache.take("projects/a/b.exr", 5, lambda path: path.write_bytes(b"x" * 5) and None)


def _told(node: Path) -> dict[tuple[str, int | None], tuple[int, int]]:
    return {(one.what, one.slot): (one.files, one.bytes) for one in kept.look(node)}


def test_everything_that_is_kept_is_told(node: Path, tmp_path: Path) -> None:
    assert _told(node) == {("models", None): (1, 100)}
    home = _abandoned(node, 3, tmp_path / "logs" / "a.log")
    _cached(node)
    told = _told(node)
    marker = (home / "attempt.json").stat().st_size
    assert told[("scratch", 3)] == (2, 10 + marker)
    assert told[("reports", 3)] == (1, 2)
    assert told[("cache", None)][1] == 5
    assert told[("models", None)] == (1, 100)


def test_reports_models_and_what_is_at_work_stay(node: Path, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "a.log"
    dead, alive = _abandoned(node, 1, log), _abandoned(node, 2, tmp_path / "logs" / "b.log")
    _cached(node)
    size = sum(path.stat().st_size for path in dead.rglob("*") if path.is_file())
    with closing(SlotScratch(node, 2)):
        assert kept.clean(node) == size + 5
    assert not dead.exists()
    assert (alive / "work" / "half.png").exists()
    told = _told(node)
    assert ("scratch", 1) not in told
    assert told[("reports", 1)] == told[("reports", 2)] == (1, 2)
    assert told[("models", None)] == (1, 100)
    assert told.get(("cache", None), (0, 0))[1] == 0
    assert json.loads(log.read_text())["event"] == "worker process died"


def test_the_command_tells_and_cleans(node: Path, tmp_path: Path) -> None:
    dead = _abandoned(node, 0, tmp_path / "logs" / "a.log")
    words = ["worker", "storage", "--scratch", str(node), "--json"]
    told = CliRunner().invoke(build_app(), words)
    assert told.exit_code == 0, told.output
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert {(row["what"], row["slot"]) for row in rows} == {
        ("scratch", 0), ("reports", 0), ("models", None),
    }  # fmt: skip
    cleaned = CliRunner().invoke(build_app(), [*words, "--clean"])
    assert "0.0 MB let go of." in cleaned.stderr
    assert not dead.exists()


def test_a_node_that_never_worked_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROTO_MODELS_DIR", str(tmp_path / "none"))
    assert kept.look(tmp_path / "scratch") == []
    assert kept.clean(tmp_path / "scratch") == 0
    told = CliRunner().invoke(
        build_app(), ["worker", "storage", "--scratch", str(tmp_path / "scratch")]
    )
    assert (told.exit_code, told.stdout) == (0, "")
    assert f"Nothing is kept in {tmp_path / 'scratch'}" in told.stderr
    assert not (tmp_path / "scratch").exists()
