"""Requests of the PromptIDE services chat, grok, files and embedder."""

import mimetypes
from collections.abc import Sequence
from typing import Final

from xai._validation import check_bool, check_int, check_str, check_strings, given
from xai.proto.prompt_ide import chat as grok_pb
from xai.proto.prompt_ide import embedder_public as embedder_pb
from xai.proto.prompt_ide import files as files_pb
from xai.proto.prompt_ide import stateless_chat as chat_pb

_INT64_MAX: Final = 2**63 - 1

# prompt_ide.StatelessChat: `client.chat`.


def stateless_conversation(
    conversation_id: str,
    *,
    fun_mode: bool | None,
    disable_search: bool | None,
    model_name: str | None,
) -> chat_pb.StatelessConversation:
    """Return an empty conversation.

    Raises:
        TypeError: An argument is of the wrong type.
    """
    fun_mode = given(fun_mode, default=False)
    disable_search = given(disable_search, default=False)
    model_name = given(model_name, "")
    check_bool("fun_mode", fun_mode)
    check_bool("disable_search", disable_search)
    check_str("model_name", model_name)
    return chat_pb.StatelessConversation(
        stateless_conversation_id=conversation_id,
        system_prompt_name=system_prompt_name(fun_mode=fun_mode),
        disable_search=disable_search,
        model_name=model_name,
        include_x_posts=True,
        x_posts_as_field=True,
    )


def extended_conversation(
    template: chat_pb.StatelessConversation, responses: Sequence[chat_pb.StatelessResponse]
) -> chat_pb.StatelessConversation:
    """Return a conversation with the settings of another one and these messages."""
    return chat_pb.StatelessConversation(
        stateless_conversation_id=template.stateless_conversation_id,
        responses=list(responses),
        system_prompt_name=template.system_prompt_name,
        disable_search=template.disable_search,
        model_name=template.model_name,
        include_x_posts=template.include_x_posts,
        x_posts_as_field=template.x_posts_as_field,
    )


def human_response(
    user_message: str, image_inputs: Sequence[str] | None
) -> chat_pb.StatelessResponse:
    """Return a user message.

    Raises:
        TypeError: An argument is of the wrong type.
    """
    check_str("user_message", user_message)
    return chat_pb.StatelessResponse(
        sender=chat_pb.StatelessResponseSender.HUMAN,
        message=user_message,
        image_inputs=check_strings("image_inputs", given(image_inputs, ())),
    )


def delete_logged_request(accounting_key: str) -> chat_pb.DeleteLoggedConversationsRequest:
    """Return the request to delete what was logged under a key.

    Raises:
        TypeError: The argument is not a str.
    """
    check_str("accounting_key", accounting_key)
    return chat_pb.DeleteLoggedConversationsRequest(accounting_key=accounting_key)


def system_prompt_name(*, fun_mode: bool) -> str:
    """Return the name of a system prompt; empty is the default one."""
    return "fun" if fun_mode else ""


# prompt_ide.Chat: `client.grok`.


def get_conversation_request(conversation_id: str) -> grok_pb.GetConversationRequest:
    """Return the request for a conversation with its responses.

    Raises:
        TypeError: The argument is not a str.
    """
    check_str("conversation_id", conversation_id)
    return grok_pb.GetConversationRequest(conversation_id=conversation_id)


def list_conversations_request(
    page_size: int | None, next_page_token: str | None
) -> grok_pb.ListConversationsRequest:
    """Return the request for a page of the user's conversations.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: The page size is not positive.
    """
    _check_page(page_size, next_page_token)
    return grok_pb.ListConversationsRequest(page_size=page_size, next_page_token=next_page_token)


def search_conversations_request(
    query: str, page_size: int | None, next_page_token: str | None
) -> grok_pb.SearchConversationsRequest:
    """Return the request for a page of the user's conversations that match a query.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: The page size is not positive.
    """
    check_str("query", query)
    _check_page(page_size, next_page_token)
    return grok_pb.SearchConversationsRequest(
        query=query, page_size=page_size, next_page_token=next_page_token
    )


def update_conversation_request(
    conversation_id: str, title: str, *, starred: bool
) -> grok_pb.UpdateConversationRequest:
    """Return the request to change a conversation's title and star.

    Raises:
        TypeError: The title is not a str.
    """
    check_str("title", title)
    return grok_pb.UpdateConversationRequest(
        conversation_id=conversation_id, title=title, starred=starred
    )


def _check_page(page_size: int | None, next_page_token: str | None) -> None:
    if page_size is not None:
        check_int("page_size", page_size, 1, _INT64_MAX)
    if next_page_token is not None:
        check_str("next_page_token", next_page_token)


# prompt_ide.File: `client.files`.


def download_request(file_name: str) -> files_pb.DownloadFileRequest:
    """Return the request for the content of a file.

    Raises:
        TypeError: The name is not a str.
        ValueError: The name is empty.
    """
    check_file_name("file_name", file_name)
    return files_pb.DownloadFileRequest(file_name=file_name)


def upload_request(
    file_name: str, content: bytes, mime_type: str | None, *, overwrite: bool | None
) -> files_pb.UploadFileRequest:
    """Return the request to store a file.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: The name is empty.
    """
    check_file_name("file_name", file_name)
    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise TypeError(f"content must be bytes, not {type(content).__name__}")
    mime_type, overwrite = given(mime_type, ""), given(overwrite, default=False)
    check_str("mime_type", mime_type)
    check_bool("overwrite", overwrite)
    return files_pb.UploadFileRequest(
        file_name=file_name, content=bytes(content), mime_type=mime_type, overwrite=overwrite
    )


def rename_request(file_name: str, new_file_name: str) -> files_pb.RenameFileRequest:
    """Return the request to give a file another name.

    Raises:
        TypeError: An argument is not a str.
        ValueError: A name is empty.
    """
    check_file_name("file_name", file_name)
    check_file_name("new_file_name", new_file_name)
    return files_pb.RenameFileRequest(file_name=file_name, new_file_name=new_file_name)


def delete_request(file_name: str) -> files_pb.DeleteFileRequest:
    """Return the request to delete a file.

    Raises:
        TypeError: The name is not a str.
        ValueError: The name is empty.
    """
    check_file_name("file_name", file_name)
    return files_pb.DeleteFileRequest(file_name=file_name)


def check_file_name(argument: str, value: object) -> None:
    """Raise an error unless a value can be the name of a file.

    Raises:
        TypeError: It is not a str.
        ValueError: It is empty.
    """
    check_str(argument, value)
    if value == "":
        raise ValueError(f"{argument} is empty")


def check_progress(progress: object) -> None:
    """Raise an error unless a value can be told of the progress of a transfer, or is None.

    Raises:
        TypeError: It is not callable.
    """
    if progress is not None and not callable(progress):
        raise TypeError(f"progress must be callable or None, not {type(progress).__name__}")


def guess_mime_type(name: str) -> str:
    """Return the MIME type that belongs to a file name; empty when it is not known."""
    guess, compression = mimetypes.guess_type(name)
    if compression is None:
        return guess or ""
    # The guess is about what comes out of it, and the file is sent as it is.
    return "application/gzip" if compression == "gzip" else f"application/x-{compression}"


# prompt_ide.Embedder: `client.embedder`.


def embed_request(texts: Sequence[str], model_name: str | None) -> embedder_pb.EmbedRequest:
    """Return the request to embed texts.

    Raises:
        TypeError: An argument, or an item of texts, is of the wrong type.
    """
    wanted = check_strings("texts", texts)
    model_name = given(model_name, "")
    check_str("model_name", model_name)
    return embedder_pb.EmbedRequest(texts=wanted, model_name=model_name)
