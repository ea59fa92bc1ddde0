"""From generated messages to the values that calls return."""

from typing import TypeVar, cast

import attrs
import betterproto

from xai.prompt_ide.types import DebugLog, SearchContext, WebSearchResult, XPost
from xai.proto.base import which_one_of
from xai.proto.prompt_ide import chat as chat_pb
from xai.proto.prompt_ide import prod_search as search_pb
from xai.proto.prompt_ide import sampler_public as sampler_pb
from xai.proto.prompt_ide import x_entities as x_pb

A = TypeVar("A", bound=attrs.AttrsInstance)

#: Names of the oneofs this module reads.
PAYLOAD = "payload"


def read_flat(cls: type[A], message: betterproto.Message) -> A:
    """Return a value whose fields have the names and types of a message's."""
    return cls(**{field.name: getattr(message, field.name) for field in attrs.fields(cls)})


def read_web_results(results: search_pb.WebSearchResults) -> list[WebSearchResult]:
    """Return the pages of a web search."""
    return [read_flat(WebSearchResult, item) for item in results.results]


def read_x_post(post: x_pb.XPost) -> XPost:
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


def read_debug_log(log: chat_pb.ResponseDebugLog) -> DebugLog:
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


def _read_input(item: sampler_pb.PromptInput) -> str | bytes | list[int]:
    kind, value = which_one_of(item, PAYLOAD)
    if kind == "token_ids":
        return list(cast("sampler_pb.TokenIds", value).tokens)
    return cast("str | bytes", value if kind else "")
