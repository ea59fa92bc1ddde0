"""The service prompt_ide.Sampler in its simplest form: words instead of a model."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc

from tests.services.interop.protos import AnyMessage, Protos

MODELS = ("interop-1", "interop-2")
LIMIT, SPENT = 1000, 250


def sampler_answers(protos: Protos) -> dict[str, Callable[[Any, grpc.ServicerContext], Any]]:
    """Return an answer for each method of the service, by path."""
    pb = protos.sampler

    def tokenize(request: AnyMessage, _: grpc.ServicerContext) -> AnyMessage:
        words = enumerate(request.text.split())
        return pb.TokenizeResponse(
            tokens=[
                pb.Token(
                    final_logit=pb.Logit(token_id=number, string_token="\u2581" + word),
                    token_type=1,
                )
                for number, word in words
            ]
        )

    def sample(request: AnyMessage, _: grpc.ServicerContext) -> Iterator[Any]:
        settings = request.settings
        for number in range(settings.max_len):
            word = f"\u2581w{number}"
            if word in settings.stop_tokens:
                break
            token = pb.Token(
                final_logit=pb.Logit(
                    token_id=(settings.rng_seed + number) % 2**32,
                    string_token=word,
                    prob=1 / (number + 1),
                ),
                top_k=[pb.Logit(token_id=other, string_token="x", prob=0.25) for other in range(2)],
                attention=[0.5] * number if request.return_attention else [],
                token_type=2,
            )
            yield pb.SampleTokensResponse(token=token)
            if any(string in word for string in settings.stop_strings):
                break
        yield pb.SampleTokensResponse(budget=budget(None, None))
        yield pb.SampleTokensResponse(transaction=_transaction(pb, 0))

    def budget(_: AnyMessage, __: AnyMessage) -> AnyMessage:
        return pb.TokenBudget(
            token_limit=LIMIT, tokens_spent=SPENT, request_limit=20, requests_spent=5
        )

    def transactions(_: AnyMessage, __: grpc.ServicerContext) -> AnyMessage:
        return pb.ListTransactionsResponse(
            transactions=[_transaction(pb, number) for number in range(3)]
        )

    def models(_: AnyMessage, __: grpc.ServicerContext) -> AnyMessage:
        return pb.ListModelsResponse(model_names=MODELS)

    answers: dict[str, Callable[[Any, grpc.ServicerContext], Any]] = {
        "Tokenize": tokenize,
        "SampleTokens": sample,
        "GetTokenBudget": budget,
        "ListTransactions": transactions,
        "ListModels": models,
    }
    return {f"/prompt_ide.Sampler/{name}": answer for name, answer in answers.items()}


def _transaction(pb: AnyMessage, number: int) -> AnyMessage:
    transaction = pb.TokenTransaction(
        num_prompt_tokens=10 + number,
        num_generated_tokens=20 + number,
        cost_multiplier=number,
        transaction_type="interop",
        transaction_id=f"id-{number}",
        model_name=MODELS[0],
        confirmed=number % 2 == 0,
    )
    if number:
        # The first one goes without: an unset time must not read as 1970.
        transaction.create_time.seconds = 1_700_000_000 + number
        transaction.create_time.nanos = 123_456_000
    return transaction
