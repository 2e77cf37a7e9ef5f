"""What no client of ours sends: numbers, ids and characters that nothing here can hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from helpers_api import assert_refused

from roto_client.contract import API_PREFIX
from roto_server import openapi


def _asked(
    node: Any, schemas: dict[str, Any], seen: set[str], at: str
) -> Iterator[tuple[str, Any]]:
    """Every schema below ``node``, what it refers to among them, with its place."""
    if isinstance(node, list):
        for one in node:
            yield from _asked(one, schemas, seen, at)
    elif isinstance(node, dict):
        yield at, node
        name = str(node.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            yield from _asked(schemas[name], schemas, seen, name)
        for key, value in node.items():
            yield from _asked(value, schemas, seen, f"{at}.{key}")


def _sent() -> list[tuple[str, Any]]:
    """Every schema of what clients send."""
    document = openapi.document()
    schemas, seen = document["components"]["schemas"], set[str]()
    return [
        one
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for part in ("parameters", "requestBody")
        for one in _asked(operation.get(part), schemas, seen, f"{method} {path}")
    ]


# Released without, which a schema may not gain: looked at where they are read.
_RELEASED = (
    "patch /api/v1/uploads/{upload_id}/files/{index}.schema",
    "ExportIn.properties.version.anyOf",
    "PlateIn.upload_id",
    "UploadIn.project_id",
)


def test_every_number_that_is_asked_for_has_bounds() -> None:
    integers = [(at, schema) for at, schema in _sent() if schema.get("type") == "integer"]
    assert len(integers) > 30
    for at, schema in integers:
        if at in _RELEASED:
            continue
        assert {"minimum", "exclusiveMinimum"} & set(schema), at
        most = schema.get("maximum", schema.get("exclusiveMaximum"))
        assert most is not None, at
        assert most <= 2**63, at


def test_every_id_in_a_body_has_the_form_of_ids() -> None:
    ids = [
        (f"{at}.{name}", field)
        for at, schema in _sent()
        for name, field in schema.get("properties", {}).items()
        if name.endswith("_id") and isinstance(field, dict)
    ]
    assert len(ids) > 5
    for at, field in ids:
        if at in _RELEASED:
            continue
        assert "^[0-9a-f]{32}$" in str(field) or "enum" in str(field), at


@pytest.mark.database
def test_half_a_surrogate_pair_is_refused_wherever_it_stands(
    api: httpx.Client, project: str
) -> None:
    file = json.dumps({"name": "a.mov", "size": 1, "sha256": "0" * 64})
    bodies = {
        "/uploads": f'{{"project_id": "\\ud800", "files": [{file}]}}',
        "/projects": '{"name": "a", "client": "\\udfff"}',
        f"/projects/{project}/conforms": '{"name": "r", "text": "\\ud800"}',
        f"/projects/{project}/shots": '{"name": "a", "\\ud800": 1}',
    }
    for address, body in bodies.items():
        answer = api.post(address, content=body, headers={"Content-Type": "application/json"})
        refusal = assert_refused(answer, 422, "bad_request")
        assert "surrogate" in refusal["message"], address


@pytest.mark.database
def test_base64_that_is_no_ascii_is_refused(api: httpx.Client, project: str) -> None:
    body = {"name": "r", "base64": "é", "fps": [24, 1]}
    answer = api.post(f"/projects/{project}/conforms", json=body)
    assert_refused(answer, 422, "bad_request")


@pytest.mark.database
def test_a_version_beyond_what_is_counted_is_refused(api: httpx.Client, shot: str) -> None:
    body = {"formats": ["json"], "version": 2**63}
    assert_refused(api.post(f"/shots/{shot}/export", json=body), 422, "bad_request")


def _moments() -> list[tuple[str, str]]:
    """Address and name of every moment that a list is asked for by."""
    return [
        (path, parameter["name"])
        for path, methods in openapi.document()["paths"].items()
        for parameter in methods.get("get", {}).get("parameters", ())
        if "date-time" in json.dumps(parameter["schema"])
    ]


@pytest.mark.parametrize(("path", "name"), _moments())
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_moments_that_no_calendar_has_are_refused(
    api: httpx.Client, path: str, name: str, moment: str
) -> None:
    answer = api.get(path.removeprefix(API_PREFIX), params={name: moment})
    assert_refused(answer, 422, "bad_request")


def test_nor_is_maintenance_over_by_then(api: httpx.Client) -> None:
    body = {"on": True, "until": "9999-12-31T23:59:59-14:00"}
    assert_refused(api.put("/admin/maintenance", json=body), 422, "bad_request")
