"""What the API tells of its models, of the tokens of a text, and of a key."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol, overload

import attrs

from xai.proto.base import Message
from xai.proto.xai_api import auth as auth_pb
from xai.proto.xai_api import models as models_pb
from xai.proto.xai_api import tokenize as tokenize_pb
from xai.proto.xai_api.models import Modality
from xai.v1.plain import plain

if TYPE_CHECKING:
    from xai.v1.schemas import JsonValue

#: The unit of the prices of tokens and of searches, which are for a million of them.
_USD_PER_UNIT: Final = 1e-4
_USD_PER_CENT: Final = 1e-2
_MILLION: Final = 1_000_000


class _Told:
    """What the server told, with the message in which it did."""

    __slots__ = ()

    proto: Message

    def to_dict(self) -> "dict[str, JsonValue]":
        """Return what the server said, as plain values of JSON."""
        return plain(self.proto)


@attrs.frozen
class LanguageModel(_Told):
    """A model that writes text.

    Attributes:
        name: Its name.
        aliases: Other names for it.
        version: Its version.
        input_modalities: What it reads.
        output_modalities: What it writes.
        prompt_text_token_price: For text in a prompt, in 1e-4 US dollars per million tokens.
        prompt_image_token_price: For images in a prompt, in the same unit.
        cached_prompt_token_price: For what the server has seen before, in the same unit.
        completion_text_token_price: For the answer, in the same unit.
        search_price: For searching, in 1e-4 US dollars per million searches.
        created: When it was made, in UTC; None when the server does not say.
        max_prompt_length: How many tokens a prompt has at most.
        system_fingerprint: The set-up of the server.
        proto: The message of the server.
    """

    name: str
    aliases: tuple[str, ...]
    version: str
    input_modalities: tuple[Modality, ...]
    output_modalities: tuple[Modality, ...]
    prompt_text_token_price: int
    prompt_image_token_price: int
    cached_prompt_token_price: int
    completion_text_token_price: int
    search_price: int
    created: datetime | None
    max_prompt_length: int
    system_fingerprint: str
    proto: models_pb.LanguageModel = attrs.field(repr=False, eq=False)

    @property
    def prompt_text_usd_per_million(self) -> float:
        """US dollars for a million tokens of text in a prompt."""
        return self.prompt_text_token_price * _USD_PER_UNIT

    @property
    def prompt_image_usd_per_million(self) -> float:
        """US dollars for a million tokens of images in a prompt."""
        return self.prompt_image_token_price * _USD_PER_UNIT

    @property
    def cached_prompt_usd_per_million(self) -> float:
        """US dollars for a million tokens that the server has seen before."""
        return self.cached_prompt_token_price * _USD_PER_UNIT

    @property
    def completion_text_usd_per_million(self) -> float:
        """US dollars for a million tokens of an answer."""
        return self.completion_text_token_price * _USD_PER_UNIT

    @property
    def search_usd_per_million(self) -> float:
        """US dollars for a million searches."""
        return self.search_price * _USD_PER_UNIT


@attrs.frozen
class EmbeddingModel(_Told):
    """A model that makes vectors.

    Attributes:
        name: Its name.
        aliases: Other names for it.
        version: Its version.
        input_modalities: What it reads.
        output_modalities: What it writes.
        prompt_text_token_price: For text, in 1e-4 US dollars per million tokens.
        prompt_image_token_price: For images, in the same unit.
        created: When it was made, in UTC; None when the server does not say.
        system_fingerprint: The set-up of the server.
        proto: The message of the server.
    """

    name: str
    aliases: tuple[str, ...]
    version: str
    input_modalities: tuple[Modality, ...]
    output_modalities: tuple[Modality, ...]
    prompt_text_token_price: int
    prompt_image_token_price: int
    created: datetime | None
    system_fingerprint: str
    proto: models_pb.EmbeddingModel = attrs.field(repr=False, eq=False)

    @property
    def prompt_text_usd_per_million(self) -> float:
        """US dollars for a million tokens of text."""
        return self.prompt_text_token_price * _USD_PER_UNIT

    @property
    def prompt_image_usd_per_million(self) -> float:
        """US dollars for a million tokens of images."""
        return self.prompt_image_token_price * _USD_PER_UNIT


@attrs.frozen
class ImageGenerationModel(_Told):
    """A model that makes images.

    Attributes:
        name: Its name.
        aliases: Other names for it.
        version: Its version.
        input_modalities: What it reads.
        output_modalities: What it makes.
        image_price: For an image, in US cents.
        created: When it was made, in UTC; None when the server does not say.
        max_prompt_length: How many tokens a prompt has at most.
        system_fingerprint: The set-up of the server.
        proto: The message of the server.
    """

    name: str
    aliases: tuple[str, ...]
    version: str
    input_modalities: tuple[Modality, ...]
    output_modalities: tuple[Modality, ...]
    image_price: int
    created: datetime | None
    max_prompt_length: int
    system_fingerprint: str
    proto: models_pb.ImageGenerationModel = attrs.field(repr=False, eq=False)

    @property
    def image_usd(self) -> float:
        """US dollars for an image."""
        return self.image_price * _USD_PER_CENT


@attrs.frozen
class Token:
    """A piece of a text, as a model sees it.

    Attributes:
        token_id: Its number in the model's vocabulary.
        string_token: Its text; where a character is cut in two, not all of it.
        token_bytes: Its bytes, which need not be UTF-8 on their own.
        start: Where it begins in the UTF-8 of the text, in bytes.
        end: Where it ends; the position behind it.
    """

    token_id: int
    string_token: str
    token_bytes: bytes
    start: int
    end: int


@attrs.frozen
class TokenizedText(Sequence[Token], _Told):
    """The tokens of a text, in order; a sequence.

    Attributes:
        tokens: The tokens.
        model: The model whose tokens they are, as the server calls it.
        proto: The message of the server.
    """

    tokens: tuple[Token, ...]
    model: str
    proto: tokenize_pb.TokenizeTextResponse = attrs.field(repr=False, eq=False)

    @overload
    def __getitem__(self, index: int) -> Token: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Token, ...]: ...

    def __getitem__(self, index: int | slice) -> Token | tuple[Token, ...]:
        """Return a token, or some of them."""
        return self.tokens[index]

    def __len__(self) -> int:
        """Return how many tokens there are."""
        return len(self.tokens)

    def __iter__(self) -> Iterator[Token]:
        """Return an iterator over the tokens."""
        return iter(self.tokens)


@attrs.frozen
class Estimate:
    """What a prompt will cost, about.

    Attributes:
        prompt_tokens: The tokens of its texts; what the server puts around them comes on top.
        prompt_usd: The price of these tokens in US dollars, as if none was seen before.
        uncounted_parts: How many parts of the prompt, such as images and files, are not in it.
        model: The model, as the server calls it.
    """

    prompt_tokens: int
    prompt_usd: float
    uncounted_parts: int
    model: str


@attrs.frozen
class ApiKeyInfo(_Told):
    """An API key, without its secret.

    Attributes:
        redacted_api_key: The key with all but a few characters blanked.
        user_id: The user it belongs to.
        name: What its owner calls it.
        create_time: When it was made, in UTC; None when the server does not say.
        modify_time: When it was last changed; None when the server does not say.
        modified_by: The user who last changed it.
        team_id: The team it belongs to.
        acls: What it allows.
        api_key_id: The ID of the key.
        api_key_blocked: Whether the key is blocked.
        team_blocked: Whether the whole team is blocked.
        disabled: Whether its owner switched it off.
        proto: The message of the server.
    """

    redacted_api_key: str
    user_id: str
    name: str
    create_time: datetime | None
    modify_time: datetime | None
    modified_by: str
    team_id: str
    acls: tuple[str, ...]
    api_key_id: str
    api_key_blocked: bool
    team_blocked: bool
    disabled: bool
    proto: auth_pb.ApiKey = attrs.field(repr=False, eq=False)

    @property
    def usable(self) -> bool:
        """Whether neither the key nor its team is blocked, and the key is not switched off."""
        return not (self.api_key_blocked or self.team_blocked or self.disabled)


def read_language_model(proto: models_pb.LanguageModel) -> LanguageModel:
    """Return what a message says of a model."""
    return LanguageModel(
        name=proto.name,
        aliases=tuple(proto.aliases),
        version=proto.version,
        input_modalities=tuple(proto.input_modalities),
        output_modalities=tuple(proto.output_modalities),
        prompt_text_token_price=proto.prompt_text_token_price,
        prompt_image_token_price=proto.prompt_image_token_price,
        cached_prompt_token_price=proto.cached_prompt_token_price,
        completion_text_token_price=proto.completion_text_token_price,
        search_price=proto.search_price,
        created=_created(proto),
        max_prompt_length=proto.max_prompt_length,
        system_fingerprint=proto.system_fingerprint,
        proto=proto,
    )


def read_embedding_model(proto: models_pb.EmbeddingModel) -> EmbeddingModel:
    """Return what a message says of a model."""
    return EmbeddingModel(
        name=proto.name,
        aliases=tuple(proto.aliases),
        version=proto.version,
        input_modalities=tuple(proto.input_modalities),
        output_modalities=tuple(proto.output_modalities),
        prompt_text_token_price=proto.prompt_text_token_price,
        prompt_image_token_price=proto.prompt_image_token_price,
        created=_created(proto),
        system_fingerprint=proto.system_fingerprint,
        proto=proto,
    )


def read_image_model(proto: models_pb.ImageGenerationModel) -> ImageGenerationModel:
    """Return what a message says of a model."""
    return ImageGenerationModel(
        name=proto.name,
        aliases=tuple(proto.aliases),
        version=proto.version,
        input_modalities=tuple(proto.input_modalities),
        output_modalities=tuple(proto.output_modalities),
        image_price=proto.image_price,
        created=_created(proto),
        max_prompt_length=proto.max_prompt_length,
        system_fingerprint=proto.system_fingerprint,
        proto=proto,
    )


def read_tokens(proto: tokenize_pb.TokenizeTextResponse) -> TokenizedText:
    """Return the tokens in a message, each with its place in the text."""
    tokens: list[Token] = []
    end = 0
    for token in proto.tokens:
        start, end = end, end + len(token.token_bytes)
        found = Token(token.token_id, token.string_token, token.token_bytes, start, end)
        tokens.append(found)
    return TokenizedText(tuple(tokens), proto.model, proto)


def read_key(proto: auth_pb.ApiKey) -> ApiKeyInfo:
    """Return what a message says of a key."""
    return ApiKeyInfo(
        redacted_api_key=proto.redacted_api_key,
        user_id=proto.user_id,
        name=proto.name,
        create_time=proto.create_time if proto.is_set("create_time") else None,
        modify_time=proto.modify_time if proto.is_set("modify_time") else None,
        modified_by=proto.modified_by,
        team_id=proto.team_id,
        acls=tuple(proto.acls),
        api_key_id=proto.api_key_id,
        api_key_blocked=proto.api_key_blocked,
        team_blocked=proto.team_blocked,
        disabled=proto.disabled,
        proto=proto,
    )


def estimate(tokens: TokenizedText, model: LanguageModel, uncounted: int) -> Estimate:
    """Return what a prompt of so many tokens costs.

    Args:
        tokens: Its tokens.
        model: Who reads it.
        uncounted: How many of its parts are not among the tokens.
    """
    price = len(tokens) * model.prompt_text_usd_per_million / _MILLION
    return Estimate(len(tokens), price, uncounted, model.name)


class _Dated(Protocol):
    created: datetime

    def is_set(self, name: str) -> bool: ...


def _created(proto: _Dated) -> datetime | None:
    # Reading a time that is not there would put one there.
    return proto.created if proto.is_set("created") else None


for _class in (
    ApiKeyInfo,
    EmbeddingModel,
    Estimate,
    ImageGenerationModel,
    LanguageModel,
    Token,
    TokenizedText,
):
    _class.__module__ = "xai.v1"
