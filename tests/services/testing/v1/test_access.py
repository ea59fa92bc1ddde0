"""What a key may do with v1 at the local server, and the small services behind it."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import betterproto
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xai
from xai import Client, v1
from xai.proto.base import Method
from xai.proto.xai_api import auth, batch, chat, embed, models, sample, tokenize
from xai.testing import LocalServer

MODEL = "grok-local"
MISSING = "API key is missing ACLs required to perform this request."
ALL = (
    *(
        "batch:read",
        "batch:write",
        "chat:read",
        "chat:write",
        "embedder:write",
        "models:read",
        "sampler:write",
    ),
    "tokenize:read",
)
#: How an empty request ends that is looked at.
SERVED = (xai.StatusCode.OK, xai.StatusCode.INVALID_ARGUMENT, xai.StatusCode.NOT_FOUND)
#: Every method of the services that the server has, and the ACL it needs.
METHODS: dict[str, str | None] = {
    "Auth/get_api_key_info": None,
    "BatchMgmt/AddBatchRequests": "batch:write",
    "BatchMgmt/CancelBatch": "batch:write",
    "BatchMgmt/CreateBatch": "batch:write",
    "BatchMgmt/GetBatch": "batch:read",
    "BatchMgmt/GetBatchRequestResult": "batch:read",
    "BatchMgmt/ListBatchRequestMetadata": "batch:read",
    "BatchMgmt/ListBatchResults": "batch:read",
    "BatchMgmt/ListBatches": "batch:read",
    "Chat/CompactContext": "chat:write",
    "Chat/DeleteStoredCompletion": "chat:write",
    "Chat/GetCompletion": "chat:write",
    "Chat/GetCompletionChunk": "chat:write",
    "Chat/GetDeferredCompletion": "chat:read",
    "Chat/GetStoredCompletion": "chat:read",
    "Chat/StartDeferredCompletion": "chat:write",
    "Embedder/Embed": "embedder:write",
    "Models/GetEmbeddingModel": "models:read",
    "Models/GetImageGenerationModel": "models:read",
    "Models/GetLanguageModel": "models:read",
    "Models/ListEmbeddingModels": "models:read",
    "Models/ListImageGenerationModels": "models:read",
    "Models/ListLanguageModels": "models:read",
    "Sample/SampleText": "sampler:write",
    "Sample/SampleTextStreaming": "sampler:write",
    "Tokenize/TokenizeText": "tokenize:read",
}


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with a key for each set of ACLs."""
    keys = {"all": list(ALL), "none": []}
    for acl in ALL:
        keys[f"only-{acl}"] = [acl]
        keys[f"not-{acl}"] = [other for other in ALL if other != acl]
    with LocalServer(api_keys=keys, models=(MODEL, "grok-other")) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client of it that may do everything."""
    with server.client() as client:
        yield client


# ACLs.


def call(server: LocalServer, key: str, name: str) -> tuple[object, str]:
    """Call a method with an empty request; return the status it ends with, and the text."""
    service, method = name.split("/")
    with server.client(api_key=key, timeout=60.0) as client:
        stub = getattr(client.stubs.v1, service.lower().removesuffix("mgmt"))
        function = getattr(stub, betterproto.casing.snake_case(method))
        request: Any = inspect.signature(function).parameters["request"].annotation()
        try:
            reply = function(request)
            if not isinstance(reply, betterproto.Message):
                list(reply)
        except xai.APIError as error:
            return error.code, str(error).partition("\n")[0]
    return xai.StatusCode.OK, ""


def test_all_methods_are_here() -> None:
    """The table has every method of the services that the server has."""
    found = {
        value.path.removeprefix("/xai_api.")
        for module in (auth, batch, chat, embed, models, sample, tokenize)
        for value in vars(module).values()
        if isinstance(value, Method)
    }
    assert found == set(METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_each_method_needs_its_acl(server: LocalServer, name: str) -> None:
    """A method is open to keys with its ACL and closed to all others, with the known text."""
    acl = METHODS[name]
    open_to = ["all", "none"] if acl is None else ["all", f"only-{acl}"]
    closed_to = [] if acl is None else ["none", f"not-{acl}"]
    for key in open_to:
        code, _ = call(server, key, name)
        assert code in SERVED
    for key in closed_to:
        assert call(server, key, name) == (xai.StatusCode.PERMISSION_DENIED, MISSING)


@pytest.mark.parametrize("name", ["Chat/GetCompletionChunk", "Auth/get_api_key_info"])
def test_unknown_key_is_refused(server: LocalServer, name: str) -> None:
    """A key that the server doesn't know may not even ask about itself."""
    code, text = call(server, "somebody-else", name)
    assert (code, text) == (xai.StatusCode.UNAUTHENTICATED, "Incorrect API key provided.")


def test_key_tells_about_itself(server: LocalServer, client: Client) -> None:
    """The description has the ACLs of the key and nothing of the key itself."""
    found = client.v1.auth.get_api_key_info()
    assert set(found.acls) == set(ALL)
    assert found.redacted_api_key == "***"
    assert [found.api_key_blocked, found.team_blocked, found.disabled] == [False] * 3
    with server.client(api_key="none") as other:
        another = other.v1.auth.get_api_key_info()
    assert another.acls == ()
    assert another.api_key_id != found.api_key_id
    assert another.team_id == found.team_id


def test_key_is_not_in_the_record(server: LocalServer, client: Client) -> None:
    """The calls that are recorded don't show the bearer token."""
    client.v1.auth.get_api_key_info()
    (seen,) = server.calls
    assert ("authorization", "<hidden>") in seen.metadata


# Models.


def test_models_answer_to_their_aliases(client: Client) -> None:
    """Each listed model of each kind is found again by its name and by each alias."""
    kinds: list[tuple[Callable[[], Any], Callable[[str], Any]]] = [
        (client.v1.models.list_language_models, client.v1.models.get_language_model),
        (client.v1.models.list_embedding_models, client.v1.models.get_embedding_model),
        (
            client.v1.models.list_image_generation_models,
            client.v1.models.get_image_generation_model,
        ),
    ]
    for find_all, find in kinds:
        for model in find_all():
            assert model.aliases
            for name in (model.name, *model.aliases):
                assert find(name) == model
        with pytest.raises(xai.NotFoundError, match="'nothing'"):
            find("nothing")
    assert [model.name for model in client.v1.models.list_language_models()] == [
        MODEL,
        "grok-other",
    ]


def test_alias_answers_with_the_name(client: Client) -> None:
    """A completion by alias names the model itself."""
    chat = client.v1.chat.create("grok-other-latest", messages=[v1.user("Hello!")])
    assert chat.sample().model == "grok-other"


# Tokens.


def test_tokens_have_offsets_that_cover_the_text() -> None:
    """For any text the tokens' places follow each other, and their bytes are those there."""
    with LocalServer() as server, server.client() as client:

        @given(text=st.text(st.characters(exclude_categories=["Cs"])))
        @settings(max_examples=50)
        def check(text: str) -> None:
            data = text.encode()
            tokens = client.v1.tokenize.tokenize_text(text, MODEL).tokens
            assert b"".join(token.token_bytes for token in tokens) == data
            place = 0
            for token in tokens:
                assert token.start == place
                assert data[token.start : token.end] == token.token_bytes
                place = token.end
            assert place == len(data)

        check()


def test_tokens_are_counted_as_they_are_paid(client: Client) -> None:
    """A text has as many tokens as it adds to a prompt."""
    text = "Tell me a long story about Halmbury"
    tokens = client.v1.tokenize.tokenize_text(f" {text}", MODEL).tokens
    create = client.v1.chat.create
    paid = [
        create(MODEL, messages=[v1.user(one)]).sample().usage.prompt_tokens
        for one in (f"Well {text}", "Well")
    ]
    assert paid[0] - paid[1] == len(tokens)
