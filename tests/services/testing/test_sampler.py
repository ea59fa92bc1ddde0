import contextlib
from collections.abc import Iterator

import pytest
from h2.errors import ErrorCodes
from hypothesis import given
from hypothesis import strategies as st

from tests.services.local_peer import (
    BUDGET,
    MODELS,
    SAMPLE,
    SAMPLE_TEXT,
    TOKENIZE,
    TRANSACTIONS,
    Peer,
    named,
    responses,
    sample_request,
    text_of,
)
from tests.support import SECRET_KEY, SECRET_MARKER
from xai.errors import StatusCode
from xai.proto.prompt_ide.sampler_public import (
    InputToken,
    ListModelsResponse,
    ListTransactionsResponse,
    PromptInput,
    SampleSettings,
    SampleTokensRequest,
    SampleTokensResponse,
    TokenIds,
    TokenizeAndSampleTokensRequest,
    TokenizeRequest,
    TokenizeResponse,
    TokenTokenType,
)
from xai.testing import LocalServer
from xai.testing.engine.model import SampledToken, default_model
from xai.testing.prompt_ide.sampler import TokenWriter


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with its defaults."""
    with LocalServer() as server:
        yield server


@pytest.fixture
def peer(server: LocalServer) -> Iterator[Peer]:
    """A connection to it."""
    with contextlib.closing(Peer(server)) as peer:
        yield peer


# Keys.


@pytest.mark.parametrize("key", [None, "wrong", ""])
def test_key_missing_or_unknown_is_unauthenticated(peer: Peer, key: str | None) -> None:
    """Without a key that the server knows there is no answer."""
    answer = peer.call(MODELS, key=key)
    assert answer.status[0] == StatusCode.UNAUTHENTICATED
    assert not answer.messages


@pytest.mark.parametrize(
    ("path", "acls", "allowed"),
    [
        (TOKENIZE, ["sampler:read"], True),
        (MODELS, ["sampler:read"], True),
        (SAMPLE, ["sampler:read"], False),
        (SAMPLE_TEXT, ["sampler:read"], False),
        (SAMPLE, ["sampler:write"], True),
        (BUDGET, ["sampler:write"], False),
        (TRANSACTIONS, [], False),
        (TRANSACTIONS, ["*"], True),
    ],
)
def test_key_without_the_acl_is_refused(path: str, acls: list[str], allowed: bool) -> None:  # noqa: FBT001
    """A key may do what its ACLs say, else the exact error text comes back."""
    with LocalServer(api_keys={"k": acls}) as server, contextlib.closing(Peer(server)) as peer:
        assert server.api_key == "k"
        request = sample_request(max_len=0) if path == SAMPLE else b""
        status = peer.call(path, request, key="k").status
    if allowed:
        assert status[0] == StatusCode.OK
    else:
        assert status == (
            StatusCode.PERMISSION_DENIED,
            "API key is missing ACLs required to perform this request.",
        )


def test_key_never_enters_the_record() -> None:
    """The record names the credentials and their place and hides their values."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        with contextlib.closing(Peer(server)) as peer:
            headers = (("x-mine", "1"), ("authorization", f"Bearer {SECRET_KEY}"))
            peer.call(MODELS, headers=headers, key=SECRET_KEY)
        (call,) = server.calls
    assert call.metadata == [("x-mine", "1"), ("authorization", "<hidden>"), ("apikey", "<hidden>")]
    assert SECRET_MARKER not in repr(call) + repr(call.headers)


# The sampler.


def test_tokenize_gives_the_users_tokens(peer: Peer) -> None:
    """A text comes back as tokens with IDs, of the user's type."""
    answer = peer.call(TOKENIZE, TokenizeRequest(text="Does it work?"))
    tokens = TokenizeResponse().parse(answer.messages[0]).tokens
    assert [token.final_logit.string_token for token in tokens] == [
        "Does",
        "\u2581it",
        "\u2581work",
        "?",
    ]
    assert all(token.token_type == 1 and token.final_logit.token_id > 2 for token in tokens)


def test_sample_continues_the_prompt_and_accounts_for_it(peer: Peer) -> None:
    """Tokens come first, then the budget, and the transaction comes last."""
    answer = peer.call(SAMPLE, sample_request(stop_strings=["."]))
    assert answer.status[0] == StatusCode.OK
    assert text_of(answer) == " Yes, it does."
    kinds = [kind for kind, _ in responses(answer)]
    assert kinds == ["token"] * 5 + ["budget", "transaction"]
    token, budget, transaction = (value for _, value in responses(answer)[4:])
    assert token.token_type == 2
    assert 0 < token.final_logit.prob <= 1
    assert len(token.top_k) == 8
    assert not token.attention
    assert (budget.tokens_spent, budget.requests_spent) == (9, 1)
    assert (transaction.num_prompt_tokens, transaction.num_generated_tokens) == (4, 5)
    assert transaction.confirmed
    assert transaction.model_name == "grok-local"
    assert transaction.create_time.tzinfo is not None


@given(
    st.integers(0, 1442),
    st.floats(0, 1, width=32),
    st.lists(st.tuples(st.integers(0, 1442), st.floats(0, 1, width=32)), max_size=9),
    st.lists(st.floats(0, 1, width=32), max_size=40),
)
def test_tokens_are_written_as_their_message_says(
    token_id: int, prob: float, top_k: list[tuple[int, float]], attention: list[float]
) -> None:
    """The prepared bytes of a token are a message that reads like the one built field by field."""
    strings = default_model().tokenizer.strings
    data = TokenWriter(strings).write(SampledToken(token_id, prob, top_k, attention))
    token = SampleTokensResponse().parse(data).token
    assert token.token_type == TokenTokenType.MODEL
    assert list(token.attention) == attention
    found = [(x.token_id, x.string_token, x.prob) for x in (token.final_logit, *token.top_k)]
    assert found == [(i, strings[i], p) for i, p in [(token_id, prob), *top_k]]


def test_sample_of_text_gives_the_same(peer: Peer) -> None:
    """TokenizeAndSampleTokens continues a text as SampleTokens does."""
    settings = SampleSettings(max_len=100, stop_strings=["\n"])
    request = TokenizeAndSampleTokensRequest(text="Does it work?", settings=settings)
    assert text_of(peer.call(SAMPLE_TEXT, request)) == " Yes, it does.\n"


def test_sample_returns_attention_when_asked(peer: Peer) -> None:
    """Attention is one weight for each earlier token."""
    request = sample_request(max_len=2)
    request.return_attention = True
    tokens = [value for kind, value in responses(peer.call(SAMPLE, request)) if kind == "token"]
    assert [len(token.attention) for token in tokens] == [4, 5]
    assert sum(tokens[0].attention) == pytest.approx(1)


def test_sample_takes_every_kind_of_input(peer: Peer) -> None:
    """Texts, token IDs, images and the old prompt field make up one prompt."""
    answer = peer.call(TOKENIZE, TokenizeRequest(text="Does it work?"))
    ids = [t.final_logit.token_id for t in TokenizeResponse().parse(answer.messages[0]).tokens]
    settings = SampleSettings(max_len=100, stop_strings=["."])
    inputs = [
        PromptInput(image_bytes=b"\x89PNG"),
        PromptInput(image_base64="data:image/png;base64,iVBORw=="),
        PromptInput(text="Does it"),
        PromptInput(token_ids=TokenIds(tokens=ids[2:])),
    ]
    mixed = peer.call(SAMPLE, SampleTokensRequest(inputs=inputs, settings=settings))
    old = peer.call(SAMPLE, SampleTokensRequest(prompt=ids, settings=settings))
    assert text_of(mixed) == text_of(old) == " Yes, it does."
    assert responses(mixed)[-1][1].num_prompt_tokens == 6


def test_sample_with_seed_is_repeatable(peer: Peer) -> None:
    """Equal seeds give equal texts, and different ones do not always."""

    def draw(seed: int) -> str:
        request = sample_request(max_len=20, temperature=1.5, nucleus_p=1.0, rng_seed=seed)
        return text_of(peer.call(SAMPLE, request))

    assert draw(1) == draw(1)
    assert len({draw(seed) for seed in range(5)}) > 1


def test_sample_respects_allowed_tokens(peer: Peer) -> None:
    """Allowed tokens are understood by text and by ID."""
    allowed = [named("?"), InputToken(token_id=3 + 65)]
    request = sample_request(max_len=20, temperature=3.0, nucleus_p=1.0, allowed_tokens=allowed)
    assert set(text_of(peer.call(SAMPLE, request)).replace("<0x41>", "A")) == {"?", "A"}


@pytest.mark.parametrize(
    ("request_pb", "code", "text"),
    [
        (sample_request(temperature=-1.0), StatusCode.INVALID_ARGUMENT, "temperature"),
        (sample_request(nucleus_p=1.5), StatusCode.INVALID_ARGUMENT, "nucleus_p"),
        (sample_request(max_len=-1), StatusCode.INVALID_ARGUMENT, "max_len"),
        (
            sample_request(
                allowed_tokens=[named("a")],
                disallowed_tokens=[named("b")],
            ),
            StatusCode.INVALID_ARGUMENT,
            "together",
        ),
        (SampleTokensRequest(prompt=[999_999]), StatusCode.INVALID_ARGUMENT, "999999"),
        (SampleTokensRequest(), StatusCode.INVALID_ARGUMENT, "no prompt"),
        (
            SampleTokensRequest(inputs=[PromptInput(text="a"), PromptInput()]),
            StatusCode.INVALID_ARGUMENT,
            "Input 1",
        ),
        (
            SampleTokensRequest(inputs=[PromptInput(image_base64="not base64!")]),
            StatusCode.INVALID_ARGUMENT,
            "Input 0",
        ),
        (
            SampleTokensRequest(inputs=[PromptInput(text="a")], model_name="nope"),
            StatusCode.NOT_FOUND,
            "'nope'",
        ),
        (b"\xff" * 11, StatusCode.INTERNAL, "parsed"),
    ],
)
def test_sample_bad_request_is_refused(
    peer: Peer, request_pb: SampleTokensRequest | bytes, code: StatusCode, text: str
) -> None:
    """A request that means nothing gets a status and a text that names the reason."""
    answer = peer.call(SAMPLE, request_pb)
    assert answer.status[0] == code
    assert text in answer.status[1]
    assert not answer.messages


def test_models_are_listed_and_the_first_is_the_default() -> None:
    """The names are those the server was made with."""
    with LocalServer(models=("a", "b")) as server, contextlib.closing(Peer(server)) as peer:
        models = ListModelsResponse().parse(peer.call(MODELS).messages[0])
        assert models.model_names == ["a", "b"]
        assert responses(peer.call(SAMPLE, sample_request()))[-1][1].model_name == "a"
        request = TokenizeRequest(text="x", model_name="c")
        assert peer.call(TOKENIZE, request).status[0] == StatusCode.NOT_FOUND


def test_budget_is_enforced_for_each_key() -> None:
    """A key that has spent its tokens gets RESOURCE_EXHAUSTED; another one does not."""
    keys = {"one": ["*"], "two": ["*"]}
    server = LocalServer(api_keys=keys, token_limit=6)
    with server, contextlib.closing(Peer(server)) as peer:
        codes = [
            peer.call(SAMPLE, sample_request(max_len=5), key=key).status[0]
            for key in ("one", "one", "two")
        ]
        listed = peer.call(TRANSACTIONS, key="one")
    assert codes == [StatusCode.OK, StatusCode.RESOURCE_EXHAUSTED, StatusCode.OK]
    transactions = ListTransactionsResponse().parse(listed.messages[0]).transactions
    assert [t.num_generated_tokens for t in transactions] == [5]


def test_cancelled_sampling_stays_unconfirmed(server: LocalServer, peer: Peer) -> None:
    """What a cancelled call has used is booked, but not confirmed."""
    server.stall(method=SAMPLE, after_messages=2)
    stream_id = peer.start(SAMPLE, sample_request())
    peer.pump(lambda: len(peer.answers[stream_id].messages) == 2)
    peer.reset(stream_id, ErrorCodes.CANCEL)
    server.wait_for_call(SAMPLE, "cancelled")
    listed = ListTransactionsResponse().parse(peer.call(TRANSACTIONS).messages[0])
    (transaction,) = listed.transactions
    assert (transaction.num_generated_tokens, transaction.confirmed) == (2, False)
