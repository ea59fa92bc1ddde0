"""Chat completions of the local server, v1."""

import base64
import math
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xai
from xai import Client, v1
from xai.proto.xai_api.chat import Content, GetChatCompletionChunk, Message
from xai.proto.xai_api.image import ImageUrlContent
from xai.proto.xai_api.sample import FinishReason
from xai.sync.v1.chat.chat import Chat
from xai.testing import LocalServer
from xai.v1 import Response

MODEL = "grok-local"
STORY = "Tell me a long story."
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a local server with its defaults."""
    with LocalServer() as server, server.client() as client:
        yield client


def story(client: Client, **options: object) -> Chat:
    """Return a chat whose answer is long."""
    create = client.v1.chat.create
    return create(MODEL, messages=[v1.user(STORY)], **options)  # type: ignore[arg-type]  # any options


def joined_bytes(response: Response) -> bytes:
    """Return what the tokens of an answer are made of, one after the other."""
    assert response.logprobs is not None
    return b"".join(token.bytes for token in response.logprobs.content)


# Whole and streamed.


@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.5])
def test_streamed_text_is_the_whole_text(client: Client, temperature: float) -> None:
    """With one seed the chunks join to the answer in one piece, and cost as much."""
    chat = story(client, seed=7, temperature=temperature, max_tokens=60)
    whole = chat.sample()
    with chat.stream() as stream:
        pieces = [chunk.content for _, chunk in stream]
    assert "".join(pieces) == stream.response.content == whole.content
    assert len([piece for piece in pieces if piece]) > 5
    assert stream.response.usage == whole.usage
    assert stream.response.finish_reason == whole.finish_reason
    assert stream.response.system_fingerprint == whole.system_fingerprint != ""
    assert stream.response.model == whole.model == MODEL


def test_streamed_choices_are_the_whole_choices(client: Client) -> None:
    """With one seed each of several choices is the same, streamed or not."""
    chat = story(client, seed=3, temperature=1.2, max_tokens=30)
    whole = chat.sample_batch(4)
    with chat.stream_batch(4) as stream:
        streamed = stream.until_done()
    assert [one.content for one in streamed] == [one.content for one in whole]
    assert [one.finish_reason for one in streamed] == [one.finish_reason for one in whole]
    assert [one.index for one in whole] == [0, 1, 2, 3]
    assert streamed[0].usage == whole[0].usage


@given(seed=st.integers(-(2**31), 2**31 - 1), n=st.integers(1, 5), stop=st.sampled_from("aeiou .,"))
@settings(max_examples=10)
def test_streams_and_whole_answers_agree(seed: int, n: int, stop: str) -> None:
    """Whatever the seed, the number of choices and the stop string, both ways say the same."""
    with LocalServer() as server, server.client() as client:
        chat = story(client, seed=seed, temperature=1.0, stop=f"{stop}t", max_tokens=40)
        whole = chat.sample_batch(n)
        with chat.stream_batch(n) as stream:
            streamed = stream.until_done()
    assert [one.content for one in streamed] == [one.content for one in whole]
    assert not any(f"{stop}t" in one.content for one in whole)


def test_chunks_come_one_by_one_and_count_up(client: Client) -> None:
    """Each chunk has one output and the usage so far; only the last has a reason to end."""
    with story(client, seed=1, max_tokens=20).stream() as stream:
        chunks = [chunk.proto for _, chunk in stream]
    assert all(isinstance(chunk, GetChatCompletionChunk) for chunk in chunks)
    assert {len(chunk.outputs) for chunk in chunks} == {1}
    counts = [chunk.usage.completion_tokens for chunk in chunks]
    assert counts == sorted(counts)
    assert counts[-1] == 20
    reasons = [chunk.outputs[0].finish_reason for chunk in chunks]
    assert not any(reasons[:-1])
    assert reasons[-1] == FinishReason.REASON_MAX_LEN
    assert len({chunk.id for chunk in chunks}) == 1


# Several choices.


def test_choices_differ_and_are_paid_together(client: Client) -> None:
    """Several choices say different things; the prompt is paid once, the tokens of all count."""
    chat = story(client, seed=5, temperature=1.5, max_tokens=25, logprobs=True)
    alone = chat.sample()
    choices = chat.sample_batch(3)
    assert len({one.content for one in choices}) == 3
    assert choices[0].content == alone.content
    assert choices[0].usage.prompt_tokens == alone.usage.prompt_tokens
    counts = [len(one.logprobs.content) for one in choices if one.logprobs is not None]
    assert choices[0].usage.completion_tokens == sum(counts)
    assert len(counts) == 3


# The settings.


def test_seed_decides(client: Client) -> None:
    """The same seed gives the same answer; others, and the same with a minus, give others."""
    texts = [
        story(client, seed=seed, temperature=1.5, max_tokens=40).sample().content
        for seed in (11, 11, 12, -11, 0)
    ]
    assert texts[0] == texts[1]
    assert len(set(texts)) == 4


def test_temperature_of_nothing_takes_the_likeliest(client: Client) -> None:
    """At temperature 0, and with the smallest nucleus, the seed makes no difference."""
    cold = {story(client, seed=seed, temperature=0.0).sample().content for seed in range(3)}
    narrow = {story(client, seed=seed, top_p=0.0).sample().content for seed in range(3)}
    assert len(cold) == 1
    assert cold == narrow


def test_stop_string_is_no_part_of_the_text(client: Client) -> None:
    """The text ends in front of the first stop string, wherever in a token that begins."""
    whole = story(client, temperature=0.0).sample()
    assert whole.finish_reason == v1.FinishReason.STOP
    stop = whole.content[9:14]
    cut = story(client, temperature=0.0, stop=["unlikely", stop]).sample()
    assert cut.content == whole.content[: whole.content.index(stop)]
    assert cut.finish_reason == v1.FinishReason.STOP
    assert cut.usage.completion_tokens < whole.usage.completion_tokens


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_answer_that_is_too_long_is_cut(client: Client, limit: int) -> None:
    """An answer has no more tokens than it may have, and says that it was cut."""
    response = story(client, temperature=0.0, max_tokens=limit).sample()
    assert response.finish_reason == v1.FinishReason.MAX_LEN
    assert response.usage.completion_tokens == limit
    settings = response.request_settings
    assert settings is not None
    assert settings.max_tokens == limit


def test_penalties_make_the_model_vary(client: Client) -> None:
    """A penalty makes a token that was there less likely, and a negative one makes it likelier."""
    chances = []
    for penalty in (-2.0, 0.0, 2.0):
        answer = story(client, temperature=0.0, logprobs=True, frequency_penalty=penalty).sample()
        assert answer.logprobs is not None
        tokens = [token.token for token in answer.logprobs.content]
        # "the" comes a second time in "about twenty-seven days, and ... the same side".
        second = [place for place, token in enumerate(tokens) if token == " the"][1]
        chances.append(answer.logprobs.content[second].logprob)
    assert chances == sorted(set(chances), reverse=True)


# Probabilities.


@pytest.mark.parametrize("top", [0, 1, 8])
def test_logprobs_spell_the_text(client: Client, top: int) -> None:
    """The bytes of the tokens join to the content; each names so many others, likeliest first."""
    response = story(client, seed=2, logprobs=True, top_logprobs=top, max_tokens=30).sample()
    assert joined_bytes(response) == response.content.encode()
    assert response.logprobs is not None
    assert len(response.logprobs.content) == response.usage.completion_tokens
    for token in response.logprobs.content:
        assert token.logprob <= 0
        assert len(token.top_logprobs) == top
        found = [other.logprob for other in token.top_logprobs]
        assert found == sorted(found, reverse=True)
        assert sum(math.exp(logprob) for logprob in found) <= 1.0001


def test_token_that_a_stop_string_cuts_is_named_whole(client: Client) -> None:
    """The text may end within a token; its probability is that of the whole token."""
    response = story(client, temperature=0.0, logprobs=True, stop="oon").sample()
    assert response.content == "The m"
    assert joined_bytes(response) == b"The moon"


def test_likeliest_token_is_the_one_taken_when_cold(client: Client) -> None:
    """At temperature 0 each token is the first of its likeliest."""
    response = story(client, temperature=0.0, logprobs=True, top_logprobs=2, max_tokens=20).sample()
    assert response.logprobs is not None
    for token in response.logprobs.content:
        assert (token.token, token.bytes) == (
            token.top_logprobs[0].token,
            token.top_logprobs[0].bytes,
        )


def test_logprobs_are_streamed(client: Client) -> None:
    """Streamed, the tokens and their probabilities are the same as in one piece."""
    chat = story(client, seed=4, logprobs=True, top_logprobs=3, max_tokens=30)
    whole = chat.sample()
    with chat.stream() as stream:
        streamed = stream.until_done()
    assert whole.logprobs is not None
    assert streamed.logprobs == whole.logprobs


def test_nothing_is_said_of_probabilities_unasked(client: Client) -> None:
    """Without the setting there are none."""
    response = story(client, max_tokens=3).sample()
    assert response.logprobs is None or not response.logprobs.content


# What it costs.


def test_cost_follows_from_the_prices(client: Client) -> None:
    """Tokens add up, and the price is that of the model list."""
    chat = client.v1.chat.create(
        MODEL, messages=[v1.user("What is this?", v1.image("https://example.com/a.png"))]
    )
    usage = chat.sample().usage
    model = client.v1.models.get_language_model(MODEL)
    assert usage.prompt_tokens == usage.prompt_text_tokens + usage.prompt_image_tokens
    assert usage.prompt_image_tokens > 0
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.cost_in_usd_ticks == (
        usage.prompt_text_tokens * model.prompt_text_token_price
        + usage.prompt_image_tokens * model.prompt_image_token_price
        + usage.completion_tokens * model.completion_text_token_price
    )
    assert usage.cost_usd == pytest.approx(usage.cost_in_usd_ticks / 1e10)


# What is said to it.


#: The model goes on with what followed when it last read the same.
LESSON = "Zyx?\nAssistant: Halmbury is green."


@pytest.mark.parametrize(
    "message",
    [
        v1.system(LESSON),
        v1.developer(LESSON),
        v1.user(LESSON),
        v1.user(LESSON, name="Berta"),
        v1.assistant(LESSON),
        v1.tool_result(LESSON, "call-1"),
        v1.function(LESSON, name="look"),
        v1.user(v1.file(data=LESSON.encode(), filename="a.txt")),
    ],
)
def test_messages_of_every_role_are_read(client: Client, message: Message) -> None:
    """What a message of any role says, in text or in a file, becomes part of the answer."""
    chat = client.v1.chat.create(MODEL, messages=[message, v1.user("Zyx?")], temperature=0.0)
    assert chat.sample().content == "Halmbury is green."


def test_conversation_goes_on(client: Client) -> None:
    """Answers are appended and read: each turn makes the prompt longer by what was said."""
    chat = client.v1.chat.create(MODEL, temperature=0.0)
    first = chat.ask("What is the capital of France?")
    second = chat.ask("Does it work?")
    assert first.content == "The capital of France is Paris."
    assert [message.role for message in chat.messages] == [1, 2, 1, 2]
    grown = second.usage.prompt_tokens - first.usage.prompt_tokens
    assert grown > first.usage.completion_tokens


@pytest.mark.parametrize("image", [f"data:image/png;base64,{PIXEL}", PIXEL, "http://a.example/b"])
def test_images_are_read(client: Client, image: str) -> None:
    """An image, by address or as data, is one part of the prompt."""
    chat = client.v1.chat.create(MODEL, messages=[v1.user(v1.image(image), "What is it?")])
    assert chat.sample().usage.prompt_image_tokens == 1


def test_image_that_is_none_is_refused(client: Client) -> None:
    """What is neither an address nor data of an image is named by its place."""
    message = v1.user("What is it?", v1.image("data:image/png;base64,%%"))
    with pytest.raises(xai.InvalidArgumentError, match=r"messages\[0\]\.content\[1\]\.image_url"):
        client.v1.chat.create(MODEL, messages=[message]).sample()


@pytest.mark.parametrize(
    "file", [v1.file("file-1"), Content(image_url=ImageUrlContent(file_id="file-1"))]
)
def test_files_that_are_not_there_are_refused(client: Client, file: Content) -> None:
    """A file that the key does not have is not found, instead of a response without it."""
    with pytest.raises(xai.NotFoundError, match=r"file-1"):
        client.v1.chat.create(MODEL, messages=[v1.user(file)]).sample()


def test_files_elsewhere_are_refused(client: Client) -> None:
    """The server says that it fetches no files, instead of answering without them."""
    file = v1.file(url="https://a.example/b.txt")
    with pytest.raises(xai.UnimplementedError, match=r"messages\[0\]\.content\[0\]\..*file"):
        client.v1.chat.create(MODEL, messages=[v1.user(file)]).sample()


def test_file_that_is_no_text_is_refused(client: Client) -> None:
    """Bytes that are no text can't be read, and the server says so."""
    message = v1.user(v1.file(data=b"\xff\xfe\xff", filename="a.bin"))
    with pytest.raises(xai.UnimplementedError, match="UTF-8"):
        client.v1.chat.create(MODEL, messages=[message]).sample()
