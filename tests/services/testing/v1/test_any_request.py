"""Requests of v1 at random: the local server answers or refuses, and never breaks."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

import xai
from xai.proto.xai_api import (
    Content,
    FileContent,
    FormatType,
    Function,
    FunctionCall,
    GetCompletionsRequest,
    Guideline,
    ImageUrlContent,
    IncludeOption,
    Message,
    MessageRole,
    PolicyGuideline,
    ResponseFormat,
    Tool,
    ToolCall,
    ToolChoice,
    ToolMode,
    WebSearch,
)
from xai.testing import LocalServer

TEXTS = st.sampled_from(["", "a", "Look at the weather!", "\n", "Human:", "\0", "\U0001f642"])
JSONS = st.sampled_from(
    [
        *("", "{", "null", "[]", "{}", '"a"', "true", "NaN", "1e999", '{"type": "object"}'),
        *('{"type": "weather"}', '{"type": []}', '{"enum": 3}', '{"enum": {}}', '{"$ref": 5}'),
        *('{"properties": {"a": 7}}', '{"required": [[5]]}', '{"required": "ab"}'),
        *('{"properties": {"a": {"type": "string", "format": 4}}, "required": ["a"]}',),
        *('{"minimum": "a"}', '{"minimum": NaN}', '{"type": "integer", "minimum": 1e999}'),
        *('{"anyOf": []}', '{"anyOf": {}}', '{"allOf": [5]}', '{"items": 5, "minItems": 2}'),
        *('{"additionalProperties": 5, "minProperties": 1}', '{"properties": {"look": 5}}'),
        *('{"properties": {"look": {"description": 5}}}', '{"patternProperties": {"(": {}}}'),
        *('{"type": "string", "pattern": "(a+)+$"}', '{"uniqueItems": true, "prefixItems": [{}]}'),
        *('{"propertyNames": 3, "minProperties": 1}', '{"oneOf": [{"$ref": "#"}, true]}'),
    ]
)
CONTENTS = st.one_of(
    st.just(Content()),
    st.builds(Content, text=TEXTS),
    st.builds(
        Content,
        image_url=st.one_of(
            st.just(ImageUrlContent()),
            st.builds(ImageUrlContent, file_id=TEXTS),
            st.builds(ImageUrlContent, image_url=TEXTS | st.sampled_from(["https://a", "aaaa"])),
        ),
    ),
    st.builds(Content, file=st.builds(FileContent, data=st.binary(max_size=3), file_id=TEXTS)),
)
CALLS = st.one_of(
    st.just(ToolCall()),
    st.builds(ToolCall, function=st.builds(FunctionCall, name=TEXTS, arguments=JSONS)),
)
MESSAGES = st.builds(
    Message,
    # Mostly what is right, or nearly every request would be refused for this.
    role=st.sampled_from([*range(1, 7), *range(1, 7), 0, 99]).map(MessageRole.try_value),
    content=st.lists(CONTENTS, max_size=2),
    name=st.sampled_from(["", "", "Anna", "a b"]),
    tool_calls=st.lists(CALLS, max_size=1),
    encrypted_content=st.sampled_from(["", "", "a", "bm9uZQ=="]),
)
TOOLS = st.one_of(
    st.just(Tool()),
    st.just(Tool(web_search=WebSearch())),
    st.builds(
        Tool,
        function=st.builds(
            Function, name=st.sampled_from(["look", "weather", "a", ""]), parameters=JSONS
        ),
    ),
)
CHOICES = st.one_of(
    st.just(ToolChoice()),
    st.builds(ToolChoice, mode=st.sampled_from([0, 1, 2, 3, 9]).map(ToolMode.try_value)),
    st.builds(ToolChoice, function_name=st.sampled_from(["look", "", "x"])),
)
FORMATS = st.builds(
    ResponseFormat,
    format_type=st.sampled_from([0, 1, 2, 3, 3, 3, 9]).map(FormatType.try_value),
    schema=st.none() | JSONS,
)
GUIDELINES = st.just(Guideline()) | st.builds(Guideline, policy=st.just(PolicyGuideline()))
FLOATS = st.none() | st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0, float("nan")])


GOOD = Message(role=MessageRole.ROLE_USER, content=[Content(text="Look at the weather!")])


def request(**fields: object) -> GetCompletionsRequest:
    """Return a request; what is not given is right."""
    whole = {"model": "grok-local", "messages": [GOOD], "max_tokens": 8, **fields}
    return GetCompletionsRequest(**whole)  # type: ignore[arg-type]  # any fields


# One part of each request is random: more mistakes would hide behind the first of them.
REQUESTS = st.one_of(
    st.builds(request, messages=st.lists(MESSAGES, min_size=1, max_size=2)),
    st.builds(request, tools=st.lists(TOOLS, max_size=2)),
    st.builds(request, tools=st.lists(TOOLS, max_size=2), tool_choice=CHOICES),
    st.builds(request, response_format=FORMATS),
    st.builds(request, guidelines=st.lists(GUIDELINES, max_size=2)),
    st.builds(request, temperature=FLOATS, top_p=FLOATS, presence_penalty=FLOATS),
    st.builds(
        request,
        n=st.integers(0, 3),
        stop=st.lists(st.text(string.printable, max_size=2), max_size=2),
        seed=st.integers(-(2**31), 2**31 - 1),
    ),
    st.builds(
        request,
        logprobs=st.booleans(),
        top_logprobs=st.integers(-1, 9),
        include=st.lists(st.integers(0, 12).map(IncludeOption.try_value), max_size=2),
    ),
)


def test_no_request_breaks_the_server() -> None:
    """Whatever is in a request, it is answered, or refused with a status that says why."""
    expected = (
        xai.StatusCode.INVALID_ARGUMENT,
        xai.StatusCode.UNIMPLEMENTED,
        # Of a file that a message names by its ID.
        xai.StatusCode.NOT_FOUND,
    )
    with LocalServer() as server, server.client() as client:

        @given(request=REQUESTS, streamed=st.booleans())
        @settings(max_examples=200)
        def send(request: GetCompletionsRequest, *, streamed: bool) -> None:
            chat = client.stubs.v1.chat
            try:
                if streamed:
                    answered = bool(list(chat.get_completion_chunk(request))[-1].outputs)
                else:
                    answered = bool(chat.get_completion(request).outputs)
            except xai.APIError as error:
                code, text = error.code, str(error)
            else:
                code, text = xai.StatusCode.OK, ""
                assert answered
            assert code in (*expected, xai.StatusCode.OK), text

        send()
