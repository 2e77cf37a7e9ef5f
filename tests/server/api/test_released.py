"""Clients made for a released version go on working: the API only grows."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers_breaking import breaking

from roto_client.contract import PRODUCT_VERSION
from roto_server import openapi

RELEASED = Path(__file__).resolve().parents[3] / "server" / "released"


def newest_release() -> Path:
    def number(path: Path) -> list[int]:
        return [int(part) for part in path.stem.removeprefix("openapi-").split(".")]

    return max(RELEASED.glob("openapi-*.json"), key=number)


@pytest.fixture
def released() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(newest_release().read_text(encoding="utf-8"))
    return document


def test_nothing_a_released_client_relies_on_has_changed(released: dict[str, Any]) -> None:
    assert breaking(released, openapi.document()) == []


def test_the_release_compared_with_is_an_earlier_one(released: dict[str, Any]) -> None:
    assert released["info"]["version"] in newest_release().name
    assert released["info"]["version"] != PRODUCT_VERSION


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def _path_gone(new: dict[str, Any]) -> None:
    del new["paths"]["/api/v1/jobs/{job_id}"]


def _method_gone(new: dict[str, Any]) -> None:
    del new["paths"]["/api/v1/projects"]["post"]


def _parameter_required(new: dict[str, Any]) -> None:
    new["paths"]["/api/v1/jobs"]["get"]["parameters"].append(
        {"in": "query", "name": "project", "required": True, "schema": {"type": "string"}}
    )


def _limit_lowered(new: dict[str, Any]) -> None:
    for one in new["paths"]["/api/v1/jobs"]["get"]["parameters"]:
        if one["name"] == "limit":
            one["schema"]["maximum"] = 10


def _field_required(new: dict[str, Any]) -> None:
    schema(new, "ProjectIn")["required"].append("client")
    schema(new, "ProjectIn")["properties"]["client"] = {"type": "string"}


def _field_refused(new: dict[str, Any]) -> None:
    del schema(new, "SegmentIn")["properties"]["template"]


def _field_of_other_type(new: dict[str, Any]) -> None:
    schema(new, "ProjectIn")["properties"]["name"] = {"type": "integer"}


def _value_refused(new: dict[str, Any]) -> None:
    schema(new, "SegmentIn")["properties"]["priority"]["enum"].remove("high")


def _answer_field_gone(new: dict[str, Any]) -> None:
    del schema(new, "JobOut")["properties"]["created_by"]


def _answer_field_optional(new: dict[str, Any]) -> None:
    schema(new, "JobOut")["required"].remove("shot_id")


def _answer_field_null(new: dict[str, Any]) -> None:
    schema(new, "JobOut")["properties"]["shot_id"] = {
        "anyOf": [{"type": "string"}, {"type": "null"}]
    }


def _answer_deep_inside(new: dict[str, Any]) -> None:
    del schema(new, "AttemptOut")["properties"]["worker_id"]


def _status_gone(new: dict[str, Any]) -> None:
    answers = new["paths"]["/api/v1/projects"]["post"]["responses"]
    answers["200"] = answers.pop("201")


BREAKING = [
    (_path_gone, "GET /api/v1/jobs/{job_id}: gone"),
    (_method_gone, "POST /api/v1/projects: gone"),
    (_parameter_required, "parameter project is required now"),
    (_limit_lowered, "maximum 1000 became 10"),
    (_field_required, ".client: is required now"),
    (_field_refused, ".template: is refused now"),
    (_field_of_other_type, ".name: ['string'] became ['integer']"),
    (_value_refused, "takes no ['\"high\"'] any more"),
    (_answer_field_gone, ".created_by: gone"),
    (_answer_field_optional, ".shot_id: may be missing now"),
    (_answer_field_null, ".shot_id: may be ['null'] now"),
    (_answer_deep_inside, ".worker_id: gone"),
    (_status_gone, "answers no 201 any more"),
]


@pytest.mark.parametrize(("change", "told"), BREAKING, ids=lambda one: getattr(one, "__name__", ""))
def test_a_breaking_change_is_found(
    released: dict[str, Any], change: Callable[[dict[str, Any]], None], told: str
) -> None:
    changed = copy.deepcopy(released)
    change(changed)
    found = breaking(released, changed)
    assert any(told in line for line in found), found


def _path_added(new: dict[str, Any]) -> None:
    new["paths"]["/api/v1/more"] = new["paths"]["/api/v1/projects"]


def _parameter_added(new: dict[str, Any]) -> None:
    new["paths"]["/api/v1/jobs"]["get"]["parameters"].append(
        {"in": "query", "name": "mine", "required": False, "schema": {"type": "boolean"}}
    )


def _field_added(new: dict[str, Any]) -> None:
    for name in ("ProjectIn", "JobOut"):
        schema(new, name)["properties"]["more"] = {"type": "string"}


def _limit_raised(new: dict[str, Any]) -> None:
    for one in new["paths"]["/api/v1/jobs"]["get"]["parameters"]:
        if one["name"] == "limit":
            one["schema"]["maximum"] = 10_000


def _null_taken(new: dict[str, Any]) -> None:
    name = schema(new, "ProjectIn")["properties"]["name"]
    schema(new, "ProjectIn")["properties"]["name"] = {"anyOf": [name, {"type": "null"}]}


def _refusal_added(new: dict[str, Any]) -> None:
    answers = new["paths"]["/api/v1/projects"]["get"]["responses"]
    answers["429"] = answers["401"]


@pytest.mark.parametrize(
    "change",
    [_path_added, _parameter_added, _field_added, _limit_raised, _null_taken, _refusal_added],
)
def test_growth_is_no_breaking_change(
    released: dict[str, Any], change: Callable[[dict[str, Any]], None]
) -> None:
    changed = copy.deepcopy(released)
    change(changed)
    assert breaking(released, changed) == []
