"""Plugins one minor version older are served; what is further away is told so.

``roto_client-0.1.0.tar.xz`` is the client that release 0.1.0 gave its plugins, of the last commit
of that version (whose openapi.json is server/released/openapi-0.1.0.json)::

    git archive 0a87454 shared_client/roto_client/{__init__.py,api,contract} \\
      shared_client/roto_shapes | xz -9e > tests/people/roto_client-0.1.0.tar.xz
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from helpers_observing import running_worker
from helpers_people import House, running_house

from roto_client.contract import PRODUCT_VERSION, VERSION_HEADER
from roto_shapes.document import loads
from roto_worker.synthetic.clip import generate_clip

HERE = Path(__file__).parent
RELEASED, PROGRAM = HERE / "roto_client-0.1.0.tar.xz", HERE / "released_client.py"
MAJOR, MINOR = (int(part) for part in PRODUCT_VERSION.split(".")[:2])


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("minor", "status"), [(MINOR - 1, 200), (MINOR, 200), (MINOR + 1, 200), (MINOR + 2, 426)]
)
def test_versions_one_apart_are_served(house: House, minor: int, status: int) -> None:
    with house.client(house.admin.key) as client:
        answer = client.get("/projects", headers={VERSION_HEADER: f"{MAJOR}.{minor}.9"})
    assert answer.status_code == status
    assert answer.headers[VERSION_HEADER] == PRODUCT_VERSION


def test_the_released_client_works_with_todays_server(empty_database: str, tmp_path: Path) -> None:
    """Our own client of 0.1, as it was, from the plate on its disk to the files of the results."""
    with tarfile.open(RELEASED) as packed:
        packed.extractall(tmp_path / "released", filter="data")
    packages = tmp_path / "released" / "shared_client"
    clip = generate_clip(tmp_path / "desk", 96, 64, 4)
    fetched = tmp_path / "fetched"
    with running_house(tmp_path / "house", empty_database) as house, running_worker(house) as log:
        artist = house.person("supervisor")
        inherited = {name: value for name, value in os.environ.items() if name[:5] != "ROTO_"}
        ran = subprocess.run(
            [sys.executable, PROGRAM, clip.pattern, json.dumps(clip.prompt), fetched],
            env={
                **inherited,
                "PYTHONPATH": str(packages),
                "ROTO_SERVER": house.url,
                "ROTO_API_KEY": artist.key,
                "XDG_CACHE_HOME": str(tmp_path / "cache"),
                "XDG_CONFIG_HOME": str(tmp_path / "config"),
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr + log.read_text()[-4000:]
        told = json.loads(ran.stdout)
        with house.client(artist.key) as client:
            job = client.get(f"/jobs/{told['job']}").json()

    assert (told["version"], PRODUCT_VERSION == "0.1.0") == ("0.1.0", False)
    assert Path(told["package"]).is_relative_to(packages)
    assert (told["in_place"], told["stages"]) == (False, ["hashing", "ingest", "uploading"])
    assert told["states"][-1] == job["state"] == "succeeded"
    assert job["created_by"] == artist.name
    assert told["frames"] == [1001, 1002, 1003, 1004]
    assert told["shapes"] == [1001, 1004]
    mattes = [name for name in told["files"] if name.endswith(".exr")]
    assert len(mattes) == 4
    assert {Path(name).suffix for name in told["files"]} == {".exr", ".nk", ".json"}
    document = next(fetched.rglob("*.json")).read_text(encoding="utf-8")
    assert loads(document).frame_range == (1001, 1004)
