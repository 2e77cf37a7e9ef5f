"""How the `roto` command is assembled, what it loads, and how it ends."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import typer
from helpers_client import FakeServer, Run, answering, matching
from typer.main import get_command
from typer.testing import CliRunner

from roto_client import cli


def test_a_broken_package_says_why_and_takes_only_its_own_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    group = "roto.commands"
    entries = [
        EntryPoint("client", "roto_client.cli.commands:register", group),
        EntryPoint("gone", "roto_gone.cli:register", group),
        EntryPoint("old", "roto_client.cli.commands:no_such_function", group),
    ]
    monkeypatch.setattr(cli, "entry_points", lambda group: entries)
    shown = CliRunner().invoke(cli.build_app(), ["--help"])
    assert shown.exit_code == 0
    told = capsys.readouterr().err
    assert "the gone commands are left out: ModuleNotFoundError" in told
    assert "the old commands are left out: AttributeError" in told
    assert "submit" in shown.stdout
    assert "doctor" not in shown.stdout


def test_a_missing_python_package_is_named() -> None:
    app = typer.Typer(cls=cli.RotoGroup)

    @app.command()
    def serve() -> None:
        import no_such_package  # type: ignore[import-not-found]  # noqa: F401

    @app.command()
    def other() -> None:
        """Makes `serve` a command of a group."""

    done = CliRunner().invoke(app, ["serve"])
    assert done.exit_code == 2
    assert "'no_such_package'" in done.stderr


@pytest.mark.parametrize(
    ("words", "message", "help_of"),
    [
        (("--frobnicate",), "No such option: --frobnicate", "roto"),
        (("submitt",), "No such command 'submitt'. Did you mean 'submit'?", "roto"),
        (("notes", "addd"), "No such command 'addd'. Did you mean 'add'?", "roto notes"),
        (("submit", "p.%04d.exr", "--frobnicate"), "No such option: --frobnicate", "roto submit"),
        (("download", "x"), "Missing option '--out'.", "roto download"),
        (("jobs", "--limit", "0"), "Invalid value for '--limit': ", "roto jobs"),
    ],
)
def test_a_wrong_command_line_is_told_as_every_error_is(
    run: Run, words: tuple[str, ...], message: str, help_of: str
) -> None:
    done = run(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    first, second, *more = done.stderr.splitlines()
    assert first.startswith(f"roto: {message}")
    assert second.startswith("  `")
    assert second.endswith(f"{help_of} --help` tells what it takes.")
    assert more == []


def test_a_group_without_a_command_shows_its_help(run: Run) -> None:
    done = run("shots")
    assert "new-plate" in done.output
    assert "roto: " not in done.output


def test_every_command_and_all_it_takes_is_explained() -> None:
    def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
        yield path, command
        for name, below in getattr(command, "commands", {}).items():
            yield from commands(below, f"{path} {name}")

    lacking = [
        f"{path} {one.name}".strip()
        for path, command in commands(get_command(cli.build_app()), "roto")
        for one in (command, *command.params)
        if not one.help
    ]
    assert lacking == []


def test_no_server_is_exit_code_3(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("jobs", "--server", "http://127.0.0.1:9")
    assert done.exit_code == 3
    assert "No answer from http://127.0.0.1:9: " in done.stderr
    monkeypatch.delenv("ROTO_SERVER")
    assert run("jobs").exit_code == 3


def test_a_server_that_is_looked_after_is_waited_for_and_said(run: Run, server: FakeServer) -> None:
    body = b'{"code": "maintenance", "message": "The server is being updated.", "hint": ""}'
    rest = answering(503, headers={"Retry-After": "0"}, body=body)
    server.faults.append(matching("GET", "/jobs", rest))
    done = run("jobs")
    assert done.exit_code == 0, done.output
    assert "The server is being updated; trying again in 0 s" in done.stderr
    server.faults += [matching("GET", "/jobs", rest) for _ in range(9)]
    assert run("jobs").exit_code == 3


HEAVY = ("torch", "cv2", "sqlalchemy", "numpy", "fastapi", "keyring", "websocket")


def python(code: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout


def test_roto_help_as_a_process_loads_nothing_heavy() -> None:
    code = f"""
import sys
from roto_client.cli import main
sys.argv = ["roto", "--help"]
try:
    main()
except SystemExit as ended:
    print("ended", ended.code)
print("loaded", [name for name in {HEAVY!r} if name in sys.modules])
"""
    told = python(code)
    assert "submit" in told
    assert "ended 0" in told
    assert "loaded []" in told


def test_the_library_loads_little() -> None:
    """Plugins load this at their host's start: nothing but the standard library and ours."""
    code = """
import sys
before = set(sys.modules)
import roto_client.api
new = set(sys.modules) - before
ours = sum(name.startswith("roto_") for name in new)
roots = {name.partition(".")[0] for name in new}
foreign = roots - set(sys.stdlib_module_names) - {"roto_client", "roto_shapes"}
print(len(new) - ours, sorted(foreign), sorted(new & {"asyncio", "ssl", "http.client", "socket"}))
"""
    count, rest = python(code).split(" ", 1)
    assert rest.strip() == "[] []"
    assert int(count) < 120


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["submit", "--help"]])
def test_the_installed_script(arguments: list[str]) -> None:
    script = Path(sys.executable).with_name("roto")
    done = subprocess.run(
        [script, *arguments], capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "COLUMNS": "120"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_api_names_match_what_it_exports() -> None:
    from roto_client import api

    public = {
        name
        for name, value in vars(api).items()
        if not name.startswith("_") and getattr(value, "__module__", "").startswith("roto_client")
    }
    assert public == set(api.__all__)


@pytest.mark.skipif(shutil.which("python3.9") is None, reason="no Python 3.9 here")
def test_the_library_works_in_the_oldest_hosts_python() -> None:
    """Nuke 14 brings Python 3.9; syntax is vermin's, this is the import for real."""
    code = """
import sys
sys.path.insert(0, sys.argv[1])
from roto_client.api import Progress, RotoClient, SubmitRequest
import roto_client.api.config, roto_shapes.formats
print(Progress.from_json({"done": 1, "total": 2}).fraction, RotoClient("http://h:1/", "k").server)
"""
    source = Path(cli.__file__).parents[2]
    done = subprocess.run(
        ["python3.9", "-I", "-c", code, source], capture_output=True, text=True, check=False
    )
    if done.returncode == 127:
        pytest.skip("python3.9 is a version manager's name for nothing")
    assert done.stdout == "0.5 http://h:1\n", done.stderr
