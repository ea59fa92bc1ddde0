import gc
from collections.abc import Iterator

import pytest
from opentelemetry import propagate
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from opentelemetry.trace import StatusCode as SpanStatus
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

import xai
from tests.services.aio.helpers import collect
from tests.support import SECRET_KEY
from xai import AsyncClient, otel
from xai.testing import LocalServer

PROMPT = "a prompt that nobody records"


class Recorded:
    """Where spans and measurements go."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        self._reader = InMemoryMetricReader()
        self.meters = MeterProvider([self._reader])

    def spans(self) -> list[ReadableSpan]:
        """Return the spans that have ended."""
        return list(self._exporter.get_finished_spans())

    def span(self) -> ReadableSpan:
        """Return the one span that has ended."""
        (span,) = self.spans()
        return span

    def metrics(self) -> dict[str, list[dict[str, object]]]:
        """Return the attributes of each measurement by the name of its instrument."""
        data = self._reader.get_metrics_data()
        found: dict[str, list[dict[str, object]]] = {}
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    points = found.setdefault(metric.name, [])
                    points += [{**(point.attributes or {})} for point in metric.data.data_points]
        return found


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    """Calls are recorded while a test runs."""
    recorded = Recorded()
    before = propagate.get_global_textmap()
    propagate.set_global_textmap(TraceContextTextMapPropagator())
    otel.instrument(tracer_provider=recorded.tracers, meter_provider=recorded.meters)
    yield recorded
    otel.uninstrument()
    propagate.set_global_textmap(before)
    recorded.meters.shutdown()


async def test_call_is_a_span_with_measurements(
    client: AsyncClient, server: LocalServer, recorded: Recorded
) -> None:
    """A call is one span of kind CLIENT, named and described by the conventions."""
    await client.sampler.tokenize(PROMPT)
    span = recorded.span()
    assert span.kind is SpanKind.CLIENT
    assert span.name == "prompt_ide.Sampler/Tokenize"
    name, _, port = server.host.partition(":")
    assert dict(span.attributes or {}) == {
        "rpc.system": "grpc",
        "rpc.service": "prompt_ide.Sampler",
        "rpc.method": "Tokenize",
        "rpc.grpc.status_code": 0,
        "server.address": name,
        "server.port": int(port),
        "xai.attempts": 1,
    }
    assert recorded.metrics()["rpc.client.duration"][0]["rpc.grpc.status_code"] == 0


async def test_collections_are_spans_without_a_word_of_them(
    server: LocalServer, recorded: Recorded
) -> None:
    """Each step of an upload is a span, the waiting and the search as well."""
    key, host = server.management_api_key, server.host
    async with AsyncClient(
        SECRET_KEY, api_host=host, management_api_key=key, management_api_host=host
    ) as client:
        collections = client.v1.collections
        where = (await collections.create(PROMPT)).collection_id
        await collections.upload_document(
            PROMPT.encode(),
            collection_id=where,
            name=f"{PROMPT}.txt",
            fields={"title": PROMPT},
            wait_for_indexing=True,
            interval=0.001,
        )
        assert await collections.search(PROMPT, collection_ids=[where])
    spans = recorded.spans()
    names = [span.name.rpartition("/")[2] for span in spans]
    assert names[:3] == ["CreateCollection", "UploadFile", "AddDocumentToCollection"]
    assert set(names[3:-1]) == {"GetDocumentMetadata"}
    assert names[-1] == "Search"
    assert PROMPT not in "".join(span.to_json() for span in spans)


async def test_files_are_spans_without_a_byte_of_them(
    client: AsyncClient, recorded: Recorded
) -> None:
    """An upload and a download are spans of their RPCs; neither name nor content is recorded."""
    content = b"a content that nobody records"
    file = await client.v1.files.upload(content, filename="secret-name")
    assert await client.v1.files.content(file.id) == content
    upload, download = recorded.spans()
    assert (upload.name, download.name) == (
        "xai_api.Files/UploadFile",
        "xai_api.Files/RetrieveFileContent",
    )
    for span in (upload, download):
        attributes = dict(span.attributes or {})
        assert (attributes["rpc.grpc.status_code"], attributes["xai.attempts"]) == (0, 1)
        assert "nobody records" not in span.to_json()
        assert "secret-name" not in span.to_json()


async def test_answer_of_a_model_tells_tokens_and_settings(
    client: AsyncClient, recorded: Recorded
) -> None:
    """Operations of models carry the attributes of generative AI, and count tokens."""
    reply = await client.compat.chat.completions.create(
        messages=[{"role": "user", "content": PROMPT}], model="grok-local", temperature=0.0, seed=3
    )
    span = recorded.span()
    attributes = dict(span.attributes or {})
    assert span.name == "chat grok-local"
    assert attributes["gen_ai.operation.name"] == "chat"
    assert attributes["gen_ai.provider.name"] == "x_ai"
    assert attributes["gen_ai.request.model"] == "grok-local"
    assert attributes["gen_ai.request.seed"] == 3
    assert attributes["gen_ai.usage.output_tokens"] == reply.usage.completion_tokens
    assert attributes["gen_ai.usage.input_tokens"] == reply.usage.prompt_tokens
    assert attributes["gen_ai.response.id"] == reply.id
    metrics = recorded.metrics()
    kinds = {point["gen_ai.token.type"] for point in metrics["gen_ai.client.token.usage"]}
    assert kinds == {"input", "output"}
    (duration,) = metrics["gen_ai.client.operation.duration"]
    assert duration["gen_ai.operation.name"] == "chat"


async def test_answer_of_v1_tells_what_it_cost(client: AsyncClient, recorded: Recorded) -> None:
    """client.v1.chat: model, settings, ID and tokens, complete and streamed."""
    messages = [xai.v1.user(PROMPT)]
    chat = client.v1.chat.create("grok-local", messages=messages, temperature=0.0, seed=3)
    whole = await chat.sample()
    async with chat.stream() as stream:
        streamed = await stream.until_done()
    for answer, span in zip((whole, streamed), recorded.spans(), strict=True):
        attributes = dict(span.attributes or {})
        assert span.name == "chat grok-local"
        assert attributes["gen_ai.request.seed"] == 3
        assert attributes["gen_ai.request.temperature"] == 0.0
        assert attributes["gen_ai.response.id"] == answer.id
        assert attributes["gen_ai.usage.input_tokens"] == answer.usage.prompt_tokens
        assert attributes["gen_ai.usage.output_tokens"] == answer.usage.completion_tokens
        assert answer.content not in span.to_json()
    assert len(recorded.metrics()["gen_ai.client.token.usage"]) == 2


async def test_pictures_and_videos_are_no_part_of_a_span(
    client: AsyncClient, recorded: Recorded
) -> None:
    """Images and videos are spans with their model, and with nothing of what they show."""
    picture = b"\x89PNG\r\n\x1a\n" + b"secret picture" * 10
    image = await client.v1.image.sample(PROMPT, "grok-imagine-image", image_format="base64")
    assert image.base64
    with pytest.raises(xai.APIError):
        await client.v1.image.sample(PROMPT, "no-such", images=[picture])
    job = await client.v1.video.start(PROMPT, "grok-imagine-video", duration=1)
    await job.refresh()
    spans = recorded.spans()
    assert [span.name for span in spans] == [
        "generate_content grok-imagine-image",
        "generate_content no-such",
        "generate_content grok-imagine-video",
        "xai_api.Video/GetDeferredVideo",
    ]
    shown = "".join(span.to_json() for span in spans)
    for part in (PROMPT, image.base64[-200:-100], "iVBORw0", "base64"):
        assert part not in shown


async def test_answer_that_was_left_tells_what_it_cost_so_far(
    client: AsyncClient, recorded: Recorded
) -> None:
    """The tokens that came before the stream was closed are part of its span."""
    chat = client.v1.chat.create("grok-local", messages=[xai.v1.user(PROMPT)], temperature=0.0)
    async with chat.stream() as stream:
        response, _ = await anext(aiter(stream))
    attributes = dict(recorded.span().attributes or {})
    assert attributes["gen_ai.usage.output_tokens"] == response.usage.completion_tokens


async def test_stream_is_a_span_to_its_end(client: AsyncClient, recorded: Recorded) -> None:
    """The span of a stream ends with it, and tells when the first message came."""
    stream = client.sampler.sample(PROMPT, max_len=3, temperature=0.5, rng_seed=1)
    assert await collect(stream)
    span = recorded.span()
    attributes = dict(span.attributes or {})
    assert attributes["gen_ai.operation.name"] == "text_completion"
    assert attributes["gen_ai.request.max_tokens"] == 3
    assert attributes["gen_ai.request.temperature"] == 0.5
    assert [event.name for event in span.events] == ["first_message"]


async def test_stream_that_is_left_ends_its_span_well(
    client: AsyncClient, recorded: Recorded
) -> None:
    """Closing early is no error; the span ends there, once."""
    stream = client.sampler.sample(PROMPT, temperature=0.0)
    assert await anext(aiter(stream)) is not None
    assert recorded.spans() == []
    await stream.close()
    await stream.close()
    assert recorded.span().status.status_code is SpanStatus.UNSET


async def test_stream_nobody_holds_ends_its_span(client: AsyncClient, recorded: Recorded) -> None:
    """A stream that is collected ends its span as one that is closed."""
    stream = client.sampler.sample(PROMPT, temperature=0.0)
    assert await anext(aiter(stream)) is not None
    del stream
    gc.collect()
    assert recorded.span().status.status_code is SpanStatus.UNSET


async def test_failure_is_told_without_its_text(
    client: AsyncClient, server: LocalServer, recorded: Recorded
) -> None:
    """A failed call has the class of its error and its status; what the server said stays out."""
    server.fail(xai.StatusCode.INVALID_ARGUMENT, f"can't read {PROMPT}")
    with pytest.raises(xai.InvalidArgumentError):
        await client.sampler.tokenize(PROMPT)
    span = recorded.span()
    attributes = dict(span.attributes or {})
    assert span.status.status_code is SpanStatus.ERROR
    assert attributes["error.type"] == "InvalidArgumentError"
    assert attributes["rpc.grpc.status_code"] == 3
    assert PROMPT not in span.to_json()


async def test_failing_stream_ends_its_span(
    client: AsyncClient, server: LocalServer, recorded: Recorded
) -> None:
    """A stream that fails amid its messages is a span with an error."""
    server.drop_connection(after_messages=1)
    with pytest.raises(xai.APIConnectionError):
        assert await collect(client.sampler.sample(PROMPT, temperature=0.0))
    attributes = dict(recorded.span().attributes or {})
    assert attributes["error.type"] == "APIConnectionError"


async def test_retries_are_events_of_one_span(
    client: AsyncClient, server: LocalServer, recorded: Recorded
) -> None:
    """However often a call is tried, it is one span; each retry is an event of it."""
    server.fail(xai.StatusCode.UNAVAILABLE, times=2)
    await client.sampler.tokenize(PROMPT)
    span = recorded.span()
    assert [event.name for event in span.events] == ["retry", "retry"]
    first = dict(span.events[0].attributes or {})
    assert (first["xai.attempt"], first["xai.status"]) == (1, "UNAVAILABLE")
    assert dict(span.attributes or {})["xai.attempts"] == 3


async def test_context_travels_with_the_call(
    client: AsyncClient, server: LocalServer, recorded: Recorded
) -> None:
    """The server gets the trace's context, as a child of the caller's own span."""
    with recorded.tracers.get_tracer("test").start_as_current_span("around") as around:
        await client.sampler.tokenize(PROMPT)
    sent = str(dict(server.calls[-1].metadata)["traceparent"])
    span = recorded.spans()[0]
    assert span.parent is not None
    assert span.parent.span_id == around.get_span_context().span_id
    context = span.get_span_context()
    assert context is not None
    assert sent.split("-")[1:3] == [f"{context.trace_id:032x}", f"{context.span_id:016x}"]


async def test_nothing_secret_is_recorded(client: AsyncClient, recorded: Recorded) -> None:
    """Neither the key nor what was asked and answered is in a span."""
    tokens = await collect(client.sampler.sample(PROMPT, max_len=5, temperature=0.0))
    await client.sampler.tokenize(PROMPT)
    shown = "".join(span.to_json() for span in recorded.spans())
    assert PROMPT not in shown
    assert SECRET_KEY not in shown
    assert "local-key" not in shown
    assert all(len(token.token_str) < 3 or token.token_str not in shown for token in tokens)


async def test_batches_embeddings_and_raw_completions_are_spans(
    client: AsyncClient, recorded: Recorded
) -> None:
    """Models and tokens are told, and neither texts nor results are."""
    found = await client.v1.embedder.embed([PROMPT] * 130, model="embedder-local")
    text = await client.v1.sampler.sample(PROMPT, model="grok-local", max_tokens=5, seed=2)
    streamed = await client.v1.sampler.stream(PROMPT, model="grok-local").until_done()
    batch = await client.v1.batch.create("mine")
    chat = client.v1.chat.create("grok-local", messages=[xai.v1.user(PROMPT)])
    await client.v1.batch.add(batch.batch_id, [chat])
    await client.v1.batch.wait(batch.batch_id, interval=0.01)
    (result,) = (await client.v1.batch.results(batch.batch_id)).items
    spans = recorded.spans()
    assert [span.name for span in spans[:6]] == [
        *["embeddings embedder-local"] * 2,
        *["text_completion grok-local"] * 2,
        "xai_api.BatchMgmt/CreateBatch",
        "xai_api.BatchMgmt/AddBatchRequests",
    ]
    assert {span.name for span in spans[6:]} == {
        "xai_api.BatchMgmt/GetBatch",
        "xai_api.BatchMgmt/ListBatchResults",
    }
    assert dict(spans[1].attributes or {})["gen_ai.response.id"] == found.ids[1]
    for span, completion in zip(spans[2:4], (text, streamed), strict=True):
        attributes = dict(span.attributes or {})
        assert attributes["gen_ai.usage.output_tokens"] == completion.usage.completion_tokens
    assert dict(spans[2].attributes or {})["gen_ai.request.seed"] == 2
    shown = "".join(span.to_json() for span in spans)
    for secret in (PROMPT, text.text, streamed.text, result.chat.content):
        assert secret not in shown


async def test_nothing_is_recorded_after_uninstrument(
    client: AsyncClient, recorded: Recorded
) -> None:
    """Calls that begin afterwards leave no trace."""
    otel.uninstrument()
    await client.sampler.tokenize(PROMPT)
    assert recorded.spans() == []


async def test_download_of_an_image_is_a_span_without_its_url(
    client: AsyncClient, recorded: Recorded
) -> None:
    """It names the host, and neither path nor query, which may be what gives access."""
    image = await client.v1.image.sample("A tree", "grok-imagine-image")
    assert image.url is not None
    size = len(await image.read())
    made, fetched = recorded.spans()
    assert made.name == "generate_content grok-imagine-image"
    assert (fetched.name, fetched.kind, fetched.status.status_code) == (
        *("GET", SpanKind.CLIENT),
        SpanStatus.UNSET,
    )
    assert fetched.attributes == {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "server.port": int(image.url.split(":")[2].split("/")[0]),
        "xai.attempts": 1,
    }
    assert size > 100
