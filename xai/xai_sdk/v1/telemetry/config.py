"""Sets OpenTelemetry up. Needs its SDK: ``pip install opentelemetry-sdk``."""

import os
from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.xai_sdk.v1.__about__ import __version__
from xai.xai_sdk.v1.telemetry.switches import (
    should_disable_sensitive_attributes,
    should_disable_tracing,
)

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

__all__ = ["Telemetry", "get_tracer", "should_disable_sensitive_attributes"]

_MISSING = "xai_sdk.telemetry needs OpenTelemetry: pip install opentelemetry-sdk"


class Telemetry:
    """Sends spans somewhere.

    Args:
        provider: What makes spans; when None, one is made and becomes that of the process.

    Raises:
        ImportError: The SDK of OpenTelemetry is not installed.
    """

    def __init__(self, provider: "TracerProvider | None" = None) -> None:
        self.provider = provider or _installed_provider()

    def setup_otlp_exporter(self, **kwargs: object) -> None:
        """Send spans to a collector.

        Args:
            kwargs: For the exporter, such as ``endpoint`` and ``headers``.

        Raises:
            ImportError: The exporter is not installed.
            ValueError: OTEL_EXPORTER_OTLP_PROTOCOL is neither ``grpc`` nor ``http/protobuf``.
        """
        from importlib import import_module

        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        protocol = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf").lower()
        if protocol not in ("grpc", "http/protobuf"):
            raise ValueError(
                f"Unsupported OTLP protocol: {protocol}; expected 'grpc' or 'http/protobuf'"
            )
        kind = protocol.partition("/")[0]
        package = f"opentelemetry-exporter-otlp-proto-{kind}"
        try:
            module = import_module(f"opentelemetry.exporter.otlp.proto.{kind}.trace_exporter")
        except ImportError as error:
            raise ImportError(f"this exporter needs: pip install {package}") from error
        self.provider.add_span_processor(BatchSpanProcessor(module.OTLPSpanExporter(**kwargs)))

    def setup_console_exporter(self, **kwargs: object) -> None:
        """Write spans to the standard output.

        Args:
            kwargs: For the exporter.
        """
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

        exporter = ConsoleSpanExporter(**kwargs)  # type: ignore[arg-type]  # the program's
        self.provider.add_span_processor(SimpleSpanProcessor(exporter))


def _installed_provider() -> "TracerProvider":
    try:
        from opentelemetry import trace
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
    except ImportError as error:
        raise ImportError(_MISSING) from error
    names = {"service.name": "xai-sdk", "service.version": __version__}
    provider = TracerProvider(resource=Resource.create(names))
    trace.set_tracer_provider(provider)
    return provider


def get_tracer(name: str) -> "Tracer":
    """Return what makes the spans of a module; they are lost when tracing is switched off.

    Args:
        name: The module.

    Raises:
        ImportError: OpenTelemetry is not installed.
    """
    try:
        from opentelemetry import trace
    except ImportError as error:
        raise ImportError(_MISSING) from error
    return trace.NoOpTracer() if should_disable_tracing() else trace.get_tracer(name)


resolve_lazily(globals())
