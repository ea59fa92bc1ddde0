"""What values show in a notebook, and where a stream can't be shown."""

import base64
import sys
import types
from collections.abc import Callable
from datetime import datetime, timezone
from typing import ClassVar

import pytest

from tests.support import SECRET_KEY
from xai import v1
from xai.aio.v1.image import read_images as read_images_async
from xai.proto import xai_api as pb
from xai.proto.xai_api import video as video_pb
from xai.sync.v1.image import read_images
from xai.sync.v1.video_job import read_video
from xai.v1.documents import SearchMatch, SearchResults
from xai.v1.embedder import EmbeddingUsage
from xai.v1.html import dollars
from xai.v1.models import read_embedding_model, read_image_model, read_language_model

HOSTILE = "<script>alert('\"&')</script>"
ESCAPED = "&lt;script&gt;alert(&#x27;&quot;&amp;&#x27;)&lt;/script&gt;"
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 "


def image(**fields: str) -> pb.ImageResponse:
    """Return a response with an image."""
    return pb.ImageResponse(images=[pb.GeneratedImage(**fields)])  # type: ignore[arg-type]  # by name


def said(text: str) -> v1.Response:
    """Return a response of the model."""
    message = pb.CompletionMessage(role=pb.MessageRole.ROLE_ASSISTANT, content=text)
    output = pb.CompletionOutput(message=message)
    return v1.Response(pb.GetChatCompletionResponse(outputs=[output]))


def video(url: str) -> v1.VideoResponse:
    """Return a video."""
    made = video_pb.GeneratedVideo(url=url, duration=1)
    return read_video(None, video_pb.VideoResponse(video=made), "")


def test_usage_shows_what_was_used() -> None:
    """Counts that are 0 and a price that is not known are left out."""
    usage = v1.Usage(
        prompt_tokens=1234,
        server_side_tools_used=(v1.ServerSideTool(1), v1.ServerSideTool(1)),
        cost_in_usd_ticks=12_000_000,
    )
    shown = usage._repr_html_()
    assert all(text in shown for text in ("1,234", "SERVER_SIDE_TOOL_", ">2<", "$0.0012<"))
    assert "reasoning" not in shown
    assert "cost" not in v1.Usage()._repr_html_()
    assert ">3<" in EmbeddingUsage(num_text_embeddings=3)._repr_html_()


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(None, None), (0.0, "$0"), (10.0, "$10"), (0.0012, "$0.0012"), (1e-10, "$0.0000000001")],
)
def test_amounts_are_not_rounded(amount: float | None, shown: str | None) -> None:
    """Nor written with an exponent."""
    assert dollars(amount) == shown


def test_models_show_their_prices() -> None:
    """What the server says of them is escaped, and modalities without a name have their number."""
    text = pb.LanguageModel(
        name=HOSTILE,
        aliases=["one", "two"],
        max_prompt_length=256_000,
        prompt_text_token_price=30_000,
        created=datetime(2026, 1, 2, tzinfo=timezone.utc),
        input_modalities=[pb.Modality.TEXT, pb.Modality.try_value(99)],
    )
    shown = read_language_model(text)._repr_html_()
    assert ESCAPED in shown
    assert HOSTILE not in shown
    for part in ("one, two", "256,000", "$3 per million tokens", "2026-01-02", "text, 99"):
        assert part in shown
    assert "searches" not in shown
    embedding = pb.EmbeddingModel(name="e", prompt_image_token_price=100)
    assert "$0.01 per million tokens" in read_embedding_model(embedding)._repr_html_()
    picture = pb.ImageGenerationModel(name="i", image_price=7)
    assert "$0.07" in read_image_model(picture)._repr_html_()


def test_matches_show_their_texts() -> None:
    """One alone and all of them, with what was in the documents escaped."""
    proto = pb.SearchMatch()
    match = SearchMatch("file-1", "c", HOSTILE, 0.98765, (), proto)
    for shown in (match, SearchResults((match,), pb.SearchResponse())):
        found = shown._repr_html_()
        assert ESCAPED in found
        assert HOSTILE not in found
        assert "0.988" in found
        assert "file-1" in found


def test_video_shows_a_player() -> None:
    """Unless it has no URL, or one that a page should not open."""
    shown = video('https://x.ai/a.mp4?"><b>')._repr_html_()
    assert shown is not None
    assert 'src="https://x.ai/a.mp4?&quot;&gt;&lt;b&gt;"' in shown
    assert video("")._repr_html_() is None
    assert video("javascript:alert(1)")._repr_html_() is None


@pytest.mark.parametrize("read", [read_images, read_images_async])
def test_image_shows_where_it_is_when_its_bytes_are_not_known(
    read: Callable[..., list[v1.ImageResponse]],
) -> None:
    """Bytes that came are shown as they are; WebP, which has no format of its own, by its URL."""
    (found,) = read(None, image(url="https://x.ai/a.png"))
    assert found._repr_html_() == '<img src="https://x.ai/a.png">'
    data = f"data:image/webp;base64,{base64.b64encode(WEBP).decode()}"
    (found,) = read(None, image(base64=data))
    assert found._repr_html_() == f'<img src="{data}">'
    for png in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"):
        encoded = f"data:image/png;base64,{base64.b64encode(png).decode()}"
        assert read(None, image(base64=encoded))[0]._repr_html_() is None
    assert read(None, image())[0]._repr_html_() is None
    assert read(None, image(url="javascript:alert(1)"))[0]._repr_html_() is None


def test_image_of_a_tool_is_shown() -> None:
    """As the data URL that came."""
    url = "data:image/png;base64,iVBORw0KGgo="
    made = v1.ImageGenerationOutput(b"", "image/png", "", url, pb.ToolCall(), pb.CompletionOutput())
    assert made._repr_html_() == f'<img src="{url}">'


def test_completion_shows_its_texts() -> None:
    """One below the other; a run shows its last response."""
    choices = [pb.SampleChoice(index=1, text="b"), pb.SampleChoice(text="a")]
    completion = v1.TextCompletion(pb.SampleTextResponse(choices=choices))
    assert completion._repr_markdown_() == "a\n\n---\n\nb"
    response = said("**a**")
    result = v1.RunResult(response, (), 1, v1.Usage(), None)
    assert result._repr_markdown_() == v1.ModelStep(1, response)._repr_markdown_() == "**a**"


@pytest.mark.parametrize("wrong", [None, "text", [], iter([1]), v1.Usage(), object])
def test_what_is_no_stream_is_refused(wrong: object) -> None:
    """The error says what was expected, in a notebook and elsewhere."""
    with pytest.raises(TypeError, match=r"^stream must be what chat\.stream\(\) returns, not "):
        v1.display_stream(wrong)  # type: ignore[call-overload]  # what is refused


@pytest.mark.parametrize("make", [v1.Client, v1.AsyncClient])
@pytest.mark.parametrize(
    ("shell", "error", "text"),
    [
        ("missing", ImportError, "display_stream needs IPython, which comes with notebooks; else"),
        ("NoneType", RuntimeError, "display_stream needs a notebook; elsewhere iterate over the"),
        ("TerminalInteractiveShell", RuntimeError, "display_stream needs a notebook; elsewhere"),
    ],
)
def test_where_nothing_can_be_shown_nothing_is_sent(
    make: type[v1.Client] | type[v1.AsyncClient],
    shell: str,
    error: type[Exception],
    text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without IPython, in a plain program and in a terminal; the stream can be read on."""
    module = types.ModuleType("IPython")
    if shell != "missing":
        base = type("InteractiveShell", (), {})
        made = None if shell == "NoneType" else type(shell, (base,), {})()
        module.get_ipython = lambda: made  # type: ignore[attr-defined]  # made up
    monkeypatch.setitem(sys.modules, "IPython", module)
    client = make(SECRET_KEY, api_host="localhost:1")
    stream = client.chat.create("grok-4", messages=[v1.user("Hello")]).stream()
    with pytest.raises(error, match=text):
        v1.display_stream(stream)
    assert "0 chunks, not at its end" in repr(stream)


class FakeHandle:
    """Stands for IPython's, and notes what is shown."""

    shown: ClassVar[list[str]] = []

    def display(self, data: dict[str, str], *, raw: bool) -> None:
        """Show the first."""
        assert raw
        self.shown.append(data["text/markdown"])

    update = display


class FakeRun:
    """A stream of steps, in which a function fails."""

    closed = False

    def __init__(self, *steps: v1.Step) -> None:
        self.steps = iter(steps)

    def __iter__(self) -> "FakeRun":
        """Return the stream itself."""
        return self

    def __next__(self) -> v1.Step:
        """Return the next step."""
        for step in self.steps:
            return step
        raise v1.ToolError("it failed", call=pb.ToolCall())

    def until_done(self) -> v1.Response:
        """Never come so far."""
        raise NotImplementedError

    def close(self) -> None:
        """Note the end."""
        self.closed = True


def test_what_the_model_said_stays_while_functions_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole, however fast it came, and also when one fails; the stream is closed then."""
    shell = types.ModuleType("IPython")
    shell.get_ipython = type("InteractiveShell", (), {})  # type: ignore[attr-defined]  # made up
    display = types.ModuleType("IPython.display")
    display.DisplayHandle = FakeHandle  # type: ignore[attr-defined]  # made up
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setattr(FakeHandle, "shown", [])
    monkeypatch.setattr("xai.v1.notebook._INTERVAL", 3600)
    call = pb.ToolCall(id="1", function=pb.FunctionCall(name="look"))
    chunk = v1.Chunk(pb.GetChatCompletionChunk())
    run = FakeRun(
        v1.ChunkStep(1, said("Let me"), chunk),
        v1.ChunkStep(1, said("Let me look"), chunk),
        v1.ModelStep(1, said("Let me look.")),
        v1.ToolStep(1, call, {}, "nothing", None, 0.0),
    )
    with pytest.raises(v1.ToolError):
        v1.display_stream(run)
    assert FakeHandle.shown == ["", "Let me", "Let me look."]
    assert run.closed
