"""A studio without a disk: plates go straight into an object store, a node works from there.

The store is moto's HTTP server, behind a gate that refuses what S3 would.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from helpers_gate import Gate, running_gate
from helpers_nodes import remote_node
from helpers_outputs import FRAMES, Studio, write_plate
from helpers_people import ROTO, House, running_house
from helpers_s3 import BUCKET, CREDENTIALS, Store, running_store

from roto_client.api import Progress, RotoClient, Uploader, UploadNotes
from roto_client.api.transport import Retry

pytestmark = [pytest.mark.one_database, pytest.mark.timeout(900)]
MIB = 1 << 20
URL_SECONDS = 10


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with running_store() as running:
        yield running


@pytest.fixture(scope="module")
def gate(store: Store) -> Iterator[Gate]:
    with running_gate(store) as made:
        yield made


@pytest.fixture(scope="module")
def studio(store: Store, gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("bucket")
    settings = {
        **store.environment,
        "ROTO_S3_PUBLIC_ENDPOINT": gate.url,
        "ROTO_S3_URL_SECONDS": str(URL_SECONDS),
    }
    with running_house(folder, f"sqlite:///{folder / 'roto.db'}", **settings) as house:
        person = house.person("supervisor")
        with house.client(person.key) as client:
            yield Studio(house, person, client)


def uploader(studio: Studio, folder: Path, told: list[Progress] | None = None) -> Uploader:
    client = RotoClient(studio.house.url, studio.person.key)
    patience = Retry(tries=8, first_pause=0.1, longest_pause=1)
    watcher = None if told is None else told.append
    notes = UploadNotes(folder / "notes")
    return Uploader(client.transport, notes=notes, patience=patience, watcher=watcher)


def roto(house: House, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ROTO, *words], env=house.environment, capture_output=True, text=True, check=False
    )


def test_the_story(studio: Studio, store: Store, gate: Gate, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mov"
    write_plate(clip)
    with clip.open("ab") as file:  # an atom that players skip, so that there are several pieces
        file.write((40 * MIB + 8).to_bytes(4, "big") + b"free" + os.urandom(40 * MIB))
    told: list[Progress] = []
    sending = uploader(studio, tmp_path, told)
    project = studio.project()
    upload = sending.send(project, sending.look_at([clip]))
    assert upload.state == "complete"
    assert sum(put.size for put in gate.puts) == clip.stat().st_size, (
        "no byte went through the server, none twice"
    )
    assert told[-1].done == clip.stat().st_size

    body = {"name": "sh010", "plate": {"upload_id": upload.id, "first_frame": 1001}}
    shot = studio.client.post(f"/projects/{project}/shots", json=body).json()["id"]
    with remote_node(studio.house, "far"):
        studio.ready(shot)
        job = studio.succeeded(studio.segment(shot, outputs=["mattes"]))
    outputs = studio.outputs(job)
    mattes = [one for one in outputs.values() if one["role"] == "matte"]
    assert len(mattes) == 2 * FRAMES
    path = f"/jobs/{job['id']}/outputs/{mattes[0]['id']}"
    whole = studio.client.get(path)
    assert (whole.status_code, len(whole.content)) == (200, mattes[0]["size"])
    part = studio.client.get(path, headers={"Range": "bytes=5-14"})
    assert (part.status_code, part.content) == (206, whole.content[5:15])
    assert part.headers["Content-Range"] == f"bytes 5-14/{len(whole.content)}"
    last = studio.client.get(path, headers={"Range": "bytes=-4"})
    assert last.content == whole.content[-4:]
    beyond = studio.client.get(path, headers={"Range": f"bytes={len(whole.content)}-"})
    assert beyond.status_code == 416
    again = studio.client.get(path, headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304
    assert studio.client.get(f"/shots/{shot}/shapes").json()["schema"] == "roto/1"
    for picture in ("frames/1003", "thumbnail"):
        answer = studio.client.get(f"/shots/{shot}/{picture}")
        assert answer.headers["Content-Type"] == "image/jpeg"
    assert '"' in studio.client.get(f"/jobs/{job['id']}/log").text
    for name in store.names():
        facts = store.client.head_object(Bucket=BUCKET, Key=name)
        assert facts["ServerSideEncryption"] == "AES256", name
    secret = CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
    logs = [process.log.read_text() for process in studio.house.processes]
    assert all(secret not in log and "X-Amz-Signature" not in log for log in logs)


def test_addresses_that_have_run_out_are_asked_for_again(
    studio: Studio, gate: Gate, tmp_path: Path
) -> None:
    """The store refuses what is late; the client comes back with a fresh one and loses nothing."""
    clip = tmp_path / "late.mov"
    clip.write_bytes(os.urandom(40 * MIB))
    sending, before = uploader(studio, tmp_path), gate.refused
    gate.on_time_from = before + 3
    gate.skew = timedelta(seconds=URL_SECONDS + 1)
    assert sending.send(studio.project(), sending.look_at([clip])).state == "complete"
    assert gate.refused >= before + 3


def test_after_its_time_an_address_is_worth_nothing(studio: Studio, gate: Gate) -> None:
    data = os.urandom(1000)
    told = {"name": "a.mov", "size": 1000, "sha256": "0" * 64}
    body = {"project_id": studio.project(), "files": [told]}
    upload = studio.client.post("/uploads", json=body).json()
    path = f"/uploads/{upload['id']}"
    asked = {"pieces": [{"file": 0, "number": 0}]}
    answer = studio.client.post(f"{path}/urls", json=asked).json()
    assert answer["expires_in"] == URL_SECONDS
    url = answer["urls"][0]["url"]
    gate.skew = timedelta(seconds=URL_SECONDS + 1)
    try:
        assert httpx.put(url, content=data, timeout=60).status_code == 403
    finally:
        gate.skew = timedelta(0)
    assert httpx.put(url.split("&X-Amz-Signature")[0], content=data, timeout=60).status_code == 403
    assert studio.client.get(path).json()["files"][0]["pieces"] == []
    fresh = studio.client.post(f"{path}/urls", json=asked).json()["urls"][0]["url"]
    assert httpx.put(fresh, content=data, timeout=60).status_code == 200
    # What counts is what the store has, not what a client says: these bytes are not what was told.
    assert studio.client.post(f"{path}/complete").json()["code"] == "checksum_mismatch"
    assert studio.client.get(path).json()["files"][0]["pieces"] == []


def test_who_cannot_reach_the_store_sends_through_the_server(
    studio: Studio, gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = tmp_path / "walled.mov"
    clip.write_bytes(os.urandom(20 * MIB))
    before = len(gate.puts)
    monkeypatch.setattr(
        "roto_client.api.pieces.Store._address", lambda *_: ("http://127.0.0.1:9/nowhere", {})
    )
    sending = uploader(studio, tmp_path)
    assert sending.send(studio.project(), sending.look_at([clip])).state == "complete"
    assert len(gate.puts) == before


def test_the_buckets_own_rules(studio: Studio, store: Store) -> None:
    other = {
        "ID": "logs",
        "Status": "Enabled",
        "Filter": {"Prefix": "logs/"},
        "Expiration": {"Days": 1},
    }
    store.client.put_bucket_lifecycle_configuration(
        Bucket=BUCKET, LifecycleConfiguration={"Rules": [other]}
    )
    lacking = roto(studio.house, "admin", "s3", "check")
    assert lacking.returncode == 1
    assert "MISSING  lifecycle" in lacking.stdout
    for _ in range(2):
        assert roto(studio.house, "admin", "s3", "setup").returncode == 0
    store.client.put_public_access_block(
        Bucket=BUCKET,
        PublicAccessBlockConfiguration=dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"),
            True,
        ),
    )
    rules = store.client.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert [rule["ID"] for rule in rules] == ["logs", "megaton-roto-leftovers"]
    assert rules[1]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 8}
    assert rules[1]["Filter"] == {"Prefix": "studio/roto/"}
    assert "Expiration" not in rules[1], "nothing that may be published goes by age"
    fine = roto(studio.house, "admin", "s3", "check")
    assert fine.returncode == 0, fine.stdout + fine.stderr
    store.client.delete_bucket_cors(Bucket=BUCKET)
    assert "MISSING  pages" in roto(studio.house, "admin", "s3", "check").stdout
    broken = {"ROTO_S3_BUCKET": "nobodys"}
    process = subprocess.run(
        [*ROTO, "admin", "s3", "check"], env={**studio.house.environment, **broken},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert process.returncode == 1
    assert "NoSuchBucket" in process.stdout
    assert "Traceback" not in process.stderr


def test_readyz_asks_the_bucket(studio: Studio) -> None:
    checks = httpx.get(studio.house.url + "/readyz", timeout=60).json()["checks"]
    assert checks["storage"]["ok"]
    assert checks["storage"]["setting"] == "ROTO_S3_BUCKET"
    assert "disk" not in checks
