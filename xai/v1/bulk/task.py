"""A chat with a model for each item."""

import string
from collections.abc import Awaitable, Callable, Mapping, Sequence
from inspect import isawaitable
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar, cast, overload

from xai._annotations import resolve_lazily
from xai._validation import kind_of, refuse_awaitable
from xai.v1.bulk.identity import plain_identity
from xai.v1.validation import non_empty

if TYPE_CHECKING:
    from typing_extensions import TypeForm

    from xai.proto.xai_api.chat import Message
    from xai.v1.chat.enums import Model
    from xai.v1.chat.response import Response
    from xai.v1.structured.json_value import JsonValue

I_contra = TypeVar("I_contra", contravariant=True)
T_co = TypeVar("T_co", covariant=True)
I = TypeVar("I")  # noqa: E741  # the item
T = TypeVar("T")

#: What the function of a `ChatTask` may return.
Prompted: TypeAlias = (
    "str | Message | Mapping[str, object] | Sequence[Message | Mapping[str, object]]"
)
#: Parameters of a chat that make no sense for many of them.
_NOT_HERE: Final = {
    "messages": "the prompt makes them",
    "auto_append": "each item has a conversation of its own",
    "batch_request_id": "each item has one of its own",
}


class ChatTask(Generic[I_contra, T_co]):
    """Asks a model about each item; it can be pickled if its parts can.

    Args:
        model: The name or alias of the model.
        prompt: A text with ``{item}`` in it, or with ``{name}`` for fields of items that are
            mappings; ``{{`` and ``}}`` stand for braces. Or a function from the item to a text, a
            message, or a sequence of messages.
        shape: A type that responses are read into, as for ``chat.parse``; the values of the
            results are of this type. Without one they are `Response`.
        settings: Further parameters of ``chat.create``, such as ``temperature`` or ``tools``.
            With functions among the tools, these are called as by ``chat.run``.

    Raises:
        TypeError: An argument is of the wrong type, or not known.
        ValueError: An argument is not valid.
        ImportError: There is a shape, and the extra ``pydantic`` is not installed.
    """

    __slots__ = ("_pieces", "model", "prompt", "settings", "shape")

    @overload
    def __init__(
        self: "ChatTask[object, Response]",
        model: "Model",
        prompt: str,
        *,
        shape: None = None,
        **settings: object,
    ) -> None: ...

    @overload
    def __init__(
        self: "ChatTask[I, Response]",
        model: "Model",
        prompt: "Callable[[I], Prompted]",
        *,
        shape: None = None,
        **settings: object,
    ) -> None: ...

    @overload
    def __init__(
        self: "ChatTask[object, T]",
        model: "Model",
        prompt: str,
        *,
        shape: "TypeForm[T]",
        **settings: object,
    ) -> None: ...

    @overload
    def __init__(
        self: "ChatTask[I, T]",
        model: "Model",
        prompt: "Callable[[I], Prompted]",
        *,
        shape: "TypeForm[T]",
        **settings: object,
    ) -> None: ...

    def __init__(
        self,
        model: "Model",
        prompt: "str | Callable[..., Prompted]",
        *,
        shape: "TypeForm[object] | None" = None,
        **settings: object,
    ) -> None:
        self.model = non_empty("model", model)
        self.prompt = prompt
        self.shape = shape
        self.settings = settings
        self._pieces = _pieces(prompt)
        self._check()

    def _check(self) -> None:
        from xai.v1.chat.messages import user
        from xai.v1.chat.request import make_request, split_tools
        from xai.v1.chat.response_format import format_of_type, is_type

        form = self.settings.get("response_format")
        if is_type(form) or (form is not None and self.shape is not None):
            raise TypeError(
                "response_format of a ChatTask is no type: pass shape for values of one"
            )
        for name, why in _NOT_HERE.items():
            if name in self.settings:
                raise TypeError(f"{name} is no setting of a ChatTask: {why}")
        settings = dict(self.settings)
        offered, _ = split_tools(cast("Sequence[Message]", settings.pop("tools", None) or ()))  # type: ignore[arg-type]  # which checks it
        # Builds a request of a text that stands for any other: each argument is checked.
        make_request(self.model, messages=[user("item")], tools=offered, **settings)  # type: ignore[arg-type]  # which checks them
        if self.shape is not None:
            format_of_type(self.shape)

    def messages(self, item: I_contra) -> "list[Message | Mapping[str, object]]":
        """Return the messages about an item.

        Raises:
            TypeError: What the function returned is no message.
            ValueError: The item has no field that the text wants.
        """
        from xai.proto.xai_api.chat import Message
        from xai.v1.chat.messages import user

        if self._pieces is not None:
            return [user(_filled(self._pieces, item))]
        made = cast("Callable[[I_contra], object]", self.prompt)(item)
        if isinstance(made, str):
            return [user(made)]
        if isinstance(made, (Message, Mapping)):
            return [made]
        if isinstance(made, Sequence) and not isinstance(made, bytes):
            return list(made)
        raise TypeError(
            f"prompt must return a str, a message or a sequence of messages, not {kind_of(made)}"
        )

    def identity(self) -> "dict[str, JsonValue]":
        """Return what tells this task from another one, as JSON-compatible values."""
        from xai.v1.structured.schema import schema_of

        shape = None if self.shape is None else cast("JsonValue", schema_of(self.shape))
        return {
            "model": self.model,
            "prompt": plain_identity(self.prompt),
            "shape": shape,
            # None stands for a setting that is not given.
            "settings": plain_identity(
                {name: value for name, value in self.settings.items() if value is not None}
            ),
        }

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the arguments."""
        return _restored, (self.model, self.prompt, self.shape, self.settings)

    def __eq__(self, other: object) -> bool:
        """Compare the arguments."""
        return isinstance(other, ChatTask) and self.__reduce__() == other.__reduce__()

    __hash__ = None  # type: ignore[assignment]  # settings are a dict

    def __repr__(self) -> str:
        """Show the model and the names of the settings, and nothing of what is said."""
        return f"<ChatTask with {self.model}{''.join(f', {name}' for name in self.settings)}>"


def _restored(
    model: str,
    prompt: "str | Callable[[object], Prompted]",
    shape: "TypeForm[object] | None",
    settings: dict[str, object],
) -> "ChatTask[object, object]":
    return ChatTask(model, prompt, shape=shape, **settings)


def _pieces(prompt: object) -> list[tuple[str, str | None]] | None:
    """Return the parts of a template: a text, and the name of the field after it, if any."""
    if not isinstance(prompt, str):
        if callable(prompt):
            return None
        raise TypeError(f"prompt must be a str or a function of the item, not {kind_of(prompt)}")
    non_empty("prompt", prompt)
    found: list[tuple[str, str | None]] = []
    try:
        for text, name, form, conversion in string.Formatter().parse(prompt):
            if form or conversion or (name is not None and not name.isidentifier()):
                raise ValueError(f"a field is a name in braces, not {name!r}")  # noqa: TRY301  # as the parser's own
            found.append((text, name))
    except ValueError as error:
        raise ValueError(
            f"prompt is no text with {{item}} or {{field}} in it; braces are doubled: {error}"
        ) from None
    if all(name is None for _, name in found):
        raise ValueError("prompt must have {item} or a {field} of the items in it")
    return found


def _filled(pieces: list[tuple[str, str | None]], item: object) -> str:
    parts: list[str] = []
    for text, name in pieces:
        parts.append(text)
        if name is not None:
            parts.append(_field(item, name))
    return "".join(parts)


def _field(item: object, name: str) -> str:
    if isinstance(item, Mapping):
        if name in item:
            return str(item[name])
        if name != "item":
            known = ", ".join(map(repr, list(item)[:10]))
            raise ValueError(f"the prompt wants {{{name}}}, but the item has {known or 'no field'}")
    elif name != "item":
        raise ValueError(
            f"the prompt wants {{{name}}}, but the item is no mapping: it is {kind_of(item)}"
        )
    return str(item)


class WrongTaskError(TypeError):
    """The task is no function of the kind that the client needs: no item can be done with it."""


def expect_awaitable(made: "Awaitable[T] | T") -> "Awaitable[T]":
    """Return what a coroutine function returned, before it is awaited.

    Raises:
        WrongTaskError: It can't be awaited.
    """
    if not isawaitable(made):
        raise WrongTaskError(
            "task must be a coroutine function here: a plain one would keep all others waiting"
            f" (it returned {kind_of(made)})"
        )
    return made


def expect_value(made: T) -> T:
    """Return what a plain function returned.

    Raises:
        WrongTaskError: It has to be awaited.
    """
    try:
        refuse_awaitable("task", made)
    except TypeError as error:
        raise WrongTaskError(str(error)) from None
    return made


resolve_lazily(globals())
