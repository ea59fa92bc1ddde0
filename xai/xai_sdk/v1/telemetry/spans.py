"""Spans around calls. Nothing in here can fail a call, or costs one that nobody records."""

import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timezone
from types import TracebackType
from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai._log import log
from xai.xai_sdk.v1.telemetry.switches import (
    should_disable_sensitive_attributes,
    should_disable_tracing,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.trace import Span
    from typing_extensions import Self


class span:  # noqa: N801  # reads as the context manager that it is
    """Records a call as a span, if somebody records spans.

    Args:
        module: The module that makes the call.
        name: The name of the span.
        attributes: Makes its attributes.
        current: Whether spans that begin meanwhile belong to it; not for what yields.
    """

    def __init__(
        self,
        module: str,
        name: str,
        attributes: "Callable[[], Mapping[str, object]] | None" = None,
        *,
        current: bool = True,
    ) -> None:
        self._module = f"xai_sdk{module.removeprefix('xai.xai_sdk.v1')}"
        self._name = name
        self._attributes = attributes
        self._current = current
        self._span: Span | None = None
        self._entered: AbstractContextManager[object] = nullcontext()
        self._began = False

    def __enter__(self) -> "Self":
        """Start the span."""
        # Whoever wants spans has loaded OpenTelemetry.
        if "opentelemetry.trace" in sys.modules and not should_disable_tracing():
            from opentelemetry import trace

            tracer = trace.get_tracer(self._module)
            self._span = tracer.start_span(self._name, kind=trace.SpanKind.CLIENT)
            if self._attributes is not None:
                self.set(self._attributes)
            if self._current:
                self._entered = trace.use_span(
                    self._span, record_exception=False, set_status_on_exception=False
                )
            self._entered.__enter__()
        return self

    def set(self, attributes: "Callable[[], Mapping[str, object]]") -> None:
        """Add attributes, which are made only when they are recorded."""
        if self._span is None or not self._span.is_recording():
            return
        try:
            self._span.set_attributes(attributes())  # type: ignore[arg-type]  # only such are made
        except Exception:  # noqa: BLE001  # the call was paid for
            log.debug("the attributes of the span %s could not be made", self._name)

    def began(self) -> None:
        """Note that the first chunk of a stream has come."""
        if not self._began:
            self._began = True
            self.set(
                lambda: {"gen_ai.completion.start_time": datetime.now(timezone.utc).isoformat()}
            )

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the span; an error becomes its status."""
        self._entered.__exit__(exc_type, exc, traceback)
        if self._span is None:
            return
        if isinstance(exc, Exception):
            from opentelemetry.trace import Status, StatusCode

            self._span.record_exception(exc)
            self._span.set_status(Status(StatusCode.ERROR, f"{type(exc).__name__}: {exc}"))
        self._span.end()


def sensitive() -> bool:
    """Tell whether attributes may say what was asked and answered."""
    return not should_disable_sensitive_attributes()


resolve_lazily(globals())
