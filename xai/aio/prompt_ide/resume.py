"""A sampled stream that outlives its connection.

Sampling with a seed is deterministic, so a stream that was cut can be requested again: what was
delivered before is compared with the replay, and left out.
"""

from array import array
from collections import Counter

from xai._sentinel import NOT_GIVEN
from xai.aio.rpc.caller import AsyncCaller
from xai.aio.rpc.stream import AsyncReplyStream, AsyncStreamCall
from xai.errors import StatusCode
from xai.prompt_ide.types import Token
from xai.prompt_ide.values import RESPONSE, read_sampled
from xai.proto.base import which_one_of
from xai.proto.prompt_ide import sampler_public as pb
from xai.runtime.retry.policy import Failure


class AsyncResumedStream(AsyncReplyStream[Token]):
    """The tokens of a sampling call, whole although the call was cut on the way.

    Args:
        caller: Makes the call; its policy says how often it is requested again.
        request: What to sample, with its seed.
    """

    _in_order = True

    def __init__(self, caller: AsyncCaller, request: pb.SampleTokensRequest) -> None:
        method = pb.SAMPLER_SAMPLE_TOKENS
        call = AsyncStreamCall(caller.context, method, request, NOT_GIVEN, ())
        # Who wants streams to be resumed accepts that the server samples more than once.
        call.idempotent = True
        self._replay = Replay(call)
        super().__init__(call, self._replay.read)

    def _resume(self, failure: Failure) -> None:
        self._replay.restart(failure)
        # The next attempt has to open a stream of its own.
        self._call.wire = None
        self._call.retry(failure)

    def _ended(self) -> None:
        self._replay.finish()


class Replay:
    """What was delivered, and the comparison of a replay with it.

    Tokens are equal when their IDs and their texts are; probabilities may differ in their last
    digits from one machine to another and are not compared.

    Args:
        call: Decodes the messages, and raises what is wrong with them.
    """

    def __init__(self, call: AsyncStreamCall[pb.SampleTokensResponse]) -> None:
        self._call = call
        # Four bytes for each token, and each text once.
        self._ids = array("I")
        self._texts: dict[int, str] = {}
        #: The texts of tokens whose ID came with another text before.
        self._others: dict[int, str] = {}
        #: How many tokens, and how many notes of each kind, this attempt has brought so far.
        self._position = 0
        self._notes: Counter[str] = Counter()
        #: How many notes of each kind were passed on.
        self._told: Counter[str] = Counter()
        self._cut: Failure | None = None

    def restart(self, failure: Failure) -> None:
        """Expect everything once more.

        Args:
            failure: What cut the stream.
        """
        self._position = 0
        self._notes.clear()
        self._cut = failure

    def read(self, data: bytes) -> Token | None:
        """Return the token of a message, or None when it is known already, or none.

        Raises:
            InternalServerError: It is not the one that was delivered at this position.
        """
        reply = self._call.decode(data)
        kind, _ = which_one_of(reply, RESPONSE)
        if kind != "token" and not self._is_news(kind):
            return None
        token = read_sampled(reply)
        if token is None:
            return None
        position = self._position
        self._position += 1
        if position < len(self._ids):
            self._verify(position, token)
            return None
        self._keep(token)
        return token

    def _is_news(self, kind: str) -> bool:
        self._notes[kind] += 1
        if self._notes[kind] <= self._told[kind]:
            return False
        self._told[kind] += 1
        return True

    def finish(self) -> None:
        """Note that the stream has ended well.

        Raises:
            InternalServerError: Tokens that were delivered before are missing.
        """
        if self._position < len(self._ids):
            self._differ(self._position, "the replay ended")

    def _keep(self, token: Token) -> None:
        text = self._texts.setdefault(token.token_id, token.token_str)
        if text != token.token_str:
            self._others[len(self._ids)] = token.token_str
        self._ids.append(token.token_id)

    def _known(self, position: int) -> tuple[int, str]:
        token_id = self._ids[position]
        return token_id, self._others.get(position, self._texts[token_id])

    def _verify(self, position: int, token: Token) -> None:
        if self._known(position) != (token.token_id, token.token_str):
            self._differ(position, f"the replay has {token.token_id} ({token.token_str!r})")

    def _differ(self, position: int, found: str) -> None:
        token_id, text = self._known(position)
        message = (
            f"the stream was cut after {len(self._ids)} tokens and can't be resumed: at position "
            f"{position}, counted from 0, {token_id} ({text!r}) was delivered, and {found}"
        )
        cut = None if self._cut is None else self._call.error(self._cut)
        self._call.fail(Failure(StatusCode.DATA_LOSS, message, final=True, cause=cut))
