# Produced from xai/aio/compat_results.py by "nox -s generate". Do not edit.
"""From generated messages to completions in the names of the OpenAI Python client."""

from xai.compat_types import (
    ChatCompletion,
    ChatCompletionChunk,
    Choice,
    ChoiceDelta,
    ChoiceLogprobs,
    ChoiceMessage,
    ChunkChoice,
    CompletionUsage,
    TokenLogprob,
    TopLogprob,
)
from xai.proto.compat.chat import compat_chat as pb


def read_completion(reply: pb.GetChatCompletionResponse) -> ChatCompletion:
    """Return a whole completion."""
    return ChatCompletion(
        id=reply.id,
        choices=[
            Choice(
                finish_reason=item.finish_reason,
                index=item.index,
                message=ChoiceMessage(content=item.message.content, role=item.message.role),
                logprobs=_read_logprobs(item),
            )
            for item in reply.choices
        ],
        created=reply.created,
        model=reply.model,
        object=reply.object,
        system_fingerprint=reply.system_fingerprint,
        usage=CompletionUsage(
            completion_tokens=reply.usage.completion_tokens,
            prompt_tokens=reply.usage.prompt_tokens,
            total_tokens=reply.usage.total_tokens,
        ),
    )


def read_chunk(chunk: pb.GetChatCompletionChunk) -> ChatCompletionChunk:
    """Return a piece of a streamed completion."""
    return ChatCompletionChunk(
        id=chunk.id,
        choices=[
            ChunkChoice(
                delta=ChoiceDelta(content=item.delta.content, role=item.delta.role),
                # The OpenAI client has None until a choice is finished.
                finish_reason=item.finish_reason or None,
                index=item.index,
                logprobs=_read_logprobs(item),
            )
            for item in chunk.choices
        ],
        created=chunk.created,
        model=chunk.model,
        object=chunk.object,
        system_fingerprint=chunk.system_fingerprint,
    )


def _read_logprobs(choice: pb.Choice | pb.ChoiceChunk) -> ChoiceLogprobs | None:
    if not choice.is_set("logprobs"):
        return None
    return ChoiceLogprobs(
        content=[
            TokenLogprob(
                token=item.token,
                logprob=item.logprob,
                bytes=list(item.bytes),
                top_logprobs=[
                    TopLogprob(token=top.token, logprob=top.logprob, bytes=list(top.bytes))
                    for top in item.top_logprobs
                ],
            )
            for item in choice.logprobs.content
        ]
    )
