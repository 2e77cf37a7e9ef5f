"""After Effects' stand-in with the built host script in it."""

from __future__ import annotations

import subprocess

import pytest
from helpers_host import NODE, SOURCES, Session


@pytest.fixture(scope="session")
def host(tmp_path_factory):
    """The built extension's host.jsx."""
    out = tmp_path_factory.mktemp("built")
    command = [NODE, "build.mjs", "--out", out]
    done = subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out / "host/host.jsx"


@pytest.fixture
def ae(host):
    session = Session(host)
    yield session
    session.close()


@pytest.fixture
def plate(ae):
    ae.open()
    return ae
