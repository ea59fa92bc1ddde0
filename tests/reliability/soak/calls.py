"""The calls of the soak: each ends in the right answer or in an error that may be."""

import random
from collections.abc import Callable, Iterable
from typing import Final

import attrs

import xai
from xai.proto.prompt_ide.chat import CreateConversationRequest

#: The deadline of every call, in seconds.
DEADLINE: Final = 4.0
TEXTS: Final = ("Does it work?", "The sea is calm tonight.", "ein Text, 文, текст", "a b c " * 50)
PROMPTS: Final = ("The mountain", "In the beginning", "Once upon a time there was")
SEEDS: Final = range(6)
MAX_LEN: Final = 24
_RETRY: Final = xai.RetryPolicy(initial_backoff=0.05, max_backoff=0.5)
#: What the things that are done to the server lead to; any other class would be a wrong answer.
EXPECTED: Final = (
    xai.APIConnectionError,
    xai.AbortedError,
    xai.CancelledError,
    xai.DeadlineExceededError,
    xai.InternalServerError,
    xai.RateLimitError,
    xai.ServiceUnavailableError,
)

Tokens = list[tuple[int, str]]


class WrongAnswerError(Exception):
    """An answer that is not the one a server in good health gives."""


@attrs.frozen
class Answers:
    """What is right, as a server in good health has told.

    Attributes:
        tokens: The tokens of each text.
        samples: The samples of each prompt and seed.
    """

    tokens: dict[str, Tokens]
    samples: dict[tuple[str, int], Tokens]


def learn(client: xai.Client) -> Answers:
    """Ask a server in good health for all the answers."""
    return Answers(
        {text: _pairs(client.sampler.tokenize(text)) for text in TEXTS},
        {
            (prompt, seed): _pairs(client.sampler.sample(prompt, max_len=MAX_LEN, rng_seed=seed))
            for prompt in PROMPTS
            for seed in SEEDS
        },
    )


def _pairs(tokens: Iterable[xai.Token]) -> Tokens:
    return [_pair(token) for token in tokens]


def _pair(token: xai.Token) -> tuple[int, str]:
    return token.token_id, token.token_str


#: The limits of every call.
LIMITS: Final = xai.Timeouts(total=DEADLINE, connect=2.0, idle=1.5)


def policy(on_retry: Callable[[xai.RetryEvent], None], *, resume: bool = False) -> xai.RetryPolicy:
    """Return the policy of the calls.

    Args:
        on_retry: Told of each retry.
        resume: Whether streams that are cut go on.
    """
    return attrs.evolve(_RETRY, on_retry=on_retry, resume_streams=resume)


class Check:
    """Compares a sampled stream with what is right, while it comes.

    Args:
        right: The tokens.
    """

    def __init__(self, right: Tokens) -> None:
        self._right = right
        self._count = 0

    def take(self, token: xai.Token) -> None:
        """Take the next token."""
        due = self._right[self._count : self._count + 1]
        if due != [_pair(token)]:
            raise WrongAnswerError(f"token {self._count}: {_pair(token)}, not {due}")
        self._count += 1

    def finish(self) -> None:
        """Take the end."""
        if self._count < len(self._right):
            raise WrongAnswerError(f"the stream ended after {self._count} tokens")


class Choice:
    """What a call asks for, and what it has to bring.

    Args:
        answers: All that is right.
        chance: Chooses.
    """

    def __init__(self, answers: Answers, chance: random.Random) -> None:
        self.text, self.tokens = chance.choice(list(answers.tokens.items()))
        (self.prompt, self.seed), self.samples = chance.choice(list(answers.samples.items()))
        #: After how many tokens a stream is left.
        self.stop = chance.randrange(MAX_LEN)


def tokenize(client: xai.Client, choice: Choice) -> None:
    """Make an idempotent call."""
    _same(_pairs(client.sampler.tokenize(choice.text)), choice.tokens)


def create(client: xai.Client, _choice: Choice) -> None:
    """Make a call that is not idempotent."""
    made = client.stubs.chat.create_conversation(CreateConversationRequest())
    if not made.conversation_id:
        raise WrongAnswerError("a conversation without an ID")


def sample(client: xai.Client, choice: Choice) -> None:
    """Read a stream to its end."""
    check = Check(choice.samples)
    for token in client.sampler.sample(choice.prompt, max_len=MAX_LEN, rng_seed=choice.seed):
        check.take(token)
    check.finish()


def leave(client: xai.Client, choice: Choice) -> None:
    """Leave a stream early."""
    check = Check(choice.samples)
    with client.sampler.sample(choice.prompt, max_len=MAX_LEN, rng_seed=choice.seed) as stream:
        for number, token in enumerate(stream):
            check.take(token)
            if number == choice.stop:
                return


async def tokenize_async(client: xai.AsyncClient, choice: Choice) -> None:
    """Make an idempotent call."""
    _same(_pairs(await client.sampler.tokenize(choice.text)), choice.tokens)


async def create_async(client: xai.AsyncClient, _choice: Choice) -> None:
    """Make a call that is not idempotent."""
    made = await client.stubs.chat.create_conversation(CreateConversationRequest())
    if not made.conversation_id:
        raise WrongAnswerError("a conversation without an ID")


async def sample_async(client: xai.AsyncClient, choice: Choice) -> None:
    """Read a stream to its end."""
    check = Check(choice.samples)
    async for token in client.sampler.sample(choice.prompt, max_len=MAX_LEN, rng_seed=choice.seed):
        check.take(token)
    check.finish()


async def leave_async(client: xai.AsyncClient, choice: Choice) -> None:
    """Leave a stream early."""
    check = Check(choice.samples)
    async with client.sampler.sample(
        choice.prompt, max_len=MAX_LEN, rng_seed=choice.seed
    ) as stream:
        number = 0
        async for token in stream:
            check.take(token)
            if number == choice.stop:
                return
            number += 1


def _same(found: Tokens, right: Tokens) -> None:
    if found != right:
        raise WrongAnswerError(f"{found}, not {right}")


#: "resume" is made with a policy that lets streams go on.
BLOCKING: Final = {
    "tokenize": tokenize,
    "create": create,
    "sample": sample,
    "resume": sample,
    "leave": leave,
}
ASYNCHRONOUS: Final = {
    "tokenize": tokenize_async,
    "create": create_async,
    "sample": sample_async,
    "resume": sample_async,
    "leave": leave_async,
}
