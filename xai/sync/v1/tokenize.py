# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/tokenize.py
"""Tokens of a text: the service xai_api.Tokenize."""

from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai._validation import check_sequence, check_str
from xai.proto.base import which_one_of
from xai.proto.xai_api import models as models_pb
from xai.proto.xai_api import tokenize as pb
from xai.sync.rpc.caller import Caller
from xai.v1.chat.enums import Model
from xai.v1.models import read_language_model
from xai.v1.tokenize import Estimate, TokenizedText, estimate, read_tokens
from xai.v1.validation import non_empty, optional_non_empty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xai.proto.xai_api.chat import Message


class Tokenize:
    """Tokenizes texts, and estimates the cost of prompts.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def tokenize_text(self, text: str, model: Model, *, user: str | None = None) -> TokenizedText:
        """Tokenize a text.

        Args:
            text: The text.
            model: The name or alias of the model.
            user: An ID of your own for the end user.

        Returns:
            The tokens, in order, with their offsets in the text.

        Raises:
            APIError: The call failed.
            TypeError: An argument is not a str.
            ValueError: The model or the user is empty.

        RPC: ``/xai_api.Tokenize/TokenizeText``.
        """
        check_str("text", text)
        request = pb.TokenizeTextRequest(
            text=text,
            model=non_empty("model", model),
            user=optional_non_empty("user", user) or "",
        )
        return self._caller.unary_of(pb.TOKENIZE_TOKENIZE_TEXT, request, read_tokens)

    def estimate(
        self, messages: "Sequence[Message | Mapping[str, object]]", model: Model
    ) -> Estimate:
        """Estimate the cost of a prompt without sending it.

        Args:
            messages: The messages of the prompt. Texts are counted; images and files are not.
            model: The name or alias of the model that is to continue the conversation.

        Returns:
            The number of tokens, their price, and the number of parts that are not counted.

        Raises:
            NotFoundError: There is no such model.
            APIError: A call failed.
            TypeError: An argument is of the wrong type.
            ValueError: The model is empty.

        RPC: ``/xai_api.Models/GetLanguageModel``, ``/xai_api.Tokenize/TokenizeText``.
        """
        from xai.v1.chat.openai_shapes import check_message

        check_sequence("messages", messages, "Message")
        texts: list[str] = []
        uncounted = 0
        for index, message in enumerate(messages):
            for part in check_message(f"messages[{index}]", message).content:
                kind, value = which_one_of(part, "content")
                if kind == "text":
                    texts.append(value)
                else:
                    uncounted += 1
        name = models_pb.GetModelRequest(name=non_empty("model", model))
        found = self._caller.unary_of(
            models_pb.MODELS_GET_LANGUAGE_MODEL, name, read_language_model
        )
        tokens = self.tokenize_text("\n".join(texts), model)
        return estimate(tokens, found, uncounted)


resolve_lazily(globals())
