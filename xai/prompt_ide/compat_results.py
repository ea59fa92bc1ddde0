"""From generated messages to completions in the names of the OpenAI Python client."""

from xai.prompt_ide.compat_types import (
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
    """Return a chunk of a streamed completion."""
    # In the order of the fields: for each of many small chunks, keywords take a third of the time.
    return ChatCompletionChunk(
        chunk.id,
        [_read_choice(item) for item in chunk.choices],
        chunk.created,
        chunk.model,
        chunk.object,
        chunk.system_fingerprint,
    )


def _read_choice(choice: pb.ChoiceChunk) -> ChunkChoice:
    delta = choice.delta
    return ChunkChoice(
        ChoiceDelta(delta.content, delta.role),
        # The OpenAI client has None until a choice is finished.
        choice.finish_reason or None,
        choice.index,
        _read_logprobs(choice),
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
