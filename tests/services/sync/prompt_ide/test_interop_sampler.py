# Do not edit: produced by "nox -s generate" from
# tests/services/aio/prompt_ide/test_interop_sampler.py
import logging
import struct
from datetime import datetime, timedelta, timezone

import pytest

from tests.services.interop.server import GrpcioServer
from tests.services.sync.helpers import collect, texts
from tests.support import SECRET_KEY
from xai import Client, Token, TokenBudget, TokenTransaction, TokenType

TOKENIZE = "/prompt_ide.Sampler/Tokenize"
SAMPLE = "/prompt_ide.Sampler/SampleTokens"
IMAGE = "data:image/png;base64,aGk="


def test_tokenize_is_understood(grpcio_server: GrpcioServer) -> None:
    """Google's library reads both fields of the request, and its reply is read in full."""
    with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
        tokens = client.sampler.tokenize("eins zwei \N{GRINNING FACE}", "interop-1")
    assert tokens == [
        Token(0, "▁eins", token_type=TokenType.USER),
        Token(1, "▁zwei", token_type=TokenType.USER),
        Token(2, "▁\N{GRINNING FACE}", token_type=TokenType.USER),
    ]
    (request,) = grpcio_server.requests(TOKENIZE)
    pb = grpcio_server.protos.sampler
    expected = pb.TokenizeRequest(text="eins zwei \N{GRINNING FACE}", model_name="interop-1")
    assert request == expected


def test_sample_is_understood_field_by_field(grpcio_server: GrpcioServer) -> None:
    """Each argument is in its field as Google's library reads it, and there is no other."""
    with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
        collect(
            client.sampler.sample(
                inputs=["text", b"\x89PNG\0\xff", IMAGE, [1, 0, 2**32 - 1], ""],
                model_name="interop-2",
                max_len=2**31 - 1,
                temperature=0.5,
                nucleus_p=0.25,
                stop_tokens=["▁w0", "stop"],
                stop_strings=["c", "d e"],
                rng_seed=2**64 - 1,
                return_attention=True,
                disallowed_tokens=["x", 7, 0, "▁y"],
            )
        )
    (request,) = grpcio_server.requests(SAMPLE)
    pb = grpcio_server.protos.sampler
    assert request == pb.SampleTokensRequest(
        inputs=[
            pb.PromptInput(text="text"),
            pb.PromptInput(image_bytes=b"\x89PNG\0\xff"),
            pb.PromptInput(image_base64=IMAGE),
            pb.PromptInput(token_ids=pb.TokenIds(tokens=[1, 0, 2**32 - 1])),
            pb.PromptInput(text=""),
        ],
        settings=pb.SampleSettings(
            max_len=2**31 - 1,
            temperature=0.5,
            nucleus_p=0.25,
            stop_tokens=["▁w0", "stop", "▁stop"],
            stop_strings=["c", "d e"],
            rng_seed=2**64 - 1,
            disallowed_tokens=[
                pb.InputToken(string_token="x"),
                pb.InputToken(string_token="▁x"),
                pb.InputToken(token_id=7),
                pb.InputToken(token_id=0),
                pb.InputToken(string_token="▁y"),
            ],
        ),
        return_attention=True,
        model_name="interop-2",
    )
    assert [part.WhichOneof("payload") for part in request.inputs] == [
        "text",
        "image_bytes",
        "image_base64",
        "token_ids",
        "text",
    ]


def test_defaults_are_read_as_documented(grpcio_server: GrpcioServer) -> None:
    """A bare prompt arrives with the documented defaults; the old field is empty."""
    with Client(SECRET_KEY, api_host=grpcio_server.host, initial_rng_seed=11) as client:
        collect(client.sampler.sample([3, 4], max_len=0))
        client.sampler.sample("unread").close()
    (request,) = grpcio_server.requests(SAMPLE)
    assert list(request.prompt) == []
    assert [list(part.token_ids.tokens) for part in request.inputs] == [[3, 4]]
    settings = request.settings
    assert (settings.max_len, settings.rng_seed) == (0, 11)
    assert settings.temperature == pytest.approx(0.7)
    assert settings.nucleus_p == pytest.approx(0.95)


def test_sampled_tokens_are_read_in_full(
    grpcio_server: GrpcioServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Tokens with all their fields, the budget and the transaction come through."""
    with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
        tokens = collect(
            client.sampler.sample("a", max_len=3, rng_seed=2**33 - 1, return_attention=True)
        )
    # What a third becomes in 32 bits.
    (prob,) = struct.unpack("<f", struct.pack("<f", 1 / 3))
    others = [Token(0, "x", 0.25), Token(1, "x", 0.25)]
    assert tokens == [
        Token(2**32 - 1, "▁w0", 1.0, others, [], TokenType.MODEL),
        Token(0, "▁w1", 0.5, others, [0.5], TokenType.MODEL),
        Token(1, "▁w2", prob, others, [0.5, 0.5], TokenType.MODEL),
    ]
    lines = [record for record in caplog.records if record.name == "xai"]
    assert [line.levelno for line in lines] == [logging.INFO, logging.DEBUG]
    assert "250" in lines[0].getMessage()
    assert "id-0" in lines[1].getMessage()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"stop_tokens": ["w2"]}, ["▁w0", "▁w1"]),
        ({"stop_tokens": ["w2"], "augment_tokens": False}, ["▁w0", "▁w1", "▁w2", "▁w3"]),
        ({"stop_strings": ["w2"]}, ["▁w0", "▁w1", "▁w2"]),
        ({"max_len": 0}, []),
    ],
)
def test_stop_rules_hold_on_another_server(
    grpcio_server: GrpcioServer, options: dict[str, object], expected: list[str]
) -> None:
    """Stop tokens and strings mean the same to a server that shares no code with the client."""
    options = {"max_len": 4, **options}
    with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
        found = texts(client.sampler.sample("a", **options))  # type: ignore[arg-type]  # of many types
    assert found == expected


def test_the_other_methods_are_read(grpcio_server: GrpcioServer) -> None:
    """Models, budget and transactions come through, with times to the microsecond."""
    with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
        assert client.sampler.list_models() == ["interop-1", "interop-2"]
        budget = client.sampler.get_token_budget("kind")
        booked = client.sampler.list_transactions()
    assert budget == TokenBudget(1000, 250, 20, 5)
    (request,) = grpcio_server.requests("/prompt_ide.Sampler/GetTokenBudget")
    assert request.transaction_type == "kind"
    assert [item.create_time is None for item in booked] == [True, False, False]
    moment = datetime.fromtimestamp(1_700_000_002, timezone.utc) + timedelta(microseconds=123456)
    assert booked[2] == TokenTransaction(
        "id-2", "interop", "interop-1", 12, 22, 2, moment, confirmed=True
    )


def test_large_messages_go_both_ways(grpcio_server: GrpcioServer) -> None:
    """Requests and replies far above every window and frame size arrive whole."""
    text = " ".join(f"word{number}" * 1000 for number in range(800))
    with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
        tokens = client.sampler.tokenize(text)
    assert len(text) > 5_000_000
    assert " ".join(token.token_str[1:] for token in tokens) == text
    assert grpcio_server.requests(TOKENIZE)[0].text == text


def test_long_streams_arrive_whole(grpcio_server: GrpcioServer) -> None:
    """A stream of many tokens is complete and in order."""
    with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
        found = texts(client.sampler.sample("a", max_len=1500))
    assert found == [f"▁w{number}" for number in range(1500)]
