"""The checked-in OpenAPI document is this code's, and says what a client maker needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roto_server import openapi
from roto_server.api.schemas import corrections, health, jobs, previews, projects, segment, uploads
from roto_server.api.schemas.common import ErrorBody, Page

CHECKED_IN = Path(__file__).resolve().parents[3] / "server" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document()


def test_the_checked_in_document_is_current() -> None:
    assert CHECKED_IN.read_text(encoding="utf-8") == openapi.text(), "run: make openapi"


def test_refusals_have_one_schema(document: dict[str, Any]) -> None:
    refusal = {"$ref": "#/components/schemas/ErrorBody"}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and path != "/readyz":
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == refusal, (method, path, status)


def test_every_operation_is_described_and_named_once(document: dict[str, Any]) -> None:
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert all(operation["description"] for operation in operations)


def test_every_range_says_that_both_ends_are_in_it(document: dict[str, Any]) -> None:
    ranges = 0
    for name, schema in document["components"]["schemas"].items():
        for field, said in schema.get("properties", {}).items():
            forms = said.get("anyOf", [said])
            pairs = [form for form in forms if len(form.get("prefixItems", ())) == 2]
            if field in ("frame_range", "frames") and pairs:
                ranges += 1
                assert "both included" in f"{pairs}{said}", f"{name}.{field}"
    assert ranges > 5


@pytest.mark.parametrize("room", [corrections, health, jobs, previews, projects, segment, uploads])
def test_examples_are_valid(room: Any) -> None:
    """An example that its own model refuses would teach clients wrong."""
    checked = 0
    for model in vars(room).values():
        extra = getattr(model, "model_config", {}).get("json_schema_extra")
        if extra and model.__module__ == room.__name__:
            model.model_validate(extra["example"])
            checked += 1
    assert checked > 0


def test_shared_shapes(document: dict[str, Any]) -> None:
    assert ErrorBody.model_validate(ErrorBody.model_config["json_schema_extra"]["example"])
    assert set(Page.model_fields) == {"items", "next"}
    assert "SegmentIn" in document["components"]["schemas"]
