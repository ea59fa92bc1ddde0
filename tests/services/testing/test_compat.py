import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xai
from xai import Client
from xai.prompt_ide.compat_types import ChatCompletion, ChatCompletionChunk, MessageParam
from xai.proto.compat.chat.compat_chat import Content, GetCompletionsRequest, Message
from xai.testing import LocalServer
from xai.testing.engine.json_mode import JsonGeneration
from xai.testing.engine.model import SampleOptions, default_model
from xai.testing.engine.steps import finish
from xai.testing.engine.tokenizer import EOS, MARKER
from xai.testing.prompt_ide.completion_request import read_completion

MODEL = default_model()
CAPITAL: Sequence[MessageParam] = [{"role": "user", "content": "What is the capital of France?"}]
STORY: Sequence[MessageParam] = [{"role": "user", "content": "Tell me a long story."}]
ANSWER = "The capital of France is Paris."


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with its defaults."""
    with LocalServer() as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client of it."""
    with server.client() as client:
        yield client


def complete(
    client: Client, messages: Sequence[MessageParam] = CAPITAL, **options: object
) -> ChatCompletion:
    """Return a completion."""
    create = client.compat.chat.completions.create
    return create(messages=messages, **options)  # type: ignore[no-any-return, call-overload]  # any options


def stream(
    client: Client, messages: Sequence[MessageParam] = CAPITAL, **options: object
) -> list[ChatCompletionChunk]:
    """Return the chunks of a completion."""
    create = client.compat.chat.completions.create
    return list(create(messages=messages, stream=True, **options))  # type: ignore[call-overload]  # any options


def token(string: str) -> int:
    """Return the ID of a token that exists."""
    found = MODEL.tokenizer.find(string)
    assert found is not None
    return found


def refused(client: Client, named: str, **fields: object) -> None:
    """Assert that a raw request is INVALID_ARGUMENT and that the text names a field."""
    whole: dict[str, object] = {
        "messages": [Message(role="user", content=[Content(type="text", text="Hello!")])],
        "n": 1,
        **fields,
    }
    request = GetCompletionsRequest(**whole)  # type: ignore[arg-type]  # the tests pick the types
    with pytest.raises(xai.InvalidArgumentError) as caught:
        client.stubs.compat_chat.get_completion(request)
    assert str(caught.value).startswith(named)


# The answer.


def test_completion_has_the_expected_shape(client: Client) -> None:
    """Every field is filled, and the usage counts the prompt and what was said."""
    begin = int(datetime.now(timezone.utc).timestamp())
    found = complete(client, temperature=0.0)
    assert found.id.startswith("chatcmpl-")
    assert found.object == "chat.completion"
    assert begin <= found.created <= begin + 60
    assert found.model == "grok-local"
    assert found.system_fingerprint.startswith("fp_")
    (choice,) = found.choices
    assert (choice.index, choice.finish_reason, choice.logprobs) == (0, "stop", None)
    assert (choice.message.role, choice.message.content) == ("assistant", ANSWER)
    assert found.usage is not None
    prompt = MODEL.tokenizer.tokenize("Human: What is the capital of France?\nAssistant:")
    assert found.usage.prompt_tokens == len(prompt)
    assert found.usage.completion_tokens == len(MODEL.tokenizer.tokenize(" " + ANSWER))
    assert found.usage.total_tokens == found.usage.prompt_tokens + found.usage.completion_tokens


def test_chunks_join_to_the_completion(client: Client) -> None:
    """The first delta has the role, the last the reason, and those between the text."""
    chunks = stream(client, temperature=0.0)
    deltas = [chunk.choices[0].delta for chunk in chunks]
    assert [delta.role for delta in deltas] == ["assistant"] + [""] * (len(chunks) - 1)
    assert len(chunks) > 4
    assert "".join(delta.content or "" for delta in deltas) == ANSWER
    reasons = [chunk.choices[0].finish_reason for chunk in chunks]
    assert reasons == [None] * (len(chunks) - 1) + ["stop"]
    assert len({chunk.id for chunk in chunks}) == 1
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert {chunk.model for chunk in chunks} == {"grok-local"}
    assert chunks[0].system_fingerprint == complete(client).system_fingerprint


def test_stream_and_completion_agree_for_every_choice(client: Client) -> None:
    """With a seed, the streamed choices have the text and the reasons of the whole ones."""
    options: dict[str, Any] = {
        "n": 3,
        "seed": 5,
        "temperature": 1.5,
        "top_p": 1.0,
        "max_tokens": 20,
    }
    whole = complete(client, STORY, **options)
    texts: Counter[int] = Counter()
    pieces = {0: "", 1: "", 2: ""}
    reasons = {}
    for chunk in stream(client, STORY, **options):
        (choice,) = chunk.choices
        texts[choice.index] += 1
        pieces[choice.index] += choice.delta.content or ""
        if choice.finish_reason is not None:
            reasons[choice.index] = choice.finish_reason
    assert [choice.message.content for choice in whole.choices] == list(pieces.values())
    assert {choice.index: choice.finish_reason for choice in whole.choices} == reasons
    assert len(set(pieces.values())) > 1
    assert whole.usage is not None
    assert whole.usage.completion_tokens <= 60


def test_seed_decides(client: Client) -> None:
    """The same seed gives the same text, and different ones different texts."""

    def said(seed: int) -> str | None:
        found = complete(client, STORY, seed=seed, temperature=2.0, top_p=1.0, max_tokens=12)
        return found.choices[0].message.content

    assert said(1) == said(1)
    assert len({said(seed) for seed in range(1, 6)}) > 2


def test_answer_ends_where_its_tokens_end(client: Client) -> None:
    """With few tokens the reason is the length; with none there is no text at all."""
    short = complete(client, max_tokens=2, temperature=0.0)
    assert short.choices[0].finish_reason == "length"
    assert short.choices[0].message.content == "The capital"
    none = complete(client, max_tokens=0)
    assert (none.choices[0].message.content, none.choices[0].finish_reason) == ("", "length")


@pytest.mark.parametrize(
    ("stop", "content"),
    [
        ("Paris", "The capital of France is "),
        (["nothing", " of Fra"], "The capital"),
        ("The", ""),
        ("capital of Germany", ANSWER),
    ],
)
def test_stop_string_ends_the_answer_in_front_of_it(
    client: Client, stop: str | list[str], content: str
) -> None:
    """A stop string, within a token or across many, is not part of the answer."""
    found = complete(client, stop=stop, temperature=0.0)
    assert (found.choices[0].message.content, found.choices[0].finish_reason) == (content, "stop")
    streamed = stream(client, stop=stop, temperature=0.0)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in streamed) == content


def test_logprobs_tell_what_the_model_thought(client: Client) -> None:
    """Tokens join to the content, probabilities are at most 1, and the likeliest come first."""
    found = complete(client, logprobs=True, top_logprobs=3, temperature=0.0).choices[0]
    assert found.logprobs is not None
    assert found.logprobs.content is not None
    assert "".join(item.token for item in found.logprobs.content) == ANSWER
    for item in found.logprobs.content:
        assert bytes(item.bytes or []).decode() == item.token
        assert item.logprob <= 0
        assert len(item.top_logprobs) == 3
        tops = [top.logprob for top in item.top_logprobs]
        assert tops == sorted(tops, reverse=True)
        assert math.fsum(map(math.exp, tops)) <= 1 + 1e-6
        # At temperature 0 the likeliest is what was taken.
        assert (item.token, item.logprob) == (item.top_logprobs[0].token, tops[0])


def test_logprobs_of_a_stream_are_those_of_the_whole(client: Client) -> None:
    """Each chunk with text has the probabilities of its tokens."""
    options: dict[str, Any] = {"logprobs": True, "top_logprobs": 2, "temperature": 0.0}
    whole = complete(client, **options).choices[0].logprobs
    assert whole is not None
    assert whole.content is not None
    streamed = [
        item
        for chunk in stream(client, **options)
        for logprobs in [chunk.choices[0].logprobs]
        if logprobs is not None
        for item in logprobs.content or []
    ]
    assert streamed == list(whole.content)


def test_bias_moves_tokens_to_and_fro(client: Client) -> None:
    """A token with the largest bias is all that is said, and one with the smallest never is."""
    apple, paris = token(MARKER + "apple"), token(MARKER + "Paris")
    found = complete(client, logit_bias={apple: 100}, max_tokens=3, logprobs=True).choices[0]
    assert found.message.content == "apple apple apple"
    assert found.logprobs is not None
    assert found.logprobs.content is not None
    assert found.logprobs.content[0].logprob == pytest.approx(0, abs=1e-6)
    without = complete(client, logit_bias={paris: -100}, temperature=0.0).choices[0].message.content
    assert without is not None
    assert without.startswith("The capital of France is")
    assert "Paris" not in without


def test_bias_is_added_to_the_logarithm(client: Client) -> None:
    """A bias multiplies the odds of a token by its exponential, whatever the others are."""
    paris = token(MARKER + "Paris")
    turns: Sequence[MessageParam] = [*CAPITAL, {"role": "assistant", "content": "x"}, *CAPITAL]

    def odds(bias: float) -> float:
        biased = complete(
            client, turns, logit_bias={paris: bias}, max_tokens=1, logprobs=True, top_logprobs=20
        )
        logprobs = biased.choices[0].logprobs
        assert logprobs is not None
        assert logprobs.content is not None
        top = {item.token: item.logprob for item in logprobs.content[0].top_logprobs}
        share = math.exp(top["Paris"])
        return share / (1 - share)

    assert odds(12) / odds(11) == pytest.approx(math.e, rel=1e-3)


@pytest.mark.parametrize("penalty", ["frequency_penalty", "presence_penalty"])
def test_penalties_make_repetition_rarer(client: Client, penalty: str) -> None:
    """Where a bias makes a token repeat itself, a penalty brings others in."""
    apple = token(MARKER + "apple")
    options: dict[str, Any] = {
        "logit_bias": {apple: 8},
        "temperature": 1.0,
        "top_p": 1.0,
        "max_tokens": 15,
    }

    def repeats(**more: object) -> int:
        said = [
            complete(client, STORY, seed=seed, **options, **more).choices[0].message.content or ""
            for seed in range(2)
        ]
        return sum(text.count("apple") for text in said)

    assert repeats(**{penalty: 2.0}) < repeats() < repeats(**{penalty: -2.0})


# The conversation.


def test_roles_and_parts_become_one_prompt(client: Client) -> None:
    """Systems lead in, parts join, names label, and an image takes one token."""
    text = MODEL.tokenizer.tokenize
    request = GetCompletionsRequest(
        messages=[
            Message(role="system", content=[Content(type="text", text="Be brief.")]),
            Message(
                role="user",
                name="Ann",
                content=[
                    Content(type="text", text="Read "),
                    Content(type="text_file", text="this."),
                ],
            ),
            Message(role="assistant", content_legacy="Done."),
        ],
        n=1,
    )
    found = finish(read_completion(request, MODEL.tokenizer))
    assert found.prompt == text("Be brief.\nAnn: Read this.\nAssistant: Done.\nAssistant:")
    assert "\nAnn:" in found.stops
    image: Sequence[MessageParam] = [
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,aW1n"}},
                {"type": "text", "text": "What is this?"},
            ],
        }
    ]
    seen, unseen = complete(client, image).usage, complete(client, [_text("What is this?")]).usage
    assert seen is not None
    assert unseen is not None
    expected = [*text("Human: "), 2, *text("What is this?\nAssistant:")]
    assert seen.prompt_tokens == len(expected)
    assert unseen.prompt_tokens == len(text("Human: What is this?\nAssistant:"))


def _text(content: str) -> MessageParam:
    return {"role": "user", "content": content}


# JSON.


@pytest.mark.parametrize("stop", [None, "capital", " of France is"])
@pytest.mark.parametrize("max_tokens", [2, 5, 9, 12, 128])
def test_json_object_is_one(client: Client, stop: str | None, max_tokens: int) -> None:
    """The content is a JSON object, however few tokens there are and wherever it is stopped."""
    found = complete(
        client,
        response_format={"type": "json_object"},
        max_tokens=max_tokens,
        stop=stop,
        n=4,
        temperature=1.0,
        logprobs=True,
    )
    for choice in found.choices:
        value = json.loads(choice.message.content or "")
        assert isinstance(value, dict)
        assert bool(value) is (max_tokens >= 9)
        assert all(isinstance(text, str) and text == text.strip() for text in value.values())
        assert not [text for text in value.values() if stop is not None and stop in text]
        assert choice.logprobs is not None
        tokens = [item.token for item in choice.logprobs.content or []]
        assert "".join(tokens) == choice.message.content
        assert len(tokens) <= max_tokens


def test_json_object_has_what_the_model_says(client: Client) -> None:
    """The value is the answer, and the reason tells whether it was cut short."""
    options: dict[str, Any] = {"response_format": {"type": "json_object"}, "temperature": 0.0}
    whole = complete(client, **options).choices[0]
    assert list(json.loads(whole.message.content or "").values()) == [ANSWER]
    assert whole.finish_reason == "stop"
    short = complete(client, max_tokens=11, **options).choices[0]
    assert list(json.loads(short.message.content or "").values()) == ["The capital of"]
    assert short.finish_reason == "length"


def test_json_object_can_be_streamed(client: Client) -> None:
    """The chunks join to an object."""
    chunks = stream(client, response_format={"type": "json_object"})
    json.loads("".join(chunk.choices[0].delta.content or "" for chunk in chunks))


@settings(max_examples=40)
@given(
    st.text(max_size=20),
    st.fixed_dictionaries(
        {
            "temperature": st.floats(0, 2),
            "nucleus_p": st.floats(0, 1),
            "rng_seed": st.integers(0, 1000),
            "max_len": st.integers(2, 20),
            "logit_bias": st.dictionaries(
                st.integers(0, len(MODEL.tokenizer) - 1), st.floats(-100, 100), max_size=5
            ),
        }
    ),
    st.lists(st.text(min_size=1, max_size=3), max_size=2),
)
def test_json_holds_for_any_prompt_and_options(
    prompt: str, options: dict[str, object], stops: list[str]
) -> None:
    """No prompt, bias or stop string makes the tokens anything but an object within its length."""
    chosen = SampleOptions(**options)  # type: ignore[arg-type]  # the strategies pick the types
    generation = JsonGeneration(MODEL, MODEL.tokenizer.tokenize(prompt), chosen, stops)
    ids = [item.token_id for item in generation]
    assert isinstance(json.loads(MODEL.tokenizer.detokenize(ids)), dict)
    assert len(ids) <= chosen.max_len
    assert generation.finish_reason in ("stop", "length")


# The model's side of bias and penalties.


@settings(max_examples=25)
@given(
    st.text(max_size=10),
    st.dictionaries(st.integers(0, len(MODEL.tokenizer) - 1), st.floats(-100, 100), max_size=5),
)
def test_biased_probabilities_are_still_a_distribution(prompt: str, bias: dict[int, float]) -> None:
    """They add up to 1, and what has no bias keeps its proportions."""
    ids = MODEL.tokenizer.tokenize(prompt)
    plain = MODEL.distribution(ids, SampleOptions())
    biased = MODEL.distribution(ids, SampleOptions(logit_bias=bias))
    assert math.fsum(biased) == pytest.approx(1)
    rest = [number for number in range(len(plain)) if number not in bias and plain[number] > 0]
    one, other = rest[0], rest[-1]
    assert biased[one] * plain[other] == pytest.approx(biased[other] * plain[one])


def test_token_that_may_not_begin_may_follow() -> None:
    """Only the first token is kept from being one of those."""
    prompt = MODEL.tokenizer.tokenize("Does it work?")
    plain = SampleOptions(temperature=0.0, max_len=1)
    (first,) = MODEL.sample(prompt, plain)
    barred = attrs.evolve(plain, not_first=[first.token_id, EOS], max_len=3)
    (other, *_) = MODEL.sample(prompt, barred)
    assert other.token_id != first.token_id


def test_barring_everything_bars_nothing() -> None:
    """When the only token that may be drawn may not begin, it begins all the same."""
    only = token("Yes")
    options = SampleOptions(allowed_tokens=[only], not_first=[only], max_len=1)
    assert [item.token_id for item in MODEL.sample([], options)] == [only]


# What makes no sense.


@pytest.mark.parametrize(
    ("named", "fields"),
    [
        ("messages is empty", {"messages": []}),
        ("messages[0].role", {"messages": [Message(role="tool")]}),
        ("messages[0].name", {"messages": [Message(role="user", name="a b")]}),
        (
            "messages[0].content[1].type",
            {"messages": [Message(role="user", content=[Content(type="text"), Content()])]},
        ),
        (
            "messages[0].content[0].image_url.url",
            {"messages": [Message(role="user", content=[Content(type="image_url")])]},
        ),
        ("temperature", {"temperature": 2.5}),
        ("temperature", {"temperature": -0.1}),
        ("temperature", {"temperature": math.nan}),
        ("top_p", {"top_p": 1.1}),
        ("frequency_penalty", {"frequency_penalty": 2.1}),
        ("presence_penalty", {"presence_penalty": -2.1}),
        ("max_tokens", {"max_tokens": -1}),
        ("n must", {"n": 0}),
        ("n must", {"n": 129}),
        ("top_logprobs", {"top_logprobs": 21, "logprobs": True}),
        ("top_logprobs", {"top_logprobs": 2}),
        ("logit_bias[-1]", {"logit_bias": {-1: 1.0}}),
        ("logit_bias[999999]", {"logit_bias": {999999: 1.0}}),
        ("logit_bias[5]", {"logit_bias": {5: 100.5}}),
        ("stop[1]", {"stop": ["a", ""]}),
    ],
)
def test_bad_field_is_refused_by_its_name(
    client: Client, named: str, fields: dict[str, object]
) -> None:
    """What makes no sense is INVALID_ARGUMENT, and the text begins with the field."""
    refused(client, named, **fields)


def test_unknown_format_is_refused(client: Client) -> None:
    """Only text and objects can be asked for."""
    with pytest.raises(xai.InvalidArgumentError, match=r"response_format\.type"):
        complete(client, response_format={"type": "xml"})


@pytest.mark.parametrize("url", ["", "ftp://x/y.png", "data:image/png;base64,???", "x.png"])
def test_image_that_is_none_is_refused(client: Client, url: str) -> None:
    """An image is at an HTTP address or in a data URL."""
    messages: Sequence[MessageParam] = [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}
    ]
    with pytest.raises(xai.InvalidArgumentError, match=r"messages\[0\]\.content\[0\]"):
        complete(client, messages)


def test_unknown_model_is_not_found(client: Client) -> None:
    """A model that the server does not have is NOT_FOUND, streamed or not."""
    with pytest.raises(xai.NotFoundError, match="other"):
        complete(client, model="other")
    with pytest.raises(xai.NotFoundError, match="other"):
        stream(client, model="other")


def test_completions_need_their_acl_and_are_booked() -> None:
    """Only chat:write completes, and one transaction has the tokens of all choices."""
    with LocalServer(api_keys={"no": ["chat:read"], "yes": ["*"]}) as server:
        with server.client() as client, pytest.raises(xai.PermissionDeniedError):
            complete(client)
        with server.client(api_key="yes") as client:
            usage = complete(client, n=2).usage
            (booked,) = client.sampler.list_transactions()
    assert usage is not None
    assert (booked.transaction_type, booked.confirmed) == ("compat", True)
    assert booked.num_prompt_tokens == usage.prompt_tokens
    assert booked.num_generated_tokens == usage.completion_tokens
