"""What programs ask of errors of grpcio, for tests of both twins."""

import grpc
import grpc.aio


def facts(error: BaseException) -> tuple[str, str, dict[str, str]]:
    """Return status, text and trailing metadata, after a look at the classes of an error."""
    assert isinstance(error, grpc.RpcError)
    assert isinstance(error, grpc.aio.AioRpcError)
    assert isinstance(error, grpc.Call)
    code, text, pairs = error.code(), error.details(), error.trailing_metadata()
    assert isinstance(code, grpc.StatusCode)
    assert isinstance(text, str)
    assert f"StatusCode.{code.name}" in str(error)
    return code.name, text, dict(pairs)


RpcError = grpc.RpcError
