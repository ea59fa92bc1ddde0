"""The values that calls return; the same for the blocking and the asynchronous client."""

import enum
from datetime import datetime
from typing import NamedTuple, get_type_hints

import attrs


class TokenType(enum.IntEnum):
    """Where a token comes from; the numbers are those of ``prompt_ide.Token.TokenType``."""

    UNKNOWN = 0
    USER = 1
    MODEL = 2

    @classmethod
    def _missing_(cls, value: object) -> "TokenType | None":
        # A newer server may send a number this version has no name for; losing the token over
        # it would be worse than a member without a documented meaning.
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNRECOGNIZED_{value}"
        member._value_ = value
        return member


@attrs.frozen
class Token:
    """One token, as the tokenizer or the model produced it.

    Attributes:
        token_id: The ID of the token in the vocabulary of the model.
        token_str: Its text; a leading ``▁`` stands for the start of a word.
        prob: The probability of the token, 0 to 1.
        top_k: The most probable tokens at this position, each without a list of its own.
        attn_weights: Attention weights of the earlier positions, when requested.
        token_type: Whether the token is the user's or the model's.
    """

    token_id: int
    token_str: str
    prob: float = 0.0
    top_k: "list[Token]" = attrs.field(factory=list)
    attn_weights: list[float] = attrs.field(factory=list)
    token_type: TokenType = TokenType.UNKNOWN


@attrs.frozen
class TokenBudget:
    """The token budget of an API key.

    Attributes:
        token_limit: The maximum number of tokens; 0 when there is none.
        tokens_spent: Tokens spent so far.
        request_limit: The maximum number of requests; 0 when there is none.
        requests_spent: Requests made so far.
    """

    token_limit: int
    tokens_spent: int
    request_limit: int
    requests_spent: int


@attrs.frozen
class TokenTransaction:
    """A transaction: the tokens of one call.

    Attributes:
        transaction_id: The ID of the transaction.
        transaction_type: The budget it was charged to.
        model_name: The model that was used.
        num_prompt_tokens: The number of tokens of the prompt.
        num_generated_tokens: Tokens of the completion.
        cost_multiplier: The factor by which tokens are charged.
        create_time: When it was created, in UTC; None when the server did not say.
        confirmed: Whether the transaction is final.
    """

    transaction_id: str
    transaction_type: str
    model_name: str
    num_prompt_tokens: int
    num_generated_tokens: int
    cost_multiplier: int
    create_time: datetime | None
    confirmed: bool


@attrs.frozen
class FileMetadata:
    """What the server keeps about a file.

    Attributes:
        file_name: The name.
        size_bytes: Its size.
        mime_type: What it is.
        create_time: When it was stored, in UTC; None when the server did not say.
    """

    file_name: str
    size_bytes: int
    mime_type: str
    create_time: datetime | None


@attrs.frozen
class FileStorage:
    """The storage for files.

    Attributes:
        used: The bytes in use.
        total: The bytes available in total.
    """

    used: int
    total: int


class Embedding(NamedTuple):
    """The embedding of a text; unpacks as ``values, shape``.

    Attributes:
        values: The vector.
        shape: The shape of the vector.
    """

    values: list[float]
    shape: list[int]


class Sender(enum.IntEnum):
    """Who wrote a message; the numbers of ``prompt_ide.StatelessResponse.Sender``."""

    UNKNOWN = 0
    HUMAN = 1
    ASSISTANT = 2


@attrs.frozen
class ImageAttachment:
    """An image that came with a reply.

    Attributes:
        image_bytes: The encoded image.
        content_type: Its MIME type.
    """

    image_bytes: bytes
    content_type: str


@attrs.frozen
class GeneratedImage:
    """An image that was generated for a reply: its bytes, or its URL.

    Attributes:
        image_bytes: The encoded image; empty when there is only a URL.
        content_type: The MIME type; empty when there is only a URL.
        image_url: The URL; empty when there are bytes.
    """

    image_bytes: bytes = b""
    content_type: str = ""
    image_url: str = ""


@attrs.frozen
class WebSearchResult:
    """A web page that was in the prompt; fields the server did not fill are empty."""

    url: str = ""
    title: str = ""
    preview: str = ""
    search_engine_text: str = ""
    description: str = ""
    site_name: str = ""
    metadata_title: str = ""
    creator: str = ""
    image: str = ""
    favicon: str = ""
    citation_id: str = ""


@attrs.frozen
class XPost:
    """A post on X that was in the prompt; fields the server did not fill are empty or None."""

    post_id: str = ""
    username: str = ""
    name: str = ""
    text: str = ""
    create_time: datetime | None = None
    profile_image_url: str = ""
    citation_id: str = ""
    parent: "XPost | None" = None
    parent_post_id: str | None = None
    quote_post_id: str | None = None
    quote: "XPost | None" = None


@attrs.frozen
class SearchContext:
    """What searching contributed to a prompt."""

    web_search_query: str = ""
    web_formatted_chunks: str = ""
    x_search_query: str = ""
    x_formatted_chunks: str = ""
    date: str = ""


@attrs.frozen
class DebugLog:
    """Debug information about a reply, when the server sends it.

    Attributes:
        prompt: The whole prompt as text.
        inputs: The prompt in parts: texts, images as bytes or base64 text, token IDs.
    """

    system_prompt_name: str = ""
    disable_search: bool = False
    web_query: str = ""
    x_query: str = ""
    image_query: str = ""
    prompt: str = ""
    inputs: list[str | bytes | list[int]] = attrs.field(factory=list)
    search_context: SearchContext | None = None


@attrs.frozen
class StatelessResponse:
    """One message of a stateless conversation.

    Attributes:
        sender: Who wrote it.
        message: The text.
        query: The search query, if there was a search.
        query_type: The kind of search.
        image_attachment: An image that was generated.
        x_post_ids: IDs of the posts on X that were in the prompt.
        debug_log: Debug information about the reply, when the server sends it.
        image_inputs: Images of the user.
        web_search_results: Web pages that were in the prompt.
    """

    sender: Sender
    message: str
    query: str = ""
    query_type: str = ""
    image_attachment: ImageAttachment | None = None
    x_post_ids: list[str] = attrs.field(factory=list)
    debug_log: DebugLog | None = None
    image_inputs: list[str] = attrs.field(factory=list)
    web_search_results: list[WebSearchResult] = attrs.field(factory=list)


for _class in (
    DebugLog,
    Embedding,
    FileMetadata,
    FileStorage,
    GeneratedImage,
    ImageAttachment,
    SearchContext,
    Sender,
    StatelessResponse,
    TokenType,
    Token,
    TokenBudget,
    TokenTransaction,
    WebSearchResult,
    XPost,
):
    _class.__module__ = "xai"
    _made = vars(_class).get("__init__")
    if _made is not None:
        # attrs makes constructors in a place where these classes have no names.
        _made.__annotations__.update(get_type_hints(_made, globals()))
