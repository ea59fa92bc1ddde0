"""Requests of the PromptIDE sampler: prompt_ide.Sampler."""

import math
from collections.abc import Sequence
from typing import Final, cast

from xai._validation import (
    check_bool,
    check_int,
    check_number,
    check_sequence,
    check_str,
    check_strings,
    given,
)
from xai.prompt_ide.types import Token
from xai.proto.prompt_ide import sampler_public as pb

_WORD_START: Final = "▁"
_INT32_MAX: Final = 2**31 - 1
_UINT32_MAX: Final = 2**32 - 1
_UINT64_MAX: Final = 2**64 - 1
#: Python counts these as sequences of numbers; here they are images.
_BYTES: Final = (bytes, bytearray, memoryview)


def tokenize_request(prompt: str, model_name: str | None) -> pb.TokenizeRequest:
    """Return the request to split a text into tokens.

    Raises:
        TypeError: An argument is not a str.
    """
    if model_name is None:
        model_name = ""
    check_str("prompt", prompt)
    check_str("model_name", model_name)
    return pb.TokenizeRequest(text=prompt, model_name=model_name)


def sample_request(
    prompt: str | Sequence[int] | Sequence[Token] | None,
    *,
    inputs: Sequence[str | bytes | Sequence[int]] | None,
    model_name: str | None,
    max_len: int | None,
    temperature: float | None,
    nucleus_p: float | None,
    stop_tokens: Sequence[str] | None,
    stop_strings: Sequence[str] | None,
    rng_seed: int | None,
    return_attention: bool | None,
    allowed_tokens: Sequence[str | int] | None,
    disallowed_tokens: Sequence[str | int] | None,
    augment_tokens: bool | None,
) -> pb.SampleTokensRequest:
    """Return the request to continue a prompt; its seed is 0 where none is given.

    Raises:
        ValueError: Neither or both of prompt and inputs are given, or both of allowed and
            disallowed tokens, or a number is out of its range.
        TypeError: An argument, or an item of one, is of the wrong type.
    """
    if allowed_tokens is not None and disallowed_tokens is not None:
        raise ValueError("only one of allowed_tokens and disallowed_tokens can be given")
    prompt = "" if prompt is None else prompt
    inputs, model_name = given(inputs, ()), given(model_name, "")
    max_len, temperature = given(max_len, 256), given(temperature, 0.7)
    nucleus_p = given(nucleus_p, 0.95)
    return_attention = given(return_attention, default=False)
    augment_tokens = given(augment_tokens, default=True)
    check_str("model_name", model_name)
    check_bool("return_attention", return_attention)
    check_bool("augment_tokens", augment_tokens)
    if rng_seed is not None:
        check_int("rng_seed", rng_seed, 0, _UINT64_MAX)
    check_int("max_len", max_len, 0, _INT32_MAX)
    check_number("temperature", temperature, 0.0, math.inf)
    check_number("nucleus_p", nucleus_p, 0.0, 1.0)
    return pb.SampleTokensRequest(
        inputs=_prompt_inputs(prompt, inputs),
        settings=pb.SampleSettings(
            max_len=max_len,
            temperature=temperature,
            nucleus_p=nucleus_p,
            stop_tokens=_augment(_strings("stop_tokens", stop_tokens), augment=augment_tokens),
            stop_strings=_strings("stop_strings", stop_strings),
            allowed_tokens=_tokens("allowed_tokens", allowed_tokens, augment=augment_tokens),
            disallowed_tokens=_tokens(
                "disallowed_tokens", disallowed_tokens, augment=augment_tokens
            ),
            rng_seed=rng_seed or 0,
        ),
        return_attention=return_attention,
        model_name=model_name,
    )


def token_budget_request(transaction_type: str | None) -> pb.GetTokenBudgetRequest:
    """Return the request for the budget of a key.

    Raises:
        TypeError: The argument is not a str.
    """
    transaction_type = given(transaction_type, "")
    check_str("transaction_type", transaction_type)
    return pb.GetTokenBudgetRequest(transaction_type=transaction_type)


def _prompt_inputs(
    prompt: str | Sequence[int] | Sequence[Token],
    inputs: Sequence[str | bytes | Sequence[int]],
) -> list[pb.PromptInput]:
    if isinstance(inputs, (str, *_BYTES)) or not isinstance(inputs, Sequence):
        raise TypeError(f"inputs must be a sequence of parts, not {type(inputs).__name__}")
    if isinstance(prompt, _BYTES) or not isinstance(prompt, (str, Sequence)):
        raise TypeError(f"prompt must be a str, token IDs or tokens, not {type(prompt).__name__}")
    if len(prompt) and len(inputs):
        raise ValueError("only one of prompt and inputs can be given")
    if len(inputs):
        return [_prompt_input(f"inputs[{index}]", item) for index, item in enumerate(inputs)]
    if not len(prompt):
        raise ValueError("one of prompt and inputs must be given")
    if isinstance(prompt, str):
        return [pb.PromptInput(text=prompt)]
    ids = [item.token_id if isinstance(item, Token) else item for item in prompt]
    return [pb.PromptInput(token_ids=_token_ids("prompt", ids))]


def _prompt_input(name: str, item: object) -> pb.PromptInput:
    if isinstance(item, str):
        if item.startswith("data:image"):
            return pb.PromptInput(image_base64=item)
        return pb.PromptInput(text=item)
    if isinstance(item, _BYTES):
        return pb.PromptInput(image_bytes=bytes(item))
    if isinstance(item, Sequence):
        return pb.PromptInput(token_ids=_token_ids(name, item))
    raise TypeError(f"{name} must be str, bytes or token IDs, not {type(item).__name__}")


def _token_ids(name: str, ids: Sequence[object]) -> pb.TokenIds:
    for index, number in enumerate(ids):
        check_int(f"{name}[{index}]", number, 0, _UINT32_MAX)
    return pb.TokenIds(tokens=cast("list[int]", list(ids)))


def _strings(name: str, values: Sequence[str] | None) -> list[str]:
    return [] if values is None else check_strings(name, values)


def _augment(values: list[str], *, augment: bool) -> list[str]:
    if not augment:
        return values
    found = []
    for value in values:
        found.append(value)
        if not value.startswith(_WORD_START):
            found.append(_WORD_START + value)
    return found


def _tokens(name: str, values: Sequence[str | int] | None, *, augment: bool) -> list[pb.InputToken]:
    if values is None:
        return []
    check_sequence(name, values, "str or int")
    found = []
    for index, value in enumerate(values):
        if isinstance(value, str):
            found += [pb.InputToken(string_token=s) for s in _augment([value], augment=augment)]
        else:
            check_int(f"{name}[{index}]", value, 0, _UINT32_MAX)
            found.append(pb.InputToken(token_id=value))
    return found
