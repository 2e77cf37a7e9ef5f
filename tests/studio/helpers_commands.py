"""The `roto` command against a house, as one of its people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result
from helpers_people import House, Person
from typer.testing import CliRunner

from roto_client import cli

Run = Callable[..., Result]


def commands(house: House, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `roto`: whose key it has, then its words."""
    monkeypatch.setenv("ROTO_SERVER", house.url)
    app = cli.build_app()

    def invoke(person: Person, *words: object, **options: object) -> Result:
        monkeypatch.setenv("ROTO_API_KEY", person.key)
        return CliRunner().invoke(app, [str(one) for one in words], **options)  # type: ignore[arg-type]

    return invoke


def told(result: Result) -> str:
    """What a command that did it printed."""
    assert result.exit_code == 0, result.output
    return result.stdout
