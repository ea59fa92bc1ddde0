"""Deferred completions: requests whose response is fetched later."""

from collections.abc import Sequence
from datetime import timedelta

from xai._validation import check_sequence
from xai.aio.rpc.caller import AsyncCaller
from xai.aio.v1.polling import WaitTimeout, mark_resumable, poll
from xai.errors import Metadata
from xai.proto.xai_api.chat import (
    CHAT_GET_DEFERRED_COMPLETION,
    CHAT_START_DEFERRED_COMPLETION,
    GetCompletionsRequest,
    GetDeferredCompletionResponse,
    Tool,
)
from xai.proto.xai_api.deferred import DeferredStatus, GetDeferredRequest
from xai.v1.chat.errors import DeferredExpiredError, DeferredFailedError, DeferredTimeoutError
from xai.v1.chat.request import check_choices
from xai.v1.chat.response import Response, responses, single_response
from xai.v1.validation import non_empty


class AsyncDeferred:
    """A deferred completion, identified by the ID of its request.

    The ID can be stored, and the response fetched by another process: see `AsyncChats.deferred`.

    Args:
        caller: Makes the calls.
        request_id: The ID.
        n: The number of choices that were requested.
        tools: The tools of the request, which decide how its response is read.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: The ID is empty, or n is out of range.
    """

    def __init__(
        self,
        caller: AsyncCaller,
        request_id: str,
        *,
        n: int = 1,
        tools: Sequence[Tool] = (),
    ) -> None:
        self._request_id = non_empty("request_id", request_id)
        check_choices(n)
        check_sequence("tools", tools, "Tool")
        for index, tool in enumerate(tools):
            if not isinstance(tool, Tool):
                raise TypeError(f"tools[{index}] must be a Tool, not {type(tool).__name__}")
        self._caller = caller
        self._n = n
        self._tools = tuple(tools)

    @classmethod
    async def start(
        cls,
        caller: AsyncCaller,
        request: GetCompletionsRequest,
        n: int,
        later: AsyncCaller | None = None,
    ) -> "AsyncDeferred":
        """Start a deferred completion.

        Args:
            caller: Makes the call.
            request: The request.
            n: The number of choices it asks for.
            later: Runs the calls that come after it; the same when None.

        Raises:
            APIError: The call failed.
            DeferredFailedError: The server returned no ID for the request.

        RPC: ``/xai_api.Chat/StartDeferredCompletion``.
        """
        reply = await caller.unary(CHAT_START_DEFERRED_COMPLETION, request)
        if not reply.request_id:
            text = "the server began to work on a deferred request, and gave it no ID"
            raise DeferredFailedError(text, request_id="")
        return cls(later or caller, reply.request_id, n=n, tools=request.tools)

    @property
    def request_id(self) -> str:
        """The ID of the request."""
        return self._request_id

    async def get(self) -> Response | None:
        """Poll once for the response.

        Returns:
            The response, the first where several were requested; None while it is pending.

        Raises:
            APIError: The call failed.
            DeferredExpiredError: The response has expired on the server.
            DeferredFailedError: The server failed to process the request.

        RPC: ``/xai_api.Chat/GetDeferredCompletion``.
        """
        found = await self._ask(self._caller)
        return None if found is None else found[0]

    async def get_batch(self) -> list[Response] | None:
        """Poll once for all responses.

        Returns:
            The responses, at most as many as were requested; None while they are pending.

        Raises:
            APIError: The call failed.
            DeferredExpiredError: The responses have expired on the server.
            DeferredFailedError: The server failed to process the request.

        RPC: ``/xai_api.Chat/GetDeferredCompletion``.
        """
        return await self._ask(self._caller)

    async def wait(
        self,
        *,
        timeout: float | timedelta | None = None,
        interval: float | timedelta | None = None,
    ) -> Response:
        """Poll until the response is there.

        Args:
            timeout: Seconds to wait in total; 600 when None, no limit when infinite.
            interval: Seconds between polls; about 0.1 at first, growing to 1, when None.

        Returns:
            The response, the first where several were requested.

        Raises:
            APIError: A call failed.
            DeferredExpiredError: The response has expired on the server.
            DeferredFailedError: The server failed to process the request.
            DeferredTimeoutError: It is still pending; it can be waited for again.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not more than 0.

        RPC: ``/xai_api.Chat/GetDeferredCompletion``.
        """
        return (await self.wait_batch(timeout=timeout, interval=interval))[0]

    async def wait_batch(
        self,
        *,
        timeout: float | timedelta | None = None,
        interval: float | timedelta | None = None,
    ) -> list[Response]:
        """Poll until all responses are there, as `wait` does for one.

        Args:
            timeout: As for `wait`.
            interval: As for `wait`.

        Returns:
            The responses, at most as many as were requested.

        Raises:
            APIError: A call failed.
            DeferredExpiredError: The responses have expired on the server.
            DeferredFailedError: The server failed to process the request.
            DeferredTimeoutError: It is still pending; it can be waited for again.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not more than 0.

        RPC: ``/xai_api.Chat/GetDeferredCompletion``.
        """
        return await self.wait_within(WaitTimeout(self._caller, timeout, interval))

    async def wait_within(self, wait: WaitTimeout) -> list[Response]:
        """Poll until the responses are there, within a timeout that may have started before.

        Args:
            wait: How long, and how often.
        """
        try:
            return await poll(wait, self._ask, self._timeout)
        except (DeferredExpiredError, DeferredFailedError, DeferredTimeoutError):
            raise
        except BaseException as error:
            note = f"the request goes on as {self._request_id}; see client.chat.deferred()"
            mark_resumable(error, self, note)
            raise

    def __repr__(self) -> str:
        """Return the ID."""
        return f"<{type(self).__name__} {self._request_id}>"

    def _timeout(self, seconds: float) -> DeferredTimeoutError:
        text = f"the deferred request {self._request_id} is not done after {seconds:g} s"
        return DeferredTimeoutError(text, request_id=self._request_id)

    async def _ask(self, caller: AsyncCaller) -> list[Response] | None:
        name = self._request_id
        request = GetDeferredRequest(request_id=name)
        status, found = await caller.unary_with_metadata(
            CHAT_GET_DEFERRED_COMPLETION, request, self._read
        )
        if status == DeferredStatus.EXPIRED:
            text = f"the response to the deferred request {name} has expired"
            raise DeferredExpiredError(text, request_id=name)
        if status == DeferredStatus.FAILED:
            text = f"the deferred request {name} has failed"
            raise DeferredFailedError(text, request_id=name)
        if status != DeferredStatus.DONE:
            # Also for a status that this version has no name for: time will tell.
            return None
        if found is None:
            text = f"the server says that the deferred request {name} is done, and sent no response"
            raise DeferredFailedError(text, request_id=name)
        return found

    def _read(
        self, reply: GetDeferredCompletionResponse, metadata: Metadata
    ) -> tuple[DeferredStatus, list[Response] | None]:
        found = reply.response
        if found is None:
            return reply.status, None
        if self._n == 1:
            return reply.status, [single_response(self._tools, found, metadata)]
        choices = responses(found, self._n, metadata) or [Response(found, 0, metadata)]
        return reply.status, choices
