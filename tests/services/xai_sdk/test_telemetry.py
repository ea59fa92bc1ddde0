"""Spans of programs written for xai-sdk 1.x, beside those that the real package records."""

import json
import re
from typing import Any

from tests.support import run_child
from xai.testing import LocalServer

#: Records what a program does with each setting of the switches, and prints the spans.
_PROGRAM = """
import asyncio, json, os, sys
from datetime import timedelta

shape, key, host = sys.argv[1:]
if shape:
    import xai
    xai.install_as_xai_sdk(shape)
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel
from xai_sdk import AsyncClient, Client
from xai_sdk.chat import system, tool, user
from xai_sdk.telemetry import Telemetry, get_tracer

exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
assert Telemetry(provider).provider is provider
client = Client(key, api_host=host)
SOON = timedelta(milliseconds=10)

class City(BaseModel):
    name: str

def chat(model="grok-4", **settings):
    messages = [system("Be brief."), user("Does it work?")]
    return client.chat.create(model, messages=messages, temperature=0.0, **settings)

def run():
    all_of_it = dict(user="u", stop=["x"], seed=1, max_tokens=50, top_p=0.5, logprobs=True)
    chat(conversation_id="c", reasoning_effort="low", store_messages=True, **all_of_it).sample()
    chat(response_format="json_object").sample()
    schema = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
    chat(tools=[tool("f", "A function.", schema)], tool_choice="required").sample()
    list(chat().stream())
    chat().sample_batch(2)
    list(chat().stream_batch(2))
    chat().parse(City)
    chat().defer(interval=SOON)
    chat().defer_batch(2, interval=SOON)
    try:
        chat("no-such-model").sample()
    except Exception:
        pass
    client.tokenize.tokenize_text("Does it work?", "grok-4")
    client.models.list_language_models()
    client.image.sample("A cat", "grok-imagine-image")
    client.image.sample_batch("A cat", "grok-imagine-image", 2)
    client.video.generate("A cat", "grok-imagine-video", interval=SOON)
    file = client.files.upload(b"abc", filename="a.txt")
    client.files.content(file.id)
    client.files.delete(file.id)

async def run_aio():
    async with AsyncClient(key, api_host=host) as client:
        chat = client.chat.create("grok-4", messages=[user("Does it work?")], temperature=0.0)
        await chat.sample()
        async for _ in chat.stream():
            pass

def spans(**switches):
    os.environ.update(switches)
    exporter.clear()
    run()
    asyncio.run(run_aio())
    with get_tracer("of.the.program").start_as_current_span("its own"):
        pass
    for name in switches:
        del os.environ[name]
    return [
        {
            "name": span.name,
            "tracer": span.instrumentation_scope.name,
            "kind": span.kind.name,
            "status": span.status.status_code.name,
            "events": [event.name for event in span.events],
            "attributes": dict(span.attributes),
        }
        for span in exporter.get_finished_spans()
    ]

print(json.dumps([spans(), spans(XAI_SDK_DISABLE_SENSITIVE_TELEMETRY_ATTRIBUTES="1")]))
"""

#: What the server makes up anew each time.
_MADE_UP = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|\b(?:call_|file-)[0-9a-f]+|http://127\.0\.0\.1:\d+/[\w-]+"
    r"|\d{4}-\d\d-\d\dT[\d:.+]+"
)


#: Records nothing, as the switch is set before the first import, where that package reads it.
_SILENT = (
    _PROGRAM.partition("def run")[0]
    + """
exporter.clear()
chat().sample()
list(chat().stream())
with get_tracer("of.the.program").start_as_current_span("its own"):
    pass
print(json.dumps([span.name for span in exporter.get_finished_spans()]))
"""
)


def _recorded(program: str, shape: str, **switches: str) -> Any:  # noqa: ANN401  # read from JSON
    with LocalServer() as server:
        args = [shape, server.api_key, server.host]
        done = run_child(program, args=args, env=switches, python_args=("-W", "ignore"))
    return json.loads(_MADE_UP.sub("...", done.stdout))


def test_spans_are_those_of_the_real_package() -> None:
    """Names, tracers, kinds, status, events and attributes; with and without contents."""
    ours, theirs = _recorded(_PROGRAM, "1"), _recorded(_PROGRAM, "")
    everything, no_content = ours
    assert len(everything) == len(no_content) == 20
    assert "gen_ai.prompt.1.content" in everything[0]["attributes"]
    assert "Does it work?" not in json.dumps(no_content)
    assert ours == theirs


def test_spans_are_switched_off_as_those_of_the_real_package() -> None:
    """With the switch there are none, those of the program by ``get_tracer`` included."""
    for value, count in (("true", 0), ("0", 3)):
        ours, theirs = (
            _recorded(_SILENT, shape, XAI_SDK_DISABLE_TRACING=value) for shape in ("1", "")
        )
        assert ours == theirs
        assert len(ours) == count
