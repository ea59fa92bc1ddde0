"""From generated messages to the values that calls return."""

from typing import TYPE_CHECKING, Final, TypeVar, cast

import attrs
import betterproto

from xai._annotations import resolve_lazily
from xai._log import log
from xai.prompt_ide.types import (
    DebugLog,
    Embedding,
    FileMetadata,
    ImageAttachment,
    SearchContext,
    Sender,
    StatelessResponse,
    Token,
    TokenBudget,
    TokenTransaction,
    TokenType,
    WebSearchResult,
    XPost,
)
from xai.proto.base import which_one_of
from xai.runtime.codec.reading import checked

if TYPE_CHECKING:
    # A program loads the messages of the services that it uses, and no others.
    from xai.proto.prompt_ide import chat as chat_pb
    from xai.proto.prompt_ide import embedder_public as embedder_pb
    from xai.proto.prompt_ide import files as files_pb
    from xai.proto.prompt_ide import prod_search as search_pb
    from xai.proto.prompt_ide import sampler_public as sampler_pb
    from xai.proto.prompt_ide import stateless_chat as stateless_pb
    from xai.proto.prompt_ide import x_entities as x_pb

A = TypeVar("A", bound=attrs.AttrsInstance)

#: Names of the oneofs this module reads.
PAYLOAD: Final = "payload"
RESPONSE: Final = "response"
#: Calling the enum looks the member up as well, in four times the time.
_TOKEN_TYPES: Final = {int(kind): kind for kind in TokenType}


def read_flat(cls: type[A], message: betterproto.Message) -> A:
    """Return a value whose fields have the names and types of a message's."""
    return cls(**{field.name: getattr(message, field.name) for field in attrs.fields(cls)})


def read_web_results(results: "search_pb.WebSearchResults") -> list[WebSearchResult]:
    """Return the pages of a web search."""
    return [read_flat(WebSearchResult, item) for item in results.results]


def read_x_post(post: "x_pb.XPost") -> XPost:
    """Return a post on X, with the posts it answers and quotes."""
    # Presence is asked before a field is read: reading an unset one would fill it.
    return XPost(
        post_id=post.post_id,
        username=post.username,
        name=post.name,
        text=post.text,
        create_time=post.create_time if post.is_set("create_time") else None,
        profile_image_url=post.profile_image_url,
        citation_id=post.citation_id,
        parent=read_x_post(post.parent) if post.is_set("parent") else None,
        parent_post_id=post.parent_post_id,
        quote_post_id=post.quote_post_id,
        quote=read_x_post(post.quote) if post.is_set("quote") else None,
    )


def read_debug_log(log: "chat_pb.ResponseDebugLog") -> DebugLog:
    """Return how a reply came about."""
    context = None
    if log.is_set("search_context"):
        context = read_flat(SearchContext, log.search_context)
    return DebugLog(
        system_prompt_name=log.system_prompt_name,
        disable_search=log.disable_search,
        web_query=log.web_query,
        x_query=log.x_query,
        image_query=log.image_query,
        prompt=log.prompt,
        inputs=[_read_input(item) for item in log.inputs],
        search_context=context,
    )


def _read_input(item: "sampler_pb.PromptInput") -> str | bytes | list[int]:
    kind, value = which_one_of(item, PAYLOAD)
    if kind == "token_ids":
        return list(cast("sampler_pb.TokenIds", value).tokens)
    return cast("str | bytes", value if kind else "")


def read_sampled(reply: "sampler_pb.SampleTokensResponse") -> Token | None:
    """Return the token of a reply; log what is not a token and return None."""
    kind, value = which_one_of(reply, RESPONSE)
    if kind == "token":
        return read_token(value)
    if kind == "budget":
        budget = cast("sampler_pb.TokenBudget", value)
        spent, limit = budget.tokens_spent, budget.token_limit
        share = f"{spent / limit:.1%}" if limit else "no limit"
        log.info("token budget: %d of %d tokens spent (%s)", spent, limit, share)
    elif kind == "transaction":
        booked = read_transaction(cast("sampler_pb.TokenTransaction", value))
        log.debug(
            "token transaction %s: %d prompt and %d generated tokens of %s",
            booked.transaction_id,
            booked.num_prompt_tokens,
            booked.num_generated_tokens,
            booked.model_name,
        )
    return None


def read_token(token: "sampler_pb.Token") -> Token:
    """Return a token."""
    # In the order of the fields: keywords take a third of the time of all this, for each token.
    logit, number = token.final_logit, int(token.token_type)
    return Token(
        logit.token_id,
        logit.string_token,
        logit.prob,
        [Token(item.token_id, item.string_token, item.prob) for item in token.top_k],
        list(token.attention),
        _TOKEN_TYPES.get(number) or TokenType(number),
    )


def read_budget(budget: "sampler_pb.TokenBudget") -> TokenBudget:
    """Return the budget of a key."""
    return TokenBudget(
        token_limit=budget.token_limit,
        tokens_spent=budget.tokens_spent,
        request_limit=budget.request_limit,
        requests_spent=budget.requests_spent,
    )


def read_tokens(reply: "sampler_pb.TokenizeResponse") -> list[Token]:
    """Return the tokens of a text."""
    return [read_token(token) for token in checked(reply.tokens)]


def read_transactions(reply: "sampler_pb.ListTransactionsResponse") -> list[TokenTransaction]:
    """Return the transactions of a key."""
    return [read_transaction(each) for each in checked(reply.transactions)]


def read_embeddings(reply: "embedder_pb.EmbedResponse") -> list[Embedding]:
    """Return the embeddings of texts."""
    return [Embedding(values=each.values, shape=each.shape) for each in checked(reply.embeddings)]


def read_files(reply: "files_pb.ListFilesResponse") -> list[FileMetadata]:
    """Return what the server keeps about all files."""
    return [read_file_metadata(file) for file in checked(reply.files)]


def read_transaction(item: "sampler_pb.TokenTransaction") -> TokenTransaction:
    """Return the transaction of one call."""
    return TokenTransaction(
        transaction_id=item.transaction_id,
        transaction_type=item.transaction_type,
        model_name=item.model_name,
        num_prompt_tokens=item.num_prompt_tokens,
        num_generated_tokens=item.num_generated_tokens,
        cost_multiplier=item.cost_multiplier,
        # Asked before it is read: an unset time would read as 1970.
        create_time=item.create_time if item.is_set("create_time") else None,
        confirmed=item.confirmed,
    )


def read_stateless_response(message: "stateless_pb.StatelessResponse") -> StatelessResponse:
    """Return a message of a conversation that the caller keeps."""
    image = message.image_attachment
    pages = []
    if message.is_set("web_search_results"):
        pages = read_web_results(message.web_search_results)
    return StatelessResponse(
        sender=Sender(int(message.sender)),
        message=message.message,
        query=message.query,
        query_type=message.query_type,
        image_attachment=None if image is None else read_flat(ImageAttachment, image),
        x_post_ids=list(message.x_post_ids),
        debug_log=read_debug_log(message.debug_log) if message.is_set("debug_log") else None,
        image_inputs=list(message.image_inputs),
        web_search_results=pages,
    )


def read_file_metadata(item: "files_pb.FileMetadata") -> FileMetadata:
    """Return what the server keeps about a file."""
    return FileMetadata(
        file_name=item.file_name,
        size_bytes=item.size_bytes,
        mime_type=item.mime_type,
        create_time=item.create_time if item.is_set("create_time") else None,
    )


resolve_lazily(globals())
