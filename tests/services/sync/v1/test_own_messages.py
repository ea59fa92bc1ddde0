# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/test_own_messages.py
from tests.services.interop.reference import answer, output, piece
from tests.services.interop.scripted import Scripted
from tests.services.interop.server import GrpcioServer
from tests.support import SECRET_KEY
from xai import Client, v1


def test_conversation_with_a_server_made_of_our_sources(grpcio_server: GrpcioServer) -> None:
    """A server compiled from this package's own .proto files understands and is understood."""
    script = Scripted(grpcio_server, "/xai_api.Chat/GetCompletion")
    chunks = Scripted(grpcio_server, "/xai_api.Chat/GetCompletionChunk")
    models = Scripted(grpcio_server, "/xai_api.Models/ListLanguageModels")
    script.says(answer(output("Hello")))
    chunks.says(piece("Good"), piece("bye"))
    models.says({"models": [{"name": "m"}]})
    with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
        (model,) = client.v1.models.list_language_models()
        chat = client.v1.chat.create(model.name, temperature=0.5, auto_append=True)
        assert chat.append(v1.user("Hi")).sample().content == "Hello"
        assert chat.append(v1.user("Bye")).stream().until_done().content == "Goodbye"
    assert script.seen == [
        {
            "model": "m",
            "n": 1,
            "temperature": 0.5,
            "messages": [{"role": "ROLE_USER", "content": [{"text": "Hi"}]}],
        }
    ]
    roles = [message["role"] for message in chunks.seen[0]["messages"]]
    assert roles == ["ROLE_USER", "ROLE_ASSISTANT", "ROLE_USER"]
    assert len(chat.messages) == 4
