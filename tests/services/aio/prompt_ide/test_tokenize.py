from datetime import timezone

import attrs
import pytest
from betterproto.lib.google.protobuf import Empty

from tests.services.aio.helpers import collect
from tests.services.recorded import paths, requests
from tests.support import SECRET_KEY
from xai import AsyncClient, RateLimitError, Token, TokenBudget, TokenTransaction, TokenType
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import LocalServer


async def test_tokenize_splits_a_text(server: LocalServer, client: AsyncClient) -> None:
    """The tokens of a text come back in order, as the user's, and put together they are it."""
    text = "Does it work? Café!"
    tokens = await client.sampler.tokenize(text)
    assert type(tokens) is list
    assert all(type(token) is Token for token in tokens)
    assert [token.token_str for token in tokens][:4] == ["Does", "▁it", "▁work", "?"]
    assert {token.token_type for token in tokens} == {TokenType.USER}
    assert len({token.token_id for token in tokens}) == len(tokens)
    assert requests(server, pb.SAMPLER_TOKENIZE) == [pb.TokenizeRequest(text=text, model_name="")]


async def test_tokenize_of_nothing_makes_no_call(server: LocalServer, client: AsyncClient) -> None:
    """An empty text has no tokens, and the server is not asked."""
    assert await client.sampler.tokenize("") == []
    assert await client.sampler.tokenize("", "no-such-model") == []
    assert server.connections == 0


@pytest.mark.parametrize("by_keyword", [False, True])
async def test_tokenize_sends_the_model(
    server: LocalServer,
    client: AsyncClient,
    by_keyword: bool,  # noqa: FBT001
) -> None:
    """Both arguments can be given by position and by name."""
    if by_keyword:
        await client.sampler.tokenize(prompt="a", model_name="grok-local")
    else:
        await client.sampler.tokenize("a", "grok-local")
    expected = pb.TokenizeRequest(text="a", model_name="grok-local")
    assert requests(server, pb.SAMPLER_TOKENIZE) == [expected]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((5,), "prompt must be a str, not int"),
        ((None,), "prompt must be a str, not NoneType"),
        ((b"bytes",), "prompt must be a str, not bytes"),
        ((["a"],), "prompt must be a str, not list"),
        (("", 5), "model_name must be a str, not int"),
    ],
)
async def test_tokenize_argument_of_wrong_type_is_named(
    server: LocalServer, client: AsyncClient, arguments: tuple[object, ...], text: str
) -> None:
    """A wrong type is a TypeError that names the argument, before anything is sent."""
    with pytest.raises(TypeError, match=f"^{text}$"):
        await client.sampler.tokenize(*arguments)  # type: ignore[arg-type]  # the point of the test
    assert server.connections == 0


async def test_text_that_is_no_unicode_is_refused(server: LocalServer, client: AsyncClient) -> None:
    """A lone surrogate can't be sent: a ValueError, and the client is usable afterwards."""
    with pytest.raises(ValueError, match=r"^prompt must be .* lone surrogate"):
        await client.sampler.tokenize("a\ud800")
    assert await client.sampler.tokenize("a")
    assert paths(server) == ["Tokenize"]


async def test_tokens_have_every_field(server: LocalServer, client: AsyncClient) -> None:
    """Each field of a token on the wire is read, and an unknown type keeps its number."""
    server.reply(
        pb.SAMPLER_TOKENIZE,
        pb.TokenizeResponse(
            tokens=[
                pb.Token(
                    final_logit=pb.Logit(token_id=2**32 - 1, string_token="▁a", prob=0.25),
                    top_k=[
                        pb.Logit(token_id=1, string_token="b", prob=0.5),
                        pb.Logit(token_id=2, string_token="", prob=0.125),
                    ],
                    attention=[0.5, 0.0, -1.5],
                    token_type=pb.TokenTokenType(2),
                ),
                pb.Token(token_type=pb.TokenTokenType.try_value(9)),
                pb.Token(),
            ]
        ),
    )
    first, second, third = await client.sampler.tokenize("anything")
    assert first == Token(
        token_id=2**32 - 1,
        token_str="▁a",
        prob=0.25,
        top_k=[Token(1, "b", 0.5), Token(2, "", 0.125)],
        attn_weights=[0.5, 0.0, -1.5],
        token_type=TokenType.MODEL,
    )
    assert type(first.top_k) is list
    assert type(first.attn_weights) is list
    assert second.token_type == 9
    assert third == Token(0, "", 0.0, [], [], TokenType.UNKNOWN)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        first.prob = 1.0  # type: ignore[misc]  # the point of the test


async def test_list_models_gives_names(client: AsyncClient, server: LocalServer) -> None:
    """The names of the models are a list of str; the request is empty."""
    names = await client.sampler.list_models()
    assert names == ["grok-local"]
    assert type(names) is list
    assert requests(server, pb.SAMPLER_LIST_MODELS) == [Empty()]


async def test_list_models_of_several() -> None:
    """The order is the server's."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}, models=("b", "a", "c")) as server:
        async with AsyncClient(SECRET_KEY, api_host=server.host) as client:
            assert await client.sampler.list_models() == ["b", "a", "c"]


async def test_token_budget_is_read(server: LocalServer, client: AsyncClient) -> None:
    """Every field of a budget is read, and the type of the budget is sent."""
    server.reply(
        pb.SAMPLER_GET_TOKEN_BUDGET,
        pb.TokenBudget(token_limit=4, tokens_spent=3, request_limit=2, requests_spent=1),
        times=2,
    )
    expected = TokenBudget(token_limit=4, tokens_spent=3, request_limit=2, requests_spent=1)
    assert await client.sampler.get_token_budget() == expected
    assert await client.sampler.get_token_budget("sampler") == expected
    sent = requests(server, pb.SAMPLER_GET_TOKEN_BUDGET)
    assert [request.transaction_type for request in sent] == ["", "sampler"]


async def test_token_budget_type_is_checked(client: AsyncClient, server: LocalServer) -> None:
    """A type that is not a str is refused by name."""
    with pytest.raises(TypeError, match=r"^transaction_type must be a str"):
        await client.sampler.get_token_budget(3)  # type: ignore[arg-type]  # the point of the test
    assert server.connections == 0


async def test_transactions_are_read(server: LocalServer, client: AsyncClient) -> None:
    """Every field of a transaction is read; the times are aware, and None when not sent."""
    await collect(client.sampler.sample("one two", max_len=3, stop_strings=[]))
    (booked,) = await client.sampler.list_transactions()
    assert type(booked) is TokenTransaction
    assert booked.num_generated_tokens == 3
    assert booked.num_prompt_tokens >= 2
    assert (booked.model_name, booked.confirmed, booked.cost_multiplier) == ("grok-local", True, 1)
    assert booked.transaction_id
    assert booked.transaction_type
    assert booked.create_time is not None
    assert booked.create_time.tzinfo is timezone.utc
    assert requests(server, pb.SAMPLER_LIST_TRANSACTIONS) == [Empty()]
    server.reply(
        pb.SAMPLER_LIST_TRANSACTIONS,
        pb.ListTransactionsResponse(transactions=[pb.TokenTransaction(transaction_id="x")]),
    )
    (bare,) = await client.sampler.list_transactions()
    assert bare.create_time is None
    assert bare == TokenTransaction("x", "", "", 0, 0, 0, None, confirmed=False)


async def test_budget_that_is_spent_is_a_rate_limit_error() -> None:
    """A key without tokens left meets RESOURCE_EXHAUSTED as RateLimitError."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}, token_limit=1) as server:
        async with AsyncClient(SECRET_KEY, api_host=server.host) as client:
            await collect(client.sampler.sample("one", max_len=1))
            with pytest.raises(RateLimitError, match="budget"):
                await collect(client.sampler.sample("one", max_len=1))
            assert (await client.sampler.get_token_budget()).tokens_spent >= 1
