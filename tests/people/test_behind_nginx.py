"""The dashboard behind deploy/nginx/roto.conf, for somebody who is not in the farm's network."""

from __future__ import annotations

import http.client
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import httpx
import pytest
from helpers_nginx import Proxy, running_nginx
from helpers_people import House, running_house
from who_may import ROWS

from helpers_services import free_port
from roto_server.db.farm import Node

OF_PEOPLE = {
    "GET /farm/nodes", "GET /farm/queues", "GET /farm/history", "POST /farm/nodes/{node_id}/state",
}  # fmt: skip


@dataclass(frozen=True)
class Outside:
    """A house, and the proxy before it as seen from outside of the farm."""

    house: House
    proxy: Proxy


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    folder, port = tmp_path_factory.mktemp("outside"), free_port()
    settings = {
        "ROTO_PUBLIC_URL": f"https://localhost:{port}", "ROTO_TRUSTED_PROXIES": "127.0.0.1",
    }  # fmt: skip
    with running_house(folder, f"sqlite:///{folder / 'roto.db'}", **settings) as house:
        server = house.processes[0].url.removeprefix("http://")
        with running_nginx(port, free_port(), [server] * 3, farm="192.0.2.0/24") as proxy:
            yield Outside(house, proxy)


@pytest.fixture
def admin(outside: Outside) -> Iterator[httpx.Client]:
    with outside.proxy.client(outside.house.admin.key) as client:
        yield client


def test_people_see_the_farm_from_anywhere(outside: Outside, admin: httpx.Client) -> None:
    name = f"node-{uuid.uuid4().hex[:8]}"
    with outside.house.database.session() as session:
        session.add(Node(name=name))
    nodes = admin.get("/farm/nodes", params={"limit": 1000})
    assert name in {node["id"] for node in nodes.json()["items"]}
    assert "queues" in admin.get("/farm/queues").json()
    assert admin.get("/farm/history").json()["step_minutes"] >= 1
    body = {"state": "draining", "reason": "a new driver"}
    assert admin.post(f"/farm/nodes/{name}/state", json=body).json()["state"] == "draining"


def test_whoever_may_not_is_told_by_the_server(outside: Outside) -> None:
    with outside.proxy.client(outside.house.person("artist").key) as artist:
        for path in ("/farm/nodes", "/farm/queues", "/farm/history"):
            assert artist.get(path).json()["code"] == "forbidden"
    with outside.proxy.client() as nobody:
        assert nobody.get("/farm/nodes").json()["code"] == "unauthorized"


@pytest.mark.parametrize(
    "route",
    [
        row.operation
        for row in ROWS
        if " /farm/" in row.operation and row.operation not in OF_PEOPLE
    ],
)
def test_what_workers_ask_is_closed(outside: Outside, route: str) -> None:
    method, path = route.split()
    with outside.proxy.client(outside.house.farm_token) as worker:
        answer = worker.request(method, path.replace("{", "").replace("}", ""))
    assert_closed(answer.status_code, answer.headers.get("X-Request-Id"))


@pytest.mark.parametrize(
    "path",
    [
        "nodes/../workers",
        "nodes/%2e%2e/workers",
        "//workers",
        "nodes/x/../../workers",
    ],
)
def test_nor_is_it_reached_by_a_detour(outside: Outside, path: str) -> None:
    connection = http.client.HTTPSConnection(
        "localhost", outside.proxy.port, context=outside.proxy.trust(), timeout=30
    )
    headers = {"Authorization": f"Bearer {outside.house.farm_token}"}
    with closing(connection):
        connection.request("POST", f"/api/v1/farm/{path}", body=b"{}", headers=headers)
        answer = connection.getresponse()
        answer.read()
    assert_closed(answer.status, answer.headers.get("X-Request-Id"))


def test_administrators_see_what_works(outside: Outside, admin: httpx.Client) -> None:
    told = admin.get("/admin/health").json()
    direct = httpx.get(outside.house.url + "/readyz", timeout=60).json()
    assert set(told["checks"]) == set(direct["checks"]) >= {"database", "redis", "storage"}
    assert told["ready"]
    with outside.proxy.client(outside.house.person("supervisor").key) as supervisor:
        assert supervisor.get("/admin/health").json()["code"] == "forbidden"


def assert_closed(status: int, request_id: str | None) -> None:
    """The proxy refused it: a server would have told the request's id."""
    assert (status, request_id) == (403, None)
