"""What Prometheus is told of this process: its connections, its sockets, whether it leads."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from .api.tail import EventTail
from .db.session import Database
from .jobs.leading import Leadership


class ProcessCollector(Collector):
    """Reads counters that are kept anyway; asks no database."""

    def __init__(self, database: Database, leadership: Leadership, tail: EventTail) -> None:
        self._database = database
        self._leadership = leadership
        self._tail = tail

    def describe(self) -> Iterable[Metric]:
        """Nothing up front: the values are read when asked for."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Connections in use and allowed, requests at the gate, sockets, 1 for who leads."""
        connections = GaugeMetricFamily(
            "roto_database_connections",
            "Database connections of this process: in use, and the most it may open.",
            labels=["state"],
        )
        connections.add_metric(["in_use"], self._database.connections_in_use())
        connections.add_metric(["limit"], self._database.limits.connections)
        requests = GaugeMetricFamily(
            "roto_database_requests", "Requests of this process that are at the database."
        )
        requests.add_metric([], self._database.gate.inside)
        leading = GaugeMetricFamily(
            "roto_reconciler_leading", "1 on the one server process that reconciles."
        )
        leading.add_metric([], float(self._leadership.leading))
        sockets = GaugeMetricFamily(
            "roto_event_sockets", "WebSockets of this process that are told of events."
        )
        sockets.add_metric([], self._tail.sockets)
        return connections, requests, leading, sockets
