"""A span per request to an OpenTelemetry collector, if one is set (OTLP over HTTP).

A span says which route answered with what, how long it took and under which request id. It has no
address, no query, no header and nobody's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from roto_client.contract import PRODUCT_VERSION

from ..settings import Settings, SettingsError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

SERVICE = "megaton-roto-server"


class RequestSpan:
    """The span of one request."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.trace_id = format(span.get_span_context().trace_id, "032x")
        """32 hex digits, for the log."""

    def answered(self, method: str, route: str, status: int) -> None:
        """How the request ended. ``route`` is the template, never the path with its ids."""
        from opentelemetry.trace import StatusCode

        self._span.update_name(f"{method} {route}")
        self._span.set_attribute("http.request.method", method)
        self._span.set_attribute("http.route", route)
        self._span.set_attribute("http.response.status_code", status)
        if status >= 500:
            self._span.set_status(StatusCode.ERROR)


class Traces:
    """Makes spans and sends them from a thread of its own."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = provider
        self._tracer = provider.get_tracer(SERVICE, PRODUCT_VERSION)
        self._sent = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, request_id: str, headers: Mapping[str, str]) -> Iterator[RequestSpan]:
        """A span for the time of the block, below the sender's own if ``headers`` name one."""
        from opentelemetry.trace import SpanKind

        with self._tracer.start_as_current_span(
            "request",
            context=self._sent.extract({"traceparent": headers.get("traceparent", "")}),
            kind=SpanKind.SERVER,
            attributes={"roto.request_id": request_id},
            # An exception's message may hold anything.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield RequestSpan(span)

    def close(self) -> None:
        """Send what is left; blocks for as long as that takes."""
        self._provider.shutdown()


def open_traces(settings: Settings) -> Traces | None:
    """What traces requests; None when no collector is set.

    Raises:
        SettingsError: ROTO_OTLP_ENDPOINT is set and OpenTelemetry is not installed.
    """
    if not settings.otlp_endpoint:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
    except ModuleNotFoundError:
        raise SettingsError(
            "ROTO_OTLP_ENDPOINT is set, but OpenTelemetry is not installed.",
            hint="pip install 'megaton-roto[telemetry]', or unset it.",
        ) from None

    headers = (part.partition("=") for part in settings.otlp_headers.get_secret_value().split(","))
    exporter = OTLPSpanExporter(
        endpoint=f"{settings.otlp_endpoint}/v1/traces",
        headers={name.strip(): value.strip() for name, _, value in headers if name.strip()},
        timeout=5,
    )
    provider = TracerProvider(
        resource=Resource.create({"service.name": SERVICE, "service.version": PRODUCT_VERSION}),
        sampler=ParentBased(TraceIdRatioBased(settings.otlp_sample_ratio)),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=2000))
    return Traces(provider)
