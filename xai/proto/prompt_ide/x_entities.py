# Generated from prompt_ide/x_entities.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Posts and trends of X, as search and chat results refer to them."""

from dataclasses import dataclass
from datetime import datetime

import betterproto

from xai.proto import base


@dataclass(eq=False, repr=False)
class XPost(base.Message):
    """A post on X."""

    username: str = betterproto.string_field(1)
    """The handle of the author, without the @."""

    name: str = betterproto.string_field(2)
    """The display name of the author."""

    text: str = betterproto.string_field(3)
    """What the post says."""

    create_time: datetime = betterproto.message_field(4)
    """When it was posted."""

    profile_image_url: str = betterproto.string_field(5)
    """Where the author's picture is."""

    post_id: str = betterproto.string_field(6)
    """The ID of the post."""

    citation_id: str = betterproto.string_field(8)
    """What the response of a model cites it by."""

    parent: "XPost" = betterproto.message_field(9)
    """The post this one replies to."""

    parent_post_id: "str | None" = betterproto.string_field(10, optional=True)
    """The ID of the post this one replies to."""

    quote_post_id: "str | None" = betterproto.string_field(11, optional=True)
    """The ID of the post this one quotes."""

    quote: "XPost" = betterproto.message_field(12)
    """The post this one quotes."""


@dataclass(eq=False, repr=False)
class XTrendPost(base.Message):
    """A post that belongs to a trend."""

    author_handle: str = betterproto.string_field(1)
    """The handle of the author, without the @."""

    author_name: str = betterproto.string_field(2)
    """The display name of the author."""

    author_avatar: str = betterproto.string_field(3)
    """Where the author's picture is."""

    author_nfollowers: int = betterproto.int32_field(4)
    """Number of followers of the author."""

    rest_id: str = betterproto.string_field(5)
    """The ID of the post."""

    nreplies: int = betterproto.int32_field(6)
    """Number of replies."""

    text: str = betterproto.string_field(7)
    """What the post says."""

    created_ts: int = betterproto.int64_field(8)
    """When it was posted, in Unix time."""

    nreposts: int = betterproto.int32_field(9)
    """How often it was reposted."""

    imgs: "list[str]" = betterproto.string_field(10)
    """Where its pictures are."""

    vids: "list[str]" = betterproto.string_field(11)
    """Where its videos are."""

    card: "XTrendPostCard" = betterproto.message_field(12)
    """The preview of what it links to."""


@dataclass(eq=False, repr=False)
class XTrendResult(base.Message):
    """A topic many people post about."""

    name: str = betterproto.string_field(1)
    """The name of the trend."""

    hook: str = betterproto.string_field(2)
    """One line that invites to read on."""

    summary: str = betterproto.string_field(3)
    """What the trend is about."""

    rest_id: str = betterproto.string_field(4)
    """The ID of the trend."""

    posts: "list[XTrendPost]" = betterproto.message_field(5)
    """Posts that belong to it."""

    thumbnail: str = betterproto.string_field(6)
    """Where its picture is."""

    header: str = betterproto.string_field(7)
    """The heading to show it under."""


@dataclass(eq=False, repr=False)
class XTrendPostCard(base.Message):
    """The preview of a link in a post."""

    img: str = betterproto.string_field(1)
    """Where the picture is."""

    url: str = betterproto.string_field(2)
    """Where the link leads."""
