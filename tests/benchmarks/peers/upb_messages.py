"""The messages of some services as classes of Google's protobuf (upb)."""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "string": _Field.TYPE_STRING,
    "float": _Field.TYPE_FLOAT,
    "int32": _Field.TYPE_INT32,
    "uint32": _Field.TYPE_UINT32,
}
_PACKAGE = "benchmark"
#: Messages, and of each field the name, the number and the type; a star marks a repeated one.
_MESSAGES: dict[str, tuple[tuple[str, int, str], ...]] = {
    "Logit": (("token_id", 1, "uint32"), ("string_token", 2, "string"), ("prob", 3, "float")),
    "Token": (
        ("final_logit", 1, "Logit"),
        ("top_k", 4, "*Logit"),
        ("attention", 5, "*float"),
        ("token_type", 3, "int32"),
    ),
    "SampleSettings": (("max_len", 1, "int32"), ("temperature", 2, "float")),
    "PromptInput": (("text", 1, "string"),),
    "SampleTokensRequest": (
        ("inputs", 7, "*PromptInput"),
        ("settings", 2, "SampleSettings"),
        ("model_name", 5, "string"),
    ),
    "SampleTokensResponse": (("token", 1, "Token"),),
    "TokenizeRequest": (("text", 1, "string"), ("model_name", 2, "string")),
    "TokenizeResponse": (("tokens", 1, "*Token"),),
    "EmbedRequest": (("texts", 1, "*string"), ("model_name", 2, "string")),
    "Embedding": (("values", 1, "*float"), ("shape", 2, "*int32")),
    "EmbedResponse": (("embeddings", 1, "*Embedding"),),
    "LanguageModel": (("input_modalities", 3, "*int32"),),
    "ListLanguageModelsResponse": (("models", 1, "*LanguageModel"),),
}


def message_classes() -> dict[str, Any]:
    """Return the classes by name."""
    file = descriptor_pb2.FileDescriptorProto(
        name="benchmark.proto", package=_PACKAGE, syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field_name, number, kind in fields:
            field = message.field.add(name=field_name, number=number)
            field.label = _Field.LABEL_REPEATED if kind[0] == "*" else _Field.LABEL_OPTIONAL
            single = kind.lstrip("*")
            if single in _TYPES:
                field.type = _TYPES[single]
            else:
                field.type = _Field.TYPE_MESSAGE
                field.type_name = f".{_PACKAGE}.{single}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = {name: pool.FindMessageTypeByName(f"{_PACKAGE}.{name}") for name in _MESSAGES}
    return {name: message_factory.GetMessageClass(each) for name, each in found.items()}
