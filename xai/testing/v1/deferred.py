"""Deferred completions: responses that the local server samples in the background."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable

from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.xai_api.chat import GetChatCompletionResponse, GetDeferredCompletionResponse
from xai.proto.xai_api.deferred import DeferredStatus
from xai.testing.control.accounts import Account
from xai.testing.engine.bounded import AccountStore

#: For each key.
_MOST_RUNNING, _MOST_JOBS = 500, 1_000
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
        # The first look finds every job pending, which reveals programs that don't wait.
        asked, self.asked = self.asked, True
        if not asked or not self.task.done():
            return DeferredStatus.PENDING
        return DeferredStatus.FAILED if self.response is None else DeferredStatus.DONE


class Jobs:
    """All deferred completions of a server; unfinished ones end with its event loop."""

    def __init__(self) -> None:
        self._jobs: AccountStore[_Job] = AccountStore("deferred completion", max_count=_MOST_JOBS)

    def start(self, account: Account, work: Work) -> str:
        """Begin with a completion; return the ID to ask for it with.

        Args:
            account: The key that may ask for it.
            work: Makes the response. It is called in the task: of a task that is cancelled before
                it runs, nothing must be left that was never awaited.

        Raises:
            GRPCError: Too many completions of the key are unfinished.
        """
        running = sum(not job.task.done() for job in self._jobs.of(account))
        if running >= _MOST_RUNNING:
            text = f"{running} deferred completions are unfinished; wait for some of them."
            raise GRPCError(Status.RESOURCE_EXHAUSTED, text)
        request_id = str(uuid.uuid4())
        self._jobs.put(account, request_id, _Job(work))
        return request_id

    def look(self, account: Account, request_id: str) -> GetDeferredCompletionResponse:
        """Return the state of a completion; its first look finds every one pending.

        Raises:
            GRPCError: The key has none with this ID.
        """
        job = self._jobs.get(account, request_id)
        status = job.status()
        done = status == DeferredStatus.DONE
        return GetDeferredCompletionResponse(status=status, response=job.response if done else None)
