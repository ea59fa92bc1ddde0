"""Answers that the local server works on in the background, and how far they are."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable

from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.xai_api.chat import GetChatCompletionResponse, GetDeferredCompletionResponse
from xai.proto.xai_api.deferred import DeferredStatus
from xai.testing.control.accounts import Account

_LOG = logging.getLogger("xai.testing")

Work = Callable[[], Awaitable[GetChatCompletionResponse]]


class _Job:
    def __init__(self, work: Work) -> None:
        self.asked = False
        self.response: GetChatCompletionResponse | None = None
        self.task = asyncio.get_running_loop().create_task(self._run(work))

    async def _run(self, work: Work) -> None:
        try:
            self.response = await work()
        except Exception:  # noqa: BLE001 - it becomes a status
            _LOG.exception("The local server failed in a deferred completion")

    def status(self) -> DeferredStatus:
        # A job is never done when it is first asked for: programs that can't wait are found out.
        asked, self.asked = self.asked, True
        if not asked or not self.task.done():
            return DeferredStatus.PENDING
        return DeferredStatus.FAILED if self.response is None else DeferredStatus.DONE


class Jobs:
    """All answers of a server that are worked on in the background; they end with its loop."""

    def __init__(self) -> None:
        self._shelves: dict[Account, dict[str, _Job]] = {}

    def start(self, account: Account, work: Work) -> str:
        """Begin with an answer; return the ID to ask for it with.

        Args:
            account: Who may ask.
            work: Makes the answer. It is called in the task: of a task that is cancelled before it
                runs, nothing must be left that was never awaited.
        """
        request_id = str(uuid.uuid4())
        self._shelves.setdefault(account, {})[request_id] = _Job(work)
        return request_id

    def look(self, account: Account, request_id: str) -> GetDeferredCompletionResponse:
        """Return how far an answer is; its first look finds every answer pending.

        Raises:
            GRPCError: The key has begun none of this ID.
        """
        job = self._shelves.get(account, {}).get(request_id)
        if job is None:
            text = f"There is no deferred completion {request_id!r}."
            raise GRPCError(Status.NOT_FOUND, text)
        status = job.status()
        done = status == DeferredStatus.DONE
        return GetDeferredCompletionResponse(status=status, response=job.response if done else None)
