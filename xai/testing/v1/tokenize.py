"""The service xai_api.Tokenize of the local server."""

import functools
from collections.abc import Mapping
from typing import cast

from xai.proto.xai_api.tokenize import Token, TokenizeTextRequest, TokenizeTextResponse
from xai.proto.xai_api.tokenize_server import TokenizeBase
from xai.testing.engine.dialogue import checked_text
from xai.testing.engine.steps import finish_in_turns
from xai.testing.engine.tokenizer import Tokenizer
from xai.testing.v1.models import Names


class LocalTokenize(TokenizeBase):
    """Serves ``xai_api.Tokenize``.

    Args:
        names: The names of the models, which all have the same tokens.
        tokenizer: The tokenizer.
    """

    acls: Mapping[str, str] = {"/xai_api.Tokenize/TokenizeText": "tokenize:read"}

    def __init__(self, names: Names, tokenizer: Tokenizer) -> None:
        self._names = names
        self._tokenizer = tokenizer
        self._tokens = _tokens(tokenizer)

    async def tokenize_text(self, request: TokenizeTextRequest) -> TokenizeTextResponse:
        """Split a text into tokens, whose bytes are those of the text, one after the other."""
        name = self._names.resolve(request.model)
        ids = await finish_in_turns(self._tokenizer.steps(checked_text(request.text)))
        parts = [self._tokens[token_id] for token_id in ids]
        parts.append(bytes(TokenizeTextResponse(model=name)))
        # The stream takes encoded messages as well; a million of them one by one take seconds.
        return cast("TokenizeTextResponse", b"".join(parts))


# Programs and tests start many servers in one process, and all have the same vocabulary.
@functools.lru_cache(1)
def _tokens(tokenizer: Tokenizer) -> tuple[bytes, ...]:
    """Return the response that holds each token on its own."""
    tokens = [_token(tokenizer, token_id) for token_id in range(len(tokenizer))]
    return tuple(bytes(TokenizeTextResponse(tokens=[token])) for token in tokens)


def _token(tokenizer: Tokenizer, token_id: int) -> Token:
    return Token(
        token_id=token_id,
        string_token=written(tokenizer, token_id),
        token_bytes=tokenizer.token_bytes(token_id),
    )


def written(tokenizer: Tokenizer, token_id: int) -> str:
    """Return the text of a token, or its name if it is no text on its own."""
    try:
        return tokenizer.token_bytes(token_id).decode() or tokenizer.strings[token_id]
    except UnicodeDecodeError:
        return tokenizer.strings[token_id]
