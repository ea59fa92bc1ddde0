"""OpenTelemetry: a span and measurements for each call. Needs the extra ``xai-client[otel]``.

Names and attributes follow the semantic conventions for generative AI and for RPC:
https://opentelemetry.io/docs/specs/semconv/gen-ai/ and
https://opentelemetry.io/docs/specs/semconv/rpc/grpc/. What was asked and answered is never
recorded.
"""

from typing import TYPE_CHECKING, Final, cast

from xai._annotations import resolve_lazily
from xai._clock import monotonic
from xai._instrumentation import CallObserver, add_watcher, remove_watcher
from xai._version import __version__
from xai.errors import APIError, StatusCode

try:
    from opentelemetry import context, metrics, propagate, trace
    from opentelemetry.trace import SpanKind, Status
    from opentelemetry.trace import StatusCode as SpanStatus
except ImportError as error:
    raise ImportError(
        "xai.otel needs the OpenTelemetry API: pip install 'xai-client[otel]'"
    ) from error

if TYPE_CHECKING:
    import betterproto
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from xai.errors import Metadata
    from xai.options import RetryEvent

__all__ = ["instrument", "uninstrument"]

_SYSTEM: Final = "x_ai"
#: The operation of an RPC by the end of its path; the others are plain RPCs.
_OPERATIONS: Final = {
    "SampleTokens": "text_completion",
    "TokenizeAndSampleTokens": "text_completion",
    "SampleText": "text_completion",
    "SampleTextStreaming": "text_completion",
    "AddResponse": "chat",
    "GetCompletion": "chat",
    "GetCompletionChunk": "chat",
    "Embed": "embeddings",
    "GenerateImage": "generate_content",
    "GenerateVideo": "generate_content",
    "ExtendVideo": "generate_content",
}
#: Settings of a request that say nothing of its content.
_SETTINGS: Final = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "nucleus_p": "gen_ai.request.top_p",
    "max_tokens": "gen_ai.request.max_tokens",
    "max_len": "gen_ai.request.max_tokens",
    "seed": "gen_ai.request.seed",
    "rng_seed": "gen_ai.request.seed",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
}
_Values = dict[str, "str | int | float"]

_instrument: "_Instrument | None" = None


def instrument(
    *,
    tracer_provider: "TracerProvider | None" = None,
    meter_provider: "MeterProvider | None" = None,
) -> None:
    """Record the calls of all clients of this process, from now on.

    Each call is a span of kind CLIENT, from its beginning to the end of its stream, with an event
    for each retry; its context travels with the call by the global propagator. So is each download
    of an image or a video, without its URL. A second call takes the place of the first.

    Args:
        tracer_provider: Where spans go; the global one when None.
        meter_provider: Where measurements go; the global one when None.
    """
    global _instrument  # noqa: PLW0603  # the process has one, as OpenTelemetry itself does
    uninstrument()
    _instrument = _Instrument(tracer_provider, meter_provider)
    add_watcher(_instrument.watch)


def uninstrument() -> None:
    """Record no more calls; those under way are recorded to their end."""
    global _instrument  # noqa: PLW0603  # as above
    if _instrument is not None:
        remove_watcher(_instrument.watch)
        _instrument = None


class _Instrument:
    """The tracer and the instruments."""

    def __init__(
        self,
        tracer_provider: "TracerProvider | None",
        meter_provider: "MeterProvider | None",
    ) -> None:
        self.tracer = trace.get_tracer("xai", __version__, tracer_provider)
        meter = metrics.get_meter("xai", __version__, meter_provider)
        self.duration = meter.create_histogram(
            "gen_ai.client.operation.duration", "s", "How long the operations took."
        )
        self.tokens = meter.create_histogram(
            "gen_ai.client.token.usage", "{token}", "Tokens that went in and came out."
        )
        self.rpc_duration = meter.create_histogram(
            "rpc.client.duration", "ms", "How long the calls took."
        )

    def watch(self, path: str, host: str, request: "betterproto.Message") -> CallObserver:
        """Begin to watch a call."""
        return _Span(self, path, host, request)


class _Span:
    """One call."""

    def __init__(
        self, owner: _Instrument, path: str, host: str, request: "betterproto.Message"
    ) -> None:
        service, _, method = path.lstrip("/").rpartition("/")
        name, _, port = host.rpartition(":")
        self._owner = owner
        self._began = monotonic()
        self._first: float | None = None
        self._rpc: _Values = {"server.address": name.strip("[]"), "server.port": int(port)}
        if service:
            self._rpc |= {"rpc.system": "grpc", "rpc.service": service, "rpc.method": method}
        else:
            # The download of an image or a video.
            self._rpc |= {"http.request.method": method}
        operation = _OPERATIONS.get(method)
        model = _text(request, "model") or _text(request, "model_name")
        self._ai: _Values = {}
        if operation:
            self._ai = {"gen_ai.operation.name": operation, "gen_ai.provider.name": _SYSTEM}
            if model:
                self._ai["gen_ai.request.model"] = model
        attributes = self._rpc | self._ai
        if operation:
            attributes |= _settings(request)
        title = f"{operation} {model}".strip() if operation else path.lstrip("/")
        self._span = owner.tracer.start_span(title, kind=SpanKind.CLIENT, attributes=attributes)

    def metadata(self) -> "Metadata":
        """Return the context of the span, as the global propagator writes it."""
        carrier: dict[str, str] = {}
        propagate.inject(carrier, trace.set_span_in_context(self._span, context.get_current()))
        return tuple((key.lower(), value) for key, value in carrier.items())

    def retry(self, event: "RetryEvent") -> None:
        """Add an event."""
        self._span.add_event(
            "retry",
            {
                "xai.attempt": event.attempt,
                "xai.status": event.code.name,
                "xai.wait": event.wait,
                "error.type": event.error.__name__,
            },
        )

    def arrived(self) -> None:
        """Add an event for the first messages of a stream."""
        if self._first is None:
            self._first = monotonic() - self._began
            self._span.add_event("first_message", {"xai.seconds": self._first})

    def end(
        self, error: BaseException | None, reply: "betterproto.Message | None", attempts: int
    ) -> None:
        """Close the span and measure."""
        seconds = monotonic() - self._began
        status = int(error.code) if isinstance(error, APIError) else None
        outcome: _Values = {}
        if error is None:
            status = int(StatusCode.OK)
        else:
            outcome["error.type"] = type(error).__name__
            # Not the exception's text: a server may quote what it was asked.
            self._span.set_status(Status(SpanStatus.ERROR))
        calls = "rpc.system" in self._rpc
        if status is not None and calls:
            outcome["rpc.grpc.status_code"] = status
        self._span.set_attributes({**outcome, "xai.attempts": attempts})
        if calls:
            self._owner.rpc_duration.record(seconds * 1000.0, self._rpc | outcome)
        if self._ai:
            self._owner.duration.record(seconds, self._ai | outcome)
        if reply is not None:
            self._read(reply)
        self._span.end()

    def _read(self, reply: "betterproto.Message") -> None:
        """Note what a reply tells about itself."""
        for field, attribute in (("id", "gen_ai.response.id"), ("model", "gen_ai.response.model")):
            text = _text(reply, field)
            if text and self._ai:
                self._span.set_attribute(attribute, text)
        usage = _value(reply, "usage")
        if usage is None:
            return
        for field, kind in (("prompt_tokens", "input"), ("completion_tokens", "output")):
            count = _value(cast("betterproto.Message", usage), field)
            if isinstance(count, int):
                self._span.set_attribute(f"gen_ai.usage.{kind}_tokens", count)
                self._owner.tokens.record(count, {**self._ai, "gen_ai.token.type": kind})


def _value(message: "betterproto.Message", field: str) -> object:
    """Return a field that is set, or None: to read one that is not would set it."""
    if not hasattr(type(message), field) or not message.is_set(field):
        return None
    value: object = getattr(message, field)
    return value


def _text(message: "betterproto.Message", field: str) -> str:
    value = _value(message, field)
    return value if isinstance(value, str) else ""


def _settings(request: "betterproto.Message") -> _Values:
    """Return the settings of a request; one that was not given is not among them."""
    found: _Values = {}
    for part in (request, _value(request, "settings")):
        for field, attribute in _SETTINGS.items():
            value = None if part is None else _value(cast("betterproto.Message", part), field)
            if isinstance(value, (int, float)):
                found[attribute] = value
    return found


resolve_lazily(globals())
