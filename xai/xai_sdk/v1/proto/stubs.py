"""What is in the modules ``*_pb2_grpc``: stubs for channels of grpcio, and what serves them.

A stub works on any object with a channel's methods; serving needs grpcio. The static classes, which
grpcio calls experimental, are left out.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from xai._annotations import resolve_lazily
from xai.proto.base import Method

if TYPE_CHECKING:
    from collections.abc import Callable

    import betterproto

    from xai.xai_sdk.v1.proto.messages import Message


class Channel(Protocol):
    """What a stub asks of a channel."""

    def unary_unary(self, method: str, **codec: object) -> object:
        """Return what makes calls with one request and one reply."""
        ...

    def unary_stream(self, method: str, **codec: object) -> object:
        """Return what makes calls with one request and many replies."""
        ...

    def stream_unary(self, method: str, **codec: object) -> object:
        """Return what makes calls with many requests and one reply."""
        ...


class Stub:
    """The methods of a service on a channel; each is an attribute.

    Args:
        channel: A channel of grpcio, blocking or not, or what has its methods.
    """

    _methods: tuple[Method[Any, Any], ...]

    def __init__(self, channel: Channel) -> None:
        for method in self._methods:
            call = getattr(channel, _cardinality(method))(
                method.path,
                request_serializer=_serializer(method.request),
                response_deserializer=_deserializer(method.reply),
            )
            setattr(self, _name_of(method), call)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # as the channel's
            """Return a method."""


class Services:
    """The services of a file of the API.

    Args:
        home: The generated module.
    """

    def __init__(self, home: str) -> None:
        self._home = home

    def _services(self) -> "dict[str, tuple[Method[Any, Any], ...]]":
        found: dict[str, tuple[Method[Any, Any], ...]] = {}
        for value in vars(import_module(self._home)).values():
            if isinstance(value, Method):
                service = value.path.split("/")[1].rpartition(".")[2]
                found[service] = (*found.get(service, ()), value)
        return found

    def listed(self) -> list[str]:
        """Return the names of what is in it."""
        return [
            name
            for service in self._services()
            for name in (f"{service}Stub", f"{service}Servicer", f"add_{service}Servicer_to_server")
        ]

    def find(self, name: str) -> object:
        """Return a stub, a base for servers or what adds those; None when there is none."""
        module = f"xai_sdk.proto.{self._home.rpartition('.')[2]}_pb2_grpc"
        for service, methods in self._services().items():
            if name == f"{service}Stub":
                return type(name, (Stub,), {"_methods": methods, "__module__": module})
            if name == f"{service}Servicer":
                members = {_name_of(method): _unimplemented for method in methods}
                return type(name, (), {**members, "__module__": module})
            if name == f"add_{service}Servicer_to_server":
                return _adder(methods)
        return None


def _name_of(method: "Method[Any, Any]") -> str:
    return method.path.rpartition("/")[2]


def _cardinality(method: "Method[Any, Any]") -> str:
    many = method.client_streaming, method.server_streaming
    return "_".join("stream" if streams else "unary" for streams in many)


def _serializer(raw: "type[betterproto.Message]") -> "Callable[[object], bytes]":
    from xai.xai_sdk.v1.proto.messages import accept, class_of

    cls = class_of(raw)
    return lambda message: accept(cls, message).SerializeToString()


def _deserializer(raw: "type[betterproto.Message]") -> "Callable[[bytes], Message]":
    from xai.xai_sdk.v1.proto.messages import class_of

    return class_of(raw).FromString


def _unimplemented(self: object, request: object, context: Any) -> object:  # noqa: ANN401, ARG001  # gRPC's
    """Say that the method is not implemented."""
    import grpc

    context.set_code(grpc.StatusCode.UNIMPLEMENTED)
    context.set_details("Method not implemented!")
    raise NotImplementedError("Method not implemented!")


def _adder(methods: tuple[Method[Any, Any], ...]) -> "Callable[[object, Any], None]":
    def add_to_server(servicer: object, server: Any) -> None:  # noqa: ANN401  # gRPC's
        import grpc

        handlers = {
            _name_of(method): getattr(grpc, f"{_cardinality(method)}_rpc_method_handler")(
                getattr(servicer, _name_of(method)),
                request_deserializer=_deserializer(method.request),
                response_serializer=_serializer(method.reply),
            )
            for method in methods
        }
        service = methods[0].path.split("/")[1]
        generic = grpc.method_handlers_generic_handler(service, handlers)
        server.add_generic_rpc_handlers((generic,))

    return add_to_server


resolve_lazily(globals())
