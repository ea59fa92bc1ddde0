"""Views of each kind. Every answer names the process that gave it."""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from tests.django.site import clients

#: Without the token that ends a text, a stream is as long as it was asked for.
ENDS: Final = ("<|eos|>",)


def _plain(text: str) -> HttpResponse:
    headers = {"X-Worker": str(os.getpid())}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


def tokens(request: HttpRequest) -> HttpResponse:
    """Show the tokens of a text."""
    found = clients.blocking.sampler.tokenize(request.GET["text"])
    return _plain("|".join(token.token_str for token in found))


def chat(request: HttpRequest) -> HttpResponse:
    """Answer a message."""
    conversation = clients.blocking.chat.create_conversation()
    return _plain(conversation.add_response_no_stream(request.GET["text"]).message)


def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Continue a text, one token a line, as they come."""
    prompt, length = request.GET["text"], int(request.GET["length"])

    def lines() -> Iterator[str]:
        sampled = clients.blocking.sampler.sample(
            prompt, max_len=length, rng_seed=7, disallowed_tokens=ENDS
        )
        with sampled:
            for token in sampled:
                yield token.token_str + "\n"

    headers = {"X-Worker": str(os.getpid())}
    return StreamingHttpResponse(lines(), content_type="text/plain", headers=headers)


async def tokens_async(request: HttpRequest) -> HttpResponse:
    """Show the tokens of a text."""
    found = await clients.asynchronous.sampler.tokenize(request.GET["text"])
    return _plain("|".join(token.token_str for token in found))


async def stream_async(request: HttpRequest) -> StreamingHttpResponse:
    """Continue a text, one token a line, as they come."""
    prompt, length = request.GET["text"], int(request.GET["length"])

    async def lines() -> AsyncIterator[str]:
        sampled = clients.asynchronous.sampler.sample(
            prompt, max_len=length, rng_seed=7, disallowed_tokens=ENDS
        )
        async with sampled:
            async for token in sampled:
                yield token.token_str + "\n"

    headers = {"X-Worker": str(os.getpid())}
    return StreamingHttpResponse(lines(), content_type="text/plain", headers=headers)
