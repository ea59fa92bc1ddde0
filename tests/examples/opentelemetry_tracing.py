"""See each call as a span of OpenTelemetry."""

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

import xai
from xai import otel
from xai.v1 import user

provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
otel.instrument(tracer_provider=provider)
with provider.get_tracer("shop").start_as_current_span("answer a customer"):
    with xai.v1.Client() as client:
        chat = client.chat.create("grok-4", messages=[user("What is the sea like?")])
        print(chat.sample().content)
otel.uninstrument()
provider.shutdown()
