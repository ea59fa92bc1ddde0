"""Mistakes with the services that ``mypy --strict`` must find: each line names the error."""

# ruff: noqa: B018, FBT003  # what matters here is the use of a value, not what is done with it

import xai


def stateless_chat(client: xai.Client, other: xai.AsyncClient) -> None:
    """Wrong arguments, the wrong twin, and a pair taken for its parts."""
    client.chat.create_conversation(fun="yes")  # E: call-arg
    client.chat.create_conversation("yes")  # E: arg-type
    conversation = client.chat.create_conversation()
    conversation.add_response(1)  # E: arg-type
    conversation.add_response("Hi", ["aW1n"])  # E: call-arg
    conversation.add_response("Hi", image_inputs=[b"img"])  # E: list-item
    conversation.add_response("Hi").message  # E: attr-defined
    pieces, reply = conversation.add_response("Hi")
    reply.message  # E: attr-defined
    for piece in pieces:
        piece.message  # E: attr-defined
    conversation.history.append(reply.result())  # E: attr-defined
    conversation.conversation_id = "a"  # E: misc
    client.chat.log_for_debugging(other.chat.create_conversation())  # E: arg-type
    for _ in other.chat.create_conversation().add_response("Hi")[0]:  # E: attr-defined
        pass


def stateful_chat(client: xai.Client) -> None:
    """Wrong arguments, and what may be missing."""
    client.grok.list_conversations(5)  # E: call-arg
    client.grok.list_conversations(page_size="5")  # E: arg-type
    talk = client.grok.get_conversation("c")
    talk.title = "Mine"  # E: misc
    talk.create_time.year  # E: union-attr
    response = talk.get_response("r")
    response.parent_response.message  # E: union-attr
    response.replace()  # E: call-arg
    response.resample("again")  # E: call-arg


def files_and_texts(client: xai.Client) -> None:
    """Texts are no bytes, and one text is no list."""
    client.files.upload("a", "text")  # E: arg-type
    client.files.upload("a", b"text", "text/plain", True)  # E: call-arg
    client.files.download(b"a")  # E: arg-type
    client.files.delete("a").file_name  # E: func-returns-value, attr-defined
    client.embedder.embed([b"a"])  # E: list-item
    client.embedder.embed(1)  # E: arg-type


def compat(client: xai.Client) -> None:
    """Unsupported arguments, wrong messages, and the two results taken for each other."""
    create = client.compat.chat.completions.create
    create([])  # E: call-overload
    create(messages=[], tools=[])  # E: call-overload
    create(messages=[], temperature="hot")  # E: call-overload
    create(messages=[]).delta  # E: attr-defined
    create(messages=[], stream=True).choices  # E: attr-defined
    next(create(messages=[], stream=True)).usage  # E: attr-defined
    next(create(messages=[], stream=True)).choices[0].message  # E: attr-defined
    next(create(messages=[], stream=True)).choices[0].delta.contents  # E: attr-defined
