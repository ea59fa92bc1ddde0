import copy
import inspect
import pickle
import traceback

import pytest

import xai
from xai import APIError, StatusCode, XAIError
from xai.errors import CLASS_BY_STATUS, make_error

CLASSES = [
    item
    for name in xai.__all__
    if isinstance(item := getattr(xai, name), type) and issubclass(item, APIError)
]

#: The numbers of https://github.com/grpc/grpc/blob/master/doc/statuscodes.md.
NUMBERS = {
    "OK": 0,
    "CANCELLED": 1,
    "UNKNOWN": 2,
    "INVALID_ARGUMENT": 3,
    "DEADLINE_EXCEEDED": 4,
    "NOT_FOUND": 5,
    "ALREADY_EXISTS": 6,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "FAILED_PRECONDITION": 9,
    "ABORTED": 10,
    "OUT_OF_RANGE": 11,
    "UNIMPLEMENTED": 12,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
    "DATA_LOSS": 15,
    "UNAUTHENTICATED": 16,
}


def example(cls: type[APIError]) -> APIError:
    """Return an error with something in every field."""
    return cls(
        StatusCode.ABORTED,
        "a message",
        details=[("acme.Type", b"\0")],
        metadata=(("x-a", "1"),),
        method="/prompt_ide.Sampler/Tokenize",
        attempts=3,
    )


def notes(error: BaseException) -> list[str]:
    """Return the notes of an error; Python 3.10 shows them nowhere by itself."""
    found: list[str] = getattr(error, "__notes__", [])
    return found


def test_statuses_have_the_numbers_of_grpc() -> None:
    """The enum is that of gRPC, and its members are numbers."""
    assert {code.name: int(code) for code in StatusCode} == NUMBERS
    assert StatusCode(14) is StatusCode.UNAVAILABLE


def test_every_class_is_reached_by_a_status() -> None:
    """Each status but OK has a class; each class but the root and the connection's has a status."""
    assert set(CLASS_BY_STATUS) == set(StatusCode) - {StatusCode.OK}
    assert set(CLASSES) == {APIError, xai.APIConnectionError, *CLASS_BY_STATUS.values()}


@pytest.mark.parametrize("cls", CLASSES)
def test_tree_is_flat(cls: type[APIError]) -> None:
    """Every class is an APIError and an XAIError, and none is below another kind."""
    assert issubclass(cls, XAIError)
    assert cls is APIError or cls.__mro__[1] is APIError
    assert cls.__module__ == "xai"
    assert inspect.getdoc(cls)


def test_builtin_bases_are_the_documented_ones() -> None:
    """A deadline is a TimeoutError, a connection failure a ConnectionError, nothing else is."""
    for cls in CLASSES:
        assert issubclass(cls, TimeoutError) is (cls is xai.DeadlineExceededError)
        assert issubclass(cls, ConnectionError) is (cls is xai.APIConnectionError)


@pytest.mark.parametrize("cls", CLASSES)
def test_fields_are_kept(cls: type[APIError]) -> None:
    """All six fields are there, and OSError's magic with two arguments plays no part."""
    error = example(cls)
    assert error.code is StatusCode.ABORTED
    assert error.message == str(error) == "a message"
    assert error.args == ("a message",)
    assert error.details == (("acme.Type", b"\0"),)
    assert error.metadata == (("x-a", "1"),)
    assert (error.method, error.attempts) == ("/prompt_ide.Sampler/Tokenize", 3)
    assert getattr(error, "errno", None) is None
    assert repr(error) == f"{cls.__name__}('a message')"


@pytest.mark.parametrize("cls", CLASSES)
def test_fields_have_defaults(cls: type[APIError]) -> None:
    """A status and a text are enough."""
    error = cls(StatusCode.NOT_FOUND, "")
    assert (error.details, error.metadata, error.method, error.attempts) == ((), (), "", 1)
    assert str(error) == "NOT_FOUND"


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_error_survives_pickling(cls: type[APIError], protocol: int) -> None:
    """Pickling keeps the class, every field, notes and attributes of the user's own."""
    error = example(cls)
    error.add_note("a note")
    error.mine = [1]  # type: ignore[attr-defined]  # the point of the test
    data = pickle.dumps(error, protocol)
    other = pickle.loads(data)  # noqa: S301  # made right here
    assert type(other) is cls
    assert vars(other) == vars(error)
    assert other.args == error.args
    assert notes(other) == ["a note"]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_error_survives_copying(copied: object) -> None:
    """Copies have every field."""
    assert callable(copied)
    for cls in CLASSES:
        error = example(cls)
        other = copied(error)
        assert type(other) is cls
        assert vars(other) == vars(error)


@pytest.mark.parametrize("code", sorted(CLASS_BY_STATUS))
def test_made_error_has_a_note(code: StatusCode) -> None:
    """What is made for a failed call says where it went and how often, and is new each time."""
    facts = {"method": "/a.B/C", "host": "api.x.ai:443"}
    error = make_error(code, "text", attempts=2, **facts)  # type: ignore[arg-type]  # of str
    assert type(error) is CLASS_BY_STATUS[code]
    (note,) = notes(error)
    assert "/a.B/C" in note
    assert "api.x.ai:443" in note
    assert code.name in note
    assert "2 attempts" in note
    once = make_error(code, "text", **facts)  # type: ignore[arg-type]  # of str
    assert once is not error
    assert "1 attempt" in notes(once)[0]
    assert "1 attempts" not in notes(once)[0]
    assert str(once) == "text"


def test_failure_of_a_connection_has_its_own_class() -> None:
    """Whatever the status, no connection is an APIConnectionError."""
    for code in CLASS_BY_STATUS:
        error = make_error(code, "no connection", connection=True)
        assert type(error) is xai.APIConnectionError
        assert error.code is code


def test_traceback_begins_with_the_servers_text() -> None:
    """What a user sees first is the public name of the class and the server's own text."""
    error = make_error(StatusCode.NOT_FOUND, "no such model", method="/a.B/C", host="h:1")
    shown = traceback.format_exception_only(type(error), error)
    assert shown[0] == "xai.NotFoundError: no such model\n"


def test_warning_is_a_runtime_warning() -> None:
    """The warning about blocking calls can be filtered by a public name."""
    assert issubclass(xai.BlockingCallWarning, RuntimeWarning)
    assert xai.BlockingCallWarning.__module__ == "xai"
    assert not issubclass(xai.BlockingCallWarning, XAIError)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_text_of_a_server_can_not_act_on_a_terminal(cls: type[APIError]) -> None:
    """Escape sequences, line breaks and directional overrides are visible; `message` is as sent."""
    sent = "bad\x1b[31m\r\nINFO all is well\x9b2J\u202egpj.exe\u2028"
    error = cls(StatusCode.ABORTED, sent)
    shown = "bad\\x1b[31m\\r\\nINFO all is well\\x9b2J\\u202egpj.exe\\u2028"
    assert str(error) == f"{error}" == shown
    assert error.message == error.args[0] == sent
    for text in (repr(error), *traceback.format_exception_only(cls, error)):
        assert not set("\x1b\r\x9b\u202e\u2028") & set(text)


def test_text_of_other_errors_keeps_its_lines() -> None:
    """An error with a text of several lines, such as a validator's, keeps the lines alone."""
    assert str(XAIError("one\n\ttwo\x1b[0m")) == "one\n\ttwo\\x1b[0m"
    expired = xai.v1.DeferredTimeoutError("the request \x07 is late", request_id="\x07")
    assert str(expired) == "the request \\x07 is late"
